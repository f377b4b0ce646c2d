// 異常: what the watch found, newest first, and one of them with its timeline, its evidence and the answer that was
// given: to act now or not, by whom, why, when (B3.3, B3.4). Answers carry the version that they were made from.

#include <boost/json.hpp>

#include "door/web/administration.h"
#include "door/web/chart.h"
#include "door/web/language.h"
#include "door/web/screens/anomalies/parts.h"
#include "door/web/screens/contract/deadline.h"
#include "door/web/screens/ledger/sentence.h"
#include "door/web/words.h"
#include "flow/report_incident.h"
#include "flow/watch_desk.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "office/incidents/runbooks.h"
#include "watch/guard/seen.h"
#include "watch/probes/probe.h"
#include "watch/signals/anomaly.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using signals::Anomaly;
using signals::Severity;

constexpr int kRows = 50, kNotes = 100;
constexpr std::chrono::hours kNotesSpan{24 * 7};
constexpr std::size_t kLongest = 1000;  // characters of a reason or note

constexpr std::pair<std::string_view, std::string_view> kStates[] = {{"", "終結していないもの"},
                                                                     {"open", "発生中"},
                                                                     {"unanswered", "対応を決めていないもの"},
                                                                     {"closed", "終結"},
                                                                     {"all", "すべて"}};
constexpr std::pair<std::string_view, std::string_view> kDecisions[] = {
    {"now", "すぐに対応する"}, {"later", "期日までに対応する"}, {"not", "対応しない"}};

std::string_view severity_chip(Severity severity) {
    constexpr std::string_view kKinds[] = {"draft", "scheduled", "submitted", "returned", "returned"};
    return kKinds[static_cast<std::size_t>(severity)];
}
std::string_view standing_chip(signals::Standing standing) {
    constexpr std::string_view kKinds[] = {"returned", "submitted", "live"};
    return kKinds[static_cast<std::size_t>(standing)];
}

sys::Database& need_watch(Context& context) {
    sys::Database* watch = context.site().find_watch();
    if (watch == nullptr) throw Error(Kind::NotFound, "監視がまだ一度も動いていません。");
    return *watch;
}

http::Response list(Context& context) {
    context.require(people::Act::MonitorRead);
    signals::Filter filter;
    const std::string state = query_words(context, "state");
    filter.only_unclosed = state.empty() || state == "unanswered";
    filter.only_unanswered = state == "unanswered";
    if (state == "open" || state == "closed") filter.standing = signals::find_standing(state);
    const std::string least = query_words(context, "least");
    filter.least = signals::find_severity(least);
    filter.words = query_words(context, "q");
    if (const auto from = query_day(context, "from")) filter.from = base::from_local({*from});
    if (const auto until = query_day(context, "until"))
        filter.until = base::from_local({*until}) + std::chrono::hours(24);
    filter.before = query_number(context, "before");
    filter.limit = kRows + 1;
    std::vector<Anomaly> found;
    sys::Database* watch = context.site().find_watch();
    if (watch != nullptr) found = watch->read([&](sys::Reader& db) { return signals::list_anomalies(db, filter); });
    tmpl::List notes;
    if (watch != nullptr && filter.before == 0)
        for (const auto& each :
             watch->read([&](sys::Reader& db) { return signals::list_notes(db, context.now() - kNotesSpan, kNotes); }))
            notes.push_back(tmpl::Map{{"time", exact_time(each.observed_at, context.now())}, {"text", say(each.text)}});
    const bool has_more = found.size() > kRows;
    if (has_more) found.resize(kRows);
    tmpl::List rows, states, severities;
    for (const Anomaly& one : found) rows.push_back(anomaly_row(one, context.now()));
    for (const auto& [id, words] : kStates) states.push_back(choice(id, say(words), state));
    severities.push_back(choice("", say("すべて"), least));
    for (const Severity each : {Severity::Minor, Severity::Warning, Severity::Serious, Severity::Emergency})
        severities.push_back(
            choice(signals::severity_id(each), say(fmt::format("{}以上", signals::severity_wording(each))), least));
    http::Fields next;
    for (const std::string_view name : {"state", "least", "q", "from", "until"})
        next.add(std::string(name), query_words(context, name));
    if (has_more) next.add("before", std::to_string(found.back().id.value));
    const auto beat = flow::find_watch_beat(context.site().folders, context.now());
    return context.page(
        {"screens/anomalies/list.html", "異常"},
        {{"rows", std::move(rows)},
         {"notes", std::move(notes)},
         {"is_alive", flow::is_beating(beat, context.now())},
         {"beat", beat ? short_time(*beat, context.now()) : tmpl::Value()},
         {"states", std::move(states)},
         {"severities", std::move(severities)},
         {"words", filter.words},
         {"from", day_input(query_day(context, "from"))},
         {"until", day_input(query_day(context, "until"))},
         {"is_first", filter.before == 0},
         {"is_filtered", !state.empty() || !least.empty() || !filter.words.empty() || filter.from || filter.until},
         {"next", has_more ? address_of("/anomalies", next) : std::string()}});
}

