// 承認ルート: who has to agree to what, step by step, edited as a form that works without script (steps and groups come
// and go by buttons that send the whole form), and the question that decides whether a route is right: who would be
// asked if this person submitted that page?

#include <algorithm>

#include "door/web/language.h"
#include "door/web/screens/routes/form.h"
#include "door/web/subject.h"
#include "door/web/words.h"
#include "flow/ask_route.h"
#include "flow/edit_page.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using people::Act;

std::string where_of(sys::Reader& db, const workflow::Route& route) {
    std::string text;
    if (!route.section.empty()) text += say("フォルダ ") + readable_path(route.section);
    if (route.department) text += (text.empty() ? "" : say("、")) + full_name(db, route.department) + say(" のページ");
    if (route.kind)
        text += (text.empty() ? "" : say("、")) + std::string(*route.kind == content::PageKind::TakenOver
                                                                  ? say("引き継いだページ")
                                                                  : say("新しく作ったページ"));
    return text.empty() ? say("すべてのページ") : text;
}

tmpl::List steps_text(sys::Reader& db, const workflow::Route& route) {
    tmpl::List steps;
    for (const workflow::Step& step : route.steps) {
        std::string groups;
        for (const workflow::Group& group : step.groups)
            groups += (groups.empty() ? "" : say(" と ")) + group_text(db, group);
        steps.push_back(tmpl::Map{{"name", step.name}, {"groups", groups}});
    }
    return steps;
}

/// Who would be asked, step by step; a group that nobody is in says so.
tmpl::Value asked_for(Context& context, std::string& problem) {
    const std::string page_words = query_words(context, "page", 300);
    const std::string person_words = query_words(context, "person");
    if (page_words.empty() && person_words.empty()) return false;
    return context.db().read([&](sys::Reader& db) -> tmpl::Value {
        const auto page = find_page_by_words(db, page_words);
        const auto person = people::find_person(db, person_words);
        if (!page)
            problem = "このページは見つかりません。ページの場所（/kurashi/gomi/index.html など）を入れてください。";
        if (!person) problem = "この利用者は見つかりません。ログイン名を入れてください。";
        if (!page || !person) return false;
        const flow::RouteAnswer answer = flow::ask_route(db, context.site(), page->id, person->id);
        tmpl::List steps;
        for (std::size_t i = 0; i < answer.panels.size(); ++i) {
            tmpl::List groups;
            const workflow::Panel& panel = answer.panels[i];
            for (std::size_t j = 0; j < panel.groups.size(); ++j) {
                std::string names;
                for (const workflow::Candidate& one : panel.candidates[j]) {
                    names += (names.empty() ? "" : say("、")) + one.name;
                    if (one.on_behalf_of)
                        names += say(fmt::format("（{}さんの代理）", people::load_person(db, one.on_behalf_of).name));
                    if (one.is_reserve) names += say("（ほかにいないときだけ）");
                }
                groups.push_back(tmpl::Map{{"name", panel.groups[j].name}, {"people", names}});
            }
            steps.push_back(tmpl::Map{{"name", answer.route.steps[i].name}, {"groups", std::move(groups)}});
        }
        return tmpl::Map{{"page", title_of(*page)},    {"person", person->name},
                         {"route", answer.route.name}, {"is_default", answer.route.id == 0},
                         {"refusal", answer.refusal},  {"steps", std::move(steps)}};
    });
}

http::Response list(Context& context) {
    context.require(Act::PeopleManage);
    tmpl::List rows;
    context.db().read([&](sys::Reader& db) {
        for (const workflow::Route& route : workflow::list_routes(db))
            rows.push_back(tmpl::Map{{"name", route.name},
                                     {"path", fmt::format("/routes/{}", route.id)},
                                     {"where", where_of(db, route)},
                                     {"steps", steps_text(db, route)}});
    });
    std::string problem;
    tmpl::Value asked = asked_for(context, problem);
    const auto steps = context.site().settings.workflow.approval_steps;
    return context.page({"screens/routes/list.html", "承認ルート", {}, problem.empty() ? 200 : 422},
                        {{"problem", say(problem)},
                         {"rows", std::move(rows)},
                         {"default_steps", steps},
                         {"page_words", query_words(context, "page", 300)},
                         {"person_words", query_words(context, "person")},
                         {"asked", std::move(asked)}});
}

