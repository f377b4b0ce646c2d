// See routes/form.h.
#include <algorithm>
#include <charconv>

#include "door/web/language.h"
#include "door/web/screens/routes/form.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "press/content/store.h"

namespace web {

using base::Error;
using base::Kind;

namespace {

constexpr int kMostPeople = 500;

std::string role_key(const workflow::RoleIn& role) {
    return fmt::format("{}:{}:{}", people::role_id(role.role), role.department.value, role.is_reserve ? 1 : 0);
}

std::optional<workflow::RoleIn> parse_role(std::string_view key) {
    const auto parts = base::split(key, ':');
    if (parts.size() != 3) return std::nullopt;
    const auto role = people::find_role(parts[0]);
    std::int64_t department = 0;
    const auto [end, error] = std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), department);
    if (!role || error != std::errc() || end != parts[1].data() + parts[1].size()) return std::nullopt;
    return workflow::RoleIn{*role, {department}, parts[2] == "1"};
}

std::string role_text(sys::Reader& db, const workflow::RoleIn& role) {
    std::string text = role.department ? full_name(db, role.department) + say("の") : std::string();
    if (!role.department && role.role == people::Role::Approver) text = say("ページの担当課の");
    text += say(people::role_name_ja(role.role));
    return role.is_reserve ? text + say("（ほかに承認できる人がいないときだけ）") : text;
}

/// The choices of a group: the two that nearly every route needs, then departments, then whatever else it has.
tmpl::List role_choices(sys::Reader& db, const workflow::Group& group, base::Day today) {
    std::vector<workflow::RoleIn> all{{people::Role::Approver, {}, false},
                                      {people::Role::SiteAdministrator, {}, true},
                                      {people::Role::SiteAdministrator, {}, false}};
    for (const workflow::RoleIn& role : group.roles)
        if (std::find(all.begin(), all.end(), role) == all.end()) all.push_back(role);
    for (const people::Department& each : people::list_departments(db, today))
        if (const workflow::RoleIn role{people::Role::Approver, each.id, false};
            std::find(all.begin(), all.end(), role) == all.end())
            all.push_back(role);
    tmpl::List choices;
    for (const workflow::RoleIn& role : all)
        choices.push_back(
            tmpl::Map{{"id", role_key(role)},
                      {"name", role_text(db, role)},
                      {"is_chosen", std::find(group.roles.begin(), group.roles.end(), role) != group.roles.end()}});
    return choices;
}

/// Everybody who may approve anything, and those whom the group names already.
tmpl::List person_choices(sys::Reader& db, const workflow::Group& group, const std::vector<people::Person>& approvers) {
    tmpl::List choices;
    const auto is_chosen = [&](base::PersonId id) {
        return std::find(group.people.begin(), group.people.end(), id) != group.people.end();
    };
    const auto add = [&](const people::Person& person) {
        const bool chosen = is_chosen(person.id);
        choices.push_back(
            tmpl::Map{{"id", person.id.value}, {"name", noted(person.name, person.login_name)}, {"is_chosen", chosen}});
    };
    for (const base::PersonId id : group.people)
        if (std::none_of(approvers.begin(), approvers.end(), [&](const auto& one) { return one.id == id; }))
            if (const auto person = people::find_person(db, id)) add(*person);
    for (const people::Person& each : approvers) add(each);
    return choices;
}

std::vector<people::Person> list_approvers(sys::Reader& db, base::Day today) {
    std::vector<people::Person> all;
    for (const people::Role role : {people::Role::Approver, people::Role::SiteAdministrator}) {
        people::PeopleQuery query;
        query.role = role;
        query.state = people::PersonState::Active;
        query.on = today;
        query.limit = kMostPeople;
        query.is_by_kana = true;
        for (people::Person& person : people::list_people(db, query))
            if (std::none_of(all.begin(), all.end(), [&](const auto& one) { return one.id == person.id; }))
                all.push_back(std::move(person));
    }
    return all;
}

workflow::Group fresh_group() {
    return {"担当課の承認者", {}, {{people::Role::Approver, {}, false}, {people::Role::SiteAdministrator, {}, true}}};
}

std::size_t count_of(Context& context, std::string_view name, std::size_t most) {
    const std::string text = context.field(name);
    std::size_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || end != text.data() + text.size() || count > most)
        throw Error(Kind::BadInput, "承認ルートの欄を読み取れませんでした。画面を開き直してください。");
    return count;
}

/// The numbers after `prefix` in "drop-group-0-2"; nothing when `act` is another one.
std::optional<std::vector<std::size_t>> places_in(std::string_view act, std::string_view prefix) {
    if (!act.starts_with(prefix)) return std::nullopt;
    std::vector<std::size_t> places;
    for (const std::string_view part : base::split(act.substr(prefix.size()), '-')) {
        std::size_t place = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), place);
        if (error != std::errc() || end != part.data() + part.size()) return std::nullopt;
        places.push_back(place);
    }
    return places;
}

}  // namespace

