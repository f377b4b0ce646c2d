// A row of live_page as its readers select it.
#pragma once

#include <string_view>
#include <vector>

#include "press/content/live.h"

namespace content {

inline constexpr std::string_view kLiveColumns =
    "live_page.page_id, live_page.path, live_page.kind, live_page.title, live_page.description, live_page.revision_id, "
    "live_page.published_at, live_page.updated_at";

LivePage read_live(const sys::Row& row);
std::vector<LivePage> read_all(const std::vector<sys::Row>& rows);

}  // namespace content
