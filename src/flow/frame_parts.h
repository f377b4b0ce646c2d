// Header, navigation and footer of a frame, edited once for all its pages. Where many pages of a group have the same
// bytes in a part, the part becomes a template part ("frame-12"): from then on it is drafted, submitted, approved by a
// second administrator who sees the affected pages, rolled back and remembered as every other part is, and each
// approval is one release in which only that part's bytes change, in each page's own encoding. Pages whose part says
// something else are left out and named. Relative links are compared by where they lead: the part is kept as a page in
// the top folder would write it, and each page gets the links that are right in its own folder.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "flow/edit_page.h"
#include "press/content/templates.h"
#include "press/frames/store.h"

namespace flow {

struct SharedPart {
    std::string name;  ///< of the template part
    std::int64_t pages = 0;
    std::vector<std::string> left_out;  ///< paths of the group's other pages
};
/// Nothing public changes by it. Throws Error(NotAllowed); Error(NotFound); Error(Conflict) when it is shared already;
/// Error(BadInput) when the group is not accepted or fewer than two pages say the same.
SharedPart share_frame_part(Site& site, frames::PartId part, const Doer& doer);

/// The part's last change is undone on all its pages, in one release, by one administrator: what it says then was
/// approved before. Returns the receipt to wait for. Throws Error(NotAllowed); Error(NotFound) when it is not shared;
/// Error(BadInput) without a reason; Error(Conflict) when nothing was live before.
std::int64_t take_back_frame_part(Site& site, frames::PartId part, std::int64_t version, const std::string& reason,
                                  const Doer& doer);

/// A part as it is to be tried, not yet approved.
struct TriedPart {
    std::string name;
    std::string source;
};
/// What the page shares, and its title where it was made in a frame, is added to its regions and to the body that it is
/// rendered from; the keys that this reads, to `reads`.
void add_shared_parts(Site& site, sys::Reader& db, const content::Page& page, std::vector<content::Region>& regions,
                      content::Body& body, std::set<std::string>& reads, const TriedPart& tried = {});

}  // namespace flow
