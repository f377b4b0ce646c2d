// What is done to an incident, each with its line in the ledger.
#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "ground/ledger/store.h"
#include "office/incidents/incident.h"
#include "office/records/store.h"

namespace incidents {

namespace json = boost::json;
using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kLongestText = 4000, kLongestName = 200;  // characters
constexpr auto kNow = std::chrono::minutes(5);                  // what is entered within it has happened now
constexpr std::size_t kMostMeasures = 50, kMostEntries = 2000;

std::string subject_of(IncidentId id) {
    return fmt::format("incident:{}", id.value);
}

void note(sys::Transaction& tx, IncidentId id, std::string_view act, json::object detail, const By& by) {
    ledger::append(tx, {by.at, by.who, std::string(act), subject_of(id), json::serialize(detail)});
}

std::string need(std::string_view typed, std::string_view label, std::size_t longest, bool is_needed = true) {
    const std::string_view text = base::trim(typed);
    if (is_needed && text.empty()) throw Error(Kind::BadInput, fmt::format("{}を入れてください。", label));
    if (!base::is_utf8(text) || text.find('\0') != std::string_view::npos)
        throw Error(Kind::BadInput, fmt::format("{}に、使えない文字があります。", label));
    if (base::count_code_points(text) > longest)
        throw Error(Kind::BadInput, fmt::format("{}は{}文字までで入れてください。", label, longest));
    return std::string(text);
}

void need_past(base::Instant at, base::Instant now, std::string_view label) {
    if (at > now + kNow) throw Error(Kind::BadInput, fmt::format("{}に、これからの日時は入れられません。", label));
    if (at.milliseconds <= 0) throw Error(Kind::BadInput, fmt::format("{}を入れてください。", label));
}

Incident begin(sys::Transaction& tx, IncidentId id, std::int64_t version) {
    const Incident found = load_incident(tx, id);
    if (version != 0 && found.version != version)
        throw Error(
            Kind::Conflict,
            "この障害は、ほかの人（または別の画面）が先に変えました。いまの内容を確かめて、もう一度操作してください。");
    return found;
}

void need_unclosed(const Incident& incident) {
    if (incident.state == State::Closed)
        throw Error(Kind::Conflict, "この障害は終結しています。続きがあるときは「再び調査する」から始めてください。");
}

void touch(sys::Transaction& tx, IncidentId id) {
    tx.execute("UPDATE incident SET version = version + 1 WHERE id = $1", {id.value});
}

void add_step(sys::Transaction& tx, IncidentId id, const Step& step) {
    tx.execute(
        "INSERT INTO incident_step (incident_id, state, at, recorded_at, by_whom, note, is_skipped) VALUES ($1, $2, "
        "$3, $4, $5, $6, $7)",
        {id.value, std::string(state_id(step.state)), step.at.milliseconds, step.recorded_at.milliseconds, step.by,
         step.note, std::int64_t{step.is_skipped ? 1 : 0}});
}

void set_state(sys::Transaction& tx, IncidentId id, State state, base::Instant at) {
    tx.execute("UPDATE incident SET state = $1, state_at = $2, closed_at = $3, version = version + 1 WHERE id = $4",
               {std::string(state_id(state)), at.milliseconds,
                state == State::Closed ? sys::Value(at.milliseconds) : sys::Value(nullptr), id.value});
}

void put_value(sys::Transaction& tx, IncidentId id, std::string_view field, const std::string& value, const By& by) {
    tx.execute(
        "INSERT INTO incident_value (incident_id, field, value, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (incident_id, field) DO UPDATE SET value = excluded.value, changed_by = excluded.changed_by, "
        "changed_at = excluded.changed_at",
        {id.value, std::string(field), value, by.who, by.at.milliseconds});
}

int checked_severity(int severity) {
    if (severity < 0 || severity > 4) throw Error(Kind::BadInput, "重大度を選んでください。");
    return severity;
}

void put_member(sys::Transaction& tx, IncidentId id, const Member& member) {
    tx.execute(
        "INSERT INTO incident_anomaly (anomaly_id, incident_id, text, first_at, added_at, added_by) VALUES ($1, $2, "
        "$3, $4, $5, $6)",
        {member.anomaly, id.value, std::string(base::first_code_points(base::to_valid_utf8(member.text), kLongestText)),
         member.first_at.milliseconds, member.added_at.milliseconds, member.by});
}

void need_free(sys::Reader& db, std::int64_t anomaly) {
    if (const auto other = find_by_anomaly(db, anomaly))
        throw Error(Kind::Conflict, fmt::format("異常 第{}号は、すでに別の障害（{}）に入っています。", anomaly,
                                                load_incident(db, *other).number));
}

void check_measure(const Measure& one, Measure& clean) {
    clean = one;
    clean.text = need(one.text, "措置", kLongestText);
    clean.owner = need(one.owner, "担当", kLongestName);
    clean.effect = need(one.effect, "効果の確認", kLongestText, false);
    clean.similar = need(one.similar, "同種箇所の確認", kLongestText, false);
    if (one.due_on.year < 2000) throw Error(Kind::BadInput, "期日を入れてください。");
    if (!clean.effect.empty() && !one.done_on)
        throw Error(Kind::BadInput, "効果を確かめる前に、実施日を入れてください。");
}

json::object about(const Measure& one) {
    json::object detail{{"measure", one.id},
                        {"kind", one.is_preventive ? "preventive" : "corrective"},
                        {"owner", one.owner},
                        {"due", base::format_day(one.due_on)}};
    if (one.done_on) detail["done"] = base::format_day(*one.done_on);
    return detail;
}

}  // namespace

