// A city's own form of a document (.docx, .xlsx): kept in versions beside the template in HTML, filled with the same
// data whenever that kind is made, and kept as one of the version's files. The names that its placeholders may bear are
// the fields of office/documents/fields.h; of rows that bear a label each label is a name too ({{直接の原因}}).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flow/make_document.h"
#include "ground/template/value.h"
#include "office/documents/fields.h"
#include "office/documents/store.h"
#include "office/forms/form.h"

namespace flow {

struct FormName {
    std::string name, in;  ///< `in`: the list's name; empty: of the whole document
    documents::Field::Form form = documents::Field::Form::Text;
};
/// Every name of the kind, as the screen tells them. Throws Error(BadInput): no such kind.
std::vector<FormName> form_names(std::string_view kind);

/// A template's values by their names.
tmpl::Map form_values(std::string_view kind, const tmpl::Map& values);
/// Made-up ones, as a template gets them: 〔件名〕, three items in each list.
tmpl::Map sample_values(std::string_view kind);

/// Saves what an administrator sent. Throws Error(BadInput): what forms::fill refuses, names that the kind does not
/// have (all are told), no placeholder at all; Error(Conflict) when somebody was first; what keep_file throws.
void save_document_form(Site& site, std::string_view kind, std::string_view file_name, std::string_view bytes,
                        std::string_view note, int based_on, std::string_view by);
/// From now on the kind is made without a form. Throws Error(NotFound), Error(Conflict).
void drop_document_form(Site& site, std::string_view kind, int based_on, std::string_view by);

/// The form with made-up values. Throws Error(NotFound): there is none.
forms::Filled sample_form(Site& site, std::string_view kind);

struct FilledForm {
    int number = 0;  ///< the form's version
    ExtraFile file;
};
/// The kind's form filled; nothing when there is none. Throws Error(BadInput): it has become too large.
std::optional<FilledForm> fill_document_form(Site& site, std::string_view kind, const tmpl::Map& values);

}  // namespace flow
