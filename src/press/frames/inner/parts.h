// What stands around the region: everything beside the way down to it. Of a few pages of a group it is seen which of
// these parts are there again and again, and on how many they say the same.
#pragma once

#include <vector>

#include "press/frames/frames.h"
#include "press/frames/inner/naming.h"

namespace frames {

/// In the order of the page. Parts that fewer than half of the pages have are left out.
std::vector<Part> find_parts(const std::vector<Example>& regions);

/// The content of an element as a reader would tell it apart: tags, attributes without those of "you are here", text
/// with white space collapsed. Addresses count by their last two steps, so that links to one place from different
/// folders are the same.
std::uint64_t content_hash(const html::Document& page, html::NodeId element);

}  // namespace frames
