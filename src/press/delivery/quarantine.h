// Evidence: what stood in the document root and is no release's work is kept before it is replaced or removed, with a
// small JSON of what the file system said about it. It leaves out judging: the placer says what deviates.
//
// Whoever writes into the document root writes here too, so the room is bounded: beyond it the JSON with the hash is
// kept (of a folder the list of what was in it) and the bytes go, and the guard says so. Nothing that was kept earlier
// is thrown away for it: that is an administrator's act.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <sys/stat.h>

#include "ground/base/hash.h"
#include "ground/base/time.h"
#include "ground/sys/files.h"

namespace delivery {

/// One thing in the document root, as it was found.
struct Found {
    struct stat status {};
    std::optional<base::Hash> hash;            ///< of a regular file that could be read
    bool is_held = false;                      ///< somebody has it open for writing, as far as the kernel says
    std::vector<std::string_view> kinds = {};  ///< in which ways it deviates, in the guard's words
};

/// Why no more bytes are kept in `folder`: it holds more than a tenth of its file system or than 20,000 pieces, or less
/// than a twentieth is free there. Empty while there is room.
std::string find_lack_of_room(const std::filesystem::path& folder);

/// Device and inode of what was kept in that time.
std::set<std::pair<dev_t, ino_t>> list_kept(const std::filesystem::path& folder, base::Instant since,
                                            base::Instant until);

class Quarantine {
  public:
    /// Nothing is made in `folder` before the first piece of evidence.
    Quarantine(std::filesystem::path folder, base::Instant now) : folder_(std::move(folder)), now_(now) {}

    /// A regular file that is about to be replaced: kept by a second name, so that visitors miss nothing until the
    /// rename.
    /// The name of the evidence's folder, as from `take`.
    std::string keep(const sys::Descriptor& parent, const std::string& path, const Found& found);
    /// Anything that has to go: moved here, a folder with all that is in it.
    std::string take(const sys::Descriptor& parent, const std::string& path, const Found& found);
    /// Who wrote what is kept from now on, where that is known: a JSON object, or empty.
    void set_writer(std::string json) { writer_ = std::move(json); }
    std::int64_t count() const { return count_; }
    const std::string& last() const { return last_; }  ///< the name of the newest evidence's folder

  private:
    bool has_room();
    std::filesystem::path prepare(const sys::Descriptor& parent, const std::string& path, const Found& found);

    std::filesystem::path folder_;
    base::Instant now_;
    std::string writer_, last_;
    std::int64_t count_ = 0;
    std::optional<bool> has_room_;  ///< as it was at the first piece of evidence
};

}  // namespace delivery
