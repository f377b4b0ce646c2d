// What the office's administrators do that reaches further than one room: a department that changes on public pages, a
// reorganisation (機構改革), a section that gets another department in charge. Each is one transaction with its ledger
// line, and marks the pages that show what has changed. Whether the person may is asked before.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flow/site.h"
#include "ground/people/accounts.h"
#include "ground/people/rights.h"
#include "press/content/model.h"

namespace flow {

/// A table as a spreadsheet saved it, in UTF-8: Excel in Japanese writes CP932 unless it is asked for "CSV UTF-8". What
/// is neither comes back as it is, for the import to refuse.
std::string table_text(std::string bytes);

/// Adds a department (id 0) or changes one; pages that show it are rendered again. Throws as people::change_department.
base::DepartmentId save_department(Site& site, const people::Department& department, const people::By& by);

/// What hangs on a department on `day`, and so moves with it.
struct Bequest {
    std::int64_t pages = 0;           ///< that name it themselves
    std::vector<std::string> titles;  ///< of the first of them
    std::vector<content::Section> sections;
    std::vector<people::Person> people;  ///< posted there on the day or later
    std::vector<people::Grant> grants;   ///< roles that are limited to it
    std::vector<people::Department> below;
    std::vector<std::string> routes;  ///< names of approval routes that are for it or ask its people
};
Bequest find_bequest(sys::Reader& db, base::DepartmentId department, base::Day day);

struct Merger {
    base::DepartmentId from, to;
    base::Day day;             ///< the first day of the new order: today or earlier
    std::int64_t version = 0;  ///< of `from`
};
/// `from` ends the day before and names its successor; pages, sections, postings, roles, departments below and approval
/// routes go over to `to`. Sessions of those who move end. Returns what moved.
/// Throws Error(BadInput): a day to come, or before `from` began; `to` is no more; Error(Conflict): an old version.
Bequest merge_department(Site& site, const Merger& merger, const people::By& by);

/// What somebody who leaves on `day` may do, as it would be given to somebody else: "their own departments" by name.
std::vector<people::Grant> list_bequeathed(sys::Reader& db, const people::Person& person, base::Day day);

struct Leaving {
    base::PersonId person;
    std::optional<base::PersonId> successor;
    bool bequeaths_roles = false;  ///< the successor may do what the person might, so what waits goes to them
    std::int64_t version = 0;      ///< of the person
};
/// As people::retire_person, in one transaction with the roles, which come first: a role that the successor holds now
/// for the same scope and for as long stays, one that ends before or has ended gives way. Then whoever waits for the
/// person is asked anew. Throws also Error(NotAllowed) for a role that `actor`, who does it, may not give.
void retire_person(Site& site, const Leaving& leaving, const people::Actor& actor, const people::By& by);

/// Title, department in charge, order, list, archive and feed of a section. Throws Error(Conflict) for an old version,
/// Error(BadInput) for an empty title or figures out of bounds.
void save_section(Site& site, const content::Section& section, const people::By& by);

}  // namespace flow
