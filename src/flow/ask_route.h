// Who would be asked if somebody submitted a page now: the route that applies to it, and the people of each step. For
// the screen where routes are made; the submission itself works it out anew.
#pragma once

#include <string>
#include <vector>

#include "flow/site.h"
#include "press/workflow/route.h"

namespace flow {

struct RouteAnswer {
    workflow::Route route;                ///< id 0: the default one
    std::vector<workflow::Panel> panels;  ///< one for each step; who submits is left out
    std::string refusal;                  ///< in Japanese: why the request would be refused; "" when it would not
};
RouteAnswer ask_route(sys::Reader& db, Site& site, base::PageId page, base::PersonId submitter);

}  // namespace flow
