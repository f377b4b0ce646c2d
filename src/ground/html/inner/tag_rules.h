// What HTML5's tree builder has to know of an element by its name, as far as ordered_page.cc follows it.
#pragma once

#include <string_view>

namespace html {

enum Trait : unsigned {
    kIsVoid = 1,        // has no content
    kEndsP = 2,         // its start tag ends an open p
    kMayStayOpen = 4,   // its end tag may be left out
    kBlockEnd = 8,      // its end tag ends such elements in it
    kWall = 16,         // an open p outside it is out of reach
    kSpecial = 32,      // the search for an open li stops here
    kHeading = 64,      // h1 to h6
    kIsRaw = 128,       // the scanner gives its content as one text
    kTablePart = 256,   // belongs between table and cell content
    kInHead = 512,      // stands in the head, or anywhere
    kOnce = 1024,       // not within another of its kind
    kLeft = 2048,       // left to Gumbo
    kSkipsLine = 4096,  // a line break right after the start tag does not count
    kFormatting = 8192  // is opened again where something else has ended it
};

struct TagRules {
    std::string_view tag;
    unsigned traits;
    bool is(unsigned trait) const { return (traits & trait) != 0; }
};

/// Null for elements without a rule of their own.
const TagRules* find_rules(std::string_view tag);

}  // namespace html
