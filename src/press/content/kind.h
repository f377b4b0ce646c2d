// A taken-over page may be made anew from a template and go back: its original stays with it, and each revision says by
// its template's name which of the two it is. A page's kind is that of its latest revision, a live page's that of what
// is live.
#pragma once

#include "press/content/model.h"

namespace content {

inline PageKind kind_of(const Page& page, const Body& body) {
    if (page.document == base::Hash{}) return page.kind;
    return body.template_name.empty() ? PageKind::TakenOver : PageKind::Composed;
}

constexpr std::string_view kind_id(PageKind kind) {
    return kind == PageKind::TakenOver ? "taken-over" : "composed";
}

}  // namespace content
