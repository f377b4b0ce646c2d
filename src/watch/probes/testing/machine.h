// For tests: a machine whose /proc and /sys are folders with recorded files of an ordinary day, a clock that is told to
// go on, and one probe of it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "ground/sys/files.h"
#include "watch/probes/plan.h"
#include "watch/probes/probe.h"

namespace probes {

class Machine {
  public:
    Machine();

    base::FixedClock clock{*base::parse_utc("2026-11-24T01:00:00.000Z")};
    World world;
    std::filesystem::path folder() const { return folder_.path(); }
    /// A file below the folder: "proc/stat".
    void write(const std::string& file, std::string_view text) const;
    void remove(const std::string& file) const;

  private:
    sys::TemporaryFolder folder_;
};

/// One planned probe: `line` as in the settings, with its kind.
class One {
  public:
    One(const Machine& machine, const std::string& line);
    Reading run() { return probe_->run(); }
    const Plan& plan() const { return plan_; }

  private:
    Plan plan_;
    std::unique_ptr<Probe> probe_;
};

double value_of(const Reading& reading, std::string_view name);

}  // namespace probes
