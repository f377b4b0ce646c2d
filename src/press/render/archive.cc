#include "press/render/archive.h"

#include "ground/base/error.h"
#include "ground/calendar/era.h"

namespace render {

using content::Archive;

namespace {

std::string list_of(const content::Section& section) {
    return "list:" + section.path;
}

std::string month_of(base::Instant at) {
    const base::Day day = base::local_day(at);
    return fmt::format("{:04}-{:02}", day.year, day.month);
}

}  // namespace

std::string period_of(const content::Section& section, const content::Membership& entry) {
    if (section.archive == Archive::ByMonth) return month_of(entry.published_at);
    return std::to_string((entry.place - 1) / section.archive_size + 1);
}

Range range_of(const content::Section& section, std::string_view period) {
    if (section.archive == Archive::ByMonth) {
        if (const auto first = base::parse_day(fmt::format("{}-01", period))) {
            const base::Day next =
                first->month == 12 ? base::Day{first->year + 1, 1, 1} : base::Day{first->year, first->month + 1, 1};
            return {base::from_local({*first}), base::from_local({next}), 0, 0};
        }
    } else if (section.archive == Archive::ByCount && period.size() <= 9 &&
               period.find_first_not_of("0123456789") == std::string_view::npos) {
        const std::int64_t number = std::strtoll(std::string(period).c_str(), nullptr, 10);
        if (number > 0) return {{}, {}, (number - 1) * section.archive_size + 1, number * section.archive_size};
    }
    throw base::Error(base::Kind::NotFound, fmt::format("{} has no archive page {}", section.path, period));
}

std::string period_title(const content::Section& section, std::string_view period) {
    const Range range = range_of(section, period);
    if (section.archive == Archive::ByCount) return fmt::format("{}件目から{}件目まで", range.first, range.last);
    const base::Day day = base::local_day(range.from);
    const std::string era = calendar::format_era(day);
    return fmt::format("{}年{}月（{}年）", day.year, day.month, era.substr(0, era.find("年")));
}

std::vector<std::string> list_periods(sys::Reader& db, const content::Section& section) {
    std::vector<std::string> periods;
    const std::string list = list_of(section);
    if (section.archive == Archive::ByMonth) {
        // From one month's newest entry to the month before: as many steps as there are months.
        for (auto at = content::find_before(db, list, {INT64_MAX}); at;
             at = content::find_before(db, list, range_of(section, periods.back()).from))
            periods.push_back(month_of(at->published_at));
    } else if (section.archive == Archive::ByCount) {
        for (auto place = content::find_place_below(db, list, INT64_MAX); place;
             place = content::find_place_below(db, list, range_of(section, periods.back()).first))
            periods.push_back(period_of(section, {list, {}, *place}));
    }
    return periods;
}

PeriodsBeside periods_beside(sys::Reader& db, const content::Section& section, std::string_view period) {
    const Range range = range_of(section, period);
    const std::string list = list_of(section);
    PeriodsBeside beside;
    if (section.archive == Archive::ByMonth) {
        if (const auto newer = content::find_from(db, list, range.until)) beside.newer = period_of(section, *newer);
        if (const auto older = content::find_before(db, list, range.from)) beside.older = period_of(section, *older);
    } else {
        if (const auto place = content::find_place_from(db, list, range.last + 1))
            beside.newer = period_of(section, {list, {}, *place});
        if (const auto place = content::find_place_below(db, list, range.first))
            beside.older = period_of(section, {list, {}, *place});
    }
    return beside;
}

std::string archive_source(std::string_view section, std::string_view period) {
    return fmt::format("archive:{}:{}", section, period);
}

std::string archive_path(std::string_view section, std::string_view period) {
    return fmt::format("{}archive/{}.html", section, period);
}

}  // namespace render
