// Made-up municipal sites in the layouts that such sites have had, with the id "right" on the element that is the right
// region, for counting; `pages(..., Marked::No)` gives the same pages without it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace frames::testing {

enum class Layout {
    Contents,  ///< div#wrapper > div#header, div#nav, div#contents, div#footer
    Table,     ///< a layout table: head row, menu cell and content cell, foot row
    Main,      ///< header, nav, main, aside, footer
    Nameless,  ///< div in div, no id or class anywhere
    Font       ///< FONT, CENTER and a nested table, upper case, unclosed paragraphs
};
constexpr Layout kLayouts[] = {Layout::Contents, Layout::Table, Layout::Main, Layout::Nameless, Layout::Font};
const char* layout_name(Layout layout);

enum class Marked { No, Yes };

/// `count` pages in sections with local menus, breadcrumbs, dates, next and previous links, and an odd page without
/// text now and then. The same seed gives the same pages.
std::vector<std::string> pages(Layout layout, std::size_t count, std::uint32_t seed, Marked marked);

}  // namespace frames::testing
