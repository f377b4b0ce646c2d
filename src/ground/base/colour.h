// Colours as style sheets write them (#rgb, #rrggbb) and how well two of them can be told apart: WCAG 2.1, relative
// luminance and contrast ratio. Left out: names, transparency and functions like rgb(); a form has no use for them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace base {

struct Colour {
    std::uint8_t red = 0, green = 0, blue = 0;
    std::string text() const;  ///< "#004c59"
    bool operator==(const Colour&) const = default;
};
/// Nothing unless it is # with three or six hexadecimal digits.
std::optional<Colour> find_colour(std::string_view text);
/// 1 (the same) to 21 (black on white); JIS X 8341-3 AA wants 4.5 for text (SC 1.4.3), 3 for what is large or no text.
double contrast(Colour a, Colour b);
constexpr double kTextContrast = 4.5;

}  // namespace base
