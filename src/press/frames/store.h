// What was proposed, and what an administrator made of it: groups of taken-over pages, the selector of their region,
// and the parts around it. An accepted group stays when pages are compared anew; proposals are replaced.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ground/base/ids.h"
#include "ground/base/time.h"
#include "ground/sys/database.h"

namespace frames {

std::span<const sys::Migration> migrations();

using GroupId = base::Id<struct FrameGroupTag>;
using PartId = base::Id<struct FramePartTag>;

enum class GroupState { Proposed, Accepted };
std::string_view group_state_id(GroupState state);  ///< "proposed", "accepted"

struct StoredGroup {
    GroupId id;
    GroupState state = GroupState::Proposed;
    std::string selector;  ///< "" = no region
    std::string proposed;  ///< the selector that the comparison gave
    std::int64_t pages = 0;
    std::int64_t covered = 0;  ///< proposed: the selector finds the region; accepted: pages that can be edited
    base::Instant found_at;
    std::int64_t version = 0;
};

struct StoredPart {
    PartId id;
    GroupId group;
    std::string kind;  ///< "header", "navigation", "footer"
    std::string selector;
    std::int64_t present = 0, same = 0, looked_at = 0;
};

struct NewGroup {
    std::string selector;
    std::int64_t covered = 0;
    std::vector<StoredPart> parts;                     ///< ids are ignored
    std::vector<std::pair<base::PageId, bool>> pages;  ///< and whether the region was found in it
};

/// Replaces the proposals. Pages of an accepted group stay in it; those of `groups` must not name them.
void replace_proposals(sys::Transaction& tx, std::span<const NewGroup> groups, base::Instant at);
/// The selector that is to count from now on, with what came of it. Throws Error(Conflict) for an old version.
void set_accepted(sys::Transaction& tx, GroupId id, std::int64_t version, std::string_view selector,
                  std::span<const base::PageId> covered);

/// A page that was made in the group's frame, or found to belong to it.
void add_member(sys::Transaction& tx, GroupId id, base::PageId page, bool is_covered);

/// The largest first.
std::vector<StoredGroup> list_groups(sys::Reader& db);
std::optional<StoredGroup> find_group(sys::Reader& db, GroupId id);
std::optional<GroupId> find_group_of(sys::Reader& db, base::PageId page);
std::vector<StoredPart> list_parts(sys::Reader& db, GroupId id);
std::optional<StoredPart> find_part(sys::Reader& db, PartId id);

struct Member {
    base::PageId page;
    bool is_covered = false;
};
/// In order of their numbers, from above `after`.
std::vector<Member> list_members(sys::Reader& db, GroupId id, base::PageId after, int limit);
/// Of those in which the region is not found.
std::vector<base::PageId> list_uncovered(sys::Reader& db, GroupId id, int limit);
std::vector<base::PageId> list_accepted_pages(sys::Reader& db);

}  // namespace frames
