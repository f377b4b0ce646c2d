// One incident: where it stands, what it still lacks (each with a link to where it is put right), what it says,
// measures, the manual's steps, whom one has reached, its papers, and the course that fills itself. The course and what
// is missing are flow/handle_incident's; here is only what was typed and what is shown.
#include <algorithm>

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/screens/incident/words.h"
#include "door/web/screens/ledger/sentence.h"
#include "door/web/words.h"
#include "flow/handle_incident.h"
#include "flow/report_incident.h"
#include "ground/base/error.h"
#include "ground/sys/crypto.h"
#include "office/documents/store.h"
#include "office/incidents/runbooks.h"
#include "watch/signals/anomaly.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using incidents::Incident;
using incidents::IncidentId;
using incidents::State;
using people::Act;

constexpr std::string_view kStages[] = {"first", "interim", "final"};

/// Who may take it to a step: the end and what is decided are not the operator's.
Act right_for(State to) {
    return to == State::Closed ? Act::IncidentClose : to >= State::Fixed ? Act::IncidentDecide : Act::IncidentHandle;
}

struct Whole {
    Incident incident;
    incidents::Values values;
    std::vector<incidents::Step> steps;
    std::vector<incidents::Member> members;
    std::vector<incidents::Measure> measures;
    std::vector<incidents::Tick> ticks;
    std::vector<incidents::Report> reports;
};

Whole load(Context& context) {
    const IncidentId id{context.request.number("id")};
    return context.db().read([&](sys::Reader& db) {
        return Whole{incidents::load_incident(db, id), incidents::load_values(db, id),   incidents::list_steps(db, id),
                     incidents::list_members(db, id),  incidents::list_measures(db, id), incidents::list_ticks(db, id),
                     incidents::list_reports(db, id)};
    });
}

State next_of(State state) {
    return state == State::Closed ? State::Closed : incidents::kStates[static_cast<std::size_t>(state) + 1];
}

/// What was typed stays in the form that was refused, and only there.
class Typed {
  public:
    Typed(const Context& context, std::string_view act, bool is_again)
        : context_(context), is_mine_(is_again && context.field("act") == act) {}
    std::string operator()(std::string_view name, std::string usual) const {
        return is_mine_ ? context_.field(name) : std::move(usual);
    }

  private:
    const Context& context_;
    bool is_mine_;
};

tmpl::List step_rows(const Whole& all, Names& names, base::Instant now) {
    tmpl::List rows;
    for (const State state : incidents::kStates) {
        tmpl::Map row{{"name", say(incidents::state_wording(state))},
                      {"is_done", state <= all.incident.state},
                      {"is_now", state == all.incident.state}};
        for (const incidents::Step& step : all.steps)
            if (step.state == state) {
                row.set("time", short_time(step.at, now)).set("who", who_of(names, step.by)).set("note", step.note);
                row.set("is_skipped", step.is_skipped);
            }
        rows.push_back(std::move(row));
    }
    return rows;
}

/// What stands there now, where something else was typed.
std::string other_of(const std::string& stored, const std::string& typed) {
    return typed == stored ? std::string() : stored.empty() ? say("（空）") : stored;
}

/// `is_conflict`: somebody else has changed it meanwhile, and what they wrote is shown beside what was typed.
tmpl::List field_rows(const Whole& all, const Typed& typed, bool is_conflict) {
    tmpl::List rows;
    for (const incidents::Field& field : incidents::all_fields()) {
        const auto found = all.values.find(std::string(field.id));
        const std::string stored = found == all.values.end() ? std::string() : found->second;
        rows.push_back(
            tmpl::Map{{"id", field.id},
                      {"wording", say(field.wording)},
                      {"hint", say(field.hint)},
                      {"is_number", field.is_number},
                      {"needed", field.needed_from
                                     ? say(fmt::format("「{}」までに", incidents::state_wording(*field.needed_from)))
                                     : std::string()},
                      {"stored", stored},
                      {"other", is_conflict ? other_of(stored, typed(field.id, stored)) : std::string()},
                      {"value", typed(field.id, stored)}});
    }
    return rows;
}

