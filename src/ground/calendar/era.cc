#include "ground/calendar/era.h"

#include <fmt/format.h>

#include "ground/base/text.h"
#include "ground/calendar/deadline.h"

namespace calendar {
namespace {

using base::Day;

struct Era {
    std::string_view name;
    char letter;
    Day begin;  // its first day; 明治 from the first day of the Gregorian calendar in Japan
    int year_one;
};

constexpr Era kEras[] = {
    {"令和", 'R', {2019, 5, 1}, 2019},  {"平成", 'H', {1989, 1, 8}, 1989}, {"昭和", 'S', {1926, 12, 25}, 1926},
    {"大正", 'T', {1912, 7, 30}, 1912}, {"明治", 'M', {1873, 1, 1}, 1868},
};
constexpr std::string_view kDaysEnd = "24時00分";  // the midnight that ends a day, as a deadline
constexpr int kLastYear = 2199;                    // no paper is dated later; keeps 昭和9999年 out

const Era* find_era(Day day) {
    for (const Era& era : kEras) {
        if (day >= era.begin) return &era;
    }
    return nullptr;
}

std::string format_year(Day day) {
    const Era* era = find_era(day);
    if (!era) return fmt::format("{}年", day.year);
    const int year = day.year - era->year_one + 1;
    return year == 1 ? fmt::format("{}元年", era->name) : fmt::format("{}{}年", era->name, year);
}

// Reads from the front of what is left; each step takes what it has read.
class Scan {
  public:
    explicit Scan(std::string_view text) : rest_(text) {}

    bool take(std::string_view word) {
        if (!rest_.starts_with(word)) return false;
        rest_.remove_prefix(word.size());
        return true;
    }
    void skip_spaces() {
        while (take(" ") || take("\t") || take("\r") || take("\n") || take("　")) {
        }
    }
    // One to four digits, ASCII or full-width.
    std::optional<int> number() {
        int value = 0;
        int count = 0;
        for (; count < 5; ++count) {
            const int next = digit();
            if (next < 0) break;
            value = value * 10 + next;
        }
        if (count == 0 || count > 4) return {};
        return value;
    }
    const Era* era() {
        for (const Era& era : kEras) {
            if (take(era.name)) return &era;
        }
        for (const Era& era : kEras) {
            const char lower[] = {static_cast<char>(era.letter - 'A' + 'a'), 0};
            const char upper[] = {era.letter, 0};
            if (take(upper) || take(lower)) return &era;
        }
        return nullptr;
    }
    bool is_done() const { return rest_.empty(); }

