// 部署: the tree of departments with the contacts that stand on public pages, and a reorganisation in one act that is
// looked at first. Who is in charge of which folder is in sections.cc.

#include <map>

#include "door/web/administration.h"
#include "door/web/language.h"
#include "flow/manage_people.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using people::Act;
using people::Department;
using people::DepartmentId;

constexpr int kDeepest = 32;
constexpr std::size_t kNamesShown = 20;

std::string path_of(DepartmentId id, std::string_view rest = {}) {
    return fmt::format("/departments/{}{}", id.value, rest);
}

struct Tree {
    std::map<DepartmentId, std::vector<const Department*>> children;  // 0: the top
    base::Day today;
};

void add_rows(const Tree& tree, DepartmentId parent, int depth, tmpl::List& rows) {
    const auto found = tree.children.find(parent);
    if (found == tree.children.end() || depth > kDeepest) return;
    for (const Department* each : found->second) {
        std::string indent;
        for (int i = 0; i < depth; ++i) indent += "　";
        rows.push_back(tmpl::Map{{"path", path_of(each->id)},
                                 {"indent", indent},
                                 {"name", each->name},
                                 {"code", each->code},
                                 {"phone", each->phone},
                                 {"mail", each->mail},
                                 {"place", each->place},
                                 {"is_over", !each->is_valid_on(tree.today)},
                                 {"until", era_day(each->valid_until)}});
        add_rows(tree, each->id, depth + 1, rows);
    }
}

http::Response list(Context& context) {
    context.require(Act::PeopleManage);
    const bool with_ended = context.request.query.get("all") == "1";
    const auto all = context.db().read([](sys::Reader& db) { return people::list_departments(db); });
    Tree tree{{}, base::local_day(context.now())};
    std::map<DepartmentId, bool> is_shown;
    for (const Department& each : all) is_shown[each.id] = with_ended || each.is_valid_on(tree.today);
    for (const Department& each : all)
        if (is_shown[each.id])
            tree.children[each.parent && is_shown[*each.parent] ? *each.parent : DepartmentId{}].push_back(&each);
    tmpl::List rows;
    add_rows(tree, {}, 0, rows);
    const std::int64_t count = static_cast<std::int64_t>(rows.size());
    return context.page({"screens/departments/list.html", "部署", {}},
                        {{"rows", std::move(rows)},
                         {"count", count},
                         {"with_ended", with_ended},
                         {"may_sections", context.may(Act::SectionEdit)}});
}

// --- one department

http::Response show_form(Context& context, const Department& department, bool is_typed, std::string_view problem,
                         int status) {
    const bool is_new = !department.id;
    const base::Day today = base::local_day(context.now());
    const auto value = [&](std::string_view name, const std::string& stored) {
        return is_typed ? context.field(name) : stored;
    };
    tmpl::List parents;
    std::string successor;
    context.db().read([&](sys::Reader& db) {
        const DepartmentId parent = is_typed ? DepartmentId{std::strtoll(context.field("parent").c_str(), nullptr, 10)}
                                             : department.parent.value_or(DepartmentId{});
        parents = department_choices(db, today, parent, say("（いちばん上）"));
        if (department.successor) successor = full_name(db, *department.successor);
    });
    const bool is_over = !is_new && department.valid_until && *department.valid_until < today;
    return context.page({"screens/departments/form.html",
                         is_new ? say("部署を登録する") : department.name,
                         {{say("部署"), "/departments"}},
                         status},
                        {{"problem", say(problem)},
                         {"is_new", is_new},
                         {"heading", is_new ? say("部署を登録する") : department.name},
                         {"action", is_new ? std::string("/departments/new") : path_of(department.id)},
                         {"end", is_new ? std::string() : path_of(department.id, "/end")},
                         {"version", is_typed ? context.field("version") : std::to_string(department.version)},
                         {"name", value("name", department.name)},
                         {"kana", value("kana", department.kana)},
                         {"code", value("code", department.code)},
                         {"phone", value("phone", department.phone)},
                         {"mail", value("mail", department.mail)},
                         {"place", value("place", department.place)},
                         {"parents", std::move(parents)},
                         {"from", value("from", base::format_day(is_new ? today : department.valid_from))},
                         {"is_over", is_over},
                         {"until", era_day(department.valid_until)},
                         {"successor", successor},
                         {"needs_password", !context.is_fresh()}});
}

void take_fields(Context& context, Department& department) {
    const auto text = [&](std::string_view name) { return std::string(base::trim(context.field(name))); };
    department.name = text("name");
    department.kana = text("kana");
    department.code = text("code");
    department.phone = text("phone");
    department.mail = text("mail");
    department.place = text("place");
    department.parent.reset();
    if (!context.field("parent").empty()) department.parent = DepartmentId{context.number_field("parent")};
    const auto from = day_field(context, "from", "始まりの日");
    if (!from) throw Error(Kind::BadInput, "始まりの日を入れてください。");
    department.valid_from = *from;
}

Department load(Context& context) {
    context.require(Act::PeopleManage);
    const DepartmentId id{context.request.number("id")};
    return context.db().read([&](sys::Reader& db) { return people::load_department(db, id); });
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
            Department made;
            take_fields(context, made);
            need_proof(context);
            flow::save_department(context.site(), made, {context.person.id, context.now()});
            return context.go("/departments",
                              Flash{Flash::Kind::Good, fmt::format("「{}」を登録しました。", made.name)});
        },
        [&](std::string_view problem, int status) { return show_form(context, {}, true, problem, status); });
}

http::Response look(Context& context) {
    return show_form(context, load(context), false, "", 200);
}

