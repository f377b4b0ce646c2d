// An approval route as a form: fields named by their place ("s0.g1.person"), so that steps and groups can be added and
// taken away without a script.
#pragma once

#include <string>

#include "door/web/administration.h"
#include "press/workflow/store.h"

namespace web {

struct RouteForm {
    workflow::Route route;
    std::string saved_name;

    /// What was sent takes the place of what is in `route`; id stays. Throws Error(BadInput) for fields that cannot be
    /// read.
    void take(Context& context);
    /// "add-step", "add-group-0", "drop-step-1", "drop-group-0-2": true when `act` was one of them and the form is to
    /// be shown again.
    bool change_shape(std::string_view act);
};

/// The fields of all steps for form.html.
tmpl::List step_fields(sys::Reader& db, const RouteForm& form, base::Instant now);
/// "担当課の承認者、佐藤 美咲": who of a group can say yes.
std::string group_text(sys::Reader& db, const workflow::Group& group);
/// A sentence about the first group that would be empty today for a page of the route's department; "" when none is.
std::string find_lonely_group(sys::Reader& db, const workflow::Route& route, base::Instant now);
/// A page by its path, as readers see it or as it is stored.
std::optional<content::Page> find_page_by_words(sys::Reader& db, std::string_view words);

}  // namespace web
