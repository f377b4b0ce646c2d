#include "watch/telling/on_call.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace telling {

using base::Error;
using base::Kind;

namespace {

constexpr std::chrono::minutes kCoarse{15};
constexpr std::chrono::hours kFortnight{14 * 24};
constexpr std::string_view kDays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

base::Day day_of(std::string_view text) {
    const auto day = base::parse_day(text);
    if (!day) throw Error(Kind::BadInput, fmt::format("\"{}\" is no day; write 2027-04-01", text));
    return *day;
}

int weekday_of(std::string_view text) {
    const auto* at = std::find(std::begin(kDays), std::end(kDays), text);
    if (at == std::end(kDays)) throw Error(Kind::BadInput, fmt::format("\"{}\" is no day of the week", text));
    return static_cast<int>(at - std::begin(kDays));
}

std::chrono::minutes minutes_of(std::string_view text) {
    int minutes = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), minutes);
    if (error != std::errc{} || end != text.data() + text.size() || minutes < 0 || minutes > 1440)
        throw Error(Kind::BadInput, fmt::format("\"{}\" is no number of minutes from 0 to 1440", text));
    return std::chrono::minutes(minutes);
}

/// False when the word is none of ours.
bool set(Duty& duty, std::string_view word) {
    const auto value = [&](std::string_view name) -> std::optional<std::string_view> {
        if (!word.starts_with(name)) return std::nullopt;
        return word.substr(name.size());
    };
    if (const auto name = value("name=")) {
        duty.name = *name;
    } else if (const auto days = value("days=")) {
        for (const auto each : base::split(*days, ',')) duty.days.push_back(weekday_of(each));
    } else if (const auto from = value("from=")) {
        duty.from = day_of(*from);
    } else if (const auto until = value("until=")) {
        duty.until = day_of(*until);
    } else {
        return false;
    }
    return true;
}

Duty parse(std::string_view line) {
    std::vector<std::string_view> words;
    for (const auto word : base::split(line, ' '))
        if (!word.empty()) words.push_back(word);
    if (words.size() < 5) throw Error(Kind::BadInput, "it needs hours, severity, minutes, channel and target");
    Duty duty;
    if (words[0] == "open")
        duty.hours = Duty::Hours::Open;
    else if (words[0] == "closed")
        duty.hours = Duty::Hours::Closed;
    else if (words[0] != "always")
        throw Error(Kind::BadInput, fmt::format("\"{}\" is none of always, open, closed", words[0]));
    const auto severity = signals::find_severity(words[1]);
    if (!severity) throw Error(Kind::BadInput, fmt::format("there is no severity {}", words[1]));
    duty.least = *severity;
    duty.after = minutes_of(words[2]);
    const Channel* channel = find_channel(words[3]);
    if (channel == nullptr) throw Error(Kind::BadInput, fmt::format("there is no channel {}", words[3]));
    duty.channel = words[3];
    duty.target = words[4];
    for (std::size_t i = 5; i < words.size(); ++i) {
        if (set(duty, words[i])) continue;
        if (duty.channel != "command") throw Error(Kind::BadInput, fmt::format("the word \"{}\" is unknown", words[i]));
        duty.target += fmt::format(" {}", words[i]);
    }
    if (const std::string fault = channel->find_fault(duty.target); !fault.empty())
        throw Error(Kind::BadInput, fmt::format("{}: {}", duty.target, fault));
    if (duty.name.empty()) duty.name = channel->wording;
    return duty;
}

}  // namespace

Duty parse_duty(std::string_view line) {
    try {
        return parse(line);
    } catch (const Error& error) {
        throw Error(Kind::BadInput, fmt::format("watch.on_call: the row \"{}\": {}", line, error.message()));
    }
}

std::string line_of(const Duty& duty) {
    constexpr std::string_view kHours[] = {"always", "open", "closed"};
    std::string line = fmt::format("{} {} {} {} {}", kHours[static_cast<std::size_t>(duty.hours)],
                                   signals::severity_id(duty.least), duty.after.count(), duty.channel, duty.target);
    const Channel* channel = find_channel(duty.channel);
    if (!duty.name.empty() && (channel == nullptr || duty.name != channel->wording)) line += " name=" + duty.name;
    std::string days;
    for (const int day : duty.days)
        days += fmt::format("{}{}", days.empty() ? "" : ",", kDays[static_cast<std::size_t>(day)]);
    if (!days.empty()) line += " days=" + days;
    if (duty.from) line += " from=" + base::format_day(*duty.from);
    if (duty.until) line += " until=" + base::format_day(*duty.until);
    return line;
}

OnCall::OnCall(const std::vector<std::string>& lines, calendar::OfficeCalendar hours) : hours_(std::move(hours)) {
    for (const auto& line : lines) duties_.push_back(parse_duty(line));
    if (duties_.empty()) duties_.push_back(parse_duty("always warning 0 screen -"));
    std::stable_sort(duties_.begin(), duties_.end(), [](const Duty& a, const Duty& b) { return a.after < b.after; });
}

std::vector<Duty> OnCall::at(base::Instant now, signals::Severity severity) const {
    const bool is_open = calendar::is_open_at(hours_, now);
    const base::Day today = base::local_day(now);
    std::vector<Duty> found;
    for (const Duty& duty : duties_) {
        if (severity < duty.least) continue;
        if (duty.hours == Duty::Hours::Open && !is_open) continue;
        if (duty.hours == Duty::Hours::Closed && is_open) continue;
        if (!duty.days.empty() &&
            std::find(duty.days.begin(), duty.days.end(), base::weekday(today)) == duty.days.end())
            continue;
        if ((duty.from && today < *duty.from) || (duty.until && today > *duty.until)) continue;
        if (std::any_of(found.begin(), found.end(), [&](const Duty& other) {
                return other.channel == duty.channel && other.target == duty.target;
            }))
            continue;
        found.push_back(duty);
    }
    return found;
}

std::optional<base::Instant> OnCall::next_change(base::Instant now, signals::Severity severity) const {
    const auto lines = [&](base::Instant when) {
        std::vector<std::string> all;
        for (const Duty& duty : at(when, severity)) all.push_back(line_of(duty));
        return all;
    };
    const auto current = lines(now);
    const base::Instant minute{now.milliseconds - now.milliseconds % 60'000};
    for (base::Instant when = minute + kCoarse; when - now < kFortnight; when = when + kCoarse) {
        if (lines(when) == current) continue;
        base::Instant first = when;
        while (first - std::chrono::minutes(1) > now && lines(first - std::chrono::minutes(1)) != current)
            first = first - std::chrono::minutes(1);
        return first;
    }
    return std::nullopt;
}

}  // namespace telling
