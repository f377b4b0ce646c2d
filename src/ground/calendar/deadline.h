// When a deadline that is counted in days is over. One function for the contract, the papers and the registers, so that
// two screens never name two moments for one duty.
#pragma once

#include "ground/calendar/office.h"

namespace calendar {

/// The first moment at which what is owed on `day` is late: the midnight after it; where it rolls over closed days, the
/// office's closing on the day to which it rolls.
base::Instant deadline_on(const OfficeCalendar& calendar, base::Day day, Roll roll);
/// The same for what is owed `days` calendar days after `start`, whose day is not counted.
base::Instant deadline_after(const OfficeCalendar& calendar, base::Instant start, int days, Roll roll);

}  // namespace calendar
