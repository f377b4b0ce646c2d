// What the demo city's office has set up for itself beside its pages: approval routes, who stands in for whom, and the
// words and pictures that its administrators have filled into the theme.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "ground/people/accounts.h"
#include "press/content/templates.h"

namespace flow::demo {

struct Staff {
    const std::map<std::string, base::DepartmentId>& departments;  ///< by code
    const std::map<std::string, base::PersonId>& people;           ///< by login name
};

/// One that asks a second department, one for the old pages of the council, one for who is away.
void add_routes(sys::Transaction& tx, const Staff& staff, const people::By& by);
/// Somebody who is away now, somebody who will be, and somebody who is away for long.
void add_absences(sys::Transaction& tx, const Staff& staff, base::Day today, const people::By& by);
/// The theme's template `name` with the city's own values in its fields; the same source when it has none of ours.
std::string filled(content::TemplateKind kind, std::string_view name, std::string_view source);

}  // namespace flow::demo
