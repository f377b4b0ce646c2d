#include "office/vulnerabilities/inspections.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "office/records/store.h"
#include "office/vulnerabilities/inside/rows.h"

namespace vulnerabilities {

using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kShort = 300, kLong = 4000;

constexpr std::string_view kColumns =
    "SELECT i.id, i.number, i.title, i.body, i.independence, i.scope, i.begins_on, i.ends_on, i.next_on, "
    "i.reported_at, i.reported_to, "
    "i.made_at, i.made_by, i.change, (SELECT count(*) FROM inspection_finding f WHERE f.inspection_id = i.id AND "
    "f.state = 'open'), "
    "(SELECT count(*) FROM inspection_finding f WHERE f.inspection_id = i.id) FROM inspection i ";

Inspection inspection_of(const sys::Row& row) {
    Inspection one;
    one.id = row.integer(0);
    one.number = row.text(1);
    one.title = row.text(2);
    one.body = row.text(3);
    one.independence = row.text(4);
    one.scope = row.text(5);
    one.begins_on = base::parse_day(row.text(6)).value_or(base::Day{});
    one.ends_on = base::parse_day(row.text(7));
    one.next_on = base::parse_day(row.text(8));
    one.reported_at = instant_of(row, 9);
    one.reported_to = row.text(10);
    one.made_at = {row.integer(11)};
    one.made_by = row.text(12);
    one.change = row.integer(13);
    one.open = row.integer(14);
    one.all = row.integer(15);
    return one;
}

std::string need(std::string_view text, std::size_t most, std::string_view what) {
    std::string words = bounded(text, most);
    if (words.empty()) throw Error(Kind::BadInput, fmt::format("{}を入れてください。", what));
    return words;
}

}  // namespace

std::string Inspection::subject() const {
    return fmt::format("inspection:{}", id);
}

std::string_view finding_state_wording(std::string_view state) {
    return state == "open"      ? "未対応"
           : state == "mended"  ? "対応済み（再検査待ち）"
           : state == "cleared" ? "再検査で解消"
                                : "受容";
}

Inspection plan_inspection(sys::Transaction& tx, const Inspection& made, const By& by, std::string_view once) {
    if (const auto before = find_once(tx, "inspection", once)) return load_inspection(tx, *before);
    const std::string number = records::take_number(tx, "inspection", by.at);
    const std::string body = need(made.body, kShort, "検査する機関");
    const std::string independence = need(made.independence, kLong, "独立性");
    const std::string scope = need(made.scope, kLong, "範囲"), title = need(made.title, kShort, "件名");
    const auto id = tx.insert(
        "INSERT INTO inspection (number, title, body, independence, scope, begins_on, made_at, made_by) VALUES ($1, "
        "$2, $3, $4, $5, $6, "
        "$7, $8) RETURNING id",
        {number, title, body, independence, scope, base::format_day(made.begins_on), by.at.milliseconds, by.who});
    set_once(tx, "inspection", id, once);
    append(tx, by, "inspection.plan", fmt::format("inspection:{}", id),
           {{"number", number}, {"title", title}, {"body", body}, {"begins_on", base::format_day(made.begins_on)}});
    return load_inspection(tx, id);
}

Imported import_results(sys::Transaction& tx, std::int64_t id, const Results& results, bool is_retest,
                        std::string_view file_hash, const By& by) {
    const Inspection inspection = load_inspection(tx, id);
    if (inspection.reported_at)
        throw Error(Kind::Conflict, "報告した後の検査には、結果を加えられません。新しい検査を登録してください。");
    Imported done;
    for (const Finding& one : results.findings) {
        ++done.found;
        const auto before = tx.find(
            "SELECT id, state FROM inspection_finding WHERE inspection_id = $1 AND tool = $2 AND finding_key = $3",
            {id, one.tool, one.key});
        if (!before) {
            // An open port is something to know, not something to mend.
            const std::string state = one.severity == advisories::Severity::None ? "accepted" : "open";
            tx.execute(
                "INSERT INTO inspection_finding (inspection_id, tool, finding_key, title, severity, place, detail, "
                "state, found_at, "
                "seen_at, host) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)",
                {id, one.tool, one.key, one.title, std::string(severity_id(one.severity)), one.place, one.detail, state,
                 by.at.milliseconds, one.host});
            ++done.added;
            continue;
        }
        const bool is_back = is_retest && (before->text(1) == "mended" || before->text(1) == "cleared");
        if (is_back) ++done.again;
        tx.execute(
            "UPDATE inspection_finding SET seen_at = $2, state = $3, detail = $4 WHERE id = $1",
            {before->integer(0), by.at.milliseconds, is_back ? std::string("open") : before->text(1), one.detail});
        if (is_retest)
            tx.execute("UPDATE inspection_finding SET retested_at = $2 WHERE id = $1",
                       {before->integer(0), by.at.milliseconds});
    }
    // Also by a run that found nothing at all; of what it could not look at, or not read, it says nothing.
    done.is_whole = results.is_whole && results.left_out == 0;
    if (is_retest && done.is_whole)
        for (const std::string& host : results.hosts)
            done.cleared += tx.execute(
                "UPDATE inspection_finding SET state = 'cleared', retested_at = $3 WHERE inspection_id = $1 AND tool = "
                "$2 AND state = 'mended' AND seen_at < $3 AND host = $4",
                {id, results.tool, by.at.milliseconds, host});
    append(tx, by, "inspection.import", inspection.subject(),
           {{"found", done.found},
            {"added", done.added},
            {"again", done.again},
            {"cleared", done.cleared},
            {"left_out", results.left_out},
            {"whole", done.is_whole},
            {"retest", is_retest},
            {"file", file_hash}});
    return done;
}

