// What a piece of HTML means apart from its spelling: equal numbers for nodes that browsers show alike. White space
// that collapses, attribute order, references, and the form of style and class values do not count.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ground/html/document.h"

namespace html {

using Meaning = std::uint32_t;
constexpr Meaning kMeansNothing = 0;  ///< white space that no browser shows

/// Numbers are comparable between the documents that went through one Meanings.
class Meanings {
  public:
    /// One per node of the document. `context` is the element that a fragment stands in.
    std::vector<Meaning> of(const Document& document, std::string_view context = "div");

  private:
    Meaning number(std::string form);
    std::map<std::string, Meaning, std::less<>> numbers_;
};

/// Does white space at the start or end of a text show? Not beside block elements and line breaks.
struct Edges {
    bool start = false;
    bool end = false;
};
Edges showing_edges(const Document& document, NodeId text, std::string_view context);

/// "p class=a style=..." in one normal form: equal for start tags that mean the same.
std::string normal_start_tag(const Document& document, NodeId element);
/// "text-align: center; width: 10px" whatever the spacing and case of property names.
std::string normal_style(std::string_view style);

}  // namespace html
