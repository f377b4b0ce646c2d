// The city's word to residents about what works: an ordinary page, so nothing of it is public that nobody approved, it
// stands as a file when the office is down, and it can be taken to another server like any page. The watch only
// proposes words, from a fixed list: what it knows inside (addresses, paths, figures) never comes into them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flow/edit_page.h"

namespace flow {

enum class PublicState { Normal, Impaired, Down, Planned };
constexpr PublicState kPublicStates[] = {PublicState::Normal, PublicState::Impaired, PublicState::Down,
                                         PublicState::Planned};
std::string_view public_state_id(PublicState state);       ///< "normal", "impaired", "down", "planned"
std::string_view public_state_wording(PublicState state);  ///< 正常に利用できます, …

struct PublicService {
    std::string name;
    PublicState state = PublicState::Normal;
};

/// How the public site looks to residents, by what the watch has open; and whether the watch can tell at all.
struct StatusProposal {
    PublicService site;
    bool is_known = true;
};
StatusProposal propose_status(Site& site);

struct StatusPage {
    std::string path;  ///< percent form, "status.html"
    std::string title;
    std::vector<PublicService> services;
    std::string message;  ///< plain text; an empty line begins a paragraph
};
/// The words as the page's body: all that was typed is text, never markup.
std::string status_body(const StatusPage& page, base::Instant now);

/// What stands at a path before the words are written: what the form shows and sends back.
struct StatusPlace {
    base::RevisionId revision;  ///< 0 = no page
    std::int64_t version = 0;
    bool is_other = false;  ///< a page that says something else than what works
    base::PageId page = {};
};
StatusPlace find_status_place(Site& site, std::string_view path);

/// A draft with these words: a new page, or a new revision of the one that stands at the path. From there on it is
/// looked at, approved and published as every page. Throws Error(BadInput), and Error(Conflict) when what stands there
/// is not what was `seen`, has another template, or is another page than one of this kind and `may_replace` is not
/// said.
Outcome write_status_draft(Site& site, const StatusPage& page, base::DepartmentId department, const StatusPlace& seen,
                           bool may_replace, const Doer& doer);

}  // namespace flow
