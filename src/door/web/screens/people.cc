// 利用者: everybody who has an account, in the order of their names, with search and filters; many at once from a table
// and back into one. One person's screen is person.cc.

#include "door/web/administration.h"
#include "door/web/language.h"
#include "flow/edit_page.h"
#include "flow/manage_people.h"
#include "ground/base/csv.h"
#include "ground/base/error.h"
#include "ground/people/import.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using people::Act;

constexpr int kRows = 50;
constexpr std::size_t kLargestTable = 1U << 20;

std::string_view state_name(people::PersonState state) {
    switch (state) {
        case people::PersonState::Active:
            return "利用中";
        case people::PersonState::Locked:
            return "停止中";
        case people::PersonState::Left:
            return "退職・転出";
    }
    return "";
}

tmpl::Map person_row(sys::Reader& db, const people::Person& person, base::Day today) {
    std::string posts, roles;
    for (const people::Membership& each : person.memberships)
        if (each.is_valid_on(today))
            posts += (posts.empty() ? "" : say("、")) + people::load_department(db, each.department).name;
    std::vector<people::Role> shown;
    for (const people::Grant& grant : people::list_grants(db, person.id)) {
        if (!grant.is_valid_on(today) || std::find(shown.begin(), shown.end(), grant.role) != shown.end()) continue;
        shown.push_back(grant.role);
        roles += (roles.empty() ? "" : say("、")) + say(people::role_name_ja(grant.role));
    }
    return {{"path", fmt::format("/people/{}", person.id.value)},
            {"name", person.name},
            {"login", person.login_name},
            {"departments", posts.empty() ? "—" : posts},
            {"roles", roles.empty() ? "—" : roles},
            {"state", say(state_name(person.state))},
            {"chip", person.state == people::PersonState::Active   ? "live"
                     : person.state == people::PersonState::Locked ? "returned"
                                                                   : "withdrawn"}};
}

http::Response list(Context& context) {
    context.require(Act::PeopleManage);
    const base::Day today = base::local_day(context.now());
    people::PeopleQuery query;
    query.words = query_words(context, "q");
    query.department = std::optional(people::DepartmentId{query_number(context, "department")});
    if (!*query.department) query.department.reset();
    const std::string state(context.request.query.get("state"));
    query.state = people::find_state(state);
    if (!query.state && state != "all" && query.words.empty()) query.state = people::PersonState::Active;
    query.role = people::find_role(context.request.query.get("role"));
    query.on = today;
    query.after = {query_number(context, "after")};
    query.limit = kRows + 1;
    query.is_by_kana = true;
    tmpl::List rows, departments, roles, states;
    std::string next;
    http::Fields fields;
    fields.add("q", query.words);
    fields.add("department", std::string(context.request.query.get("department")));
    fields.add("state", state);
    fields.add("role", std::string(query.role ? people::role_id(*query.role) : ""));
    const std::string first = address_of("/people", fields);
    context.db().read([&](sys::Reader& db) {
        std::vector<people::Person> found = people::list_people(db, query);
        if (found.size() > kRows) {
            found.pop_back();
            fields.add("after", std::to_string(found.back().id.value));
            next = address_of("/people", fields);
        }
        for (const people::Person& person : found) rows.push_back(person_row(db, person, today));
        departments = department_choices(db, today, query.department.value_or(people::DepartmentId{}), say("すべて"));
    });
    const std::string role_chosen(query.role ? people::role_id(*query.role) : "");
    roles.push_back(choice("", say("すべて"), role_chosen));
    for (const people::Role role : people::kAllRoles)
        roles.push_back(choice(people::role_id(role), say(people::role_name_ja(role)), role_chosen));
    const std::string state_chosen = query.state ? std::string(people::state_id(*query.state)) : "all";
    for (const auto each : {people::PersonState::Active, people::PersonState::Locked, people::PersonState::Left})
        states.push_back(choice(people::state_id(each), say(state_name(each)), state_chosen));
    states.push_back(choice("all", say("すべて"), state_chosen));
    const std::int64_t count = static_cast<std::int64_t>(rows.size());
    const bool is_first = !query.after;
    return context.page({"screens/people/list.html", "利用者", {}}, {{"words", query.words},
                                                                     {"rows", std::move(rows)},
                                                                     {"count", count},
                                                                     {"departments", std::move(departments)},
                                                                     {"roles", std::move(roles)},
                                                                     {"states", std::move(states)},
                                                                     {"is_first", is_first},
                                                                     {"first", first},
                                                                     {"next", next}});
}

// --- tables

http::Response export_table(Context& context) {
    context.require(Act::PeopleManage);
    std::string csv =
        context.db().read([&](sys::Reader& db) { return people::export_accounts(db, base::local_day(context.now())); });
    return http::download(std::move(csv), fmt::format("利用者{}.csv", base::format_day(base::local_day(context.now()))),
                          "text/csv; charset=utf-8");
}

http::Response sample(Context& context) {
    context.require(Act::PeopleManage);
    std::string code = "010";
    context.db().read([&](sys::Reader& db) {
        for (const people::Department& each : people::list_departments(db, base::local_day(context.now())))
            if (code = each.code; each.parent) break;  // one of those in which people work
    });
    std::string csv = "\xEF\xBB\xBF";
    for (const std::vector<std::string>& line :
         {std::vector<std::string>{"ログイン名", "氏名", "ふりがな", "メール", "所属コード", "役割", "認証"},
          {"yamada.hanako", "山田 花子", "やまだ はなこ", "yamada@city.example", code, "作成者", "本システム"},
          {"tanaka.ichiro", "田中 一郎", "たなか いちろう", "tanaka@city.example", code, "作成者;承認者",
           "本システム"}})
        csv += base::csv_line(line);
    return http::download(std::move(csv), "利用者の見本.csv", "text/csv; charset=utf-8");
}

