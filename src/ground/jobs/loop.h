// A thread that does the same turn again and again, until it is told to stop. Whatever a turn throws is logged and
// costs a pause that grows, never the process and never the turns that follow.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>

namespace jobs {

class Loop {
  public:
    /// Does one turn and says how long to rest before the next. A long turn looks at the token now and then.
    using Turn = std::function<std::chrono::milliseconds(const std::stop_token&)>;

    /// `name` stands in the log.
    Loop(std::string name, Turn turn);
    /// Stops, and waits for the turn that is under way.
    ~Loop() = default;
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    /// A rest ends at once, a turn when it is done. Does not wait.
    void ask_to_stop() { thread_.request_stop(); }

  private:
    std::jthread thread_;
};

/// After the `count`th failure in a row: 1 s, doubling, at most 1 min.
std::chrono::milliseconds rest_after_failures(int count);

/// Ends the process when stopping it takes longer than `patience`. For programs that lose nothing by dying: what was
/// committed stays, and the next start finishes the rest.
class StopLimit {
  public:
    StopLimit() = default;
    /// The clock runs until this object goes.
    void start(std::chrono::milliseconds patience, int exit_code);

  private:
    std::jthread thread_;
};

}  // namespace jobs
