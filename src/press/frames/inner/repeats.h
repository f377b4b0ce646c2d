// How often a text stands on the site's pages, in memory that does not grow with the site: a table of saturating
// counters, addressed by hash. A collision counts a text too high, at worst; then a sentence of many is taken for one
// that repeats, and the others still tell where the region is.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ground/html/document.h"

namespace frames {

/// What kind of text it is: a heading repeats on its own account, not because links elsewhere bear the same words.
enum class Voice : std::uint8_t { Plain, Link, Heading, Picture };

/// White space does not count.
std::uint64_t unit_hash(std::string_view text, Voice voice);

/// A text or picture of a page: all that is left of it once the page's words are let go.
struct Unit {
    std::uint64_t hash = 0;
    std::uint64_t as_link = 0;  ///< a plain text's hash as if it stood in a link
    html::NodeId node = 0;
    float length = 0;  ///< characters, or what a picture counts for
    Voice voice = Voice::Plain;
    bool is_link = false;
    bool is_navigation = false;
};
/// In the order of the page.
std::vector<Unit> list_units(const html::Document& page);

class Repeats {
  public:
    explicit Repeats(std::size_t pages);
    /// Each text, picture, id and class of the page once.
    void add(const html::Document& page, const std::vector<Unit>& units);
    int count(std::uint64_t unit) const;
    /// From this many pages on a text repeats.
    int threshold() const { return threshold_; }
    bool is_repeated(std::uint64_t unit) const { return count(unit) >= threshold_; }
    /// "#main" or ".section" of several pages, not one page's own.
    bool is_common_name(std::string_view name) const;

  private:
    std::size_t mask_;
    int threshold_;
    std::vector<std::atomic<std::uint8_t>> first_, second_;
};

/// What there is to know of each node, by its id, for finding the region.
struct Weights {
    std::vector<float> own;      ///< characters of text that is this page's own, links counting a fifth
    std::vector<float> heading;  ///< characters of the page's own headings
    std::vector<float> raw;      ///< all characters, and something for each picture
    std::vector<float> linked;   ///< characters inside links
};
/// Of the page it asks only for the tree.
Weights weigh(const html::Document& page, const std::vector<Unit>& units, const Repeats& repeats);

/// Text there is not read by people in this place: script, style, noscript, ...
bool is_silent(std::string_view tag);
bool is_navigation(const html::Document& page, html::NodeId id);

}  // namespace frames
