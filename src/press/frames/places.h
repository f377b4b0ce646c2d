// Where the shared parts of a frame stand in each page. A shared part has a name, by which its words are kept
// ("frame-12"); here is only the place: byte offsets into the page's original. A page that was made in a frame has one
// more place, where its own title stands.
#pragma once

#include <string>
#include <vector>

#include "press/frames/store.h"

namespace frames {

/// The name of the place of the page's own title.
constexpr std::string_view kTitlePlace = "@title";
/// The part's addresses are written for the folder that the page is in.
constexpr std::string_view kOwnFolder = ".";

struct Place {
    base::PageId page;
    std::string name;
    std::int64_t begin = 0, end = 0;
    std::string context;             ///< the element that it is the content of
    std::string folder{kOwnFolder};  ///< for which the part's relative addresses are written: "kurashi/", "" = the top
};

/// The name that the part has once it is shared.
std::string shared_name(PartId part);
bool is_shared(sys::Reader& db, std::string_view name);
void add_place(sys::Transaction& tx, const Place& place);
/// In the page's order.
std::vector<Place> list_places(sys::Reader& db, base::PageId page);
std::int64_t count_places(sys::Reader& db, std::string_view name);

}  // namespace frames
