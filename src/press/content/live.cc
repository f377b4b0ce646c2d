#include "press/content/live.h"

#include "ground/base/error.h"
#include "press/content/categories.h"
#include "press/content/inner/live_row.h"
#include "press/content/kind.h"
#include "press/content/store.h"
#include "press/content/templates.h"

namespace content {

namespace {

constexpr std::string_view kIndexName = "index.html";

std::string listed(std::string_view rest) {
    return fmt::format(
        "SELECT {} FROM listing JOIN live_page ON live_page.page_id = listing.page_id "
        "WHERE listing.list = $1 {}",
        kLiveColumns, rest);
}

constexpr std::string_view kNewestFirst = "ORDER BY listing.published_at DESC, listing.page_id DESC";

std::optional<std::int64_t> find_number(sys::Reader& db, std::string_view sql,
                                        std::initializer_list<sys::Value> values) {
    const auto row = db.find(sql, values);
    if (!row || row->is_null(0)) return std::nullopt;
    return row->integer(0);
}

std::optional<base::PageId> find_id(sys::Reader& db, std::string_view sql, std::initializer_list<sys::Value> values) {
    const auto id = find_number(db, sql, values);
    if (!id) return std::nullopt;
    return base::PageId{*id};
}

std::optional<Membership> find_membership(sys::Reader& db, std::string_view sql,
                                          std::initializer_list<sys::Value> values) {
    const auto row = db.find(sql, values);
    if (!row) return std::nullopt;
    return Membership{row->text(0), {row->integer(1)}, row->maybe_integer(2).value_or(0)};
}

/// Whether a page stands in lists at all.
bool is_listed(sys::Reader& db, const Page& page, const Revision& revision) {
    if (kind_of(page, revision.body) == PageKind::TakenOver) return revision.number > 1;
    const auto made_from = find_template(db, revision.body.template_name);
    return !made_from || made_from->is_listed;
}

std::set<std::string> lists_of(sys::Reader& db, const Page& page, const Revision& revision) {
    std::set<std::string> lists;
    if (!is_listed(db, page, revision)) return lists;
    const auto direct = direct_list(page.path);
    if (!direct) return lists;
    lists.insert(*direct);
    for (std::string_view folder = std::string_view(*direct).substr(5);; folder = section_path(folder)) {
        lists.insert(fmt::format("tree:{}", folder));
        if (folder.empty()) break;
        folder.remove_suffix(1);
    }
    for (const std::string& category : revision.body.categories)
        for (const std::string& name : category_line(db, category)) lists.insert("category:" + name);
    return lists;
}

}  // namespace

bool is_index_path(std::string_view path) {
    return path == kIndexName || path.ends_with("/index.html");
}

std::optional<std::string> direct_list(std::string_view path) {
    std::string_view folder = section_path(path);
    if (is_index_path(path)) {
        if (folder.empty()) return std::nullopt;
        folder.remove_suffix(1);
        folder = section_path(folder);
    }
    return fmt::format("list:{}", folder);
}

LivePage read_live(const sys::Row& row) {
    return {{row.integer(0)}, row.text(1),     row.text(2) == "taken-over" ? PageKind::TakenOver : PageKind::Composed,
            row.text(3),      row.text(4),     {row.integer(5)},
            {row.integer(6)}, {row.integer(7)}};
}

std::vector<LivePage> read_all(const std::vector<sys::Row>& rows) {
    std::vector<LivePage> pages;
    pages.reserve(rows.size());
    for (const sys::Row& row : rows) pages.push_back(read_live(row));
    return pages;
}

std::optional<LivePage> find_live(sys::Reader& db, base::PageId id) {
    const auto row = db.find(fmt::format("SELECT {} FROM live_page WHERE page_id = $1", kLiveColumns), {id.value});
    if (!row) return std::nullopt;
    return read_live(*row);
}

std::optional<LivePage> find_live(sys::Reader& db, std::string_view path) {
    const auto row =
        db.find(fmt::format("SELECT {} FROM live_page WHERE path = $1", kLiveColumns), {std::string(path)});
    if (!row) return std::nullopt;
    return read_live(*row);
}

bool is_any_live(sys::Reader& db, PageKind kind) {
    return db.find("SELECT 1 FROM live_page WHERE kind = $1 LIMIT 1", {std::string(kind_id(kind))}).has_value();
}

std::vector<Membership> list_memberships(sys::Reader& db, base::PageId id) {
    std::vector<Membership> all;
    for (const sys::Row& row :
         db.query("SELECT list, published_at, place FROM listing WHERE page_id = $1 ORDER BY list", {id.value}))
        all.push_back({row.text(0), {row.integer(1)}, row.maybe_integer(2).value_or(0)});
    return all;
}

std::vector<LivePage> list_newest(sys::Reader& db, std::string_view list, int limit) {
    return read_all(
        db.query(listed(fmt::format("{} LIMIT $2", kNewestFirst)), {std::string(list), std::int64_t{limit}}));
}

std::vector<LivePage> list_published(sys::Reader& db, std::string_view list, base::Instant from, base::Instant until,
                                     int limit) {
    return read_all(db.query(
        listed(fmt::format("AND listing.published_at >= $2 AND listing.published_at < $3 {} LIMIT $4", kNewestFirst)),
        {std::string(list), from.milliseconds, until.milliseconds, std::int64_t{limit}}));
}

std::vector<LivePage> list_places(sys::Reader& db, std::string_view list, std::int64_t first, std::int64_t last) {
    return read_all(db.query(listed("AND listing.place >= $2 AND listing.place <= $3 ORDER BY listing.place DESC"),
                             {std::string(list), first, last}));
}

std::vector<LivePage> list_by_path(sys::Reader& db, std::string_view list, int limit) {
    return read_all(db.query(listed("ORDER BY live_page.path LIMIT $2"), {std::string(list), std::int64_t{limit}}));
}

int find_rank(sys::Reader& db, std::string_view list, base::Instant published_at, base::PageId id, int most) {
    const auto row = db.find(
        "SELECT count(*) FROM (SELECT 1 FROM listing WHERE list = $1 AND (published_at, page_id) > ($2, $3) LIMIT $4) "
        "newer",
        {std::string(list), published_at.milliseconds, id.value, std::int64_t{most}});
    return static_cast<int>(row->integer(0)) + 1;
}

Beside find_beside(sys::Reader& db, std::string_view list, base::Instant published_at, base::PageId id) {
    const std::initializer_list<sys::Value> values{std::string(list), published_at.milliseconds, id.value};
    return {find_id(db,
                    "SELECT page_id FROM listing WHERE list = $1 AND (published_at, page_id) > ($2, $3) "
                    "ORDER BY published_at, page_id LIMIT 1",
                    values),
            find_id(db,
                    "SELECT page_id FROM listing WHERE list = $1 AND (published_at, page_id) < ($2, $3) "
                    "ORDER BY published_at DESC, page_id DESC LIMIT 1",
                    values)};
}

std::optional<Membership> find_before(sys::Reader& db, std::string_view list, base::Instant at) {
    return find_membership(db,
                           "SELECT list, published_at, place FROM listing WHERE list = $1 AND published_at < $2 "
                           "ORDER BY published_at DESC LIMIT 1",
                           {std::string(list), at.milliseconds});
}

std::optional<Membership> find_from(sys::Reader& db, std::string_view list, base::Instant at) {
    return find_membership(db,
                           "SELECT list, published_at, place FROM listing WHERE list = $1 AND published_at >= $2 "
                           "ORDER BY published_at LIMIT 1",
                           {std::string(list), at.milliseconds});
}

std::optional<std::int64_t> find_place_below(sys::Reader& db, std::string_view list, std::int64_t place) {
    return find_number(db, "SELECT max(place) FROM listing WHERE list = $1 AND place < $2", {std::string(list), place});
}

std::optional<std::int64_t> find_place_from(sys::Reader& db, std::string_view list, std::int64_t place) {
    return find_number(db, "SELECT min(place) FROM listing WHERE list = $1 AND place >= $2",
                       {std::string(list), place});
}

std::vector<LivePage> list_shard(sys::Reader& db, std::int64_t shard, std::int64_t limit) {
    return read_all(
        db.query(fmt::format("SELECT {} FROM live_page WHERE page_id >= $1 AND page_id < $2 ORDER BY page_id LIMIT $3",
                             kLiveColumns),
                 {shard * kShardPages, (shard + 1) * kShardPages, limit}));
}

std::vector<std::int64_t> list_shards(sys::Reader& db) {
    std::vector<std::int64_t> shards;
    // From one shard's first page to the next shard's: as many steps as there are shards.
    for (std::int64_t at = 0;;) {
        const auto next = find_number(db, "SELECT min(page_id) FROM live_page WHERE page_id >= $1", {at});
        if (!next) return shards;
        shards.push_back(*next / kShardPages);
        at = (*next / kShardPages + 1) * kShardPages;
    }
}

void refresh_live(sys::Transaction& tx, base::PageId id, base::Instant at) {
    const auto before = find_live(tx, id);
    Page page = load_page(tx, id);
    if (!page.live) {
        tx.execute("DELETE FROM listing WHERE page_id = $1", {id.value});
        tx.execute("DELETE FROM live_page WHERE page_id = $1", {id.value});
        return;
    }
    const Revision revision = load_revision(tx, page.live);
    const base::Instant published = before ? before->published_at : at;
    // What was approved for a path stays there: a page that was moved since goes to its new path with its next
    // revision.
    if (before && before->revision == revision.id) page.path = before->path;
    tx.execute(
        "INSERT INTO live_page (page_id, path, kind, title, description, revision_id, published_at, updated_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (page_id) DO UPDATE SET path = excluded.path, "
        "kind = excluded.kind, title = excluded.title, description = excluded.description, revision_id = "
        "excluded.revision_id, "
        "updated_at = excluded.updated_at",
        {id.value, page.path, std::string(kind_id(kind_of(page, revision.body))), revision.body.title,
         revision.body.description, revision.id.value, published.milliseconds,
         before && before->revision == revision.id ? before->updated_at.milliseconds : at.milliseconds});

    std::set<std::string> wanted = lists_of(tx, page, revision);
    for (const Membership& had : list_memberships(tx, id))
        if (wanted.erase(had.list) == 0)
            tx.execute("DELETE FROM listing WHERE list = $1 AND published_at = $2 AND page_id = $3",
                       {had.list, had.published_at.milliseconds, id.value});
    for (const std::string& list : wanted) {
        sys::Value place(nullptr);
        if (list.starts_with("list:")) {
            const auto highest = tx.find("SELECT max(place) FROM listing WHERE list = $1", {list});
            place = highest->maybe_integer(0).value_or(0) + 1;
        }
        tx.execute("INSERT INTO listing (list, published_at, page_id, place) VALUES ($1, $2, $3, $4)",
                   {list, published.milliseconds, id.value, place});
    }
}

// Few steps, so that a change marks few keys; every number of entries rounds up to one.
constexpr std::int64_t kLadder[] = {5, 10, 20, 50, 100, 200, kLongestNewest};

std::string newest_key(std::string_view list, std::int64_t limit) {
    for (const std::int64_t step : kLadder)
        if (limit <= step) return fmt::format("{}#{}", list, step);
    return std::string(list);
}

std::vector<std::string> newest_keys(std::string_view list, std::int64_t rank) {
    std::vector<std::string> keys{std::string(list)};
    for (const std::int64_t step : kLadder)
        if (rank <= step) keys.push_back(fmt::format("{}#{}", list, step));
    return keys;
}

}  // namespace content
