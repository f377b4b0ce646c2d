// Paths of a release that could not be placed because their object is missing or damaged: what stood there stays, the
// rest of the release is public, and the path is tried again until its object is back.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"
#include "ground/sys/database.h"

namespace publish {

struct UnplacedPath {
    std::string path;          ///< percent form
    std::int64_t release = 0;  ///< whose entry it is
    std::string problem;       ///< for whoever mends it
    base::Instant since, last_at;
    std::int64_t attempts = 0;
};

/// Notes the failure, or one more attempt. Whoever waits for that release is told by the receipt.
void note_unplaced(sys::Transaction& tx, std::string_view path, std::int64_t release, std::string_view problem,
                   base::Instant at);
/// These are in place, or are not to be there any more. Receipts that had failed for them are placed again, so that
/// they are read back once more.
void forget_unplaced(sys::Transaction& tx, std::span<const std::string> paths);
/// Oldest first.
std::vector<UnplacedPath> list_unplaced_paths(sys::Reader& db, int limit);

}  // namespace publish
