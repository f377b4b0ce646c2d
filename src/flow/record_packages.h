// Patches and antivirus data that the city hands over in a folder: what came, from where, when and by whom is put on
// record before any of it is used. Files are read, never run or installed; apt installs, and checks signatures.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "flow/site.h"

namespace flow {

struct ReceivedFile {
    std::string file;           ///< below the folder
    std::string name, version;  ///< of a Debian package; name is the file's otherwise
    std::string sha256;
    std::int64_t bytes = 0;
    bool is_listed = false;  ///< SHA256SUMS names it, with this sum
};

struct ReceivedPackages {
    std::vector<ReceivedFile> files;
    std::vector<std::string> problems;  ///< in Japanese; not empty: nothing was recorded
};

/// Reads `folder` with what is below it (1,000 files and 20 GB at most; links are problems) and writes a line into the
/// ledger for each file. Throws Error(NotFound), Error(BadInput): no folder, too much of it, or no `from`.
ReceivedPackages record_packages(Site& site, const std::filesystem::path& folder, std::string_view from,
                                 const std::string& by);

/// "libicu72_72.1-3+deb12u1_amd64.deb" -> its name and version; nothing for another file's name.
std::optional<std::pair<std::string, std::string>> parse_package_file(std::string_view file);

}  // namespace flow
