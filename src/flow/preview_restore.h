// What a restore would bring back, and what would be lost by it: the last change that the backup includes, and, held
// against the site that is there, each later act of a person and each later release.
#pragma once

#include "flow/restore_site.h"
#include "watch/backup/manifest.h"

namespace flow {

struct LostAct {
    base::Instant at;
    std::string person;  ///< their name
    std::string act;     ///< in Japanese: "承認依頼"
    std::string path;    ///< of the page, where it is one
};

struct RestorePreview {
    backup::Snapshot snapshot;
    backup::Manifest manifest;
    bool has_site = false;       ///< the site that is there could be asked
    std::int64_t lost_acts = 0;  ///< of people, since the backup; to sign in or out is none
    std::int64_t lost_releases = 0;
    std::vector<LostAct> newest;  ///< of them, the newest first
    /// "最後の編集 10:42 佐藤、kurashi/gomi.html" and what follows from the rest.
    std::string sentence() const;
};

/// What the site that is there knows of a point without asking the repository.
struct PointContents {
    std::optional<LostAct> last_edit;  ///< of a page, at the point or before
    std::int64_t later_acts = 0;       ///< of people, that the point does not hold
    bool is_counted = false;           ///< the ledger was read back to the point
};
/// Of each point, the newest first. Reads at most 20,000 lines of the ledger.
std::vector<PointContents> look_at_points(sys::Reader& office, std::span<const base::Instant> points);

/// Reads the manifest out of the repository. `site` may be nullptr: the machine is lost.
RestorePreview preview_restore(const backup::Restic& repository, const backup::Snapshot& snapshot, Site* site,
                               int most_acts = 50);

}  // namespace flow
