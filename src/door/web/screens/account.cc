// One's own account: who one is here, the password, and where one is signed in.

#include "door/web/context.h"
#include "door/web/words.h"

namespace web {

namespace {

std::string reach_of(sys::Reader& db, const people::Standing& standing) {
    if (standing.is_everywhere) return "サイト全体";
    std::string text;
    for (const people::DepartmentId id : standing.departments)
        text += (text.empty() ? "" : "、") + people::load_department(db, id).name;
    if (!standing.section.empty()) text += (text.empty() ? "" : " の ") + readable_path(standing.section);
    return text.empty() ? "（所属が未設定のため、まだ使えません）" : text;
}

http::Response show(Context& context, std::string_view problem) {
    tmpl::List roles, sessions;
    std::string departments;
    context.db().read([&](sys::Reader& db) {
        for (const people::Standing& standing : context.actor.standings) {
            std::string reach = reach_of(db, standing);
            if (standing.on_behalf_of)
                reach += fmt::format("（{}さんの代理）", people::load_person(db, *standing.on_behalf_of).name);
            roles.push_back(tmpl::Map{{"name", people::role_name_ja(standing.role)}, {"reach", std::move(reach)}});
        }
        const base::Day today = base::local_day(context.now());
        for (const people::Membership& each : context.person.memberships)
            if (each.is_valid_on(today))
                departments += (departments.empty() ? "" : "、") + people::load_department(db, each.department).name;
        for (const people::Session& each :
             people::list_sessions(db, context.person.id, context.now(), context.office.desk.policy.sessions))
            sessions.push_back(tmpl::Map{{"address", each.address},
                                         {"agent", each.agent},
                                         {"seen", short_time(each.seen_at, context.now())},
                                         {"is_this", each.id == context.session->id}});
    });
    return context.page({"screens/account/show.html", "アカウントの設定", {}, problem.empty() ? 200 : 422},
                        {{"login", context.person.login_name},
                         {"name", context.person.name},
                         {"mail", context.person.mail},
                         {"departments", departments},
                         {"roles", std::move(roles)},
                         {"sessions", std::move(sessions)},
                         {"is_local", context.person.source == people::Source::Local},
                         {"shortest", context.office.desk.policy.passwords.shortest},
                         {"problem", problem}});
}

http::Response look(Context& context) {
    return show(context, "");
}

http::Response change_password(Context& context) {
    if (context.field("password") != context.field("password_again"))
        return show(context, "新しいパスワードの2つの入力が同じではありません。");
    const auto result = people::change_own_password(context.office.desk, context.token, context.field("old_password"),
                                                    context.field("password"), context.peer());
    if (const auto* refused = std::get_if<people::Refused>(&result)) return show(context, refused->message_ja);
    return context.go("/account",
                      Flash{Flash::Kind::Good, "パスワードを変更しました。ほかの場所でのログインは終了しました。"});
}

http::Response end_others(Context& context) {
    const int ended = context.db().write([&](sys::Transaction& tx) {
        return people::end_sessions(tx, context.person.id, context.session->id, "own choice",
                                    {context.person.id, context.now()});
    });
    return context.go("/account",
                      Flash{Flash::Kind::Good, fmt::format("ほかの場所でのログインを{}件終了しました。", ended)});
}

constexpr Route kRoutes[] = {
    {"GET", "/account", look},
    {"POST", "/account/password", change_password},
    {"POST", "/account/end-others", end_others},
};

}  // namespace

extern const Screen account{"account",   "アカウントの設定", "/account", "people",
                            Place::None, Access::SignedIn,   {},         kRoutes};

}  // namespace web