Incident open(sys::Transaction& tx, const NewIncident& made, const By& by) {
    if (const auto row = tx.find("SELECT id FROM incident WHERE once_key = $1", {made.once}))
        return load_incident(tx, {row->integer(0)});
    const std::string title = need(made.title, "件名", kLongestTitle);
    const std::string reporter = need(made.reporter, "連絡した人", kLongestName, made.found == "call");
    const std::string symptom = need(made.symptom, "症状", kLongestText, false);
    need_past(made.occurred_at, by.at, "発生日時");
    need_past(made.detected_at, by.at, "検知日時");
    if (made.detected_at < made.occurred_at) throw Error(Kind::BadInput, "検知日時は、発生日時より後にしてください。");
    if (made.found != "watch" && made.found != "call" && made.found != "check")
        throw Error(Kind::BadInput, "見つけたきっかけを選んでください。");
    if (made.once.empty()) throw Error(Kind::BadInput, "どの操作かがわかりません。画面を開き直してください。");
    for (const Member& each : made.members) need_free(tx, each.anomaly);
    const std::string number = records::take_number(tx, "incident", by.at);
    const IncidentId id{tx.insert(
        "INSERT INTO incident (number, title, severity, cause, state, level, occurred_at, detected_at, found, "
        "reporter, made_by, made_at, state_at, once_key) VALUES ($1, $2, $3, $4, 'detected', 0, $5, $6, $7, $8, $9, "
        "$10, $10, $11) RETURNING id",
        {number, title, std::int64_t{checked_severity(made.severity)}, made.cause, made.occurred_at.milliseconds,
         made.detected_at.milliseconds, made.found, reporter, by.who, by.at.milliseconds, made.once})};
    add_step(tx, id, {State::Detected, made.detected_at, by.at, by.who, "", false});
    if (!symptom.empty()) put_value(tx, id, "symptom", symptom, by);
    json::array anomalies;
    for (const Member& each : made.members) {
        put_member(tx, id, each);
        anomalies.push_back(each.anomaly);
    }
    json::object detail{{"number", number},
                        {"title", title},
                        {"severity", made.severity},
                        {"found", made.found},
                        {"happened_at", base::format_utc(made.detected_at)}};
    if (!anomalies.empty()) detail["anomalies"] = std::move(anomalies);
    note(tx, id, "incident.open", std::move(detail), by);
    return load_incident(tx, id);
}

