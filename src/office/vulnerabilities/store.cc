// What was told, and the records that came of it, as rows.
#include "office/vulnerabilities/store.h"

#include <algorithm>
#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/deadline.h"
#include "ground/sys/crypto.h"
#include "office/records/store.h"
#include "office/vulnerabilities/inside/rows.h"

namespace vulnerabilities {

using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kShort = 300, kLong = 4000;

struct Named {
    std::string_view id, wording;
};
constexpr Named kVerdicts[] = {
    {"", "未判定"}, {"not-ours", "対象外"}, {"unaffected", "影響なし"}, {"act", "要対応"}, {"watch", "監視"}};
constexpr Named kStandings[] = {
    {"new", "未判定"}, {"review", "再確認"}, {"act", "対応中"}, {"watch", "監視中"}, {"done", "済み"}};

constexpr std::string_view kColumns =
    "SELECT id, number, title, summary, severity, score, score_version, received_at, due_at, verdict, reason, action, "
    "judged_by, "
    "judged_at, review_on, reported_at, fixed_at, is_withdrawn, change FROM vulnerability ";

Record record_of(const sys::Row& row) {
    Record one;
    one.id = row.integer(0);
    one.number = row.text(1);
    one.title = row.text(2);
    one.summary = row.text(3);
    one.severity = advisories::find_severity(row.text(4));
    one.score = row.real(5);
    one.score_version = row.text(6);
    one.received_at = {row.integer(7)};
    one.due_at = {row.integer(8)};
    one.verdict = find_verdict(row.text(9)).value_or(Verdict::None);
    one.reason = row.text(10);
    one.action = row.text(11);
    one.judged_by = row.text(12);
    one.judged_at = instant_of(row, 13);
    one.review_on = base::parse_day(row.text(14));
    one.reported_at = instant_of(row, 15);
    one.fixed_at = instant_of(row, 16);
    one.is_withdrawn = row.flag(17);
    one.change = row.integer(18);
    return one;
}

/// The ids under which a weakness is known.
std::vector<std::string> ids_of(const advisories::Advisory& advisory) {
    std::vector<std::string> ids{advisory.id};
    // "JVNDB", "at" and the like are one source's; a CVE, a JVN# and a DSA may be told by several.
    for (const std::string& alias : advisory.aliases) ids.push_back(alias);
    return ids;
}

std::int64_t find_by_alias(sys::Reader& db, const std::vector<std::string>& ids) {
    for (const std::string& id : ids)
        if (const auto row = db.find("SELECT vulnerability_id FROM vulnerability_alias WHERE alias = $1", {id}))
            return row->integer(0);
    return 0;
}

std::int64_t insert_record(sys::Transaction& tx, const Record& one) {
    return tx.insert(
        "INSERT INTO vulnerability (number, title, summary, severity, score, score_version, received_at, due_at) "
        "VALUES ($1, $2, $3, "
        "$4, $5, $6, $7, $8) RETURNING id",
        {one.number, one.title, one.summary, std::string(severity_id(one.severity)), one.score, one.score_version,
         one.received_at.milliseconds, one.due_at.milliseconds});
}

std::int64_t begin_record(sys::Transaction& tx, const advisories::Advisory& advisory,
                          const calendar::OfficeCalendar& office, const By& by) {
    Record one;
    one.number = records::take_number(tx, "vulnerability", by.at);
    one.title = advisory.title;
    one.summary = advisory.summary;
    one.severity = advisory.severity;
    one.score = advisory.score;
    one.score_version = advisory.score_version;
    one.received_at = by.at;
    one.due_at = owed_by(office, by.at);
    const std::int64_t id = insert_record(tx, one);
    append(tx, by, "vulnerability.receive", fmt::format("vulnerability:{}", id),
           {{"number", one.number},
            {"source", advisory.source},
            {"id", advisory.id},
            {"title", bounded(advisory.title, kShort)},
            {"severity", severity_id(advisory.severity)},
            {"due_at", base::format_utc(one.due_at)},
            {"ours", true}});
    return id;
}

/// What another source adds: its words when they are Japanese and ours are not, and the worse severity.
void join_record(sys::Transaction& tx, std::int64_t id, const advisories::Advisory& advisory) {
    const Record before = load_record(tx, id);
    const auto is_japanese = [](std::string_view text) {
        return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xE0; });
    };
    const bool is_better = is_japanese(advisory.title) && !is_japanese(before.title);
    const bool is_newer = advisory.score >= 0 && (before.score < 0 || advisory.score > before.score);
    const bool is_summary = before.summary.empty() || (is_japanese(advisory.summary) && !is_japanese(before.summary));
    // Debian's own word on its packages is not overruled by a score of the world's.
    const bool is_severer = advisory.severity > before.severity && before.severity == advisories::Severity::Unknown;
    if (!is_better && !is_newer && !is_severer && !is_summary) return;
    tx.execute(
        "UPDATE vulnerability SET title = $2, summary = $3, severity = $4, score = $5, score_version = $6 WHERE id = "
        "$1",
        {id, is_better ? advisory.title : before.title, is_summary ? advisory.summary : before.summary,
         std::string(severity_id(is_severer ? advisory.severity : before.severity)),
         is_newer ? advisory.score : before.score, is_newer ? advisory.score_version : before.score_version});
}

