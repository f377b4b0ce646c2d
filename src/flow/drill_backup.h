// A rehearsed restore: a snapshot becomes a site in a scratch folder, the real program serves it on loopback, somebody
// signs in, every public page is fetched and compared with the release, a page is written, approved and published; then
// all of it is destroyed. Nothing of it reaches the outside: no mail, no watch, no other repository. The result is a
// value, a line of the watch's ledger, and a signal: a rehearsal that fails, or does not take place, is an anomaly.
#pragma once

#include "flow/backup_site.h"
#include "flow/restore_site.h"
#include "watch/signals/signal.h"

namespace flow {

enum class Which { Newest, Oldest, Random };

struct DrillOptions {
    std::filesystem::path program = {};  ///< empty: the one that runs
    std::string database_url = {};  ///< PostgreSQL: an empty scratch database; empty: one is made beside the site's
    std::optional<backup::RecoveryKey> key = {};  ///< to rehearse with it; else the site's own keys stand in for it
    std::string by = "system:cli";
    std::function<void(std::string_view phase)> progress = {};
    std::function<bool()> is_stopped = {};
    std::chrono::minutes patience{0};  ///< with somebody else who is at the repositories
};

struct Drilled {
    std::string repository;
    Restored restored;                     ///< with the phases of the restore
    std::vector<Phase> phases;             ///< "start", "sign-in", "compare", "publish"
    std::int64_t pages = 0;                ///< public paths that were fetched and compared
    std::vector<std::string> differences;  ///< the first 20 of those that were not as released
    std::int64_t differing = 0;
    double rto_seconds = 0;  ///< until the restored site answered: fetched, proved, started
    base::Instant begun_at;
    std::string problem;  ///< why it failed, in the words of the error; empty: it is well
    bool is_well() const { return problem.empty(); }
};

/// Never throws for what is wrong with the backup or the rehearsal. Throws Error(Conflict) while another drill of this
/// site runs, base::Interrupted.
Drilled drill_backup(const BackupPlace& place, const backup::Restic& repository, const backup::Snapshot& snapshot,
                     const DrillOptions& options);
const backup::Snapshot& choose_for_drill(const std::vector<backup::Snapshot>& all, Which which);

/// The act "backup.drill" in the watch's ledger; gives the signals for the watch's desk.
std::vector<signals::Signal> record_drill(const BackupPlace& place, const Drilled& drilled, std::string_view by);
std::string figures_of(const Drilled& drilled);

/// The last rehearsal that was well, and the last at all, from the ledger.
struct DrillState {
    std::optional<base::Instant> last, last_well;
};
DrillState find_drill_state(sys::Database& watch);
/// backup.drill.late: none has been well for more than 35 days, counted from `since` (when backups began) at the
/// earliest; raised or cleared.
signals::Signal judge_drill_lateness(const DrillState& state, base::Instant since, base::Instant now);
/// From the day of the month that the settings name on, while none was begun in that month; and a day after one that
/// failed.
bool is_drill_due(const DrillState& state, int day_of_month, base::Instant now);

struct DrillTurn {
    std::size_t repository = 0;
    Which which = Which::Newest;
};
/// A month's: the repositories in their order, and each time round another of their backups.
DrillTurn turn_of_drill(base::Day today, std::size_t repositories);

/// The drills of the timetable: each month another repository, and in turn the newest backup, the oldest and any.
class DrillDuty {
  public:
    using Tell = std::function<void(std::span<const signals::Signal>)>;
    /// Looks every ten minutes whether one is due, and holds it in the hours in which backups are allowed.
    void turn(const BackupPlace& place, const std::function<bool()>& is_stopped, const Tell& tell);

  private:
    std::optional<std::chrono::nanoseconds> looked_at_;
};

/// True in a scratch site of a drill: its duties must not make backups or drills of their own.
bool is_drill_site(const Folders& folders);

}  // namespace flow
