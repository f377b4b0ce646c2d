// 監視の設定: what is watched, how often and against which limits; each probe is changed by itself, back to what the
// program does by default, or added. Kept as the lines of the setting monitor.probes, which the watch takes up within
// seconds.

#include <algorithm>
#include <charconv>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/words.h"
#include "flow/change_setting.h"
#include "flow/watch_probes.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "office/incidents/runbooks.h"
#include "watch/probes/runner.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using people::Act;
using probes::Plan;

struct Plans {
    probes::Plans standard, in_file;
    std::string version;
};

Plans load_plans(const flow::Site& site) {
    const flow::SettingsFile file = flow::load_settings_file(site);
    settings::Settings now = site.settings;
    now.monitor.probes = settings::parse(file.text).monitor.probes;
    settings::Settings without = now;
    without.monitor.probes.clear();
    const flow::Served served = flow::served_by(now);
    return {flow::plan_probes(without, served), flow::plan_probes(now, served), file.version};
}

const Plan* find(const probes::Plans& plans, std::string_view id) {
    for (const Plan& plan : plans.plans)
        if (plan.id == id) return &plan;
    return nullptr;
}

std::string every_words(double seconds) {
    return say(fmt::format("{}秒ごと", fmt::format("{:g}", seconds)));
}

/// {at, text} of the newest, or nothing.
tmpl::Value last_review(Context& context) {
    ledger::Search search;
    search.act = "monitor.review";
    search.limit = 1;
    const auto lines = context.db().read([&](sys::Reader& db) { return ledger::find_lines(db, search); });
    if (lines.empty()) return {};
    const auto detail = boost::json::parse(lines.front().entry.detail).as_object();
    const auto* text = detail.if_contains("text");
    return tmpl::Map{{"at", short_time(lines.front().entry.at, context.now())},
                     {"text", text && text->is_string() ? std::string(text->get_string()) : std::string()}};
}

/// The pages of the incident manual for what this kind of probe finds.
tmpl::List manual_of(Context& context, const probes::Kind& kind) {
    tmpl::List books;
    for (const incidents::Runbook& each :
         context.db().read([&](sys::Reader& db) { return incidents::list_runbooks_for(db, "probe", kind.id); }))
        if (books.size() < 2) books.push_back(tmpl::Map{{"path", "/runbooks/" + each.slug}, {"title", each.title}});
    return books;
}

/// The limits and other choices of a probe, each with its words.
tmpl::List conditions_of(const Plan& plan) {
    tmpl::List rows;
    for (const probes::Option& option : plan.kind->options)
        if (const std::string value = plan.text(option.name); !value.empty() && option.name != plan.kind->target)
            rows.push_back(tmpl::Map{{"words", say(option.japanese)}, {"value", value}});
    return rows;
}

http::Response show_list(Context& context, std::string_view problem, int status) {
    context.require(Act::MonitorRead);
    const Plans plans = load_plans(context.site());
    tmpl::List rows, kinds, bad;
    std::map<const probes::Kind*, tmpl::List> books;
    for (const Plan& plan : plans.in_file.plans)
        if (context.may(Act::ContractRead) && !books.contains(plan.kind))
            books[plan.kind] = manual_of(context, *plan.kind);
    for (const Plan& plan : plans.in_file.plans) {
        const Plan* const usual = find(plans.standard, plan.id);
        const Plan* const before = find(plans.in_file, plan.behind);
        rows.push_back(tmpl::Map{{"id", plan.id},
                                 {"title", say(plan.title)},
                                 {"looks", say(plan.kind->looks)},
                                 {"target", plan.target()},
                                 {"books", books[plan.kind]},
                                 {"every", every_words(plan.rhythm.every)},
                                 {"conditions", conditions_of(plan)},
                                 {"raise", std::int64_t{plan.rhythm.raise}},
                                 {"clear", std::int64_t{plan.rhythm.clear}},
                                 {"severity", say(signals::severity_wording(plan.rhythm.severity))},
                                 {"behind", before == nullptr ? std::string() : say(before->title)},
                                 {"is_on", plan.is_on},
                                 {"is_added", usual == nullptr},
                                 {"is_changed", usual != nullptr && !probes::line_of(plan, usual).empty()},
                                 {"path", "/probes/" + plan.id}});
    }
    for (const probes::Kind* kind : probes::all_kinds())
        if (!kind->target.empty()) kinds.push_back(choice(kind->id, say(kind->title), ""));
    for (const probes::BadLine& line : plans.in_file.bad)
        bad.push_back(tmpl::Map{{"line", line.line}, {"problem", say(line.problem)}});
    return context.page({"screens/probes/list.html", "監視の設定", {}, status},
                        {{"rows", std::move(rows)},
                         {"choices", std::move(kinds)},
                         {"bad", std::move(bad)},
                         {"review", last_review(context)},
                         {"problem", say(problem)},
                         {"typed", context.field("found")},
                         {"may_edit", context.may(Act::MonitorEdit)}});
}

