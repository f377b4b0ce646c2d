// Where the shared parts of a frame stand in each page. A shared part has a name, by which its words are kept
// ("frame-12"); here is only the place: byte offsets into the page's original.
#pragma once

#include <string>
#include <vector>

#include "press/frames/store.h"

namespace frames {

struct Place {
    base::PageId page;
    std::string name;
    std::int64_t begin = 0, end = 0;
    std::string context;  ///< the element that it is the content of
};

/// The name that the part has once it is shared.
std::string shared_name(PartId part);
bool is_shared(sys::Reader& db, std::string_view name);
void add_place(sys::Transaction& tx, const Place& place);
/// In the page's order.
std::vector<Place> list_places(sys::Reader& db, base::PageId page);
std::int64_t count_places(sys::Reader& db, std::string_view name);

}  // namespace frames