/// The column's name as the table has it.
std::string_view column_name(std::string_view id) {
    static constexpr std::pair<std::string_view, std::string_view> kColumns[] = {
        {"login", "ログイン名"},      {"name", "氏名"}, {"kana", "ふりがな"}, {"mail", "メール"},
        {"department", "所属コード"}, {"role", "役割"}, {"source", "認証"}};
    for (const auto& [known, name] : kColumns)
        if (known == id) return name;
    return id;
}

tmpl::List faults_of(const std::vector<people::ImportFault>& faults) {
    tmpl::List list;
    for (const people::ImportFault& fault : faults)
        list.push_back(tmpl::Map{
            {"line", fault.line}, {"column", say(column_name(fault.column))}, {"reason", say(fault.reason_ja)}});
    return list;
}

struct Shown {
    std::string problem;
    int status = 200;
    std::string csv;
    tmpl::List faults, rows;
    std::int64_t added = 0, changed = 0, same = 0;
    bool has_plan = false;
};

http::Response show_import(Context& context, Shown shown) {
    const bool is_good = shown.has_plan && shown.faults.empty() && !shown.rows.empty();
    const std::int64_t fault_count = static_cast<std::int64_t>(shown.faults.size());
    return context.page({"screens/people/import.html", "表から一括登録", {{say("利用者"), "/people"}}, shown.status},
                        {{"problem", say(shown.problem)},
                         {"csv", shown.csv},
                         {"faults", std::move(shown.faults)},
                         {"fault_count", fault_count},
                         {"rows", std::move(shown.rows)},
                         {"added", shown.added},
                         {"changed", shown.changed},
                         {"same", shown.same},
                         {"has_plan", shown.has_plan},
                         {"is_good", is_good},
                         {"needs_password", is_good && !context.is_fresh()}});
}

Shown preview_of(Context& context, std::string csv) {
    Shown shown;
    const people::ImportPlan plan =
        context.db().read([&](sys::Reader& db) { return people::plan_import(db, csv, context.actor, context.now()); });
    shown.has_plan = true;
    shown.faults = faults_of(plan.faults);
    for (const people::ImportRow& row : plan.rows) {
        std::string roles;
        for (const people::Role role : row.roles)
            roles += (roles.empty() ? "" : say("、")) + say(people::role_name_ja(role));
        const bool is_new = row.what == people::ImportRow::What::Add;
        const bool is_same = row.what == people::ImportRow::What::Same;
        ++(is_new ? shown.added : is_same ? shown.same : shown.changed);
        shown.rows.push_back(tmpl::Map{{"line", row.line},
                                       {"login", row.person.login_name},
                                       {"name", row.person.name},
                                       {"roles", roles},
                                       {"what", is_new    ? say("登録")
                                                : is_same ? say("変更なし")
                                                          : say("変更")},
                                       {"chip", is_new    ? "approved"
                                                : is_same ? "draft"
                                                          : "scheduled"}});
    }
    if (!plan.faults.empty()) shown.status = 422;
    shown.csv = std::move(csv);
    return shown;
}

http::Response ask_import(Context& context) {
    context.require(Act::PeopleManage);
    return show_import(context, {});
}

/// The passwords, this once: on paper or copied, never again.
http::Response show_passwords(Context& context, const people::ImportResult& result) {
    tmpl::List rows;
    for (const people::FirstPassword& each : result.passwords)
        rows.push_back(tmpl::Map{{"login", each.login_name}, {"name", each.name}, {"password", each.password}});
    return context.page({"screens/people/passwords.html", "はじめのパスワード", {{say("利用者"), "/people"}}},
                        {{"rows", std::move(rows)},
                         {"said", say(fmt::format("{}人を登録し、{}人を変更しました。", result.added, result.changed))},
                         {"back", "/people"}});
}

http::Response import(Context& context) {
    context.require(Act::PeopleManage);
    if (context.field("do") != "apply") {
        const http::UploadedFile* file = context.request.form.find_file("file");
        if (file == nullptr) {
            Shown shown;
            shown.problem = "CSVファイルを選んでください。";
            shown.status = 422;
            return show_import(context, std::move(shown));
        }
        return show_import(context, preview_of(context, flow::table_text(file->read(2 * kLargestTable))));
    }
    const std::string csv = context.field("csv");
    return run_act(
        context,
        [&] {
            need_proof(context);
            const people::ImportResult result = people::import_accounts(
                context.db(), csv, people::ImportMode::AllOrNothing, context.actor, {context.person.id, context.now()});
            if (!result.is_done) return show_import(context, preview_of(context, csv));
            flow::refresh_requests(context.site());
            return show_passwords(context, result);
        },
        [&](std::string_view problem, int status) {
            Shown shown = preview_of(context, csv);
            shown.problem = problem;
            shown.status = status;
            return show_import(context, std::move(shown));
        });
}

constexpr Route kRoutes[] = {
    {"GET", "/people", list},
    {"GET", "/people/table.csv", export_table},
    {"GET", "/people/sample.csv", sample},
    {"GET", "/people/import", ask_import},
    {"POST", "/people/import", import, Route::Body::Text},
};

}  // namespace

extern const Screen people_list{"people",         "利用者",          "/people", "people", Place::Administration,
                                Access::SignedIn, Act::PeopleManage, kRoutes};

}  // namespace web
