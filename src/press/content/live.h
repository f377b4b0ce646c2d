// What is public now, as lists read it: one row for each live page with the words of its live revision (never those of
// a draft), and one for each list that the page stands in. set_live (store.h) keeps both up to date, so that the newest
// ten of a section cost the same at a thousand pages and at a hundred thousand.
//
// Lists: "list:kurashi/" pages directly there (an index page stands for its folder, in the folder above),
// "tree:kurashi/" anywhere below, "tree:" the site, "category:event" of that category and those below it. Taken-over
// pages stand in no list until they have been changed here, and pages of a template that is not listed never do.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ground/sys/database.h"
#include "press/content/model.h"

namespace content {

struct LivePage {
    base::PageId id;
    std::string path;
    PageKind kind = PageKind::Composed;
    std::string title;
    std::string description;
    base::RevisionId revision;
    base::Instant published_at;  ///< since when it has been public without a break
    base::Instant updated_at;    ///< when its present revision became public
    bool operator==(const LivePage&) const = default;
};

std::optional<LivePage> find_live(sys::Reader& db, base::PageId id);
std::optional<LivePage> find_live(sys::Reader& db, std::string_view path);
bool is_any_live(sys::Reader& db, PageKind kind);

/// One list that a page stands in.
struct Membership {
    std::string list;
    base::Instant published_at;
    std::int64_t place = 0;  ///< direct lists: 1, 2, ... in order of entry; never moves while the page is in
    bool operator==(const Membership&) const = default;
};
std::vector<Membership> list_memberships(sys::Reader& db, base::PageId id);

/// Newest publication first.
std::vector<LivePage> list_newest(sys::Reader& db, std::string_view list, int limit);
/// Published at or after `from` and before `until`, newest first.
std::vector<LivePage> list_published(sys::Reader& db, std::string_view list, base::Instant from, base::Instant until,
                                     int limit);
/// Direct lists: places from `first` to `last`, newest first.
std::vector<LivePage> list_places(sys::Reader& db, std::string_view list, std::int64_t first, std::int64_t last);
/// By path; for short lists.
std::vector<LivePage> list_by_path(sys::Reader& db, std::string_view list, int limit);

/// How far down a page published then would stand, counted from 1; `most` + 1 when it is further.
int find_rank(sys::Reader& db, std::string_view list, base::Instant published_at, base::PageId id, int most);
/// The next newer and older page beside it.
struct Beside {
    std::optional<base::PageId> newer, older;
};
Beside find_beside(sys::Reader& db, std::string_view list, base::Instant published_at, base::PageId id);
/// The newest entry published before `at` / the oldest at or after it: where an archive has its next page.
std::optional<Membership> find_before(sys::Reader& db, std::string_view list, base::Instant at);
std::optional<Membership> find_from(sys::Reader& db, std::string_view list, base::Instant at);
/// The highest place below `place` / the lowest at or above it.
std::optional<std::int64_t> find_place_below(sys::Reader& db, std::string_view list, std::int64_t place);
std::optional<std::int64_t> find_place_from(sys::Reader& db, std::string_view list, std::int64_t place);

/// The list in which a page at `path` stands directly: "list:kurashi/" for kurashi/a.html and kurashi/a/index.html.
/// Nothing for the site's own index page.
std::optional<std::string> direct_list(std::string_view path);
bool is_index_path(std::string_view path);

/// The key of who shows the newest `limit` of a list: "list:kurashi/#20" for 11 to 20; above 500 the list's own key.
std::string newest_key(std::string_view list, std::int64_t limit);
/// Everything to mark when the entry at `rank` (from 1) of a list enters, leaves or changes: the list's own key, and
/// the keys of those who show at least that many.
std::vector<std::string> newest_keys(std::string_view list, std::int64_t rank);
/// Beyond this rank only readers of the whole list are concerned.
constexpr std::int64_t kLongestNewest = 500;

/// A shard of the sitemap: the live pages with ids from 1,000 times `shard` on.
constexpr std::int64_t kShardPages = 1000;
inline std::int64_t shard_of(base::PageId id) {
    return id.value / kShardPages;
}
std::vector<LivePage> list_shard(sys::Reader& db, std::int64_t shard, std::int64_t limit = kShardPages);
/// The shards that hold a page, in order.
std::vector<std::int64_t> list_shards(sys::Reader& db);

/// Writes the rows of what set_live has just made live; set_live calls it. Also for a page whose categories or template
/// count differently now.
void refresh_live(sys::Transaction& tx, base::PageId id, base::Instant at);

}  // namespace content
