// JSON as others write it: every access looks first, and what is missing or of another type is nothing.
#pragma once

#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "office/advisories/advisory.h"

namespace advisories {

/// Null, and `reading.is_feed` false, when it is too large or no JSON.
boost::json::value load_json(std::string_view bytes, Reading& reading);

inline const boost::json::value* at(const boost::json::value* value, std::string_view key) {
    const auto* object = value ? value->if_object() : nullptr;
    return object ? object->if_contains(key) : nullptr;
}
inline std::string_view text_at(const boost::json::value* value, std::string_view key) {
    const auto* found = at(value, key);
    const auto* text = found ? found->if_string() : nullptr;
    return text ? std::string_view(*text) : std::string_view();
}
/// A number, or a number in quotes.
double number_at(const boost::json::value* value, std::string_view key);
const boost::json::array& array_at(const boost::json::value* value, std::string_view key);

}  // namespace advisories
