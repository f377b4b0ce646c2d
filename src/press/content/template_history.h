// Going back to what a template said before: the revision that was live and approved last is live again. No new words
// become public by it, so it needs no second approval; who may do it is the caller's rule.
#pragma once

#include "press/content/templates.h"

namespace content {

/// What would be live again; nothing when nothing was before.
std::optional<TemplateRevision> find_revision_before(sys::Reader& db, TemplateId id);
/// The live revision is replaced by the one that was live before it; a draft stays the latest. Returns what is live
/// now. Throws Error(Conflict) for an old version, or when nothing was live before.
TemplateRevision put_back_template(sys::Transaction& tx, TemplateId id, std::int64_t version);

}  // namespace content
