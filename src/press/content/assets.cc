#include "press/content/assets.h"

namespace content {

std::vector<Asset> list_assets(sys::Reader& db, std::string_view after, int limit) {
    std::vector<Asset> all;
    for (const sys::Row& row : db.query("SELECT id, path, hash, size, type, charset, made_at, version FROM asset WHERE "
                                        "path > $1 ORDER BY path LIMIT $2",
                                        {std::string(after), std::int64_t{limit}}))
        all.push_back({{row.integer(0)},
                       row.text(1),
                       base::Hash::find_hex(row.text(2)).value(),
                       row.integer(3),
                       row.text(4),
                       row.text(5),
                       {row.integer(6)},
                       row.integer(7)});
    return all;
}

}  // namespace content
