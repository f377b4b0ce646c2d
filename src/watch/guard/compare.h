// Is what stands in the document root what the newest release says? Every file is hashed; every way in which a file
// system can lie about one (links, hard links, owners, modes, foreign types) has its kind. Reads only; knows no
// database.
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "ground/release/manifest.h"

namespace guard {

enum class Deviance { Changed, Missing, Extra, Mode, Owner, Link, HardLink, Type, Held };
/// "changed", "missing", "extra", "mode", "owner", "link", "hardlink", "type", "held".
std::string_view deviance_name(Deviance kind);

struct Deviation {
    std::string path;  ///< bytes below the document root; a folder's ends in '/'
    Deviance kind = Deviance::Changed;
    std::string detail;  ///< what is there and what should be, for the operator
    auto operator<=>(const Deviation&) const = default;
};

struct Comparison {
    std::int64_t files = 0;             ///< regular files that were looked at
    std::int64_t bytes = 0;             ///< bytes that were hashed
    std::vector<Deviation> deviations;  ///< sorted by path, then kind
};

struct CompareOptions {
    int threads = 0;                                                      ///< 0 = one per core
    std::function<void(std::int64_t done, std::int64_t total)> progress;  ///< on the calling thread; ends at the total
    std::function<bool()> is_stopped;                                     ///< asked between files, by every thread
};

/// Compares the tree at `root` with `manifest`. Files must be 0644 as the manifest says, folders 0755, all owned as
/// `root` itself is. A file that vanishes or changes while it is read is reported as it was then. A file is held when
/// somebody has it open for writing at the beginning and at the end (sys/lease.h: as far as the kernel answers us).
/// Throws Error(Unavailable) when the root cannot be read at all, Error(Conflict) when it was stopped.
Comparison compare(const release::Manifest& manifest, const std::filesystem::path& root,
                   const CompareOptions& options = {});

/// Looks again at these paths alone, named as deviations name them; a folder's content is not looked at. For what may
/// have been in the making when the whole tree was compared. Whether a file is held is asked once.
enum class AskHeld { No, Yes };
std::vector<Deviation> recheck(const release::Manifest& manifest, const std::filesystem::path& root,
                               const std::set<std::string>& paths, AskHeld ask = AskHeld::No);

}  // namespace guard
