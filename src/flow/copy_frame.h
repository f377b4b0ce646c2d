// A new page in the frame of a taken-over one: its bytes, with relative links that lead where they led also from
// another folder, its regions and shared parts at their places, and the place of the title, which is the new page's.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "flow/site.h"
#include "press/content/model.h"
#include "press/frames/places.h"

namespace flow {

struct FrameCopy {
    base::Hash document;
    std::string encoding;
    std::vector<content::Region> regions;
    std::vector<frames::Place> places;  ///< of no page yet
    std::set<std::string> targets;      ///< where its document leads: paths within the site
};
/// For a page at `path`; the bytes are in the object store. Throws Error(BadInput) when `frame` is no taken-over page
/// or has no region.
FrameCopy copy_frame(Site& site, sys::Reader& db, const content::Page& frame, std::string_view path);

}  // namespace flow