tmpl::List runbook_rows(Context& context, const Whole& all, Names& names) {
    std::vector<incidents::Runbook> books;
    sys::Database* watch = context.site().find_watch();
    const auto add = [&](const std::vector<incidents::Runbook>& found) {
        for (const incidents::Runbook& each : found)
            if (books.size() < 3 &&
                std::none_of(books.begin(), books.end(), [&](const auto& one) { return one.slug == each.slug; }))
                books.push_back(each);
    };
    for (std::size_t at = 0; watch != nullptr && at < std::min<std::size_t>(all.members.size(), 10); ++at)
        if (const auto one =
                watch->read([&](sys::Reader& db) { return signals::find_anomaly(db, {all.members[at].anomaly}); }))
            add(context.db().read(
                [&](sys::Reader& db) { return incidents::list_runbooks_for(db, one->source, one->kind); }));
    if (books.empty()) add({context.db().read([](sys::Reader& db) { return incidents::load_runbook(db, "general"); })});
    tmpl::List rows;
    for (const incidents::Runbook& book : books) {
        tmpl::List steps;
        for (const std::string& step : book.steps) {
            tmpl::Map row{{"text", step}, {"number", static_cast<std::int64_t>(steps.size())}};
            for (const incidents::Tick& tick : all.ticks)
                if (tick.runbook == book.slug && tick.step == step)
                    row.set("time", short_time(tick.at, context.now()))
                        .set("who", who_of(names, tick.by))
                        .set("note", tick.note);
            steps.push_back(std::move(row));
        }
        rows.push_back(tmpl::Map{{"slug", book.slug},
                                 {"title", book.title},
                                 {"path", "/runbooks/" + book.slug},
                                 {"steps", std::move(steps)}});
    }
    return rows;
}

tmpl::List measure_rows(const Whole& all, const Typed& typed, std::string_view again) {
    tmpl::List rows;
    for (const incidents::Measure& each : all.measures) {
        const std::string number = std::to_string(each.id);
        const auto shown = [&](std::string_view name, std::string usual) {
            return again == number ? typed(name, std::move(usual)) : std::move(usual);
        };
        rows.push_back(tmpl::Map{{"id", each.id},
                                 {"version", each.version},
                                 {"kind", say(each.is_preventive ? "再発防止" : "是正")},
                                 {"is_preventive", each.is_preventive},
                                 {"is_done", each.is_done()},
                                 {"text", shown("text", each.text)},
                                 {"owner", shown("owner", each.owner)},
                                 {"due", shown("due_on", base::format_day(each.due_on))},
                                 {"due_words", era_day(each.due_on)},
                                 {"done", shown("done_on", day_input(each.done_on))},
                                 {"effect", shown("effect", each.effect)},
                                 {"similar", shown("similar", each.similar)}});
    }
    return rows;
}

tmpl::List paper_rows(Context& context, const Whole& all) {
    tmpl::List rows;
    for (const std::string_view stage : kStages) {
        tmpl::List given;
        for (const incidents::Report& report : all.reports)
            if (report.stage == stage)
                given.push_back(
                    tmpl::Map{{"whom", report.whom}, {"time", short_time(report.happened_at, context.now())}});
        tmpl::Map row{{"stage", stage}, {"name", say(incidents::stage_wording(stage))}, {"given", std::move(given)}};
        context.db().read([&](sys::Reader& db) {
            const auto document = documents::find_document(db, fmt::format("incident-{}", stage),
                                                           fmt::format("incident:{}", all.incident.id.value));
            if (!document) return;
            const auto versions = documents::list_versions(db, document->id);
            row.set("path", fmt::format("/documents/{}", document->id)).set("version", versions.front().id);
            row.set("number", versions.front().number).set("made", short_time(document->made_at, context.now()));
        });
        rows.push_back(std::move(row));
    }
    return rows;
}