http::Response list(Context& context) {
    return show_list(context, "", 200);
}

http::Response review(Context& context) {
    context.require(Act::MonitorEdit);
    return run_act(
        context,
        [&] {
            flow::note_probe_review(context.site(), context.field("found"), {context.person.id, context.now()});
            return context.go("/probes", Flash{Flash::Kind::Good, "監視の設定の見直しを記録しました。"});
        },
        [&](std::string_view problem, int status) { return show_list(context, problem, status); });
}

// --- one probe

/// What the form is about: a probe of the plan, or a new one of the kind that the address names.
struct Subject {
    Plan plan;
    bool is_new = false;
};

Subject subject_of(const Context& context, const Plans& plans) {
    const std::string& id = context.request.parameter("id");
    if (const Plan* known = find(plans.in_file, id)) return {*known};
    const std::string kind = context.has_field("kind") ? context.field("kind") : query_words(context, "kind");
    const probes::Kind* const found = id == "new" ? probes::find_kind(kind) : nullptr;
    if (found == nullptr) throw Error(Kind::NotFound, "この監視項目はありません。");
    return {probes::plan_of(*found, ""), true};
}

double number_field(const Context& context, const char* name) {
    const std::string text(base::trim(context.field(name)));
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size())
        throw Error(Kind::BadInput, "間隔と回数は、半角の数字で入れてください。");
    return value;
}

/// The plan as the form has it. Throws Error(BadInput) for what is no number; the rest is judged with the line.
Plan typed_plan(const Context& context, Plan plan) {
    plan.is_on = context.field("on") != "off";
    if (std::string title(base::trim(context.field("title"))); !title.empty()) plan.title = std::move(title);
    plan.rhythm.every = number_field(context, "every");
    plan.rhythm.patience = number_field(context, "patience");
    plan.rhythm.raise = static_cast<int>(std::clamp(number_field(context, "raise"), 0.0, 1000.0));
    plan.rhythm.clear = static_cast<int>(std::clamp(number_field(context, "clear"), 0.0, 1000.0));
    plan.rhythm.severity = signals::find_severity(context.field("severity")).value_or(plan.rhythm.severity);
    plan.behind = context.field("behind");
    for (const probes::Option& option : plan.kind->options)
        if (const std::string name = "option." + std::string(option.name); context.has_field(name))
            plan.values[std::string(option.name)] = base::trim(context.field(name));
    return plan;
}

