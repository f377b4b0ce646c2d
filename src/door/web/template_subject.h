// What the screens about one template share: the template with its latest and its live revision, the heading with its
// tabs, and what changed between two sources in words that an administrator reads.
#pragma once

#include "door/web/context.h"
#include "flow/change_template.h"
#include "press/content/templates.h"

namespace web {

struct TemplateSubject {
    content::Template of;
    content::TemplateRevision latest;
    std::optional<content::TemplateRevision> live;
    std::string path(std::string_view rest = {}) const;  ///< "/templates/3/preview"
    bool is_submitted() const { return latest.state == content::TemplateState::Submitted; }
};

/// The template of the route's {id}. Throws Error(NotFound).
TemplateSubject load_template(Context& context);

/// The group of the list that a kind belongs to: "型", "部品", ...
std::string_view template_group(content::TemplateKind kind);
/// The state of the work, and 使用中 when there is a live revision: chips.
tmpl::List template_chips(const content::Template& of, const content::TemplateRevision& latest);
/// What template_head.html shows; `here` as "", "preview", "compare", "pages", "history".
tmpl::Map template_heading(const TemplateSubject& subject, std::string_view here);
std::vector<Crumb> template_crumbs(const TemplateSubject& subject, bool with_template);

/// Two sources for template_changes.html: {is_same, parts: [{label, rows}]}.
tmpl::Map template_changes(content::TemplateKind kind, std::string_view before, std::string_view after);

/// The pages that change with it, for template_pages.html: {pages, files, rows, rest}.
tmpl::Map affected_view(const flow::Affected& affected, std::size_t shown);

}  // namespace web
