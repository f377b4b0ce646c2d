// Checks a stream of the ledger against itself and against every release that has signed its head, so that a cut tail
// is found. Signatures and chain of the releases are checked on the way: one that is damaged, missing or not signed by
// the press's key is a problem of its own (bad-witness), not a witness less.
#pragma once

#include <string_view>

#include "flow/site.h"
#include "ground/ledger/store.h"

namespace flow {

ledger::Report verify_ledger(Site& site, std::string_view stream);

}  // namespace flow
