// The frames of a taken-over site (press/frames): pages are compared, groups of pages with their region are proposed,
// and an administrator accepts one, as proposed or with another selector. From then on its pages can be edited there.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "flow/set_region.h"
#include "press/frames/store.h"

namespace flow {

struct Comparison {
    std::vector<frames::StoredGroup> groups;  ///< all, the accepted ones too
    std::int64_t joined = 0;                  ///< pages that belong to an accepted group and are in it now
};
/// Compares all taken-over pages that are in no accepted group, with some of each accepted one. Those that are laid out
/// as an accepted group's pages join it and can be edited in its region; for the others proposals are kept in place of
/// earlier ones. Nothing public changes, and nothing in pages that were in an accepted group already. Without such
/// pages there are no proposals.
Comparison find_frames(Site& site, const std::string& by,
                       const std::function<void(std::int64_t, std::int64_t)>& progress = {});

/// The pages of the group get the region that `selector` ("" = the one that the group has) finds. What cannot be cut
/// there is in the outcome, with the reason. An accepted group can be corrected in the same way; pages that were edited
/// meanwhile keep their region. Throws Error(NotFound), Error(Conflict) for an old version, Error(BadInput) when there
/// is no selector or it is none.
RegionOutcome accept_frame(Site& site, frames::GroupId group, std::int64_t version, const std::string& selector,
                           const std::string& by);

frames::StoredGroup load_frame(sys::Reader& db, frames::GroupId group);

}  // namespace flow
