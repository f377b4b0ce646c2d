#include "ground/base/colour.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace base {

namespace {

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

double linear(std::uint8_t channel) {
    const double value = channel / 255.0;
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double luminance(Colour colour) {
    return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue);
}

}  // namespace

std::string Colour::text() const {
    return fmt::format("#{:02x}{:02x}{:02x}", red, green, blue);
}

std::optional<Colour> find_colour(std::string_view text) {
    if ((text.size() != 4 && text.size() != 7) || text.front() != '#') return std::nullopt;
    const std::size_t each = text.size() == 4 ? 1 : 2;
    std::uint8_t channels[3] = {};
    for (std::size_t i = 0; i < 3; ++i) {
        const int high = digit(text[1 + i * each]), low = digit(text[i * each + each]);
        if (high < 0 || low < 0) return std::nullopt;
        channels[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return Colour{channels[0], channels[1], channels[2]};
}

double contrast(Colour a, Colour b) {
    const double one = luminance(a), other = luminance(b);
    return (std::max(one, other) + 0.05) / (std::min(one, other) + 0.05);
}

}  // namespace base
