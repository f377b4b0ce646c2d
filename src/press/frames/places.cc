#include "press/frames/places.h"

#include <fmt/format.h>

namespace frames {

std::string shared_name(PartId part) {
    return fmt::format("frame-{}", part.value);
}

bool is_shared(sys::Reader& db, std::string_view name) {
    return db.find("SELECT 1 FROM frame_place WHERE name = $1 LIMIT 1", {std::string(name)}).has_value();
}

void add_place(sys::Transaction& tx, const Place& place) {
    tx.execute(
        "INSERT INTO frame_place (page_id, name, begin_at, end_at, context, folder) VALUES ($1, $2, $3, $4, $5, $6)",
        {place.page.value, place.name, place.begin, place.end, place.context, place.folder});
}

std::vector<Place> list_places(sys::Reader& db, base::PageId page) {
    std::vector<Place> places;
    for (const sys::Row& row : db.query(
             "SELECT name, begin_at, end_at, context, folder FROM frame_place WHERE page_id = $1 ORDER BY begin_at",
             {page.value}))
        places.push_back({page, row.text(0), row.integer(1), row.integer(2), row.text(3), row.text(4)});
    return places;
}

std::int64_t count_places(sys::Reader& db, std::string_view name) {
    return db.find("SELECT COUNT(*) FROM frame_place WHERE name = $1", {std::string(name)})->integer(0);
}

}  // namespace frames
