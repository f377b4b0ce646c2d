// The only file of the room that sees the JSON library.
#include "press/workflow/inner/fields.h"

#include <charconv>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "press/workflow/route.h"

namespace workflow {

namespace json = boost::json;

namespace {

template <class Work>
auto read_stored(std::string_view what, const Work& work) {
    try {
        return work();
    } catch (const std::exception& problem) {
        throw base::Error(base::Kind::Damaged, fmt::format("stored {} cannot be read: {}", what, problem.what()));
    }
}

std::string text_at(const json::object& object, std::string_view key) {
    return std::string(object.at(key).as_string());
}

json::object write_group(const Group& group) {
    json::array people, roles;
    for (const base::PersonId person : group.people) people.push_back(person.value);
    for (const RoleIn& one : group.roles)
        roles.push_back(
            {{"role", people::role_id(one.role)}, {"department", one.department.value}, {"reserve", one.is_reserve}});
    return {{"name", group.name}, {"people", std::move(people)}, {"roles", std::move(roles)}};
}

Group parse_group(const json::object& object) {
    Group group;
    group.name = text_at(object, "name");
    for (const json::value& person : object.at("people").as_array())
        group.people.push_back({person.to_number<std::int64_t>()});
    for (const json::value& one : object.at("roles").as_array()) {
        const json::object& fields = one.as_object();
        group.roles.push_back({people::find_role(text_at(fields, "role")).value(),
                               {fields.at("department").to_number<std::int64_t>()},
                               fields.at("reserve").as_bool()});
    }
    return group;
}

}  // namespace

std::string write_steps(std::span<const Step> steps) {
    json::array all;
    for (const Step& step : steps) {
        json::array groups;
        for (const Group& group : step.groups) groups.push_back(write_group(group));
        all.push_back({{"name", step.name}, {"groups", std::move(groups)}});
    }
    return json::serialize(all);
}

std::vector<Step> parse_steps(std::string_view text) {
    return read_stored("approval route", [&] {
        std::vector<Step> steps;
        const json::value parsed = json::parse(text);
        for (const json::value& one : parsed.as_array()) {
            Step step;
            step.name = text_at(one.as_object(), "name");
            for (const json::value& group : one.as_object().at("groups").as_array())
                step.groups.push_back(parse_group(group.as_object()));
            steps.push_back(std::move(step));
        }
        return steps;
    });
}

std::string write_people(std::span<const base::PersonId> people) {
    std::string text;
    for (const base::PersonId person : people) text += fmt::format("{}{}", text.empty() ? "" : ",", person.value);
    return text;
}

std::vector<base::PersonId> parse_people(std::string_view text) {
    std::vector<base::PersonId> people;
    if (text.empty()) return people;
    for (const std::string_view part : base::split(text, ',')) {
        base::PersonId person;
        std::from_chars(part.data(), part.data() + part.size(), person.value);
        if (!person) throw base::Error(base::Kind::Damaged, "a stored list of people cannot be read");
        people.push_back(person);
    }
    return people;
}

std::string write_findings(std::span<const base::Finding> findings) {
    json::array all;
    for (const base::Finding& one : findings)
        all.push_back({{"rule", one.rule},
                       {"sc", one.sc},
                       {"severity", static_cast<int>(one.severity)},
                       {"line", one.line},
                       {"column", one.column},
                       {"message", one.message}});
    return json::serialize(all);
}

std::vector<base::Finding> parse_findings(std::string_view text) {
    return read_stored("findings", [&] {
        std::vector<base::Finding> findings;
        const json::value parsed = json::parse(text);
        for (const json::value& one : parsed.as_array()) {
            const json::object& fields = one.as_object();
            findings.push_back({text_at(fields, "rule"), text_at(fields, "sc"),
                                static_cast<base::Severity>(fields.at("severity").to_number<int>()),
                                fields.at("line").to_number<int>(), fields.at("column").to_number<int>(),
                                text_at(fields, "message")});
        }
        return findings;
    });
}

}  // namespace workflow
