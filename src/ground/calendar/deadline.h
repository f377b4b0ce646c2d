// When a deadline that is counted in days is over. One function for the contract, the papers and the registers, so that
// two screens never name two moments for one duty.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ground/calendar/office.h"

namespace calendar {

/// The first moment at which what is owed on `day` is late: the midnight after it; where it rolls over closed days, the
/// office's closing on the day to which it rolls.
base::Instant deadline_on(const OfficeCalendar& calendar, base::Day day, Roll roll);
/// The same for what is owed `days` calendar days after `start`, whose day is not counted.
base::Instant deadline_after(const OfficeCalendar& calendar, base::Instant start, int days, Roll roll);

/// A deadline's day and time of day: the midnight at which a day's time is over is that day's hour 24.
base::LocalTime due_time(base::Instant due);
/// As format_era_moment, in a sentence or on a paper; the midnight at which a day's time is over is that day's:
/// "令和9年7月31日（土）24時00分", not the next day's 0時00分, by which people would come a day late.
std::string format_era_deadline(base::Instant due);
/// Reads what format_era_deadline writes, and nothing else.
std::optional<base::Instant> parse_era_deadline(std::string_view utf8);

}  // namespace calendar
