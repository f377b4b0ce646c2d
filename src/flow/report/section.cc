#include "flow/report/section.h"

#include <cmath>

#include <fmt/format.h>

#include "flow/contract_status.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/deadline.h"
#include "ground/calendar/era.h"
#include "ground/ledger/store.h"

namespace flow::report {

using base::Error;
using base::Kind;
using contract::Line;

namespace {

constexpr int kPage = 1000;

Lines read(const Source& source, std::string_view act, std::optional<base::Instant> from, base::Instant until) {
    Lines found;
    for (const std::string_view stream : {ledger::kOffice, ledger::kWatch}) {
        sys::Database* database = stream == ledger::kOffice ? source.site.database.get() : source.site.find_watch();
        if (database == nullptr) continue;
        database->read([&](sys::Reader& db) {
            ledger::Search search;
            search.stream = stream;
            search.act = act;
            search.from = from;
            search.until = until;
            search.limit = kPage;
            for (std::size_t taken = 0; taken < kMostLines; taken += kPage) {
                const auto page = ledger::find_lines(db, search);
                for (const ledger::Line& line : page) found.push_back(contract_line(line));
                if (page.size() < static_cast<std::size_t>(kPage)) break;
                search.before = page.back().sequence;
            }
        });
    }
    std::sort(found.begin(), found.end(), [](const Line& a, const Line& b) {
        return std::tie(a.at, a.stream, a.sequence) < std::tie(b.at, b.stream, b.sequence);
    });
    return found;
}

}  // namespace

std::string Month::key() const {
    return fmt::format("{:04}-{:02}", year, month);
}

std::string Month::wording() const {
    return calendar::format_era_month(first());
}

base::Day Month::first() const {
    return {year, month, 1};
}

base::Day Month::last() const {
    return next().first() - 1;
}

base::Instant Month::begin() const {
    return base::from_local({first()});
}

base::Instant Month::end() const {
    return next().begin();
}

Month Month::next() const {
    return month == 12 ? Month{year + 1, 1} : Month{year, month + 1};
}

Month parse_month(std::string_view text) {
    const auto day = text.size() == 7 ? base::parse_day(std::string(text) + "-01") : std::nullopt;
    if (!day || day->year < 2000)
        throw Error(Kind::BadInput, fmt::format("「{}」は月ではありません。「2027-04」の形で指定してください。", text));
    return {day->year, day->month};
}

Month month_of(base::Instant at) {
    const base::Day day = base::local_day(at);
    return {day.year, day.month};
}

Lines Source::month_lines(std::string_view act) const {
    return read(*this, act, month.begin(), until());
}

Lines Source::all_lines(std::string_view act) const {
    return read(*this, act, std::nullopt, until());
}

Lines Source::day_lines(std::string_view act) const {
    Lines lines = read(*this, act, month.begin(), std::min(now, month.end() + kLateDay));
    std::erase_if(lines, [&](const Line& line) { return !text_of(line, "day").starts_with(month.key()); });
    return lines;
}

Trace trace_of(const Line& line) {
    return {line.stream, line.sequence};
}

std::string text_of(const Line& line, std::string_view field) {
    return std::string(contract::find_value(line, field).value_or(""));
}

std::int64_t number_of(const Line& line, std::string_view field) {
    const std::string text = text_of(line, field);
    const double value = std::strtod(text.c_str(), nullptr);
    return std::isfinite(value) && std::abs(value) < 9e18 ? static_cast<std::int64_t>(value) : 0;
}

base::Instant happened(const Line& line) {
    return base::parse_utc(text_of(line, "happened_at")).value_or(line.at);
}

static std::string written(const base::LocalTime& time) {
    return fmt::format("{}月{}日 {:02}:{:02}", time.day.month, time.day.day, time.hour, time.minute);
}

std::string time_text(base::Instant at) {
    return written(base::to_local(at));
}

std::string deadline_text(base::Instant due) {
    return written(calendar::due_time(due));
}

std::string span_text(std::chrono::milliseconds span) {
    const auto minutes = span.count() / 60'000;
    if (minutes < 1) return fmt::format("{}秒", span.count() / 1000);
    if (minutes < 60) return fmt::format("{}分", minutes);
    if (minutes < 48 * 60)
        return minutes % 60 == 0 ? fmt::format("{}時間", minutes / 60)
                                 : fmt::format("{}時間{}分", minutes / 60, minutes % 60);
    return fmt::format("{}日{}時間", minutes / 1440, minutes % 1440 / 60);
}

std::string bytes_text(double bytes) {
    constexpr std::string_view kUnits[] = {"バイト", "KB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    while (bytes >= 1024 && unit + 1 < std::size(kUnits)) {
        bytes /= 1024;
        ++unit;
    }
    return unit == 0 ? fmt::format("{:.0f}{}", bytes, kUnits[0]) : fmt::format("{:.1f}{}", bytes, kUnits[unit]);
}

std::string count_text(std::int64_t count) {
    std::string digits = fmt::format("{}", count);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (count < 0 ? 1 : 0); at -= 3)
        digits.insert(static_cast<std::size_t>(at), ",");
    return digits;
}

