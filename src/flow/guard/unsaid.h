// What the guard has to say and nobody has taken yet: bounded. When there is too much, the oldest goes first, but for
// those that say that something is over: nobody would ever say it again. What went is counted, and told.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "watch/signals/signal.h"

namespace flow {

class Unsaid {
  public:
    static constexpr std::size_t kMost = 10'000;
    void add(signals::Signal signal);
    bool is_empty() const { return waiting_.empty(); }
    signals::Signal take();
    /// It was not taken after all.
    void put_back(signals::Signal signal) { waiting_.push_front(std::move(signal)); }
    /// That so many were lost since this was asked last; nothing when none was.
    std::optional<signals::Signal> take_loss(base::Instant now);

  private:
    std::deque<signals::Signal> waiting_;
    std::int64_t lost_ = 0;
};

}  // namespace flow
