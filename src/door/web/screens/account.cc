// One's own account: who one is here, the password, and where one is signed in.

#include "door/web/context.h"
#include "door/web/language.h"
#include "door/web/words.h"
#include "flow/notify.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "office/notify/store.h"

namespace web {

namespace {

/// "Edge（Windows）" of what a browser says of itself; what is none of these stays as it is.
std::string browser_words(std::string_view agent) {
    // What comes first names itself as those behind it, too.
    constexpr std::pair<std::string_view, std::string_view> kBrowsers[] = {
        {"Edg", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}};
    constexpr std::pair<std::string_view, std::string_view> kSystems[] = {
        {"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"},
        {"Mac OS", "Mac"},      {"CrOS", "ChromeOS"},   {"Linux", "Linux"}};
    const auto find = [&](std::span<const std::pair<std::string_view, std::string_view>> names) {
        for (const auto& [mark, name] : names)
            if (agent.find(mark) != std::string_view::npos) return name;
        return std::string_view();
    };
    const std::string_view browser = find(kBrowsers), system = find(kSystems);
    if (browser.empty()) return std::string(base::first_code_points(agent, 60));
    return system.empty() ? std::string(browser) : fmt::format("{}（{}）", browser, system);
}

std::string reach_of(sys::Reader& db, const people::Standing& standing) {
    if (standing.is_everywhere) return say("サイト全体");
    std::string text;
    for (const people::DepartmentId id : standing.departments)
        text += (text.empty() ? "" : say("、")) + people::load_department(db, id).name;
    if (!standing.section.empty()) text += (text.empty() ? "" : say(" の ")) + readable_path(standing.section);
    return text.empty() ? say("（所属が未設定のため、まだ使えません）") : text;
}

tmpl::List choices_of(notify::Choice chosen) {
    constexpr std::pair<notify::Choice, std::string_view> kWords[] = {
        {notify::Choice::AtOnce, "そのつど受け取る"},
        {notify::Choice::Digest, "1日1回、まとめて受け取る"},
        {notify::Choice::None, "受け取らない"}};
    tmpl::List choices;
    for (const auto& [choice, words] : kWords)
        choices.push_back(
            tmpl::Map{{"id", notify::choice_id(choice)}, {"words", say(words)}, {"is_chosen", choice == chosen}});
    return choices;
}

http::Response show(Context& context, std::string_view problem) {
    tmpl::List roles, sessions;
    std::string departments;
    notify::Choice choice = notify::Choice::AtOnce;
    context.db().read([&](sys::Reader& db) {
        choice = notify::load_choice(db, context.person.id);
        for (const people::Standing& standing : context.actor.standings) {
            std::string reach = reach_of(db, standing);
            if (standing.on_behalf_of)
                reach += say(fmt::format("（{}さんの代理）", people::load_person(db, *standing.on_behalf_of).name));
            roles.push_back(tmpl::Map{{"name", say(people::role_name_ja(standing.role))}, {"reach", std::move(reach)}});
        }
        const base::Day today = base::local_day(context.now());
        for (const people::Membership& each : context.person.memberships)
            if (each.is_valid_on(today))
                departments +=
                    (departments.empty() ? "" : say("、")) + people::load_department(db, each.department).name;
        for (const people::Session& each :
             people::list_sessions(db, context.person.id, context.now(), context.office.desk.policy.sessions))
            sessions.push_back(tmpl::Map{{"address", each.address},
                                         {"agent", browser_words(each.agent)},
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
                         {"choices", choices_of(choice)},
                         {"sends_mail", flow::is_mail_on(context.site().settings)},
                         {"digest_at", context.site().settings.mail.digest_at},
                         {"is_local", context.person.source == people::Source::Local},
                         {"shortest", context.office.desk.policy.passwords.shortest},
                         {"problem", say(problem)}});
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

http::Response choose_notices(Context& context) {
    const auto choice = notify::find_choice(context.field("notices"));
    if (!choice) throw base::Error(base::Kind::BadInput, "お知らせメールの受け取り方を選んでください。");
    context.db().write([&](sys::Transaction& tx) {
        notify::set_choice(tx, context.person.id, *choice);
        const std::string who = fmt::format("person:{}", context.person.id.value);
        ledger::append(tx, {context.now(), who, "person.notices", who,
                            fmt::format(R"({{"choice":"{}"}})", notify::choice_id(*choice))});
    });
    return context.go("/account", Flash{Flash::Kind::Good, "お知らせメールの受け取り方を変えました。"});
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
    {"POST", "/account/notices", choose_notices},
    {"POST", "/account/end-others", end_others},
};

}  // namespace

extern const Screen account{"account",   "アカウントの設定", "/account", "people",
                            Place::None, Access::SignedIn,   {},         kRoutes};

}  // namespace web
