#include "ground/calendar/office.h"

#include <algorithm>
#include <utility>

#include "ground/base/error.h"
#include "ground/calendar/deadline.h"

namespace calendar {
namespace {

using base::Day;
using base::Instant;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr int kLongestClosure = 366;
constexpr Instant kNever{std::int64_t{1} << 53};  // past any date that people write

bool holds(const YearlySpan& span, Day day) {
    const auto at = std::pair(day.month, day.day);
    const auto from = std::pair(span.from_month, span.from_day);
    const auto to = std::pair(span.to_month, span.to_day);
    return from <= to ? from <= at && at <= to : from <= at || at <= to;
}

Day find_open(const OfficeCalendar& calendar, Day day, int step) {
    for (int tried = 0; tried <= kLongestClosure; ++tried, day = day + step) {
        if (is_open_day(calendar, day)) return day;
    }
    throw base::Error(
        base::Kind::BadInput,
        "the calendar is closed for more than a year on end: correct its closed weekdays and closed days");
}

Instant moment(Day day, int minute) {
    return base::from_local({day}) + minutes(minute);
}

void check_hours(const OfficeCalendar& calendar) {
    if (calendar.opens >= 0 && calendar.opens < calendar.closes && calendar.closes <= 24 * 60) return;
    throw base::Error(base::Kind::BadInput, "opening hours must begin before they end, within one day");
}

}  // namespace

std::vector<YearlySpan> year_end_days() {
    return {{12, 29, 1, 3}};
}

bool is_open_day(const OfficeCalendar& calendar, Day day) {
    if (calendar.extra_closed.contains(day)) return false;
    if (calendar.extra_open.contains(day)) return true;
    if (calendar.closed_weekdays[static_cast<std::size_t>(base::weekday(day))]) return false;
    for (const YearlySpan& span : calendar.yearly_closed) {
        if (holds(span, day)) return false;
    }
    return !(calendar.is_closed_on_holidays && calendar.holidays.is_holiday(day));
}

bool is_open_at(const OfficeCalendar& calendar, Instant at) {
    const Day day = base::local_day(at);
    return is_open_day(calendar, day) && at >= moment(day, calendar.opens) && at < moment(day, calendar.closes);
}

Day next_open(const OfficeCalendar& calendar, Day day) {
    return find_open(calendar, day, 1);
}
Day previous_open(const OfficeCalendar& calendar, Day day) {
    return find_open(calendar, day, -1);
}

Day rolled(const OfficeCalendar& calendar, Day day, Roll roll) {
    switch (roll) {
        case Roll::None:
            break;
        case Roll::Next:
            return next_open(calendar, day);
        case Roll::Previous:
            return previous_open(calendar, day);
    }
    return day;
}

Day weeks_ahead(const OfficeCalendar& calendar, Day day, int weeks) {
    return previous_open(calendar, day - 7 * weeks);
}

Day days_after(const OfficeCalendar& calendar, Day received, int days, Roll roll) {
    return rolled(calendar, received + days, roll);
}

namespace {

/// The end of `day`, which has been rolled already.
Instant end_of(const OfficeCalendar& calendar, Day day, Roll roll) {
    if (roll == Roll::None) return base::from_local({day + 1});
    return base::from_local({day}) + minutes(calendar.closes);
}

}  // namespace

Instant deadline_on(const OfficeCalendar& calendar, Day day, Roll roll) {
    return end_of(calendar, rolled(calendar, day, roll), roll);
}

Instant deadline_after(const OfficeCalendar& calendar, Instant start, int days, Roll roll) {
    return end_of(calendar, days_after(calendar, base::local_day(start), days, roll), roll);
}

int count_open_days(const OfficeCalendar& calendar, Day first, Day last) {
    int count = 0;
    for (Day day = first; day <= last; day = day + 1) count += is_open_day(calendar, day) ? 1 : 0;
    return count;
}

Instant add_business_time(const OfficeCalendar& calendar, Instant from, minutes time) {
    check_hours(calendar);
    if (time < minutes(0)) throw base::Error(base::Kind::BadInput, "opening hours can only be counted forwards");
    milliseconds left = time;
    for (Day day = base::local_day(from);; day = day + 1) {
        day = next_open(calendar, day);
        const Instant start = std::max(from, moment(day, calendar.opens));
        const Instant close = moment(day, calendar.closes);
        if (start >= close) continue;
        if (left <= close - start) return start + left;
        left -= close - start;
        if (close > kNever) throw base::Error(base::Kind::BadInput, "this much time is not counted");
    }
}

milliseconds business_time_between(const OfficeCalendar& calendar, Instant from, Instant to) {
    check_hours(calendar);
    milliseconds sum{0};
    const Day last = base::local_day(to);
    for (Day day = base::local_day(from); day <= last; day = day + 1) {
        if (!is_open_day(calendar, day)) continue;
        const Instant start = std::max(from, moment(day, calendar.opens));
        const Instant end = std::min(to, moment(day, calendar.closes));
        if (start < end) sum += end - start;
    }
    return sum;
}

std::optional<Day> find_window_day(const DailyWindow& window, Instant at) {
    const Day today = base::local_day(at);
    for (const Day day : {today, today - 1}) {
        if (at >= window_start(window, day) && at < window_end(window, day)) return day;
    }
    return {};
}

Instant window_start(const DailyWindow& window, Day day) {
    return moment(day, window.from);
}

Instant window_end(const DailyWindow& window, Day day) {
    return moment(window.to > window.from ? day : day + 1, window.to);
}

}  // namespace calendar
