// A page as visitors would see it: a given revision, or what would be public at a given time. Nothing is published,
// nothing is noted; the bytes are the ones that a publication would place.
#pragma once

#include <optional>
#include <string>

#include "flow/site.h"
#include "press/content/model.h"

namespace flow {

struct Preview {
    std::string bytes;
    std::string type;           ///< "text/html; charset=shift_jis"
    base::RevisionId revision;  ///< 0: at that time nothing is public here
};

/// The page as `revision` says it, with the surroundings of now. Throws Error(NotFound).
Preview preview_revision(Site& site, base::PageId page, base::RevisionId revision);
/// What is public at `at`, if nothing else is decided until then: schedules that are asked for or approved count.
Preview preview_at(Site& site, base::PageId page, base::Instant at);
/// A file beside it: of the revision's own attachments, else what is public at that path. Nothing when there is none.
std::optional<Preview> preview_file(Site& site, base::RevisionId revision, const std::string& path);

}  // namespace flow
