#include "door/web/month.h"

#include <fmt/format.h>

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/words.h"

namespace web {

namespace {

constexpr std::size_t kMostEntries = 6;  // of a day; the rest is counted
constexpr int kYears = 50;

std::string month_id(base::Day day) {
    return base::format_day(day).substr(0, 7);
}

/// Days since the Sunday before.
int days_from_sunday(base::Day day) {
    return static_cast<int>((base::day_number(day) % 7 + 7 + 4) % 7);  // 1970-01-01 was a Thursday
}

std::string address(std::string_view path, base::Day first) {
    http::Fields fields;
    fields.add("month", month_id(first));
    return address_of(path, fields);
}

}  // namespace

base::Day asked_month(const Context& context) {
    const base::Day today = base::local_day(context.now());
    const auto asked = base::parse_day(query_words(context, "month", 7) + "-01");
    base::Day first = asked && std::abs(asked->year - today.year) <= kYears ? *asked : today;
    first.day = 1;
    return first;
}

base::Day next_month(base::Day first) {
    base::Day next = first + 31;
    next.day = 1;
    return next;
}

tmpl::Map month_values(const Context& context, base::Day first, const MonthEntries& entries, std::string_view path,
                       std::string_view caption) {
    constexpr std::string_view kWeekdays[] = {"日", "月", "火", "水", "木", "金", "土"};
    const base::Day today = base::local_day(context.now()), after = next_month(first);
    base::Day before = first - 1;
    before.day = 1;
    bool is_empty = true;
    tmpl::List weeks, names;
    for (const std::string_view name : kWeekdays) names.emplace_back(say(name));
    for (base::Day day = first - days_from_sunday(first); day < after;) {
        tmpl::List week;
        for (int i = 0; i < 7; ++i, day = day + 1) {
            const bool is_other = day < first || !(day < after);
            tmpl::List list;
            const auto found = entries.find(day);
            if (found != entries.end() && !is_other)
                for (const MonthEntry& each : found->second)
                    if (list.size() < kMostEntries)
                        list.push_back(tmpl::Map{{"text", each.text}, {"kind", each.kind}, {"path", each.path}});
            const std::size_t all = found == entries.end() || is_other ? 0 : found->second.size();
            is_empty = is_empty && list.empty();
            week.push_back(tmpl::Map{{"iso", base::format_day(day)},
                                     {"number", static_cast<std::int64_t>(day.day)},
                                     {"weekday", say(kWeekdays[i])},
                                     {"is_other", is_other},
                                     {"is_today", day == today},
                                     {"more", all - list.size()},
                                     {"entries", std::move(list)}});
        }
        weeks.emplace_back(std::move(week));
    }
    return {{"title", say(fmt::format("{}年{}月", first.year, static_cast<int>(first.month)))},
            {"caption", say(caption)},
            {"previous", address(path, before)},
            {"next", address(path, after)},
            {"weekdays", std::move(names)},
            {"is_empty", is_empty},
            {"weeks", std::move(weeks)}};
}

}  // namespace web
