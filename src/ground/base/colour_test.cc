#include "ground/base/colour.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(Colours, AreThreeOrSixDigits) {
    EXPECT_EQ(find_colour("#004c59"), (Colour{0x00, 0x4c, 0x59}));
    EXPECT_EQ(find_colour("#FfA"), (Colour{0xff, 0xff, 0xaa}));
    EXPECT_EQ(find_colour("#FfA")->text(), "#ffffaa");
    for (const char* text : {"", "#", "004c59", "#004c5", "#004c5g", "#004c599", "red", "#12"})
        EXPECT_FALSE(find_colour(text)) << text;
}

TEST(Contrast, IsThatOfTheGuidelines) {
    const auto between = [](const char* a, const char* b) { return contrast(*find_colour(a), *find_colour(b)); };
    EXPECT_NEAR(between("#000", "#fff"), 21.0, 0.001);
    EXPECT_NEAR(between("#fff", "#fff"), 1.0, 0.001);
    EXPECT_NEAR(between("#777777", "#ffffff"), 4.478, 0.001) << "the well-known grey that just fails";
    EXPECT_NEAR(between("#ffffff", "#767676"), 4.542, 0.001) << "and the one that just passes, either way round";
    EXPECT_NEAR(between("#ff0000", "#ffffff"), 3.998, 0.001);
}

}  // namespace
}  // namespace base
