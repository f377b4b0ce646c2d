// What of a template is edited by form: its maker declares fields in a comment at its start, and the administrator
// fills them in. Declaration and value stand in the source itself, so that a revision, its hash and its approval cover
// both.
//
//     {# fields
//     [{"name":"phone","kind":"text","label":"代表電話","value":"0570-00-0000"},
//      {"name":"banners","kind":"items","label":"バナー","most":8,
//       "of":[{"name":"image","kind":"image","label":"画像"},{"name":"url","kind":"link","label":"リンク先"}],"value":[]}]
//     #}
//
// A template reads them as {{ settings.NAME.phone }}. In a style sheet the comment is /* fields [...] */, the fields
// are colours, and the value of "key" is that of the custom property --key, which stays plain CSS. What a page shows
// besides (fixed words and links) is found by tmpl::outline. What authors fill in, page by page, is another thing: the
// parts of a page type (page_parts).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "press/content/templates.h"

namespace content {

enum class FieldKind {
    Text,    ///< one line
    Lines,   ///< several lines of plain text
    Link,    ///< a path of the site, or http, https, mailto, tel; may be empty
    Image,   ///< the path of a picture of the site; may be empty
    Colour,  ///< "#004c59"; style sheets only
    Number,  ///< whole, from `least` to `most`
    Switch,  ///< "1" or ""
    Items    ///< rows of the fields in `of`, in the administrator's order
};

struct Field {
    FieldKind kind = FieldKind::Text;
    std::string name;  ///< a-z 0-9 _ -
    std::string label;
    std::string hint;
    bool is_required = false;
    std::int64_t least = 0;            ///< Number
    std::int64_t most = 0;             ///< Number; Items: rows; Text and Lines: characters; 0 = the kind's own bound
    std::vector<std::string> against;  ///< Colour: names of colours, or colours, that it has to be readable beside
    std::vector<Field> of;             ///< Items
    std::string value;
    std::vector<std::vector<std::string>> rows;  ///< Items: a value for each of `of`
};

/// None when nothing is declared. Throws Error(BadInput), with the line, for a declaration that cannot be read.
std::vector<Field> parse_fields(TemplateKind kind, std::string_view source);
/// The source with these values in place of its own. The declaration of the source stays: fields are found by name.
std::string with_fields(TemplateKind kind, std::string_view source, std::span<const Field> filled);
/// Without the declaration: the style sheet that visitors get.
std::string_view without_fields(TemplateKind kind, std::string_view source);

/// What the pages of a page type consist of: "body", then each `fields.NAME` of its source, in its order.
std::vector<std::string> page_parts(std::string_view source);

struct FieldProblem {
    std::string name;      ///< of the field
    std::size_t row = 0;   ///< Items: from 0
    std::string sub_name;  ///< Items: of the field in the row
    std::string message;
};
std::vector<FieldProblem> check_fields(std::span<const Field> fields);

}  // namespace content