constexpr std::pair<std::string_view, std::string_view> kPayloadWords[] = {
    {"state", "状態"},
    {"target", "対象"},
    {"took_ms", "かかった時間（ミリ秒）"},
    {"samples", "測った値"},
    {"path", "場所"},
    {"problem", "内容"},
    {"quarantine", "証拠を隔離した場所"},
    {"writer", "書いたプログラム"},
    {"process", "プログラム"},
    {"address", "アドレス"},
    {"status", "応答の番号"},
    {"restored", "元に戻したか"},
    {"size", "大きさ（バイト）"},
    {"bytes", "大きさ（バイト）"},
    {"release", "公開記録の号"},
    {"rule", "規則"},
    {"excerpt", "該当する部分"},
    {"hash", "ハッシュ値"},
    {"signature", "一致した定義"},
    {"per_minute", "1分あたりの件数"},
    {"count", "件数"},
    {"paths", "場所"},
    {"detail", "見えたもの"},
    {"seconds", "戻すまでの時間（秒）"},
    {"copy", "写しを取った所"},
    {"since", "いつから"},
    {"until", "いつまで"},
    {"reason", "理由"},
};
std::string payload_words(std::string_view name) {
    for (const auto& [id, words] : kPayloadWords)
        if (id == name) return say(words);
    return std::string(name);
}

/// What the guard's commands say of a deviation, and its words on the screens; of two that fit the first is meant.
constexpr std::pair<std::string_view, std::string_view> kDeviationWords[] = {
    {guard::seen::kMissing, "あるはずの{}バイトがありません"},
    {guard::seen::kVanished, "読んでいるあいだに消えました"},
    {guard::seen::kExtraFile, "公開記録にない{}バイトです"},
    {guard::seen::kExtraFolder, "公開記録にないフォルダです"},
    {guard::seen::kOtherBytes, "{}バイト、ハッシュ値 {}。公開記録では{}バイト、ハッシュ値 {}"},
    {guard::seen::kLonger, "{}バイトより長くなっています"},
    {guard::seen::kOwner, "所有者は {}:{}。正しくは {}:{}"},
    {guard::seen::kMode, "権限は {}。正しくは {}"},
    {guard::seen::kNames, "{}個の名前がこのファイルを指しています"},
    {guard::seen::kLinkForFile, "ファイルの代わりに、シンボリックリンクがあります"},
    {guard::seen::kLink, "シンボリックリンクです"},
    {guard::seen::kFolderForFile, "ファイルの代わりに、フォルダがあります"},
    {guard::seen::kForeignType, "ファイルでもフォルダでもありません"},
    {guard::seen::kMountedFile, "別のファイルが重ねられています（マウント）"},
    {guard::seen::kMountedFolder, "別のフォルダが重ねられています（マウント）"},
    {guard::seen::kHeld, "だれかが書き込めるように開いているか、メモリに割り当てています"},
    {guard::seen::kCannotOpen, "開けません：{}"},
    {guard::seen::kCannotRead, "読めません：{}"},
    {guard::seen::kCannotReadOn, "最後まで読めません：{}"},
};

