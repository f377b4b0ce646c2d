// 障害: what went wrong, newest first, and the form for what somebody telephoned or found. The screen of one incident
// is incident.cc.
#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/screens/incident/words.h"
#include "door/web/words.h"
#include "flow/report_incident.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "office/documents/store.h"
#include "watch/signals/signal.h"

namespace web {

tmpl::List severity_choices(std::string_view chosen) {
    tmpl::List choices;
    for (int each = 4; each >= 0; --each)
        choices.push_back(
            choice(std::to_string(each), say(signals::severity_wording(static_cast<signals::Severity>(each))), chosen));
    return choices;
}

std::string incident_state_kind(incidents::State state) {
    using incidents::State;
    return state == State::Closed         ? "live"
           : state < State::Investigating ? "returned"
           : state < State::Fixed         ? "submitted"
                                          : "scheduled";
}

namespace {

using base::Error;
using base::Kind;
using incidents::Incident;
using people::Act;

constexpr int kRows = 50;

/// The newest reports of all anomalies of a month (B3.4).
tmpl::List paper_rows(Context& context) {
    documents::Filter filter;
    filter.kind = "anomalies";
    filter.limit = 6;
    tmpl::List rows;
    for (const documents::Document& each :
         context.db().read([&](sys::Reader& db) { return documents::list_documents(db, filter); }))
        rows.push_back(tmpl::Map{
            {"path", fmt::format("/documents/{}", each.id)},
            {"title", each.title},
            {"version", each.versions},
            {"delivered", each.delivered_at ? short_time(*each.delivered_at, context.now()) : tmpl::Value()},
            {"confirmed", each.confirmed_at ? short_time(*each.confirmed_at, context.now()) : tmpl::Value()}});
    return rows;
}

http::Response show_list(Context& context, std::string_view problem, int status) {
    context.require(Act::ContractRead);
    incidents::Filter filter;
    const std::string state = query_words(context, "state");
    filter.only_open = state.empty();
    filter.state = incidents::find_state(state);
    filter.words = query_words(context, "q");
    filter.before = query_number(context, "before");
    filter.limit = kRows + 1;
    auto found = context.db().read([&](sys::Reader& db) { return incidents::list_incidents(db, filter); });
    const bool has_more = found.size() > kRows;
    if (has_more) found.resize(kRows);
    tmpl::List rows, states;
    for (const Incident& one : found)
        rows.push_back(
            tmpl::Map{{"path", fmt::format("/incidents/{}", one.id.value)},
                      {"number", one.number},
                      {"title", one.title},
                      {"severity", say(signals::severity_wording(static_cast<signals::Severity>(one.severity)))},
                      {"state", chip(incident_state_kind(one.state), say(incidents::state_wording(one.state)))},
                      {"level", say(incidents::level_wording(one.level))},
                      {"found", say(incidents::found_wording(one.found))},
                      {"time", short_time(one.detected_at, context.now())}});
    states.push_back(choice("", say("終結していないもの"), state));
    for (const incidents::State each : incidents::kStates)
        states.push_back(choice(incidents::state_id(each), say(incidents::state_wording(each)), state));
    states.push_back(choice("all", say("すべて"), state));
    http::Fields next;
    next.add("state", state);
    next.add("q", filter.words);
    if (has_more) next.add("before", std::to_string(found.back().id.value));
    const base::LocalTime today = base::to_local(context.now());
    const base::Day last = base::Day{today.day.year, today.day.month, 1} - 1;
    return context.page(
        {"screens/incidents/list.html", "障害", {}, status},
        {{"problem", say(problem)},
         {"papers", paper_rows(context)},
         {"may_report", context.may(Act::ReportMake)},
         {"month", status == 200 ? fmt::format("{:04}-{:02}", last.year, last.month) : context.field("month")},
         {"rows", std::move(rows)},
         {"states", std::move(states)},
         {"words", filter.words},
         {"is_filtered", !state.empty() || !filter.words.empty()},
         {"may_open", context.may(Act::IncidentHandle)},
         {"next", has_more ? address_of("/incidents", next) : std::string()}});
}

http::Response list(Context& context) {
    return show_list(context, "", 200);
}

http::Response make_report(Context& context) {
    return run_act(
        context,
        [&] {
            context.require(Act::ReportMake);
            const auto made = flow::make_anomaly_report(context.site(), std::string(base::trim(context.field("month"))),
                                                        doer_of(context).who);
            return context.go(fmt::format("/documents/{}", made.document),
                              Flash{Flash::Kind::Good, "異常報告書を作りました。中身を確かめてから渡してください。"});
        },
        [&](std::string_view problem, int status) { return show_list(context, problem, status); });
}

http::Response show_form(Context& context, std::string_view problem, int status) {
    context.require(Act::IncidentHandle);
    const auto typed = [&](std::string_view name, std::string usual) {
        return status == 200 ? std::move(usual) : context.field(name);
    };
    const std::string found = typed("found", "call");
    tmpl::List ways;
    for (const std::string_view each : {"call", "check"})
        ways.push_back(choice(each, say(incidents::found_wording(each)), found));
    const std::string now = local_input(context.now());
    return context.page({"screens/incidents/new.html", "障害の登録", {{say("障害"), "/incidents"}}, status},
                        {{"problem", say(problem)},
                         {"once", typed("once", sys::random_token())},
                         {"name", typed("title", "")},
                         {"severities", severity_choices(typed("severity", "3"))},
                         {"ways", std::move(ways)},
                         {"reporter", typed("reporter", "")},
                         {"symptom", typed("symptom", "")},
                         {"occurred", typed("occurred_at", now)},
                         {"detected", typed("detected_at", now)}});
}

http::Response form(Context& context) {
    return show_form(context, "", 200);
}

http::Response open(Context& context) {
    return run_act(
        context,
        [&] {
            context.require(Act::IncidentHandle);
            incidents::NewIncident made;
            made.title = context.field("title");
            made.severity = static_cast<int>(context.number_field("severity"));
            made.found = context.field("found");
            if (made.found == "watch") throw Error(Kind::BadInput, "見つけたきっかけを選んでください。");
            made.reporter = context.field("reporter");
            made.symptom = context.field("symptom");
            const auto occurred = context.time_field("occurred_at", "発生日時"),
                       detected = context.time_field("detected_at", "連絡を受けた日時");
            if (!occurred || !detected) throw Error(Kind::BadInput, "発生日時と、連絡を受けた日時を入れてください。");
            made.occurred_at = *occurred;
            made.detected_at = *detected;
            made.once = context.field("once").empty() ? std::string() : "form:" + context.field("once");
            const Incident opened =
                context.db().write([&](sys::Transaction& tx) { return incidents::open(tx, made, doer_of(context)); });
            return context.go(
                fmt::format("/incidents/{}", opened.id.value),
                Flash{Flash::Kind::Good, "障害を登録しました。続けて、受け付けたことを記録してください。"});
        },
        [&](std::string_view problem, int status) { return show_form(context, problem, status); });
}

std::int64_t count(Context& context) {
    return context.db().read([](sys::Reader& db) { return incidents::count_open(db); });
}

constexpr Route kRoutes[] = {
    {"GET", "/incidents", list},
    {"GET", "/incidents/new", form},
    {"POST", "/incidents/new", open},
    {"POST", "/incidents/anomaly-report", make_report},
};

}  // namespace

extern const Screen incidents_screen{"incidents",       "障害",  "/incidents", "danger", Place::Desk, Access::SignedIn,
                                     Act::ContractRead, kRoutes, count};

}  // namespace web
