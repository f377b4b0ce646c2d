// What was kept as evidence, for those who look at it. It comes from whoever tampered with the site: nothing of it is
// followed, opened by its own name or believed; a piece that cannot be read is left out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"

namespace delivery {

struct Evidence {
    std::string name;  ///< of its folder
    std::string path;  ///< bytes below the document root
    base::Instant found_at;
    std::vector<std::string> kinds;  ///< "changed", ...; none in pieces of earlier versions
    std::string type;                ///< "file", "folder", "link", "special"
    std::int64_t size = 0;
    std::string mode;  ///< "0644"
    std::int64_t uid = -1, gid = -1, links = 0;
    std::optional<base::Instant> modified_at, changed_at;
    std::string sha256;    ///< hex; empty when it could not be read
    std::string leads_to;  ///< of a link
    bool is_kept = true;   ///< false: for want of room its bytes went
    struct Process {
        std::int64_t number = 0, user = -1;
        std::string program, command;
    };
    std::optional<Process> writer;
};

/// The newest first, at most `limit`, those before the piece `before`; empty = from the newest on.
/// Pieces that may not be read are left out. Throws Error(Unavailable): the folder is there and cannot be read.
std::vector<Evidence> list_evidence(const std::filesystem::path& quarantine, std::string_view before,
                                    std::size_t limit);
/// Those that cannot be read, too. Throws as above.
std::size_t count_evidence(const std::filesystem::path& quarantine);
/// Nothing when `name` is no piece of evidence. Throws Error(NotAllowed): whoever this process is may not read it.
std::optional<Evidence> find_evidence(const std::filesystem::path& quarantine, std::string_view name);
/// The first `most` bytes of the file that was kept; nothing when it was none.
/// Throws Error(NotAllowed): whoever this process is may not read it.
std::optional<std::string> find_thing(const std::filesystem::path& quarantine, std::string_view name, std::size_t most);

/// What was in a folder that was kept.
struct KeptFile {
    std::string path;  ///< below the folder
    std::int64_t size = 0;
};
struct KeptFolder {
    std::vector<KeptFile> files;
    bool is_more = false;
};
/// Of the first `most` files and folders in it. Throws Error(NotAllowed): whoever this process is may not read it.
KeptFolder list_kept_files(const std::filesystem::path& quarantine, std::string_view name, std::size_t most);

}  // namespace delivery
