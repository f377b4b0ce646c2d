// Names that stand in addresses and dependency keys.
#pragma once

#include <fmt/format.h>

#include "ground/base/error.h"

namespace content {

constexpr std::size_t kLongestName = 60;

/// Throws Error(BadInput) unless `name` is 1 to 60 of a-z 0-9 . _ - and starts with a letter or digit.
inline void require_name(std::string_view name, std::string_view what) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    };
    const bool starts_well = !name.empty() && name.front() != '.' && name.front() != '_' && name.front() != '-';
    if (!starts_well || name.size() > kLongestName || !std::all_of(name.begin(), name.end(), fits))
        throw base::Error(
            base::Kind::BadInput,
            fmt::format("{}は、半角の英小文字・数字・「.」「_」「-」で{}文字以内にしてください。", what, kLongestName));
}

}  // namespace content
