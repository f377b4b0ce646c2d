// Rows of a sheet that move because a repetition needs more of them, and what names cells: "B10", "Sheet1!$A$1:$F$40".
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace forms {

struct Span {
    int first = 0, last = 0;  ///< rows as the form has them
    int copies = 1;
    int height() const { return last - first + 1; }
    int added() const { return (copies - 1) * height(); }
};

/// One sheet's; in order, without overlaps.
using Shifts = std::vector<Span>;

/// Where a row is afterwards; of a repeated one, its first copy.
int moved(const Shifts& shifts, int row);
/// As the end of an area, which takes the copies in.
int moved_end(const Shifts& shifts, int row);

struct Copy {
    const Span* span = nullptr;
    int number = 0;  ///< from 0
};
/// A formula, or a list of areas, of the sheet `own` with each cell where it is afterwards. Within `copy`, its own rows
/// are meant. `all` by the sheets' names.
std::string move_formula(std::string_view formula, std::string_view own, const std::map<std::string, Shifts>& all,
                         const std::optional<Copy>& copy = {});

}  // namespace forms
