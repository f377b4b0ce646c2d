#include "flow/guard/unsaid.h"

#include <algorithm>
#include <utility>

namespace flow {

using signals::Signal;

void Unsaid::add(Signal signal) {
    if (waiting_.size() >= kMost) {
        const auto oldest = std::find_if(waiting_.begin(), waiting_.end(),
                                         [](const Signal& one) { return one.state != signals::State::Clear; });
        waiting_.erase(oldest == waiting_.end() ? waiting_.begin() : oldest);
        ++lost_;
    }
    waiting_.push_back(std::move(signal));
}

Signal Unsaid::take() {
    Signal signal = std::move(waiting_.front());
    waiting_.pop_front();
    return signal;
}

std::optional<Signal> Unsaid::take_loss(base::Instant now) {
    if (lost_ == 0) return std::nullopt;
    return Signal{
        .source = "watch",
        .kind = "signals.lost",
        .subject = "改ざんの監視",
        .severity = signals::Severity::Serious,
        .observed_at = now,
        .text = fmt::format("記録できない間に、改ざんの監視の知らせ{}件を失いました。", std::exchange(lost_, 0))};
}

}  // namespace flow
