// The only file with SQL on log_series and log_day.
#include "watch/log_archive/inside/store.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace log_archive {

using base::Error;
using base::Instant;
using sys::Value;

namespace {

// Times are those that the lines name. What is sealed never changes again but for its state and its fault.
constexpr std::string_view kTables = R"sql(
CREATE TABLE log_series (
    name {key} PRIMARY KEY,
    kind {key} NOT NULL,
    position TEXT NOT NULL,
    collected_at BIGINT NOT NULL,
    began_on {key} NOT NULL,
    last_day {key}
);
CREATE TABLE log_day (
    series {key} NOT NULL,
    day {key} NOT NULL,
    kind {key} NOT NULL,
    state {key} NOT NULL CHECK (state IN ('open', 'sealed', 'packed', 'removed')),
    lines BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    first_at BIGINT,
    last_at BIGINT,
    tail_at BIGINT,
    sealed_at BIGINT,
    sha256 {key} NOT NULL DEFAULT '',
    packed_bytes BIGINT NOT NULL DEFAULT 0,
    packed_sha256 {key} NOT NULL DEFAULT '',
    crc BIGINT NOT NULL DEFAULT 0,
    fault {key} NOT NULL DEFAULT '' CHECK (fault IN ('', 'missing', 'changed')),
    PRIMARY KEY (series, day)
);
CREATE INDEX log_day_day ON log_day (day);
)sql";
constexpr sys::Migration kMigrations[] = {{"0001_log_archive", kTables}};

constexpr KindRow kKinds[] = {{"access", "アクセスログ"}, {"office", "管理画面のアクセスログ"},
                              {"audit", "業務記録"},      {"system", "プログラムのログ"},
                              {"security", "安全の記録"}, {"other", "サーバのログ"}};
struct StateRow {
    std::string_view id, wording;
};
constexpr StateRow kStates[] = {
    {"open", "収集中"}, {"sealed", "封印済み"}, {"packed", "封印・圧縮済み"}, {"removed", "保存期間終了"}};

constexpr std::string_view kColumns =
    "series, day, kind, state, lines, bytes, first_at, last_at, tail_at, sealed_at, sha256, packed_bytes, "
    "packed_sha256, crc, fault";

std::optional<Instant> maybe_time(const sys::Row& row, std::size_t column) {
    if (row.is_null(column)) return std::nullopt;
    return Instant{row.integer(column)};
}
Value value_of(const std::optional<Instant>& at) {
    return at ? Value(at->milliseconds) : Value(nullptr);
}

Day day_of(const sys::Row& row) {
    Day day;
    day.series = row.text(0);
    day.day = base::parse_day(row.text(1)).value();
    day.kind = row.text(2);
    const auto* const state = std::find_if(std::begin(kStates), std::end(kStates),
                                           [&](const StateRow& one) { return one.id == row.text(3); });
    day.state = static_cast<State>(state - std::begin(kStates));
    day.lines = row.integer(4);
    day.bytes = row.integer(5);
    day.first = maybe_time(row, 6);
    day.last = maybe_time(row, 7);
    day.tail = maybe_time(row, 8);
    day.sealed_at = maybe_time(row, 9);
    day.sha256 = base::Hash::find_hex(row.text(10)).value_or(base::Hash{});
    day.packed_bytes = row.integer(11);
    day.packed_sha256 = base::Hash::find_hex(row.text(12)).value_or(base::Hash{});
    day.crc = static_cast<std::uint32_t>(row.integer(13));
    day.fault = row.text(14);
    return day;
}

}  // namespace

std::span<const sys::Migration> migrations() {
    return kMigrations;
}

std::span<const KindRow> all_kinds() {
    return kKinds;
}

std::string_view kind_wording(std::string_view id) {
    const auto* const row =
        std::find_if(std::begin(kKinds), std::end(kKinds), [&](const KindRow& one) { return one.id == id; });
    return row == std::end(kKinds) ? id : row->wording;
}

std::string_view state_id(State state) {
    return kStates[static_cast<std::size_t>(state)].id;
}
std::string_view state_wording(State state) {
    return kStates[static_cast<std::size_t>(state)].wording;
}

std::string subject_of(std::string_view series, base::Day day) {
    return fmt::format("log:{}/{}", series, base::format_day(day));
}