/// Back to somebody's eyes: the source has changed what it says, or it was found where it was not. A change of words
/// leaves what was fixed alone.
void call_back(sys::Transaction& tx, std::int64_t id, std::string_view why, bool is_found, const By& by) {
    const Record before = load_record(tx, id);
    if (before.verdict == Verdict::None || (before.fixed_at && !is_found)) return;
    tx.execute("UPDATE vulnerability SET review_on = $2, fixed_at = NULL, change = change + 1 WHERE id = $1",
               {id, base::format_day(base::local_day(by.at))});
    append(tx, by, "vulnerability.return", before.subject(), {{"why", why}});
}

bool add_concerns(sys::Transaction& tx, std::int64_t id, const std::string& source, std::span<const Match> matches,
                  std::span<const Component> components, base::Instant at) {
    bool is_new = false;
    for (const Match& match : matches) {
        const std::int64_t component = components[match.component].id;
        const auto before = tx.find(
            "SELECT id, is_over, is_sure FROM vulnerability_concern WHERE vulnerability_id = $1 AND component_id = $2 "
            "AND source = $3",
            {id, component, source});
        is_new = is_new || !before || before->flag(1);
        tx.execute(
            "INSERT INTO vulnerability_concern (vulnerability_id, component_id, source, basis, is_sure, seen_at) "
            "VALUES ($1, $2, $3, "
            "$4, $5, $6) ON CONFLICT (vulnerability_id, component_id, source) DO UPDATE SET basis = excluded.basis, "
            "is_sure = "
            "excluded.is_sure, is_over = 0, seen_at = excluded.seen_at",
            {id, component, source, bounded(match.basis, kLong), std::int64_t{match.is_sure ? 1 : 0}, at.milliseconds});
    }
    return is_new;
}

void add_aliases(sys::Transaction& tx, std::int64_t id, const std::vector<std::string>& ids) {
    for (const std::string& alias : ids)
        tx.execute(
            "INSERT INTO vulnerability_alias (alias, vulnerability_id) VALUES ($1, $2) ON CONFLICT (alias) DO NOTHING",
            {alias, id});
}

/// What another source told of the same before it concerned us: also that it is used in attacks.
void adopt(sys::Transaction& tx, std::int64_t id, const std::vector<std::string>& ids) {
    for (const std::string& each : ids)
        tx.execute("UPDATE advisory SET vulnerability_id = $1 WHERE external_id = $2 AND vulnerability_id IS NULL",
                   {id, each});
}

}  // namespace

