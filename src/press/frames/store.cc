#include "press/frames/store.h"

#include "ground/base/error.h"

namespace frames {

using base::Error;
using base::Kind;

namespace {

constexpr std::string_view kGroup =
    "SELECT id, state, selector, proposed, pages, covered, found_at, version FROM frame_group";
constexpr std::string_view kPart = "SELECT id, group_id, kind, selector, present, same, looked_at FROM frame_part";

StoredGroup read_group(const sys::Row& row) {
    return {{row.integer(0)}, row.text(1) == "accepted" ? GroupState::Accepted : GroupState::Proposed,
            row.text(2),      row.text(3),
            row.integer(4),   row.integer(5),
            {row.integer(6)}, row.integer(7)};
}

StoredPart read_part(const sys::Row& row) {
    return {{row.integer(0)}, {row.integer(1)}, row.text(2),   row.text(3),
            row.integer(4),   row.integer(5),   row.integer(6)};
}

}  // namespace

std::string_view group_state_id(GroupState state) {
    return state == GroupState::Accepted ? "accepted" : "proposed";
}

void replace_proposals(sys::Transaction& tx, std::span<const NewGroup> groups, base::Instant at) {
    tx.execute("DELETE FROM frame_page WHERE group_id IN (SELECT id FROM frame_group WHERE state = 'proposed')");
    tx.execute("DELETE FROM frame_part WHERE group_id IN (SELECT id FROM frame_group WHERE state = 'proposed')");
    tx.execute("DELETE FROM frame_group WHERE state = 'proposed'");
    for (const NewGroup& made : groups) {
        const std::int64_t id = tx.insert(
            "INSERT INTO frame_group (state, selector, proposed, pages, covered, found_at) VALUES ('proposed', $1, $1, "
            "$2, "
            "$3, $4) RETURNING id",
            {made.selector, static_cast<std::int64_t>(made.pages.size()), made.covered, at.milliseconds});
        std::int64_t position = 0;
        for (const StoredPart& part : made.parts)
            tx.execute(
                "INSERT INTO frame_part (group_id, position, kind, selector, present, same, looked_at) VALUES ($1, $2, "
                "$3, "
                "$4, $5, $6, $7)",
                {id, position++, part.kind, part.selector, part.present, part.same, part.looked_at});
        for (const auto& [page, is_covered] : made.pages)
            tx.execute("INSERT INTO frame_page (page_id, group_id, is_covered) VALUES ($1, $2, $3)",
                       {page.value, id, std::int64_t{is_covered}});
    }
}

void set_accepted(sys::Transaction& tx, GroupId id, std::int64_t version, std::string_view selector,
                  std::span<const base::PageId> covered) {
    if (tx.execute(
            "UPDATE frame_group SET state = 'accepted', selector = $1, covered = $2, version = version + 1 WHERE id "
            "= $3 AND version = $4",
            {std::string(selector), static_cast<std::int64_t>(covered.size()), id.value, version}) == 0)
        throw Error(Kind::Conflict,
                    "この枠は、ほかの人が先に変更したか、調べ直されました。一覧から開き直してください。");
    tx.execute("UPDATE frame_page SET is_covered = 0 WHERE group_id = $1", {id.value});
    for (const base::PageId page : covered)
        tx.execute("UPDATE frame_page SET is_covered = 1 WHERE page_id = $1 AND group_id = $2", {page.value, id.value});
}

void add_member(sys::Transaction& tx, GroupId id, base::PageId page, bool is_covered) {
    tx.execute("DELETE FROM frame_page WHERE page_id = $1", {page.value});
    tx.execute("INSERT INTO frame_page (page_id, group_id, is_covered) VALUES ($1, $2, $3)",
               {page.value, id.value, std::int64_t{is_covered}});
    tx.execute("UPDATE frame_group SET pages = pages + 1, covered = covered + $1 WHERE id = $2",
               {std::int64_t{is_covered}, id.value});
}

std::vector<StoredGroup> list_groups(sys::Reader& db) {
    std::vector<StoredGroup> groups;
    for (const sys::Row& row : db.query(std::string(kGroup) + " ORDER BY pages DESC, id"))
        groups.push_back(read_group(row));
    return groups;
}

std::optional<StoredGroup> find_group(sys::Reader& db, GroupId id) {
    const auto row = db.find(std::string(kGroup) + " WHERE id = $1", {id.value});
    if (!row) return std::nullopt;
    return read_group(*row);
}

std::optional<GroupId> find_group_of(sys::Reader& db, base::PageId page) {
    const auto row = db.find("SELECT group_id FROM frame_page WHERE page_id = $1", {page.value});
    if (!row) return std::nullopt;
    return GroupId{row->integer(0)};
}

std::vector<StoredPart> list_parts(sys::Reader& db, GroupId id) {
    std::vector<StoredPart> parts;
    for (const sys::Row& row : db.query(std::string(kPart) + " WHERE group_id = $1 ORDER BY position", {id.value}))
        parts.push_back(read_part(row));
    return parts;
}

std::optional<StoredPart> find_part(sys::Reader& db, PartId id) {
    const auto row = db.find(std::string(kPart) + " WHERE id = $1", {id.value});
    if (!row) return std::nullopt;
    return read_part(*row);
}

std::vector<Member> list_members(sys::Reader& db, GroupId id, base::PageId after, int limit) {
    std::vector<Member> members;
    for (const sys::Row& row :
         db.query("SELECT page_id, is_covered FROM frame_page WHERE group_id = $1 AND page_id > $2 "
                  "ORDER BY page_id LIMIT $3",
                  {id.value, after.value, std::int64_t{limit}}))
        members.push_back({{row.integer(0)}, row.flag(1)});
    return members;
}

std::vector<base::PageId> list_uncovered(sys::Reader& db, GroupId id, int limit) {
    std::vector<base::PageId> pages;
    for (const sys::Row& row :
         db.query("SELECT page_id FROM frame_page WHERE group_id = $1 AND is_covered = 0 ORDER BY page_id LIMIT $2",
                  {id.value, std::int64_t{limit}}))
        pages.push_back({row.integer(0)});
    return pages;
}

std::vector<base::PageId> list_accepted_pages(sys::Reader& db) {
    std::vector<base::PageId> pages;
    for (const sys::Row& row : db.query(
             "SELECT page_id FROM frame_page WHERE group_id IN (SELECT id FROM frame_group WHERE state = 'accepted') "
             "ORDER BY page_id"))
        pages.push_back({row.integer(0)});
    return pages;
}

}  // namespace frames
