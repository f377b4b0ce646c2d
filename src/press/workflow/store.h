// Standings, approvals, emergency publications, who is asked, and routes, as they are kept. A change carries the
// version that it was made from; Error(Conflict) says that somebody else was first. Ledger lines are written by the
// caller's journey, in the same transaction (`note`).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ground/sys/database.h"
#include "press/workflow/moves.h"

namespace workflow {

std::span<const sys::Migration> migrations();

/// A page with which nothing was ever done here stands at None, version 0.
Standing find_standing(sys::Reader& db, base::PageId page);
/// Of many, in the order of `pages`.
std::vector<Standing> list_standings(sys::Reader& db, std::span<const base::PageId> pages);
/// Stores `changed`, whose `version` is the one that it was made from, and returns it with its new version. Also keeps
/// what is due (`list_due`) and, unless it is submitted, forgets who was asked.
/// Throws Error(Conflict).
Standing set_standing(sys::Transaction& tx, Standing changed, base::Instant at);

enum class Said { Yes, Returned, YesAfterwards };
std::string_view said_id(Said said);  ///< "approve", "return", "approve-afterwards"

/// One person's word on one revision. It names the revision's hash, attachments included.
struct Approval {
    std::int64_t id = 0;
    base::PageId page;
    base::RevisionId revision;
    base::Hash hash;
    Matter matter = Matter::Publish;
    std::int64_t round = 0;
    std::size_t step = 0;
    std::uint32_t groups = 0;  ///< of the step, for which this is the yes: bits
    PersonId person;
    PersonId on_behalf_of;  ///< 0 = in their own right
    Said said = Said::Yes;
    std::string comment;
    base::Instant at;
};
void add_approval(sys::Transaction& tx, const Approval& made);
/// Newest first.
std::vector<Approval> list_approvals(sys::Reader& db, base::PageId page, int limit);
/// The yeses at the step that is asked now, to exactly what is asked.
struct Agreed {
    std::vector<PersonId> people;
    std::uint32_t groups = 0;
};
Agreed find_agreed(sys::Reader& db, const Standing& standing);
/// Who said yes at an earlier step of the same round.
std::vector<PersonId> list_agreed_earlier(sys::Reader& db, const Standing& standing);

/// A publication without approval; open until somebody else has approved it.
struct Emergency {
    std::int64_t id = 0;
    base::PageId page;
    base::RevisionId revision;
    base::Hash hash;
    PersonId person;
    std::string reason;
    base::Instant at;
    std::vector<PersonId> writers;  ///< who wrote what it made public
    PersonId approved_by;           ///< 0 while it is open
    base::Instant approved_at;
    std::vector<base::Finding> findings;  ///< what the checks said, for those who look at it afterwards
};
std::int64_t add_emergency(sys::Transaction& tx, const Emergency& made);
/// Throws Error(Conflict) when somebody has approved it already.
void close_emergency(sys::Transaction& tx, std::int64_t id, PersonId by, base::Instant at);
std::optional<Emergency> find_open_emergency(sys::Reader& db, base::PageId page);  ///< the oldest
std::vector<Emergency> list_open_emergencies(sys::Reader& db, int limit);          ///< oldest first
std::vector<Emergency> list_emergencies(sys::Reader& db, base::PageId page, int limit);

/// Who is asked at a page's present step. What an approver's list and the notices read; `decide` does not: it looks at
/// the people anew. `flow::refresh_requests` brings it up to date when people change.
void set_asked(sys::Transaction& tx, base::PageId page, std::span<const Candidate> asked);
std::vector<Candidate> list_asked(sys::Reader& db, base::PageId page);

enum class List {
    Drafts,     ///< mine
    Returned,   ///< to me
    ToApprove,  ///< I am asked
    Submitted,  ///< by me, others are asked
    Approved,   ///< mine, waiting for somebody to publish them
    Scheduled   ///< mine
};
constexpr std::size_t kLists = 6;
struct StandingList {
    std::vector<Standing> standings;  ///< newest change first
    std::string next;                 ///< for `after`; "" = that was all
};
StandingList list_waiting(sys::Reader& db, List list, PersonId person, std::string_view after, int limit);
std::int64_t count_waiting(sys::Reader& db, List list, PersonId person);
/// All pages in a state, of anybody; newest change first.
StandingList list_in_state(sys::Reader& db, State state, std::string_view after, int limit);

/// A page with which the clock's work fails.
struct Stuck {
    base::PageId page;
    std::string problem;
    base::Instant since;
    std::int64_t attempts = 0;
    base::Instant retry_at;
};
/// Keeps `list_due` from naming the page for a minute, and longer each time (at most an hour). Returns how often it has
/// failed by now.
std::int64_t note_stuck(sys::Transaction& tx, base::PageId page, std::string_view problem, base::Instant now);
void clear_stuck(sys::Transaction& tx, base::PageId page);
/// Those that are still due, the oldest first.
std::vector<Stuck> list_stuck(sys::Reader& db, base::Instant now, int limit);

/// What the clock has made due: pages to publish or to take down, oldest first, without those that are stuck.
std::vector<base::PageId> list_due(sys::Reader& db, base::Instant now, int limit);
std::optional<base::Instant> next_due(sys::Reader& db);

/// Notes the public paths of a live page's attachments, so that no two pages bring out the same path. Returns the page
/// that has one of them already, and then changes nothing. An empty list lets go of all.
std::optional<base::PageId> claim_paths(sys::Transaction& tx, base::PageId page, std::span<const std::string> paths);
std::optional<base::PageId> find_claim(sys::Reader& db, std::string_view path);

/// One of the paths that a request would bring out, and the page that has it or has asked for it before.
struct Wanted {
    std::string path;
    base::PageId page;
};
/// Notes the paths of the attachments of what is being submitted, until the page is neither asked for, approved nor
/// planned any more (`set_standing`). When another page is first, says so and changes nothing.
std::optional<Wanted> want_paths(sys::Transaction& tx, base::PageId page, std::span<const std::string> paths);
std::optional<base::PageId> find_want(sys::Reader& db, std::string_view path);

std::vector<Route> list_routes(sys::Reader& db);
std::optional<Route> find_route(sys::Reader& db, std::int64_t id);
/// Id 0 adds one. Throws Error(BadInput) with find_fault's words; Error(Conflict) for an old version or when another
/// route has the same section, department and kind. Writes the ledger line.
Route save_route(sys::Transaction& tx, Route route, const people::By& by);
void remove_route(sys::Transaction& tx, std::int64_t id, std::int64_t version, const people::By& by);

}  // namespace workflow
