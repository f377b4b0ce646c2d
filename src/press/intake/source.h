// Where an existing site comes from: a folder, an archive or a crawl, each as a list of items with their bytes. One
// file a kind under sources/. Nothing is passed over in silence: what cannot be taken is listed with its reason.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ground/base/time.h"

namespace intake {

/// A file that can be taken. `path` is the public path's bytes.
struct Item {
    std::string path;
    std::filesystem::path file;  ///< where its bytes are now
    std::int64_t size = 0;
    unsigned mode = 0;
    std::int64_t changed_at =
        0;  ///< its modification time in nanoseconds: with the size, tells whether it was read already
    std::string header_charset;  ///< what a web server said with it
    std::string link_target;     ///< it is a link there; where to
};

/// Something that cannot be taken, or not as it is.
struct Skipped {
    std::string path;
    std::string reason;  ///< "link out of the tree", ...
};

struct Survey {
    std::vector<Item> items;  ///< sorted by path bytes
    std::vector<std::string> empty_folders;
    std::vector<Skipped> skipped;
};

/// Bounds on what one takeover may bring.
struct Bounds {
    std::int64_t largest_file = 500LL << 20;
    std::int64_t largest_total = 100LL << 30;
    std::int64_t files = 500'000;  ///< and as many folders, each way through links counted
    int depth = 64;
};

/// Looks at everything below `root` without reading a file. Links inside the tree are followed (a linked folder comes
/// in as a folder of files), links out of it, special files, unreadable things, names that a release cannot hold, and
/// names that collide by case or Unicode form are skipped with the reason. Throws Error(NotFound) when the root is not
/// there, Error(BadInput) when a bound of the whole is passed.
Survey survey_folder(const std::filesystem::path& root, const Bounds& bounds);

}  // namespace intake
