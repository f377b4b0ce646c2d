// Checks a stream of the ledger against itself and against every release that has signed its head, so that a cut tail
// is found.
#pragma once

#include <string_view>

#include "flow/site.h"
#include "ground/ledger/store.h"

namespace flow {

ledger::Report verify_ledger(Site& site, std::string_view stream);

}  // namespace flow
