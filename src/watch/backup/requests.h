// What people ask of the backups at a screen: made by the watch, which works with the repositories and goes on while
// the office sleeps. A backup, a reading back and a drill begin at once. A restore is first looked at (what comes back,
// what would be lost), then shown, and begins when somebody confirms what they were shown. Who asked, why, who
// confirmed and how it ended stands in the ledger (stream "watch").
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"
#include "ground/sys/database.h"
#include "ground/sys/extract.h"

namespace backup {

/// What is asked for; the ids are in the table and the ledger and never change.
enum class Wish { Backup, Verify, Drill, Page, Department, File, Site };
std::string_view wish_id(Wish wish);       ///< "backup", "verify", "drill", "page", "department", "file", "site"
std::string_view wish_wording(Wish wish);  ///< "バックアップの取得"
std::optional<Wish> find_wish(std::string_view id);
/// Those that are shown before they begin.
bool is_restore(Wish wish);

/// "looking", "shown", "waiting", "running", "done", "failed", "left", in this order of life.
enum class Stage { Looking, Shown, Waiting, Running, Done, Failed, Left };
std::string_view stage_id(Stage stage);

struct Request {
    std::int64_t id = 0;
    Wish wish = Wish::Backup;
    std::string repository;  ///< as in the settings; empty: every one
    std::string snapshot;    ///< of a restore and of the drill of a chosen backup
    /// Backup: "data" or "system". Verify: "all" or "". Drill: "newest", "oldest", "random" or "" with a snapshot. Page
    /// and file: its path as it was then. Department: its code.
    std::string target;
    bool is_public = false;  ///< pages as visitors saw them; else with drafts
    std::string why;         ///< of a backup outside the allowed hours, and of every restore
    std::string owner;       ///< of the drafts that pages come back as: "person:5", who may edit them
    std::string by;          ///< "person:12"
    base::Instant asked_at;
    Stage stage = Stage::Waiting;
    std::string phase;      ///< what it is at: "fetch", "database"
    std::string preview;    ///< JSON of what is shown; its form is the flow's
    std::string confirmer;  ///< who lets a restore begin
    std::optional<base::Instant> started_at, done_at;
    std::string problem;  ///< Japanese, of a failed one
    std::string result;   ///< JSON; its form is the flow's

    bool is_open() const { return stage < Stage::Done; }
};

constexpr int kMostOpenRequests = 10;
constexpr std::size_t kLongestReason = 500;     ///< characters
constexpr std::chrono::hours kShownFor{24};     ///< for which a restore that was shown waits to be confirmed
constexpr std::chrono::hours kFileFor{7 * 24};  ///< for which a file that was taken out waits to be fetched

/// Throws Error(BadInput): a restore without a reason, a target or a backup; Error(Conflict): the same is under way, or
/// too much is.
std::int64_t ask(sys::Transaction& tx, const Request& request, base::Instant now);
/// The oldest that is to be looked at or done; those that were put off come last.
std::optional<Request> find_next(sys::Reader& db);
/// Throws Error(NotFound).
Request load_request(sys::Reader& db, std::int64_t id);
std::vector<Request> list_requests(sys::Reader& db, int limit);  ///< newest first

/// Looked at: `preview` waits for somebody.
void show(sys::Transaction& tx, const Request& request, std::string_view preview);
/// Throws Error(Conflict) when it is not shown (any more).
void confirm(sys::Transaction& tx, std::int64_t id, const std::string& by, base::Instant now);
/// Somebody thinks better of it: nothing that runs is stopped. Throws Error(Conflict) when it has begun.
void leave(sys::Transaction& tx, std::int64_t id, const std::string& by, base::Instant now);
void begin(sys::Transaction& tx, std::int64_t id, base::Instant now);
void note_phase(sys::Transaction& tx, std::int64_t id, std::string_view phase);
/// Back to where it waits: others are at the repositories.
void put_off(sys::Transaction& tx, const Request& request);
/// `problem` empty: it is done.
void end(sys::Transaction& tx, const Request& request, std::string_view result, std::string_view problem,
         base::Instant now);
/// What a watch that ended has left running has failed; what was shown too long ago is left. Returns how many.
int end_left_over(sys::Transaction& tx, base::Instant now);
void expire_shown(sys::Transaction& tx, base::Instant now);
/// In a site that was restored: what was asked of the one that it comes from is not done again.
void leave_all(sys::Transaction& tx, base::Instant now);
/// Files that were taken out and are no longer kept; each is told once.
std::vector<std::int64_t> expire_files(sys::Transaction& tx, base::Instant now);
/// The file of a request was fetched.
void note_fetched(sys::Transaction& tx, const Request& request, const std::string& by, base::Instant now);

std::span<const sys::Migration> request_migrations();
std::span<const sys::Extract> request_extracts();

}  // namespace backup