std::string_view verdict_id(Verdict verdict) {
    return kVerdicts[static_cast<std::size_t>(verdict)].id;
}
std::string_view verdict_wording(Verdict verdict) {
    return kVerdicts[static_cast<std::size_t>(verdict)].wording;
}
std::optional<Verdict> find_verdict(std::string_view id) {
    for (std::size_t i = 0; i < std::size(kVerdicts); ++i)
        if (kVerdicts[i].id == id) return static_cast<Verdict>(i);
    return std::nullopt;
}
std::string_view standing_id(Standing standing) {
    return kStandings[static_cast<std::size_t>(standing)].id;
}
std::string_view standing_wording(Standing standing) {
    return kStandings[static_cast<std::size_t>(standing)].wording;
}

base::Instant owed_by(const calendar::OfficeCalendar& office, base::Instant from) {
    return calendar::deadline_after(office, from, kReportWithin, calendar::Roll::Previous);
}

Standing Record::standing(base::Instant now) const {
    if (verdict == Verdict::None) return Standing::New;
    if (review_on && *review_on <= base::local_day(now) && !fixed_at) return Standing::Review;
    if (verdict == Verdict::Act) return fixed_at ? Standing::Done : Standing::Act;
    return verdict == Verdict::Watch ? Standing::Watch : Standing::Done;
}

std::string Record::subject() const {
    return fmt::format("vulnerability:{}", id);
}

Received receive(sys::Transaction& tx, const advisories::Advisory& advisory, std::span<const Match> matches,
                 std::span<const Component> components, const calendar::OfficeCalendar& office, const By& by) {
    const std::string document = write_advisory(advisory);
    const std::string hash = sys::sha256(document).hex();
    std::vector<Match> ours;
    for (const Match& match : matches)
        if (!match.is_deferred) ours.push_back(match);
    const auto before = tx.find(
        "SELECT id, hash, vulnerability_id, is_withdrawn, modified_at FROM advisory WHERE source = $1 AND "
        "external_id = $2",
        {advisory.source, advisory.id});
    const bool is_same = before && before->text(1) == hash;
    // The same state told by another feed, in other words: nobody has to look at it again.
    const bool is_retold = before && !is_same && before->flag(3) == advisory.is_withdrawn &&
                           advisories::is_same_state(instant_of(*before, 4), advisory.modified);
    std::int64_t record = before ? before->maybe_integer(2).value_or(0) : 0;
    const bool had_record = record != 0;
    const auto ids = ids_of(advisory);
    if (record == 0) record = find_by_alias(tx, ids);
    Received received;
    if (record == 0 && !ours.empty()) {
        record = begin_record(tx, advisory, office, by);
        received.what = Received::What::New;
    } else if (record != 0 && !had_record) {
        join_record(tx, record, advisory);
        received.what = Received::What::Joined;
    } else if (record != 0) {
        received.what = is_same || is_retold ? Received::What::Known : Received::What::Changed;
    } else {
        received.what = before ? Received::What::Known : Received::What::Kept;
    }
    received.record = record;
    if (!is_same || record != (before ? before->maybe_integer(2).value_or(0) : 0))
        tx.execute(
            "INSERT INTO advisory (source, external_id, title, document, hash, published_at, modified_at, received_at, "
            "seen_at, "
            "is_withdrawn, vulnerability_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10) ON CONFLICT (source, "
            "external_id) "
            "DO UPDATE SET title = excluded.title, document = excluded.document, hash = excluded.hash, modified_at = "
            "excluded.modified_at, seen_at = excluded.seen_at, is_withdrawn = excluded.is_withdrawn, vulnerability_id "
            "= "
            "excluded.vulnerability_id",
            {advisory.source, advisory.id, advisory.title, document, hash, value_of(advisory.published),
             value_of(advisory.modified), by.at.milliseconds, std::int64_t{advisory.is_withdrawn ? 1 : 0},
             record == 0 ? sys::Value(nullptr) : sys::Value(record)});
    if (record == 0) return received;
    add_aliases(tx, record, ids);
    adopt(tx, record, ids);
    if (is_retold) join_record(tx, record, advisory);
    const bool has_new = add_concerns(tx, record, advisory.source, ours, components, by.at);
    if (advisory.is_withdrawn && (!before || !before->flag(3))) {
        tx.execute("UPDATE vulnerability SET is_withdrawn = 1 WHERE id = $1", {record});
        call_back(tx, record, fmt::format("{}が取り下げられました。", advisory.id), false, by);
    } else if (received.what == Received::What::Changed) {
        join_record(tx, record, advisory);
        call_back(tx, record, fmt::format("{}の内容が更新されました。", advisory.id), has_new, by);
    } else if (has_new && received.what != Received::What::New) {
        // A judgement, and a correction, was about what was there then. What is being corrected is before our eyes.
        const Record now = load_record(tx, record);
        if (now.verdict != Verdict::Act || now.fixed_at)
            call_back(tx, record, "新たに当てはまる製品が見つかりました。", true, by);
    }
    return received;
}

