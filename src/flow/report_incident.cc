#include "flow/report_incident.h"

#include <algorithm>
#include <tuple>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "flow/handle_incident.h"
#include "flow/report_vulnerability.h"
#include "flow/stop_service.h"
#include "ground/base/csv.h"
#include "ground/base/error.h"
#include "ground/calendar/era.h"
#include "ground/ledger/store.h"
#include "ground/people/accounts.h"
#include "office/documents/store.h"
#include "office/stops/stop.h"

namespace flow {

using base::Error;
using base::Instant;
using base::Kind;
using incidents::Incident;
using incidents::IncidentId;
using incidents::State;

namespace {

constexpr std::string_view kStages[] = {"first", "interim", "final"};
constexpr int kMostAnomalies = 5000;
constexpr int kMostFollowed = 200;  // incidents whose papers are looked at for hand-overs
// What is told longer before an emergency stop, or after it, is of an incident's other course.
constexpr auto kAroundStop = std::chrono::hours(24);

std::string time_words(const std::optional<Instant>& at) {
    return at ? calendar::format_era_moment(*at) : std::string("（まだ）");
}

std::string name_of(sys::Reader& db, std::string_view by) {
    if (by.starts_with("person:"))
        if (const auto person =
                people::find_person(db, base::PersonId{std::strtoll(std::string(by.substr(7)).c_str(), nullptr, 10)}))
            return person->name;
    return by.empty() ? std::string() : std::string("システム");
}

tmpl::Map row(std::string_view label, std::string text) {
    return {{"label", label}, {"text", text.empty() ? std::string("（まだ）") : std::move(text)}};
}

void need_watch(Site& site) {
    if (site.find_watch() == nullptr)
        throw Error(Kind::Unavailable,
                    "監視の記録が読めないため、報告書を作れません。監視が動いているかを確かめてください。");
}

tmpl::Map incident_values(Site& site, const Incident& incident) {
    const auto course = list_course(site, incident);
    tmpl::Map values;
    site.database->read([&](sys::Reader& db) {
        const auto texts = incidents::load_values(db, incident.id);
        tmpl::List facts, times, moments, measures, members, contacts;
        facts.push_back(row("障害番号", incident.number));
        facts.push_back(row("件名", incident.title));
        facts.push_back(
            row("重大度", std::string(signals::severity_wording(static_cast<signals::Severity>(incident.severity)))));
        facts.push_back(row("見つけたきっかけ", incident.reporter.empty()
                                                    ? std::string(incidents::found_wording(incident.found))
                                                    : fmt::format("{}（{}）", incidents::found_wording(incident.found),
                                                                  incident.reporter)));
        for (const incidents::Field& field : incidents::all_fields()) {
            const auto found = texts.find(std::string(field.id));
            // A supposition that nobody made is no empty field.
            if (found == texts.end() && !field.needed_from) continue;
            facts.push_back(row(field.wording, found == texts.end() ? std::string() : found->second));
        }
        times.push_back(row("発生", time_words(incident.occurred_at)));
        const auto steps = incidents::list_steps(db, incident.id);
        for (const State state : incidents::kStates) {
            std::string text;
            for (const incidents::Step& step : steps)
                if (step.state == state)
                    text =
                        step.is_skipped ? fmt::format("省略（{}）", step.note) : calendar::format_era_moment(step.at);
            times.push_back(row(incidents::state_wording(state), std::move(text)));
        }
        for (const Moment& each : course)
            moments.push_back(tmpl::Map{{"time", calendar::format_era_moment(each.at)},
                                        {"what", each.what},
                                        {"who", name_of(db, each.by)},
                                        {"text", each.text}});
        for (const incidents::Measure& each : incidents::list_measures(db, incident.id))
            measures.push_back(tmpl::Map{{"kind", each.is_preventive ? "再発防止" : "是正"},
                                         {"text", each.text},
                                         {"owner", each.owner},
                                         {"due", calendar::format_era(each.due_on)},
                                         {"done", each.done_on ? calendar::format_era(*each.done_on) : "（まだ）"},
                                         {"effect", each.effect.empty() ? "（まだ）" : each.effect},
                                         {"similar", each.similar.empty() ? "（まだ）" : each.similar}});
        for (const incidents::Member& each : incidents::list_members(db, incident.id))
            members.push_back(tmpl::Map{
                {"number", each.anomaly}, {"text", each.text}, {"time", calendar::format_era_moment(each.first_at)}});
        for (const incidents::Entry& each : incidents::list_entries(db, incident.id))
            if (each.kind == "contact")
                contacts.push_back(tmpl::Map{{"time", calendar::format_era_moment(each.at)},
                                             {"whom", each.whom},
                                             {"how", each.how},
                                             {"text", each.text}});
        values.set("facts", std::move(facts)).set("times", std::move(times)).set("course", std::move(moments));
        values.set("measures", std::move(measures)).set("members", std::move(members));
        values.set("contacts", std::move(contacts));
        values.set("state", incidents::state_wording(incident.state));
    });
    return values;
}

/// Who was told when: from the incidents that were open at any time of the stop, those before it among them.
std::vector<Moment> told_about(Site& site, const stops::EmergencyReport& stop) {
    const Instant until = stop.resumed_at.value_or(site.clock.now());
    std::vector<Incident> open;
    site.database->read([&](sys::Reader& db) {
        incidents::Filter filter;
        filter.until = until + std::chrono::milliseconds(1);
        filter.limit = 1000;
        for (auto page = incidents::list_incidents(db, filter); !page.empty();
             page = incidents::list_incidents(db, filter)) {
            for (Incident& each : page)
                if (!each.closed_at || *each.closed_at >= stop.stopped_at) open.push_back(std::move(each));
            filter.before = page.back().id.value;
        }
    });
    std::vector<Moment> told;
    for (const Incident& each : open)
        for (Moment& one : list_course(site, each))
            if ((one.what.starts_with("連絡：") || one.what.starts_with("呼出し")) &&
                one.at >= stop.stopped_at - kAroundStop && one.at <= until + kAroundStop)
                told.push_back(std::move(one));
    const auto order = [](const Moment& one) { return std::tie(one.at, one.what, one.text); };
    std::sort(told.begin(), told.end(), [&](const auto& a, const auto& b) { return order(a) < order(b); });
    // One call may be about several incidents.
    told.erase(
        std::unique(told.begin(), told.end(), [&](const auto& a, const auto& b) { return order(a) == order(b); }),
        told.end());
    return told;
}

/// "2027-04": its first moment and the one after it.
std::pair<Instant, Instant> span_of(std::string_view month) {
    const auto first = base::parse_day(fmt::format("{}-01", month));
    if (!first) throw Error(Kind::BadInput, "月を「2027-04」のように入れてください。");
    const base::Day next =
        first->month == 12 ? base::Day{first->year + 1, 1, 1} : base::Day{first->year, first->month + 1, 1};
    return {base::from_local({*first}), base::from_local({next})};
}

std::string answer_words(sys::Reader& db, const signals::Anomaly& one) {
    if (one.answer.decision == signals::Decision::None) return "対応の判断は、まだありません。";
    std::string text = fmt::format("{}。理由：{}", signals::decision_wording(one.answer.decision), one.answer.why);
    if (!one.answer.who.empty()) text += fmt::format("。対応：{}", one.answer.who);
    if (one.answer.at)
        text += fmt::format("（{}、{}）", calendar::format_era_moment(*one.answer.at), name_of(db, one.answer.by));
    return text;
}

std::string result_words(const signals::Anomaly& one, const std::vector<signals::Event>& events) {
    std::string text = one.standing == signals::Standing::Open ? std::string("続いています。")
                                                               : fmt::format("復旧：{}。", time_words(one.cleared_at));
    for (const signals::Event& event : events)
        if ((event.what == "close" || event.what == "note") && !event.text.empty()) text += event.text + "。";
    return text;
}

/// What only the program has a name for stands in the text.
std::string watched_words(const signals::Anomaly& one) {
    const bool is_ours = one.subject == one.source ||
                         (one.subject.find(':') != std::string::npos && one.subject.find('/') == std::string::npos);
    return is_ours ? std::string(watched_by(one.source)) : fmt::format("{}：{}", watched_by(one.source), one.subject);
}

std::vector<signals::Anomaly> anomalies_of(sys::Reader& db, Instant from, Instant until) {
    std::vector<signals::Anomaly> all;
    signals::Filter filter;
    filter.from = from;
    filter.until = until;
    filter.limit = 1000;
    while (true) {
        const auto page = signals::list_anomalies(db, filter);
        all.insert(all.end(), page.begin(), page.end());
        if (page.size() < 1000) break;
        if (all.size() > kMostAnomalies)
            throw Error(Kind::BadInput, fmt::format("この月の異常は{}件を超えています。監視の条件を見直してから、"
                                                    "異常の画面で期間を分けて確かめてください。",
                                                    kMostAnomalies));
        filter.before = page.back().id.value;
    }
    std::sort(all.begin(), all.end(),
              [](const auto& a, const auto& b) { return std::tie(a.first_at, a.id) < std::tie(b.first_at, b.id); });
    return all;
}

}  // namespace

std::string_view watched_by(std::string_view source) {
    constexpr std::pair<std::string_view, std::string_view> kSources[] = {{"guard", "公開ファイルの見張り"},
                                                                          {"outside", "外からの確認"},
                                                                          {"content", "内容の検査"},
                                                                          {"antivirus", "ウイルス対策"},
                                                                          {"probe", "監視項目"},
                                                                          {"intrusion", "侵入検知"},
                                                                          {"watch", "監視の見張り"},
                                                                          {"contract", "契約の期限"},
                                                                          {"helpdesk", "ヘルプデスク"},
                                                                          {"desk", "運用の期限"},
                                                                          {"advisories", "脆弱性情報"},
                                                                          {"backup", "バックアップ"},
                                                                          {"cutover", "サーバの切替"},
                                                                          {"telling", "担当者への連絡"},
                                                                          {"alertmanager", "Alertmanager"},
                                                                          {"logs", "ログの保存"},
                                                                          {"suricata", "Suricata"}};
    for (const auto& [id, words] : kSources)
        if (id == source) return words;
    return source;
}

documents::Version make_incident_report(Site& site, IncidentId id, std::string_view stage, std::string_view by) {
    if (std::find(std::begin(kStages), std::end(kStages), stage) == std::end(kStages))
        throw Error(Kind::BadInput, "報告書の種類を選んでください。");
    const Incident incident = site.database->read([&](sys::Reader& db) { return incidents::load_incident(db, id); });
    if (stage == "final") {
        auto missing = missing_of(site, id, State::Prevented);
        if (!missing.empty())
            throw Error(Kind::BadInput,
                        fmt::format("最終報告を作るには、「{}」などが足りません。先に記入してください。",
                                    missing.front().wording));
    }
    NewDocument made;
    made.kind = fmt::format("incident-{}", stage);
    made.subject = fmt::format("incident:{}", id.value);
    made.title = fmt::format("障害報告書（{}）", incidents::stage_wording(stage));
    made.data = incident_values(site, incident);
    made.data.set("is_final", stage == "final");
    made.is_urgent = stage == "first";
    return make_document(site, made, by);
}

documents::Version make_stop_report(Site& site, std::string_view subject, std::string_view by) {
    const auto all = site.database->read([](sys::Reader& db) { return stops::list_emergencies(db, 1000); });
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.subject == subject; });
    if (found == all.end()) throw Error(Kind::NotFound, "この緊急停止の記録はありません。");
    const stops::EmergencyReport& stop = *found;
    tmpl::List told;
    for (const Moment& one : told_about(site, stop))
        told.push_back(
            tmpl::Map{{"time", calendar::format_era_moment(one.at)}, {"what", one.what}, {"text", one.text}});
    NewDocument made;
    made.data.set("told", std::move(told));
    made.kind = "stop-report";
    made.subject = stop.subject;
    made.title = "緊急停止報告書";
    made.is_urgent = true;
    site.database->read([&](sys::Reader& db) {
        const auto part = find_part(stop.part);
        tmpl::List rows;
        rows.push_back(row("停止したもの", part ? std::string(part_name(*part)) : stop.part));
        rows.push_back(row("停止した日時", calendar::format_era_moment(stop.stopped_at)));
        rows.push_back(row("再開した日時", time_words(stop.resumed_at)));
        rows.push_back(row("停止を決めた人", stop.second.empty() ? name_of(db, stop.by)
                                                                 : fmt::format("{}、{}（同意）", name_of(db, stop.by),
                                                                               name_of(db, stop.second))));
        rows.push_back(row("停止の理由", stop.reason));
        rows.push_back(row("利用者への表示", stop.notice));
        made.data.set("facts", std::move(rows));
        tmpl::List about;
        incidents::Filter open;
        open.only_open = true;
        open.limit = 20;
        for (const Incident& each : incidents::list_incidents(db, open))
            about.push_back(tmpl::Map{{"number", each.number},
                                      {"title", each.title},
                                      {"state", incidents::state_wording(each.state)},
                                      {"time", calendar::format_era_moment(each.detected_at)}});
        made.data.set("incidents", std::move(about));
    });
    made.also = [&](sys::Transaction& tx, const documents::Document& document, const documents::Version&) {
        stops::set_document(tx, subject, document.id);
    };
    return make_document(site, made, by);
}

