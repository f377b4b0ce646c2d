// What is done to an account by a question and a button: stop it and let it in again, a new password, a lost phone,
// sessions, roles, and the end of it. Each asks who is asking, says what will happen, and leaves its line.

#include <algorithm>

#include "door/web/language.h"
#include "door/web/screens/person/form.h"
#include "flow/edit_page.h"
#include "flow/manage_people.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/people/second_factor.h"

namespace web {

using base::Error;
using base::Kind;
using people::Act;

namespace {

/// One question. `run` does it and says what has become true.
struct Question {
    std::string_view id;
    std::string_view title;
    std::string_view words;  ///< what will happen
    std::string_view button;
    bool is_grave;
    Power power;
    std::string (*run)(Context& context, people::Person& person);
};

people::By by_me(const Context& context) {
    return {context.person.id, context.now()};
}

std::string set_state(Context& context, people::Person& person, people::PersonState state, std::string said) {
    person.state = state;
    person.version = context.number_field("version");
    context.db().write([&](sys::Transaction& tx) { people::change_person(tx, person, by_me(context)); });
    flow::refresh_requests(context.site());
    return said;
}

std::string lock(Context& context, people::Person& person) {
    return set_state(context, person, people::PersonState::Locked, "アカウントを停止しました。");
}

std::string unlock(Context& context, people::Person& person) {
    return set_state(context, person, people::PersonState::Active, "アカウントの停止を解きました。");
}

std::string end_waiting(Context& context, people::Person& person) {
    context.db().write([&](sys::Transaction& tx) { people::unlock(tx, person.login_name, by_me(context)); });
    return "ログインの待ち時間を解除しました。";
}

std::string remove_factor(Context& context, people::Person& person) {
    context.db().write([&](sys::Transaction& tx) { people::remove_second_factor(tx, person.id, by_me(context)); });
    return "二要素認証を外しました。必要な役割の人は、次のログインで設定し直します。";
}

std::string end_sessions(Context& context, people::Person& person) {
    const int ended = context.db().write(
        [&](sys::Transaction& tx) { return people::end_sessions(tx, person.id, {}, "administrator", by_me(context)); });
    return fmt::format("ログインを{}件終了しました。", ended);
}

std::string revoke(Context& context, people::Person& person) {
    const people::GrantId id{context.number_field("grant")};
    context.db().write([&](sys::Transaction& tx) {
        for (const people::Grant& grant : people::list_grants(tx, person.id)) {
            if (grant.id != id) continue;
            if (const auto decision = people::may_grant(context.actor, grant.role, person.id); !decision)
                throw Error(Kind::NotAllowed, decision.reason_ja);
            people::remove_grant(tx, id, by_me(context));
            return;
        }
        throw Error(Kind::Conflict, "この役割は、すでに外されています。画面を開き直してください。");
    });
    flow::refresh_requests(context.site());
    return "役割を外しました。";
}

constexpr Question kQuestions[] = {
    {"lock", "アカウントを停止する",
     "ログインできなくなり、いまのログインもすぐに終わります。書いた内容や役割は残ります。", "停止する", true,
     Power::StopOnly, lock},
    {"unlock", "アカウントの停止を解く", "もとの役割で、ふたたびログインできるようになります。", "停止を解く", false,
     Power::StopOnly, unlock},
    {"waiting", "ログインの待ち時間を解除する",
     "ログインの失敗が続いたための待ち時間を終わらせます。失敗したのが本人か、先に確かめてください。", "解除する",
     false, Power::StopOnly, end_waiting},
    {"factor", "二要素認証を外す",
     "スマートフォンをなくしたときや替えたときに使います。いまのログインは終わり、必要な役割の人は、次のログインで設定"
     "し直します。",
     "外す", true, Power::Whole, remove_factor},
    {"sessions", "ログインを終了する",
     "どの場所のログインも、すぐに終わります。保存していない入力は失われることがあります。", "終了する", true,
     Power::StopOnly, end_sessions},
    {"revoke", "役割を外す", "この役割を外します。いまのログインも終わります。", "役割を外す", true, Power::StopOnly,
     revoke},
};

const Question& question_of(const Context& context) {
    for (const Question& question : kQuestions)
        if (question.id == context.request.parameter("act")) return question;
    throw Error(Kind::NotFound, "この操作はありません。");
}

http::Response show_question(Context& context, const people::Person& person, const Question& question,
                             std::string_view problem, int status) {
    const std::string grant =
        context.request.method == "POST" ? context.field("grant") : std::string(context.request.query.get("grant"));
    const std::string back = fmt::format("/people/{}", person.id.value);
    return context.page({"screens/person/question.html",
                         say(question.title) + say("：") + person.name,
                         {{say("利用者"), "/people"}, {person.name, back}},
                         status},
                        {{"problem", say(problem)},
                         {"heading", say(question.title)},
                         {"name", person.name},
                         {"login", person.login_name},
                         {"words", say(question.words)},
                         {"button", say(question.button)},
                         {"is_grave", question.is_grave},
                         {"action", fmt::format("{}/do/{}", back, question.id)},
                         {"back", back},
                         {"version", person.version},
                         {"grant", grant},
                         {"needs_password", !context.is_fresh()}});
}

http::Response ask(Context& context) {
    const Question& question = question_of(context);
    return show_question(context, load_managed(context, question.power), question, "", 200);
}

http::Response answer(Context& context) {
    const Question& question = question_of(context);
    people::Person person = load_managed(context, question.power);
    const people::Person before = person;
    return run_act(
        context,
        [&] {
            need_proof(context);
            const std::string said = question.run(context, person);
            return context.go(fmt::format("/people/{}", person.id.value), Flash{Flash::Kind::Good, said});
        },
        [&](std::string_view problem, int status) {
            return show_question(context, before, question, problem, status);
        });
}

// --- a new password

constexpr Question kPassword{"password",
                             "パスワードを再発行する",
                             "新しいパスワードを作り、次の画面に一度だけ表示します。いまのパスワードは使えなくなり、ロ"
                             "グインも終わります。本人は、次の"
                             "ログインで自分のパスワードに変えます。",
                             "再発行する",
                             true,
                             Power::Whole,
                             nullptr};

http::Response ask_password(Context& context) {
    return show_question(context, load_managed(context), kPassword, "", 200);
}

http::Response set_password(Context& context) {
    const people::Person person = load_managed(context);
    return run_act(
        context,
        [&] {
            need_proof(context);
            const std::string password = people::make_password();
            const std::string hash = people::hash_new_password(password);
            context.db().write(
                [&](sys::Transaction& tx) { people::set_password(tx, person.id, hash, true, by_me(context)); });
            return show_password(context, person, password,
                                 fmt::format("{}さんのパスワードを再発行しました。", person.name),
                                 fmt::format("/people/{}", person.id.value));
        },
        [&](std::string_view problem, int status) {
            return show_question(context, person, kPassword, problem, status);
        });
}

// --- giving a role

http::Response show_role(Context& context, const people::Person& person, std::string_view problem, int status) {
    tmpl::List roles, departments;
    for (const people::Role role : people::kAllRoles)
        if (people::may_grant(context.actor, role, person.id))
            roles.push_back(choice(people::role_id(role), say(people::role_name_ja(role)), context.field("role")));
    context.db().read([&](sys::Reader& db) {
        const people::DepartmentId chosen{std::strtoll(context.field("department").c_str(), nullptr, 10)};
        departments = department_choices(db, base::local_day(context.now()), chosen, say("しぼらない"));
    });
    const std::string back = fmt::format("/people/{}", person.id.value);
    return context.page({"screens/person/role.html",
                         say("役割を付ける：") + person.name,
                         {{say("利用者"), "/people"}, {person.name, back}},
                         status},
                        {{"problem", say(problem)},
                         {"name", person.name},
                         {"action", back + "/role"},
                         {"back", back},
                         {"roles", std::move(roles)},
                         {"departments", std::move(departments)},
                         {"section", context.field("section")},
                         {"from", context.field("from")},
                         {"until", context.field("until")},
                         {"needs_password", !context.is_fresh()}});
}

http::Response ask_role(Context& context) {
    return show_role(context, load_managed(context), "", 200);
}

http::Response give_role(Context& context) {
    const people::Person person = load_managed(context);
    return run_act(
        context,
        [&] {
            people::Grant grant;
            grant.person = person.id;
            const auto role = people::find_role(context.field("role"));
            if (!role) throw Error(Kind::BadInput, "役割を選んでください。");
            grant.role = *role;
            if (const auto decision = people::may_grant(context.actor, *role, person.id); !decision)
                throw Error(Kind::NotAllowed, decision.reason_ja);
            if (!context.field("department").empty())
                grant.department = people::DepartmentId{context.number_field("department")};
            std::string section(base::trim(context.field("section")));
            while (section.starts_with('/')) section.erase(0, 1);
            if (!section.empty() && !section.ends_with('/')) section += '/';
            grant.section = base::percent_encode(section);
            grant.valid_from = day_field(context, "from", "始まりの日");
            grant.valid_until = day_field(context, "until", "終わりの日");
            if (grant.valid_until && !grant.valid_from) grant.valid_from = base::local_day(context.now());
            need_proof(context);
            context.db().write([&](sys::Transaction& tx) { people::add_grant(tx, grant, by_me(context)); });
            flow::refresh_requests(context.site());
            return context.go(
                fmt::format("/people/{}", person.id.value),
                Flash{Flash::Kind::Good, fmt::format("「{}」の役割を付けました。本人は、もう一度ログインします。",
                                                     people::role_name_ja(*role))});
        },
        [&](std::string_view problem, int status) { return show_role(context, person, problem, status); });
}

// --- leaving

constexpr int kMostSuccessors = 500;

http::Response show_end(Context& context, const people::Person& person, std::string_view problem, int status) {
    tmpl::List successors;
    std::vector<std::string> roles;
    const std::string chosen = context.field("successor");
    successors.push_back(choice("", say("（決めない）"), chosen));
    context.db().read([&](sys::Reader& db) {
        const base::Day today = base::local_day(context.now());
        people::PeopleQuery query;
        query.state = people::PersonState::Active;
        query.on = today;
        query.limit = kMostSuccessors;
        query.is_by_kana = true;
        std::vector<people::DepartmentId> own;
        for (const people::Membership& each : person.memberships)
            if (each.is_valid_on(today)) own.push_back(each.department);
        const auto is_colleague = [&](const people::Person& other) {
            return std::any_of(other.memberships.begin(), other.memberships.end(), [&](const people::Membership& each) {
                return each.is_valid_on(today) && std::find(own.begin(), own.end(), each.department) != own.end();
            });
        };
        for (const people::Grant& each : flow::list_bequeathed(db, person, today))
            roles.push_back(noted(say(people::role_name_ja(each.role)), reach_of(db, each)));
        const std::vector<people::Person> all = people::list_people(db, query);
        for (const bool of_same : {true, false})  // colleagues first
            for (const people::Person& each : all)
                if (each.id != person.id && is_colleague(each) == of_same)
                    successors.push_back(
                        choice(std::to_string(each.id.value), noted(each.name, each.login_name), chosen));
    });
    const std::string back = fmt::format("/people/{}", person.id.value);
    return context.page({"screens/person/end.html",
                         say("退職・転出の手続き：") + person.name,
                         {{say("利用者"), "/people"}, {person.name, back}},
                         status},
                        {{"problem", say(problem)},
                         {"name", person.name},
                         {"action", back + "/end"},
                         {"back", back},
                         {"version", person.version},
                         {"successors", std::move(successors)},
                         {"roles", base::join(roles, say("、"))},
                         {"gives_roles", context.request.method == "GET" || !context.field("roles").empty()},
                         {"needs_password", !context.is_fresh()}});
}

http::Response ask_end(Context& context) {
    return show_end(context, load_managed(context), "", 200);
}

http::Response end(Context& context) {
    const people::Person person = load_managed(context);
    return run_act(
        context,
        [&] {
            flow::Leaving leaving{person.id};
            if (!context.field("successor").empty())
                leaving.successor = people::PersonId{context.number_field("successor")};
            leaving.bequeaths_roles = !context.field("roles").empty();
            leaving.version = context.number_field("version");
            need_proof(context);
            flow::retire_person(context.site(), leaving, context.actor, by_me(context));
            return context.go(fmt::format("/people/{}", person.id.value),
                              Flash{Flash::Kind::Good, fmt::format("{}さんの利用を終わりにしました。", person.name)});
        },
        [&](std::string_view problem, int status) { return show_end(context, person, problem, status); });
}

constexpr Route kRoutes[] = {
    {"GET", "/people/{id}/do/password", ask_password},
    {"POST", "/people/{id}/do/password", set_password},
    {"GET", "/people/{id}/do/{act}", ask},
    {"POST", "/people/{id}/do/{act}", answer},
    {"GET", "/people/{id}/role", ask_role},
    {"POST", "/people/{id}/role", give_role},
    {"GET", "/people/{id}/end", ask_end},
    {"POST", "/people/{id}/end", end},
};

}  // namespace

extern const Screen person_acts{"person-acts", "利用者",         "/people",         "people",
                                Place::None,   Access::SignedIn, Act::PeopleManage, kRoutes};

}  // namespace web
