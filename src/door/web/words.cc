#include "door/web/words.h"

#include "door/web/language.h"
#include "ground/base/text.h"
#include "ground/calendar/deadline.h"
#include "ground/calendar/era.h"

namespace web {

namespace {

tmpl::Value time_value(base::Instant at, std::string text) {
    const base::LocalTime time = base::to_local(at);
    return tmpl::Map{{"iso", fmt::format("{}T{:02}:{:02}:{:02}+09:00", base::format_day(time.day), time.hour,
                                         time.minute, time.second)},
                     {"text", std::move(text)}};
}

constexpr std::string_view kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                        "July",    "August",   "September", "October", "November", "December"};
constexpr std::string_view kWeekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

std::string english_day(base::Day day) {
    return fmt::format("{} {}", day.day, kMonths[day.month - 1]);
}

std::string year_day(base::Day day) {
    return fmt::format("{} {}", english_day(day), day.year);
}

tmpl::Value near_time(base::Instant at, base::Instant now, const std::string& clock) {
    const base::LocalTime time = base::to_local(at);
    const base::Day today = base::local_day(now);
    if (time.day == today) return time_value(at, say("今日") + " " + clock);
    if (time.day == today - 1) return time_value(at, say("昨日") + " " + clock);
    if (time.day == today + 1) return time_value(at, say("明日") + " " + clock);
    if (spoken() == Language::English)
        return time_value(
            at, time.day.year == today.year ? english_day(time.day) + " " + clock : year_day(time.day) + " " + clock);
    if (time.day.year == today.year)
        return time_value(at, fmt::format("{}月{}日 {}", time.day.month, time.day.day, clock));
    return time_value(at, calendar::format_era(time.day) + " " + clock);
}

}  // namespace

std::optional<std::string> english_date(std::string_view text) {
    const auto named = [](base::Day day) { return fmt::format("{} {}", kWeekdays[base::weekday(day)], year_day(day)); };
    if (const auto year = calendar::parse_fiscal_year(text)) return fmt::format("fiscal {}", *year);
    if (const auto month = calendar::parse_era_month(text))
        return fmt::format("{} {}", kMonths[month->month - 1], month->year);
    if (const auto day = calendar::parse_era(text)) return year_day(*day);
    if (const auto day = calendar::parse_era_weekday(text)) return named(*day);
    if (const auto at = calendar::parse_era_moment(text)) {
        const base::LocalTime local = base::to_local(*at);
        return fmt::format("{} {}:{:02}", named(local.day), local.hour, local.minute);
    }
    if (const auto due = calendar::parse_era_deadline(text)) return named(base::local_day(*due) - 1) + " 24:00";
    return std::nullopt;
}

tmpl::Value short_time(base::Instant at, base::Instant now) {
    if (at.milliseconds == 0) return {};
    const base::LocalTime time = base::to_local(at);
    return near_time(at, now, fmt::format("{}:{:02}", time.hour, time.minute));
}

tmpl::Value exact_time(base::Instant at, base::Instant now) {
    if (at.milliseconds == 0) return {};
    const base::LocalTime time = base::to_local(at);
    return near_time(at, now, fmt::format("{}:{:02}:{:02}", time.hour, time.minute, time.second));
}

std::string day_text(base::Day day) {
    if (spoken() == Language::Japanese) return calendar::format_era_weekday(day);
    return fmt::format("{} {}", kWeekdays[base::weekday(day)], year_day(day));
}

std::string long_time_text(base::Instant at) {
    const base::LocalTime time = base::to_local(at);
    return fmt::format("{}{}{}:{:02}", day_text(time.day), spoken() == Language::English ? " " : "", time.hour,
                       time.minute);
}

std::string clock_text(base::Instant at, base::Instant now) {
    constexpr std::int64_t kMinute = 60'000;
    const base::Instant shown{(at.milliseconds + kMinute - 1) / kMinute * kMinute};
    const base::LocalTime time = base::to_local(shown);
    if (time.day != base::local_day(now)) return long_time_text(shown);
    if (spoken() == Language::English) return fmt::format("{}:{:02}", time.hour, time.minute);
    return fmt::format("{}{}時{}分", time.hour < 12 ? "午前" : "午後", time.hour % 12, time.minute);
}

tmpl::Value long_time(base::Instant at) {
    if (at.milliseconds == 0) return {};
    return time_value(at, long_time_text(at));
}

std::string local_input(base::Instant at) {
    if (at.milliseconds == 0) return {};
    const base::LocalTime time = base::to_local(at);
    return fmt::format("{}T{:02}:{:02}", base::format_day(time.day), time.hour, time.minute);
}

std::string size_text(std::int64_t bytes) {
    if (bytes < 1000) return fmt::format("{} {}", bytes, say("バイト"));
    if (bytes < 1'000'000) return fmt::format("{} KB", (bytes + 999) / 1000);
    if (bytes < 1'000'000'000) return fmt::format("{}.{} MB", bytes / 1'000'000, bytes / 100'000 % 10);
    return fmt::format("{}.{} GB", bytes / 1'000'000'000, bytes / 100'000'000 % 10);
}

tmpl::Map chip(std::string_view kind, std::string_view name) {
    return {{"kind", kind}, {"name", say(name)}};
}

tmpl::List chips(const content::Page& page, const workflow::Standing& standing) {
    tmpl::List all;
    const workflow::Live live = workflow::live_of(page, standing);
    if (standing.state != workflow::State::None) {
        const bool is_withdrawal =
            standing.matter == workflow::Matter::Withdraw && standing.state == workflow::State::Submitted;
        all.push_back(chip(workflow::state_id(standing.state),
                           is_withdrawal ? "公開終了の承認待ち" : workflow::state_name(standing.state)));
    }
    if (live != workflow::Live::Never || all.empty())
        all.push_back(chip(workflow::live_id(live), workflow::live_name(live)));
    return all;
}

std::string readable_path(std::string_view path) {
    return "/" + base::to_valid_utf8(base::percent_decode(path).value_or(std::string(path)));
}

std::string title_of(const content::Page& page) {
    return page.title.empty() ? readable_path(page.path) : page.title;
}

}  // namespace web
