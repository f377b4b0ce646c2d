// Where an existing site comes from: a folder, an archive or a crawl, each as a list of items with their bytes. One
// file a kind under sources/. Nothing is passed over in silence: what cannot be taken is listed with its reason.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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
    std::string path;                           ///< "" for an address that is not of this site
    std::string reason;                         ///< "link out of the tree", ...
    std::string address = {};                   ///< what a crawl was pointed at
    std::vector<std::string> linked_from = {};  ///< public paths of pages that link to it; the first few
};

/// An address of the old site that leads elsewhere.
struct Redirect {
    std::string path;
    int status = 301;      ///< 301 or 302
    std::string location;  ///< "/kurashi/new.html" or an http(s) address
};

struct Survey {
    std::vector<Item> items;  ///< sorted by path bytes
    std::vector<std::string> empty_folders;
    std::vector<Skipped> skipped;
    std::vector<Redirect> redirects = {};
};

/// Bounds on what one takeover may bring.
struct Bounds {
    std::int64_t largest_file = 500LL << 20;
    std::int64_t largest_total = 100LL << 30;
    std::int64_t files = 500'000;  ///< and as many folders, each way through links counted
    int depth = 64;
};

/// Why a path is not public content although it lies among it: names that begin with "." are settings of a web server
/// (.htaccess, .htpasswd) and what systems leave behind (.git, .DS_Store). ".well-known" (RFC 8615) is content.
std::optional<std::string> find_private_name(std::string_view path);

/// Sorts the items and keeps, of names that differ by case or Unicode form only and of a name that is both a file and a
/// folder, the first in byte order; the others are skipped with the reason.
void drop_collisions(Survey& survey);

/// Looks at everything below `root` without reading a file. Links inside the tree are followed (a linked folder comes
/// in as a folder of files), links out of it, special files, unreadable things, names that a release cannot hold, and
/// names that collide by case or Unicode form are skipped with the reason. Throws Error(NotFound) when the root is not
/// there, Error(BadInput) when a bound of the whole is passed.
Survey survey_folder(const std::filesystem::path& root, const Bounds& bounds);

}  // namespace intake