bool add_member(sys::Transaction& tx, IncidentId id, const Member& member, int severity, const By& by) {
    const Incident incident = load_incident(tx, id);
    if (const auto other = find_by_anomaly(tx, member.anomaly); other && *other == id) return false;
    need_free(tx, member.anomaly);
    need_unclosed(incident);
    if (!has_room(tx, id))
        throw Error(Kind::Conflict, "この障害には、これ以上の異常を加えられません。別の障害として登録してください。");
    put_member(tx, id, member);
    tx.execute("UPDATE incident SET severity = $1, version = version + 1 WHERE id = $2",
               {std::int64_t{std::max(incident.severity, checked_severity(severity))}, id.value});
    note(tx, id, "incident.join", {{"anomaly", member.anomaly}}, by);
    return true;
}

Incident advance(sys::Transaction& tx, IncidentId id, const Advance& asked, const By& by, std::int64_t version) {
    const Incident incident = begin(tx, id, version);
    const auto from = static_cast<int>(incident.state), to = static_cast<int>(asked.to);
    if (to <= from)
        throw Error(Kind::Conflict,
                    fmt::format("この障害は、すでに「{}」まで進んでいます。", state_wording(incident.state)));
    const std::string skipping = need(asked.skipping, "途中の段階を省く理由", kLongestText, to > from + 1);
    need_past(asked.at, by.at, "日時");
    const bool is_earlier = asked.at < by.at - kNow;
    const std::string said =
        need(asked.note, is_earlier ? "記入（さかのぼった日時を入れた理由）" : "記入", kLongestText, is_earlier);
    for (const Step& step : list_steps(tx, id))
        if (asked.at + kNow < step.at && !step.is_skipped)
            throw Error(Kind::BadInput, fmt::format("日時が、前の段階「{}」（{}）より前になっています。",
                                                    state_wording(step.state), calendar::format_era_moment(step.at)));
    if (const auto missing = list_missing(tx, id, asked.to); !missing.empty()) {
        std::vector<std::string_view> names;
        for (const Missing& each : missing) names.push_back(each.wording);
        throw Error(Kind::BadInput, fmt::format("「{}」に進むには、次のことが足りません：{}", state_wording(asked.to),
                                                fmt::join(names, "、")));
    }
    json::array skipped;
    for (int between = from + 1; between < to; ++between) {
        add_step(tx, id, {kStates[between], asked.at, by.at, by.who, skipping, true});
        skipped.push_back(json::value(state_id(kStates[between])));
        // From the restored service on other times run, also when nobody has said so apart.
        if (kStates[between] == State::Restored)
            note(tx, id, state_act(State::Restored),
                 {{"happened_at", base::format_utc(asked.at)}, {"skipped", true}, {"reason", skipping}}, by);
    }
    add_step(tx, id, {asked.to, asked.at, by.at, by.who, said, false});
    set_state(tx, id, asked.to, by.at);
    json::object detail{{"happened_at", base::format_utc(asked.at)}};
    if (!said.empty()) detail["note"] = said;
    if (!skipped.empty()) {
        detail["skipped"] = std::move(skipped);
        detail["reason"] = skipping;
    }
    note(tx, id, state_act(asked.to), std::move(detail), by);
    return load_incident(tx, id);
}

Incident reopen(sys::Transaction& tx, IncidentId id, std::string_view why, const By& by, std::int64_t version) {
    const Incident incident = begin(tx, id, version);
    if (incident.state < State::Restored) throw Error(Kind::Conflict, "この障害は、まだ調査の途中です。");
    const std::string reason = need(why, "再び調査する理由", kLongestText);
    add_step(tx, id, {State::Investigating, by.at, by.at, by.who, reason, false});
    set_state(tx, id, State::Investigating, by.at);
    note(tx, id, "incident.reopen", {{"reason", reason}, {"from", state_id(incident.state)}}, by);
    return load_incident(tx, id);
}

