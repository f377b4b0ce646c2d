// 計画停止: planned stops and the papers of emergency stops; the form of a new plan, which says the last days for
// telling before it is sent. One stop is stop.cc.
#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/screens/stop/words.h"
#include "door/web/words.h"
#include "flow/plan_stop.h"
#include "flow/report_incident.h"
#include "flow/stop_service.h"
#include "ground/base/error.h"
#include "ground/sys/crypto.h"

namespace web {

using base::Error;
using base::Kind;
using people::Act;

std::string stop_state_kind(stops::State state) {
    constexpr std::string_view kKinds[] = {"scheduled", "returned", "live", "draft"};
    return std::string(kKinds[static_cast<std::size_t>(state)]);
}

namespace {

constexpr std::pair<std::string_view, std::string stops::Plan::*> kTexts[] = {
    {"title", &stops::Plan::title},     {"what", &stops::Plan::what},       {"works", &stops::Plan::works},
    {"reason", &stops::Plan::reason},   {"contact", &stops::Plan::contact}, {"work", &stops::Plan::work},
    {"decider", &stops::Plan::decider}, {"tree", &stops::Plan::tree},       {"unavoidable", &stops::Plan::unavoidable}};

}  // namespace

void put_plan(Context& context, tmpl::Map& values, const stops::Plan& plan, bool is_typed) {
    for (const auto& [name, member] : kTexts)
        values.set(name == "title" ? "name" : std::string(name), is_typed ? context.field(name) : plan.*member);
    const auto time = [&](std::string_view name, base::Instant at) {
        return is_typed ? context.field(name) : local_input(at);
    };
    values.set("starts_at", time("starts_at", plan.starts_at)).set("ends_at", time("ends_at", plan.ends_at));
    values.set("rollback_at", time("rollback_at", plan.rollback_at.value_or(base::Instant{})));
    values.set("stops_public", is_typed ? context.field("stops_public") == "yes" : plan.stops_public);
    values.set("freezes", is_typed ? context.field("freezes") == "yes" : plan.freezes);
}

stops::Plan typed_plan(const Context& context) {
    stops::Plan plan;
    for (const auto& [name, member] : kTexts) plan.*member = context.field(name);
    const auto starts = context.time_field("starts_at", "開始"), ends = context.time_field("ends_at", "終了");
    if (!starts || !ends) throw Error(Kind::BadInput, "開始と終了の日時を入れてください。");
    plan.starts_at = *starts;
    plan.ends_at = *ends;
    plan.rollback_at = context.time_field("rollback_at", "切戻しの期限");
    plan.stops_public = context.field("stops_public") == "yes";
    plan.freezes = context.field("freezes") == "yes";
    return plan;
}

tmpl::List limit_rows(Context& context, const stops::Limits& limits, base::Instant now) {
    tmpl::List rows;
    for (const stops::Audience each : stops::kAudiences)
        if (const auto& last = limits.of(each))
            rows.push_back(tmpl::Map{{"name", say(stops::audience_wording(each))},
                                     {"time", short_time(*last, context.now())},
                                     {"is_late", now >= *last}});
    return rows;
}

namespace {

http::Response show_list(Context& context, std::string_view problem, int status) {
    context.require(Act::ContractRead);
    const base::Instant now = context.now();
    stops::Filter filter;
    filter.before = query_number(context, "before");
    filter.limit = 51;
    std::vector<stops::EmergencyReport> emergencies;
    auto found = context.db().read([&](sys::Reader& db) {
        emergencies = stops::list_emergencies(db, 20);
        return stops::list_stops(db, filter);
    });
    const bool has_more = found.size() > 50;
    if (has_more) found.resize(50);
    tmpl::List rows, reports;
    for (const stops::PlannedStop& one : found) {
        const auto told = context.db().read([&](sys::Reader& db) { return stops::list_told(db, one.id); });
        tmpl::Map row{{"path", fmt::format("/stops/{}", one.id.value)},
                      {"number", one.number},
                      {"title", one.plan.title},
                      {"state", chip(stop_state_kind(one.state), say(stops::state_wording(one.state)))},
                      {"is_overdue", one.is_overdue(now)},
                      {"starts", short_time(one.plan.starts_at, now)},
                      {"ends", short_time(one.plan.ends_at, now)}};
        for (const stops::Told& each : told)
            if (each.round == one.round)
                row.set(std::string(stops::audience_id(each.audience)), short_time(each.at, now));
        rows.push_back(std::move(row));
    }
    for (const stops::EmergencyReport& each : emergencies) {
        const auto part = flow::find_part(each.part);
        reports.push_back(
            tmpl::Map{{"subject", each.subject},
                      {"part", part ? say(flow::part_name(*part)) : each.part},
                      {"reason", each.reason},
                      {"stopped", short_time(each.stopped_at, now)},
                      {"resumed", each.resumed_at ? short_time(*each.resumed_at, now) : tmpl::Value()},
                      {"document", each.document == 0 ? std::string() : fmt::format("/documents/{}", each.document)},
                      {"reported", each.reported_at ? short_time(*each.reported_at, now) : tmpl::Value()}});
    }
    http::Fields next;
    if (has_more) next.add("before", std::to_string(found.back().id.value));
    return context.page({"screens/stops/list.html", "計画停止", {}, status},
                        {{"problem", say(problem)},
                         {"rows", std::move(rows)},
                         {"reports", std::move(reports)},
                         {"may_plan", context.may(Act::NoticeEdit)},
                         {"may_report", context.may(Act::ReportMake)},
                         {"next", has_more ? address_of("/stops", next) : std::string()}});
}

http::Response list(Context& context) {
    return show_list(context, "", 200);
}

http::Response show_form(Context& context, std::string_view problem, int status) {
    context.require(Act::NoticeEdit);
    tmpl::Map values{{"problem", say(problem)}, {"is_new", true},
                     {"action", "/stops/new"},  {"back", "/stops"},
                     {"version", "0"},          {"once", status == 200 ? sys::random_token() : context.field("once")}};
    put_plan(context, values, {}, status != 200);
    if (status != 200)
        if (const auto at = base::parse_instant(context.field("starts_at")))
            values.set("limits", limit_rows(context, flow::stop_limits(context.site(), *at), context.now()));
    return context.page({"screens/stop/form.html", "停止を計画する", {{say("計画停止"), "/stops"}}, status},
                        std::move(values));
}

http::Response form(Context& context) {
    return show_form(context, "", 200);
}

http::Response plan(Context& context) {
    if (context.field("do") == "days") {  // only the days that the start asks for
        context.require(Act::NoticeEdit);
        const auto at = base::parse_instant(context.field("starts_at"));
        return show_form(context, at ? "" : "開始の日時を入れてください。", 422);
    }
    return run_act(
        context,
        [&] {
            context.require(Act::NoticeEdit);
            const std::string once = context.field("once").empty() ? std::string() : "form:" + context.field("once");
            const stops::PlannedStop made =
                flow::plan_stop(context.site(), typed_plan(context), once,
                                {fmt::format("person:{}", context.person.id.value), context.now()});
            return context.go(
                fmt::format("/stops/{}", made.id.value),
                Flash{Flash::Kind::Good, "停止を計画しました。続けて、利用者へのお知らせの下書きを作ってください。"});
        },
        [&](std::string_view problem, int status) { return show_form(context, problem, status); });
}

/// The paper of an emergency stop, anew with what is known now.
http::Response report(Context& context) {
    return run_act(
        context,
        [&] {
            context.require(Act::ReportMake);
            flow::make_stop_report(context.site(), context.field("subject"),
                                   fmt::format("person:{}", context.person.id.value));
            return context.go("/stops",
                              Flash{Flash::Kind::Good, "報告書を作りました。中身を確かめてから渡してください。"});
        },
        [&](std::string_view problem, int status) { return show_list(context, problem, status); });
}

constexpr Route kRoutes[] = {
    {"GET", "/stops", list},
    {"GET", "/stops/new", form},
    {"POST", "/stops/new", plan},
    {"POST", "/stops/report", report},
};

}  // namespace

extern const Screen stops_screen{"stops",     "計画停止",       "/stops",          "calendar",
                                 Place::Desk, Access::SignedIn, Act::ContractRead, kRoutes};

}  // namespace web
