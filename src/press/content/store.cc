#include "press/content/store.h"

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "press/content/inner/page_words.h"
#include "press/content/kind.h"
#include "press/content/live.h"
#include "press/content/words.h"

namespace content {

namespace {

using base::Error;
using base::Kind;

// The text's successor among strings that start with it, for index ranges instead of LIKE: '/' + 1 is '0'.
std::string end_of_folder(std::string_view folder) {
    std::string end(folder);
    end.back() = '0';
    return end;
}

sys::Value nullable(std::int64_t id) {
    return id == 0 ? sys::Value(nullptr) : sys::Value(id);
}

base::Hash hash_from(const std::string& hex) {
    const auto hash = base::Hash::find_hex(hex);
    if (!hash) throw Error(Kind::Damaged, "the database holds a hash that is none; run `yakuba doctor`");
    return *hash;
}

constexpr std::string_view kSectionColumns =
    "id, path, title, parent_id, department_id, position, version, description, list_size, archive, archive_size, "
    "has_feed";
constexpr std::string_view kArchives[] = {"none", "month", "count"};

Section read_section(const sys::Row& row) {
    return {{row.integer(0)},
            row.text(1),
            row.text(2),
            {row.maybe_integer(3).value_or(0)},
            {row.maybe_integer(4).value_or(0)},
            row.integer(5),
            row.integer(6),
            row.text(7),
            row.integer(8),
            static_cast<Archive>(std::find(std::begin(kArchives), std::end(kArchives), row.text(9)) -
                                 std::begin(kArchives)),
            row.integer(10),
            row.flag(11)};
}

constexpr std::string_view kPageColumns =
    "id, path, section_id, kind, title, department_id, latest_revision_id, live_revision_id, encoding, document_hash, "
    "made_at, changed_at, live_since, version, language";

Page read_page(const sys::Row& row) {
    Page page;
    page.id = {row.integer(0)};
    page.path = row.text(1);
    page.section = {row.integer(2)};
    page.kind = row.text(3) == "taken-over" ? PageKind::TakenOver : PageKind::Composed;
    page.title = row.text(4);
    page.department = {row.maybe_integer(5).value_or(0)};
    page.latest = {row.maybe_integer(6).value_or(0)};
    page.live = {row.maybe_integer(7).value_or(0)};
    page.encoding = row.text(8);
    page.document = row.text(9).empty() ? base::Hash{} : hash_from(row.text(9));
    page.made_at = {row.integer(10)};
    page.changed_at = {row.integer(11)};
    page.live_since = {row.integer(12)};
    page.version = row.integer(13);
    page.language = row.text(14);
    return page;
}

constexpr std::string_view kRevisionColumns = "id, page_id, number, body, hash, author_id, made_at, based_on, note";

Revision read_revision(const sys::Row& row) {
    return {{row.integer(0)},
            {row.integer(1)},
            row.integer(2),
            parse_body(row.text(3)),
            hash_from(row.text(4)),
            {row.integer(5)},
            {row.integer(6)},
            {row.maybe_integer(7).value_or(0)},
            row.text(8)};
}

constexpr std::string_view kAssetColumns = "id, path, hash, size, type, charset, made_at, version";

Asset read_asset(const sys::Row& row) {
    return {{row.integer(0)}, row.text(1), hash_from(row.text(2)), row.integer(3),
            row.text(4),      row.text(5), {row.integer(6)},       row.integer(7)};
}

std::string select(std::string_view columns, std::string_view rest) {
    return fmt::format("SELECT {} FROM {}", columns, rest);
}

/// Throws Error(Conflict) unless the path is free: also of pages that are still public where they were before a move.
void need_free_path(sys::Reader& db, std::string_view path, base::PageId own = {}) {
    if (db.find("SELECT 1 FROM page WHERE path = $1 UNION SELECT 1 FROM asset WHERE path = $1 UNION "
                "SELECT 1 FROM live_page WHERE path = $1 AND page_id <> $2",
                {std::string(path), own.value}))
        throw Error(Kind::Conflict,
                    fmt::format("{} には、すでにページかファイルがあります。別の名前にしてください。", path));
}

/// The folder's own name: "juminhyo" of "kurashi/juminhyo/".
std::string folder_name(std::string_view path) {
    path.remove_suffix(1);
    const auto slash = path.rfind('/');
    return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

/// The page's own row says title and kind of its latest revision.
void set_latest_row(sys::Transaction& tx, const Page& page, base::RevisionId revision, const Body& body,
                    base::Instant at) {
    if (body.title != page.title) change_words(tx, page.id, body.title, page.path);
    tx.execute(
        "UPDATE page SET latest_revision_id = $1, title = $2, kind = $3, changed_at = $4, version = version + 1 "
        "WHERE id = $5",
        {revision.value, body.title, std::string(kind_id(kind_of(page, body))), at.milliseconds, page.id.value});
}

Revision insert_revision(sys::Transaction& tx, const Page& page, const NewRevision& made, std::int64_t number) {
    const base::Hash hash = revision_hash(page.path, page.document, made.body);
    const std::int64_t id = tx.insert(
        "INSERT INTO revision (page_id, number, title, body, hash, author_id, made_at, based_on, note) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
        {page.id.value, number, made.body.title, write_body(made.body), hash.hex(), made.author.value,
         made.made_at.milliseconds, nullable(made.based_on.value), made.note});
    set_latest_row(tx, page, {id}, made.body, made.made_at);
    return {{id}, page.id, number, made.body, hash, made.author, made.made_at, made.based_on, made.note};
}

}  // namespace

base::SectionId ensure_section(sys::Transaction& tx, std::string_view path) {
    if (const auto row = tx.find("SELECT id FROM section WHERE path = $1", {std::string(path)}))
        return {row->integer(0)};
    base::SectionId parent;
    if (!path.empty()) parent = ensure_section(tx, section_path(path.substr(0, path.size() - 1)));
    return {tx.insert(
        "INSERT INTO section (path, title, parent_id) VALUES ($1, $2, $3) RETURNING id",
        {std::string(path), path.empty() ? std::string("トップ") : folder_name(path), nullable(parent.value)})};
}

void change_section(sys::Transaction& tx, const Section& section) {
    const auto changed = tx.execute(
        "UPDATE section SET title = $1, department_id = $2, position = $3, description = $4, list_size = $5, "
        "archive = $6, archive_size = $7, has_feed = $8, version = version + 1 WHERE id = $9 AND version = $10",
        {section.title, nullable(section.department.value), section.position, section.description, section.list_size,
         std::string(kArchives[static_cast<std::size_t>(section.archive)]), section.archive_size,
         std::int64_t{section.has_feed}, section.id.value, section.version});
    if (changed == 0) throw Error(Kind::Conflict, "この区分は、ほかの人が先に変更しました。開き直してください。");
}

std::optional<Section> find_section(sys::Reader& db, std::string_view path) {
    const auto row = db.find(select(kSectionColumns, "section WHERE path = $1"), {std::string(path)});
    if (!row) return std::nullopt;
    return read_section(*row);
}

std::optional<Section> find_section(sys::Reader& db, base::SectionId id) {
    const auto row = db.find(select(kSectionColumns, "section WHERE id = $1"), {id.value});
    if (!row) return std::nullopt;
    return read_section(*row);
}

std::vector<Section> list_sections(sys::Reader& db, base::SectionId parent) {
    std::vector<Section> sections;
    for (const sys::Row& row :
         db.query(select(kSectionColumns, "section WHERE parent_id = $1 ORDER BY position, path"), {parent.value}))
        sections.push_back(read_section(row));
    return sections;
}

Page add_page(sys::Transaction& tx, const NewPage& made) {
    const base::SectionId section = ensure_section(tx, section_path(made.path));
    need_free_path(tx, made.path);
    const std::string document = made.kind == PageKind::TakenOver ? made.document.hex() : std::string();
    const std::int64_t id = tx.insert(
        "INSERT INTO page (path, section_id, kind, title, department_id, encoding, document_hash, made_at, changed_at, "
        "language) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9) RETURNING id",
        {made.path, section.value, std::string(kind_id(made.kind)), made.body.title, nullable(made.department.value),
         made.encoding, document, made.made_at.milliseconds, made.language});
    add_words(tx, {id}, made.body.title, made.path);
    Page page = load_page(tx, {id});
    const Revision first = insert_revision(tx, page, {page.id, made.body, made.author, made.made_at, {}, made.note}, 1);
    page.latest = first.id;
    page.version += 1;
    return page;
}

Revision add_revision(sys::Transaction& tx, const NewRevision& made) {
    const Page page = load_page(tx, made.page);
    if (page.latest != made.based_on)
        throw Error(Kind::Conflict, "このページは、ほかの人が先に保存しました。両方の内容を見比べてください。");
    const auto newest = tx.find("SELECT max(number) FROM revision WHERE page_id = $1", {page.id.value});
    return insert_revision(tx, page, made, newest->maybe_integer(0).value_or(0) + 1);
}

Revision replace_revision(sys::Transaction& tx, base::RevisionId id, const Body& body, base::Instant at) {
    Revision revision = load_revision(tx, id);
    const Page page = load_page(tx, revision.page);
    if (page.latest != id || page.live == id)
        throw Error(Kind::Conflict, "この版は、もう書き換えられません。新しい版として保存してください。");
    revision.body = body;
    revision.hash = revision_hash(page.path, page.document, body);
    revision.made_at = at;
    tx.execute("UPDATE revision SET title = $1, body = $2, hash = $3, made_at = $4 WHERE id = $5",
               {body.title, write_body(body), revision.hash.hex(), at.milliseconds, id.value});
    set_latest_row(tx, page, id, body, at);
    return revision;
}

void set_latest(sys::Transaction& tx, base::PageId page, base::RevisionId revision, base::Instant at) {
    const Revision earlier = load_revision(tx, revision);
    if (earlier.page != page) throw Error(Kind::Bug, "a page cannot go on from another page's revision");
    set_latest_row(tx, load_page(tx, page), revision, earlier.body, at);
}

void set_live(sys::Transaction& tx, base::PageId page, base::RevisionId revision, base::Instant at) {
    const auto changed =
        tx.execute("UPDATE page SET live_revision_id = $1, live_since = $2, version = version + 1 WHERE id = $3",
                   {nullable(revision.value), at.milliseconds, page.value});
    if (changed == 0) throw Error(Kind::NotFound, fmt::format("page {} is not there", page.value));
    refresh_live(tx, page, at);
}

void move_page(sys::Transaction& tx, base::PageId page, std::string_view path, base::Instant at) {
    need_free_path(tx, path, page);
    const base::SectionId section = ensure_section(tx, section_path(path));
    tx.execute("UPDATE page SET path = $1, section_id = $2, changed_at = $3, version = version + 1 WHERE id = $4",
               {std::string(path), section.value, at.milliseconds, page.value});
    change_words(tx, page, load_page(tx, page).title, path);
}

void set_department(sys::Transaction& tx, base::PageId page, base::DepartmentId department) {
    tx.execute("UPDATE page SET department_id = $1, version = version + 1 WHERE id = $2",
               {nullable(department.value), page.value});
}

std::optional<Page> find_page(sys::Reader& db, base::PageId id) {
    const auto row = db.find(select(kPageColumns, "page WHERE id = $1"), {id.value});
    if (!row) return std::nullopt;
    return read_page(*row);
}

std::optional<Page> find_page(sys::Reader& db, std::string_view path) {
    const auto row = db.find(select(kPageColumns, "page WHERE path = $1"), {std::string(path)});
    if (!row) return std::nullopt;
    return read_page(*row);
}

Page load_page(sys::Reader& db, base::PageId id) {
    auto page = find_page(db, id);
    if (!page) throw Error(Kind::NotFound, fmt::format("ページ（番号 {}）は見つかりません。", id.value));
    return std::move(*page);
}

std::optional<Revision> find_revision(sys::Reader& db, base::RevisionId id) {
    const auto row = db.find(select(kRevisionColumns, "revision WHERE id = $1"), {id.value});
    if (!row) return std::nullopt;
    return read_revision(*row);
}

Revision load_revision(sys::Reader& db, base::RevisionId id) {
    auto revision = find_revision(db, id);
    if (!revision) throw Error(Kind::NotFound, fmt::format("版（番号 {}）は見つかりません。", id.value));
    return std::move(*revision);
}

std::vector<Revision> list_revisions(sys::Reader& db, base::PageId page, int limit) {
    std::vector<Revision> revisions;
    for (const sys::Row& row :
         db.query("SELECT id, page_id, number, title, hash, author_id, made_at, based_on, note FROM revision "
                  "WHERE page_id = $1 ORDER BY number DESC LIMIT $2",
                  {page.value, std::int64_t{limit}})) {
        Revision revision;
        revision.id = {row.integer(0)};
        revision.page = {row.integer(1)};
        revision.number = row.integer(2);
        revision.body.title = row.text(3);
        revision.hash = hash_from(row.text(4));
        revision.author = {row.integer(5)};
        revision.made_at = {row.integer(6)};
        revision.based_on = {row.maybe_integer(7).value_or(0)};
        revision.note = row.text(8);
        revisions.push_back(std::move(revision));
    }
    return revisions;
}

std::int64_t count_pages(sys::Reader& db) {
    return db.find("SELECT count(*) FROM page")->integer(0);
}

void set_regions(sys::Transaction& tx, base::PageId page, std::span<const Region> regions) {
    tx.execute("DELETE FROM page_region WHERE page_id = $1", {page.value});
    for (const Region& region : regions)
        tx.execute("INSERT INTO page_region (page_id, name, begin_at, end_at, context) VALUES ($1, $2, $3, $4, $5)",
                   {page.value, region.name, region.begin, region.end, region.context});
}

std::vector<Region> list_regions(sys::Reader& db, base::PageId page) {
    std::vector<Region> regions;
    for (const sys::Row& row :
         db.query("SELECT name, begin_at, end_at, context FROM page_region WHERE page_id = $1 ORDER BY begin_at",
                  {page.value}))
        regions.push_back({row.text(0), row.integer(1), row.integer(2), row.text(3)});
    return regions;
}

Asset put_asset(sys::Transaction& tx, const NewAsset& made) {
    if (tx.find("SELECT 1 FROM page WHERE path = $1 UNION SELECT 1 FROM live_page WHERE path = $1", {made.path}))
        throw Error(Kind::Conflict, fmt::format("{} には、すでにページがあります。", made.path));
    const std::int64_t id = tx.insert(
        "INSERT INTO asset (path, hash, size, type, charset, made_at) VALUES ($1, $2, $3, $4, $5, $6) "
        "ON CONFLICT (path) DO UPDATE SET hash = excluded.hash, size = excluded.size, type = excluded.type, "
        "charset = excluded.charset, made_at = excluded.made_at, version = asset.version + 1 RETURNING id",
        {made.path, made.hash.hex(), made.size, made.type, made.charset, made.made_at.milliseconds});
    return *find_asset(tx, base::AssetId{id});
}

bool remove_asset(sys::Transaction& tx, base::AssetId id) {
    return tx.execute("DELETE FROM asset WHERE id = $1", {id.value}) > 0;
}

std::optional<Asset> find_asset(sys::Reader& db, base::AssetId id) {
    const auto row = db.find(select(kAssetColumns, "asset WHERE id = $1"), {id.value});
    if (!row) return std::nullopt;
    return read_asset(*row);
}

std::optional<Asset> find_asset(sys::Reader& db, std::string_view path) {
    const auto row = db.find(select(kAssetColumns, "asset WHERE path = $1"), {std::string(path)});
    if (!row) return std::nullopt;
    return read_asset(*row);
}

std::int64_t count_assets(sys::Reader& db) {
    return db.find("SELECT count(*) FROM asset")->integer(0);
}

PageList list_pages(sys::Reader& db, const PageFilter& filter) {
    std::string where;
    std::vector<sys::Value> values;
    const auto also = [&](std::string_view condition, std::initializer_list<sys::Value> added) {
        std::string text(condition);
        for (const sys::Value& value : added) {
            values.push_back(value);
            text.replace(text.find('?'), 1, fmt::format("${}", values.size()));
        }
        where += (where.empty() ? " WHERE " : " AND ") + text;
    };
    if (filter.only_direct)
        also("section_id = (SELECT id FROM section WHERE path = ?)", {filter.under});
    else if (!filter.under.empty())
        also("path >= ? AND path < ?", {filter.under, end_of_folder(filter.under)});
    if (filter.department) also("department_id = ?", {filter.department.value});
    if (filter.is_live) also(*filter.is_live ? "live_revision_id IS NOT NULL" : "live_revision_id IS NULL", {});
    std::string from = "page";
    if (const auto words = words_of(filter.words); !words.empty()) {
        WordSearch search = search_words(db.engine(), words, [&](std::string value) {
            values.emplace_back(std::move(value));
            return fmt::format("${}", values.size());
        });
        from = std::move(search.from);
        for (const std::string& condition : search.conditions) also(condition, {});
    } else if (!base::trim(filter.words).empty()) {
        return {};  // signs alone, which stand nowhere
    }
    // Lists go on after the last row seen, never by OFFSET: the thousandth page costs what the first does.
    const auto separator = filter.after.rfind('|');
    if (!filter.after.empty() && separator != std::string::npos) {
        const std::string key = filter.after.substr(0, separator);
        const std::int64_t id = std::strtoll(filter.after.c_str() + separator + 1, nullptr, 10);
        switch (filter.order) {
            case Order::Path:
                also("path > ?", {key});
                break;
            case Order::Changed:
                also("(changed_at, id) < (?, ?)", {std::int64_t{std::strtoll(key.c_str(), nullptr, 10)}, id});
                break;
            case Order::Title:
                also("(title, id) > (?, ?)", {key, id});
                break;
        }
    }
    const std::string_view order = filter.order == Order::Path      ? "path"
                                   : filter.order == Order::Changed ? "changed_at DESC, id DESC"
                                                                    : "title, id";
    values.emplace_back(std::int64_t{filter.limit} + 1);
    PageList list;
    for (const sys::Row& row : db.query(
             fmt::format("SELECT {} FROM {}{} ORDER BY {} LIMIT ${}", kPageColumns, from, where, order, values.size()),
             values))
        list.pages.push_back(read_page(row));
    if (list.pages.size() > static_cast<std::size_t>(filter.limit)) {
        list.pages.pop_back();
        const Page& last = list.pages.back();
        const std::string key = filter.order == Order::Path      ? last.path
                                : filter.order == Order::Changed ? std::to_string(last.changed_at.milliseconds)
                                                                 : last.title;
        list.next = fmt::format("{}|{}", key, last.id.value);
    }
    return list;
}

}  // namespace content
