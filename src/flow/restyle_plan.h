// What the pages of an accepted frame would be, made anew from a page type: each page keeps its title (without the
// site's name, which the type adds itself), description, categories and attachments; what stands in its regions goes
// into the fields of the type that somebody chose for them, cleaned as an author's text is. Nothing is kept here;
// asking and approving are in restyle_frame.h. Left out and named: pages in work, pages without a region that goes
// anywhere.
#pragma once

#include <string>
#include <vector>

#include "flow/site.h"
#include "press/content/model.h"
#include "press/frames/restyles.h"

namespace flow {

struct RestylePlan {
    struct One {
        content::Page page;
        content::Body body;                ///< as it would be
        std::vector<std::string> removed;  ///< markup and regions that go: "<script>"
    };
    struct Left {
        std::string path;
        std::string reason;
    };
    /// A region's name, on how many pages there is one, and where its text goes.
    struct Place {
        std::string region;
        std::int64_t pages = 0;
        std::string field;
    };
    frames::GroupId group;
    std::string page_type;
    std::vector<std::string> fields;  ///< of the page type, in its order: "body", "notes"
    std::vector<Place> places;        ///< of every region that the pages have; "main" first, then by name
    std::vector<One> pages;
    std::vector<Left> left_out;
    base::Hash hash;  ///< over the page type as it is and every revision to come

    frames::Mapping mapping() const;  ///< of all places
};

/// `mapping` says for the regions that it names where they go; of the others, "main" becomes the body, and so does one
/// that is a page's only region and stands beside no "main" anywhere. Regions in one field follow each other as in the
/// document. Throws Error(NotFound); Error(BadInput) when the group is not accepted, there is no such live page type or
/// field, or no page has such a region.
RestylePlan plan_restyle(Site& site, frames::GroupId group, const std::string& page_type,
                         const frames::Mapping& mapping = {});
/// The page as it would look; nothing is kept. Throws Error(BadInput) for a page that a plan leaves out.
std::string preview_restyled(Site& site, const RestylePlan::One& planned);
std::string preview_restyled(Site& site, base::PageId page, const std::string& page_type,
                             const frames::Mapping& mapping = {});

/// As it is in RestylePlan::hash, of the same pages with the type's source as it is now.
base::Hash hash_of(const RestylePlan& plan, std::string_view type_source);
/// Is nothing in work on the page: what is live is also the latest?
bool is_at_rest(sys::Reader& db, const content::Page& page);

}  // namespace flow
