#include "ground/calendar/holidays.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace calendar {
namespace {

using base::Day;

constexpr std::string_view kSubstitute = "振替休日";
constexpr std::string_view kCitizens = "国民の休日";
constexpr std::string_view kListedRestDay = "休日";
constexpr std::size_t kListLimit = 1 << 20;

enum class Rule { Fixed, Monday, March, September };  // Monday: `day` is 1 for the first of the month

struct NationalDay {
    std::string_view name;
    int first_year, last_year;
    Rule rule;
    int month;
    int day;
};

constexpr int kNow = kLastHolidayYear;
// The Act came into force on 1948-07-20. Days of one year only are the special Acts for ceremonies and for the Games.
constexpr NationalDay kNationalDays[] = {
    {"元日", 1949, kNow, Rule::Fixed, 1, 1},           {"成人の日", 1949, 1999, Rule::Fixed, 1, 15},
    {"成人の日", 2000, kNow, Rule::Monday, 1, 2},      {"建国記念の日", 1967, kNow, Rule::Fixed, 2, 11},
    {"天皇誕生日", 2020, kNow, Rule::Fixed, 2, 23},    {"昭和天皇の大喪の礼", 1989, 1989, Rule::Fixed, 2, 24},
    {"春分の日", 1949, kNow, Rule::March, 3, 0},       {"皇太子明仁親王の結婚の儀", 1959, 1959, Rule::Fixed, 4, 10},
    {"天皇誕生日", 1949, 1988, Rule::Fixed, 4, 29},    {"みどりの日", 1989, 2006, Rule::Fixed, 4, 29},
    {"昭和の日", 2007, kNow, Rule::Fixed, 4, 29},      {"天皇の即位の日", 2019, 2019, Rule::Fixed, 5, 1},
    {"憲法記念日", 1949, kNow, Rule::Fixed, 5, 3},     {"みどりの日", 2007, kNow, Rule::Fixed, 5, 4},
    {"こどもの日", 1949, kNow, Rule::Fixed, 5, 5},     {"皇太子徳仁親王の結婚の儀", 1993, 1993, Rule::Fixed, 6, 9},
    {"海の日", 1996, 2002, Rule::Fixed, 7, 20},        {"海の日", 2003, 2019, Rule::Monday, 7, 3},
    {"海の日", 2020, 2020, Rule::Fixed, 7, 23},        {"海の日", 2021, 2021, Rule::Fixed, 7, 22},
    {"海の日", 2022, kNow, Rule::Monday, 7, 3},        {"スポーツの日", 2020, 2020, Rule::Fixed, 7, 24},
    {"スポーツの日", 2021, 2021, Rule::Fixed, 7, 23},  {"山の日", 2016, 2019, Rule::Fixed, 8, 11},
    {"山の日", 2020, 2020, Rule::Fixed, 8, 10},        {"山の日", 2021, 2021, Rule::Fixed, 8, 8},
    {"山の日", 2022, kNow, Rule::Fixed, 8, 11},        {"敬老の日", 1966, 2002, Rule::Fixed, 9, 15},
    {"敬老の日", 2003, kNow, Rule::Monday, 9, 3},      {"秋分の日", 1948, kNow, Rule::September, 9, 0},
    {"体育の日", 1966, 1999, Rule::Fixed, 10, 10},     {"体育の日", 2000, 2019, Rule::Monday, 10, 2},
    {"スポーツの日", 2022, kNow, Rule::Monday, 10, 2}, {"即位礼正殿の儀の行われる日", 2019, 2019, Rule::Fixed, 10, 22},
    {"文化の日", 1948, kNow, Rule::Fixed, 11, 3},      {"即位礼正殿の儀", 1990, 1990, Rule::Fixed, 11, 12},
    {"勤労感謝の日", 1948, kNow, Rule::Fixed, 11, 23}, {"天皇誕生日", 1989, 2018, Rule::Fixed, 12, 23},
};

// The well-known approximation by the mean tropical year; leap days are counted from 1980 on, and from 1983 backwards.
int equinox(double from_1980, double before_1980, int year) {
    const double drift = 0.242194 * (year - 1980);
    const double day = year >= 1980 ? std::floor(from_1980 + drift) - std::floor((year - 1980) / 4.0)
                                    : std::floor(before_1980 + drift - std::trunc((year - 1983) / 4.0));
    return static_cast<int>(day);
}

Day day_in(const NationalDay& national, int year) {
    switch (national.rule) {
        case Rule::Fixed:
            break;
        case Rule::Monday: {
            const Day first{year, national.month, 1};
            return first + ((8 - base::weekday(first)) % 7 + 7 * (national.day - 1));
        }
        case Rule::March:
            return {year, 3, equinox(20.8431, 20.8357, year)};
        case Rule::September:
            return {year, 9, equinox(23.2488, 23.2588, year)};
    }
    return {year, national.month, national.day};
}

using Names = std::map<Day, std::string>;

// Article 3 paragraph 2. In force since 1973-04-12 for the next day only, since 2007 for the next day that is free.
void add_substitutes(Names& names, const std::vector<Day>& national) {
    constexpr Day kSince{1973, 4, 12};
    for (const Day day : national) {
        if (base::weekday(day) != 0 || day < kSince) continue;
        Day next = day + 1;
        while (day.year >= 2007 && std::binary_search(national.begin(), national.end(), next)) next = next + 1;
        names.try_emplace(next, kSubstitute);
    }
}

// Article 3 paragraph 3, since 1985-12-27: a day between two national holidays.
void add_citizens(Names& names, const std::vector<Day>& national, int year) {
    if (year < 1986) return;
    for (const Day day : national) {
        const Day between = day + 1;
        if (!std::binary_search(national.begin(), national.end(), day + 2)) continue;
        if (year < 2007 && base::weekday(between) == 0) continue;
        names.try_emplace(between, kCitizens);
    }
}

// "2026/9/22" or "2026-09-22".
std::optional<Day> parse_list_day(std::string_view text) {
    const char separator = text.find('/') != std::string_view::npos ? '/' : '-';
    const auto parts = base::split(text, separator);
    if (parts.size() != 3) return {};
    int numbers[3] = {};
    for (int i = 0; i < 3; ++i) {
        const std::string_view part = parts[static_cast<std::size_t>(i)];
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), numbers[i]);
        if (part.empty() || part[0] == '-' || error != std::errc() || end != part.data() + part.size()) return {};
    }
    const bool is_known_year = numbers[0] >= kFirstHolidayYear && numbers[0] <= kLastHolidayYear;
    if (!is_known_year || !base::is_day(numbers[0], numbers[1], numbers[2])) return {};
    return Day{numbers[0], numbers[1], numbers[2]};
}

