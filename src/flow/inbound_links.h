// Who links here: the live pages, menus and parts that lead to a page. Asked before a page is taken down or moves away,
// so that nobody is sent into the void. Pages' links are read when they become live and kept by target
// (press/content/links.h); of menus and parts, some dozens, the text is looked through. Templates that build an address
// from values are not understood.
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "flow/site.h"
#include "press/content/live.h"
#include "press/content/templates.h"

namespace html {
struct Link;
}

namespace flow {

struct InboundLinks {
    std::vector<content::LivePage> pages;  ///< in order of path
    std::vector<content::Template> templates;
    bool is_more = false;  ///< there are more pages than `most`
    bool empty() const { return pages.empty() && templates.empty(); }
};
/// The top page has none: everything leads there.
InboundLinks find_inbound_links(sys::Reader& db, const content::Page& page, int most = 100);

/// A path within the site to which public pages lead and where nothing is.
struct BrokenLink {
    std::string path;                   ///< "/kurashi/gomi.html", as people read it
    std::int64_t pages = 0;             ///< that lead there
    std::string from_title, from_path;  ///< one of them
};
struct BrokenLinks {
    std::int64_t targets = 0;  ///< all of them
    std::vector<BrokenLink> worst;
    bool is_cut = false;  ///< time ran out: there may be more
};
/// Compares what all live pages lead to with what the newest release has; other sites' addresses are not asked, and
/// areas of other writers are left out of `worst` and, as far as the worst are looked at, of the count.
BrokenLinks find_broken_links(Site& site, std::size_t most, std::chrono::seconds patience = std::chrono::seconds(30));

/// The paths within the site that the links of a document at `path` lead to; `base_href` as the document says.
std::set<std::string> link_targets(std::string_view path, std::string_view base_href,
                                   const std::vector<html::Link>& links);
/// Writes the links of what is live of the page now, or that it has none.
void keep_links(sys::Transaction& tx, base::PageId page);

/// Reads the links of all pages of a site that was made before they were kept; nothing to do on every other day.
void fill_what_is_new(sys::Database& database);

}  // namespace flow