Record add_record(sys::Transaction& tx, std::string_view title, std::string_view source, std::string_view words,
                  const calendar::OfficeCalendar& office, const By& by, std::string_view once) {
    if (const auto before = find_once(tx, "vulnerability", once)) return load_record(tx, *before);
    advisories::Advisory advisory;
    advisory.source = "manual";
    advisory.title = bounded(title, kShort);
    advisory.summary = bounded(words, kLong);
    if (advisory.title.empty()) throw Error(Kind::BadInput, "件名を入れてください。");
    if (base::trim(source).empty()) throw Error(Kind::BadInput, "どこから知ったかを入れてください。");
    advisory.id = bounded(source, kShort);
    const std::int64_t id = begin_record(tx, advisory, office, by);
    set_once(tx, "vulnerability", id, once);
    advisory.id = fmt::format("{} ({})", advisory.id, id);  // two calls of one person are two things
    const std::string document = write_advisory(advisory);
    tx.execute(
        "INSERT INTO advisory (source, external_id, title, document, hash, received_at, seen_at, vulnerability_id) "
        "VALUES ('manual', "
        "$1, $2, $3, $4, $5, $5, $6)",
        {advisory.id, advisory.title, document, sys::sha256(document).hex(), by.at.milliseconds, id});
    return load_record(tx, id);
}

Record examine(sys::Transaction& tx, std::int64_t told, const calendar::OfficeCalendar& office, const By& by) {
    const auto row = tx.find("SELECT document, vulnerability_id FROM advisory WHERE id = $1", {told});
    if (!row) throw Error(Kind::NotFound, "この情報は見つかりません。");
    if (!row->is_null(1)) throw Error(Kind::Conflict, "この情報は、もう記録になっています。");
    const advisories::Advisory advisory = read_advisory(row->text(0));
    const std::int64_t id = begin_record(tx, advisory, office, by);
    tx.execute("UPDATE advisory SET vulnerability_id = $2 WHERE id = $1", {told, id});
    add_aliases(tx, id, ids_of(advisory));
    adopt(tx, id, ids_of(advisory));
    return load_record(tx, id);
}

