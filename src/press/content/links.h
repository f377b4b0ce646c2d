// Which pages lead where: one row for each page and each path that it links to, written in the transaction that makes
// the page live, so that "who links here" is one look into an index. A taken-over page's own document is counted apart
// from what was written here, since the one outlasts the other.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "press/content/live.h"

namespace content {

/// A page's links beyond this are left out: a list of everything tells nobody anything.
constexpr std::size_t kMostLinks = 5000;

enum class LinkSource { Document, Body };

/// Replaces what is known of `page`'s links in `source`. Targets are paths as pages have them.
void set_links(sys::Transaction& tx, base::PageId page, LinkSource source, const std::set<std::string>& targets);

/// Live pages other than `page` that lead to `path`, in order of path. Links of an original document count while the
/// page is public as taken over.
std::vector<LivePage> list_linking(sys::Reader& db, std::string_view path, base::PageId page, int limit);

/// A path as rows of links name it: sixty-four bits of its hash.
std::int64_t link_number(std::string_view path);
/// A target of live pages that `is_there` does not know.
struct DeadLink {
    std::int64_t number = 0;
    std::int64_t pages = 0;  ///< that lead there
    base::PageId example;    ///< one of them
};
struct DeadLinks {
    std::vector<DeadLink> links;  ///< those with the most pages first
    bool is_cut = false;          ///< time ran out before all were looked at
};
/// One walk over an index, however large the site is, while `has_time` says so.
DeadLinks list_dead_links(sys::Reader& db, const std::function<bool(std::int64_t)>& is_there,
                          const std::function<bool()>& has_time);

}  // namespace content