std::string_view unquoted(std::string_view field) {
    field = base::trim(field);
    if (field.size() >= 2 && field.front() == '"' && field.back() == '"') field = field.substr(1, field.size() - 2);
    return base::trim(field);
}

bool has_digit(std::string_view text) {
    return text.find_first_of("0123456789") != std::string_view::npos;
}

// The list shortens (結婚の儀), explains (体育の日（スポーツの日）) or says no more than 休日.
bool is_same_name(std::string_view by_rule, std::string_view listed) {
    const auto holds = [](std::string_view text, std::string_view word) {
        return text.find(word) != std::string_view::npos;
    };
    return listed.starts_with(kListedRestDay) || holds(by_rule, listed) || holds(listed, by_rule);
}

}  // namespace

std::vector<Holiday> list_holidays_by_rule(int year) {
    if (year < kFirstHolidayYear || year > kLastHolidayYear) return {};
    Names names;
    for (const NationalDay& national : kNationalDays) {
        if (year >= national.first_year && year <= national.last_year)
            names.emplace(day_in(national, year), national.name);
    }
    std::vector<Day> national;
    for (const auto& [day, name] : names) national.push_back(day);
    add_substitutes(names, national);
    add_citizens(names, national, year);
    std::vector<Holiday> holidays;
    for (auto& [day, name] : names) holidays.push_back({day, std::move(name)});
    return holidays;
}