Incident escalate(sys::Transaction& tx, IncidentId id, Level to, std::string_view why, const By& by,
                  std::int64_t version) {
    const Incident incident = begin(tx, id, version);
    need_unclosed(incident);
    if (to <= incident.level)
        throw Error(Kind::Conflict,
                    fmt::format("この障害は、すでに{}に引き継がれています。", level_wording(incident.level)));
    const std::string reason = need(why, "引き継ぐ理由", kLongestText);
    tx.execute("UPDATE incident SET level = $1, version = version + 1 WHERE id = $2",
               {static_cast<std::int64_t>(to), id.value});
    note(tx, id, "incident.escalate", {{"to", level_id(to)}, {"reason", reason}}, by);
    return load_incident(tx, id);
}

Incident edit(sys::Transaction& tx, IncidentId id, const Edit& edit, const By& by, std::int64_t version) {
    const Incident incident = begin(tx, id, version);
    need_unclosed(incident);
    const std::string title = need(edit.title, "件名", kLongestTitle);
    need_past(edit.occurred_at, by.at, "発生日時");
    if (edit.occurred_at > incident.detected_at)
        throw Error(Kind::BadInput, "発生日時は、検知日時より前にしてください。");
    const Values before = load_values(tx, id);
    json::array changed;
    const auto value_in = [](const Values& values, std::string_view field) {
        const auto found = values.find(std::string(field));
        return found == values.end() ? std::string() : found->second;
    };
    for (const Field& field : all_fields()) {
        const std::string now = need(value_in(edit.values, field.id), field.wording, kLongestText, false);
        if (field.is_number && (now.size() > 9 || now.find_first_not_of("0123456789") != std::string::npos))
            throw Error(Kind::BadInput, fmt::format("{}は、半角の数字で入れてください。", field.wording));
        if (field.needed_from && now.empty() && *field.needed_from <= incident.state)
            throw Error(Kind::BadInput, fmt::format("「{}」まで進んだ障害では、{}を空にできません。",
                                                    state_wording(incident.state), field.wording));
        const std::string old = value_in(before, field.id);
        if (now == old) continue;
        put_value(tx, id, field.id, now, by);
        changed.push_back(json::value(field.id));
        if (field.id == "location" && old.empty()) note(tx, id, "incident.locate", {{"location", now}}, by);
    }
    if (title != incident.title) changed.push_back("title");
    if (edit.severity != incident.severity) changed.push_back("severity");
    if (edit.occurred_at != incident.occurred_at) changed.push_back("occurred_at");
    if (changed.empty()) return incident;
    tx.execute("UPDATE incident SET title = $1, severity = $2, occurred_at = $3, version = version + 1 WHERE id = $4",
               {title, std::int64_t{checked_severity(edit.severity)}, edit.occurred_at.milliseconds, id.value});
    note(tx, id, "incident.write", {{"changed", std::move(changed)}}, by);
    return load_incident(tx, id);
}

bool add_entry(sys::Transaction& tx, IncidentId id, const Entry& entry, std::string_view once, const By& by) {
    load_incident(tx, id);
    const bool is_contact = entry.kind == "contact";
    need_past(entry.at, by.at, "日時");
    if (once.empty()) throw Error(Kind::BadInput, "どの操作かがわかりません。画面を開き直してください。");
    if (list_entries(tx, id).size() >= kMostEntries)
        throw Error(Kind::Conflict, "記入が多すぎます。新しい障害として登録してください。");
    const std::string whom = need(entry.whom, "連絡した相手", kLongestName, is_contact);
    const std::string how = need(entry.how, "連絡の方法", kLongestName, is_contact);
    if (tx.execute("INSERT INTO incident_entry (incident_id, at, kind, whom, how, text, by_whom, made_at, once_key) "
                   "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (incident_id, once_key) DO NOTHING",
                   {id.value, entry.at.milliseconds, is_contact ? "contact" : "note", whom, how,
                    need(entry.text, "内容", kLongestText), by.who, by.at.milliseconds, std::string(once)}) == 0)
        return false;
    json::object detail{{"happened_at", base::format_utc(entry.at)}};
    if (is_contact) detail["whom"] = whom, detail["how"] = how;
    note(tx, id, is_contact ? "incident.contact" : "incident.note", std::move(detail), by);
    return true;
}

