// Departments, people, grants and absences as they are kept. Each change writes its ledger line in the same transaction
// and ends the sessions of a person whose rights or state it touches. Whether the one who asks may do it is asked
// before (rights.h). A change carries the version that it was made from; Error(Conflict) says that somebody else was
// first.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/people/model.h"
#include "ground/people/rights.h"
#include "ground/sys/database.h"

namespace people {

// --- departments

/// `made.id` and `made.version` are ignored. Throws Error(BadInput): empty code or name, dates the wrong way round, a
/// parent that does not exist; Error(Conflict): the code is taken.
DepartmentId add_department(sys::Transaction& tx, const Department& made, const By& by);
/// Throws as above; BadInput also for a parent or successor that would make a circle; Conflict for an old version.
void change_department(sys::Transaction& tx, const Department& changed, const By& by);
std::optional<Department> find_department(sys::Reader& db, DepartmentId id);
std::optional<Department> find_department(sys::Reader& db, std::string_view code);
Department load_department(sys::Reader& db, DepartmentId id);
/// In order of code. With a day: those that exist on it.
std::vector<Department> list_departments(sys::Reader& db, std::optional<base::Day> on = {});

// --- people

/// Adds an account; `made.id` and `made.version` are ignored. A local account needs `password_hash` (hash_new_password
/// in passwords.h), a directory account has none. Throws Error(BadInput): a login name that is not 2 to 64 of a-z 0-9 .
/// _ - @, an empty name, a bad mail address or unknown department; Error(Conflict): the login name is taken.
PersonId add_person(sys::Transaction& tx, const Person& made, std::string_view password_hash, const By& by);
/// Throws as above, and Error(NotAllowed) when the last active site administrator would be locked or leave.
/// Sessions end when the state, the login name, the source or the memberships change.
void change_person(sys::Transaction& tx, const Person& changed, const By& by);
std::optional<Person> find_person(sys::Reader& db, PersonId id);
std::optional<Person> find_person(sys::Reader& db, std::string_view login_name);
Person load_person(sys::Reader& db, PersonId id);

struct PeopleQuery {
    std::string words;                       ///< part of the login name, name, kana or mail
    std::optional<DepartmentId> department;  ///< that one itself
    std::optional<PersonState> state;
    std::optional<Role> role;
    base::Day on;             ///< the day on which memberships count
    PersonId after;           ///< the page: those after this one
    int limit = 100;          ///< at most 1,000
    bool is_by_kana = false;  ///< in order of their reading, for people who look for people; else in order of id
};
std::vector<Person> list_people(sys::Reader& db, const PeopleQuery& query);
/// Who is posted to the department on `day` or later, in order of id.
std::vector<Person> list_posted(sys::Reader& db, DepartmentId department, base::Day day);

/// Stores a new password and ends all sessions of the person but `keep_session` (a session's id).
void set_password(sys::Transaction& tx, PersonId person, std::string_view password_hash, bool must_change, const By& by,
                  std::string_view keep_session = {});

/// The person has left: state left, postings end with today, roles, sessions and password are gone, and the successor
/// is noted: whoever lists what was the person's offers it to `find_successor`. Throws Error(NotAllowed) for the last
/// active site administrator, Error(Conflict) for an old version, Error(BadInput) for a successor who does not work
/// here.
void retire_person(sys::Transaction& tx, PersonId person, std::optional<PersonId> successor, std::int64_t version,
                   const By& by);
/// Follows the successors to one who still works here; nothing when the chain ends.
std::optional<PersonId> find_successor(sys::Reader& db, PersonId person);

// --- grants

/// Throws Error(BadInput): the section path does not look like "kurashi/", or the person or department does not exist;
/// Error(Conflict): the person has this grant.
GrantId add_grant(sys::Transaction& tx, const Grant& made, const By& by);
/// Throws Error(NotFound); Error(NotAllowed) when it is the last active site administrator's.
void remove_grant(sys::Transaction& tx, GrantId id, const By& by);
std::vector<Grant> list_grants(sys::Reader& db, PersonId person);
/// Those that are limited to the department.
std::vector<Grant> list_grants(sys::Reader& db, DepartmentId department);

// --- absences

/// Throws Error(BadInput): the days are the wrong way round, or the deputy is the person or not active.
AbsenceId add_absence(sys::Transaction& tx, const Absence& made, const By& by);
void remove_absence(sys::Transaction& tx, AbsenceId id, const By& by);
/// Those that are not over on `day`, in order of their first day. With a person: theirs and those they stand in for.
std::vector<Absence> list_absences(sys::Reader& db, base::Day day, std::optional<PersonId> person = {});

// --- asking

/// Throws Error(NotFound).
Actor load_actor(sys::Reader& db, PersonId person, base::Instant now);
/// The scope of a thing that `department` is in charge of and that stands at `path`.
Scope scope_of(sys::Reader& db, std::optional<DepartmentId> department, std::string_view path, base::Instant now);
/// Everybody who may do `act` there now, deputies included, in order of id: whom to ask for an approval.
std::vector<Actor> list_people_who_may(sys::Reader& db, Act act, const Scope& scope, base::Instant now);

}  // namespace people
