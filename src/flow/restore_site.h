// From a backup to a whole site in a folder, proved on the way: every file of the point against its manifest, the
// database by its own check and each table by count and hash, every object by its name, the release log and the ledger
// by their chains. The site is built beside the folder under a hidden name and renamed at the end, so a restore that
// was cut off is never taken for a site; the next one to the same folder clears it away.
//
// The restored site owes a `restored` release above every number that has been seen, so none is used twice. Addresses
// and other settings stay as they were; a site that is restored beside a running one needs others before it is served.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "flow/site.h"
#include "watch/backup/manifest.h"
#include "watch/backup/recovery_key.h"
#include "watch/backup/restic.h"

namespace flow {

struct RestoreOptions {
    std::filesystem::path to;       ///< must be empty or not there
    std::string database_url = {};  ///< of an empty database, for a backup of a site on PostgreSQL
    std::string database_schema = {};
    std::optional<backup::RecoveryKey> key = {};  ///< without it nothing can be published or decrypted afterwards
    std::filesystem::path keys_from =
        {};                         ///< instead of the recovery key: a folder with the site's keys as they are now
    std::int64_t highest_seen = 0;  ///< the highest release that anybody has seen, if that is known
    std::string by = "system:cli";
    std::function<void(std::string_view phase)> progress = {};
    std::function<bool()> is_stopped = {};  ///< asked between items
    std::string snapshot = {};              ///< for the record
    std::filesystem::path locked = {};      ///< the site whose backups are left alone while it fetches; empty: none
    std::chrono::minutes patience{0};       ///< with somebody else who is at them just then
    std::filesystem::path point = {};       ///< where the snapshot says that its point stood; empty: to be found
};

struct Phase {
    std::string name;  ///< the id of a PhaseKind
    double seconds = 0;
};
struct PhaseKind {
    std::string_view id, name;  ///< the name in Japanese
    bool is_of_drill = false;   ///< a restore ends before it
};
/// In the order in which they are passed.
std::span<const PhaseKind> all_phases();

struct Restored {
    std::filesystem::path folder;
    std::string snapshot;
    base::Instant taken_at;
    base::Instant newest;           ///< the newest moment of which the restored data tells: an act, a signed head
    std::int64_t release = 0;       ///< what is public in it
    std::int64_t next_release = 0;  ///< the lowest number that it may use; 0 when nothing was ever published
    std::int64_t tables = 0, rows = 0;
    std::int64_t objects = 0;
    std::int64_t files = 0, bytes = 0;  ///< public ones
    bool has_keys = false;
    std::vector<std::string> missing;  ///< public paths, and objects/..., that the backup does not hold whole
    std::int64_t unexpected = 0;       ///< of them: those that the manifest does not name as missing
    std::vector<Phase> phases;
    std::optional<backup::LastEdit> last_edit;  ///< of a page, that came back; none: nobody ever edited one
    double seconds = 0;                         ///< RTO: from the call to a proved site
    std::chrono::milliseconds loss{0};          ///< RPO: from `newest` to the call
};

/// `unpacked`: a folder into which a snapshot was restored; its objects are moved, not copied, when they are on the
/// same file system. An object that is not there or not whole costs the paths that need it (`missing`), not the site.
/// Throws Error(Damaged) that names the file or table that is not what the manifest says,
/// Error(Conflict) when the folder or the database holds something, Error(NotFound) when there is no backup in it,
/// base::Interrupted.
Restored restore_unpacked(const std::filesystem::path& unpacked, const RestoreOptions& options,
                          const base::Clock& clock);

/// Which snapshot of a repository.
struct Wanted {
    std::string snapshot = {};             ///< an id, or the beginning of one
    std::optional<base::Instant> at = {};  ///< else the newest taken at or before this; else the newest of all
    std::set<std::string> unfit = {};      ///< ids that only a person who names one may choose
};
/// The snapshots of `site` (its id; empty: the only one there is) that yakuba made, oldest first. Throws
/// Error(NotFound) when there is none, Error(Conflict) when there are several sites and none was named.
std::vector<backup::Snapshot> list_restorable(const backup::Restic& repository, std::string_view site = {});
/// Throws Error(NotFound) when there is none such, Error(BadInput) when the beginning of an id is that of several.
backup::Snapshot choose_snapshot(const std::vector<backup::Snapshot>& all, const Wanted& wanted);

/// Those of which the site that is there knows that they lack something, or are damaged.
std::set<std::string> list_unfit(sys::Database& watch);

/// Fetches and restores. Throws Error(Unavailable) before that when there is no room for it. What the other snapshots
/// say of release numbers counts as seen.
Restored restore_site(const backup::Restic& repository, const Wanted& wanted, std::string_view site,
                      RestoreOptions options, const base::Clock& clock);

/// The figures as the ledger keeps them: a JSON object.
std::string figures_of(const Restored& restored);

}  // namespace flow
