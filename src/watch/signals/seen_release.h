// The highest release that this watch has seen, kept in watch.db beside the small files of the readers: whoever rolls
// the release log back has to find and change this too.
#pragma once

#include <optional>
#include <string>

#include "ground/sys/database.h"

namespace signals {

struct SeenRelease {
    std::int64_t number = 0;
    std::string note;  ///< what release::write_seen makes: the number with the record's hash
};
std::optional<SeenRelease> find_seen_release(sys::Reader& db);
/// Unless a higher one is remembered already.
void note_seen_release(sys::Transaction& tx, const SeenRelease& seen);

}  // namespace signals
