// Forms for tests, as Word writes them.
#pragma once

#include <string>
#include <string_view>

namespace forms::testing {

/// A .docx whose text is `body` (<w:p>...).
std::string word_form(std::string_view body);
/// A paragraph of one run; `text` as XML has it.
std::string paragraph(std::string_view text);
/// One part of a form ("word/document.xml"); "" when there is none.
std::string part_of(std::string_view form, std::string_view part);

}  // namespace forms::testing
