// What authors send, made fit to keep: limits, addresses of attachments, and markup. Content of regions that nobody
// touched keeps its bytes; new markup is cleaned; legacy markup does not vanish without a word.
#pragma once

#include <string>
#include <vector>

#include "flow/site.h"
#include "press/content/model.h"

namespace flow {

struct CleanBody {
    content::Body body;
    std::vector<std::string> removed;  ///< "<script>"
    std::vector<std::string> losses;   ///< "main: <font> 3 → 0"
};

/// `before` is what the revision said that the author had before them; `regions` are the taken-over page's. Reads
/// objects; call it outside write transactions. Throws Error(BadInput).
CleanBody clean_body(Site& site, const content::Page& page, const std::vector<content::Region>& regions,
                     const content::Body& before, content::Body body);

/// Throws Error(BadInput) unless it is a path on which an HTML page of ours can stand, in percent form.
void check_page_path(std::string_view path);

}  // namespace flow
