// Publications that failed and are still not what somebody asked for. What was made good since, given up or asked for
// anew is history: it stays on its receipt and troubles nobody any more.
#pragma once

#include <vector>

#include "ground/sys/database.h"
#include "press/publish/receipt.h"

namespace flow {

/// Newest first.
std::vector<publish::Receipt> list_open_failures(sys::Reader& db, int limit);

}  // namespace flow
