// The ledger line of a change to people: what changed, as the fields' names, never passwords, codes or more personal
// data than the evidence needs.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ground/people/model.h"
#include "ground/sys/database.h"

namespace people {

using DetailValue = std::variant<std::int64_t, std::string, std::vector<std::string>>;
struct DetailField {
    std::string_view name;
    DetailValue value;
};

/// `subject` is "person:12", "department:3", ...
void note(sys::Transaction& tx, const By& by, std::string_view act, std::string subject,
          std::initializer_list<DetailField> detail = {});

std::string subject_of(PersonId person);
std::string subject_of(DepartmentId department);

}  // namespace people
