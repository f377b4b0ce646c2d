// A taken-over page as it is to be public: the original's bytes with the edited regions in their places. Pure.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "press/content/model.h"

namespace render {

/// `original` with each part of `body` put into the region of its name; without parts, `original` itself.
/// Throws Error(Conflict) when a part names a region that the page does not have.
std::string taken_over(std::string_view original, const content::Page& page, std::span<const content::Region> regions,
                       const content::Body& body);

}  // namespace render
