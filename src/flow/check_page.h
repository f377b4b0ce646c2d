// What can be said against a page before it is public, by looking at the bytes that a publication would place: what an
// intruder leaves (watch/content), and the faults that shut residents out and that a machine is sure of. One finding a
// rule, with the number of places. It never stops a publication by failing: a page that cannot be looked at is a
// finding too.
#pragma once

#include <vector>

#include "flow/site.h"
#include "ground/base/finding.h"
#include "ground/base/ids.h"

namespace flow {

std::vector<base::Finding> check_page(Site& site, base::PageId page, base::RevisionId revision);

}  // namespace flow
