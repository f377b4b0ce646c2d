// The guard's book: which paths deviate, since when, what was done, and what is said of it. Each way in which a path
// deviates is one signal, raised once and cleared once. More than so many a minute are a flood: then one emergency
// speaks for all, and the whole tree is put right at once, at growing intervals while somebody keeps at it. Pure: time
// and findings come in, signals and orders go out.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ground/base/time.h"
#include "press/delivery/placer.h"
#include "watch/guard/compare.h"
#include "watch/guard/watcher.h"
#include "watch/signals/signal.h"

namespace flow {

class Cases {
  public:
    static constexpr std::size_t kMostCases = 10'000;  ///< beyond it only a flood's count grows

    explicit Cases(std::int64_t flood_per_minute) : flood_per_minute_(flood_per_minute) {}

    struct Look {
        std::string path;
        std::vector<guard::Deviation> found;  ///< all of this path; empty = it is as it should be
        std::optional<guard::Writer> writer;
    };
    /// What a look at a path has shown. `is_paused`: an operator has said that work is going on.
    void note(const Look& look, std::int64_t release, bool is_paused, base::Instant now,
              std::chrono::nanoseconds monotonic);
    /// What became of a path that was to be healed.
    void note(const delivery::Healed& healed, base::Instant now, std::chrono::nanoseconds monotonic);
    /// Its object is damaged, and another copy is being looked for: nothing is said of it until that has ended.
    void await_object(const delivery::Healed& healed, std::chrono::nanoseconds monotonic);
    /// Its object is there again.
    void try_now(const std::string& path, std::chrono::nanoseconds monotonic);

    /// Paths to be put right now, at most `limit`; they are not named again until a look or half a minute later.
    std::vector<delivery::Sick> take_sick(std::size_t limit, std::chrono::nanoseconds monotonic);
    bool has_sick(std::chrono::nanoseconds monotonic) const;
    /// Healing these could not even be tried.
    void let_go(const std::vector<delivery::Sick>& sick);
    /// In a flood: whether it is time to put the whole tree right.
    bool take_tree_turn(std::chrono::nanoseconds monotonic);
    /// Ends a flood that has stopped. Call it every second or so.
    void tick(base::Instant now, std::chrono::nanoseconds monotonic);

    /// What is to be told since the last call.
    std::vector<signals::Signal> take_signals();
    bool is_flood() const { return flood_since_.has_value(); }
    std::size_t open() const { return cases_.size(); }
    bool contains(const std::string& path) const { return cases_.contains(path); }

    struct Case {
        std::map<guard::Deviance, std::string> kinds;  ///< with what was seen
        base::Instant since;
        std::optional<guard::Writer> writer;
        std::vector<std::string> evidence;  ///< folders of the quarantine
        std::string problem;                ///< why it could not be put right
        std::string told_problem;           ///< the last that was told
        bool is_told = true;                ///< false: the flood speaks for it
        bool is_in_hand = false;            ///< between take_sick and what became of it; not closed before
        int failures = 0;                   ///< one after the other
        std::chrono::nanoseconds next_try{0};
    };
    const std::map<std::string, Case>& list() const { return cases_; }
    std::int64_t raised() const { return raised_; }
    std::int64_t cleared() const { return cleared_; }

  private:
    void raise(const std::string& path, Case& one, guard::Deviance kind, std::int64_t release, bool is_paused,
               base::Instant now);
    void clear(const std::string& path, const Case& one, guard::Deviance kind, base::Instant now);
    void start_flood(base::Instant now, std::chrono::nanoseconds monotonic);

    std::int64_t flood_per_minute_;
    std::map<std::string, Case> cases_;
    std::deque<std::chrono::nanoseconds> recent_;  ///< when deviations were found, within the last minute
    std::vector<signals::Signal> signals_;
    std::int64_t raised_ = 0, cleared_ = 0, in_flood_ = 0;
    std::optional<base::Instant> flood_since_;
    std::chrono::nanoseconds next_tree_{0}, tree_rest_{0}, last_found_{0};
};

/// The signal of one deviation, for tests and words in one place.
std::string_view deviance_wording(guard::Deviance kind);

}  // namespace flow
