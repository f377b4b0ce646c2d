#include <map>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/files.h"
#include "watch/log_archive/inside/store.h"
#include "watch/log_archive/packing.h"

namespace log_archive {

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

/// What the ledger says of one day.
struct Record {
    std::string series, day, sha256, packed_sha256;
    std::int64_t bytes = 0, packed_bytes = 0;
    bool is_sealed = false, is_packed = false, is_removed = false;
    bool is_changed = false;  ///< before it was sealed
};

std::string text_of(const json::object& detail, std::string_view name) {
    const auto* value = detail.if_contains(name);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::map<std::string, Record> read_records(sys::Reader& db) {
    std::map<std::string, Record> records;
    ledger::Search search;
    search.stream = std::string(ledger::kWatch);
    search.act = "log";
    search.limit = 1000;
    for (;;) {
        const auto lines = ledger::find_lines(db, search);
        for (const ledger::Line& line : lines) {
            boost::system::error_code problem;
            const json::value detail = json::parse(line.entry.detail, problem);
            if (problem || !detail.is_object()) continue;
            const json::object& fields = detail.get_object();
            const auto* const bytes = fields.if_contains("bytes");
            const std::int64_t size = bytes && bytes->is_int64() ? bytes->get_int64() : 0;
            Record& record = records[line.entry.subject];
            if (line.entry.act == "log.sealed") {
                record.is_sealed = true;
                record.series = text_of(fields, "series");
                record.day = text_of(fields, "day");
                record.sha256 = text_of(fields, "sha256");
                record.bytes = size;
                const auto* const changed = fields.if_contains("changed_before");
                record.is_changed = changed && changed->is_bool() && changed->get_bool();
            } else if (line.entry.act == "log.packed") {
                record.is_packed = true;
                record.packed_sha256 = text_of(fields, "sha256");
                record.packed_bytes = size;
            } else if (line.entry.act == "log.removed") {
                record.is_removed = true;
            }
        }
        if (static_cast<int>(lines.size()) < search.limit) break;
        search.before = lines.back().sequence;
    }
    return records;
}

/// What is wrong with the file of a day; "" when nothing is.
std::string look_at(const Place& place, const Day& day, const Record& record, bool is_read, Verified& done) {
    if (record.bytes == 0) return "";
    const fs::path file = file_of(place, day);
    const bool is_packed = day.state == State::Packed;
    if (is_packed && !record.is_packed) return "changed";
    std::error_code problem;
    const auto status = fs::symlink_status(file, problem);
    if (!fs::is_regular_file(status)) return fs::exists(status) ? "changed" : "missing";
    const auto size = static_cast<std::int64_t>(fs::file_size(file, problem));
    if (problem || size != (is_packed ? record.packed_bytes : record.bytes)) return "changed";
    if (!is_read) return "";
    done.bytes += size;
    return hash_of(file).hex() == (is_packed ? record.packed_sha256 : record.sha256) ? "" : "changed";
}

std::string message_of(std::string_view kind, std::string_view day, std::string_view what) {
    return what == "missing" ? fmt::format("{}の{}が保存場所にありません。", kind_wording(kind), day)
                             : fmt::format("{}の{}が、封印したときの内容ではありません。", kind_wording(kind), day);
}

}  // namespace

Verified verify(const Place& place, const std::function<bool(const Day&)>& is_read,
                const std::function<bool()>& is_stopped) {
    Verified done;
    std::map<std::string, Record> records;
    std::map<std::string, Day> days;
    std::vector<SeriesRow> series;
    place.database.read([&](sys::Reader& db) {
        records = read_records(db);
        Filter all;
        all.has_removed = true;
        for (Day& day : list_days(db, all))
            if (day.state != State::Open) days.emplace(subject_of(day.series, day.day), std::move(day));
        for (const Newest& one : list_series(db)) series.push_back(find_series(db, one.series).value());
    });
    const auto tell = [&](const std::string& name, base::Day day, std::string what, std::string message) {
        done.faults.push_back({name, day, std::move(what), std::move(message)});
    };
    for (const auto& [subject, record] : records) {
        if (is_stopped && is_stopped()) return done;
        if (!record.is_sealed || record.is_removed) continue;
        const auto found = days.find(subject);
        if (found == days.end()) {
            const auto day = base::parse_day(record.day).value_or(base::Day{});
            tell(record.series, day, "missing",
                 fmt::format("{}の{}が、業務記録にはあるのに、保存の一覧にありません。", record.series, record.day));
            continue;
        }
        const Day& day = found->second;
        ++done.days;
        std::string what;
        bool was_changed_before = false;
        try {
            if (day.state == State::Removed)
                what = "missing";
            else if (day.sha256.hex() != record.sha256)
                what = "changed";
            else
                what = look_at(place, day, record, !is_read || is_read(day) || !day.fault.empty(), done);
            was_changed_before = what.empty() && record.is_changed;
            if (was_changed_before) what = "changed";
        } catch (const base::Error&) {
            what = "changed";  // it is there and cannot be read
        }
        if (!what.empty())
            tell(day.series, day.day, what,
                 was_changed_before ? fmt::format("{}の{}は、集めた後、封印する前に書き換えられています。",
                                                  kind_wording(day.kind), record.day)
                                    : message_of(day.kind, record.day, what));
        if (what != day.fault)
            place.database.write([&](sys::Transaction& tx) { set_fault(tx, day.series, day.day, what); });
    }
    for (const auto& [subject, day] : days)
        if (const auto record = records.find(subject); record == records.end() || !record->second.is_sealed)
            tell(day.series, day.day, "changed",
                 fmt::format("{}の{}を封印した記録が、業務記録にありません。", kind_wording(day.kind),
                             base::format_day(day.day)));
    // Every day since a log began has its record, up to the newest.
    for (const SeriesRow& one : series) {
        base::Day newest = one.began_on;
        for (const auto& [subject, day] : days)
            if (day.series == one.name) newest = std::max(newest, day.day);
        for (base::Day day = one.began_on; day < newest; day = day + 1)
            if (!days.contains(subject_of(one.name, day)) && !records.contains(subject_of(one.name, day)))
                tell(one.name, day, "missing",
                     fmt::format("{}の{}を封印した記録がありません。", kind_wording(one.kind), base::format_day(day)));
    }
    return done;
}

}  // namespace log_archive
