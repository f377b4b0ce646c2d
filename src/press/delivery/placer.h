// Brings a document root to a release: the only code that writes public files. Each file appears whole, by a temporary
// name outside the document root on the same file system and a rename; new assets first, pages next, deletions last, so
// that a visitor never gets half a page or a page without its assets. Needs neither database nor key.
#pragma once

#include <filesystem>
#include <functional>
#include <span>

#include "ground/objects/store.h"
#include "ground/release/record.h"

namespace delivery {

struct DocumentRoot {
    std::filesystem::path root;
    std::filesystem::path staging;  ///< outside `root`, on the same file system
};

struct Placement {
    std::int64_t written = 0;
    std::int64_t deleted = 0;
    std::int64_t unchanged = 0;  ///< the right bytes were there already
};

/// May be repeated: what is in place already is left alone. Folders that become empty are removed. What stands in the
/// way (a link or a file where a folder belongs, a folder where a file belongs) is moved out of the way into `staging`.
/// Throws Error(Unavailable) when the disk refuses, Error(Damaged) when an object does not hash to its name; what was
/// placed so far stays, each file whole, and the next call goes on. `progress` is told how many changes are done.
Placement place(std::span<const release::Change> changes, const objects::Store& objects, const DocumentRoot& to,
                sys::Durability durability = sys::Durability::Later,
                const std::function<void(std::int64_t)>& progress = {});

}  // namespace delivery
