// A SHA-256 value. Computing one is sys::sha256 (ground/sys/crypto.h); this is only the word for it.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace base {

struct Hash {
    std::array<std::uint8_t, 32> bytes{};
    auto operator<=>(const Hash&) const = default;

    /// 64 lower-case hexadecimal digits.
    std::string hex() const;
    /// Nothing when `hex` is not exactly 64 lower-case hexadecimal digits.
    static std::optional<Hash> find_hex(std::string_view hex);
};

struct HashHasher {
    std::size_t operator()(const Hash& hash) const;
};

}  // namespace base
