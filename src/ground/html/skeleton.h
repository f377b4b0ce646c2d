// A page's tree without its words, packed into a few bytes a node: for going over many pages more than once, where
// parsing each again would cost fifty times as much and keeping each Document a hundred kilobytes. It keeps every node
// with its id, type and place in the tree, the elements' names and the attributes that are asked for; it leaves out
// text, the other attributes and all offsets into the page.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "ground/html/document.h"

namespace html {

std::string pack_skeleton(const Document& page, std::span<const std::string_view> attributes);
/// Throws Error(Damaged) when the bytes are not what pack_skeleton made.
Document unpack_skeleton(std::string_view packed);

}  // namespace html
