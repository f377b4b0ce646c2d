// From a source ("page:12", "asset:7") to its public bytes: reads what is approved and live, renders it, keeps the
// bytes as objects, and says what was read on the way. What a source cannot be rendered from any more yields nothing,
// and so disappears.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "flow/site.h"
#include "ground/release/record.h"
#include "press/publish/queue.h"

namespace flow {

struct Rendered {
    publish::SourceState state;  ///< paths in percent form, sorted
    std::vector<release::Entry> entries;
};

/// Renders with several threads; the outcome does not depend on their number. Bytes are in the store, not yet synced.
/// One source that fails keeps its old outputs and is reported in the log and as a failed receipt, unless it is our own
/// disk or database that fails: that is thrown.
std::vector<Rendered> render_sources(Site& site, std::span<const std::string> sources, base::Instant at,
                                     const std::function<void(std::int64_t, std::int64_t)>& progress);

}  // namespace flow