/// What stands in the holes of `form` ("{} bytes are not there"); nothing when `text` has another form.
std::optional<std::vector<std::string_view>> read_holes(std::string_view text, std::string_view form) {
    constexpr std::string_view kHole = "{}";
    std::vector<std::string_view> holes;
    for (;;) {
        const std::size_t hole = form.find(kHole);
        if (!text.starts_with(form.substr(0, hole))) return std::nullopt;
        if (hole == std::string_view::npos) return text == form ? std::optional(holes) : std::nullopt;
        text.remove_prefix(hole);
        form.remove_prefix(hole + kHole.size());
        const std::string_view after = form.substr(0, form.find(kHole));
        const std::size_t end = after.empty() ? text.size() : text.find(after);
        if (end == std::string_view::npos) return std::nullopt;
        holes.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
}

std::string deviation_text(const std::string& said) {
    for (const auto& [form, words] : kDeviationWords)
        if (const auto holes = read_holes(said, form)) {
            std::string text(words);
            std::size_t at = 0;
            for (const std::string_view hole : *holes) {
                at = text.find("{}", at);
                text.replace(at, 2, hole);
                at += hole.size();
            }
            return say(text);
        }
    return said;
}

/// A probe's figures as people read them; nothing when they have another form.
std::optional<std::string> sample_lines(const boost::json::value& value) {
    std::string text;
    if (!value.is_array()) return std::nullopt;
    for (const boost::json::value& each : value.as_array()) {
        const auto* one = each.if_object();
        const auto* name = one ? one->if_contains("name") : nullptr;
        const auto* figure = one ? one->if_contains("value") : nullptr;
        const auto* unit = one ? one->if_contains("unit") : nullptr;
        if (name == nullptr || !name->is_string() || figure == nullptr || !figure->is_number() || unit == nullptr ||
            !unit->is_string())
            return std::nullopt;
        text += fmt::format("{}{} {}", text.empty() ? "" : "\n", sample_words(std::string_view(name->as_string())),
                            figure_text(figure->to_number<double>(), std::string_view(unit->as_string())));
    }
    return text;
}

/// The program with its number, its user, and its arguments, a line each.
std::string process_text(const boost::json::object& about) {
    const auto text = [&](std::string_view name) {
        const auto* found = about.if_contains(name);
        return found == nullptr     ? std::string()
               : found->is_string() ? std::string(found->as_string())
                                    : boost::json::serialize(*found);
    };
    std::string all = text("program") + say(fmt::format("（プロセス {}）", text("process")));
    if (about.contains("user")) all += "\n" + say(fmt::format("利用者 {}", text("user")));
    if (about.contains("command")) all += "\n" + text("command");
    return all;
}

/// Where a damaged object's bytes were taken from.
std::string copy_text(const std::string& place) {
    if (place == "public") return say("公開ファイル");
    if (place == "backup") return say("バックアップ");
    if (place.starts_with("server ")) return say("公開サーバ") + " " + place.substr(7);
    return place;
}

std::string payload_text(std::string_view name, const boost::json::value& value) {
    if (const auto* about = value.if_object(); about != nullptr && about->contains("process"))
        return process_text(*about);
    if (name == "samples")
        if (auto lines = sample_lines(value)) return std::move(*lines);
    if (value.is_bool()) return say(value.as_bool() ? "はい" : "いいえ");
    if (value.is_double()) return fmt::format("{:.6g}", value.as_double());
    if (!value.is_string()) return boost::json::serialize(value);
    const std::string text(value.as_string());
    if (name == "state")
        if (const auto state = probes::find_state(text)) return say(probes::state_wording(*state));
    if (name == "copy") return copy_text(text);
    if (name == "detail") return deviation_text(text);
    return text;
}

/// The pieces of evidence that a signal names: one, or several.
tmpl::List evidence_links(const boost::json::value& value) {
    tmpl::List links;
    const auto add = [&](const boost::json::value& name) {
        if (const auto* piece = name.if_string())
            links.push_back(tmpl::Map{{"path", "/evidence/" + base::percent_encode(std::string_view(*piece))},
                                      {"name", std::string(*piece)}});
    };
    if (const auto* several = value.if_array())
        for (const boost::json::value& one : *several) add(one);
    else
        add(value);
    return links;
}

/// The figures of a signal's payload as lines, so that people need not read JSON.
tmpl::List payload_lines(std::string_view payload) {
    tmpl::List lines;
    boost::system::error_code problem;
    const boost::json::value parsed = boost::json::parse(payload, problem);
    if (problem || !parsed.is_object()) return lines;
    for (const auto& [name, value] : parsed.as_object()) {
        tmpl::List links = name == "quarantine" ? evidence_links(value) : tmpl::List();
        lines.push_back(tmpl::Map{{"name", payload_words(name)},
                                  {"value", links.empty() ? payload_text(name, value) : std::string()},
                                  {"links", std::move(links)}});
    }
    return lines;
}

http::Response show(Context& context, std::string_view problem, int status) {
    context.require(people::Act::MonitorRead);
    const base::Instant now = context.now();
    const signals::AnomalyId id{context.request.number("id")};
    Anomaly one;
    std::vector<signals::Event> events;
    std::vector<signals::KeptSignal> kept;
    need_watch(context).read([&](sys::Reader& db) {
        one = signals::load_anomaly(db, id);
        events = signals::list_events(db, id);
        kept = signals::list_signals(db, id, 20);
    });
    tmpl::Map values = anomaly_row(one, now);
    tmpl::List course, evidence, decisions;
    Names names(context.db());
    const auto who = [&](const std::string& by) { return by.empty() ? std::string() : who_of(names, by); };
    for (const auto& each : events)
        course.push_back(tmpl::Map{{"what", say(signals::event_wording(each.what))},
                                   {"who", each.by.empty() ? say("監視") : who(each.by)},
                                   {"time", exact_time(each.at, now)},
                                   {"said", each.by.starts_with("person:") ? each.text : say(each.text)},
                                   {"kind", each.what == "open"    ? "returned"
                                            : each.what == "clear" ? "live"
                                                                   : "done"}});
    values.set("acknowledged_by", who(one.acknowledged_by)).set("answered_by", who(one.answer.by));
    for (const auto& each : kept)
        evidence.push_back(tmpl::Map{{"time", exact_time(each.observed_at, now)},
                                     {"state", say(signals::state_wording(each.state))},
                                     {"text", say(each.text)},
                                     {"lines", payload_lines(each.payload)}});
    const auto typed = [&](std::string_view name, const std::string& otherwise) {
        return problem.empty() ? otherwise : context.field(name);
    };
    const std::string decision = typed("decision", std::string(signals::decision_id(one.answer.decision)));
    for (const auto& [name, words] : kDecisions) decisions.push_back(choice(name, say(words), decision));
    values.set("problem", say(problem)).set("course", std::move(course)).set("evidence", std::move(evidence));
    values.set("decisions", std::move(decisions)).set("may_act", context.may(people::Act::IncidentHandle));
    values.set("typed_who", typed("who", one.answer.who)).set("typed_why", typed("why", one.answer.why));
    values.set("typed_due", typed("due", one.answer.due_at ? local_input(*one.answer.due_at) : std::string()));
    values.set("typed_note", problem.empty() ? std::string() : context.field("note"));
    values.set("why", one.answer.why).set("who", one.answer.who);
    values.set("due", one.answer.due_at ? deadline_time(*one.answer.due_at, now) : tmpl::Value());
    values.set("answered_at", one.answer.at ? short_time(*one.answer.at, now) : tmpl::Value());
    context.db().read([&](sys::Reader& db) {
        tmpl::List books;
        for (const auto& each : incidents::list_runbooks_for(db, one.source, one.kind))
            books.push_back(tmpl::Map{{"path", "/runbooks/" + each.slug}, {"title", each.title}});
        values.set("books", std::move(books));
        if (const auto incident = incidents::find_by_anomaly(db, id.value))
            values.set("incident", tmpl::Map{{"path", fmt::format("/incidents/{}", incident->value)},
                                             {"number", incidents::load_incident(db, *incident).number}});
    });
    return context.page({"screens/anomalies/show.html",
                         say(fmt::format("異常 第{}号", id.value)),
                         {{say("監視"), "/watch"}, {say("異常"), "/anomalies"}},
                         status},
                        std::move(values));
}

http::Response look(Context& context) {
    return show(context, "", 200);
}

http::Response act(Context& context) {
    const auto run = [&]() -> http::Response {
        context.require(people::Act::IncidentHandle);
        const signals::AnomalyId id{context.request.number("id")};
        const signals::By by{fmt::format("person:{}", context.person.id.value), context.now()};
        const std::int64_t version = context.number_field("version");
        if (version <= 0) throw Error(Kind::BadInput, "どの操作かがわかりません。画面を開き直してください。");
        const std::string asked = context.field("act");
        const auto text = [&](std::string_view name, std::string_view label) {
            const std::string typed(base::trim(context.field(name)));
            if (base::first_code_points(typed, kLongest).size() < typed.size())
                throw Error(Kind::BadInput, fmt::format("{}は{}文字までで入れてください。", label, kLongest));
            return typed;
        };
        std::string done;
        need_watch(context).write([&](sys::Transaction& tx) {
            if (asked == "acknowledge") {
                signals::acknowledge(tx, id, by, version);
                done = "受け付けたことを記録しました。呼出しは止まります。";
            } else if (asked == "answer") {
                signals::Answer answer;
                answer.decision = signals::find_decision(context.field("decision")).value_or(signals::Decision::None);
                answer.who = text("who", "対応する人");
                answer.why = text("why", "理由");
                answer.due_at = context.time_field("due", "期日");
                answer.by = by.who;
                signals::answer(tx, id, answer, by, version);
                done = "対応の判断を記録しました。";
            } else if (asked == "note") {
                signals::add_note(tx, id, text("note", "記入内容"), by);
                done = "記入しました。";
            } else if (asked == "close") {
                signals::close(tx, id, text("note", "記入内容"), by, version);
                done = "終結しました。";
            } else {
                throw Error(Kind::BadInput, "どの操作かがわかりません。画面を開き直してください。");
            }
        });
        return context.go(fmt::format("/anomalies/{}", id.value), Flash{Flash::Kind::Good, done});
    };
    return run_act(context, run, [&](std::string_view problem, int status) { return show(context, problem, status); });
}

std::int64_t count_open(Context& context) {
    sys::Database* watch = context.site().find_watch();
    return watch == nullptr ? 0 : watch->read([](sys::Reader& db) { return signals::count_anomalies(db).unanswered; });
}

constexpr Route kRoutes[] = {
    {"GET", "/anomalies", list},
    {"GET", "/anomalies/{id}", look},
    {"POST", "/anomalies/{id}", act},
};

}  // namespace

