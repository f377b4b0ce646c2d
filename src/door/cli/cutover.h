// What the commands of the cutover share.
#pragma once

#include <boost/json/object.hpp>

#include "door/cli/anomaly.h"
#include "watch/cutover/store.h"

namespace cli {

boost::json::object as_json(const cutover::Plan& plan);
boost::json::object as_json(const cutover::Counts& counts);
boost::json::object as_json(const cutover::Finding& finding);
std::string as_prose(const cutover::Counts& counts);
/// The plan. Throws Error(NotFound) when there is none.
cutover::Plan load_plan(sys::Database& watch);

}  // namespace cli