std::string StoredFinding::mark() const {
    return fmt::format("{}-{}", state, decided_at ? decided_at->milliseconds : 0);
}

void decide_finding(sys::Transaction& tx, std::int64_t finding, std::string_view state, std::string_view note,
                    const By& by, std::string_view mark) {
    if (state != "open" && state != "mended" && state != "accepted")
        throw Error(Kind::BadInput, "対応を選んでください。");
    const std::string words = need(note, kLong, state == "accepted" ? "受容する理由" : "対応した内容");
    const auto row = tx.find(
        "SELECT f.inspection_id, f.title, i.reported_at, f.state, f.decided_at FROM inspection_finding f JOIN "
        "inspection i ON i.id = "
        "f.inspection_id WHERE f.id = $1",
        {finding});
    if (!row) throw Error(Kind::NotFound, "この指摘は見つかりません。");
    if (!row->is_null(2)) throw Error(Kind::Conflict, "報告した後の検査の指摘は、変えられません。");
    StoredFinding before;
    before.state = row->text(3);
    before.decided_at = instant_of(*row, 4);
    if (!mark.empty() && mark != before.mark()) need_current(0);
    tx.execute("UPDATE inspection_finding SET state = $2, note = $3, decided_by = $4, decided_at = $5 WHERE id = $1",
               {finding, std::string(state), words, by.who, by.at.milliseconds});
    append(tx, by, "inspection.judge", fmt::format("inspection:{}", row->integer(0)),
           {{"finding", finding}, {"title", row->text(1)}, {"state", state}, {"note", words}});
}

void report_inspection(sys::Transaction& tx, std::int64_t id, std::string_view to, base::Day ends_on,
                       std::optional<base::Day> next_on, std::int64_t change, const By& by) {
    const Inspection one = load_inspection(tx, id);
    if (one.reported_at) throw Error(Kind::Conflict, "もう報告されています。");
    if (one.open > 0) throw Error(Kind::Conflict, fmt::format("対応を決めていない指摘が{}件あります。", one.open));
    const std::string whom = need(to, kShort, "報告した相手");
    if (ends_on < one.begins_on) throw Error(Kind::BadInput, "検査の終わりの日が、始まりの日より前です。");
    if (ends_on > base::local_day(by.at)) throw Error(Kind::BadInput, "検査の終わりの日が、今日より後です。");
    const base::Day next = next_on.value_or(ends_on + 365);
    if (next <= ends_on || next > ends_on + 366) throw Error(Kind::BadInput, "次の検査は、1年以内の日にしてください。");
    if (records::list_files(tx, one.subject()).empty())
        throw Error(Kind::Conflict, "報告の前に、検査の報告書や結果のファイルを取り込んでください。");
    need_current(
        tx.execute("UPDATE inspection SET ends_on = $2, next_on = $3, reported_at = $4, reported_to = $5, change = "
                   "change + 1 WHERE id = $1 AND "
                   "change = $6",
                   {id, base::format_day(ends_on), base::format_day(next), by.at.milliseconds, whom, change}));
    append(tx, by, "inspection.report", one.subject(),
           {{"number", one.number},
            {"body", one.body},
            {"to", whom},
            {"ends_on", base::format_day(ends_on)},
            {"next_on", base::format_day(next)},
            {"findings", one.all}});
}

std::vector<Inspection> list_inspections(sys::Reader& db) {
    std::vector<Inspection> all;
    for (const sys::Row& row : db.query(std::string(kColumns) + "ORDER BY i.begins_on DESC, i.id DESC LIMIT 200"))
        all.push_back(inspection_of(row));
    return all;
}

Inspection load_inspection(sys::Reader& db, std::int64_t id) {
    const auto row = db.find(std::string(kColumns) + "WHERE i.id = $1", {id});
    if (!row) throw Error(Kind::NotFound, fmt::format("脆弱性検査{}は見つかりません。", id));
    return inspection_of(*row);
}

std::vector<StoredFinding> list_findings(sys::Reader& db, std::int64_t inspection) {
    std::vector<StoredFinding> all;
    for (const sys::Row& row : db.query("SELECT id, tool, finding_key, title, severity, place, detail, state, note, "
                                        "decided_by, found_at, decided_at, retested_at "
                                        "FROM inspection_finding WHERE inspection_id = $1 ORDER BY CASE state WHEN "
                                        "'open' THEN 0 WHEN 'mended' THEN 1 ELSE 2 END, "
                                        "CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 "
                                        "WHEN 'unknown' THEN 3 WHEN 'low' THEN 4 ELSE "
                                        "5 END, id LIMIT 5000",
                                        {inspection})) {
        StoredFinding one;
        one.id = row.integer(0);
        one.tool = row.text(1);
        one.key = row.text(2);
        one.title = row.text(3);
        one.severity = advisories::find_severity(row.text(4));
        one.place = row.text(5);
        one.detail = row.text(6);
        one.state = row.text(7);
        one.note = row.text(8);
        one.decided_by = row.text(9);
        one.found_at = {row.integer(10)};
        one.decided_at = instant_of(row, 11);
        one.retested_at = instant_of(row, 12);
        all.push_back(std::move(one));
    }
    return all;
}

std::optional<base::Day> find_unplanned(sys::Reader& db, base::Day today) {
    std::optional<base::Day> next;
    for (const Inspection& one : list_inspections(db)) {
        if (!one.reported_at) return std::nullopt;  // one is on its way
        if (one.next_on && (!next || *one.next_on > *next)) next = one.next_on;
    }
    return next && *next - kPlannedAhead <= today ? next : std::nullopt;
}

}  // namespace vulnerabilities
