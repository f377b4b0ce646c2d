// Every stored and public file past the scanner, little by little: at a bounded rate, going on after a restart where it
// stopped. An engine that goes away ends the turn; nothing that it did not scan counts as scanned.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "watch/antivirus/engine.h"

namespace antivirus {

struct SweepOptions {
    std::int64_t bytes_per_second = 5 << 20;
    std::size_t largest = std::size_t{256} << 20;          ///< larger files are told as not scanned
    std::function<bool()> is_stopped;                      ///< asked between files
    std::function<void(std::chrono::milliseconds)> pause;  ///< waits; the caller's, so that it may be woken
};

struct Swept {
    std::int64_t files = 0, bytes = 0, infected = 0, not_scanned = 0;
    std::int64_t scanned = 0;  ///< of `files`: those that the engine gave a verdict on
    bool is_finished = false;  ///< the round is through; the next call begins a new one
    std::string problem;       ///< why the turn ended early
};

/// Goes on with the round over all regular files below `folders`, in order of path, from the place noted in
/// `position_file`, which is kept up to date. Links are not followed. A detection raises "antivirus.infected", a file
/// or a folder that cannot be looked at "antivirus.unscanned"; one that is well again, or gone, clears them.
Swept sweep(Engine& engine, const std::vector<std::filesystem::path>& folders,
            const std::filesystem::path& position_file, const SweepOptions& options, const base::Clock& clock,
            const signals::Take& tell);

}  // namespace antivirus
