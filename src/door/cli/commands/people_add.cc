// One account from the shell, with its roles and where they hold. The first password is told this once.

#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "flow/site.h"
#include "ground/base/error.h"
#include "ground/people/passwords.h"

namespace cli {

base::DepartmentId load_department_by_code(sys::Reader& db, std::string_view code) {
    const auto department = people::find_department(db, code);
    if (!department)
        throw base::Error(
            base::Kind::NotFound,
            fmt::format(
                "there is no department with the code {}; make it with `yakuba department add --code {} --name NAME`",
                code, code));
    return department->id;
}

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    std::vector<people::Role> roles;
    for (const std::string& name : invocation.list("--role")) {
        const auto role = people::find_role(name);
        if (!role)
            throw base::Error(
                base::Kind::BadInput,
                fmt::format("there is no role {}; the roles are author, approver, site-administrator, operator, "
                            "maintenance-manager, maintenance-lead, auditor",
                            name));
        roles.push_back(*role);
    }
    const std::string password = people::make_password();
    const std::string hash = people::hash_new_password(password);
    const people::By by = by_shell(invocation);
    people::Person person;
    person.login_name = invocation.text("--login");
    person.name = invocation.text("--name");
    person.kana = invocation.text("--kana");
    person.mail = invocation.text("--mail");
    person.must_change_password = true;
    const auto id = site->database->write([&](sys::Transaction& tx) {
        people::Person made = person;
        if (invocation.has("--department"))
            made.memberships.push_back(
                {load_department_by_code(tx, invocation.text("--department")), base::local_day(by.at), {}});
        const base::PersonId added = people::add_person(tx, made, hash, by);
        for (const people::Role role : roles)
            people::add_grant(tx, {{}, added, role, {}, invocation.text("--section")}, by);
        return added;
    });
    invocation.answer(
        {{"person", id.value}, {"login", person.login_name}, {"password", password}},
        fmt::format("{} may sign in with the password {} and chooses a new one then", person.login_name, password));
    return kDone;
}

constexpr Option kOptions[] = {
    {"--login", "The login name: 2 to 64 of a-z 0-9 . _ - @", Takes::One, true},
    {"--name", "The person's name", Takes::One, true},
    {"--kana", "How the name is read"},
    {"--mail", "The mail address"},
    {"--role", "author, approver, site-administrator, ...; several are possible", Takes::Many},
    {"--department", "The code of the department that the person works in"},
    {"--section", "Where the roles hold: a path of the public site, \"kurashi/\"; default: the person's departments"},
};

}  // namespace

extern const Command people_add{"people", "add", "Add an account with its roles", kOptions, run};

}  // namespace cli
