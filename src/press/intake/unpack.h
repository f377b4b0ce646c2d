// An archive (.zip, .tar, .tar.gz and the like) becomes a folder that survey_folder can look at. Archives come from
// outside and may be hostile: names that climb out, absolute names, devices and bombs are refused or skipped with the
// reason, and nothing is written through a link.
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "press/intake/source.h"

namespace intake {

struct UnpackBounds {
    Bounds files;
    std::int64_t ratio = 200;  ///< unpacked bytes for each packed one, above the first 64 MB
};

/// True for file names that end like an archive's.
bool is_archive_name(const std::filesystem::path& file);

/// Unpacks `archive` below `target`, which must be empty. Links become links there, which survey_folder takes or
/// skips as any folder's; special files and unfit names are skipped with the reason; modification times are kept.
/// Returns what was skipped. Throws Error(BadInput) when it is no archive, is encrypted or damaged, or passes a bound
/// (a bomb); what was unpacked so far is left for the caller to remove.
std::vector<Skipped> unpack(const std::filesystem::path& archive, const std::filesystem::path& target,
                            const UnpackBounds& bounds, const std::function<bool()>& is_stopped);

}  // namespace intake
