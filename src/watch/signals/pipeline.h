// From signals to anomalies. A signal is taken once by (source, external id, state); what comes late or out of order is
// put where it belongs by its time of observation. Many of one group within a short time become one anomaly, a storm,
// which counts its members, so that rows and memory stay bounded: of each anomaly the first signals and its turns are
// kept as rows, the rest is counted; equal payloads are kept once.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>

#include "ground/sys/database.h"
#include "watch/signals/anomaly.h"
#include "watch/signals/rules.h"

namespace signals {

constexpr int kStormFrom = 20;               ///< anomalies of one group that are open: the next one makes a storm
constexpr std::int64_t kMostMembers = 2000;  ///< fingerprints that a storm knows; beyond it only counts
constexpr std::int64_t kMostKept = 50;       ///< signals of one anomaly that are kept as rows
constexpr std::int64_t kMostPayloads = 200;  ///< of one storm
constexpr std::size_t kLongestPayload = 64U << 10;
constexpr std::chrono::milliseconds kStormEnd{std::chrono::hours(1)};  ///< of quiet, when its members are not all known

struct Taken {
    int signals = 0;     ///< that were new
    int duplicates = 0;  ///< that had been taken
    int late = 0;
    int opened = 0, cleared = 0;
};

class Pipeline {
  public:
    /// Both must outlive it. One pipeline a database.
    Pipeline(sys::Database& database, const base::Clock& clock, Rules rules);

    Taken take(const Signal& signal) { return take(std::span(&signal, 1)); }
    /// In transactions of at most 500 signals. Throws only when the database does; then what was not taken may be given
    /// again.
    Taken take(std::span<const Signal> all);
    /// What time alone does: holds that are over, silence, events that end, windows and dependencies, and a clock that
    /// was set. Call it every second or so. Returns the number of transitions.
    int tick();
    /// From any thread; what is under way ends by the rules that it began with.
    void set_rules(Rules rules);

  private:
    int check_clock();
    std::shared_ptr<const Rules> rules() const;

    sys::Database& database_;
    const base::Clock& clock_;
    mutable std::mutex mutex_;            // of the next
    std::shared_ptr<const Rules> rules_;  ///< shared with the calls that are under way
    base::Instant last_wall_;
    std::chrono::nanoseconds last_monotonic_;
    bool is_first_ = true;
};

}  // namespace signals
