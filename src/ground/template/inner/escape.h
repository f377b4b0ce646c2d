// Values into HTML, each for the place where it stands.
#pragma once

#include <string>
#include <string_view>

#include "ground/template/inner/html_state.h"
#include "ground/template/value.h"

namespace tmpl {

/// `place` is one that takes values.
void append_text(std::string& to, std::string_view text, Place place);
/// As it is between elements; elsewhere only its text.
void append_html(std::string& to, const SafeHtml& html, Place place);
/// What a reader of the HTML would read: without tags and comments, references resolved.
std::string text_of(const SafeHtml& html);

/// May this address be followed or loaded? `attribute` is the value as it stands in the HTML. By the URL Standard:
/// white space in front and tabs and line ends inside do not count; without a scheme it is a path; of the schemes http,
/// https, mailto and tel pass. OwnUrl: only a path of this site.
bool is_safe_url(std::string_view attribute, Place place);

}  // namespace tmpl
