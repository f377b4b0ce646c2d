// Runs the probes of a plan, each in its rhythm, on a few threads of its own. Starts are spread, so that they do not
// all work in the same moment. Each reading makes a Signal; how many in a row it takes, and what hides what, is the
// signals' pipeline's business, to which rule_of says it. A probe that does not come back within its patience has no
// data; it keeps its thread, gets no second one, and another takes the thread's place, so it costs only itself.
//
// The owner calls turn() again and again (jobs::Loop); results are handed out there, on the caller's thread. Nothing
// here sleeps or looks at another clock than the one that it is given.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "watch/probes/probe.h"

namespace probes {

/// What one run of one probe has come to.
struct Result {
    std::string id;
    const Plan* plan = nullptr;  ///< lives until the runner ends or plans anew
    base::Instant at;            ///< when the run began
    std::chrono::microseconds took{0};
    Reading reading;
    std::optional<base::Instant> since;  ///< the reading's state; nothing before the first run
    bool has_changed = false;            ///< the state, by this run
};

/// Clear when the reading is well, else Raise. `kind` is the probe's kind, `subject` its id.
signals::Signal signal_of(const Result& result);
/// The plan's counts and its dependency as a line for signals::Rules.
std::string rule_of(const Plan& plan, std::span<const Plan> plans);
/// So long without a word, and nothing is known of it any more: five runs, and not before a minute.
std::chrono::seconds silent_after(const Plan& plan);

class Runner {
  public:
    using Take = std::function<void(const Result&)>;

    /// `world.clock` must outlive the runner. Probes that are off are not run.
    Runner(std::vector<Plan> plans, World world, Take take, int threads = 3);
    /// Waits for what is under way: a probe that hangs for ever is for jobs::StopLimit.
    ~Runner();
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;

    /// Starts what is due and hands out what has come back. Returns how long to rest.
    std::chrono::milliseconds turn();
    /// Goes on with these plans, on the thread of turn(): a probe whose plan is as it was goes on as it is, the others
    /// begin anew. What is under way for one that is gone ends unheard.
    void replan(std::vector<Plan> plans);
    /// Runs each probe (those of `ids`, or all when it is empty) once and returns when all have come back or their
    /// patience is out. Not to be mixed with turn().
    /// Throws Error(NotFound) when an id is not planned.
    std::vector<Result> run_once(const std::vector<std::string>& ids = {});

    /// The last result of each probe in the order of the plan; before its first run a reading without data.
    std::vector<Result> results() const;
    /// True while nothing is running or waiting for a thread.
    bool is_idle() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace probes
