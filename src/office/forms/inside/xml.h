// The XML parts of a form. Names are compared without their prefix: writers choose it.
#pragma once

#include <string>
#include <string_view>

#include <pugixml.hpp>

#include "office/forms/inside/marks.h"
#include "office/forms/inside/package.h"

namespace forms {

[[noreturn]] void refuse_form(std::string_view why);

/// Throws Error(BadInput): too large, no XML, nested too deeply.
void load(const Part& part, pugi::xml_document& to);
std::string save(pugi::xml_document& document);

std::string_view local_name(const pugi::xml_node& node);
/// Null node: none.
pugi::xml_node child_of(const pugi::xml_node& node, std::string_view name);
/// `name` with the prefix that `like` has: for new elements.
std::string named_like(const pugi::xml_node& like, std::string_view name);
void set_text(pugi::xml_node node, const std::string& text);
/// A copy of `node` before `place`; costs its nodes.
pugi::xml_node copy_before(const pugi::xml_node& node, const pugi::xml_node& place, Notes& notes);
/// Calls `see` for the node and everything below it, parents first.
template <class See>
void each_node(const pugi::xml_node& node, See&& see) {
    see(node);
    for (const pugi::xml_node& child : node.children()) each_node(child, see);
}
/// "xl/workbook.xml" => "xl/_rels/workbook.xml.rels".
std::string relations_of(std::string_view part);

/// The two kinds of forms.
void fill_word(Package& package, const Scope& values, Notes& notes);
void fill_workbook(Package& package, const Scope& values, Notes& notes);

}  // namespace forms