void RouteForm::take(Context& context) {
    route.name = base::trim(context.field("name"));
    std::string section(base::trim(context.field("section")));
    while (section.starts_with('/')) section.erase(0, 1);
    if (!section.empty() && !section.ends_with('/')) section += '/';
    route.section = base::percent_encode(base::percent_decode(section).value_or(section));
    route.department = context.field("department").empty() ? base::DepartmentId{}
                                                           : base::DepartmentId{context.number_field("department")};
    route.kind.reset();
    if (context.field("kind") == "taken-over") route.kind = content::PageKind::TakenOver;
    if (context.field("kind") == "composed") route.kind = content::PageKind::Composed;
    if (route.id != 0) route.version = context.number_field("version");
    route.steps.clear();
    const std::size_t steps = count_of(context, "steps", workflow::kMostSteps);
    for (std::size_t i = 0; i < steps; ++i) {
        workflow::Step step;
        step.name = base::trim(context.field(fmt::format("s{}.name", i)));
        if (step.name.empty()) step.name = fmt::format("第{}段階の承認", i + 1);
        const std::size_t groups = count_of(context, fmt::format("s{}.groups", i), workflow::kMostGroups);
        for (std::size_t j = 0; j < groups; ++j) {
            const std::string prefix = fmt::format("s{}.g{}", i, j);
            workflow::Group group;
            group.name = base::trim(context.field(prefix + ".name"));
            for (const std::string_view key : context.request.form.get_all(prefix + ".role"))
                if (const auto role = parse_role(key)) group.roles.push_back(*role);
            for (const std::string_view key : context.request.form.get_all(prefix + ".person"))
                group.people.push_back({std::strtoll(std::string(key).c_str(), nullptr, 10)});
            step.groups.push_back(std::move(group));
        }
        route.steps.push_back(std::move(step));
    }
}

bool RouteForm::change_shape(std::string_view act) {
    auto& steps = route.steps;
    if (act == "add-step") {
        if (steps.size() < workflow::kMostSteps)
            steps.push_back({fmt::format("第{}段階の承認", steps.size() + 1), {fresh_group()}});
        return true;
    }
    if (const auto at = places_in(act, "add-group-"); at && at->size() == 1 && at->front() < steps.size()) {
        auto& groups = steps[at->front()].groups;
        if (groups.size() < workflow::kMostGroups) groups.push_back({"", {}, {}});
        return true;
    }
    if (const auto at = places_in(act, "drop-step-"); at && at->size() == 1 && at->front() < steps.size()) {
        steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(at->front()));
        return true;
    }
    if (const auto at = places_in(act, "drop-group-");
        at && at->size() == 2 && at->front() < steps.size() && at->back() < steps[at->front()].groups.size()) {
        auto& groups = steps[at->front()].groups;
        groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(at->back()));
        return true;
    }
    return false;
}

tmpl::List step_fields(sys::Reader& db, const RouteForm& form, base::Instant now) {
    const base::Day today = base::local_day(now);
    const auto approvers = list_approvers(db, today);
    tmpl::List steps;
    for (std::size_t i = 0; i < form.route.steps.size(); ++i) {
        const workflow::Step& step = form.route.steps[i];
        tmpl::List groups;
        for (std::size_t j = 0; j < step.groups.size(); ++j)
            groups.push_back(tmpl::Map{{"key", fmt::format("s{}.g{}", i, j)},
                                       {"number", j + 1},
                                       {"drop", fmt::format("drop-group-{}-{}", i, j)},
                                       {"may_drop", step.groups.size() > 1},
                                       {"name", step.groups[j].name},
                                       {"chosen", group_text(db, step.groups[j])},
                                       {"roles", role_choices(db, step.groups[j], today)},
                                       {"people", person_choices(db, step.groups[j], approvers)}});
        const std::size_t count = groups.size();
        steps.push_back(tmpl::Map{{"key", fmt::format("s{}", i)},
                                  {"number", i + 1},
                                  {"name", step.name},
                                  {"drop", fmt::format("drop-step-{}", i)},
                                  {"may_drop", form.route.steps.size() > 1},
                                  {"add", fmt::format("add-group-{}", i)},
                                  {"may_add", count < workflow::kMostGroups},
                                  {"count", count},
                                  {"groups", std::move(groups)}});
    }
    return steps;
}

std::string group_text(sys::Reader& db, const workflow::Group& group) {
    std::string text;
    const auto add = [&](std::string name) { text += (text.empty() ? "" : say("、")) + name; };
    for (const workflow::RoleIn& role : group.roles) add(role_text(db, role));
    for (const base::PersonId id : group.people)
        if (const auto person = people::find_person(db, id)) add(person->name);
    return text.empty() ? say("だれも入っていません") : text;
}

std::string find_lonely_group(sys::Reader& db, const workflow::Route& route, base::Instant now) {
    const bool asks_own =  // of the page's department, which a route for any department does not know
        std::any_of(route.steps.begin(), route.steps.end(), [](const workflow::Step& step) {
            return std::any_of(step.groups.begin(), step.groups.end(), [](const workflow::Group& group) {
                return std::any_of(group.roles.begin(), group.roles.end(),
                                   [](const workflow::RoleIn& role) { return !role.department; });
            });
        });
    if (asks_own && !route.department) return "";
    const auto scope =
        people::scope_of(db, route.department ? std::optional(route.department) : std::nullopt, route.section, now);
    const auto empty = workflow::find_empty_group(db, route.steps, {}, scope, now);
    if (!empty) return "";
    return say(
        fmt::format("「{}」には、いま承認できる人がいません。このままでは、このルートのページを承認依頼できません。",
                    empty->name.empty() ? "名前のないグループ" : empty->name));
}

std::optional<content::Page> find_page_by_words(sys::Reader& db, std::string_view words) {
    std::string path(words);
    while (path.starts_with('/')) path.erase(0, 1);
    if (auto page = content::find_page(db, path)) return page;
    if (auto page = content::find_page(db, base::percent_encode(path))) return page;
    return content::find_page(
        db, base::percent_encode(path + (path.empty() || path.ends_with('/') ? "" : "/") + "index.html"));
}

}  // namespace web
