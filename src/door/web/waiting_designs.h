// Changes of the design that wait for a second administrator: of a template, or of a whole group's page type. One list
// for the first screen, for the screen of templates and for the number in the menu.
#pragma once

#include <string>
#include <vector>

#include "door/web/context.h"

namespace web {

struct WaitingDesign {
    std::string title;
    std::string kind;  ///< "部品", "枠"
    std::string path;  ///< where it is decided
    base::PersonId asked_by;
    base::Instant asked_at;
    std::string note;
    bool is_own = false;  ///< somebody else decides it
};
/// The oldest first.
std::vector<WaitingDesign> list_waiting_designs(Context& context);
/// How many of them this person may decide.
std::int64_t count_waiting_designs(Context& context);

}  // namespace web
