// The pages of an accepted frame, made anew from a page type: each page keeps its title (without the site's name, which
// the type adds itself), description, categories and attachments, and what stood in its region becomes the body,
// cleaned as an author's text is. Nothing is kept until an administrator asks for it; a second one approves exactly the
// revisions that were shown (one hash over all), and all pages change in one release. The original stays with each
// page, so one act brings back what was there, byte for byte. Left out and named: pages in work, pages without a
// region.
#pragma once

#include <string>
#include <vector>

#include "flow/edit_page.h"
#include "press/frames/restyles.h"

namespace flow {

struct RestylePlan {
    struct One {
        content::Page page;
        content::Body body;                ///< as it would be
        std::vector<std::string> removed;  ///< markup that goes: "<script>"
    };
    struct Left {
        std::string path;
        std::string reason;
    };
    frames::GroupId group;
    std::string page_type;
    std::vector<One> pages;
    std::vector<Left> left_out;
    base::Hash hash;  ///< over the page type as it is and every revision to come
};
/// Keeps nothing. Throws Error(NotFound), Error(BadInput) when the group is not accepted or there is no such live page
/// type.
RestylePlan plan_restyle(Site& site, frames::GroupId group, const std::string& page_type);
/// The page as it would look; nothing is kept. Throws Error(BadInput) for a page that a plan leaves out.
std::string preview_restyled(Site& site, const RestylePlan::One& planned);
std::string preview_restyled(Site& site, base::PageId page, const std::string& page_type);

/// `planned` is the plan's hash that was shown, `why` is for the second administrator. Throws Error(NotAllowed);
/// Error(Conflict) when pages changed meanwhile or another request waits; Error(BadInput) without a reason or when no
/// page would change.
frames::RestyleId ask_restyle(Site& site, frames::GroupId group, const std::string& page_type,
                              const base::Hash& planned, const std::string& why, const Doer& doer);
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
