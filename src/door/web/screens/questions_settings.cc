// 定型文と許可: the texts that the helpdesk answers with, and whom the site administrators let ask beside themselves.
#include "door/web/screens/questions/shared.h"
#include "ground/base/error.h"
#include "ground/people/accounts.h"

namespace web {

namespace {

using base::Error;

struct Shown {
    std::string_view problem = "";
    int status = 200;
};

bool may_allow(const Context& context) {
    return people::may_somewhere(context.actor, people::Act::DeskAsk);
}

void require_either(Context& context) {
    if (!context.may(people::Act::DeskAnswer) && !may_allow(context)) context.require(people::Act::DeskAsk);
}

http::Response show(Context& context, const Shown& shown) {
    require_either(context);
    tmpl::List texts, allowed;
    Names names(context.db());
    const auto chosen = query_number(context, "text");
    helpdesk::Text form;
    context.db().read([&](sys::Reader& db) {
        for (const helpdesk::Text& text : helpdesk::list_texts(db)) {
            texts.push_back(tmpl::Map{{"id", text.id}, {"name", text.name}, {"version", text.version}});
            if (text.id == chosen) form = text;
        }
    });
    for (const auto& one : context.db().read([](sys::Reader& db) { return helpdesk::list_allowed(db); }))
        allowed.push_back(tmpl::Map{{"id", one.person.value},
                                    {"name", names.of(one.person)},
                                    {"by", name_of_doer_of(context, one.by)},
                                    {"at", short_time(one.at, context.now())}});
    if (!shown.problem.empty()) {
        form.id = std::strtoll(context.field("id").c_str(), nullptr, 10);
        form.version = std::strtoll(context.field("version").c_str(), nullptr, 10);
        form.name = context.field("name");
        form.body = context.field("body");
    }
    std::string places;
    for (const std::string_view place : helpdesk::kPlaces) places += fmt::format("{{{}}} ", place);
    return context.page(
        {"screens/questions/settings.html", "定型文と許可", {{say("問合せ"), "/questions"}}, shown.status},
        {{"problem", say(shown.problem)},
         {"texts", std::move(texts)},
         {"allowed", std::move(allowed)},
         {"answers", context.may(people::Act::DeskAnswer)},
         {"may_allow", may_allow(context)},
         {"places", places},
         {"login", shown.problem.empty() ? std::string() : context.field("login")},
         {"id", form.id},
         {"version", form.version},
         {"name", form.name},
         {"body", form.body}});
}

http::Response look(Context& context) {
    return show(context, {});
}

http::Response again(Context& context, const std::function<std::string()>& act) {
    return run_act(
        context,
        [&] {
            return context.go("/questions/settings", Flash{Flash::Kind::Good, act()});
        },
        [&](std::string_view problem, int status) {
            return show(context, {problem, status});
        });
}

http::Response save_text(Context& context) {
    context.require(people::Act::DeskAnswer);
    return again(context, [&]() -> std::string {
        const helpdesk::Text text{context.number_field("id"), context.field("name"), context.field("body"),
                                  context.number_field("version")};
        const bool removes = context.field("act") == "remove";
        context.db().write([&](sys::Transaction& tx) {
            if (removes)
                helpdesk::remove_text(tx, text.id, text.version, desk_by(context));
            else
                helpdesk::save_text(tx, text, desk_by(context));
        });
        return removes ? "定型文を消しました。" : "定型文を保存しました。";
    });
}

http::Response allow(Context& context) {
    require_either(context);
    if (!may_allow(context)) context.require(people::Act::DeskAsk);
    return again(context, [&]() -> std::string {
        const std::string end = context.field("end");
        context.db().write([&](sys::Transaction& tx) {
            if (!end.empty()) {
                helpdesk::set_allowed(tx, base::PersonId{context.number_field("end")}, false, desk_by(context));
                return;
            }
            const auto person = people::find_person(tx, context.field("login"));
            if (!person || person->state != people::PersonState::Active)
                throw Error(base::Kind::BadInput, "そのログイン名の利用者はいません。");
            helpdesk::set_allowed(tx, person->id, true, desk_by(context));
        });
        return end.empty() ? "問い合わせることを認めました。" : "許可を終えました。";
    });
}

constexpr Route kRoutes[] = {
    {"GET", "/questions/settings", look},
    {"POST", "/questions/settings/text", save_text},
    {"POST", "/questions/settings/allow", allow},
};

}  // namespace

extern const Screen questions_settings{"questions-settings", "定型文と許可",   "/questions/settings", "mail",
                                       Place::None,          Access::SignedIn, std::nullopt,          kRoutes};

}  // namespace web
