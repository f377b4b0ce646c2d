// What stands in a kind's document, by the names that a city's own form (office/forms) calls it: Japanese, as people
// type them. The templates in HTML use the paths. A test holds both to each other.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace documents {

struct Field {
    enum class Form { Text, Amount, List };
    std::string_view name;     ///< "請求金額"
    std::string_view path;     ///< "gross", "client.name"; within a list the item's key; empty: the item itself
    Form form = Form::Text;    ///< Amount: a number with which a workbook may calculate
    std::string_view in = {};  ///< the list's name; empty: of the whole document
};

/// Those of every document first. Lists stand before what is in them. Throws Error(BadInput): no such kind.
std::vector<Field> fields_of(std::string_view kind);

}  // namespace documents
