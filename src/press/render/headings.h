// The headings of a body as a table of contents, and the body with an id on each, so that it can point there. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace render {

struct Heading {
    int level = 2;
    std::string id;
    std::string text;
    bool operator==(const Heading&) const = default;
};

struct Headed {
    std::string html;  ///< the body; h2 and h3 without an id have one now ("h-1", "h-2")
    std::vector<Heading> headings;
};
/// `html` is the UTF-8 content of an element.
Headed with_heading_ids(std::string_view html);

}  // namespace render