http::Response show_form(Context& context, const Plans& plans, const Subject& subject, bool is_typed,
                         std::string_view problem, int status) {
    const Plan& plan = subject.plan;
    const Plan* const usual = find(plans.standard, plan.id);
    const auto shown = [&](const char* name, std::string value) { return is_typed ? context.field(name) : value; };
    tmpl::List options, severities, behinds, states;
    for (const probes::Option& option : plan.kind->options) {
        const std::string name = "option." + std::string(option.name);
        const std::string standard = (usual != nullptr ? *usual : probes::plan_of(*plan.kind, "")).text(option.name);
        options.push_back(tmpl::Map{{"name", name},
                                    {"words", say(option.japanese)},
                                    {"value", is_typed ? context.field(name) : plan.text(option.name)},
                                    {"standard", standard},
                                    {"is_target", option.name == plan.kind->target}});
    }
    const std::string severity = shown("severity", std::string(signals::severity_id(plan.rhythm.severity)));
    for (const auto each : {signals::Severity::Note, signals::Severity::Minor, signals::Severity::Warning,
                            signals::Severity::Serious, signals::Severity::Emergency})
        severities.push_back(choice(signals::severity_id(each), say(signals::severity_wording(each)), severity));
    const std::string behind = shown("behind", plan.behind);
    behinds.push_back(choice("", say("（なし）"), behind));
    for (const Plan& each : plans.in_file.plans)
        if (each.id != plan.id)
            behinds.push_back(choice(each.id, fmt::format("{}（{}）", say(each.title), each.id), behind));
    const std::string state = shown("on", plan.is_on ? "on" : "off");
    states = {choice("on", say("監視する"), state), choice("off", say("監視しない"), state)};
    const std::string title = subject.is_new ? "監視項目を足す" : plan.title;
    return context.page({"screens/probes/form.html", title, {{say("監視の設定"), "/probes"}}, status},
                        {{"problem", say(problem)},
                         {"heading", say(title)},
                         {"kind", std::string(plan.kind->id)},
                         {"kind_title", say(plan.kind->title)},
                         {"looks", say(plan.kind->looks)},
                         {"id", shown("id", plan.id)},
                         {"is_new", subject.is_new},
                         {"is_added", !subject.is_new && usual == nullptr},
                         {"is_changed", usual != nullptr && !probes::line_of(plan, usual).empty()},
                         {"action", subject.is_new ? std::string("/probes/new") : "/probes/" + plan.id},
                         {"version", is_typed ? context.field("version") : plans.version},
                         {"name", shown("title", plan.title)},
                         {"every", shown("every", fmt::format("{:g}", plan.rhythm.every))},
                         {"patience", shown("patience", fmt::format("{:g}", plan.rhythm.patience))},
                         {"raise", shown("raise", std::to_string(plan.rhythm.raise))},
                         {"clear", shown("clear", std::to_string(plan.rhythm.clear))},
                         {"silent", std::int64_t{probes::silent_after(plan).count()}},
                         {"states", std::move(states)},
                         {"severities", std::move(severities)},
                         {"behinds", std::move(behinds)},
                         {"options", std::move(options)},
                         {"needs_password", !context.is_fresh()}});
}

http::Response look(Context& context) {
    context.require(Act::MonitorEdit);
    const Plans plans = load_plans(context.site());
    return show_form(context, plans, subject_of(context, plans), false, "", 200);
}

http::Response change(Context& context) {
    context.require(Act::MonitorEdit);
    const Plans plans = load_plans(context.site());
    const Subject subject = subject_of(context, plans);
    return run_act(
        context,
        [&] {
            Plan wanted = subject.plan;
            std::string line;
            if (context.field("do") != "reset") {
                wanted = typed_plan(context, subject.plan);
                if (subject.is_new) {
                    wanted.id = base::trim(context.field("id"));
                    if (!probes::is_probe_id(wanted.id))
                        throw Error(Kind::BadInput,
                                    "識別名は、半角の英小文字・数字・点・ハイフンで、60文字以内で入れてください"
                                    "（例：http.library）。");
                    if (wanted.id == "new" || find(plans.in_file, wanted.id) != nullptr)
                        throw Error(Kind::BadInput, "この識別名は、もう使われています。ほかの識別名を入れてください。");
                }
                line = probes::line_of(wanted, find(plans.standard, wanted.id));
            }
            need_proof(context);
            flow::change_probe(context.site(), wanted.id, line, context.field("version"),
                               {context.person.id, context.now()});
            return context.go("/probes", Flash{Flash::Kind::Good,
                                               fmt::format("「{}」の監視の設定を保存しました。数秒後から使われます。",
                                                           wanted.title)});
        },
        [&](std::string_view problem, int status) {
            return show_form(context, plans, subject, true, problem, status);
        });
}

constexpr Route kRoutes[] = {
    {"GET", "/probes", list},
    {"POST", "/probes", review},
    {"GET", "/probes/{id}", look},
    {"POST", "/probes/{id}", change},
};

}  // namespace

extern const Screen probes_screen{"probes",     "監視の設定",     "/probes",        "settings",
                                  Place::Watch, Access::SignedIn, Act::MonitorRead, kRoutes};

}  // namespace web
