// Is the public site what was approved? Checks the release log itself (chain, signatures, that it has not gone back)
// and then every file, with nothing but the public key: it works with office, press and database down.
//
// A publication may be under way: its record is in the log before its files are in place, and the head follows when
// they are. So a deviation counts only once it was seen while nothing was being placed at its path.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "ground/release/chain.h"
#include "watch/guard/compare.h"

namespace flow {

struct Verified {
    std::int64_t release = 0;
    guard::Comparison tree;
    std::vector<release::Problem> log_problems;
    double seconds = 0;
    bool is_well() const { return tree.deviations.empty() && log_problems.empty(); }
};

/// A release whose placement does not end within ten seconds counts as public.
/// Throws Error(NotFound) when nothing was ever published, Error(Damaged) when the log cannot be read at all.
Verified verify_site(const std::filesystem::path& folder, const guard::CompareOptions& options,
                     const base::Clock& clock);

}  // namespace flow