std::optional<SeriesRow> find_series(sys::Reader& db, std::string_view name) {
    const auto row =
        db.find("SELECT name, kind, position, collected_at, began_on, last_day FROM log_series WHERE name = $1",
                {std::string(name)});
    if (!row) return std::nullopt;
    return SeriesRow{row->text(0),
                     row->text(1),
                     row->text(2),
                     Instant{row->integer(3)},
                     base::parse_day(row->text(4)).value(),
                     row->is_null(5) ? std::nullopt : base::parse_day(row->text(5))};
}

void keep_series(sys::Transaction& tx, const SeriesRow& row) {
    tx.execute(
        "INSERT INTO log_series (name, kind, position, collected_at, began_on, last_day) VALUES ($1, $2, $3, $4, $5, "
        "$6) ON CONFLICT (name) DO UPDATE SET kind = $2, position = $3, collected_at = $4, last_day = $6",
        {row.name, row.kind, row.position, row.collected_at.milliseconds, base::format_day(row.began_on),
         row.last_day ? Value(base::format_day(*row.last_day)) : Value(nullptr)});
}

std::vector<Day> days_of(sys::Reader& db, std::string_view series) {
    std::vector<Day> days;
    db.each(fmt::format("SELECT {} FROM log_day WHERE series = $1 ORDER BY day", kColumns), {std::string(series)},
            [&](const sys::Row& row) {
                days.push_back(day_of(row));
                return true;
            });
    return days;
}

std::optional<Day> find_day(sys::Reader& db, std::string_view series, base::Day day) {
    const auto row = db.find(fmt::format("SELECT {} FROM log_day WHERE series = $1 AND day = $2", kColumns),
                             {std::string(series), base::format_day(day)});
    if (!row) return std::nullopt;
    return day_of(*row);
}

void keep_day(sys::Transaction& tx, const Day& day) {
    const auto hex = [](const base::Hash& hash) { return hash == base::Hash{} ? std::string() : hash.hex(); };
    tx.execute("DELETE FROM log_day WHERE series = $1 AND day = $2", {day.series, base::format_day(day.day)});
    tx.execute(fmt::format("INSERT INTO log_day ({}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
                           "$14, $15)",
                           kColumns),
               {day.series, base::format_day(day.day), day.kind, std::string(state_id(day.state)), day.lines, day.bytes,
                value_of(day.first), value_of(day.last), value_of(day.tail), value_of(day.sealed_at), hex(day.sha256),
                day.packed_bytes, hex(day.packed_sha256), std::int64_t{day.crc}, day.fault});
}

void set_fault(sys::Transaction& tx, std::string_view series, base::Day day, std::string_view fault) {
    tx.execute("UPDATE log_day SET fault = $3 WHERE series = $1 AND day = $2",
               {std::string(series), base::format_day(day), std::string(fault)});
}

std::vector<Day> list_days(sys::Reader& db, const Filter& filter) {
    std::vector<Day> days;
    db.each(fmt::format("SELECT {} FROM log_day ORDER BY series, day", kColumns), {}, [&](const sys::Row& row) {
        Day day = day_of(row);
        const auto is_asked = [&](const std::string& word) { return word == day.kind || word == day.series; };
        if (!filter.kinds.empty() && std::none_of(filter.kinds.begin(), filter.kinds.end(), is_asked)) return true;
        if (!filter.has_removed && day.state == State::Removed) return true;
        // A day without lines is of its own time.
        const Instant begin = base::from_local({day.day});
        if (filter.from && day.last.value_or(begin + std::chrono::hours(24)) < *filter.from) return true;
        if (filter.until && day.first.value_or(begin) >= *filter.until) return true;
        days.push_back(std::move(day));
        return true;
    });
    return days;
}

void check_kinds(sys::Reader& db, const std::vector<std::string>& kinds) {
    for (const std::string& word : kinds) {
        const bool is_kind =
            std::any_of(std::begin(kKinds), std::end(kKinds), [&](const KindRow& one) { return one.id == word; });
        if (is_kind || find_series(db, word)) continue;
        std::vector<std::string> names;
        for (const KindRow& one : kKinds) names.emplace_back(one.id);
        for (const Newest& one : list_series(db)) names.push_back(one.series);
        throw Error(base::Kind::BadInput,
                    fmt::format("there is no log \"{}\"; there are {}", word, base::join(names, ", ")));
    }
}

std::vector<Newest> list_series(sys::Reader& db) {
    std::vector<Newest> all;
    for (const sys::Row& row : db.query("SELECT name, kind, collected_at FROM log_series ORDER BY name"))
        all.push_back({row.text(0), row.text(1), Instant{row.integer(2)}});
    return all;
}

}  // namespace log_archive
