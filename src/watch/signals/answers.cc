// What people do with an anomaly (B3.3, B3.4). An answer to a storm is one for all in it: nobody answers twenty times
// for one cause.
#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "watch/signals/inside/store.h"

namespace signals {

using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kLongestNote = 4000;  // characters

std::string checked(std::string_view text, std::string_view what) {
    std::string clean(base::trim(text));
    if (!base::is_utf8(clean) || clean.find('\0') != std::string::npos)
        throw Error(Kind::BadInput, fmt::format("{}に使えない文字があります。", what));
    if (base::count_code_points(clean) > kLongestNote)
        throw Error(Kind::BadInput, fmt::format("{}は{}文字以内で入力してください。", what, kLongestNote));
    return clean;
}

Anomaly load_as_seen(sys::Transaction& tx, AnomalyId id, std::int64_t version) {
    Anomaly anomaly = load_anomaly(tx, id);
    if (version != 0 && version != anomaly.version)
        throw Error(Kind::Conflict, "表示した後に状況が変わりました。最新の内容を確認して、もう一度行ってください。");
    return anomaly;
}

void refuse_closed(const Anomaly& anomaly) {
    if (anomaly.standing == Standing::Closed)
        throw Error(Kind::Conflict, fmt::format("異常第{}号は終結しています。", anomaly.id.value));
}

/// The anomaly and, when it is a storm, its members that are not closed.
std::vector<Anomaly> with_members(sys::Transaction& tx, Anomaly first) {
    std::vector<Anomaly> all{std::move(first)};
    if (!all.front().is_storm) return all;
    Filter filter;
    filter.storm = all.front().id;
    filter.only_unclosed = true;
    filter.limit = 1000;
    for (Anomaly& member : list_anomalies(tx, filter)) all.push_back(std::move(member));
    return all;
}

}  // namespace

void acknowledge(sys::Transaction& tx, AnomalyId id, const By& by, std::int64_t version) {
    for (Anomaly& each : with_members(tx, load_as_seen(tx, id, version))) {
        if (each.acknowledged_at || each.standing == Standing::Closed) continue;
        each.acknowledged_by = by.who;
        each.acknowledged_at = by.at;
        record(tx, each, "acknowledge", by, "受け付けました。");
    }
}

void answer(sys::Transaction& tx, AnomalyId id, const Answer& given, const By& by, std::int64_t version) {
    Anomaly anomaly = load_as_seen(tx, id, version);
    refuse_closed(anomaly);
    Answer answer = given;
    answer.why = checked(given.why, "理由");
    answer.who = checked(given.who, "対応する人");
    answer.by = by.who;
    answer.at = by.at;
    if (answer.decision == Decision::None) throw Error(Kind::BadInput, "対応するかどうかを選んでください。");
    if (answer.why.empty()) throw Error(Kind::BadInput, "判断の理由を入力してください。");
    if (answer.decision != Decision::Not && answer.who.empty())
        throw Error(Kind::BadInput, "対応する人を入力してください。");
    if (answer.decision == Decision::Later && (!answer.due_at || *answer.due_at <= by.at))
        throw Error(Kind::BadInput, "対応の期日には、今より後の日時を入力してください。");
    if (answer.decision != Decision::Later) answer.due_at.reset();
    std::string text = fmt::format("{}。", decision_wording(answer.decision));
    if (!answer.who.empty()) text += fmt::format("対応する人：{}。", answer.who);
    if (answer.due_at) text += fmt::format("期日：{}。", base::format_local(*answer.due_at));
    text += fmt::format("理由：{}", answer.why);
    for (Anomaly& each : with_members(tx, std::move(anomaly))) {
        if (!each.acknowledged_at) {
            each.acknowledged_by = by.who;
            each.acknowledged_at = by.at;
        }
        each.answer = answer;
        record(tx, each, "answer", by, text);
    }
}

void add_note(sys::Transaction& tx, AnomalyId id, std::string_view text, const By& by) {
    Anomaly anomaly = load_anomaly(tx, id);
    const std::string note = checked(text, "記入内容");
    if (note.empty()) throw Error(Kind::BadInput, "記入内容を入力してください。");
    record(tx, anomaly, "note", by, note);
}

void close(sys::Transaction& tx, AnomalyId id, std::string_view note, const By& by, std::int64_t version) {
    Anomaly anomaly = load_as_seen(tx, id, version);
    refuse_closed(anomaly);
    if (anomaly.standing == Standing::Open)
        throw Error(Kind::Conflict, fmt::format("異常第{}号は続いています。復旧してから終結してください。", id.value));
    if (anomaly.answer.decision == Decision::None)
        throw Error(Kind::Conflict,
                    fmt::format("異常第{}号は、対応の判断がまだです。先に記録してください。", id.value));
    const std::string text = checked(note, "結果");
    for (Anomaly& each : with_members(tx, std::move(anomaly))) {
        if (each.standing != Standing::Cleared || each.answer.decision == Decision::None) continue;
        each.standing = Standing::Closed;
        each.closed_at = by.at;
        record(tx, each, "close", by, text.empty() ? "終結しました。" : text);
    }
}

namespace {

void note_window(sys::Transaction& tx, std::string_view act, std::int64_t id, const By& by, std::string_view why) {
    ledger::append(tx,
                   {by.at, by.who, std::string(act), fmt::format("window:{}", id),
                    boost::json::serialize(boost::json::object{{"why", why}})},
                   ledger::kWatch);
}

}  // namespace

std::int64_t add_window(sys::Transaction& tx, const Window& window, base::Instant now) {
    const std::string why = checked(window.why, "理由");
    if (why.empty()) throw Error(Kind::BadInput, "呼出しを止める理由を入力してください。");
    if (window.until_at <= window.from_at || window.until_at <= now)
        throw Error(Kind::BadInput, "終了の日時は、開始と現在より後にしてください。");
    if (window.until_at - window.from_at > std::chrono::hours(31 * 24))
        throw Error(Kind::BadInput, "呼出しを止める期間は31日以内にしてください。");
    const std::int64_t id = tx.insert(
        "INSERT INTO quiet_window (reason_kind, why, actor, from_at, until_at, source, kind, subject) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
        {window.reason_kind, why, window.by, window.from_at.milliseconds, window.until_at.milliseconds, window.source,
         window.kind, window.subject});
    note_window(tx, "window.add", id, {window.by, now}, why);
    return id;
}

bool end_window(sys::Transaction& tx, std::int64_t id, const By& by) {
    if (tx.execute("UPDATE quiet_window SET until_at = $2 WHERE id = $1 AND until_at > $2", {id, by.at.milliseconds}) ==
        0)
        return false;
    note_window(tx, "window.end", id, by, "");
    return true;
}

std::vector<Window> list_windows(sys::Reader& db, base::Instant now) {
    std::vector<Window> found;
    for (const auto& row : db.query("SELECT id, reason_kind, why, actor, from_at, until_at, source, kind, subject FROM "
                                    "quiet_window WHERE until_at > $1 ORDER BY from_at, id LIMIT 1000",
                                    {now.milliseconds}))
        found.push_back({row.integer(0),
                         row.text(1),
                         row.text(2),
                         row.text(3),
                         {row.integer(4)},
                         {row.integer(5)},
                         row.text(6),
                         row.text(7),
                         row.text(8)});
    return found;
}

}  // namespace signals
