// A figure against its limits, with a margin: what has passed a limit has to come back by the margin before it counts
// as well again, so that a figure that trembles at the limit does not call people twice.
#pragma once

#include <optional>
#include <string>

#include "watch/probes/probe.h"

namespace probes {

class Judge {
  public:
    enum class Bad { High, Low };
    Judge(std::optional<double> warning, std::optional<double> failed, double margin, Bad bad = Bad::High)
        : warning_(warning), failed_(failed), margin_(margin), bad_(bad) {}
    State judge(double value);

  private:
    bool is_past(double value, const std::optional<double>& limit, bool was_past) const;
    std::optional<double> warning_, failed_;
    double margin_;
    Bad bad_;
    State last_ = State::Ok;
};

/// `text` is added as a sentence; the state of the whole is the worst of its parts.
void add(Reading& reading, State state, std::string_view text);

}  // namespace probes
