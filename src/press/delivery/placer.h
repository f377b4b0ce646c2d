// Brings a document root to a release: the only code that writes public files. Each file appears whole, by a temporary
// name outside the document root on the same file system and a rename; new assets first, pages next, deletions last, so
// that a visitor never gets half a page or a page without its assets. Needs neither database nor key.
//
// What it replaces or removes and no release made goes to quarantine first. "No release made": it is no plain file, its
// owner, mode or number of names is another than ours, or its bytes are not in the object store. That needs no look at
// the release before, whose manifest costs as much as the site is large; the price is that an older release's own
// bytes, put back by somebody, are replaced without evidence (the guard reports them until then).
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "ground/base/time.h"
#include "ground/objects/store.h"
#include "ground/release/manifest.h"
#include "ground/release/record.h"

namespace delivery {

struct DocumentRoot {
    std::filesystem::path root;
    std::filesystem::path staging;     ///< outside `root`, on the same file system
    std::filesystem::path quarantine;  ///< the same; evidence
    base::Instant now;                 ///< noted with the evidence
};

/// A path whose object is missing or damaged: what stood there stays.
struct Unplaced {
    std::string path;  ///< bytes
    enum class Why { Missing, Damaged } why = Why::Missing;
    bool operator==(const Unplaced&) const = default;
};

struct Placement {
    std::int64_t written = 0;
    std::int64_t deleted = 0;
    std::int64_t unchanged = 0;    ///< the right bytes were there already
    std::int64_t quarantined = 0;  ///< pieces of evidence
    std::vector<Unplaced> unplaced;
};

/// May be repeated: what is in place already is left alone. Folders that become empty are removed. No link below the
/// root is ever followed, not even one that is put there meanwhile. An object that is missing or damaged costs its path
/// only. Throws Error(Unavailable) when the disk refuses; what was placed so far stays, each file whole, and the next
/// call goes on. `progress` is told how many changes are done.
Placement place(std::span<const release::Change> changes, const objects::Store& objects, const DocumentRoot& to,
                sys::Durability durability = sys::Durability::Later,
                const std::function<void(std::int64_t)>& progress = {});

/// A path that deviates, named as the guard names it: bytes, a folder's with '/' at the end, "./" for the root itself.
struct Sick {
    std::string path;
    std::string writer;  ///< who did it, where that is known: a JSON object for the evidence; may be empty
};

struct Healed {
    std::string path;
    enum class Outcome {
        Well,      ///< nothing had to be done
        Put,       ///< the right bytes, mode and owner are in place
        Removed,   ///< no release knows it, and it is gone
        NoObject,  ///< the right bytes are missing or damaged in the store: what deviated was taken down all the same
        Left       ///< it could not be put right; `problem` says why
    } outcome = Outcome::Well;
    std::string evidence;  ///< the folder in the quarantine that holds what stood there; empty = nothing stood there
    std::string problem;
};

/// Brings these paths to what `manifest` says, and everything else than a missing file goes to quarantine first: an
/// older release's bytes too. What is mounted below the root is unmounted where the kernel permits it. One path costs
/// at most itself. Throws Error(Unavailable) when the root cannot be opened.
std::vector<Healed> heal(std::span<const Sick> sick, const release::Manifest& manifest, const objects::Store& objects,
                         const DocumentRoot& to);

}  // namespace delivery
