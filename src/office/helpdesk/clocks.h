// The helpdesk's clocks: until when a question is answered for the first time and until when it is solved, counted in
// the helpdesk's hours. What is urgent is counted on the wall clock. While the asker is asked, the time to solve stands
// still. Pure.
#pragma once

#include <chrono>

#include "ground/calendar/office.h"
#include "office/helpdesk/question.h"

namespace helpdesk {

struct Limits {
    std::chrono::minutes first{8 * 60};      ///< of the helpdesk's hours
    std::chrono::minutes solution{40 * 60};  ///< the same
    std::chrono::minutes urgent{60};         ///< to the first answer of what is urgent, day and night
};

struct Clocks {
    base::Instant first_due, solution_due;
    base::Instant due;                  ///< of the two the one that counts now
    std::chrono::minutes remaining{0};  ///< until `due`, in the same time as it is counted; rounded up; 0 when late
    std::chrono::minutes lateness{0};   ///< since `due`, on the wall clock, begun minutes
    bool is_running = false;            ///< false: closed, or the asker is asked
    bool is_first = false;              ///< the first answer is what is due
    bool is_late() const { return lateness.count() > 0; }
};
Clocks clocks_of(const Question& question, const calendar::OfficeCalendar& hours, const Limits& limits,
                 base::Instant now);

/// Business minutes from `waiting_since` until `now`, to be added to waited_minutes when the wait ends.
std::int64_t waited_since(const Question& question, const calendar::OfficeCalendar& hours, base::Instant now);

}  // namespace helpdesk
