// The way down from <body> to where a page's own words are. On one page alone it goes too far (into the longest
// chapter, say), so each page's whole way is kept, and the pages of a site decide together how far to follow it: a step
// is taken where most pages that have it leave nothing of their own behind.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "press/frames/inner/repeats.h"

namespace frames {

struct Step {
    std::string key;  ///< what the element is called on several pages: "div#main", "td:2"
    html::NodeId node = 0;
    bool is_clean = false;  ///< nothing of the page's own is left behind by taking it
};

struct Chain {
    enum class State : std::uint8_t { Unread, Frameset, Silent, Told } state = State::Unread;
    html::NodeId body = html::kNoNode;
    float own = 0;
    std::vector<Step> steps;
};

Chain follow(const html::Document& page, const std::vector<Unit>& units, const Repeats& repeats);

/// How many of its steps each page takes.
std::vector<std::size_t> agree(std::span<const Chain> chains);

/// The element that is best called the region when the way ends after `taken` steps: one that can hold text, and of
/// those that hold the same the one with a name. kNoNode for a page without a way.
html::NodeId settle(const html::Document& page, const Chain& chain, std::size_t taken, const Weights& weights);

/// The element with the id or class that it has on several pages: "div#main", "div.section", "td:2".
std::string key_of(const html::Document& page, html::NodeId id, const Repeats& repeats);

}  // namespace frames
