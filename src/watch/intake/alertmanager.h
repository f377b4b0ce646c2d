// Prometheus Alertmanager's webhook (version 4, as 0.25 sends it) read into signals. Fingerprint and startsAt together
// are one alert's id: a message that is delivered again, by a second Alertmanager or out of order, says nothing new.
// Alertmanager keeps no history and may lose a resolve; the pipeline's rule for silence (signals/rules.cc) covers that.
// Pure.
#pragma once

#include <string_view>
#include <vector>

#include "watch/signals/signal.h"

namespace intake {

constexpr std::size_t kMostAlerts = 2000;          ///< in one message
constexpr std::size_t kLargestWebhook = 4U << 20;  ///< bytes

struct Webhook {
    std::vector<signals::Signal> signals;
    std::size_t skipped = 0;    ///< alerts without what is needed: each costs itself
    std::size_t truncated = 0;  ///< that Alertmanager itself left out (truncatedAlerts)
};

/// Severity is the label "severity": critical or page is serious, emergency and disaster an emergency, warning, minor
/// or info as they say; without one a warning. The sentence is the annotation summary, description or message. Throws
/// Error(BadInput): no JSON object with "alerts", too large, too many.
Webhook read_alertmanager(std::string_view body, base::Instant now);

}  // namespace intake
