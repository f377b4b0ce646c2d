// 対応の手引き: the incident manual. Everybody who reads the contract reads it; those who handle incidents write it.
#include "office/incidents/runbooks.h"

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/screens/incident/words.h"
#include "door/web/screens/ledger/sentence.h"
#include "door/web/words.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using incidents::Runbook;
using people::Act;

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (const std::string_view line : base::split(text, '\n'))
        if (!base::trim(line).empty()) lines.emplace_back(base::trim(line));
    return lines;
}

std::string joined(const std::vector<std::string>& lines) {
    return base::join(lines, "\n");
}

http::Response list(Context& context) {
    context.require(Act::ContractRead);
    tmpl::List rows;
    for (const Runbook& each : context.db().read([](sys::Reader& db) { return incidents::list_runbooks(db); }))
        rows.push_back(tmpl::Map{{"path", "/runbooks/" + each.slug},
                                 {"title", each.title},
                                 {"about", base::join(each.about, "、")},
                                 {"steps", each.steps.size()},
                                 {"time", each.at ? short_time(*each.at, context.now()) : tmpl::Value()}});
    return context.page({"screens/runbooks/list.html", "対応の手引き", {{say("障害"), "/incidents"}}},
                        {{"rows", std::move(rows)}, {"may_write", context.may(Act::IncidentHandle)}});
}

http::Response look(Context& context) {
    context.require(Act::ContractRead);
    const Runbook one = context.db().read(
        [&](sys::Reader& db) { return incidents::load_runbook(db, context.request.parameter("slug")); });
    Names names(context.db());
    tmpl::List paragraphs, steps;
    for (const std::string& line : lines_of(one.body)) paragraphs.push_back(line);
    for (const std::string& step : one.steps) steps.push_back(step);
    return context.page(
        {"screens/runbooks/show.html", one.title, {{say("障害"), "/incidents"}, {say("対応の手引き"), "/runbooks"}}},
        {{"name", one.title},
         {"path", "/runbooks/" + one.slug},
         {"paragraphs", std::move(paragraphs)},
         {"steps", std::move(steps)},
         {"about", base::join(one.about, "、")},
         {"number", one.number},
         {"who", one.by.empty() ? std::string() : who_of(names, one.by)},
         {"time", one.at ? short_time(*one.at, context.now()) : tmpl::Value()},
         {"may_write", context.may(Act::IncidentHandle)}});
}

http::Response show_form(Context& context, std::string_view problem, int status) {
    context.require(Act::IncidentHandle);
    const std::string slug(context.request.parameter("slug"));
    Runbook one;
    if (slug != "new") one = context.db().read([&](sys::Reader& db) { return incidents::load_runbook(db, slug); });
    const auto typed = [&](std::string_view name, std::string usual) {
        return status == 200 ? std::move(usual) : context.field(name);
    };
    return context.page(
        {"screens/runbooks/form.html",
         "手引きを書く",
         {{say("障害"), "/incidents"}, {say("対応の手引き"), "/runbooks"}},
         status},
        {{"problem", say(problem)},
         {"is_new", slug == "new"},
         {"action", fmt::format("/runbooks/{}/edit", slug)},
         {"back", slug == "new" ? std::string("/runbooks") : "/runbooks/" + slug},
         {"number", status == 409 ? std::to_string(one.number) : typed("number", std::to_string(one.number))},
         {"slug", typed("slug", one.slug)},
         {"name", typed("title", one.title)},
         {"about", typed("about", joined(one.about))},
         {"body", typed("body", one.body)},
         {"steps", typed("steps", joined(one.steps))}});
}

http::Response form(Context& context) {
    return show_form(context, "", 200);
}

http::Response save(Context& context) {
    return run_act(
        context,
        [&] {
            context.require(Act::IncidentHandle);
            const std::string slug(context.request.parameter("slug"));
            Runbook made;
            made.slug = slug == "new" ? std::string(base::trim(context.field("slug"))) : slug;
            if (made.slug == "new") throw Error(Kind::BadInput, "「new」は名前に使えません。");
            made.number = static_cast<int>(context.number_field("number"));
            made.title = base::trim(context.field("title"));
            made.about = lines_of(context.field("about"));
            for (const char c : context.field("body"))
                if (c != '\r') made.body += c;
            made.steps = lines_of(context.field("steps"));
            context.db().write(
                [&](sys::Transaction& tx) { return incidents::write_runbook(tx, made, doer_of(context)); });
            return context.go("/runbooks/" + made.slug, Flash{Flash::Kind::Good, "手引きを保存しました。"});
        },
        [&](std::string_view problem, int status) { return show_form(context, problem, status); });
}

constexpr Route kRoutes[] = {
    {"GET", "/runbooks", list},
    {"GET", "/runbooks/{slug}", look},
    {"GET", "/runbooks/{slug}/edit", form},
    {"POST", "/runbooks/{slug}/edit", save},
};

}  // namespace

extern const Screen runbooks_screen{"runbooks",  "対応の手引き",   "/runbooks",       "page",
                                    Place::None, Access::SignedIn, Act::ContractRead, kRoutes};

}  // namespace web
