// Also sources of news that fall silent. What the registers warn of, as wrongs of the watch's desk: licences and
// supports that end, terminals that are silent or stale. A licence's renewal is also an obligation of the contract,
// with its own warnings.
#pragma once

#include "flow/watch_work.h"

namespace flow {

/// A watched source of news that could not be read for kSourcePatience.
struct SilentSource {
    std::int64_t id = 0;
    std::string name, problem;
    base::Instant since;  ///< when it was last read, or entered
};
constexpr std::chrono::hours kSourcePatience{72};
std::vector<SilentSource> list_silent_sources(Site& site);

void follow_registers(Site& site, std::vector<Wrong>& wrong);

}  // namespace flow
