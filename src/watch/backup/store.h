// What was done for each repository: runs, what reading back found, and where it stands now. In watch.db, so that it is
// there while the office's database is away; every act with its line in the watch's ledger, in the same transaction.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ground/base/time.h"
#include "ground/sys/database.h"
#include "ground/sys/extract.h"
#include "watch/backup/generations.h"
#include "watch/backup/plan.h"
#include "watch/backup/restic.h"

namespace backup {

constexpr base::Instant kNoEnd{std::numeric_limits<std::int64_t>::max()};

std::span<const sys::Migration> migrations();
/// What is handed over to a successor.
std::span<const sys::Extract> extracts();

enum class Outcome {
    Running,
    Made,     ///< the repository holds it
    Failed,   ///< it holds nothing of it, or something that lacks a part
    Stopped,  ///< at a safe point: the window was over, or a person asked
};
std::string_view outcome_id(Outcome outcome);  ///< "running", "made", "failed", "stopped"

enum class Proof {
    None,     ///< nobody has read it back
    Whole,    ///< it was read back, and what it holds is what its manifest says
    Damaged,  ///< it was read back, and something was wrong
};
std::string_view proof_id(Proof proof);  ///< "", "whole", "damaged"

struct Run {
    std::int64_t id = 0;
    std::string repository;  ///< as in the settings
    Kind kind = Kind::Data;
    Why why = Why::Daily;
    base::Instant due_at, started_at;
    std::optional<base::Instant> ended_at;
    Outcome outcome = Outcome::Running;
    std::string snapshot;  ///< empty: none was made
    base::Instant taken_at;
    base::Day day;  ///< that it stands for
    std::int64_t release = 0;
    std::int64_t files = 0, bytes = 0, added_bytes = 0;
    double seconds = 0;
    std::string fingerprint;  ///< of program and settings
    std::string problem;      ///< Japanese or the engine's words; may be there when it was made, too
    Proof proof = Proof::None;
    std::optional<base::Instant> verified_at;
    std::optional<base::Instant> pruning_at;  ///< it is to go
    std::optional<base::Instant> gone_at;     ///< it is no longer in the repository
    bool is_lost = false;                     ///< gone without our doing
};

/// A run begins; whatever was running in that repository was cut off and has failed. Returns its id.
std::int64_t add_run(sys::Transaction& tx, const Run& run);
/// Ends it, with a line "backup.run".
void finish_run(sys::Transaction& tx, const Run& run, std::string_view by);
/// A snapshot of ours that no row names (the program died before it wrote it, or the rows are older).
void adopt_run(sys::Transaction& tx, const Run& run, std::string_view by);
/// What is left running from a program that died: failed, with `problem`. Returns how many.
int fail_running(sys::Transaction& tx, std::string_view repository, base::Instant now, std::string_view problem);

struct Verification {
    std::string repository;
    base::Instant at;
    double seconds = 0;
    Proof proof = Proof::None;
    std::string part;        ///< "all", "3/7"
    std::int64_t packs = 0;  ///< files of data that were read
    std::int64_t bytes = 0;  ///< that the backups hold which it proved
    std::vector<std::string> problems;
    std::vector<std::int64_t> runs;  ///< that it is about
    bool is_data_whole = false;      ///< as it was read now: what is damaged is a snapshot, if anything
};
/// With a line "backup.verify". Each of its runs gets the proof.
void add_verification(sys::Transaction& tx, const Verification& verification, std::string_view by);

/// Snapshots are to go; called before the engine is.
void mark_pruning(sys::Transaction& tx, std::span<const std::int64_t> runs, base::Instant now);
/// They are gone; with a line "backup.prune".
void mark_gone(sys::Transaction& tx, std::string_view repository, std::span<const std::int64_t> runs, base::Instant now,
               std::string_view by);
/// They are gone, and nobody here did it.
void mark_lost(sys::Transaction& tx, std::string_view repository, std::span<const std::int64_t> runs, base::Instant now,
               std::string_view by);
/// Of `snapshots`, which the repository holds, those that were noted as lost are held again, and nobody has proved them
/// since; with a line "backup.found".
void note_found_again(sys::Transaction& tx, std::string_view repository, std::span<const std::string> snapshots,
                      base::Instant now, std::string_view by);
/// They were to go and are still there.
void keep_again(sys::Transaction& tx, std::span<const std::int64_t> runs);

/// A start that was refused; with a line "backup.refuse".
void note_refusal(sys::Transaction& tx, std::string_view repository, Kind kind, std::string_view reason,
                  base::Instant now, std::string_view by);

/// A start outside the allowed hours, for a reason; with a line "backup.anyway".
void note_override(sys::Transaction& tx, std::string_view repository, Kind kind, std::string_view reason,
                   base::Instant now, std::string_view by);

struct RepositoryState {
    std::string name;
    Standing::What standing = Standing::What::Ready;
    std::string problem;
    std::optional<base::Instant> looked_at;
    std::optional<base::Instant> read_at;  ///< when a part of the older data was read back last
    std::optional<base::Instant> pruned_at;
    std::int64_t next_part = 1;
    bool has_damage = false;  ///< of the newest verification
};
RepositoryState load_state(sys::Reader& db, std::string_view repository);
void save_state(sys::Transaction& tx, const RepositoryState& state);
/// Every repository that was ever looked at, also when the settings no longer have it.
std::vector<std::string> list_repositories(sys::Reader& db);

/// Newest first, of all repositories.
std::vector<Run> list_runs(sys::Reader& db, int most);
/// Of one kind, newest first: however many of the other kind lie between.
std::vector<Run> list_runs(sys::Reader& db, std::string_view repository, Kind kind, int most);
/// All that stand for the days from `from` to the one before `before`, newest first.
std::vector<Run> list_runs(sys::Reader& db, std::string_view repository, base::Day from, base::Day before);
/// What the newest data backup of each day held, in bytes, from `from` on.
std::map<base::Day, std::int64_t> list_sizes(sys::Reader& db, std::string_view repository, base::Day from);
/// When the first run began.
std::optional<base::Instant> find_first_start(sys::Reader& db, std::string_view repository);
/// Whether it ever held a snapshot, however long ago: then it is never filled anew.
bool was_ever_used(sys::Reader& db, std::string_view repository);
/// Snapshots that are held, in any repository, and lack something or are damaged.
std::vector<std::string> list_unfit(sys::Reader& db);
std::optional<Run> find_run(sys::Reader& db, std::int64_t id);
/// Those that the repository holds, newest first.
std::vector<Run> list_held(sys::Reader& db, std::string_view repository);
/// Those that have gone without our doing and are not back, newest first.
std::vector<Run> list_lost(sys::Reader& db, std::string_view repository);
/// Also of one that has gone since.
bool knows_snapshot(sys::Reader& db, std::string_view repository, std::string_view snapshot);
std::vector<Generation> generations_of(const std::vector<Run>& held);
/// What was noted for moments after `now` was noted by a clock that has been set back since, and does not count.
History history_of(sys::Reader& db, std::string_view repository, base::Instant now);
/// When the newest data backup that was read back, in any repository of `names`, was taken.
std::optional<base::Instant> find_newest_verified(sys::Reader& db, std::span<const std::string> names,
                                                  base::Instant now = kNoEnd);
std::vector<Verification> list_verifications(sys::Reader& db, std::string_view repository, int most = 100);

}  // namespace backup
