// Turns a site that nobody prepared into a proposal: which pages are laid out alike, which region of them holds what
// each page says for itself, and which parts repeat around it. Pages are only compared with each other: no list of
// known systems, no names of ids. A text that many pages share belongs to the frame; the smallest element that still
// holds nearly everything else, the headings included, is the region. Pure: pages come in as documents, once each while
// there is room to remember them, else up to three times, so that a site of any size needs little memory. Leaves out
// framesets (they have no content of their own) and what scripts draw.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "ground/html/document.h"

namespace frames {

/// A part of a group's pages besides the region.
struct Part {
    std::string kind;  ///< "header", "navigation", "footer"
    std::string selector;
    std::int64_t present = 0;  ///< of the pages that were looked at closely
    std::int64_t same = 0;     ///< of those, how many have the most frequent content; links to one place count as same
    std::int64_t looked_at = 0;
    bool operator==(const Part&) const = default;
};

struct Group {
    std::string selector;  ///< of the region; "" = there is none to propose
    std::int64_t pages = 0;
    std::int64_t covered = 0;          ///< pages of the group in which the selector finds the region
    std::vector<std::size_t> samples;  ///< places of a few pages, spread over the group
    std::vector<Part> parts;
    bool operator==(const Group&) const = default;
};

constexpr std::int32_t kUnread = -1;

struct Found {
    std::vector<Group> groups;           ///< the largest first
    std::vector<std::int32_t> group_of;  ///< by place of the page; kUnread = it could not be parsed
    std::vector<std::uint8_t> is_covered;
};

struct Task {
    std::size_t pages = 0;
    /// The page at a place, the same one at each call; asked by several threads at once. An Error(BadInput) costs that
    /// page only.
    std::function<html::Document(std::size_t)> load;
    std::function<void(std::size_t done, std::size_t total)> progress;  ///< may be empty; one thread calls it
    unsigned threads = 0;                                               ///< 0 = as many as there are processors
    std::size_t room = 64U << 20;  ///< bytes for what is remembered of pages, some 8 KB each
};

/// The same proposal for the same pages, whatever the number of threads.
Found find(const Task& task);

}  // namespace frames
