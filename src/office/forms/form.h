// A city's own form (.docx or .xlsx) is filled: placeholders such as {{件名}} give way to values, and what stands
// between {{#内訳}} and {{/内訳}} is repeated for each item. Word cuts a placeholder into several pieces when somebody
// types slowly; they are put together first. Everything else in the file stays byte for byte. The file is an
// administrator's upload: it is bounded, and what could run or fetch something when it is opened (macros, controls,
// templates from elsewhere) is refused. Left out: pictures, and shapes in a workbook, which stay where they are when
// rows are added.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ground/template/value.h"

namespace forms {

enum class Format { Word, Workbook };
std::string_view ending(Format format);  ///< ".docx"
std::string_view media_type(Format format);

constexpr std::size_t kLargestForm = 8U << 20U;

struct Filled {
    Format format = Format::Word;
    std::string bytes;
    std::vector<std::string> names;    ///< the placeholders, each once, as they first appear
    std::vector<std::string> unknown;  ///< of them, what `values` has no name for; they are left empty
};

/// `values`: by the names that placeholders bear. Text is text; a whole number is written 1,234,567, and as a number
/// where it is alone in a workbook's cell; a list repeats what stands around its items, which are maps or, named
/// {{項目}}, texts. A name is looked for in the item first, then around it. A table's row stays once, empty, when there
/// is no item. The same form and values give the same bytes. Throws Error(BadInput), fit for the administrator: no such
/// file, too large, something that runs, a repetition without an end, or a workbook whose rows cannot be moved.
Filled fill(std::string_view form, const tmpl::Map& values);

/// The name of an item that is a text.
constexpr std::string_view kItem = "項目";

}  // namespace forms
