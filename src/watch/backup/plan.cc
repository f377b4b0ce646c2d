#include "watch/backup/plan.h"

#include <algorithm>

#include "ground/base/error.h"

namespace backup {

using base::Day;
using base::Instant;
using namespace std::chrono_literals;

namespace {

constexpr auto kLate = 25h;
constexpr auto kFirstRetry = 10min;
constexpr auto kLastRetry = 60min;
constexpr auto kRemake = 20h;      // of what was found damaged: once a day, in the next window
constexpr auto kSkew = 10min;      // by which clocks may differ
constexpr int kExtraShare = 10;    // extra backups take at most a tenth of the time
constexpr int kLongestWait = 400;  // days within which any calendar opens

int minutes_of(std::string_view time) {
    const auto digit = [&](std::size_t at) { return time.at(at) - '0'; };
    return (digit(0) * 10 + digit(1)) * 60 + digit(3) * 10 + digit(4);
}

Instant moment(Day day, int minute) {
    return base::from_local({day}) + std::chrono::minutes(minute);
}

/// Moments at which what is allowed may change, from the day before `at` on, in order.
template <class Take>
void each_boundary(const Policy& policy, Instant at, const Take& take) {
    for (Day day = base::local_day(at) - 1, end = day + kLongestWait; day < end; day = day + 1) {
        int minutes[] = {0, policy.window.from, policy.window.to};
        std::sort(std::begin(minutes), std::end(minutes));
        for (const int minute : minutes)
            if (const Instant boundary = moment(day, minute); boundary > at && !take(boundary)) return;
    }
}

Instant not_too_soon(const History::Series& series, Instant now) {
    // Where the repository is damaged, what is made anew is damaged as well.
    if (series.damaged_at && *series.damaged_at <= now && *series.damaged_at + kRemake > now)
        return *series.damaged_at + kRemake;
    if (!series.failed_at || series.failures == 0) return now;
    const auto wait = std::min(std::chrono::minutes(kFirstRetry) * (1 << std::min(series.failures - 1, 4)),
                               std::chrono::minutes(kLastRetry));
    // A failure in the future was noted before the clock was set back.
    return *series.failed_at > now ? now : std::max(now, *series.failed_at + wait);
}

/// Nothing when it was noted by a clock that has been set back since.
std::optional<Instant> believed(std::optional<Instant> at, Instant now) {
    return at && *at > now + kSkew ? std::nullopt : at;
}

/// Without the failures: what would be due, and since when.
std::optional<Due> find_data_due(const Policy& policy, const History& history, Instant now) {
    const Instant due = due_at(policy, last_due(policy, now));
    const auto newest = believed(history.data.newest, now);
    if (!newest || *newest < due) return Due{Kind::Data, Why::Daily, due, {}};
    if (policy.extra <= 0min) return std::nullopt;
    const bool is_cheap = history.seconds * kExtraShare <= std::chrono::duration<double>(policy.extra).count();
    const Instant next = *newest + policy.extra;
    if (!is_cheap || next > now) return std::nullopt;
    return Due{Kind::Data, Why::Extra, next, {}};
}

std::optional<Due> find_system_due(const Policy& policy, const History& history, std::string_view fingerprint,
                                   Instant now) {
    const Day today = last_due(policy, now);
    const Instant month = due_at(policy, {today.year, today.month, 1});
    const auto newest = believed(history.system.newest, now);
    if (!newest || *newest < month) return Due{Kind::System, Why::Monthly, newest ? month : now, {}};
    if (!history.fingerprint.starts_with(fingerprint)) return Due{Kind::System, Why::Change, now, {}};
    return std::nullopt;
}

}  // namespace

Policy policy_of(const settings::Settings& settings, calendar::OfficeCalendar office) {
    return {minutes_of(settings.backup.daily_at),
            {minutes_of(settings.backup.window_from), minutes_of(settings.backup.window_to)},
            std::move(office),
            std::chrono::minutes(settings.backup.extra_minutes),
            std::chrono::minutes(settings.backup.longest_minutes)};
}

bool is_allowed(const Policy& policy, Instant at) {
    return calendar::find_window_day(policy.window, at).has_value() ||
           !calendar::is_open_day(policy.office, base::local_day(at));
}

Instant next_allowed(const Policy& policy, Instant at) {
    if (is_allowed(policy, at)) return at;
    Instant found = at;
    each_boundary(policy, at, [&](Instant boundary) {
        found = boundary;
        return !is_allowed(policy, boundary);
    });
    return found;
}

Instant must_end(const Policy& policy, Instant at) {
    if (!is_allowed(policy, at)) return at;
    const Instant longest = at + policy.longest;
    Instant end = longest;
    each_boundary(policy, at, [&](Instant boundary) {
        if (boundary >= longest) return false;
        if (is_allowed(policy, boundary)) return true;
        end = boundary;
        return false;
    });
    return end;
}

Day day_of(const Policy& policy, Instant at) {
    return calendar::find_window_day(policy.window, at).value_or(base::local_day(at));
}

Instant due_at(const Policy& policy, Day day) {
    for (const Instant at : {moment(day, policy.daily_at), moment(day + 1, policy.daily_at)})
        if (calendar::find_window_day(policy.window, at) == day) return at;
    return calendar::window_start(policy.window, day);
}

Day last_due(const Policy& policy, Instant now) {
    Day day = base::local_day(now);
    while (due_at(policy, day) > now) day = day - 1;
    return day;
}

std::string_view why_id(Why why) {
    constexpr std::string_view kIds[] = {"daily", "extra", "monthly", "change", "asked"};
    return kIds[static_cast<std::size_t>(why)];
}

std::string_view why_name(Why why) {
    constexpr std::string_view kNames[] = {"日次", "追加", "月次", "変更時", "手動"};
    return kNames[static_cast<std::size_t>(why)];
}

std::optional<Why> find_why(std::string_view id) {
    for (const Why why : {Why::Daily, Why::Extra, Why::Monthly, Why::Change, Why::Asked})
        if (id == why_id(why)) return why;
    return std::nullopt;
}

std::vector<Due> list_due(const Policy& policy, const History& history, std::string_view fingerprint, Instant now) {
    std::vector<Due> all;
    if (auto due = find_data_due(policy, history, now)) {
        const Instant ready = not_too_soon(history.data, now);
        // Whoever sets extra backups has measured that they do no harm: they need no window.
        due->begin = due->why == Why::Extra ? ready : next_allowed(policy, ready);
        all.push_back(*due);
    }
    if (auto due = find_system_due(policy, history, fingerprint, now)) {
        due->begin = next_allowed(policy, not_too_soon(history.system, now));
        all.push_back(*due);
    }
    return all;
}

std::vector<Due> list_planned(const Policy& policy, const History& history, std::string_view fingerprint, Instant now,
                              int days) {
    std::vector<Due> all = list_due(policy, history, fingerprint, now);
    std::erase_if(all, [](const Due& due) { return due.why == Why::Extra; });
    bool is_month_known = std::any_of(all.begin(), all.end(), [](const Due& due) { return due.kind == Kind::System; });
    for (Day day = last_due(policy, now) + 1, end = day + days; day < end; day = day + 1) {
        const Instant at = due_at(policy, day);
        const auto one = std::find_if(all.begin(), all.end(), [&](const Due& due) {
            return due.kind == Kind::Data && due.begin >= at;  // it is as late as this one, and stands for it
        });
        if (one == all.end()) all.push_back({Kind::Data, Why::Daily, at, at});
        if (day.day == 1 && !is_month_known) all.push_back({Kind::System, Why::Monthly, at, at});
        is_month_known = false;
    }
    std::stable_sort(all.begin(), all.end(), [](const Due& a, const Due& b) { return a.begin < b.begin; });
    return all;
}

std::optional<Instant> late_since(const Policy& policy, std::optional<Instant> verified, Instant now) {
    const Instant due = due_at(policy, last_due(policy, now - kLate));
    verified = believed(verified, now);
    if (verified && *verified >= due) return std::nullopt;
    return due + kLate;
}

}  // namespace backup
