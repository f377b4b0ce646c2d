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
#include "press/content/model.h"
#include "press/publish/queue.h"

namespace flow {

struct Rendered {
    publish::SourceState state;  ///< paths in percent form, sorted
    std::vector<release::Entry> entries;
    std::string
        problem;  ///< why it could not be rendered: its old outputs stay; `state.reads` is what was read until then
};

/// Renders with several threads; the outcome does not depend on their number. Bytes are in the store, not yet synced.
/// One entry for each source, in their order. A source that fails says so in `problem`, unless it is our own disk or
/// database that fails: that is thrown.
std::vector<Rendered> render_sources(Site& site, std::span<const std::string> sources, base::Instant at,
                                     const std::function<void(std::int64_t, std::int64_t)>& progress);

/// A composed page as `revision` says it and `at` would show it; one that is not live bears the date of `released`.
/// Nothing is kept. Throws as render::composed.
std::string preview_composed(Site& site, sys::Reader& db, const content::Page& page, const content::Revision& revision,
                             base::Instant at, base::Instant released);

}  // namespace flow