documents::Version make_anomaly_report(Site& site, std::string_view month, std::string_view by) {
    const auto span = span_of(month);  // not by name: clang 14 cannot capture those
    const Instant from = span.first, until = span.second;
    const Instant now = site.clock.now();
    if (from > now) throw Error(Kind::BadInput, "この月は、まだ始まっていません。");
    need_watch(site);
    NewDocument made;
    made.kind = "anomalies";
    made.subject = fmt::format("anomalies:{}", month);
    made.title = fmt::format("異常報告書（{}）", calendar::format_era_month(base::local_day(from)));
    std::string csv = "\xEF\xBB\xBF" + base::csv_line(std::vector<std::string>{"番号", "発生日時", "監視したもの",
                                                                               "内容", "対応", "結果"});
    tmpl::List rows;
    site.database->read([&](sys::Reader& office) {
        site.find_watch()->read([&](sys::Reader& db) {
            for (const signals::Anomaly& one : anomalies_of(db, from, until)) {
                const std::string watched = watched_words(one);
                const std::string answer = answer_words(office, one);
                const std::string result = result_words(one, signals::list_events(db, one.id));
                rows.push_back(tmpl::Map{{"number", one.id.value},
                                         {"time", calendar::format_era_moment(one.first_at)},
                                         {"watched", watched},
                                         {"severity", signals::severity_wording(one.severity)},
                                         {"text", one.text},
                                         {"answer", answer},
                                         {"result", result}});
                csv += base::csv_line(std::vector<std::string>{
                    std::to_string(one.id.value), base::format_local(one.first_at), watched, one.text, answer, result});
            }
        });
    });
    made.data.set("is_partial", until > now).set("made_of", calendar::format_era_moment(std::min(now, until)));
    made.data.set("count", rows.size()).set("rows", std::move(rows));
    made.files.push_back({"anomalies.csv", "text/csv; charset=utf-8", std::move(csv)});
    // A month that is not over is looked at, and is not the month's report.
    if (until <= now)
        made.also = [&, name = std::string(month)](sys::Transaction& tx, const documents::Document& document,
                                                   const documents::Version& version) {
            ledger::append(
                tx,
                {site.clock.now(), std::string(by), "report.make", "report:" + name,
                 boost::json::serialize(boost::json::object{
                     {"kind", "anomalies"}, {"month", name}, {"document", document.id}, {"version", version.number}})});
        };
    return make_document(site, made, by);
}