Record judge(sys::Transaction& tx, std::int64_t id, const Judgement& made, std::int64_t change) {
    const Record before = load_record(tx, id);
    const std::string reason = bounded(made.reason, kLong), action = bounded(made.action, kLong);
    const base::Day today = base::local_day(made.at);
    if (made.verdict == Verdict::None) throw Error(Kind::BadInput, "判定を選んでください。");
    if (reason.empty()) throw Error(Kind::BadInput, "判定の理由を入れてください。");
    if (made.verdict != Verdict::Act && !made.review_on)
        throw Error(Kind::BadInput, "見直す日を入れてください。その日に、もう一度確かめます。");
    if (made.review_on && *made.review_on <= today)
        throw Error(Kind::BadInput, "見直す日は、明日から後の日にしてください。");
    if (made.review_on && *made.review_on > today + kLongestReview)
        throw Error(Kind::BadInput, "見直す日は、1年以内にしてください。");
    const std::string review = made.review_on ? base::format_day(*made.review_on) : std::string();
    need_current(tx.execute(
        "UPDATE vulnerability SET verdict = $2, reason = $3, action = $4, judged_by = $5, judged_at = $6, review_on = "
        "$7, fixed_at = "
        "NULL, change = change + 1 WHERE id = $1 AND change = $8",
        {id, std::string(verdict_id(made.verdict)), reason, action, made.by, made.at.milliseconds, review, change}));
    tx.execute(
        "INSERT INTO vulnerability_judgement (vulnerability_id, verdict, reason, action, judged_by, judged_at, "
        "review_on) VALUES ($1, "
        "$2, $3, $4, $5, $6, $7)",
        {id, std::string(verdict_id(made.verdict)), reason, action, made.by, made.at.milliseconds, review});
    boost::json::object detail{
        {"verdict", verdict_id(made.verdict)}, {"reason", reason}, {"before", verdict_id(before.verdict)}};
    if (!action.empty()) detail["action"] = action;
    if (!review.empty()) detail["review_on"] = review;
    append(tx, {made.by, made.at}, "vulnerability.judge", before.subject(), detail);
    return load_record(tx, id);
}

void note_report(sys::Transaction& tx, std::int64_t id, std::string_view document, base::Instant told_at,
                 const By& by) {
    const Record before = load_record(tx, id);
    if (before.verdict == Verdict::None) throw Error(Kind::Conflict, "報告の前に、判定を記録してください。");
    if (before.reported_at) return;
    tx.execute("UPDATE vulnerability SET reported_at = $2, change = change + 1 WHERE id = $1",
               {id, told_at.milliseconds});
    append(tx, by, "vulnerability.report", before.subject(),
           {{"verdict", verdict_id(before.verdict)},
            {"document", document},
            {"happened_at", base::format_utc(told_at)},
            {"in_time", told_at <= before.due_at}});
}

std::int64_t renew_deadlines(sys::Transaction& tx, const calendar::OfficeCalendar& office, const By& by) {
    std::int64_t count = 0;
    for (const sys::Row& row : tx.query(std::string(kColumns) + "WHERE reported_at IS NULL ORDER BY id")) {
        const Record one = record_of(row);
        const base::Instant due = owed_by(office, one.received_at);
        if (due == one.due_at) continue;
        tx.execute("UPDATE vulnerability SET due_at = $2 WHERE id = $1", {one.id, due.milliseconds});
        append(tx, by, "vulnerability.deadline", one.subject(),
               {{"due_at", base::format_utc(due)}, {"before", base::format_utc(one.due_at)}});
        ++count;
    }
    return count;
}

void add_note(sys::Transaction& tx, std::int64_t id, std::string_view text, const By& by) {
    const Record before = load_record(tx, id);
    const std::string note = bounded(text, kLong);
    if (note.empty()) throw Error(Kind::BadInput, "記入する内容を入れてください。");
    append(tx, by, "vulnerability.note", before.subject(), {{"text", note}});
}

// --- reading

namespace {

/// Record::standing, as the database sees it; $1 is today.
constexpr std::string_view kStandingNow =
    "CASE WHEN verdict = '' THEN 0 WHEN review_on <> '' AND review_on <= $1 AND fixed_at IS NULL THEN 1 WHEN verdict = "
    "'act' AND fixed_at IS NULL THEN 2 WHEN verdict = 'watch' THEN 3 ELSE 4 END";

}  // namespace

