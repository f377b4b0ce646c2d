// Sixty minutes of one series as bytes: a bit for each minute that has samples, then for each of those 14 bytes, least
// first: minimum, maximum and mean as 4-byte floats and the count as 2 bytes, little-endian. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace samples {

struct Minute {
    double least = 0, most = 0, mean = 0;
    std::int64_t count = 0;  ///< 0 = a gap
    bool operator==(const Minute&) const = default;
};
/// What both are together.
Minute joined(const Minute& a, const Minute& b);

using Block = std::array<Minute, 60>;

std::string pack(const Block& block);
/// Throws Error(Damaged).
Block unpack(std::string_view bytes);

}  // namespace samples