HolidayList parse_holiday_list(std::string_view utf8) {
    if (utf8.size() > kListLimit) throw base::Error(base::Kind::BadInput, "the list of holidays is larger than 1 MB");
    if (utf8.starts_with("\xEF\xBB\xBF")) utf8.remove_prefix(3);
    HolidayList list;
    Names names;
    int number = 0;
    for (const std::string_view raw : base::split(utf8, '\n')) {
        ++number;
        const std::string_view line = base::trim(raw);
        if (line.empty()) continue;
        const auto comma = line.find(',');
        const auto day = parse_list_day(unquoted(line.substr(0, comma)));
        const auto name = comma == std::string_view::npos ? "" : unquoted(line.substr(comma + 1));
        if (day && !name.empty() && base::is_utf8(name)) {
            if (!names.emplace(*day, name).second)
                list.skipped.push_back(fmt::format("line {}: the date is there twice", number));
        } else if (number > 1 || has_digit(line)) {  // a first line without digits is the header, whatever it says
            list.skipped.push_back(fmt::format("line {}: not a date from {} to {} and a name", number,
                                               kFirstHolidayYear, kLastHolidayYear));
        }
    }
    if (names.empty()) {
        throw base::Error(
            base::Kind::BadInput,
            "this is no list of holidays: no line has the form 2026/1/1,元日. Is it the Cabinet Office's file, "
            "decoded from CP932 (Windows-31J)?");
    }
    for (auto& [day, name] : names) list.days.push_back({day, std::move(name)});
    return list;
}

Holidays::Holidays() {
    static const std::shared_ptr<const Table> by_rule = [] {
        Table table;
        for (int year = kFirstHolidayYear; year <= kLastHolidayYear; ++year) {
            for (Holiday& holiday : list_holidays_by_rule(year)) table.emplace(holiday.day, std::move(holiday.name));
        }
        return std::make_shared<const Table>(std::move(table));
    }();
    table_ = by_rule;
}

Holidays::Holidays(const HolidayList& list, std::vector<HolidayConflict>& conflicts) : Holidays() {
    using What = HolidayConflict::What;
    std::map<int, Names> years;
    for (const Holiday& holiday : list.days) years[holiday.day.year].emplace(holiday.day, holiday.name);
    Table table = *table_;
    for (const auto& [year, listed] : years) {
        const bool is_covered = listed.begin()->first.month == 1 && listed.rbegin()->first.month >= 11;
        std::map<Day, HolidayConflict> found;
        for (const Holiday& rule : list_holidays_by_rule(year)) {
            if (!is_covered || listed.contains(rule.day)) continue;
            found.emplace(rule.day, HolidayConflict{What::OnlyByRule, rule.day, rule.name, ""});
            table.erase(rule.day);
        }
        for (const auto& [day, name] : listed) {
            const auto rule = table.find(day);
            if (rule == table.end()) {
                found.emplace(day, HolidayConflict{What::OnlyListed, day, "", name});
                table.emplace(day, name);
            } else if (!is_same_name(rule->second, name)) {
                found.emplace(day, HolidayConflict{What::Renamed, day, rule->second, name});
                rule->second = name;
            }
        }
        for (auto& [day, conflict] : found) conflicts.push_back(std::move(conflict));
    }
    table_ = std::make_shared<const Table>(std::move(table));
}

std::optional<std::string_view> Holidays::find_name(Day day) const {
    const auto found = table_->find(day);
    if (found == table_->end()) return {};
    return found->second;
}

std::vector<Holiday> Holidays::list_year(int year) const {
    std::vector<Holiday> holidays;
    const auto end = table_->upper_bound({year, 12, 31});
    for (auto at = table_->lower_bound({year, 1, 1}); at != end; ++at) holidays.push_back({at->first, at->second});
    return holidays;
}

}  // namespace calendar
