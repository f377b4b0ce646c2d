// When a run of signals is an anomaly, and when it is over: one row a rule, the first that fits a signal holds. Rules
// are data: a line of text each, in the settings and in the tests' series.
//
//     probe disk disk.* raise_after=3 clear_after=2 hold=5m clear_hold=1m silent_after=10m ends_after=1h
//                       flaps=6/1h severity=serious behind=probe:ping:ping.gateway
//
// The first three words are source, kind and subject; "*" alone is any, at the end of a word any ending. Thresholds of
// figures, with their two sides, are the detectors' business: between the two they send State::Info, which counts as
// having been heard and moves nothing.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "watch/signals/signal.h"

namespace signals {

struct Pattern {
    std::string source = "*", kind = "*";
    std::string subject = "*";  ///< in `behind` also "=": the same subject, "@": the same host (up to the first : or /)
};
bool fits(const Pattern& pattern, std::string_view source, std::string_view kind, std::string_view subject);

struct Rule {
    Pattern about;
    int raise_after = 1;                        ///< raises in a row
    int clear_after = 1;                        ///< clears in a row
    std::chrono::milliseconds hold{0};          ///< and raised for so long
    std::chrono::milliseconds clear_hold{0};    ///< and well for so long
    std::chrono::milliseconds silent_after{0};  ///< nothing heard for so long = no data; 0 = may be silent
    bool may_fall_silent_when_well = false;     ///< of senders that speak of what is wrong, until it no longer is
    std::chrono::milliseconds ends_after{0};    ///< for events that nobody clears: over when none came for so long
    int flaps = 6;                              ///< changes within `flap_span` that mark it as flapping; 0 = never
    std::chrono::milliseconds flap_span{std::chrono::hours(1)};
    std::optional<Severity> severity;  ///< instead of the signal's own
    std::vector<Pattern> behind;       ///< while one of these is wrong, nobody is called for this
};

/// Throws Error(BadInput) that says which word of the line is wrong.
Rule parse_rule(std::string_view line);

class Rules {
  public:
    /// `own` come before the built-in ones, in their order.
    explicit Rules(const std::vector<std::string>& own = {});
    const Rule& of(std::string_view source, std::string_view kind, std::string_view subject) const;

  private:
    std::vector<Rule> rules_;
};

/// The built-in rows.
std::vector<std::string_view> built_in_rules();

/// "90s", "5m", "2h", "3d". Nothing when it is none or above 400 days.
std::optional<std::chrono::milliseconds> find_span(std::string_view text);

}  // namespace signals
