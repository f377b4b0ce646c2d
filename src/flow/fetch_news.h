// Looks at the watched sources, one a turn, each once a day: over HTTP, or the newest file of a folder where there is
// no network. A source that cannot be had is noted and tried again the next day.
#pragma once

#include <functional>

#include "flow/site.h"

namespace flow {

/// Returns whether more are due.
bool fetch_news(Site& site, const std::function<bool()>& is_stopped = {});

}  // namespace flow
