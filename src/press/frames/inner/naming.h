// A selector that finds the same thing on many pages. An id is better than a class, a class better than a place in the
// tree; whether one holds is tried on the pages themselves.
#pragma once

#include <string>
#include <vector>

#include "ground/html/document.h"

namespace frames {

struct Example {
    const html::Document* page;
    html::NodeId element;
};

/// The selector whose first match is the element on most of the pages; several joined by commas where the pages call it
/// differently.
std::string name_together(const std::vector<Example>& examples);

/// Selectors for one element, the most lasting first.
std::vector<std::string> candidates(const html::Document& page, html::NodeId element);

}  // namespace frames
