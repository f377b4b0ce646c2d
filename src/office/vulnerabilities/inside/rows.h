// What the files with SQL share.
#pragma once

#include <boost/json/fwd.hpp>

#include "office/vulnerabilities/store.h"

namespace vulnerabilities {

/// Valid, trimmed, at most `most` characters.
std::string bounded(std::string_view text, std::size_t most);
std::optional<base::Instant> instant_of(const sys::Row& row, std::size_t column);
sys::Value value_of(const std::optional<base::Instant>& at);
/// What a form has made already, by its key; nothing without one. `table` is one of ours.
std::optional<std::int64_t> find_once(sys::Reader& db, std::string_view table, std::string_view once);
void set_once(sys::Transaction& tx, std::string_view table, std::int64_t id, std::string_view once);
void append(sys::Transaction& tx, const By& by, std::string_view act, std::string subject,
            const boost::json::object& detail);
/// Throws Error(Conflict) unless `changed` is 1.
void need_current(std::int64_t changed);
/// An advisory as it is kept, and back.
std::string write_advisory(const advisories::Advisory& advisory);
advisories::Advisory read_advisory(std::string_view document);

}  // namespace vulnerabilities
