// Objects out of the newest backup, for the guard: what the disk has damaged here is still whole in a repository. Each
// repository is asked in turn, with little patience; one that cannot be reached is left alone for a while, so that a
// disk full of damaged objects does not hold the guard up at each of them.
#pragma once

#include "flow/guard_site.h"
#include "flow/site.h"

namespace flow {

/// What it gives was hashed. `clock` must outlive it. Empty when no backup is set up.
ObjectSource backup_source(const Folders& folders, const settings::Settings& settings, const base::Clock& clock);

}  // namespace flow
