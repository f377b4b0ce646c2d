// Choosing a region by looking: a page with the element that a selector finds outlined, what is around and inside it,
// and on how many pages of the group the same selector finds something.
#pragma once

#include <string>
#include <vector>

#include "flow/preview_page.h"
#include "press/frames/store.h"

namespace flow {

/// The page's original with an outline around what `selector` finds; for the preview's own origin. Elements that can be
/// a region carry their number in kNodeAttribute. Throws Error(BadInput) for a selector that is none.
Preview preview_region(Site& site, base::PageId page, const std::string& selector);
constexpr std::string_view kNodeAttribute = "data-yakuba-node";
/// The selector of the element with that number. Throws Error(BadInput) when it is none that can be a region.
std::string name_region(Site& site, base::PageId page, std::int64_t node);

struct RegionChoice {
    std::string selector;
    std::string label;  ///< "div#contents"
    std::string words;  ///< how its text begins
    bool is_current = false;
};

struct RegionLook {
    bool is_found = false;                ///< on the page shown
    std::vector<RegionChoice> around;     ///< from the body to the element itself
    std::vector<RegionChoice> inside;     ///< elements directly in it that hold text
    int looked_at = 0;                    ///< pages of the group, spread over it
    int found = 0;                        ///< of those
    std::vector<base::PageId> not_found;  ///< the others
};
/// Throws as preview_region does.
RegionLook look_at_region(Site& site, frames::GroupId group, base::PageId page, const std::string& selector);

}  // namespace flow
