// A plan for the pages of a frame (restyle_plan.h) becomes theirs: nothing is kept until an administrator asks for it;
// a second one approves exactly the revisions that were shown (one hash over all), and all pages change in one release.
// The original stays with each page, so one act brings back what was there, byte for byte.
#pragma once

#include <string>
#include <vector>

#include "flow/edit_page.h"
#include "flow/restyle_plan.h"

namespace flow {

/// `planned` is the plan's hash that was shown, `why` is for the second administrator. Throws Error(NotAllowed);
/// Error(Conflict) when pages changed meanwhile or another request waits; Error(BadInput) without a reason or when no
/// page would change.
frames::RestyleId ask_restyle(Site& site, frames::GroupId group, const std::string& page_type,
                              const base::Hash& planned, const std::string& why, const Doer& doer,
                              const frames::Mapping& mapping = {});
/// Returns the receipt to wait for. Throws Error(NotAllowed), also to whoever asked; Error(Conflict) when a page, the
/// page type or the request is not what `opened` says.
std::int64_t approve_restyle(Site& site, frames::RestyleId id, const base::Hash& opened, const Doer& doer);
/// Whoever asked may do it too: they take their request back.
void return_restyle(Site& site, frames::RestyleId id, const std::string& reason, const Doer& doer);

struct TakenBack {
    std::int64_t receipt = 0;
    std::int64_t pages = 0;
    std::vector<std::string> left_out;  ///< edited since: paths
};
/// What was live before is live again. Pages that were edited since stay and are named. Throws Error(NotAllowed),
/// Error(BadInput) without a reason, Error(Conflict) when it is not live.
TakenBack take_back_restyle(Site& site, frames::RestyleId id, const std::string& reason, const Doer& doer);

frames::Restyle load_restyle(sys::Reader& db, frames::RestyleId id);

}  // namespace flow
