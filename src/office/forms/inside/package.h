// The container of a form: a zip file of named parts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace forms {

struct Part {
    std::string name, bytes;
};
/// In the file's order, which is kept: readers expect [Content_Types].xml first.
using Package = std::vector<Part>;

/// Null if there is none.
Part* find_part(Package& package, std::string_view name);

/// Throws Error(BadInput): no zip file, encrypted, a name that leads elsewhere or comes twice, more or larger parts
/// than a form has.
Package read_package(std::string_view bytes);
/// The same parts give the same bytes.
std::string write_package(const Package& package);

}  // namespace forms
