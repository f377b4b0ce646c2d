// A release, the newest or any earlier one, placed in a folder of its own: "the site as of 2027-04-01 09:00".
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ground/base/time.h"

namespace flow {

struct ExportChoice {
    std::optional<base::Instant> at;
    std::optional<std::int64_t> release;
    std::function<void(std::int64_t done, std::int64_t total)> progress = {};  ///< may throw: then nothing is left
};

struct Exported {
    std::int64_t release = 0;
    std::int64_t files = 0;  ///< redirects have none
    std::int64_t bytes = 0;
    std::vector<std::string> missing;  ///< paths (bytes) whose object is missing or damaged
};

/// `target` must not exist or be empty. It appears whole: the files are placed beside it and renamed at the end.
/// Throws Error(Conflict) when it holds something, Error(NotFound) when there was no such release.
Exported export_site(const std::filesystem::path& folder, const std::filesystem::path& target,
                     const ExportChoice& choice);

}  // namespace flow