http::Response show(Context& context, std::string_view problem, int status) {
    context.require(Act::ContractRead);
    const base::Instant now = context.now();
    const Whole all = load(context);
    const Incident& one = all.incident;
    const bool is_again = status != 200, is_conflict = status == 409;
    // Closed meanwhile: there is no form any more that could hold what was typed, so the page of errors gives it back.
    if (is_conflict && one.state == State::Closed) throw Error(Kind::Conflict, std::string(problem));
    Names names(context.db());
    // A second press of the same button: the first went through, and what was typed is recorded with it.
    const auto asked = incidents::find_state(context.field("to"));
    const bool has_gone = is_conflict && context.field("act") == "advance" && asked && *asked <= one.state;
    const std::string said = has_gone ? fmt::format("すでに「{}」まで進んでいます。内容を確かめてください。",
                                                    incidents::state_wording(one.state))
                                      : std::string(problem);
    const Typed step(context, "advance", is_again && !has_gone), edit(context, "edit", is_again),
        entry(context, "entry", is_again), measure(context, "measure", is_again),
        fresh(context, "add-measure", is_again), paper(context, "deliver", is_again);
    tmpl::List course, steps, missing, members, ways, stages;
    for (const flow::Moment& each : flow::list_course(context.site(), one))
        course.push_back(tmpl::Map{{"what", say(each.what)},
                                   {"who", each.by.empty()                          ? say("監視")
                                           : each.by.find(':') == std::string::npos ? each.by
                                                                                    : who_of(names, each.by)},
                                   {"time", short_time(each.at, now)},
                                   {"said", each.source == flow::Moment::Source::Person ? each.text : say(each.text)},
                                   {"kind", each.source == flow::Moment::Source::Person   ? "done"
                                            : each.source == flow::Moment::Source::Office ? "live"
                                                                                          : "returned"}});
    const State to = incidents::find_state(step("to", std::string(incidents::state_id(next_of(one.state)))))
                         .value_or(next_of(one.state));
    for (const State each : incidents::kStates)
        if (each > one.state && context.may(right_for(each)))
            steps.push_back(
                choice(incidents::state_id(each), say(incidents::state_wording(each)), incidents::state_id(to)));
    if (one.state != State::Closed)
        for (const auto& each : flow::missing_of(context.site(), one.id, to))
            missing.push_back(tmpl::Map{{"path", "#" + each.id}, {"name", say(each.wording)}});
    // A step that was refused: the refusal itself leads to what is missing.
    const bool is_lacking = status == 422 && context.field("act") == "advance" && !missing.empty();
    for (const incidents::Member& each : all.members)
        members.push_back(tmpl::Map{{"path", fmt::format("/anomalies/{}", each.anomaly)},
                                    {"number", each.anomaly},
                                    {"text", each.text},
                                    {"time", short_time(each.first_at, now)}});
    for (const flow::Way& each : flow::delivery_ways())
        ways.push_back(choice(each.id, say(each.wording), paper("how", "mail")));
    tmpl::List levels;
    for (const auto each : {incidents::Level::Manager, incidents::Level::Lead})
        if (each > one.level)
            levels.push_back(choice(incidents::level_id(each), say(incidents::level_wording(each)), ""));
    const std::string when = local_input(now);
    const std::string severity = say(signals::severity_wording(static_cast<signals::Severity>(one.severity)));
    tmpl::Map values{{"path", fmt::format("/incidents/{}", one.id.value)},
                     {"problem", say(said)},
                     {"number", one.number},
                     {"name", one.title},
                     {"version", is_again && !is_conflict ? context.field("version") : std::to_string(one.version)},
                     {"fresh_version", one.version},
                     {"state", chip(incident_state_kind(one.state), say(incidents::state_wording(one.state)))},
                     {"severity", severity},
                     {"level", say(incidents::level_wording(one.level))},
                     {"found", say(incidents::found_wording(one.found))},
                     {"reporter", one.reporter},
                     {"occurred", short_time(one.occurred_at, now)},
                     {"is_closed", one.state == State::Closed},
                     {"may_act", context.may(Act::IncidentHandle)},
                     {"may_decide", context.may(Act::IncidentDecide)},
                     {"may_report", context.may(Act::ReportMake)},
                     {"may_reopen", context.may(Act::IncidentDecide) && one.state >= State::Restored},
                     {"course", std::move(course)}};
    values.set("steps", std::move(steps)).set("missing", std::move(missing)).set("members", std::move(members));
    values.set("to_name", say(incidents::state_wording(to)));
    values.set("way", step_rows(all, names, now)).set("fields", field_rows(all, edit, is_conflict));
    values.set("runbooks", runbook_rows(context, all, names)).set("papers", paper_rows(context, all));
    values.set("measures", measure_rows(all, measure, is_again ? context.field("measure") : ""));
    values.set("levels", std::move(levels)).set("ways", std::move(ways));
    values.set("is_lacking", is_lacking).set("shown_at", step("shown_at", when));
    values.set("now", step("at", when)).set("note", step("note", "")).set("skipping", step("skipping", ""));
    values.set("typed_name", edit("title", one.title))
        .set("severities", severity_choices(edit("severity", std::to_string(one.severity))));
    values.set("typed_occurred", edit("occurred_at", local_input(one.occurred_at)));
    if (is_conflict) {
        values.set("other_name", other_of(one.title, edit("title", one.title)));
        if (edit("severity", std::to_string(one.severity)) != std::to_string(one.severity))
            values.set("other_severity", severity);
        if (edit("occurred_at", local_input(one.occurred_at)) != local_input(one.occurred_at))
            values.set("other_occurred", short_time(one.occurred_at, now));
    }
    values.set("entry_at", entry("at", when))
        .set("whom", entry("whom", ""))
        .set("how", entry("how", ""))
        .set("text", entry("text", ""));
    values.set("entry_once", entry("once", sys::random_token()));
    values.set("m_once", fresh("once", sys::random_token()))
        .set("m_text", fresh("text", ""))
        .set("m_owner", fresh("owner", ""));
    values.set("m_due", fresh("due_on", "")).set("m_is_preventive", fresh("kind", "") == "preventive");
    values.set("given_whom", paper("whom", "")).set("given_at", paper("at", when));
    return context.page({"screens/incident/show.html", one.title, {{say("障害"), "/incidents"}}, status},
                        std::move(values));
}

