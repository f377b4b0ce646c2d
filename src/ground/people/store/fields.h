// What fields of accounts may hold, and how days and optional ids stand in rows.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ground/base/error.h"
#include "ground/people/model.h"
#include "ground/sys/database.h"

namespace people {

[[noreturn]] void refuse(std::string message);

/// Throws Error(BadInput): not UTF-8, control characters, over `longest` characters, or empty though it must not be.
enum class Empty { Allowed, Refused };
void need_text(std::string_view text, std::string_view what, std::size_t longest, Empty empty);
/// Empty, or one "@" with something on both sides and no blanks; at most 254 bytes (RFC 5321).
void need_mail(std::string_view mail);
void need_login_name(std::string_view login_name);
void need_order(base::Day from, const std::optional<base::Day>& until, std::string_view what);

base::Day day_at(const sys::Row& row, std::size_t column);
std::optional<base::Day> maybe_day_at(const sys::Row& row, std::size_t column);
sys::Value value_of(const std::optional<base::Day>& day);

template <class Tag>
std::optional<base::Id<Tag>> maybe_id_at(const sys::Row& row, std::size_t column) {
    if (row.is_null(column)) return std::nullopt;
    return base::Id<Tag>{row.integer(column)};
}
template <class Tag>
sys::Value value_of(const std::optional<base::Id<Tag>>& id) {
    if (!id) return sys::Value(nullptr);
    return sys::Value(id->value);
}

}  // namespace people
