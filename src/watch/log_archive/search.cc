#include "watch/log_archive/search.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "watch/log_archive/export.h"
#include "watch/logs/access_line.h"

namespace log_archive {

using base::Error;
using base::Instant;
using base::Kind;

namespace {

constexpr std::size_t kShown = 2000;
constexpr std::int64_t kLinesBetweenLooks = 512;

/// The line after which to go on: "2026-11-22 access 1200".
struct Cursor {
    base::Day day;
    std::string series;
    std::int64_t line = 0;
};

std::optional<Cursor> read_cursor(const std::string& text) {
    if (text.empty()) return std::nullopt;
    const auto parts = base::split(text, ' ');
    Cursor cursor;
    const auto day = base::parse_day(parts[0]);
    const bool is_whole =
        parts.size() == 3 && day &&
        std::from_chars(parts[2].data(), parts[2].data() + parts[2].size(), cursor.line).ec == std::errc{};
    if (!is_whole || cursor.line < 0)
        throw Error(Kind::BadInput, "続きの位置がわかりません。はじめから探し直してください。");
    cursor.day = *day;
    cursor.series = std::string(parts[1]);
    return cursor;
}

bool fits(std::string_view line, const Search& asked) {
    if (!asked.text.empty() && line.find(asked.text) == line.npos) return false;
    if (asked.status.empty() && asked.path.empty() && asked.address.empty()) return true;
    const auto access = logs::read_access_line(line);
    return access && access->address.starts_with(asked.address) &&
           access->target.find(asked.path) != std::string::npos &&
           std::to_string(access->status).starts_with(asked.status);
}

}  // namespace

Found search(const Place& place, const Search& asked) {
    Found found;
    const auto start = place.clock.monotonic();
    const auto cursor = read_cursor(asked.after);
    std::vector<Day> days;
    place.database.read([&](sys::Reader& db) {
        check_kinds(db, asked.kinds);
        days = list_days(db, Filter{asked.kinds, asked.from, asked.until, false});
    });
    std::sort(days.begin(), days.end(),
              [](const Day& a, const Day& b) { return std::tie(a.day, a.series) < std::tie(b.day, b.series); });
    std::uint64_t bytes = 0;
    for (const Day& day : days) {
        std::int64_t skipped = 0;
        if (cursor) {
            if (std::tie(day.day, day.series) < std::tie(cursor->day, cursor->series)) continue;
            if (day.day == cursor->day && day.series == cursor->series) skipped = cursor->line;
        }
        if (day.bytes == 0 || skipped >= day.lines) continue;
        std::int64_t number = 0;
        const auto stop = [&](Instant at, bool is_cut) {
            found.after = fmt::format("{} {} {}", base::format_day(day.day), day.series, number);
            found.is_cut = is_cut;
            found.reached = at;
            return false;
        };
        try {
            each_line_of(place, day, [&](std::string_view line, Instant at) {
                if (++number <= skipped) return true;
                ++found.lines;
                bytes += line.size() + 1;
                if (at >= asked.from && at < asked.until && fits(line, asked)) {
                    const std::string valid = base::to_valid_utf8(line.substr(0, kShown * 4));
                    found.hits.push_back(
                        {day.series, day.kind, at, std::string(base::first_code_points(valid, kShown))});
                    if (found.hits.size() >= asked.limit) return stop(at, false);
                }
                if (found.lines % kLinesBetweenLooks != 0) return true;
                if (bytes > asked.most_bytes || place.clock.monotonic() - start > asked.patience) return stop(at, true);
                return true;
            });
        } catch (const Error& error) {
            found.problem = fmt::format("{}の{}を読めませんでした（{}）。", kind_wording(day.kind),
                                        base::format_day(day.day), error.message());
        }
        if (!found.after.empty()) break;
    }
    return found;
}

}  // namespace log_archive