http::Response change(Context& context) {
    const Department before = load(context);
    return run_act(
        context,
        [&] {
            Department changed = before;
            take_fields(context, changed);
            changed.version = context.number_field("version");
            need_proof(context);
            flow::save_department(context.site(), changed, {context.person.id, context.now()});
            return context.go(
                "/departments",
                Flash{Flash::Kind::Good, fmt::format("「{}」を変更しました。連絡先がのっているページは、まもなく"
                                                     "新しくなります。",
                                                     changed.name)});
        },
        [&](std::string_view problem, int status) { return show_form(context, before, true, problem, status); });
}

// --- the end of one: 機構改革

template <class Items, class Name>
tmpl::List names_of(const Items& items, const Name& name) {
    tmpl::List list;
    for (const auto& each : items) {
        if (list.size() == kNamesShown) break;
        list.push_back(tmpl::Value(std::string(name(each))));
    }
    return list;
}

tmpl::Map affected_group(std::string_view title, std::int64_t count, tmpl::List names) {
    const std::int64_t more = count - static_cast<std::int64_t>(names.size());
    return {{"title", title}, {"count", count}, {"names", std::move(names)}, {"more", more}};
}

http::Response show_end(Context& context, const Department& department, std::string_view problem, int status) {
    const base::Day today = base::local_day(context.now());
    const DepartmentId to{std::strtoll(context.field("to").c_str(), nullptr, 10)};
    const auto day = base::parse_day(context.field("day"));
    const bool is_preview = problem.empty() && to && day && context.request.method == "POST";
    tmpl::List targets, groups;
    std::string to_name;
    context.db().read([&](sys::Reader& db) {
        targets = department_choices(db, today, to, say("選んでください"));
        if (!is_preview) return;
        to_name = full_name(db, to);
        const flow::Bequest all = flow::find_bequest(db, department.id, *day);
        groups.push_back(
            affected_group(say("ページ"), all.pages, names_of(all.titles, [](const auto& each) { return each; })));
        groups.push_back(affected_group(say("フォルダ"), static_cast<std::int64_t>(all.sections.size()),
                                        names_of(all.sections, [](const auto& each) { return each.title; })));
        groups.push_back(affected_group(say("利用者"), static_cast<std::int64_t>(all.people.size()),
                                        names_of(all.people, [](const auto& each) { return each.name; })));
        std::vector<std::string> grants;
        for (const people::Grant& each : all.grants)
            grants.push_back(noted(people::load_person(db, each.person).name, say(people::role_name_ja(each.role))));
        groups.push_back(affected_group(say("この部署にしぼった役割"), static_cast<std::int64_t>(grants.size()),
                                        names_of(grants, [](const auto& each) { return each; })));
        groups.push_back(affected_group(say("下の部署"), static_cast<std::int64_t>(all.below.size()),
                                        names_of(all.below, [](const auto& each) { return each.name; })));
        groups.push_back(affected_group(say("承認ルート"), static_cast<std::int64_t>(all.routes.size()),
                                        names_of(all.routes, [](const auto& each) { return each; })));
    });
    return context.page({"screens/departments/end.html",
                         say("部署の廃止・統合：") + department.name,
                         {{say("部署"), "/departments"}, {department.name, path_of(department.id)}},
                         status},
                        {{"problem", say(problem)},
                         {"name", department.name},
                         {"action", path_of(department.id, "/end")},
                         {"back", path_of(department.id)},
                         {"version", department.version},
                         {"targets", std::move(targets)},
                         {"to", context.field("to")},
                         {"to_name", to_name},
                         {"day", day ? base::format_day(*day) : base::format_day(today)},
                         {"last_day", day ? era_day(*day - 1) : std::string()},
                         {"groups", std::move(groups)},
                         {"is_preview", is_preview},
                         {"needs_password", is_preview && !context.is_fresh()}});
}

http::Response ask_end(Context& context) {
    return show_end(context, load(context), "", 200);
}

http::Response end(Context& context) {
    const Department department = load(context);
    return run_act(
        context,
        [&] {
            const auto day = day_field(context, "day", "新しい体制になる日");
            if (context.field("to").empty() || !day)
                throw Error(Kind::BadInput, "引き継ぐ部署と、新しい体制になる日を入れてください。");
            if (context.field("do") != "merge") {
                if (*day > base::local_day(context.now()))
                    throw Error(
                        Kind::BadInput,
                        "新しい体制になる日は、今日以前の日にしてください。先の日の分は、その日に操作してください。");
                return show_end(context, department, "", 200);
            }
            need_proof(context);
            const flow::Bequest moved = flow::merge_department(
                context.site(), {department.id, {context.number_field("to")}, *day, context.number_field("version")},
                {context.person.id, context.now()});
            return context.go(
                "/departments",
                Flash{Flash::Kind::Good,
                      fmt::format("「{}」を廃止し、ページ{}件、フォルダ{}件、利用者{}人を引き継ぎました。",
                                  department.name, moved.pages, moved.sections.size(), moved.people.size())});
        },
        [&](std::string_view problem, int status) { return show_end(context, department, problem, status); });
}

constexpr Route kRoutes[] = {
    {"GET", "/departments", list},          {"GET", "/departments/new", ask_new},
    {"POST", "/departments/new", add},      {"GET", "/departments/{id}", look},
    {"POST", "/departments/{id}", change},  {"GET", "/departments/{id}/end", ask_end},
    {"POST", "/departments/{id}/end", end},
};

}  // namespace

extern const Screen departments{"departments",         "部署",           "/departments",    "offices",
                                Place::Administration, Access::SignedIn, Act::PeopleManage, kRoutes};

}  // namespace web
