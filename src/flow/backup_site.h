// The journey of a backup: snapshot point, a run to each repository (two at once), reading back, pruning. Each step is
// a row before it is done, so that what a kill leaves behind is made good by whoever comes next; one program at a time
// works with the repositories of a site.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "flow/backup/point.h"
#include "watch/backup/restic.h"
#include "watch/backup/store.h"
#include "watch/signals/signal.h"

namespace flow {

/// Is anything set up at all? Without repositories or a recovery key nothing is backed up.
bool is_backup_configured(const settings::Settings& settings);

/// How the repository of that name (as in the settings) is reached. Throws Error(BadInput) when the environment file is
/// not fit.
backup::Access backup_access(const settings::Settings& settings, const Folders& folders, const std::string& repository);
/// By its number from 1, or its name. Throws Error(NotFound) that lists those that there are.
std::string find_repository(const settings::Settings& settings, std::string_view asked);
backup::Policy backup_policy(const settings::Settings& settings);
backup::Keep backup_keep(const settings::Settings& settings);

/// Held while somebody works with the repositories. Throws Error(Conflict) when somebody else does.
sys::FileLock lock_backups(const Folders& folders);

/// A site that was restored and has not taken the place of the one that runs: its backups would be taken for those of
/// the latter, and push them out. `backup switch` ends that, and so does `backup adopt`, where there is no other one.
bool is_restored_beside(const Folders& folders);
void mark_restored_beside(const Folders& folders, std::string_view snapshot);
/// False when it is none.
bool adopt_restored(const Folders& folders);

struct BackupWish {
    backup::Kind kind = backup::Kind::Data;
    backup::Why why = backup::Why::Asked;
    base::Instant due_at;
    std::vector<std::string> repositories;  ///< names
    std::string by = "system:backup";
    std::function<bool()> is_stopped;  ///< also when the window is over
};
struct BackupDone {
    std::vector<backup::Run> runs;  ///< one of each repository
    bool is_well() const;
};
/// Makes the point and brings it to each repository. What fails for one repository is in its run and leaves the others
/// alone. Throws Error(Conflict) when somebody else is at it, or this site stands beside the one that runs; what
/// make_point throws (the runs are then failed ones).
BackupDone back_up(const BackupPlace& place, const BackupWish& wish);

struct VerifyWish {
    std::vector<std::string> repositories;
    bool is_everything = false;  ///< all data; else what is new, and the next part of what is old
    std::string by = "system:backup";
    std::function<bool()> is_stopped;
};
/// Reads back. What cannot be reached is in the problems of a verification without a proof.
std::vector<backup::Verification> verify_backups(const BackupPlace& place, const VerifyWish& wish);

/// What may go of `held` (newest first). Nothing while the newest one lacks something.
backup::Pruning find_prunable(const BackupPlace& place, const std::vector<backup::Run>& held);

struct PruneDone {
    std::string repository;
    std::vector<backup::Run> gone;
    std::string refusal;  ///< Japanese
};
/// Takes out what is no longer needed. Throws what the engine throws; nothing is lost then.
PruneDone prune_backups(const BackupPlace& place, const std::string& repository, const std::string& by,
                        const std::function<bool()>& is_stopped);

/// Since when that repository's newest backup that was read back is too old; see backup::late_since. A site that has
/// just been set up has a day to make its first one.
std::optional<base::Instant> backup_late_since(const BackupPlace& place, sys::Reader& db, const std::string& repository,
                                               base::Instant now);

/// What is wrong with the backups now and what is not, as signals of the source "backup": each is raised or cleared.
std::vector<signals::Signal> judge_backups(const BackupPlace& place);

}  // namespace flow
