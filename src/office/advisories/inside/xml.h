// XML as feeds write it: any of our encodings, namespaces by their local names.
#pragma once

#include <functional>
#include <string_view>

#include <pugixml.hpp>

#include "office/advisories/advisory.h"

namespace advisories {

/// Parses `bytes`; false and `reading.is_feed` false when it is too large, no XML, or HTML. Of a broken document what
/// stands before the fault is there, and the fault is `reading.cut` and among the problems.
bool load_xml(std::string_view bytes, pugi::xml_document& to, Reading& reading);

/// "sec:cvss" -> "cvss".
std::string_view local_name(const pugi::xml_node& node);
/// The first child by its local name; an empty node when there is none.
pugi::xml_node child_of(const pugi::xml_node& node, std::string_view name);
/// All text below it, in order.
std::string text_of(const pugi::xml_node& node);
inline std::string text_of(const pugi::xml_node& node, std::string_view child) {
    return text_of(child_of(node, child));
}
void each_child(const pugi::xml_node& node, std::string_view name,
                const std::function<void(const pugi::xml_node&)>& take);
/// Every element of this local name, wherever it stands, those within one another not twice; at most kMostItems.
void each_below(const pugi::xml_node& node, std::string_view name,
                const std::function<void(const pugi::xml_node&)>& take);

}  // namespace advisories
