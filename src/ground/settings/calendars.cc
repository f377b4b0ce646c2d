#include "ground/settings/calendars.h"

#include <algorithm>

#include "ground/base/error.h"

namespace settings {
namespace {

constexpr std::string_view kWeekdays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

// The forms were checked when the settings were read; settings that came another way may still be wrong.
base::Day day_of(std::string_view text) {
    if (const auto day = base::parse_day(text)) return *day;
    throw base::Error(base::Kind::BadInput, "a day in the settings is not of the form 2026-11-22");
}

calendar::YearlySpan span_of(std::string_view from, std::string_view to) {
    const base::Day first = day_of("2028-" + std::string(from));
    const base::Day last = day_of("2028-" + std::string(to));
    return {first.month, first.day, last.month, last.day};
}

int minute_of(std::string_view time) {
    const auto digit = [&](std::size_t at) { return time.at(at) - '0'; };
    return (digit(0) * 10 + digit(1)) * 60 + digit(3) * 10 + digit(4);
}

calendar::OfficeCalendar base_calendar(const TextList& closed, const TextList& extra_closed, std::string_view opens,
                                       std::string_view closes, const calendar::Holidays& holidays) {
    calendar::OfficeCalendar made;
    for (std::size_t day = 0; day < 7; ++day) {
        made.closed_weekdays[day] = std::find(closed.begin(), closed.end(), kWeekdays[day]) != closed.end();
    }
    for (const Text& day : extra_closed) made.extra_closed.insert(day_of(day));
    made.yearly_closed.clear();
    made.opens = minute_of(opens);
    made.closes = minute_of(closes);
    made.holidays = holidays;
    return made;
}

void add_year_end(const Settings& settings, calendar::OfficeCalendar& to) {
    const auto& [from, until] = std::pair(settings.calendar.year_end_from, settings.calendar.year_end_to);
    if (!from.empty()) to.yearly_closed.push_back(span_of(from, until));
}

}  // namespace

calendar::OfficeCalendar office_calendar(const Settings& settings, const calendar::Holidays& holidays) {
    const Settings::Calendar& from = settings.calendar;
    calendar::OfficeCalendar made =
        base_calendar(from.closed_weekdays, from.extra_closed, from.opens, from.closes, holidays);
    add_year_end(settings, made);
    for (const Text& day : from.yearly_closed) made.yearly_closed.push_back(span_of(day, day));
    for (const Text& day : from.extra_open) made.extra_open.insert(day_of(day));
    return made;
}

calendar::OfficeCalendar helpdesk_calendar(const Settings& settings, const calendar::Holidays& holidays) {
    const Settings::Helpdesk& from = settings.helpdesk;
    calendar::OfficeCalendar made =
        base_calendar(from.closed_weekdays, from.extra_closed, from.opens, from.closes, holidays);
    if (from.closed_at_year_end) add_year_end(settings, made);
    return made;
}

}  // namespace settings
