// What a database means to do for a query: tests ask that no list reads a whole table, on either engine.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ground/sys/database.h"

namespace sys::testing {

/// Runs `ask` on a reader that has the engine explain each statement first, and returns the steps of all plans:
/// "SEARCH page USING INDEX ..." on SQLite, "Index Scan using ..." on PostgreSQL. There the planner is told to read a
/// whole table only when no index serves, since on the small tables of a test that would be the cheapest.
std::vector<std::string> list_plan_steps(Reader& db, const std::function<void(Reader&)>& ask);

/// The steps that read a whole table. A scan of an index in its order counts as none: lists have limits.
std::vector<std::string> list_full_scans(Reader& db, const std::function<void(Reader&)>& ask);

}  // namespace sys::testing
