// Pure words about bytes and text: hexadecimal, percent and base64 forms, UTF-8 checks, and names that are nearly
// right.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace base {

std::string to_hex(std::string_view bytes);
/// Nothing on odd length or anything but lower-case hexadecimal digits.
std::optional<std::string> from_hex(std::string_view hex);

/// Standard alphabet with padding (RFC 4648 section 4).
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

/// The form in which a path's bytes stand in JSON, the database and release records: every byte but
/// A-Z a-z 0-9 - . _ ~ / is written %XX with upper-case digits. One byte string has exactly one such form.
std::string percent_encode(std::string_view bytes);
/// Nothing on a bad %XX. Accepts any percent-encoded form, not only the canonical one.
std::optional<std::string> percent_decode(std::string_view text);

/// Shortest-form UTF-8 without surrogates, up to U+10FFFF.
bool is_utf8(std::string_view bytes);
/// `bytes` with each ill-formed sequence replaced by U+FFFD.
std::string to_valid_utf8(std::string_view bytes);
/// Appends one code point as UTF-8.
void append_utf8(std::string& to, char32_t code_point);
/// Number of code points of valid UTF-8.
std::size_t count_code_points(std::string_view utf8);
/// The first `count` code points.
std::string_view first_code_points(std::string_view utf8, std::size_t count);

/// Without ASCII white space at both ends.
std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);
/// ASCII letters only.
std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);

/// The entry of `known` with the smallest edit distance to `name`, if it is near enough to be a typing slip.
std::optional<std::string_view> find_nearest(std::string_view name, std::span<const std::string_view> known);

}  // namespace base
