// A month as a table of weeks (Sunday first), with what stands on each day; month.html shows it, on a phone as a list
// of the days that have something. What turns the pages is an address: "?month=2027-04".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "door/web/context.h"

namespace web {

struct MonthEntry {
    std::string text;
    std::string_view kind;  ///< of a chip: "live", "submitted", "returned", "withdrawn", "draft"
    std::string path;       ///< where it leads; may be empty
};
using MonthEntries = std::map<base::Day, std::vector<MonthEntry>>;

/// The first day of the month that the address asks for, or of today's; at most fifty years from today.
base::Day asked_month(const Context& context);
base::Day next_month(base::Day first);

/// {title, caption, previous, next, is_empty, weeks[[{iso, number, weekday, is_other, is_today, entries[{text, kind,
/// path}], more}]]}. `path`: of the screen.
tmpl::Map month_values(const Context& context, base::Day first, const MonthEntries& entries, std::string_view path,
                       std::string_view caption);

}  // namespace web