std::vector<Record> list_records(sys::Reader& db, const RecordFilter& filter, base::Instant now) {
    const std::string today = base::format_day(base::local_day(now));
    std::string where = "WHERE $1 <> '' AND ($2 = 0 OR id < $2) AND received_at >= $3 AND received_at < $4 ";
    if (filter.standing) where += fmt::format("AND {} = {} ", kStandingNow, static_cast<int>(*filter.standing));
    if (filter.is_unreported) where += "AND reported_at IS NULL ";
    if (filter.is_open)
        where += fmt::format("AND NOT (reported_at IS NOT NULL AND {} = {}) ", kStandingNow,
                             static_cast<int>(Standing::Done));
    const bool is_newest_first = filter.standing == Standing::Done || !filter.words.empty();
    where += is_newest_first ? "ORDER BY id DESC" : "ORDER BY due_at, id";
    std::vector<Record> all;
    const std::string words = base::to_lower(bounded(filter.words, kShort));
    std::set<std::int64_t> by_alias;
    if (!words.empty())
        for (const sys::Row& row :
             db.query("SELECT vulnerability_id FROM vulnerability_alias WHERE lower(alias) = $1 LIMIT 1000", {words}))
            by_alias.insert(row.integer(0));
    db.each(std::string(kColumns) + where,
            {today, filter.before, filter.from ? filter.from->milliseconds : 0,
             filter.until ? filter.until->milliseconds : std::int64_t{1} << 60},
            [&](const sys::Row& row) {
                Record one = record_of(row);
                const bool fits = words.empty() || by_alias.contains(one.id) ||
                                  base::to_lower(one.title + " " + one.number).find(words) != std::string::npos;
                if (fits) all.push_back(std::move(one));
                return static_cast<int>(all.size()) < filter.limit;
            });
    return all;
}

std::optional<Record> find_record(sys::Reader& db, std::int64_t id) {
    const auto row = db.find(std::string(kColumns) + "WHERE id = $1", {id});
    return row ? std::optional(record_of(*row)) : std::nullopt;
}

Record load_record(sys::Reader& db, std::int64_t id) {
    auto record = find_record(db, id);
    if (!record) throw Error(Kind::NotFound, fmt::format("脆弱性の記録{}は見つかりません。", id));
    return std::move(*record);
}

namespace {

constexpr std::string_view kToldColumns = "SELECT id, document, received_at FROM advisory ";

Told told_of(const sys::Row& row) {
    const advisories::Advisory advisory = read_advisory(row.text(1));
    Told told;
    told.id = row.integer(0);
    told.received_at = {row.integer(2)};
    told.source = advisory.source;
    told.external_id = advisory.id;
    told.title = advisory.title;
    told.summary = advisory.summary;
    told.solution = advisory.solution;
    told.link = advisory.link;
    told.severity = severity_id(advisory.severity);
    told.vector = advisory.vector;
    told.score = advisory.score;
    told.published = advisory.published;
    told.modified = advisory.modified;
    told.is_withdrawn = advisory.is_withdrawn;
    told.aliases = advisory.aliases;
    for (const advisories::Product& product : advisory.products) {
        if (product.ecosystem == "title") continue;
        told.products.push_back(fmt::format("{}{}{}{}{}", product.vendor, product.vendor.empty() ? "" : " ",
                                            product.name, product.told.empty() ? "" : "：", product.told));
    }
    return told;
}

}  // namespace

std::optional<advisories::Advisory> find_told(sys::Reader& db, std::string_view source, std::string_view id) {
    const auto row = db.find("SELECT document FROM advisory WHERE source = $1 AND external_id = $2",
                             {std::string(source), std::string(id)});
    return row ? std::optional(read_advisory(row->text(0))) : std::nullopt;
}

std::vector<Told> list_told(sys::Reader& db, std::int64_t record) {
    std::vector<Told> all;
    for (const sys::Row& row :
         db.query(std::string(kToldColumns) + "WHERE vulnerability_id = $1 ORDER BY id LIMIT 200", {record}))
        all.push_back(told_of(row));
    return all;
}

bool is_exploited(std::span<const Told> told) {
    return std::any_of(told.begin(), told.end(),
                       [](const Told& one) { return one.source == "kev" && !one.is_withdrawn; });
}

