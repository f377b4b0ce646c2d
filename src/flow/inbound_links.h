// Who links here: the live pages, menus and parts that lead to a page. Asked before a page is taken down or moves away,
// so that nobody is sent into the void. Found by looking, without an index: names are looked for in what is live, and
// each hit is read as a link; templates that build an address from values are not understood.
#pragma once

#include <vector>

#include "flow/site.h"
#include "press/content/live.h"
#include "press/content/templates.h"

namespace flow {

struct InboundLinks {
    std::vector<content::LivePage> pages;  ///< in order of path
    std::vector<content::Template> templates;
    bool is_more = false;  ///< there are more pages than `most`
    bool empty() const { return pages.empty() && templates.empty(); }
};
InboundLinks find_inbound_links(sys::Reader& db, const content::Page& page, int most = 100);

}  // namespace flow