tmpl::Map anomaly_row(const Anomaly& one, base::Instant now) {
    return {{"id", one.id.value},
            {"path", fmt::format("/anomalies/{}", one.id.value)},
            {"text", say(one.text)},
            {"subject", say_title(one.subject)},
            {"source", say(flow::watched_by(one.source))},
            {"kind", one.kind},
            {"severity", chip(severity_chip(one.severity), say(signals::severity_wording(one.severity)))},
            {"standing", chip(standing_chip(one.standing), say(signals::standing_wording(one.standing)))},
            {"decision", say(signals::decision_wording(one.answer.decision))},
            {"is_answered", one.answer.decision != signals::Decision::None},
            {"is_no_data", one.is_no_data},
            {"is_flapping", one.is_flapping},
            {"members", one.is_storm ? one.members : std::int64_t{0}},
            {"signals", one.signals},
            {"suppressed", say(one.suppressed_why)},
            {"first", short_time(one.first_at, now)},
            {"last", short_time(one.last_at, now)},
            {"cleared", one.cleared_at ? short_time(*one.cleared_at, now) : tmpl::Value()},
            {"is_open", one.standing == signals::Standing::Open},
            {"is_closed", one.standing == signals::Standing::Closed},
            {"version", one.version}};
}

extern const Screen anomalies{
    "anomalies", "異常",    "/anomalies", "caution", Place::Watch, Access::SignedIn, people::Act::MonitorRead,
    kRoutes,     count_open};

}  // namespace web
