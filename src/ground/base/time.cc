#include "ground/base/time.h"

#include <charconv>

#include <fmt/format.h>

namespace base {

namespace {

constexpr std::int64_t kDayMilliseconds = 86'400'000;
constexpr std::int64_t kJapanOffset = 9 * 3'600'000;

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

/// Reads `width` digits at `at`; nothing if they are not all digits.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t width) {
    if (at + width > text.size()) return std::nullopt;
    int value = 0;
    for (std::size_t i = at; i < at + width; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

LocalTime split_milliseconds(std::int64_t milliseconds) {
    const std::int64_t number = floor_divide(milliseconds, kDayMilliseconds);
    const auto rest = static_cast<int>(milliseconds - number * kDayMilliseconds);
    return {day_from_number(number), rest / 3'600'000, rest / 60'000 % 60, rest / 1000 % 60, rest % 1000};
}

std::int64_t join_milliseconds(const LocalTime& time) {
    return day_number(time.day) * kDayMilliseconds + time.hour * 3'600'000LL + time.minute * 60'000LL +
           time.second * 1000LL + time.millisecond;
}

}  // namespace

std::int64_t day_number(Day day) {
    using namespace std::chrono;
    return sys_days(year(day.year) / day.month / day.day).time_since_epoch().count();
}

Day day_from_number(std::int64_t number) {
    using namespace std::chrono;
    const year_month_day date{sys_days(days(number))};
    return {static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
            static_cast<int>(static_cast<unsigned>(date.day()))};
}

int weekday(Day day) {
    return static_cast<int>((day_number(day) % 7 + 11) % 7);  // 1970-01-01 was a Thursday
}

bool is_day(int year, int month, int day) {
    using namespace std::chrono;
    return year >= 1 && year <= 9999 && month >= 1 && day >= 1 &&
           year_month_day(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                          std::chrono::day(static_cast<unsigned>(day)))
               .ok();
}

LocalTime to_local(Instant at) {
    return split_milliseconds(at.milliseconds + kJapanOffset);
}

Instant from_local(const LocalTime& time) {
    return {join_milliseconds(time) - kJapanOffset};
}

std::string format_utc(Instant at) {
    const LocalTime t = split_milliseconds(at.milliseconds);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", t.day.year, t.day.month, t.day.day, t.hour,
                       t.minute, t.second, t.millisecond);
}

std::optional<Instant> parse_utc(std::string_view text) {
    if (text.size() != 24 || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != '.' ||
        text[23] != 'Z')
        return std::nullopt;
    const auto day = parse_day(text.substr(0, 10));
    const auto hour = digits(text, 11, 2);
    const auto minute = digits(text, 14, 2);
    const auto second = digits(text, 17, 2);
    const auto millisecond = digits(text, 20, 3);
    if (!day || !hour || !minute || !second || !millisecond || *hour > 23 || *minute > 59 || *second > 59)
        return std::nullopt;
    return Instant{join_milliseconds({*day, *hour, *minute, *second, *millisecond})};
}

std::string format_day(Day day) {
    return fmt::format("{:04}-{:02}-{:02}", day.year, day.month, day.day);
}

std::optional<Day> parse_day(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto year = digits(text, 0, 4);
    const auto month = digits(text, 5, 2);
    const auto day = digits(text, 8, 2);
    if (!year || !month || !day || !is_day(*year, *month, *day)) return std::nullopt;
    return Day{*year, *month, *day};
}

std::optional<Instant> parse_instant(std::string_view text) {
    if (const auto utc = parse_utc(text)) return utc;
    const auto day = parse_day(text.substr(0, 10));
    if (!day) return std::nullopt;
    if (text.size() == 10) return from_local({*day});
    if ((text.size() != 16 && text.size() != 19) || (text[10] != ' ' && text[10] != 'T') || text[13] != ':')
        return std::nullopt;
    const auto hour = digits(text, 11, 2);
    const auto minute = digits(text, 14, 2);
    const auto second = text.size() == 19 && text[16] == ':' ? digits(text, 17, 2) : std::optional<int>(0);
    if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
    if (text.size() == 19 && text[16] != ':') return std::nullopt;
    return from_local({*day, *hour, *minute, *second});
}

std::string format_local(Instant at) {
    const LocalTime t = to_local(at);
    return fmt::format("{} {:02}:{:02}", format_day(t.day), t.hour, t.minute);
}

Instant SystemClock::now() const {
    using namespace std::chrono;
    return {duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

std::chrono::nanoseconds SystemClock::monotonic() const {
    return std::chrono::steady_clock::now().time_since_epoch();
}

}  // namespace base
