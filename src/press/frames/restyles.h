// Requests to make the pages of an accepted group anew from a page type: who asked, over which hash, what was decided,
// and which revision of each page came before and after. Two people are the caller's rule; here a state only moves on
// from the one that was seen.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ground/base/hash.h"
#include "press/frames/store.h"

namespace frames {

using RestyleId = base::Id<struct FrameRestyleTag>;

/// Where the text of one region of the old pages goes: a field of the page type ("body", "notes"), or "" = nowhere.
struct Placing {
    std::string region;
    std::string field;
    bool operator==(const Placing&) const = default;
};
/// In any order; a region that is not named goes by the rule of whoever makes the plan.
using Mapping = std::vector<Placing>;
std::string mapping_text(const Mapping& mapping);  ///< "main=body&side="
Mapping read_mapping(std::string_view text);       ///< what mapping_text wrote; anything else in it is left out

enum class RestyleState { Submitted, Returned, Live, TakenBack };
std::string_view restyle_state_id(RestyleState state);  ///< "submitted", "returned", "live", "taken-back"

struct Restyle {
    RestyleId id;
    GroupId group;
    std::string page_type;  ///< the template's name: "article"
    RestyleState state = RestyleState::Submitted;
    base::Hash hash;  ///< over all revisions that are to come
    std::int64_t pages = 0;
    base::PersonId asked_by;
    base::Instant asked_at;
    base::PersonId decided_by;  ///< 0 = nobody
    base::Instant decided_at;
    std::string reason;  ///< of returning or taking back
    std::string note;    ///< why it is asked for
    Mapping mapping;     ///< of requests since there is a choice; empty = by the rule
};

/// Throws Error(Conflict) while another request for the group waits.
RestyleId add_restyle(sys::Transaction& tx, const Restyle& made);
std::optional<Restyle> find_restyle(sys::Reader& db, RestyleId id);
/// Newest first.
std::vector<Restyle> list_restyles(sys::Reader& db, GroupId group, int limit);
/// Of all groups, those that nobody has decided yet; the oldest first.
std::vector<Restyle> list_waiting_restyles(sys::Reader& db);

struct Decided {
    RestyleState from, to;
    base::PersonId by;
    base::Instant at;
    std::string reason;
    std::int64_t pages = 0;
};
/// Throws Error(Conflict) when it does not stand at `from`.
void decide_restyle(sys::Transaction& tx, RestyleId id, const Decided& decided);

struct RestyledPage {
    base::PageId page;
    base::RevisionId before, after;
};
void add_restyled_page(sys::Transaction& tx, RestyleId id, const RestyledPage& page);
/// In order of their numbers.
std::vector<RestyledPage> list_restyled_pages(sys::Reader& db, RestyleId id);

}  // namespace frames
