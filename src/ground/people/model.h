// Who works here: departments, people, the roles that people hold and for what part of the site, and who stands in for
// whom. A login name belongs to a person, not to a posting: a transfer changes memberships and nothing else.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/ids.h"
#include "ground/base/time.h"

namespace people {

using base::DepartmentId;
using base::PersonId;
using GrantId = base::Id<struct GrantTag>;
using AbsenceId = base::Id<struct AbsenceTag>;

/// By whom and when something is done; the ledger line of the change says so.
struct By {
    PersonId person;  ///< 0: nobody who is signed in, but `service`
    base::Instant at;
    std::string service = "system:yakuba";  ///< "system:site-init", "system:sign-in"
    /// As the ledger writes it: "person:12".
    std::string text() const;
};

struct Department {
    DepartmentId id;
    std::optional<DepartmentId> parent;
    std::string code;  ///< the city's own code, unique
    std::string name;
    std::string kana;
    std::string phone;
    std::string mail;
    std::string place;
    base::Day valid_from;
    std::optional<base::Day> valid_until;   ///< the last day; nothing while it exists
    std::optional<DepartmentId> successor;  ///< who looks after its pages when it is no more
    std::int64_t version = 0;               ///< the version that a change was made from
    bool operator==(const Department&) const = default;

    bool is_valid_on(base::Day day) const { return valid_from <= day && (!valid_until || day <= *valid_until); }
};

enum class PersonState {
    Active,  ///< may sign in
    Locked,  ///< kept out by an administrator
    Left     ///< no longer works here; the record stays, because the ledger names it
};

enum class Source {
    Local,  ///< the password is ours
    Ldap    ///< the password is the directory's
};

/// One posting. A person may have several at once.
struct Membership {
    DepartmentId department;
    base::Day valid_from;
    std::optional<base::Day> valid_until;  ///< the last day
    bool operator==(const Membership&) const = default;

    bool is_valid_on(base::Day day) const { return valid_from <= day && (!valid_until || day <= *valid_until); }
};

struct Person {
    PersonId id;
    std::string login_name;  ///< lower case, unique
    std::string name;
    std::string kana;
    std::string mail;
    std::vector<Membership> memberships;
    PersonState state = PersonState::Active;
    bool must_change_password = false;
    Source source = Source::Local;
    std::optional<PersonId> successor;  ///< who took over when the person left
    std::int64_t version = 0;
    bool operator==(const Person&) const = default;
};

/// In this order in the table of rights. The first three are the city's staff, the next three the maintainer's.
enum class Role { Author, Approver, SiteAdministrator, Operator, MaintenanceManager, MaintenanceLead, Auditor };
inline constexpr std::array kAllRoles = {Role::Author,   Role::Approver,           Role::SiteAdministrator,
                                         Role::Operator, Role::MaintenanceManager, Role::MaintenanceLead,
                                         Role::Auditor};

/// "author", "site-administrator": in the database, the settings and JSON; never changes.
std::string_view role_id(Role role);
/// "作成者"
std::string_view role_name_ja(Role role);
/// "author", "site administrator": for sentences.
std::string_view role_name_en(Role role);
/// By id or by Japanese name.
std::optional<Role> find_role(std::string_view name);

std::string_view state_id(PersonState state);  ///< "active", "locked", "left"
std::optional<PersonState> find_state(std::string_view id);
std::string_view source_id(Source source);  ///< "local", "ldap"
std::optional<Source> find_source(std::string_view id);

/// A role, and where it holds. With a department: that department and all below it. With a section path ("kurashi/"):
/// what stands under it. With both: where both are true. With neither: for an author or approver the person's own
/// departments, whichever these are on the day; for the other roles everywhere.
struct Grant {
    GrantId id;
    PersonId person;
    Role role = Role::Author;
    std::optional<DepartmentId> department;
    std::string section;  ///< empty, or a path relative to the document root that ends in "/"
    std::optional<base::Day> valid_from = std::nullopt;   ///< nothing = from the start
    std::optional<base::Day> valid_until = std::nullopt;  ///< the last day; nothing = for good
    bool operator==(const Grant&) const = default;

    bool is_valid_on(base::Day day) const {
        return (!valid_from || *valid_from <= day) && (!valid_until || day <= *valid_until);
    }
};

/// 不在: between two days the deputy may approve what the absent person could. The deputy's decisions say on whose
/// behalf.
struct Absence {
    AbsenceId id;
    PersonId person;
    PersonId deputy;
    base::Day from;
    base::Day until;  ///< the last day
    std::string reason;
    bool operator==(const Absence&) const = default;

    bool covers(base::Day day) const { return from <= day && day <= until; }
};

}  // namespace people
