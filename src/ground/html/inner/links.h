// How one tag's addresses become Links; shared by the reader with a tree and the one without.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "ground/html/scan.h"

namespace html {

struct LinkAttribute {
    std::string_view name;   ///< lower case
    std::string_view value;  ///< UTF-8, references resolved
    Span span;               ///< of the value in the original
};
void append_links(std::vector<Link>& to, std::string_view tag, Span tag_span,
                  std::span<const LinkAttribute> attributes);

}  // namespace html
