// The schemas of a site's two databases: every room's migrations, in the order in which their tables refer to each
// other.
#pragma once

#include <vector>

#include "ground/sys/database.h"

namespace flow {

std::vector<sys::Migration> office_migrations();
std::vector<sys::Migration> watch_migrations();

}  // namespace flow
