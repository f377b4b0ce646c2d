// The snapshot point: one consistent moment of the site in run/backup/point, with a manifest that says what it holds.
// The database's moment comes first; what it names and what is only ever added to (objects, the release log) is taken
// after it, so nothing that it needs can be missing. It needs neither the office nor its connection.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "flow/site.h"
#include "watch/backup/manifest.h"

namespace flow {

/// What a backup works with. All must outlive it.
struct BackupPlace {
    const Folders& folders;
    const settings::Settings& settings;
    const base::Clock& clock;
    sys::Database& watch;
    std::string program;  ///< version
};

struct SnapshotPoint {
    backup::Manifest manifest;
    std::vector<std::filesystem::path> sources, excluded;  ///< for the engine
    std::vector<std::string> problems;  ///< Japanese: what is damaged on the site, and is held as it is
};

/// Throws before anything is made: Error(NotAllowed) without a recovery key, Error(NotFound) when something that is to
/// be held is not there, Error(Unavailable) when it cannot be read or the disk has no room for it. Throws
/// Error(Damaged): the database, or more than a twentieth of the objects that it and the release name.
SnapshotPoint make_point(const BackupPlace& place, backup::Kind kind, const std::function<bool()>& is_stopped);
/// The objects that the office's database itself names: assets, what was taken over, and the originals of pages.
std::set<base::Hash> list_named_objects(sys::Reader& db, const std::function<void()>& between);

/// The point is a copy of everything that is secret: it does not stay.
void remove_point(const Folders& folders);

/// Of the program and the settings and, while nobody is installing any, of the Debian packages: another one asks for a
/// system backup.
std::string backup_fingerprint(const BackupPlace& place,
                               const std::filesystem::path& packages = "/var/lib/dpkg/status");

}  // namespace flow
