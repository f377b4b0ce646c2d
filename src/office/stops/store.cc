#include "ground/ledger/store.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "office/records/store.h"
#include "office/stops/stop.h"

namespace stops {

namespace json = boost::json;
using base::Error;
using base::Instant;
using base::Kind;

namespace {

struct Words {
    std::string_view id, wording;
};
constexpr Words kStates[] = {{"planned", "予定"}, {"running", "停止中"}, {"ended", "終了"}, {"cancelled", "中止"}};
constexpr Words kAudienceWords[] = {{"residents", "利用者（住民）"}, {"staff", "職員"}};
constexpr std::size_t kLongestTitle = 100, kLongestText = 2000, kLongestName = 200;
constexpr auto kLongestStop = std::chrono::hours(24 * 31);  // what the watch's quiet spans can take
constexpr auto kFarthest = std::chrono::hours(24 * 400);
constexpr auto kNow = std::chrono::minutes(5);
constexpr auto kNoticeFor = std::chrono::hours(24 * 3);  // who could not get in looks for the reason some days later

constexpr std::string_view kColumns =
    "SELECT id, number, title, starts_at, ends_at, stops_public, freezes, what, works, reason, contact, work, decider, "
    "tree, rollback_at, unavoidable, state, residents_by, staff_by, round, page_id, revision_id, cancelled_why, "
    "started_at, ended_at, cancelled_at, made_by, made_at, version FROM planned_stop ";

std::optional<Instant> moment(const sys::Row& row, std::size_t column) {
    const auto found = row.maybe_integer(column);
    if (!found) return std::nullopt;
    return Instant{*found};
}
sys::Value value_of(const std::optional<Instant>& at) {
    return at ? sys::Value(at->milliseconds) : sys::Value(nullptr);
}
sys::Value flag(bool is_so) {
    return std::int64_t{is_so ? 1 : 0};
}

PlannedStop read(const sys::Row& row) {
    PlannedStop one;
    one.id = {row.integer(0)};
    one.number = row.text(1);
    Plan& plan = one.plan;
    plan.title = row.text(2);
    plan.starts_at = {row.integer(3)};
    plan.ends_at = {row.integer(4)};
    plan.stops_public = row.flag(5);
    plan.freezes = row.flag(6);
    plan.what = row.text(7);
    plan.works = row.text(8);
    plan.reason = row.text(9);
    plan.contact = row.text(10);
    plan.work = row.text(11);
    plan.decider = row.text(12);
    plan.tree = row.text(13);
    plan.rollback_at = moment(row, 14);
    plan.unavoidable = row.text(15);
    one.state = find_state(row.text(16)).value();
    one.limits = {moment(row, 17), moment(row, 18)};
    one.round = static_cast<int>(row.integer(19));
    one.page = {row.integer(20)};
    one.revision = row.integer(21);
    one.cancelled_why = row.text(22);
    one.started_at = moment(row, 23);
    one.ended_at = moment(row, 24);
    one.cancelled_at = moment(row, 25);
    one.made_by = row.text(26);
    one.made_at = {row.integer(27)};
    one.version = row.integer(28);
    return one;
}

std::string need(std::string_view typed, std::string_view label, std::size_t longest, bool is_needed) {
    const std::string_view text = base::trim(typed);
    if (is_needed && text.empty()) throw Error(Kind::BadInput, fmt::format("{}を入れてください。", label));
    if (!base::is_utf8(text) || text.find('\0') != std::string_view::npos)
        throw Error(Kind::BadInput, fmt::format("{}に、使えない文字があります。", label));
    if (base::count_code_points(text) > longest)
        throw Error(Kind::BadInput, fmt::format("{}は{}文字までで入れてください。", label, longest));
    return std::string(text);
}

Plan checked(const Plan& typed, const Limits& limits, Instant now) {
    Plan plan = typed;
    plan.title = need(typed.title, "件名", kLongestTitle, true);
    plan.what = need(typed.what, "止まるもの", kLongestText, true);
    plan.works = need(typed.works, "使えるもの", kLongestText, true);
    plan.reason = need(typed.reason, "理由", kLongestText, true);
    plan.contact = need(typed.contact, "問合せ先", kLongestText, true);
    plan.work = need(typed.work, "作業の内容", kLongestText, true);
    plan.decider = need(typed.decider, "実施の判断をする人", kLongestName, true);
    plan.tree = need(typed.tree, "連絡網", kLongestText, false);
    plan.unavoidable = need(typed.unavoidable, "やむを得ない理由", kLongestText, false);
    if (plan.starts_at <= now) throw Error(Kind::BadInput, "開始は、これからの日時にしてください。");
    if (plan.starts_at > now + kFarthest) throw Error(Kind::BadInput, "開始は、400日より先にはできません。");
    if (plan.ends_at <= plan.starts_at) throw Error(Kind::BadInput, "終了は、開始より後にしてください。");
    if (plan.ends_at > plan.starts_at + kLongestStop) throw Error(Kind::BadInput, "停止は31日までにしてください。");
    if (plan.rollback_at && (*plan.rollback_at < plan.starts_at || *plan.rollback_at > plan.ends_at))
        throw Error(Kind::BadInput, "切戻しの期限は、開始と終了の間にしてください。");
    std::string late;
    for (const Audience each : kAudiences)
        if (const auto& last = limits.of(each); last && now >= *last)
            late += fmt::format("{}への周知の期限（{}）を過ぎています。", audience_wording(each),
                                calendar::format_era_moment(*last));
    if (!late.empty() && plan.unavoidable.empty())
        throw Error(Kind::BadInput, late + "開始を遅らせるか、やむを得ない停止であれば、その理由を入れてください。");
    if (late.empty()) plan.unavoidable.clear();
    return plan;
}

std::string subject_of(StopId id) {
    return fmt::format("stop:{}", id.value);
}
void note(sys::Transaction& tx, StopId id, std::string_view act, json::object detail, const By& by) {
    ledger::append(tx, {by.at, by.who, std::string(act), subject_of(id), json::serialize(detail)});
}

void note_plan(sys::Transaction& tx, const PlannedStop& stop, const By& by) {
    json::object detail{{"number", stop.number},
                        {"title", stop.plan.title},
                        {"starts_at", base::format_utc(stop.plan.starts_at)},
                        {"ends_at", base::format_utc(stop.plan.ends_at)},
                        {"stops_public", stop.plan.stops_public},
                        {"unavoidable", !stop.plan.unavoidable.empty()},
                        {"round", stop.round}};
    if (!stop.plan.unavoidable.empty()) detail["reason"] = stop.plan.unavoidable;
    note(tx, stop.id, "stop.plan", std::move(detail), by);
}

PlannedStop begin(sys::Transaction& tx, StopId id, State wanted, std::int64_t version) {
    PlannedStop stop = load_stop(tx, id);
    if (version != 0 && stop.version != version)
        throw Error(Kind::Conflict,
                    "この計画停止は、ほかの人（または別の画面）が先に変えました。いまの内容を確かめて、もう一度操作して"
                    "ください。");
    if (stop.state != wanted)
        throw Error(Kind::Conflict, fmt::format("この計画停止は「{}」です。", state_wording(stop.state)));
    return stop;
}

std::vector<sys::Value> values_of(const Plan& plan, const Limits& limits) {
    return {plan.title,
            plan.starts_at.milliseconds,
            plan.ends_at.milliseconds,
            flag(plan.stops_public),
            flag(plan.freezes),
            plan.what,
            plan.works,
            plan.reason,
            plan.contact,
            plan.work,
            plan.decider,
            plan.tree,
            value_of(plan.rollback_at),
            plan.unavoidable,
            value_of(limits.residents),
            value_of(limits.staff)};
}

/// In the order of values_of.
constexpr std::string_view kAssigned =
    "title = $1, starts_at = $2, ends_at = $3, stops_public = $4, freezes = $5, what = $6, works = $7, reason = $8, "
    "contact = $9, work = $10, decider = $11, tree = $12, rollback_at = $13, unavoidable = $14, residents_by = $15, "
    "staff_by = $16";

/// When, or what cannot be used, has changed: those who were told have to be told again.
bool is_news(const Plan& before, const Plan& typed) {
    return before.starts_at != typed.starts_at || before.ends_at != typed.ends_at ||
           before.stops_public != typed.stops_public || before.freezes != typed.freezes ||
           before.what != base::trim(typed.what) || before.works != base::trim(typed.works);
}

Instant checked_time(Instant at, Instant now) {
    if (at > now + kNow) throw Error(Kind::BadInput, "これからの日時は入れられません。");
    return at;
}

}  // namespace

std::string_view state_id(State state) {
    return kStates[static_cast<std::size_t>(state)].id;
}
std::string_view state_wording(State state) {
    return kStates[static_cast<std::size_t>(state)].wording;
}
std::optional<State> find_state(std::string_view id) {
    for (std::size_t at = 0; at < std::size(kStates); ++at)
        if (kStates[at].id == id) return static_cast<State>(at);
    return std::nullopt;
}
std::string_view audience_id(Audience audience) {
    return kAudienceWords[static_cast<std::size_t>(audience)].id;
}
std::string_view audience_wording(Audience audience) {
    return kAudienceWords[static_cast<std::size_t>(audience)].wording;
}
std::optional<Audience> find_audience(std::string_view id) {
    for (const Audience each : kAudiences)
        if (audience_id(each) == id) return each;
    return std::nullopt;
}

Instant PlannedStop::notice_until() const {
    return ended_at.value_or(plan.ends_at) + kNoticeFor;
}

bool PlannedStop::is_frozen(Instant now) const {
    if (!plan.freezes) return false;
    return state == State::Running || (state == State::Planned && now >= plan.starts_at);
}

PlannedStop plan(sys::Transaction& tx, const Plan& typed, const Limits& limits, std::string_view once, const By& by) {
    if (once.empty()) throw Error(Kind::BadInput, "どの操作かがわかりません。画面を開き直してください。");
    std::string key(once);
    while (const auto row = tx.find("SELECT id FROM planned_stop WHERE once_key = $1", {key})) {
        PlannedStop known = load_stop(tx, {row->integer(0)});
        if (known.state != State::Cancelled) return known;
        key = fmt::format("{}:{}", once, known.id.value);  // planned again after it was called off
    }
    std::vector<sys::Value> values = values_of(checked(typed, limits, by.at), limits);
    values.emplace_back(records::take_number(tx, "stop", by.at));
    values.emplace_back(by.who);
    values.emplace_back(by.at.milliseconds);
    values.emplace_back(std::move(key));
    const auto rows = tx.query(
        "INSERT INTO planned_stop (title, starts_at, ends_at, stops_public, freezes, what, works, reason, contact, "
        "work, decider, tree, rollback_at, unavoidable, residents_by, staff_by, number, made_by, made_at, once_key, "
        "state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, "
        "'planned') RETURNING id",
        values);
    const PlannedStop made = load_stop(tx, {rows.front().integer(0)});
    note_plan(tx, made, by);
    return made;
}

PlannedStop change(sys::Transaction& tx, StopId id, const Plan& typed, const Limits& limits, const By& by,
                   std::int64_t version) {
    const PlannedStop before = begin(tx, id, State::Planned, version);
    const auto told = list_told(tx, id);
    const bool was_told =
        std::any_of(told.begin(), told.end(), [&](const Told& each) { return each.round == before.round; });
    if (was_told && !is_news(before.plan, typed)) {
        Plan corrected = checked(typed, {}, by.at);  // nobody has to be told again, so no day is missed
        corrected.unavoidable = before.plan.unavoidable;
        std::vector<sys::Value> values = values_of(corrected, before.limits);
        values.emplace_back(id.value);
        tx.execute(fmt::format("UPDATE planned_stop SET {}, version = version + 1 WHERE id = $17", kAssigned), values);
        note(tx, id, "stop.edit", {{"number", before.number}, {"round", before.round}}, by);
        return load_stop(tx, id);
    }
    std::vector<sys::Value> values = values_of(checked(typed, limits, by.at), limits);
    values.emplace_back(id.value);
    tx.execute(
        fmt::format("UPDATE planned_stop SET {}, round = round + 1, revision_id = 0, version = version + 1 WHERE id = "
                    "$17",
                    kAssigned),
        values);
    const PlannedStop changed = load_stop(tx, id);
    note_plan(tx, changed, by);
    return changed;
}

PlannedStop cancel(sys::Transaction& tx, StopId id, std::string_view why, const By& by, std::int64_t version) {
    begin(tx, id, State::Planned, version);
    const std::string reason = need(why, "中止の理由", kLongestText, true);
    tx.execute(
        "UPDATE planned_stop SET state = 'cancelled', cancelled_why = $1, cancelled_at = $2, round = round + 1, "
        "revision_id = 0, version = version + 1 WHERE id = $3",
        {reason, by.at.milliseconds, id.value});
    note(tx, id, "stop.cancel", {{"reason", reason}}, by);
    return load_stop(tx, id);
}

PlannedStop start(sys::Transaction& tx, StopId id, Instant at, const By& by, std::int64_t version) {
    const PlannedStop stop = begin(tx, id, State::Planned, version);
    tx.execute("UPDATE planned_stop SET state = 'running', started_at = $1, version = version + 1 WHERE id = $2",
               {checked_time(at, by.at).milliseconds, id.value});
    note(tx, id, "stop.start", {{"happened_at", base::format_utc(at)}, {"stops_public", stop.plan.stops_public}}, by);
    return load_stop(tx, id);
}

PlannedStop end(sys::Transaction& tx, StopId id, Instant at, std::string_view said, const By& by,
                std::int64_t version) {
    const PlannedStop stop = begin(tx, id, State::Running, version);
    checked_time(at, by.at);
    if (stop.started_at && at < *stop.started_at) throw Error(Kind::BadInput, "終了は、開始より後にしてください。");
    const bool is_late = at > stop.plan.ends_at;
    const std::string text = need(said, "予定より遅れた理由", kLongestText, is_late);
    // A round also when no telling is on record: letters and the notice may be on their way.
    tx.execute(
        "UPDATE planned_stop SET state = 'ended', ended_at = $1, round = round + 1, revision_id = 0, "
        "version = version + 1 WHERE id = $2",
        {at.milliseconds, id.value});
    json::object detail{{"happened_at", base::format_utc(at)}, {"late", is_late}, {"round", stop.round + 1}};
    if (!text.empty()) detail["note"] = text;
    note(tx, id, "stop.end", std::move(detail), by);
    return load_stop(tx, id);
}

PlannedStop extend(sys::Transaction& tx, StopId id, Instant ends_at, std::string_view why, const By& by,
                   std::int64_t version) {
    const PlannedStop stop = begin(tx, id, State::Running, version);
    const std::string reason = need(why, "終了予定を変える理由", kLongestText, true);
    if (ends_at <= by.at) throw Error(Kind::BadInput, "新しい終了予定は、これからの日時にしてください。");
    if (ends_at == stop.plan.ends_at) throw Error(Kind::BadInput, "終了予定が、前と同じです。");
    if (ends_at > stop.plan.starts_at + kLongestStop) throw Error(Kind::BadInput, "停止は31日までにしてください。");
    tx.execute(
        "UPDATE planned_stop SET ends_at = $1, round = round + 1, revision_id = 0, version = version + 1 WHERE id = $2",
        {ends_at.milliseconds, id.value});
    note(tx, id, "stop.extend",
         {{"ends_at", base::format_utc(ends_at)},
          {"was", base::format_utc(stop.plan.ends_at)},
          {"reason", reason},
          {"round", stop.round + 1}},
         by);
    return load_stop(tx, id);
}

void set_page(sys::Transaction& tx, StopId id, base::PageId page, base::RevisionId revision, int round) {
    if (tx.execute("UPDATE planned_stop SET page_id = $1, revision_id = $2, version = version + 1 WHERE id = $3 AND "
                   "round = $4",
                   {page.value, revision.value, id.value, std::int64_t{round}}) == 0)
        throw Error(Kind::Conflict, "計画が変わりました。いまの内容で、お知らせを作り直してください。");
}

bool tell(sys::Transaction& tx, StopId id, const Told& told, const By& by) {
    load_stop(tx, id);
    const std::string proof = need(told.proof, "周知の証拠", kLongestText, true);
    checked_time(told.at, by.at);
    if (tx.execute("INSERT INTO planned_stop_told (stop_id, round, audience, at, proof, by_whom) VALUES ($1, $2, $3, "
                   "$4, $5, $6) ON CONFLICT (stop_id, round, audience) DO NOTHING",
                   {id.value, std::int64_t{told.round}, std::string(audience_id(told.audience)), told.at.milliseconds,
                    proof, by.who}) == 0)
        return false;
    note(tx, id, "stop.tell",
         {{"audience", audience_id(told.audience)},
          {"happened_at", base::format_utc(told.at)},
          {"proof", proof},
          {"round", told.round}},
         by);
    return true;
}

std::vector<PlannedStop> list_stops(sys::Reader& db, const Filter& filter) {
    std::string sql = std::string(kColumns) + "WHERE ($1 = '' OR state = $1) AND ($2 = 0 OR id < $2)";
    if (filter.only_open) sql += " AND state IN ('planned', 'running')";
    std::vector<PlannedStop> found;
    for (const sys::Row& row : db.query(sql + " ORDER BY id DESC LIMIT $3",
                                        {filter.state ? std::string(state_id(*filter.state)) : std::string(),
                                         filter.before, std::int64_t{std::clamp(filter.limit, 1, 1000)}}))
        found.push_back(read(row));
    return found;
}

std::optional<PlannedStop> find_stop(sys::Reader& db, StopId id) {
    const auto row = db.find(std::string(kColumns) + "WHERE id = $1", {id.value});
    if (!row) return std::nullopt;
    return read(*row);
}

PlannedStop load_stop(sys::Reader& db, StopId id) {
    if (auto found = find_stop(db, id)) return *found;
    throw Error(Kind::NotFound, fmt::format("計画停止 第{}号は登録されていません。", id.value));
}

std::optional<PlannedStop> find_noticed(sys::Reader& db, base::PageId page) {
    const auto row = db.find(std::string(kColumns) + "WHERE page_id = $1 ORDER BY id DESC LIMIT 1", {page.value});
    if (!row) return std::nullopt;
    return read(*row);
}

std::vector<Told> list_told(sys::Reader& db, StopId id) {
    std::vector<Told> all;
    for (const sys::Row& row : db.query("SELECT round, audience, at, proof, by_whom FROM planned_stop_told WHERE "
                                        "stop_id = $1 ORDER BY round, audience",
                                        {id.value}))
        all.push_back({static_cast<int>(row.integer(0)),
                       find_audience(row.text(1)).value(),
                       {row.integer(2)},
                       row.text(3),
                       row.text(4)});
    return all;
}

std::optional<PlannedStop> find_freeze(sys::Reader& db, Instant now) {
    const auto row = db.find(std::string(kColumns) +
                                 "WHERE freezes = 1 AND (state = 'running' OR (state = 'planned' AND starts_at <= $1)) "
                                 "ORDER BY starts_at LIMIT 1",
                             {now.milliseconds});
    if (!row) return std::nullopt;
    return read(*row);
}

bool add_emergency(sys::Transaction& tx, const EmergencyReport& made) {
    return tx.execute(
               "INSERT INTO emergency_report (subject, stopped_at, part, by_whom, second_whom, reason, notice) "
               "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (subject) DO NOTHING",
               {made.subject, made.stopped_at.milliseconds, made.part, made.by, made.second, made.reason,
                made.notice}) == 1;
}

void set_resumed(sys::Transaction& tx, std::string_view subject, Instant at) {
    tx.execute("UPDATE emergency_report SET resumed_at = $1 WHERE subject = $2 AND resumed_at IS NULL",
               {at.milliseconds, std::string(subject)});
}

void set_document(sys::Transaction& tx, std::string_view subject, std::int64_t document) {
    tx.execute("UPDATE emergency_report SET document_id = $1 WHERE subject = $2", {document, std::string(subject)});
}

bool set_reported(sys::Transaction& tx, std::string_view subject, std::int64_t delivery, std::string_view whom,
                  std::string_view how, Instant happened_at, const By& by) {
    if (tx.execute("UPDATE emergency_report SET delivery_id = $1, reported_at = $2 WHERE subject = $3 AND delivery_id "
                   "= 0",
                   {delivery, happened_at.milliseconds, std::string(subject)}) == 0)
        return false;
    ledger::append(tx, {by.at, by.who, "stop.report", std::string(subject),
                        json::serialize(json::object{{"delivery", delivery},
                                                     {"to", std::string(whom)},
                                                     {"how", std::string(how)},
                                                     {"happened_at", base::format_utc(happened_at)}})});
    return true;
}

std::vector<EmergencyReport> list_emergencies(sys::Reader& db, int limit) {
    std::vector<EmergencyReport> all;
    for (const sys::Row& row :
         db.query("SELECT subject, stopped_at, resumed_at, part, by_whom, second_whom, reason, notice, document_id, "
                  "delivery_id, reported_at FROM emergency_report ORDER BY stopped_at DESC, subject LIMIT $1",
                  {std::int64_t{std::clamp(limit, 1, 1000)}}))
        all.push_back({row.text(0),
                       {row.integer(1)},
                       moment(row, 2),
                       row.text(3),
                       row.text(4),
                       row.text(5),
                       row.text(6),
                       row.text(7),
                       row.integer(8),
                       row.integer(9),
                       moment(row, 10)});
    return all;
}

}  // namespace stops
