// A snapshot point that was unpacked: found, and compared with its manifest file by file.
#pragma once

#include <filesystem>
#include <functional>

#include "watch/backup/manifest.h"

namespace flow::restoring {

struct Point {
    std::filesystem::path folder;  ///< of the manifest
    std::filesystem::path site;    ///< the site directory as it was unpacked: objects/ and others/ stand in it
    std::filesystem::path root;    ///< what "/" was
    backup::Manifest manifest;
};

/// `hint`: where the snapshot says that its point stood, absolute; empty: the only one that is there.
/// Throws Error(NotFound) when there is none below `unpacked`, Error(Conflict) when there are several, Error(Damaged)
/// when the manifest cannot be read.
Point find_point(const std::filesystem::path& unpacked, const std::filesystem::path& hint = {});
/// Every file of the point has the size and hash of the manifest, and there is no other.
/// Throws Error(Damaged) that names the first one that has not.
void check_point(const Point& point, const std::function<void()>& between);

/// With the folders in it that their owner may not write to: what was backed up comes back with the rights it had.
/// Throws what the file system throws.
void remove_unpacked(const std::filesystem::path& folder);

base::Hash hash_file(const std::filesystem::path& file);

}  // namespace flow::restoring
