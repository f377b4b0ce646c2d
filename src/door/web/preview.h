// The other origin: pages as visitors would see them, with whatever script they bring, where it can do the office no
// harm. A page is opened by a token that the office's screen has made and that works once; the files beside it follow
// for ten minutes. Addresses are /~TOKEN/public/path, so that a page's relative links keep the token; root-relative
// ones fall back to what is public anyway.
#pragma once

#include "door/web/office.h"
#include "ground/base/ids.h"
#include "ground/http/message.h"
#include "press/content/templates.h"

namespace web {

class Context;

/// The address, on the preview origin, of `revision` (or, when it is 0, of what is public at `at`) of the page at
/// `path`.
std::string preview_address(Context& context, base::PageId page, std::string_view path, base::RevisionId revision,
                            base::Instant at = {});

/// The live page with a revision of a template, part, menu, list or style sheet in the live one's place.
std::string preview_template_address(Context& context, base::PageId page, std::string_view path,
                                     content::TemplateRevisionId revision);

/// A taken-over page as it would look, made anew from a page type; `mapping` as frames::mapping_text writes it.
std::string preview_restyled_address(Context& context, base::PageId page, std::string_view path,
                                     std::string_view page_type, std::string_view mapping);

/// The original of a taken-over page with an outline around what `selector` finds.
std::string preview_region_address(Context& context, base::PageId page, std::string_view path,
                                   std::string_view selector);

http::Response answer_preview(Office& office, http::Request& request);

}  // namespace web
