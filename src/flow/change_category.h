// What administrators do with categories: make, rename, move, put in order, end. The lists that show them are marked in
// the same transaction, with the ledger line.
#pragma once

#include <string>
#include <string_view>

#include "flow/edit_page.h"
#include "press/content/categories.h"

namespace flow {

/// At the end of those beside it; `position` is ignored. Throws Error(NotAllowed), and as content::add_category.
void add_category(Site& site, content::Category made, const Doer& doer);
/// Title and parent; it keeps its place among those beside it, or goes to their end under another parent.
void change_category(Site& site, const content::Category& changed, const Doer& doer);
enum class Direction { Up, Down };
/// Changes places with the one beside it; at the end of the row nothing happens.
void move_category(Site& site, std::string_view name, std::int64_t version, Direction direction, const Doer& doer);
/// Its pages leave its lists; their texts still name it, so that one of the same name takes them in again.
void end_category(Site& site, std::string_view name, std::int64_t version, const Doer& doer);

}  // namespace flow
