#include "office/contract/due.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/calendar/deadline.h"
#include "ground/calendar/era.h"

namespace contract {

namespace {

using base::Day;
using base::Instant;

Instant midnight(Day day) {
    return base::from_local({day});
}

Day first_of_month(Day day) {
    return {day.year, day.month, 1};
}

Day next_month(Day first) {
    return first.month == 12 ? Day{first.year + 1, 1, 1} : Day{first.year, first.month + 1, 1};
}

/// The period that holds `day`: its first day, and the first one after it.
struct Days {
    Day first, end;
};
Days period_of(Period period, Day day) {
    switch (period) {
        case Period::Day:
        case Period::OpenDay:
            break;
        case Period::Week: {
            const Day monday = day - (base::weekday(day) + 6) % 7;
            return {monday, monday + 7};
        }
        case Period::Month:
            return {first_of_month(day), next_month(first_of_month(day))};
        case Period::Quarter: {
            const Day first{day.year, (day.month - 1) / 3 * 3 + 1, 1};
            return {first, next_month(next_month(next_month(first)))};
        }
        case Period::Year: {
            const int year = calendar::fiscal_year(day);
            return {calendar::fiscal_year_begin(year), calendar::fiscal_year_begin(year + 1)};
        }
    }
    return {day, day + 1};
}

std::string key_of(Period period, Day first) {
    switch (period) {
        case Period::Month:
            return fmt::format("{:04}-{:02}", first.year, first.month);
        case Period::Quarter:
            return fmt::format("{:04}-Q{}", calendar::fiscal_year(first), ((first.month + 8) % 12) / 3 + 1);
        case Period::Year:
            return fmt::format("{:04}", calendar::fiscal_year(first));
        default:
            return base::format_day(first);
    }
}

Day nth_open_day_after(const calendar::OfficeCalendar& office, Day day, int count) {
    for (int n = 0; n < count; ++n) day = calendar::next_open(office, day + 1);
    return day;
}

/// `span` after the end of `day`, or after `start` on it where minutes are counted.
Instant after(const Contract& contract, const Obligation& obligation, Day day, Instant start) {
    const calendar::OfficeCalendar& office = contract.calendar_of(obligation);
    const Span span = obligation.within;
    const bool is_business = obligation.clock == Clock::Business;
    if (!span.is_days && is_business)
        return calendar::add_business_time(office, start, std::chrono::minutes(span.amount));
    if (!span.is_days) return start + std::chrono::minutes(span.amount);
    if (is_business)
        return calendar::deadline_on(office, nth_open_day_after(office, day, span.amount), calendar::Roll::Next);
    return calendar::deadline_on(office, day + span.amount, obligation.roll);
}

}  // namespace

std::string key_wording(std::string_view key) {
    if (const auto day = base::parse_day(key)) return calendar::format_era(*day);
    if (const auto month = base::parse_day(fmt::format("{}-01", key))) return calendar::format_era_month(*month);
    if (const auto first = base::parse_day(fmt::format("{}-04-01", key.substr(0, 4)))) {
        const std::string year = calendar::format_fiscal_year(first->year);
        if (key.size() == 4) return year;
        if (key.size() == 7 && key.substr(4, 2) == "-Q") return fmt::format("{} 第{}四半期", year, key.substr(6));
    }
    constexpr std::pair<std::string_view, std::string_view> kThings[] = {
        {"question", "問合せ"}, {"incident", "障害"},     {"anomaly", "異常"},    {"vulnerability", "脆弱性"},
        {"patch", "修正"},      {"stop", "計画停止"},     {"training", "研修"},   {"licence", "ソフトウェアと使用権"},
        {"report", "月次報告"}, {"terminal", "運用端末"}, {"service", "緊急停止"}};
    const std::size_t colon = key.find(':');
    if (colon == std::string_view::npos) return std::string(key);
    const std::string_view rest = key.substr(colon + 1);
    for (const auto& [id, wording] : kThings)
        // Which of the emergency stops it was, only the program's own name says.
        if (key.substr(0, colon) == id)
            return id == "service" ? std::string(wording) : fmt::format("{} {}", wording, key_wording(rest));
    return std::string(key);
}

std::chrono::minutes real_time(Span span) {
    return std::chrono::minutes(span.is_days ? span.amount * 24 * 60 : span.amount);
}

InForce in_force(const Contract& contract, const Obligation& obligation) {
    const Day last = contract.end_at({2090, 12, 31});
    return {std::max(contract.begins, obligation.from.value_or(contract.begins)),
            std::min(last, obligation.until.value_or(last))};
}

std::vector<Turn> list_turns(const Contract& contract, const Obligation& obligation, Instant from, Instant to) {
    std::vector<Turn> turns;
    const InForce force = in_force(contract, obligation);
    const calendar::OfficeCalendar& office = contract.calendar_of(obligation);
    // What is due after `from` may belong to a period long before it, by as much as it has time after its end.
    const int reach =
        obligation.within.is_days ? obligation.within.amount * 2 + 40 : obligation.within.amount / 240 + 40;
    const Day begin = base::local_day(from) - reach;
    for (Day day = std::max(force.first, period_of(obligation.period, begin).first); day <= force.last;) {
        const Days period = period_of(obligation.period, day);
        const Day first = std::max(period.first, force.first), last = std::min(period.end - 1, force.last);
        Turn turn;
        turn.key = key_of(obligation.period, period.first);
        turn.begin = turn.start = midnight(first);
        turn.due = midnight(last + 1);
        if (obligation.window) {
            turn.begin = turn.start = calendar::window_start(*obligation.window, day);
            turn.due = calendar::window_end(*obligation.window, day);
        } else if (obligation.within.amount > 0) {
            turn.start = turn.due;
            turn.due = after(contract, obligation, last, turn.start);
        }
        if (turn.begin >= to) break;
        const bool is_turn = obligation.period != Period::OpenDay || calendar::is_open_day(office, day);
        if (is_turn && turn.due >= from) turns.push_back(std::move(turn));
        day = period.end;
    }
    return turns;
}

Instant due_after(const Contract& contract, const Obligation& obligation, Instant start) {
    return after(contract, obligation, base::local_day(start), start);
}

Instant due_ahead(const Contract& contract, const Obligation& obligation, Instant moment) {
    return calendar::deadline_on(contract.calendar_of(obligation), base::local_day(moment) - obligation.ahead.amount,
                                 obligation.roll);
}

int percent_gone(const Contract& contract, const Obligation& obligation, Instant start, Instant due, Instant at) {
    if (at >= due) return 100;
    if (at <= start) return 0;
    const bool is_business = obligation.clock == Clock::Business;
    const auto between = [&](Instant a, Instant b) {
        return is_business ? calendar::business_time_between(contract.calendar_of(obligation), a, b) : b - a;
    };
    const auto whole = between(start, due);
    if (whole.count() <= 0) return 100;
    return static_cast<int>(std::min<std::int64_t>(99, between(start, at).count() * 100 / whole.count()));
}

}  // namespace contract
