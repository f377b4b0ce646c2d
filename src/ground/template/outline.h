// A template as a form: the texts and links that an administrator may change without touching markup, each with an id,
// and what else the template contains, in the order of the source. `with_text` changes just the bytes of one entry.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ground/template/template.h"

namespace tmpl {

struct Entry {
    /// Text: a run of literal text. Label: alt, title, placeholder or aria-label. Link: the whole literal href of a or
    /// area. Variable: a value that is shown. Block, Include, Extends: by name.
    enum class Kind { Text, Label, Link, Variable, Block, Include, Extends };
    Kind kind = Kind::Text;
    /// "text-3", "label-1", "link-2": counted from 1 in the order of the source, so a change of text keeps every id.
    std::string id;
    /// What the form shows: text and addresses with character references resolved; names as written.
    std::string text;
    std::size_t offset = 0;  ///< bytes into the source
    std::size_t length = 0;
    int line = 0;       ///< from 1
    std::string block;  ///< the innermost block around it; "" = none
    std::string tag;    ///< Text: the element that begins right before it, "h2"; "" = another place
    std::string note;   ///< what its maker calls it: of the comment {# label ... #} before it; "" = none
    bool is_editable() const { return kind == Kind::Text || kind == Kind::Label || kind == Kind::Link; }
};

std::vector<Entry> outline(const Template& page);

/// A block that stands inside the quotes of an attribute, such as a list of classes: what other templates put there are
/// no words for a form.
struct TagBlock {
    std::string name;
    std::string attribute;  ///< lower case
};
std::vector<TagBlock> list_tag_blocks(const Template& page);

/// The source with one entry's text replaced; the new text is taken as text, never as markup or template language, and
/// an unchanged text gives back the identical source. Throws Error(NotFound): there is no editable entry of that id.
/// Throws Error(BadInput): the text is empty (the ids behind it would shift; take it out in the source), longer than 64
/// KiB or not UTF-8, or a link's scheme could run script.
std::string with_text(const Template& page, std::string_view id, std::string_view text);

}  // namespace tmpl
