// The kinds of documents that the program makes. To add one: write templates/<id>.html (start from notice.html; it
// extends base.html) and add its row in kinds.cc.
#pragma once

#include <span>
#include <string_view>

#include "ground/base/resource.h"

namespace documents {

struct DocumentKind {
    std::string_view id;       ///< "completion", "incident-final"; in the ledger, in numbers; never changes
    std::string_view wording;  ///< "業務完了通知書"
    bool is_confirmed;         ///< the client confirms receipt (ReportConfirm)
    bool is_landscape = false;
};

std::span<const DocumentKind> all_kinds();
/// Null if there is none.
const DocumentKind* find_kind(std::string_view id);
/// Throws Error(BadInput) that names what there is.
const DocumentKind& load_kind(std::string_view id);

/// templates/*.html, by file name ("completion.html"); cmake/resources.cmake writes it.
std::span<const base::Resource> template_resources();

}  // namespace documents
