// The filters: `{{ value | name("argument") }}`. One table, from which the handbook's list is checked; to add a filter,
// write its function beside the others and its row here.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "ground/template/value.h"

namespace tmpl {

struct FilterCall {
    const Value& value;
    std::span<const Value> arguments;
    std::size_t max_bytes;  ///< of text that the filter may make
    std::string complaint;  ///< set when the value is not what the filter works on: becomes a warning
};

struct Filter {
    std::string_view name;
    std::string_view summary;  ///< one line for the handbook
    int min_arguments;
    int max_arguments;
    bool takes_null;  ///< otherwise null in gives null out, without a call
    Value (*apply)(FilterCall& call);
};

std::span<const Filter> all_filters();
/// Null if there is none of that name.
const Filter* find_filter(std::string_view name);

}  // namespace tmpl
