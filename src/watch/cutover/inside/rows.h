// What the files with SQL share.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "ground/sys/database.h"
#include "watch/cutover/store.h"

namespace cutover {

/// A line of the watch's ledger.
void append(sys::Transaction& tx, const By& by, std::string_view act, std::string subject,
            const boost::json::object& detail);
std::optional<base::Instant> instant_of(const sys::Row& row, std::size_t column);

}  // namespace cutover
