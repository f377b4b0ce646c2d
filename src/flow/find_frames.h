// The frames of a taken-over site (press/frames): pages are compared, groups of pages with their region are proposed,
// and an administrator accepts one, as proposed or with another selector. From then on its pages can be edited there.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "flow/set_region.h"
#include "press/frames/store.h"

namespace flow {

/// Compares all taken-over pages that are in no accepted group and keeps the proposals in place of earlier ones.
/// Nothing public changes. Without such pages there are no proposals.
std::vector<frames::StoredGroup> find_frames(Site& site, const std::string& by,
                                             const std::function<void(std::int64_t, std::int64_t)>& progress = {});

/// The pages of the group get the region that `selector` ("" = the one that the group has) finds. What cannot be cut
/// there is in the outcome, with the reason. An accepted group can be corrected in the same way; pages that were edited
/// meanwhile keep their region. Throws Error(NotFound), Error(Conflict) for an old version, Error(BadInput) when there
/// is no selector or it is none.
RegionOutcome accept_frame(Site& site, frames::GroupId group, std::int64_t version, const std::string& selector,
                           const std::string& by);

frames::StoredGroup load_frame(sys::Reader& db, frames::GroupId group);

}  // namespace flow
