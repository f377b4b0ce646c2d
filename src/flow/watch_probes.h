// The probes of a site at work: planned from its settings, told of the site's own duties, their results handed on as
// signals and samples, and written on the board that the command line and the office read.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "flow/site.h"
#include "ground/people/model.h"
#include "watch/probes/board.h"
#include "watch/probes/defaults.h"
#include "watch/probes/plan.h"
#include "watch/probes/runner.h"
#include "watch/samples/samples.h"
#include "watch/signals/signal.h"

namespace flow {

/// Where the servers of this machine answer; empty: there is none here.
struct Served {
    std::string public_url, office_url;
};
/// As the settings say.
Served served_by(const settings::Settings& settings);

std::vector<std::string> standard_probe_lines(const settings::Settings& settings, const Served& served);
probes::Plans plan_probes(const settings::Settings& settings, const Served& served);
/// The plans' counts and dependencies, for signals::Rules.
std::vector<std::string> probe_rules(const probes::Plans& plans);

/// `site` may be null: then what only the site can tell is not looked at. It must outlive the world.
probes::World probe_world(Site* site, const std::filesystem::path& folder, const base::Clock& clock);

/// Changes one probe by its line ("" = as by default), with a line in the ledger; see change_setting.
void change_probe(Site& site, std::string_view id, std::string_view line, std::string_view version,
                  const people::By& by);

/// The contract's look at whether the right things are watched: "monitor.review" with what was found. Throws
/// Error(BadInput) without words, or too many.
void note_probe_review(Site& site, std::string_view found, const people::By& by);

/// run/monitor.json.
std::filesystem::path board_file(const std::filesystem::path& site);

class ProbeDesk {
  public:
    /// As WatchDesk's, which never throw.
    struct Takers {
        std::function<void(std::span<const signals::Signal>)> signals;
        std::function<void(std::span<const samples::Sample>)> samples;  ///< every few seconds; may be empty
        std::function<void(std::vector<std::string>)> rules = {};       ///< when the plan has changed; may be empty
    };
    /// What is wrong with the settings' lines is told as a signal. Site may be null. Lines that are changed later in
    /// the settings file hold from then on, without a restart.
    ProbeDesk(Site* site, const std::filesystem::path& folder, const settings::Settings& settings, const Served& served,
              const base::Clock& clock, Takers takers);
    ~ProbeDesk();

    /// For jobs::Loop.
    std::chrono::milliseconds turn();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace flow
