// Which part of taken-over pages may be edited: the content of the element that a selector finds, if the page's bytes
// can be cut there. Pages that were edited already keep their region. Whole groups at once: the pages are looked at
// first, by several threads, and what came of it is written in one transaction with its ledger line.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "flow/site.h"

namespace flow {

struct RegionWish {
    std::string path;  ///< of one page ("kurashi/a.html"), or with `is_section` of all under it ("kurashi/", "")
    bool is_section = false;
    std::string selector;       ///< "#main"
    std::string name = "main";  ///< "main", "header", "navigation", "footer" or a word of one's own
    std::string by = "system:cli";
};

struct RegionOutcome {
    std::int64_t matched = 0;            ///< pages that have the region now
    std::vector<std::string> unmatched;  ///< the selector finds nothing there
    struct Refused {
        std::string path;
        std::string reason;
    };
    std::vector<Refused> refused;
};

/// Throws Error(BadInput) for a selector that is none, Error(NotFound) when there is no such page.
RegionOutcome set_region(Site& site, const RegionWish& wish);

/// The same for the pages named, with what else belongs to it: `also` runs in the transaction, after the regions are
/// set, with the pages that have it now. The wish's path is not used.
using AlsoDo = std::function<void(sys::Transaction&, const std::vector<base::PageId>& covered, const RegionOutcome&)>;
RegionOutcome set_region(Site& site, const RegionWish& wish, const std::vector<base::PageId>& pages,
                         const AlsoDo& also);

}  // namespace flow
