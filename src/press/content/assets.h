// All files of a site in order of path, for whoever copies it.
#pragma once

#include <string_view>
#include <vector>

#include "ground/sys/database.h"
#include "press/content/model.h"

namespace content {

/// Those whose path comes after `after` ("" = from the start).
std::vector<Asset> list_assets(sys::Reader& db, std::string_view after, int limit);

}  // namespace content
