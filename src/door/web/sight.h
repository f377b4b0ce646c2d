// Which pages a person may know of. What is public everybody on the staff may know, as the public does, by the words
// of the live revision; drafts and what was taken down only those whose business they are: by PageRead where the page
// belongs, or because a route asks them to approve it. Every list and every screen about one page asks here, so that no
// list tells what the page itself would refuse.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "door/web/context.h"
#include "press/content/store.h"

namespace web {

/// The department that is in charge: the page's own, else the nearest section's that names one; 0 = none.
base::DepartmentId department_in_charge(sys::Reader& db, const content::Page& page);

/// For one request; departments and sections are looked up once each.
class Sight {
  public:
    Sight(const Context& context, sys::Reader& db) : context_(context), db_(db) {}

    /// Whether the screens about the page open.
    bool may_open(const content::Page& page);
    /// Throws Error(NotAllowed) that says who may.
    void need(const content::Page& page);
    base::DepartmentId department_of(const content::Page& page);

    struct Seen {
        std::string title;
        std::string path;  ///< public, in percent form
        base::Instant changed_at;
        bool is_open = false;  ///< its screens open; else there is the public page only
    };
    /// What a list may show of the page; nothing = that it is not to be in the list.
    std::optional<Seen> look(const content::Page& page);
    /// The same for a search, when `page` was found by `words`: a draft's words do not find another's page.
    std::optional<Seen> look(const content::Page& page, std::string_view words);

    /// For other acts on the page.
    const people::Scope& scope_of(const content::Page& page);

  private:
    const Context& context_;
    sys::Reader& db_;
    std::map<base::SectionId, base::DepartmentId> sections_;
    std::map<base::DepartmentId, people::Scope> scopes_;
};

}  // namespace web
