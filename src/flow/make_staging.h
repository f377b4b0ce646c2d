// A site to try corrections on: last night's backup restored into a folder of its own, quietened so that nothing of it
// reaches anybody, and tested there: it starts, somebody signs in, every public page is as released, a page is written,
// approved and published. What the tests said is the record without which no correction goes into production. The same
// parts as the rehearsed restore (drill_backup.h), but the folder stays.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "flow/backup_site.h"
#include "flow/restore_site.h"
#include "office/vulnerabilities/patches.h"

namespace flow {

struct StagingOptions {
    std::filesystem::path to;
    std::string database_url = {};  ///< of an empty database, for a site on PostgreSQL
    std::optional<backup::RecoveryKey> key = {};
    std::string by = "system:cli";
    std::function<void(std::string_view phase)> progress = {};
    std::function<bool()> is_stopped = {};
};
/// Act "staging.make" in the watch's ledger. Throws as restore_site does.
Restored make_staging(const BackupPlace& place, const backup::Restic& repository, const backup::Snapshot& snapshot,
                      const StagingOptions& options);

/// Runs the test list on a staging site with `program` (empty: the one that runs): an item for each, also for those
/// that could not be run because one before failed. Throws Error(NotAllowed) when the folder is no staging site.
std::vector<vulnerabilities::TestItem> test_staging(const std::filesystem::path& folder,
                                                    const std::filesystem::path& program, const base::Clock& clock,
                                                    const std::function<bool()>& is_stopped);
/// True for what make_staging made: tests write into it, so they must never run on the real site.
bool is_staging(const Folders& folders);

}  // namespace flow
