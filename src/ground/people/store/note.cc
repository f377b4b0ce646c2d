#include "ground/people/store/note.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/ledger/store.h"

namespace people {

void note(sys::Transaction& tx, const By& by, std::string_view act, std::string subject,
          std::initializer_list<DetailField> detail) {
    boost::json::object fields;
    for (const DetailField& field : detail)
        fields[field.name] = std::visit([](const auto& value) { return boost::json::value_from(value); }, field.value);
    ledger::append(tx, {by.at, by.text(), std::string(act), std::move(subject), boost::json::serialize(fields)});
}

std::string subject_of(PersonId person) {
    return fmt::format("person:{}", person.value);
}
std::string subject_of(DepartmentId department) {
    return fmt::format("department:{}", department.value);
}

}  // namespace people
