#include "office/helpdesk/clocks.h"

namespace helpdesk {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::minutes;

minutes begun(milliseconds time) {
    return minutes((time.count() + 59'999) / 60'000);
}

}  // namespace

std::int64_t waited_since(const Question& question, const calendar::OfficeCalendar& hours, base::Instant now) {
    if (!question.waiting_since) return 0;
    return duration_cast<minutes>(calendar::business_time_between(hours, *question.waiting_since, now)).count();
}

Clocks clocks_of(const Question& question, const calendar::OfficeCalendar& hours, const Limits& limits,
                 base::Instant now) {
    Clocks clocks;
    const minutes waited(question.waited_minutes + waited_since(question, hours, now));
    clocks.first_due = question.is_urgent ? question.received_at + limits.urgent
                                          : calendar::add_business_time(hours, question.received_at, limits.first);
    clocks.solution_due = calendar::add_business_time(hours, question.received_at, limits.solution + waited);
    clocks.is_first = !question.answered_at && question.state != State::Closed;
    clocks.due = clocks.is_first ? clocks.first_due : clocks.solution_due;
    clocks.is_running = question.state == State::Open;
    if (!clocks.is_running) return clocks;
    if (now > clocks.due)
        clocks.lateness = begun(now - clocks.due);
    else if (clocks.is_first && question.is_urgent)
        clocks.remaining = begun(clocks.due - now);
    else
        clocks.remaining = begun(calendar::business_time_between(hours, now, clocks.due));
    return clocks;
}

}  // namespace helpdesk
