// The cutover of a site, kept in watch.db: the plan and its versions, each path of the old server with what its
// comparison said, what people accepted and ticked, the papers, and how far the switch has come. Every act of a person
// is one transaction with its line in the watch's ledger.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ground/sys/database.h"
#include "ground/sys/extract.h"
#include "watch/cutover/compare.h"
#include "watch/cutover/plan.h"
#include "watch/signals/anomaly.h"

namespace cutover {

using signals::By;

std::span<const sys::Migration> migrations();
std::span<const sys::Extract> extracts();

// --- the plan

struct Listed {
    std::string path;       ///< "/kurashi/gomi.html", percent-encoded, perhaps with a query
    std::int64_t hits = 0;  ///< requests in the access logs
};
constexpr std::size_t kMostPaths = 500'000;
constexpr std::size_t kLongestPath = 2000;
/// In the form in which paths are kept; nothing when it is none ("" and "*" too). Host and scheme are taken off.
std::optional<std::string> plain_listed(std::string_view url_or_path);

/// Makes the plan's next version with these paths in place of those before. What was compared and accepted stays where
/// servers and name are the same. Throws Error(Conflict) after the switch, until the cutover
/// is finished or rolled back; then the plan begins a new cutover.
std::int64_t add_plan(sys::Transaction& tx, const Plan& plan, std::span<const Listed> paths, const By& by);
std::optional<Plan> find_plan(sys::Reader& db);   ///< the newest version
std::vector<Listed> list_paths(sys::Reader& db);  ///< of the newest version
// --- how far it has come

enum class Scope { All, Open };  ///< every path, or those that were found different or could not be compared

struct State {
    std::int64_t plan_version = 0;                               ///< 0 = there is no plan
    std::int64_t round = 0;                                      ///< of comparing; 0 = never begun
    std::optional<base::Instant> wanted_at, began_at, ended_at;  ///< of the newest round
    Scope wanted = Scope::All;
    std::string wanted_by, problem;  ///< `problem`: why the round cannot go on
    std::optional<base::Instant> switched_at, finished_at, rolled_back_at;
    std::string switched_by;
    std::optional<base::Instant> silent_since;  ///< the old server, and every resolver is new
    std::optional<std::int64_t> old_requests;   ///< the old server's newest count
    std::optional<base::Instant> old_heard_at, old_asked_at;
    std::string new_problem;                      ///< of the new server at the newest look; "" = it answers
    std::optional<base::Instant> look_wanted_at;  ///< at what can be seen of the readiness
    bool is_checking() const { return began_at && !ended_at; }
};
State load_state(sys::Reader& db);

struct Counts {
    std::int64_t total = 0, checked = 0, equal = 0, different = 0, accepted = 0, failed = 0;
    std::int64_t open() const { return different + failed; }  ///< neither equal nor accepted
    std::int64_t missing = 0;                                 ///< of `different`
    bool is_whole() const { return total > 0 && checked == total; }
};
Counts load_counts(sys::Reader& db);

enum class Stage { Plan, Check, Prepare, Request, Switch, Watch, Done };
std::string_view stage_id(Stage stage);       ///< "plan", "check", "prepare", ...
std::string_view stage_wording(Stage stage);  ///< 計画, 照合, 準備, 申請, 切替, 見守り, 完了
/// What is to be done now. `open_points`: of the readiness list.
Stage stage_of(const State& state, const Counts& counts, std::size_t open_points, bool has_request);

// --- comparing

/// Says that a round is wanted; the watch takes it up. Throws Error(NotFound) without a plan.
void want_check(sys::Transaction& tx, Scope scope, const By& by);
/// Begins the next round, or goes on with one that was cut. Returns its number.
std::int64_t begin_round(sys::Transaction& tx, Scope scope, const By& by);
struct Due {
    std::int64_t id = 0;
    std::string path;
};
/// What has not been compared in this round, the most visited first.
std::vector<Due> list_due(sys::Reader& db, int limit);
struct Result {
    std::int64_t id = 0;
    std::string path;
    Compared compared;
    std::string proposal;  ///< where a redirect could lead; may be empty
};
/// False, and nothing is kept, when the plan has another version by now: they may be of other servers.
bool note_results(sys::Transaction& tx, std::int64_t plan_version, std::span<const Result> results, base::Instant at);
void note_problem(sys::Transaction& tx, const std::string& problem);
/// The ledger gets the round's figures.
void end_round(sys::Transaction& tx, const By& by);

struct Finding {
    std::string path;
    std::int64_t hits = 0;
    std::string outcome;  ///< "equal", "different", "accepted", "failed"
    std::string problem;  ///< of "failed"
    std::vector<Difference> differences;
    std::string proposal;
    std::optional<base::Instant> checked_at;
    std::string reason, accepted_by;
    std::optional<base::Instant> accepted_at;
};
/// By outcome ("open" = different or failed), the most visited and the worst first.
std::vector<Finding> list_findings(sys::Reader& db, std::string_view outcome, int limit, int offset = 0);
std::optional<Finding> find_finding(sys::Reader& db, std::string_view path);
/// Marks what differs at the path as meant to be so; "…*" marks everything below. Holds for these kinds of difference
/// in later rounds too. Throws Error(NotFound) when nothing is open there, Error(BadInput) without a reason, and with
/// `seen_at` Error(Conflict) when the path was compared since the person saw it.
std::int64_t accept(sys::Transaction& tx, std::string_view path, std::string_view reason, const By& by,
                    std::optional<base::Instant> seen_at = std::nullopt);
/// The redirect that was proposed for the path is in the site's hands now; the next round will see it.
void note_redirect(sys::Transaction& tx, std::string_view path, std::string_view location, const By& by);

// --- readiness: what was observed and what people ticked

struct Observed {
    std::string id;
    bool is_well = false;
    std::string text;  ///< Japanese: what was seen
    base::Instant at;
};
/// Says that a look is wanted; the watch takes it up. Throws Error(NotFound) without a plan.
void want_look(sys::Transaction& tx, base::Instant at);
/// Ends what was wanted, too. False, and nothing is kept, when the plan has another version by now.
bool note_observed(sys::Transaction& tx, std::int64_t plan_version, std::span<const Observed> all);
std::vector<Observed> list_observed(sys::Reader& db);
struct Tick {
    std::string id, by, note;
    base::Instant at;
};
void tick(sys::Transaction& tx, std::string_view id, std::string_view note, const By& by);
void untick(sys::Transaction& tx, std::string_view id, const By& by);
std::vector<Tick> list_ticks(sys::Reader& db);

/// The TTLs that a name was seen with, and when.
void note_ttl(sys::Transaction& tx, const RecordSet& set, base::Instant at);
struct SeenTtl {
    std::string name;
    dns::Type type = dns::Type::A;
    std::uint32_t ttl = 0;
    base::Instant first_at, last_at;
};
std::vector<SeenTtl> list_ttls(sys::Reader& db);

// --- papers

struct Paper {
    std::int64_t id = 0;
    std::string kind;  ///< "request", "rollback"
    std::int64_t plan_version = 0;
    base::Instant made_at;
    std::string made_by, hash, html, text;
};
Paper add_paper(sys::Transaction& tx, std::string_view kind, std::int64_t plan_version, std::string html,
                std::string text, const By& by);
std::optional<Paper> find_paper(sys::Reader& db, std::int64_t id);
std::vector<Paper> list_papers(sys::Reader& db);  ///< newest first, without their contents, at most 50

// --- the switch

/// Throws Error(Conflict) when it was recorded already.
void record_switch(sys::Transaction& tx, base::Instant at, const By& by);
/// Throws Error(Conflict) when nothing was switched.
void record_rollback(sys::Transaction& tx, std::string_view reason, const By& by);
void record_finish(sys::Transaction& tx, const By& by);

struct Resolver {
    std::string address;
    std::string state;   ///< "new", "old", "mixed", "other", "silent"
    std::string answer;  ///< the addresses that it gave, or why it gave none
    base::Instant seen_at, since;
};
struct Look {
    base::Instant at;
    std::vector<Resolver> resolvers;           ///< `since` is not read
    std::optional<std::int64_t> old_requests;  ///< that the old server has had altogether
    std::string new_problem;
};
/// Keeps the look; the old server is silent as of the first look after which its count did not rise. False, and nothing
/// is kept, when the plan has another version by now.
bool note_look(sys::Transaction& tx, std::int64_t plan_version, const Look& look);
std::vector<Resolver> list_resolvers(sys::Reader& db);

}  // namespace cutover
