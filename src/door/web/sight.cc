#include "door/web/sight.h"

#include "door/web/words.h"
#include "press/content/live.h"
#include "press/content/words.h"
#include "press/workflow/store.h"

namespace web {

base::DepartmentId department_in_charge(sys::Reader& db, const content::Page& page) {
    if (page.department) return page.department;
    auto section = content::find_section(db, page.section);
    while (section && !section->department && section->parent) section = content::find_section(db, section->parent);
    return section ? section->department : base::DepartmentId{};
}

base::DepartmentId Sight::department_of(const content::Page& page) {
    if (page.department) return page.department;
    const auto known = sections_.find(page.section);
    return known != sections_.end() ? known->second : sections_[page.section] = department_in_charge(db_, page);
}

const people::Scope& Sight::scope_of(const content::Page& page) {
    const base::DepartmentId department = department_of(page);
    auto known = scopes_.find(department);
    if (known == scopes_.end())
        known = scopes_
                    .emplace(department, people::scope_of(db_, department ? std::optional(department) : std::nullopt,
                                                          page.path, context_.now()))
                    .first;
    known->second.path = page.path;
    return known->second;
}

bool Sight::may_open(const content::Page& page) {
    if (context_.may(people::Act::PageRead, scope_of(page))) return true;
    for (const workflow::Candidate& asked : workflow::list_asked(db_, page.id))
        if (asked.person == context_.person.id) return true;
    return false;
}

void Sight::need(const content::Page& page) {
    if (!may_open(page)) context_.require(people::Act::PageRead, scope_of(page));
}

std::optional<Sight::Seen> Sight::look(const content::Page& page) {
    if (may_open(page)) return Seen{title_of(page), page.path, page.changed_at, true};
    const auto live = page.live ? content::find_live(db_, page.id) : std::nullopt;
    if (!live) return std::nullopt;
    return Seen{live->title.empty() ? readable_path(live->path) : live->title, live->path, live->updated_at, false};
}

std::optional<Sight::Seen> Sight::look(const content::Page& page, std::string_view words) {
    auto seen = look(page);
    if (seen && !seen->is_open && !content::has_words(seen->title, seen->path, words)) return std::nullopt;
    return seen;
}

}  // namespace web
