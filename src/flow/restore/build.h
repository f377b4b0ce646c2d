// The parts of a site, one by one, from an unpacked point into the folder in which the new site is built. Each proves
// what it brings, and throws Error(Damaged) naming what is not as the manifest says.
#pragma once

#include <set>

#include "flow/restore/point.h"
#include "flow/restore_site.h"

namespace flow::restoring {

struct Build {
    Point point;
    Folders folders;  ///< of the site as it is built
    const RestoreOptions& options;
    const base::Clock& clock;
    Restored& result;
    std::int64_t highest_seen = 0;     ///< a release number
    std::set<base::Hash> placed = {};  ///< objects that the newest release needs

    void between() const;  ///< throws base::Interrupted when the restore is to stop
    /// That path cannot come back: its object is not there, or is not what it is named after. The rest does.
    void miss(const std::string& path, const base::Hash& object) const;
};

/// Folders, settings, keys, marks.
void place_settings(Build& build);
/// Nothing of the database is changed yet; its tables are counted and hashed.
void place_database(Build& build);
/// Needs the keys.
void place_releases(Build& build);
/// Objects, areas of others, and what the machine had beside.
void place_files(Build& build);
/// The document root, from the newest release.
void place_public(Build& build);
/// Opens the site, whose schema is brought up to date, follows both ledgers, and notes the restore.
void prove_and_mark(Build& build);

/// Removes the tables that a restore which was cut off has put into a PostgreSQL database.
void clear_left_over_database(const std::filesystem::path& workshop);
/// From here on they are a site's.
void keep_database(const std::filesystem::path& workshop);

}  // namespace flow::restoring