http::Response look(Context& context) {
    return show(context, "", 200);
}

base::Instant typed_time(const Context& context, std::string_view name) {
    const auto at = context.time_field(name, "日時");
    if (!at) throw Error(Kind::BadInput, "日時を入れてください。");
    return *at;
}

incidents::Measure typed_measure(const Context& context) {
    incidents::Measure made;
    made.is_preventive = context.field("kind") == "preventive";
    made.text = context.field("text");
    made.owner = context.field("owner");
    const auto due = day_field(context, "due_on", "期日");
    made.due_on = due.value_or(base::Day{});
    made.done_on = day_field(context, "done_on", "実施日");
    made.effect = context.field("effect");
    made.similar = context.field("similar");
    return made;
}

std::string do_act(Context& context, IncidentId id, std::string_view act) {
    const incidents::By by = doer_of(context);
    const auto write = [&](const auto& work) {
        return context.db().write([&](sys::Transaction& tx) { return work(tx); });
    };
    const auto version = [&] {
        const std::int64_t seen = context.number_field("version");
        if (seen <= 0) throw Error(Kind::BadInput, "どの操作かがわかりません。画面を開き直してください。");
        return seen;
    };
    if (act == "advance") {
        const auto to = incidents::find_state(context.field("to"));
        if (!to) throw Error(Kind::BadInput, "進む段階を選んでください。");
        context.require(right_for(*to));
        // The time that the form came with means "now", however long it was looked at.
        const bool is_now = !context.field("at").empty() && context.field("at") == context.field("shown_at");
        flow::advance_incident(
            context.site(), id,
            {*to, is_now ? by.at : typed_time(context, "at"), context.field("note"), context.field("skipping")}, by,
            version());
        return fmt::format("「{}」まで進めました。", incidents::state_wording(*to));
    }
    if (act == "reopen") {
        context.require(Act::IncidentDecide);
        write([&](sys::Transaction& tx) { return incidents::reopen(tx, id, context.field("why"), by, version()); });
        return "再び調査することを記録しました。";
    }
    if (act == "make" || act == "deliver") {
        context.require(Act::ReportMake);
        if (act == "make") {
            flow::make_incident_report(context.site(), id, context.field("stage"), by.who);
            return "報告書を作りました。中身を確かめてから渡してください。";
        }
        flow::deliver_document(
            context.site(),
            {context.number_field("paper"), context.field("how"), context.field("whom"), "", typed_time(context, "at")},
            by.who);
        flow::settle_reports(context.site());
        return "報告書を渡したことを記録しました。";
    }
    context.require(Act::IncidentHandle);
    if (act == "escalate") {
        const auto to = context.field("level") == "lead" ? incidents::Level::Lead : incidents::Level::Manager;
        write(
            [&](sys::Transaction& tx) { return incidents::escalate(tx, id, to, context.field("why"), by, version()); });
        return "引き継ぎました。";
    }
    if (act == "edit") {
        incidents::Edit edit{context.field("title"), static_cast<int>(context.number_field("severity")), {}, {}};
        const auto occurred = context.time_field("occurred_at", "発生日時");
        const Incident before = context.db().read([&](sys::Reader& db) { return incidents::load_incident(db, id); });
        // The form has whole minutes: what was not touched is not changed.
        edit.occurred_at = !occurred || local_input(before.occurred_at) == context.field("occurred_at")
                               ? before.occurred_at
                               : *occurred;
        for (const incidents::Field& field : incidents::all_fields())
            edit.values[std::string(field.id)] = context.field(field.id);
        write([&](sys::Transaction& tx) { return incidents::edit(tx, id, edit, by, version()); });
        return "内容を記録しました。";
    }
    if (act == "entry") {
        const std::string whom = context.field("whom");
        const incidents::Entry entry{0,
                                     typed_time(context, "at"),
                                     whom.empty() ? "note" : "contact",
                                     whom,
                                     context.field("how"),
                                     context.field("text"),
                                     "",
                                     {}};
        write([&](sys::Transaction& tx) { return incidents::add_entry(tx, id, entry, context.field("once"), by); });
        return whom.empty() ? "記入しました。" : "連絡を記録しました。";
    }
    if (act == "add-measure") {
        write([&](sys::Transaction& tx) {
            return incidents::add_measure(tx, id, typed_measure(context), context.field("once"), by);
        });
        return "措置を加えました。";
    }
    if (act == "measure") {
        incidents::Measure changed = typed_measure(context);
        changed.id = context.number_field("measure");
        changed.version = context.number_field("measure_version");
        write([&](sys::Transaction& tx) { return incidents::change_measure(tx, id, changed, by); });
        return "措置を記録しました。";
    }
    if (act == "tick") {
        const auto book =
            context.db().read([&](sys::Reader& db) { return incidents::load_runbook(db, context.field("runbook")); });
        const auto at = static_cast<std::size_t>(context.number_field("step"));
        if (at >= book.steps.size() || book.steps[at] != context.field("step_text"))
            throw Error(Kind::Conflict, "手引きが変わりました。いまの手順を確かめて、もう一度押してください。");
        write([&](sys::Transaction& tx) {
            return incidents::tick(tx, id, book.slug, book.steps[at], context.field("said"), by);
        });
        return "手順を確かめたことを記録しました。";
    }
    throw Error(Kind::BadInput, "どの操作かがわかりません。画面を開き直してください。");
}

http::Response act(Context& context) {
    return run_act(
        context,
        [&] {
            const IncidentId id{context.request.number("id")};
            const std::string done = do_act(context, id, context.field("act"));
            return context.go(fmt::format("/incidents/{}", id.value), Flash{Flash::Kind::Good, done});
        },
        [&](std::string_view problem, int status) { return show(context, problem, status); });
}

/// The button on an anomaly's screen.
http::Response from_anomaly(Context& context) {
    context.require(Act::IncidentHandle);
    const Incident opened = flow::open_from_anomaly(context.site(), {context.request.number("id")}, doer_of(context));
    return context.go(fmt::format("/incidents/{}", opened.id.value),
                      Flash{Flash::Kind::Good, "この異常を障害に入れました。"});
}

constexpr Route kRoutes[] = {
    {"GET", "/incidents/{id}", look},
    {"POST", "/incidents/{id}", act},
    {"POST", "/anomalies/{id}/incident", from_anomaly},
};

}  // namespace

extern const Screen incident_screen{"incident",  "障害",           "/incidents",      "danger",
                                    Place::None, Access::SignedIn, Act::ContractRead, kRoutes};

}  // namespace web
