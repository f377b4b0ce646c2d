// One person: who they are, where they work, what they may do and until when; registering and changing. The acts that
// are a question and a button (stop, a new password, ...) are in person_acts.cc.

#include <algorithm>

#include "door/web/language.h"
#include "door/web/screens/person/form.h"
#include "door/web/words.h"
#include "flow/edit_page.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/acts.h"
#include "ground/ledger/store.h"
#include "ground/people/second_factor.h"

namespace web {

using base::Error;
using base::Kind;
using people::Act;

std::string reach_of(sys::Reader& db, const people::Grant& grant) {
    std::string text = grant.department ? full_name(db, *grant.department) : std::string();
    if (!grant.section.empty()) text += (text.empty() ? "" : say(" の ")) + readable_path(grant.section);
    if (!text.empty()) return text;
    const bool is_own = grant.role == people::Role::Author || grant.role == people::Role::Approver;
    return is_own ? say("本人の所属") : say("サイト全体");
}

namespace {

constexpr int kActsShown = 10;
constexpr int kEmptyPostings = 2;  // rows for more postings than there are

// --- looking

std::string term_of(const std::optional<base::Day>& from, const std::optional<base::Day>& until) {
    if (!from && !until) return say("期限なし");
    if (!until) return say(fmt::format("{}から", era_day(from)));
    if (!from) return say(fmt::format("{}まで", era_day(until)));
    return say(fmt::format("{}から{}まで", era_day(from), era_day(until)));
}

http::Response look(Context& context) {
    context.require(Act::PeopleManage);
    const people::PersonId id{context.request.number("id")};
    const std::string path = fmt::format("/people/{}", id.value);
    tmpl::List postings, grants, acts;
    people::Person person;
    bool has_factor = false;
    std::int64_t sessions = 0;
    std::string successor, refusal;
    std::optional<base::Instant> waiting;
    context.db().read([&](sys::Reader& db) {
        const base::Day today = base::local_day(context.now());
        person = people::load_person(db, id);
        for (const people::Membership& each : person.memberships)
            postings.push_back(tmpl::Map{{"name", full_name(db, each.department)},
                                         {"term", term_of(each.valid_from, each.valid_until)},
                                         {"is_now", each.is_valid_on(today)}});
        for (const people::Grant& each : people::list_grants(db, id)) {
            const bool may_remove = static_cast<bool>(people::may_grant(context.actor, each.role, id));
            grants.push_back(tmpl::Map{
                {"name", say(people::role_name_ja(each.role))},
                {"reach", reach_of(db, each)},
                {"term", term_of(each.valid_from, each.valid_until)},
                {"is_now", each.is_valid_on(today)},
                {"remove", may_remove ? fmt::format("{}/do/revoke?grant={}", path, each.id.value) : std::string()}});
        }
        has_factor = people::has_second_factor(db, id);
        const auto& policy = context.office.desk.policy;
        sessions = static_cast<std::int64_t>(people::list_sessions(db, id, context.now(), policy.sessions).size());
        waiting = people::find_waiting(db, person.login_name, policy, context.now());
        if (person.successor) successor = people::load_person(db, *person.successor).name;
        const auto decision = people::may_manage(context.actor, id, people::list_grants(db, id));
        if (!decision) refusal = decision.reason_ja;
        ledger::Search search;
        search.subject = fmt::format("person:{}", id.value);
        search.limit = kActsShown;
        Names names(context.db());
        for (const ledger::Line& line : ledger::find_lines(db, search)) {
            const bool is_person = line.entry.by.starts_with("person:");
            const base::PersonId by{is_person ? std::strtoll(line.entry.by.c_str() + 7, nullptr, 10) : 0};
            acts.push_back(tmpl::Map{{"what", say(ledger::act_wording(line.entry.act))},
                                     {"who", is_person ? names.of(by) : say("システム")},
                                     {"time", short_time(line.entry.at, context.now())}});
        }
    });
    return context.page({"screens/person/show.html", person.name, {{say("利用者"), "/people"}}},
                        {{"path", path},
                         {"name", person.name},
                         {"kana", person.kana},
                         {"login", person.login_name},
                         {"mail", person.mail},
                         {"is_local", person.source == people::Source::Local},
                         {"must_change", person.must_change_password},
                         {"is_active", person.state == people::PersonState::Active},
                         {"is_locked", person.state == people::PersonState::Locked},
                         {"has_left", person.state == people::PersonState::Left},
                         {"is_me", id == context.person.id},
                         {"successor", successor},
                         {"has_factor", has_factor},
                         {"sessions", sessions},
                         {"waiting", waiting ? clock_text(*waiting, context.now()) : ""},
                         {"postings", std::move(postings)},
                         {"grants", std::move(grants)},
                         {"acts", std::move(acts)},
                         {"refusal", say(refusal)},
                         {"ledger", fmt::format("/ledger?subject=person%3A{}", id.value)}});
}

// --- registering and changing

/// The postings of the form: rows of department, first and last day; a row without a department is none.
std::vector<people::Membership> postings_field(Context& context) {
    const auto departments = context.request.form.get_all("posting.department");
    const auto from = context.request.form.get_all("posting.from");
    const auto until = context.request.form.get_all("posting.until");
    if (from.size() != departments.size() || until.size() != departments.size())
        throw Error(Kind::BadInput, "所属の欄を読み取れませんでした。画面を開き直してください。");
    std::vector<people::Membership> postings;
    for (std::size_t i = 0; i < departments.size(); ++i) {
        if (departments[i].empty()) continue;
        people::Membership posting;
        posting.department = {std::strtoll(std::string(departments[i]).c_str(), nullptr, 10)};
        const auto begins = base::parse_day(base::trim(from[i]));
        if (!begins && !base::trim(from[i]).empty())
            throw Error(Kind::BadInput, "所属の始まりの日は「2027-04-01」の形で入れてください。");
        posting.valid_from = begins.value_or(base::local_day(context.now()));
        posting.valid_until = base::parse_day(base::trim(until[i]));
        if (!posting.valid_until && !base::trim(until[i]).empty())
            throw Error(Kind::BadInput, "所属の終わりの日は「2027-04-01」の形で入れてください。");
        postings.push_back(posting);
    }
    return postings;
}

tmpl::List posting_rows(Context& context, sys::Reader& db, const people::Person& person, bool is_typed) {
    tmpl::List rows;
    const base::Day today = base::local_day(context.now());
    const auto add = [&](people::DepartmentId department, std::string from, std::string until) {
        const std::int64_t number = static_cast<std::int64_t>(rows.size()) + 1;
        rows.push_back(tmpl::Map{{"number", number},
                                 {"departments", department_choices(db, today, department, say("（なし）"))},
                                 {"from", std::move(from)},
                                 {"until", std::move(until)}});
    };
    if (is_typed) {
        const auto departments = context.request.form.get_all("posting.department");
        const auto from = context.request.form.get_all("posting.from");
        const auto until = context.request.form.get_all("posting.until");
        for (std::size_t i = 0; i < departments.size() && i < from.size() && i < until.size() && i < 100; ++i)
            add({std::strtoll(std::string(departments[i]).c_str(), nullptr, 10)}, std::string(from[i]),
                std::string(until[i]));
        return rows;
    }
    for (const people::Membership& each : person.memberships)
        add(each.department, base::format_day(each.valid_from), day_input(each.valid_until));
    for (int i = person.memberships.empty() ? 1 : kEmptyPostings - 1; i > 0; --i) add({}, "", "");
    return rows;
}

http::Response show_form(Context& context, const people::Person& person, bool is_typed, std::string_view problem,
                         int status) {
    const bool is_new = !person.id;
    const auto value = [&](std::string_view name, const std::string& stored) {
        return is_typed ? context.field(name) : stored;
    };
    tmpl::List postings, roles;
    context.db().read([&](sys::Reader& db) { postings = posting_rows(context, db, person, is_typed); });
    const auto chosen = context.request.form.get_all("role");
    for (const people::Role role : people::kAllRoles)
        if (is_new && people::may_grant(context.actor, role, {}))
            roles.push_back(tmpl::Map{
                {"id", people::role_id(role)},
                {"name", say(people::role_name_ja(role))},
                {"is_chosen", std::find(chosen.begin(), chosen.end(), people::role_id(role)) != chosen.end()}});
    const std::string source = value("source", std::string(people::source_id(person.source)));
    tmpl::List sources{choice("local", say("このシステムのパスワード"), source),
                       choice("ldap", say("庁内の認証サーバ"), source)};
    std::vector<Crumb> crumbs{{say("利用者"), "/people"}};
    if (!is_new) crumbs.push_back({person.name, fmt::format("/people/{}", person.id.value)});
    return context.page(
        {"screens/person/form.html", is_new ? say("利用者を登録する") : say("登録内容を変える"), crumbs, status},
        {{"problem", say(problem)},
         {"is_new", is_new},
         {"action", is_new ? std::string("/people/new") : fmt::format("/people/{}/edit", person.id.value)},
         {"back", is_new ? std::string("/people") : fmt::format("/people/{}", person.id.value)},
         {"version", is_typed ? context.field("version") : std::to_string(person.version)},
         {"login", value("login", person.login_name)},
         {"name", value("name", person.name)},
         {"kana", value("kana", person.kana)},
         {"mail", value("mail", person.mail)},
         {"sources", std::move(sources)},
         {"postings", std::move(postings)},
         {"roles", std::move(roles)},
         {"needs_password", !context.is_fresh()}});
}

void take_fields(Context& context, people::Person& person) {
    const auto text = [&](std::string_view name) { return std::string(base::trim(context.field(name))); };
    person.login_name = base::to_lower(text("login"));
    person.name = text("name");
    person.kana = text("kana");
    person.mail = text("mail");
    person.source = people::find_source(context.field("source")).value_or(people::Source::Local);
    person.memberships = postings_field(context);
}

http::Response ask_new(Context& context) {
    context.require(Act::PeopleManage);
    return show_form(context, {}, false, "", 200);
}

http::Response add(Context& context) {
    context.require(Act::PeopleManage);
    return run_act(
        context,
        [&] {
            people::Person person;
            take_fields(context, person);
            std::vector<people::Role> roles;
            for (const std::string_view name : context.request.form.get_all("role"))
                if (const auto role = people::find_role(name)) {
                    if (const auto decision = people::may_grant(context.actor, *role, {}); !decision)
                        throw Error(Kind::NotAllowed, decision.reason_ja);
                    roles.push_back(*role);
                }
            need_proof(context);
            const bool is_local = person.source == people::Source::Local;
            person.must_change_password = is_local;
            const std::string password = is_local ? people::make_password() : std::string();
            const std::string hash = is_local ? people::hash_new_password(password) : std::string();
            const people::By by{context.person.id, context.now()};
            const people::PersonId id = context.db().write([&](sys::Transaction& tx) {
                const people::PersonId added = people::add_person(tx, person, hash, by);
                for (const people::Role role : roles) people::add_grant(tx, {{}, added, role, {}, {}}, by);
                return added;
            });
            flow::refresh_requests(context.site());
            const std::string path = fmt::format("/people/{}", id.value);
            if (!is_local)
                return context.go(path, Flash{Flash::Kind::Good, fmt::format("{}さんを登録しました。", person.name)});
            return show_password(context, person, password, fmt::format("{}さんを登録しました。", person.name), path);
        },
        [&](std::string_view problem, int status) { return show_form(context, {}, true, problem, status); });
}

http::Response ask_edit(Context& context) {
    return show_form(context, load_managed(context), false, "", 200);
}

http::Response change(Context& context) {
    people::Person person = load_managed(context);
    const people::Person before = person;
    return run_act(
        context,
        [&] {
            take_fields(context, person);
            person.version = context.number_field("version");
            need_proof(context);
            context.db().write([&](sys::Transaction& tx) {
                people::change_person(tx, person, {context.person.id, context.now()});
            });
            flow::refresh_requests(context.site());
            return context.go(fmt::format("/people/{}", person.id.value),
                              Flash{Flash::Kind::Good, "登録内容を変えました。"});
        },
        [&](std::string_view problem, int status) { return show_form(context, before, true, problem, status); });
}

constexpr Route kRoutes[] = {
    {"GET", "/people/new", ask_new},        {"POST", "/people/new", add},          {"GET", "/people/{id}", look},
    {"GET", "/people/{id}/edit", ask_edit}, {"POST", "/people/{id}/edit", change},
};

}  // namespace

people::Person load_managed(Context& context, Power power) {
    context.require(Act::PeopleManage);
    const people::PersonId id{context.request.number("id")};
    return context.db().read([&](sys::Reader& db) {
        people::Person person = people::load_person(db, id);
        const auto held = power == Power::Whole ? people::list_grants(db, id) : std::vector<people::Grant>{};
        if (const auto decision = people::may_manage(context.actor, id, held); !decision)
            throw Error(Kind::NotAllowed, decision.reason_ja);
        return person;
    });
}

http::Response show_password(Context& context, const people::Person& person, std::string_view password,
                             std::string said, std::string back) {
    tmpl::List rows{tmpl::Map{{"login", person.login_name}, {"name", person.name}, {"password", password}}};
    return context.page({"screens/people/passwords.html", "はじめのパスワード", {{say("利用者"), "/people"}}},
                        {{"rows", std::move(rows)}, {"said", std::move(said)}, {"back", std::move(back)}});
}

extern const Screen person{"person",    "利用者",         "/people",         "people",
                           Place::None, Access::SignedIn, Act::PeopleManage, kRoutes};

}  // namespace web
