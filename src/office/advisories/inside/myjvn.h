// What MyJVN says of its own answer: zero hits and errors are told only there. In JSON the status stands at the top, or
// within the feed, under one of three names.
#pragma once

#include <boost/json.hpp>
#include <pugixml.hpp>

#include "office/advisories/advisory.h"

namespace advisories {

/// Fills total, first and returned. False, and `reading.is_feed` false, when MyJVN tells an error; true and
/// `reading.cut` when it says nothing at all.
bool read_myjvn_status(const boost::json::value& root, Reading& reading);
/// A list of MyJVN in JSON whose status is well; nothing, and the problem in `reading`, when it is not.
std::optional<boost::json::value> load_myjvn(std::string_view bytes, Reading& reading);
bool read_myjvn_status(const pugi::xml_node& root, Reading& reading);
/// The metrics of an entry: CVSS in its versions.
void add_metrics(const boost::json::value& holder, Advisory& to);

}  // namespace advisories