std::vector<Told> list_unmatched(sys::Reader& db, std::string_view words, int limit) {
    std::vector<Told> all;
    const std::string wanted = base::to_lower(bounded(words, kShort));
    db.each(
        "SELECT id, document, received_at, title, external_id FROM advisory WHERE vulnerability_id IS NULL ORDER BY "
        "received_at DESC, id DESC",
        {}, [&](const sys::Row& row) {
            const bool fits =
                wanted.empty() || base::to_lower(row.text(3) + " " + row.text(4)).find(wanted) != std::string::npos;
            if (fits) all.push_back(told_of(row));
            return static_cast<int>(all.size()) < limit;
        });
    return all;
}

std::int64_t count_told(sys::Reader& db, base::Instant from, base::Instant until) {
    return db
        .find("SELECT count(*) FROM advisory WHERE received_at >= $1 AND received_at < $2",
              {from.milliseconds, until.milliseconds})
        ->integer(0);
}

std::vector<Concern> list_concerns(sys::Reader& db, std::int64_t record) {
    std::vector<Concern> all;
    for (const sys::Row& row : db.query("SELECT c.id, c.kind, c.name, c.version, v.basis, v.is_sure, v.is_over, "
                                        "c.gone_at FROM vulnerability_concern v JOIN "
                                        "component c ON c.id = v.component_id WHERE v.vulnerability_id = $1 ORDER BY "
                                        "v.is_over, c.kind, c.name, v.id LIMIT 500",
                                        {record}))
        all.push_back({row.integer(0), row.text(1), row.text(2), row.text(3), row.text(4), row.flag(5),
                       row.flag(6) || !row.is_null(7)});
    return all;
}

std::vector<Judgement> list_judgements(sys::Reader& db, std::int64_t record) {
    std::vector<Judgement> all;
    for (const sys::Row& row :
         db.query("SELECT verdict, reason, action, judged_by, judged_at, review_on FROM vulnerability_judgement "
                  "WHERE vulnerability_id = $1 ORDER BY id DESC LIMIT 200",
                  {record}))
        all.push_back({find_verdict(row.text(0)).value_or(Verdict::None),
                       row.text(1),
                       row.text(2),
                       row.text(3),
                       {row.integer(4)},
                       base::parse_day(row.text(5))});
    return all;
}

Counts count_records(sys::Reader& db, base::Instant now) {
    Counts counts;
    std::int64_t* const places[] = {&counts.is_new, &counts.review, &counts.act, &counts.watch, &counts.done};
    for (const sys::Row& row : db.query(
             fmt::format("SELECT {} AS standing, COUNT(*), COUNT(CASE WHEN reported_at IS NULL AND due_at < $2 THEN "
                         "1 END) FROM vulnerability GROUP BY 1",
                         kStandingNow),
             {base::format_day(base::local_day(now)), now.milliseconds})) {
        *places[row.integer(0)] = row.integer(1);
        counts.late += row.integer(2);
    }
    return counts;
}

void each_told(sys::Reader& db, base::Instant since, const std::function<bool(const advisories::Advisory&)>& take) {
    db.each(
        "SELECT document FROM advisory WHERE source <> 'manual' AND (seen_at >= $1 OR vulnerability_id IS NOT NULL) "
        "ORDER BY id",
        {since.milliseconds}, [&](const sys::Row& row) { return take(read_advisory(row.text(0))); });
}

std::int64_t end_concerns(sys::Transaction& tx, std::string_view source, base::Instant seen_since) {
    return tx.execute("UPDATE vulnerability_concern SET is_over = 1 WHERE source = $1 AND seen_at < $2 AND is_over = 0",
                      {std::string(source), seen_since.milliseconds});
}

std::int64_t forget_told(sys::Transaction& tx, base::Instant before) {
    return tx.execute("DELETE FROM advisory WHERE vulnerability_id IS NULL AND seen_at < $1", {before.milliseconds});
}

}  // namespace vulnerabilities
