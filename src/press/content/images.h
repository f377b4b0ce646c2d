// The pictures of the site, to choose from: the files that were taken over, and those that stand beside live pages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ground/sys/database.h"

namespace content {

struct Image {
    std::string path;  ///< percent form, without the slash at its start
    std::string name;  ///< the title that its author gave it, else the file's name
    std::string alt;   ///< what it shows, as far as that is known; may be empty
    std::int64_t size = 0;
};
/// Those with `words` in their path or name, in either case; the files beside pages first, newest page first.
std::vector<Image> list_images(sys::Reader& db, std::string_view words, int limit);

}  // namespace content