int settle_reports(Site& site) {
    struct Given {
        std::string subject, stage;
        documents::Document document;
        documents::Delivery delivery;
    };
    std::vector<Given> given;
    site.database->read([&](sys::Reader& db) {
        const auto look = [&](std::string_view kind, const std::string& subject, std::string_view stage,
                              auto is_known) {
            const auto document = documents::find_document(db, kind, subject);
            if (!document) return;
            for (const documents::Delivery& each : documents::list_deliveries(db, document->id))
                if (each.what == documents::kDeliver && !is_known(each.id))
                    given.push_back({subject, std::string(stage), *document, each});
        };
        incidents::Filter newest;
        newest.limit = kMostFollowed;
        for (const Incident& each : incidents::list_incidents(db, newest)) {
            const auto known = incidents::list_reports(db, each.id);
            for (const std::string_view stage : kStages)
                look(fmt::format("incident-{}", stage), fmt::format("incident:{}", each.id.value), stage,
                     [&](std::int64_t id) {
                         return std::any_of(known.begin(), known.end(),
                                            [&](const auto& one) { return one.delivery == id; });
                     });
        }
        for (const stops::EmergencyReport& each : stops::list_emergencies(db, kMostFollowed))
            if (each.delivery == 0) look("stop-report", each.subject, "", [](std::int64_t) { return false; });
    });
    int made = 0;
    for (const Given& each : given)
        made += site.database->write([&](sys::Transaction& tx) {
            const Instant now = site.clock.now();
            if (each.stage.empty())
                return stops::set_reported(tx, each.subject, each.delivery.id, each.delivery.who, each.delivery.how,
                                           each.delivery.happened_at, {each.delivery.by, now})
                           ? 1
                           : 0;
            const IncidentId id{std::strtoll(each.subject.c_str() + 9, nullptr, 10)};
            return incidents::add_report(tx, id,
                                         {each.stage, each.delivery.id, each.document.id, each.delivery.who,
                                          each.delivery.how, each.delivery.happened_at},
                                         {each.delivery.by, now})
                       ? 1
                       : 0;
        });
    return made + settle_vulnerability_reports(site);
}

}  // namespace flow