  private:
    int digit() {
        if (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9') {
            const int value = rest_[0] - '0';
            rest_.remove_prefix(1);
            return value;
        }
        for (int value = 0; value <= 9; ++value) {  // U+FF10 to U+FF19
            const char wide[] = {'\xEF', '\xBC', static_cast<char>(0x90 + value), 0};
            if (take(wide)) return value;
        }
        return -1;
    }
    std::string_view rest_;
};

// The western year of "令和8", "R8" or "2026".
std::optional<int> scan_year(Scan& scan, const Era*& era) {
    era = scan.era();
    scan.skip_spaces();
    if (era && scan.take("元")) return era->year_one;
    const auto number = scan.number();
    if (!number || *number == 0 || *number > kLastYear || (!era && *number < 1000)) return {};
    const int year = era ? era->year_one + *number - 1 : *number;
    if (year > kLastYear) return {};
    return year;
}

}  // namespace

std::string format_era(Day day) {
    return fmt::format("{}{}月{}日", format_year(day), day.month, day.day);
}

std::string format_era_month(Day day) {
    return fmt::format("{}{}月", format_year(day), day.month);
}

std::string format_era_weekday(Day day) {
    constexpr std::string_view kNames[] = {"日", "月", "火", "水", "木", "金", "土"};
    return fmt::format("{}（{}）", format_era(day), kNames[base::weekday(day)]);
}

std::string format_era_moment(base::Instant at) {
    const base::LocalTime local = base::to_local(at);
    return fmt::format("{}{}時{:02}分", format_era_weekday(local.day), local.hour, local.minute);
}

base::LocalTime due_time(base::Instant due) {
    const base::LocalTime local = base::to_local(due);
    return local.hour != 0 || local.minute != 0 ? local : base::LocalTime{local.day - 1, 24};
}

std::string format_era_deadline(base::Instant due) {
    const base::LocalTime local = due_time(due);
    return local.hour < 24 ? format_era_moment(due) : format_era_weekday(local.day) + std::string(kDaysEnd);
}

std::optional<Day> parse_era(std::string_view utf8) {
    Scan scan(utf8);
    scan.skip_spaces();
    const Era* era = nullptr;
    const auto year = scan_year(scan, era);
    if (!year) return {};
    scan.skip_spaces();
    std::string_view after_month;
    std::string_view after_day;
    if (scan.take("年")) {
        after_month = "月";
        after_day = "日";
    } else {
        for (const std::string_view separator : {".", "/", "-", "．", "／"}) {
            if (era && scan.take(separator)) {
                after_month = separator;
                break;
            }
        }
        if (after_month.empty()) return {};
    }
    scan.skip_spaces();
    const auto month = scan.number();
    scan.skip_spaces();
    if (!month || !scan.take(after_month)) return {};
    scan.skip_spaces();
    const auto number = scan.number();
    scan.skip_spaces();
    if (!number || !scan.take(after_day)) return {};
    scan.skip_spaces();
    if (!scan.is_done() || !base::is_day(*year, *month, *number)) return {};
    const Day day{*year, *month, *number};
    if (era && day < era->begin) return {};
    return day;
}

std::optional<Day> parse_era_month(std::string_view utf8) {
    const auto first = parse_era(std::string(utf8) + "1日");
    return first && format_era_month(*first) == utf8 ? first : std::nullopt;
}

std::optional<Day> parse_era_weekday(std::string_view utf8) {
    const auto day = parse_era(utf8.substr(0, utf8.find("（")));
    return day && format_era_weekday(*day) == utf8 ? day : std::nullopt;
}

std::optional<base::Instant> parse_era_moment(std::string_view utf8) {
    constexpr std::string_view kClose = "）";
    const std::size_t close = utf8.find(kClose);
    if (close == std::string_view::npos) return {};
    const auto day = parse_era_weekday(utf8.substr(0, close + kClose.size()));
    Scan scan(utf8.substr(close + kClose.size()));
    const auto hour = scan.number();
    if (!day || !hour || *hour > 23 || !scan.take("時")) return {};
    const auto minute = scan.number();
    if (!minute || *minute > 59 || !scan.take("分") || !scan.is_done()) return {};
    return base::from_local({*day, *hour, *minute, 0, 0});
}

std::optional<base::Instant> parse_era_deadline(std::string_view utf8) {
    if (!utf8.ends_with(kDaysEnd)) {
        const auto at = parse_era_moment(utf8);
        return at && format_era_deadline(*at) == utf8 ? at : std::nullopt;
    }
    const auto day = parse_era_weekday(utf8.substr(0, utf8.size() - kDaysEnd.size()));
    return day ? std::optional(base::from_local({*day + 1})) : std::nullopt;
}

int fiscal_year(Day day) {
    return day.month >= 4 ? day.year : day.year - 1;
}
Day fiscal_year_begin(int fiscal_year) {
    return {fiscal_year, 4, 1};
}
Day fiscal_year_end(int fiscal_year) {
    return {fiscal_year + 1, 3, 31};
}

// Named by the era in which its December falls: 2019 is 令和元年度 (as the state's budget was renamed), 1988
// 昭和63年度.
std::string format_fiscal_year(int fiscal_year) {
    return format_year({fiscal_year, 12, 31}) + "度";
}

std::optional<int> parse_fiscal_year(std::string_view utf8) {
    Scan scan(utf8);
    scan.skip_spaces();
    const Era* era = nullptr;
    const auto year = scan_year(scan, era);
    scan.skip_spaces();
    if (!year || !scan.take("年度")) return {};
    scan.skip_spaces();
    if (!scan.is_done() || (era && Day{*year, 12, 31} < era->begin)) return {};
    return year;
}

}  // namespace calendar
