// A page that is made from a template: what the template may look at (docs/handbook/templates.md lists it), and the
// HTML that comes of it. Everything that is read on the way is noted in the Sight.
#pragma once

#include <string>
#include <vector>

#include "ground/template/template.h"
#include "press/content/model.h"
#include "press/render/sight.h"

namespace render {

struct Composed {
    std::string html;
    Notes notes;
    std::vector<tmpl::Problem> warnings;  ///< values that the template asked for and that are not there
};

/// `shown` says which revision as what page: the live one, or for a preview any other with the moments that it would
/// have. `notes` gets what was read also when this throws, so that a change of it may try again. Throws Error(NotFound)
/// when its template is not there, tmpl::TemplateError when it cannot be rendered.
Composed composed(Sight& sight, Notes& notes, const content::Page& page, const content::LivePage& shown,
                  const content::Body& body);

/// A page of a section's archive (template "archive").
Composed archive(Sight& sight, Notes& notes, const content::Section& section, std::string_view period);
/// The page for an error, 403, 404, 410 or 503 (template "error").
Composed error_page(Sight& sight, Notes& notes, int status);

/// A part on its own, without a page.
std::string render_part(Sight& sight, const tmpl::Template& part);

}  // namespace render