// --- one route

http::Response show_form(Context& context, const RouteForm& form, std::string_view problem, int status) {
    tmpl::List steps, departments, kinds;
    std::string warning;
    context.db().read([&](sys::Reader& db) {
        steps = step_fields(db, form, context.now());
        departments = department_choices(db, base::local_day(context.now()), form.route.department, say("どの課でも"));
        warning = find_lonely_group(db, form.route, context.now());
    });
    const std::string kind = !form.route.kind                                   ? ""
                             : *form.route.kind == content::PageKind::TakenOver ? "taken-over"
                                                                                : "composed";
    kinds = {choice("", say("すべて"), kind), choice("taken-over", say("引き継いだページ"), kind),
             choice("composed", say("新しく作ったページ"), kind)};
    const bool is_new = form.route.id == 0;
    return context.page({"screens/routes/form.html",
                         is_new ? say("承認ルートを作る") : form.route.name,
                         {{say("承認ルート"), "/routes"}},
                         status},
                        {{"problem", say(problem)},
                         {"warning", warning},
                         {"is_new", is_new},
                         {"heading", is_new ? say("承認ルートを作る") : form.saved_name},
                         {"action", is_new ? std::string("/routes/new") : fmt::format("/routes/{}", form.route.id)},
                         {"version", form.route.version},
                         {"name", form.route.name},
                         {"section", form.route.section},
                         {"departments", std::move(departments)},
                         {"kinds", std::move(kinds)},
                         {"may_add_step", form.route.steps.size() < workflow::kMostSteps},
                         {"steps", std::move(steps)},
                         {"needs_password", !context.is_fresh()}});
}

http::Response ask_new(Context& context) {
    context.require(Act::PeopleManage);
    RouteForm form;
    form.route.steps = workflow::default_route().steps;
    return show_form(context, form, "", 200);
}

workflow::Route load(Context& context) {
    context.require(Act::PeopleManage);
    auto route =
        context.db().read([&](sys::Reader& db) { return workflow::find_route(db, context.request.number("id")); });
    if (!route) throw Error(Kind::NotFound, "この承認ルートはありません。");
    return *std::move(route);
}

http::Response look(Context& context) {
    RouteForm form;
    form.route = load(context);
    form.saved_name = form.route.name;
    return show_form(context, form, "", 200);
}

http::Response save(Context& context, RouteForm form) {
    form.take(context);
    const std::string act = context.field("do");
    if (form.change_shape(act)) return show_form(context, form, "", 200);
    return run_act(
        context,
        [&] {
            const people::By by{context.person.id, context.now()};
            need_proof(context);
            if (act == "remove") {
                context.db().write(
                    [&](sys::Transaction& tx) { workflow::remove_route(tx, form.route.id, form.route.version, by); });
                return context.go("/routes", Flash{Flash::Kind::Good,
                                                   "承認ルートを削除しました。いま承認待ちのページは、依頼"
                                                   "したときのルートのままです。"});
            }
            context.db().write([&](sys::Transaction& tx) { workflow::save_route(tx, form.route, by); });
            return context.go("/routes", Flash{Flash::Kind::Good,
                                               fmt::format("「{}」を保存しました。これからの承認依頼に使われます。",
                                                           form.route.name)});
        },
        [&](std::string_view problem, int status) { return show_form(context, form, problem, status); });
}

http::Response add(Context& context) {
    context.require(Act::PeopleManage);
    return save(context, {});
}

http::Response change(Context& context) {
    RouteForm form;
    form.route = load(context);
    form.saved_name = form.route.name;
    return save(context, std::move(form));
}

constexpr Route kRoutes[] = {
    {"GET", "/routes", list},      {"GET", "/routes/new", ask_new},  {"POST", "/routes/new", add},
    {"GET", "/routes/{id}", look}, {"POST", "/routes/{id}", change},
};

}  // namespace

extern const Screen routes{"routes",         "承認ルート",      "/routes", "route", Place::Administration,
                           Access::SignedIn, Act::PeopleManage, kRoutes};

}  // namespace web
