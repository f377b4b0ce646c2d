// Who watches the watch: the office, which is another process where the roles run apart. When no sign of life has come
// for a while, the ledger says so, those who may stop the service get a mail, and the screens show it; the same when it
// is back. Without this a dead watch would look like a quiet night.
#pragma once

#include <optional>

#include "flow/site.h"

namespace flow {

constexpr std::chrono::minutes kWatchPatience{5};

/// What an office's screen tells: since when nothing was heard; nothing while the watch is alive.
struct WatchSilence {
    std::optional<base::Instant> last;  ///< nothing: it has never run here
};
std::optional<WatchSilence> find_watch_silence(const Folders& folders, base::Instant now);

/// Writes "monitor.down" and "monitor.up" into the ledger, each once. `since` is when this process began, for the watch
/// may be starting too. Returns the number of lines.
int record_watch_silence(Site& site, base::Instant since);

}  // namespace flow
