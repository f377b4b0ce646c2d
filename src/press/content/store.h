// The only way to the tables of sections, pages, revisions, regions and assets. Functions that take a Transaction
// write; a `version` argument is the one that the caller last saw, and a stale one is refused with Error(Conflict).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "ground/sys/database.h"
#include "press/content/model.h"

namespace content {

std::span<const sys::Migration> migrations();

struct NewPage {
    std::string path;
    PageKind kind = PageKind::Composed;
    base::DepartmentId department;
    std::string encoding = "utf-8";
    std::string language = "ja";
    base::Hash document;
    Body body;
    base::PersonId author;
    base::Instant made_at;
    std::string note;
};

struct NewRevision {
    base::PageId page;
    Body body;
    base::PersonId author;
    base::Instant made_at;
    base::RevisionId based_on;
    std::string note;
};

struct NewAsset {
    std::string path;
    base::Hash hash;
    std::int64_t size = 0;
    std::string type;
    std::string charset;
    base::Instant made_at;
};

/// The section at `path`, made with its parents when it is not there (their titles are then their folder names).
base::SectionId ensure_section(sys::Transaction& tx, std::string_view path);
void change_section(sys::Transaction& tx, const Section& section);
std::optional<Section> find_section(sys::Reader& db, std::string_view path);
std::optional<Section> find_section(sys::Reader& db, base::SectionId id);
std::vector<Section> list_sections(sys::Reader& db, base::SectionId parent);

/// The page with its first revision, not live. Throws Error(Conflict) when the path is taken.
Page add_page(sys::Transaction& tx, const NewPage& made);
/// A further revision becomes the page's latest. Throws Error(Conflict) when `based_on` is no longer the latest:
/// somebody else has saved since, and nothing may be overwritten unseen.
Revision add_revision(sys::Transaction& tx, const NewRevision& made);
/// Replaces what the latest revision says, as autosave does; only its own author may, and only while no step of the
/// workflow names it (the caller sees to that). Its hash changes with it.
Revision replace_revision(sys::Transaction& tx, base::RevisionId id, const Body& body, base::Instant at);
/// The page goes on from an earlier revision of its own; later ones stay in the history, and numbers are not used
/// again.
void set_latest(sys::Transaction& tx, base::PageId page, base::RevisionId revision, base::Instant at);
/// Makes `revision` (0 = none) the page's live one.
void set_live(sys::Transaction& tx, base::PageId page, base::RevisionId revision, base::Instant at);
/// Moves the page to a free path. Its revisions' hashes name the old path; the caller makes a new revision. What is
/// live stays public at the old path until that one is published (flow::change_live then leaves a redirect there).
void move_page(sys::Transaction& tx, base::PageId page, std::string_view path, base::Instant at);
void set_department(sys::Transaction& tx, base::PageId page, base::DepartmentId department);

std::optional<Page> find_page(sys::Reader& db, base::PageId id);
std::optional<Page> find_page(sys::Reader& db, std::string_view path);
/// Throws Error(NotFound).
Page load_page(sys::Reader& db, base::PageId id);
std::optional<Revision> find_revision(sys::Reader& db, base::RevisionId id);
Revision load_revision(sys::Reader& db, base::RevisionId id);
/// Newest first, without their bodies' parts.
std::vector<Revision> list_revisions(sys::Reader& db, base::PageId page, int limit);

enum class Order { Path, Changed, Title };
struct PageFilter {
    std::string under;         ///< section path; "" = the whole site
    bool only_direct = false;  ///< pages of that section itself, not of those below
    std::string words;         ///< parts of title or path; words.h says how they are compared
    base::DepartmentId department;
    std::optional<bool> is_live;
    Order order = Order::Path;
    std::string after;  ///< where the last page of the list ended (`PageList::next`); "" = from the start
    int limit = 50;
};
struct PageList {
    std::vector<Page> pages;
    std::string next;  ///< "" = that was all
};
PageList list_pages(sys::Reader& db, const PageFilter& filter);
std::int64_t count_pages(sys::Reader& db);

void set_regions(sys::Transaction& tx, base::PageId page, std::span<const Region> regions);
std::vector<Region> list_regions(sys::Reader& db, base::PageId page);

/// Adds an asset, or gives the path new bytes.
Asset put_asset(sys::Transaction& tx, const NewAsset& made);
bool remove_asset(sys::Transaction& tx, base::AssetId id);
std::optional<Asset> find_asset(sys::Reader& db, base::AssetId id);
std::optional<Asset> find_asset(sys::Reader& db, std::string_view path);
std::int64_t count_assets(sys::Reader& db);

}  // namespace content
