#include "door/web/administration.h"

#include <algorithm>
#include <map>

#include "door/web/words.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "ground/http/server.h"

namespace web {

using base::Error;
using base::Kind;

namespace {

constexpr int kDeepest = 32;

using Children = std::map<std::int64_t, std::vector<const people::Department*>>;

void add_below(const Children& children, std::int64_t parent, int depth, std::string_view chosen, tmpl::List& list) {
    const auto found = children.find(parent);
    if (found == children.end() || depth > kDeepest) return;
    for (const people::Department* each : found->second) {
        std::string name;
        for (int i = 0; i < depth; ++i) name += "　";
        list.push_back(choice(std::to_string(each->id.value), name + each->name, chosen));
        add_below(children, each->id.value, depth + 1, chosen, list);
    }
}

}  // namespace

void need_proof(Context& context) {
    if (context.is_fresh()) return;
    const std::string password = context.field("password");
    if (password.empty())  // not a try that counts
        throw Error(Kind::BadInput, "本人であることを確かめるため、あなたのパスワードを入れてください。");
    const auto proved = people::prove_again(context.office.desk, context.token, password, context.peer());
    if (const auto* refused = std::get_if<people::Refused>(&proved)) throw Error(Kind::BadInput, refused->message_ja);
    if (const auto* again = std::get_if<people::SignedIn>(&proved)) context.session = again->session;
}

http::Response run_act(Context& context, const std::function<http::Response()>& act,
                       const std::function<http::Response(std::string_view, int)>& again) {
    try {
        return act();
    } catch (const Error& error) {
        if (context.wants_json()) throw;
        if (error.kind() == Kind::BadInput || error.kind() == Kind::NotAllowed) return again(error.message(), 422);
        if (error.kind() == Kind::Conflict) return again(error.message(), 409);
        throw;
    }
}

std::optional<base::Day> day_field(const Context& context, std::string_view name, std::string_view label) {
    const std::string text(base::trim(context.field(name)));
    if (text.empty()) return std::nullopt;
    const auto day = base::parse_day(text);
    if (!day) throw Error(Kind::BadInput, fmt::format("{}は「2027-04-01」の形で入れてください。", label));
    return day;
}

std::optional<base::Day> query_day(const Context& context, std::string_view name) {
    return base::parse_day(base::trim(context.request.query.get(name)));
}

std::int64_t query_number(const Context& context, std::string_view name) {
    return std::strtoll(std::string(context.request.query.get(name)).c_str(), nullptr, 10);
}

std::string query_words(const Context& context, std::string_view name, std::size_t longest) {
    return std::string(base::first_code_points(base::trim(context.request.query.get(name)), longest));
}

std::string day_input(const std::optional<base::Day>& day) {
    return day ? base::format_day(*day) : std::string();
}

std::string era_day(const std::optional<base::Day>& day) {
    return !day ? std::string() : spoken() == Language::English ? day_text(*day) : calendar::format_era(*day);
}

tmpl::Map choice(std::string_view id, std::string_view name, std::string_view chosen) {
    return {{"id", id}, {"name", name}, {"is_chosen", id == chosen}};
}

tmpl::List department_choices(sys::Reader& db, base::Day on, base::DepartmentId chosen, std::string_view first) {
    const std::vector<people::Department> all = people::list_departments(db);
    std::map<base::DepartmentId, bool> is_shown;
    for (const people::Department& each : all) is_shown[each.id] = each.is_valid_on(on) || each.id == chosen;
    Children children;
    for (const people::Department& each : all) {
        if (!is_shown[each.id]) continue;
        const bool is_top = !each.parent || !is_shown[*each.parent];
        children[is_top ? 0 : each.parent->value].push_back(&each);
    }
    const std::string mark = chosen ? std::to_string(chosen.value) : std::string();
    tmpl::List list;
    if (!first.empty()) list.push_back(choice("", first, mark));
    add_below(children, 0, 0, mark, list);
    return list;
}

std::string full_name(sys::Reader& db, base::DepartmentId department) {
    std::string name;
    auto at = people::find_department(db, department);
    for (int depth = 0; at && depth < kDeepest; ++depth) {
        name = at->name + (name.empty() ? "" : " " + name);
        at = at->parent ? people::find_department(db, *at->parent) : std::nullopt;
    }
    return name;
}

std::string address_of(std::string_view path, const http::Fields& fields) {
    http::Fields kept;
    for (const auto& [name, value] : fields)
        if (!value.empty()) kept.add(name, value);
    return kept.empty() ? std::string(path) : std::string(path) + "?" + http::format_urlencoded(kept);
}

std::string name_of_doer(sys::Reader& db, std::string_view by) {
    constexpr std::string_view kPerson = "person:";
    if (by.starts_with("service:")) return say("システム");
    if (!by.starts_with(kPerson)) return by.empty() ? say("不明") : say("運用担当者（サーバの操作）");
    const auto person = people::find_person(
        db, base::PersonId{std::strtoll(std::string(by.substr(kPerson.size())).c_str(), nullptr, 10)});
    return person ? person->name : say("不明");
}

}  // namespace web