Measure add_measure(sys::Transaction& tx, IncidentId id, const Measure& made, std::string_view once, const By& by) {
    need_unclosed(load_incident(tx, id));
    if (once.empty()) throw Error(Kind::BadInput, "どの操作かがわかりません。画面を開き直してください。");
    const auto all = list_measures(tx, id);
    if (const auto row = tx.find("SELECT id FROM incident_measure WHERE incident_id = $1 AND once_key = $2",
                                 {id.value, std::string(once)}))
        for (const Measure& each : all)
            if (each.id == row->integer(0)) return each;
    if (all.size() >= kMostMeasures) throw Error(Kind::Conflict, "措置が多すぎます。まとめてください。");
    Measure clean;
    check_measure(made, clean);
    clean.by = by.who;
    clean.version = 1;
    clean.id = tx.insert(
        "INSERT INTO incident_measure (incident_id, is_preventive, text, owner, due_on, done_on, effect, "
        "similar_places, by_whom, once_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
        {id.value, std::int64_t{clean.is_preventive ? 1 : 0}, clean.text, clean.owner, base::format_day(clean.due_on),
         clean.done_on ? sys::Value(base::format_day(*clean.done_on)) : sys::Value(nullptr), clean.effect,
         clean.similar, by.who, std::string(once)});
    touch(tx, id);
    note(tx, id, "incident.measure", about(clean), by);
    return clean;
}

Measure change_measure(sys::Transaction& tx, IncidentId id, const Measure& changed, const By& by) {
    need_unclosed(load_incident(tx, id));
    Measure clean;
    check_measure(changed, clean);
    if (tx.execute("UPDATE incident_measure SET is_preventive = $1, text = $2, owner = $3, due_on = $4, done_on = $5, "
                   "effect = $6, similar_places = $7, version = version + 1 WHERE id = $8 AND incident_id = $9 AND "
                   "version = $10",
                   {std::int64_t{clean.is_preventive ? 1 : 0}, clean.text, clean.owner, base::format_day(clean.due_on),
                    clean.done_on ? sys::Value(base::format_day(*clean.done_on)) : sys::Value(nullptr), clean.effect,
                    clean.similar, clean.id, id.value, clean.version}) == 0)
        throw Error(
            Kind::Conflict,
            "この措置は、ほかの人（または別の画面）が先に変えました。いまの内容を確かめて、もう一度操作してください。");
    ++clean.version;
    touch(tx, id);
    note(tx, id, "incident.measure", about(clean), by);
    return clean;
}

bool add_report(sys::Transaction& tx, IncidentId id, const Report& report, const By& by) {
    if (tx.execute("INSERT INTO incident_report (delivery_id, incident_id, stage, document_id, whom, how, happened_at) "
                   "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (delivery_id) DO NOTHING",
                   {report.delivery, id.value, report.stage, report.document, report.whom, report.how,
                    report.happened_at.milliseconds}) == 0)
        return false;
    touch(tx, id);
    note(tx, id, "incident.report",
         {{"stage", report.stage},
          {"document", report.document},
          {"to", report.whom},
          {"how", report.how},
          {"happened_at", base::format_utc(report.happened_at)}},
         by);
    return true;
}

bool tick(sys::Transaction& tx, IncidentId id, std::string_view runbook, std::string_view step, std::string_view said,
          const By& by) {
    need_unclosed(load_incident(tx, id));
    const std::string text = need(step, "手順", kLongestText), words = need(said, "記入", kLongestText, false);
    if (tx.execute("INSERT INTO incident_tick (incident_id, runbook, step, note, by_whom, at) VALUES ($1, $2, $3, $4, "
                   "$5, $6) ON CONFLICT (incident_id, runbook, step) DO NOTHING",
                   {id.value, std::string(runbook), text, words, by.who, by.at.milliseconds}) == 0)
        return false;
    note(tx, id, "incident.check", {{"runbook", std::string(runbook)}, {"step", text}}, by);
    return true;
}

}  // namespace incidents
