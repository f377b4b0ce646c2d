// What the registers warn of, as wrongs of the watch's desk: licences and supports that end, terminals that are silent
// or stale. A licence's renewal is also an obligation of the contract, with its own warnings.
#pragma once

#include "flow/watch_work.h"

namespace flow {

void follow_registers(Site& site, std::vector<Wrong>& wrong);

}  // namespace flow
