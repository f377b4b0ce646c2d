#include "watch/probes/judge.h"

#include <algorithm>

namespace probes {

bool Judge::is_past(double value, const std::optional<double>& limit, bool was_past) const {
    if (!limit) return false;
    const double sign = bad_ == Bad::High ? 1 : -1;
    return sign * value >= sign * *limit - (was_past ? margin_ : 0);
}

State Judge::judge(double value) {
    if (is_past(value, failed_, last_ == State::Failed))
        last_ = State::Failed;
    else if (is_past(value, warning_, last_ != State::Ok))
        last_ = State::Warning;
    else
        last_ = State::Ok;
    return last_;
}

void add(Reading& reading, State state, std::string_view text) {
    reading.state = reading.text.empty() ? state : std::max(reading.state, state);
    reading.text += text;
}

}  // namespace probes
