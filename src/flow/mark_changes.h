// Each change of what others read, with the marks that belong to it: the one place that knows which keys a change makes
// dirty (press/publish/queue.h lists them). A list is read by key: "list:kurashi/" are the pages that stand directly
// there, "tree:kurashi/" those anywhere below ("tree:" = the site), "category:event" those of a category. Who shows the
// first N of a list reads "list:kurashi/#20" with N rounded up to a step of the ladder, and a change marks only the
// steps that its place in the list reaches: what moves beyond the twentieth place re-renders nobody who shows twenty.
#pragma once

#include "ground/people/model.h"
#include "ground/sys/database.h"
#include "press/content/live.h"
#include "press/content/model.h"
#include "press/content/templates.h"

namespace flow {

/// What visitors find at the path of a page that came down or moved away.
struct LeftBehind {
    int status = 0;        ///< 0 = nothing (404), 301 and 302 with a target, 410 = gone
    std::string location;  ///< "/kurashi/new.html" or an http(s) address
};

/// Makes `revision` (0 = none) the page's live one, brings the lists up to date and marks every reader. `cause` is the
/// receipt that waits. In place of content::set_live and publish::mark_dirty; use it for every change of the live side.
void change_live(sys::Transaction& tx, base::PageId page, base::RevisionId revision, base::Instant at,
                 std::int64_t cause = 0, const LeftBehind& left = {});

/// After a change of a section's title, department, order or list settings.
void mark_section_changed(sys::Transaction& tx, const content::Section& before, const content::Section& after,
                          base::Instant at, std::int64_t cause = 0);
/// After a change of a department (name, telephone, mail, place, validity).
void mark_department_changed(sys::Transaction& tx, base::DepartmentId id, base::Instant at, std::int64_t cause = 0);
/// After another revision of a template, part, menu, list or style has become live, or the first one.
void mark_template_changed(sys::Transaction& tx, const content::Template& changed, base::Instant at,
                           std::int64_t cause = 0);
/// After a category was added, renamed, moved or removed; its pages' lists are brought up to date.
void mark_category_changed(sys::Transaction& tx, std::string_view name, base::Instant at, std::int64_t cause = 0);
/// After a redirect was put or removed by hand.
void mark_redirect_changed(sys::Transaction& tx, std::string_view path, base::Instant at, std::int64_t cause = 0);

}  // namespace flow
