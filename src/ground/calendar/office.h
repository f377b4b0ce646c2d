// When the town hall and the helpdesk work: open days, opening hours, and what deadlines become on closed days. Two
// calendars are in use, the office's closed days (an ordinance under article 4-2 of the Local Autonomy Act) and the
// helpdesk's (the contract). Which way a deadline rolls is the contract's choice: article 4-2 paragraph 4 moves
// statutory filing limits only. A calendar day is Japanese; hours are minutes since that day's midnight. Pure.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ground/base/time.h"
#include "ground/calendar/holidays.h"

namespace calendar {

/// Days closed every year, both ends included; may run over the end of the year (12-29 to 1-3). One day: both ends
/// alike.
struct YearlySpan {
    int from_month = 0, from_day = 0;
    int to_month = 0, to_day = 0;
};

/// 12-29 to 1-3, as the ordinances have it.
std::vector<YearlySpan> year_end_days();

struct OfficeCalendar {
    std::array<bool, 7> closed_weekdays{true, false, false, false, false, false, true};  ///< from Sunday
    bool is_closed_on_holidays = true;
    std::vector<YearlySpan> yearly_closed = year_end_days();  ///< and local days such as 6-23 in Okinawa
    std::set<base::Day> extra_closed;                         ///< wins over extra_open
    std::set<base::Day> extra_open;                           ///< a Sunday counter, say
    int opens = 8 * 60 + 30;                                  ///< minutes since midnight; the first minute that counts
    int closes = 17 * 60 + 30;  ///< the first minute that no longer counts; opens < closes <= 1440
    Holidays holidays;
};

bool is_open_day(const OfficeCalendar& calendar, base::Day day);
/// 17:30 sharp is closed.
bool is_open_at(const OfficeCalendar& calendar, base::Instant at);

/// The day itself when it is open, else the nearest open day after (before) it.
/// Throws Error(BadInput) when the calendar is closed for a whole year on end.
base::Day next_open(const OfficeCalendar& calendar, base::Day day);
base::Day previous_open(const OfficeCalendar& calendar, base::Day day);

enum class Roll { None, Next, Previous };
/// Where a deadline on `day` falls.
base::Day rolled(const OfficeCalendar& calendar, base::Day day, Roll roll);
/// The last open day on which "`weeks` weeks ahead of `day`" is still kept: notices roll backwards.
base::Day weeks_ahead(const OfficeCalendar& calendar, base::Day day, int weeks);
/// `days` calendar days after `received` (the day of receipt is not counted), rolled.
base::Day days_after(const OfficeCalendar& calendar, base::Day received, int days, Roll roll);

/// Open days from `first` to `last`, both included.
int count_open_days(const OfficeCalendar& calendar, base::Day first, base::Day last);

/// The moment at which `time` of opening hours has passed since `from`. Outside hours the count starts at the next
/// opening; time that ends with the day ends at its closing minute. With no time at all: the first open moment from
/// `from` on.
base::Instant add_business_time(const OfficeCalendar& calendar, base::Instant from, std::chrono::minutes time);
/// Opening hours between two moments; whole milliseconds, 0 when `to` is not after `from`.
std::chrono::milliseconds business_time_between(const OfficeCalendar& calendar, base::Instant from, base::Instant to);

/// A span of the clock, such as 21:30-04:45, that may cross midnight and belongs to the day on which it starts.
struct DailyWindow {
    int from = 0;  ///< minutes since midnight
    int to = 0;    ///< minutes since midnight, not included; not after `from` means the next morning
};
/// The day whose window holds `at`; nothing outside.
std::optional<base::Day> find_window_day(const DailyWindow& window, base::Instant at);
base::Instant window_start(const DailyWindow& window, base::Day day);
base::Instant window_end(const DailyWindow& window, base::Day day);

}  // namespace calendar
