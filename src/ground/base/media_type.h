// What a file is, by the ending of its name: the one table for publishing, serving and uploads.
#pragma once

#include <string_view>
#include <vector>

namespace base {

/// Without charset: "text/html", "image/png"; "application/octet-stream" for unknown endings. Case does not matter.
std::string_view media_type(std::string_view path);
/// Every ending that media_type knows, in lower case.
std::vector<std::string_view> known_endings();
/// True for paths that are HTML pages: .html, .htm, .shtml, .xhtml.
bool is_page_path(std::string_view path);
/// True for types whose bytes are text and take a charset.
bool is_text_type(std::string_view type);

}  // namespace base
