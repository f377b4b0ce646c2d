// All regular files below a folder. Whatever could not be looked at is named, and the rest is looked at all the same: a
// list that ended at the first closed folder would say of everything behind it that it is well.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sys {

struct Unseen {
    std::filesystem::path path;
    std::string problem;  ///< the system's words
};

struct Walked {
    std::vector<std::filesystem::path> files;  ///< sorted
    std::vector<Unseen> unseen;                ///< the first 1,000
    std::int64_t unseen_count = 0;
};

/// Links are not followed. A folder below that goes while it is walked is gone, and not unseen; `folder` itself must be
/// there.
Walked walk(const std::filesystem::path& folder);

}  // namespace sys
