// Files for other programs: RSS 2.0 feeds, and the sitemap of sitemaps.org as an index of shards of at most 1,000
// addresses. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "ground/base/time.h"

namespace render {

struct FeedItem {
    std::string title, address, description;
    base::Instant published_at;
};
struct Feed {
    std::string title, address, own_address, description, language;
    std::vector<FeedItem> items;  ///< newest first
};
/// RSS 2.0 with the Atom link to itself. Its lastBuildDate is the newest item's, so the same items give the same bytes.
std::string write_feed(const Feed& feed);

struct SitemapEntry {
    std::string address;
    base::Instant updated_at;
};
std::string write_sitemap(std::span<const SitemapEntry> entries);
std::string write_sitemap_index(std::span<const std::string> addresses);

/// "Sun, 22 Nov 2026 11:00:00 +0900" (RFC 822 with a year of four digits, in Japanese time).
std::string format_rfc822(base::Instant at);
/// For XML: & < > " ' as references; characters that XML 1.0 does not have are left out.
std::string escape_xml(std::string_view utf8);

}  // namespace render
