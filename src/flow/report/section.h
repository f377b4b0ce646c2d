// The monthly operation report (月次運用報告書): one section is one file in sections/, named in sections.cc. A section
// turns records of the month into sentences, tables and pictures; every row of a table names the lines of the ledger
// that it comes from, so that each number can be traced. What the program has no records of is said as such.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "flow/site.h"
#include "ground/html/escape.h"
#include "office/contract/contract.h"

namespace flow::report {

struct Month {
    int year = 0, month = 0;
    std::string key() const;      ///< "2027-04"
    std::string wording() const;  ///< "令和9年4月"
    base::Day first() const, last() const;
    base::Instant begin() const, end() const;  ///< of Japanese time; end is the next month's begin
    Month next() const;
    auto operator<=>(const Month&) const = default;
};
/// Throws Error(BadInput) unless it is like "2027-04".
Month parse_month(std::string_view text);
Month month_of(base::Instant at);

struct Trace {
    std::string stream;  ///< "office", "watch"
    std::int64_t sequence = 0;
    auto operator<=>(const Trace&) const = default;
};

struct Column {
    std::string label;
    bool is_number = false;
};
struct Row {
    std::vector<std::string> cells;
    std::vector<Trace> traces;  ///< empty: from the measured figures, which are no lines of the ledger
};
struct Table {
    std::string id;  ///< "backups": the CSV file's name
    std::string caption;
    std::vector<Column> columns;
    std::vector<Row> rows;
    std::string none;  ///< what stands there when there is no row
};
struct Picture {
    html::SafeHtml svg;
    std::string caption;
};

/// As it stands on the paper.
struct Section {
    std::string_view id, title;
    std::vector<std::string> sentences;
    std::vector<Picture> pictures;
    std::vector<Table> tables;
};

using Lines = std::vector<contract::Line>;

/// What sections are made from.
struct Source {
    Site& site;
    const contract::Contract* contract;  ///< may be null
    Month month;
    base::Instant now;
    /// The end of what is reported: the month's, or now in a month that is not over.
    base::Instant until() const { return std::min(now, month.end()); }
    /// Points of a chart of the month, so that a step is an hour: minutes are not kept to the end of a month.
    int hours() const {
        return std::max(1,
                        static_cast<int>((until() - month.begin() + std::chrono::minutes(59)) / std::chrono::hours(1)));
    }
    bool holds(base::Instant at) const { return month.begin() <= at && at < until(); }

    /// The lines of a group of acts ("backup") or of one ("log.sealed"), of both streams, by time; of the month, or of
    /// all time up to its end (the newest kMostLines).
    Lines month_lines(std::string_view act) const;
    Lines all_lines(std::string_view act) const;
    /// Those that are about a day of the month (their field "day") and are written once that day is over.
    Lines day_lines(std::string_view act) const;
};
constexpr std::size_t kMostLines = 50'000;
/// How long after its day a line about it may come: whoever writes it may have been stopped meanwhile.
constexpr std::chrono::hours kLateDay{24 * 10};

/// To add a section: a file in sections/, its name in sections.cc.
struct SectionKind {
    std::string_view id;     ///< "backups"
    std::string_view title;  ///< "バックアップ"
    void (*make)(const Source& source, Section& section);
};
std::span<const SectionKind* const> all_sections();

// --- words that sections share

Trace trace_of(const contract::Line& line);
std::string text_of(const contract::Line& line, std::string_view field);
std::int64_t number_of(const contract::Line& line, std::string_view field);
/// When it happened: as whoever entered it says, else when it was entered.
base::Instant happened(const contract::Line& line);
/// "4月3日 08:05".
std::string time_text(base::Instant at);
/// The same of a deadline: the midnight at which a day's time is over is that day's "24:00".
std::string deadline_text(base::Instant due);
/// "3分", "2時間5分", "1日3時間".
std::string span_text(std::chrono::milliseconds span);
std::string bytes_text(double bytes);
/// "12,345".
std::string count_text(std::int64_t count);

/// The lines of one thing, in order.
struct Story {
    std::string subject;
    std::vector<const contract::Line*> lines;
    const contract::Line* first(std::string_view act) const;  ///< null: none
    const contract::Line* last(std::string_view act) const;
    /// A field's newest value in any of its lines; "".
    std::string newest(std::string_view field) const;
    std::vector<Trace> traces() const;
};
/// By subject, in the order of their first lines.
std::vector<Story> stories_of(const Lines& lines);

/// A picture of daily figures: a point each; nothing is a gap. `unit` as it is written: "秒", "%".
struct Daily {
    std::vector<std::optional<double>> values;
    std::string unit;
    double most = 0;  ///< of the scale; 0: of the values
};
html::SafeHtml draw_days(const Daily& daily, std::string_view label);

}  // namespace flow::report
