#include "office/helpdesk/roster.h"

#include <fmt/format.h>

namespace helpdesk {

namespace {

/// Which one of its weekday's in the month: 0 for the first.
int ordinal(base::Day day) {
    return (day.day - 1) / 7;
}

Month moved(const Month& of, int by) {
    const int months = of.year * 12 + of.month - 1 + by;
    Month other;
    other.year = months / 12;
    other.month = months % 12 + 1;
    return other;
}

}  // namespace

std::string Month::id() const {
    return fmt::format("{:04}-{:02}", year, month);
}

std::optional<Month> parse_month(std::string_view id) {
    const auto day = base::parse_day(std::string(id) + "-01");
    if (!day || day->year < 2000 || day->year > 2098) return std::nullopt;
    Month month;
    month.year = day->year;
    month.month = day->month;
    return month;
}

Month next_month(const Month& of) {
    return moved(of, 1);
}

Month previous_month(const Month& of) {
    return moved(of, -1);
}

std::vector<base::Day> days_of(const Month& month) {
    std::vector<base::Day> days;
    for (base::Day day{month.year, month.month, 1}; day.month == month.month; day = day + 1) days.push_back(day);
    return days;
}

std::vector<Gap> list_gaps(const Month& month, const calendar::OfficeCalendar& hours) {
    std::vector<Gap> gaps;
    for (const base::Day day : days_of(month)) {
        if (!calendar::is_open_day(hours, day)) continue;
        const auto found = month.days.find(day);
        const Duty duty = found == month.days.end() ? Duty{} : found->second;
        if (duty.charge.empty() || duty.engineer.empty())
            gaps.push_back({day, duty.charge.empty(), duty.engineer.empty()});
    }
    return gaps;
}

Month copied(const Month& last, const Month& to, const calendar::OfficeCalendar& hours) {
    Month made = to;
    made.days.clear();
    for (const base::Day day : days_of(to)) {
        if (!calendar::is_open_day(hours, day)) continue;
        Duty duty;
        bool is_exact = false;
        for (const auto& [then, who] : last.days) {
            if (base::weekday(then) != base::weekday(day) || is_exact || (who.charge.empty() && who.engineer.empty()))
                continue;
            duty = who;
            is_exact = ordinal(then) == ordinal(day);
        }
        made.days[day] = duty;
    }
    return made;
}

}  // namespace helpdesk