const Line* Story::first(std::string_view act) const {
    const auto found = std::find_if(lines.begin(), lines.end(), [&](const Line* line) { return line->act == act; });
    return found == lines.end() ? nullptr : *found;
}

const Line* Story::last(std::string_view act) const {
    const auto found = std::find_if(lines.rbegin(), lines.rend(), [&](const Line* line) { return line->act == act; });
    return found == lines.rend() ? nullptr : *found;
}

std::string Story::newest(std::string_view field) const {
    for (auto line = lines.rbegin(); line != lines.rend(); ++line)
        if (auto value = contract::find_value(**line, field); value && !value->empty()) return std::string(*value);
    return {};
}

std::vector<Trace> Story::traces() const {
    std::vector<Trace> all;
    for (const Line* line : lines) all.push_back(trace_of(*line));
    return all;
}

std::vector<Story> stories_of(const Lines& lines) {
    std::vector<Story> stories;
    std::map<std::string, std::size_t, std::less<>> places;
    for (const Line& line : lines) {
        const auto [at, is_new] = places.try_emplace(line.subject, stories.size());
        if (is_new) stories.push_back({line.subject, {}});
        stories[at->second].lines.push_back(&line);
    }
    return stories;
}

html::SafeHtml draw_days(const Daily& daily, std::string_view label) {
    constexpr double kWidth = 640, kHeight = 170, kLeft = 52, kRight = 632, kTop = 12, kBottom = 140;
    double most = daily.most;
    for (const auto& value : daily.values)
        if (value) most = std::max(most, *value);
    if (most <= 0) most = 1;
    const auto count = static_cast<double>(std::max<std::size_t>(daily.values.size(), 2));
    const auto x = [&](std::size_t i) { return kLeft + (kRight - kLeft) * (static_cast<double>(i) + 0.5) / count; };
    const auto y = [&](double value) { return kBottom - (kBottom - kTop) * std::max(value, 0.0) / most; };
    std::string svg = fmt::format(
        R"(<svg viewBox="0 0 {} {}" role="img" aria-label="{}" font-family="BIZ UDPGothic, Noto Sans CJK JP, sans-serif" font-size="10" fill="#333">)",
        kWidth, kHeight, html::escape_attribute(label));
    for (const double part : {0.0, 0.5, 1.0})
        svg += fmt::format(
            R"(<line x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}" stroke="#b3b3b3" stroke-width="1"/><text x="{3}" y="{4:.1f}" text-anchor="end">{5:.3g}{6}</text>)",
            kLeft, kRight, y(most * part), kLeft - 5, y(most * part) + 3.5, most * part, html::escape_text(daily.unit));
    const double wide = (kRight - kLeft) / count * 0.62;
    for (std::size_t i = 0; i < daily.values.size(); ++i) {
        if (daily.values[i])
            svg +=
                fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="#264af4"/>)",
                            x(i) - wide / 2, y(*daily.values[i]), wide, std::max(kBottom - y(*daily.values[i]), 0.8));
        if (i == 0 || (i + 1) % 5 == 0)
            svg +=
                fmt::format(R"(<text x="{:.1f}" y="{}" text-anchor="middle">{}日</text>)", x(i), kBottom + 14, i + 1);
    }
    return html::SafeHtml(svg + "</svg>");
}

}  // namespace flow::report
