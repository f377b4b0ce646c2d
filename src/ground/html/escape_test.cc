#include "ground/html/escape.h"

#include <gtest/gtest.h>

#include "ground/html/document.h"
#include "ground/html/serialise.h"

namespace html {
namespace {

TEST(Unescape, AgreesWithTheParser) {
    constexpr std::string_view kPieces[] = {
        "&amp",  "&lt;",     "&notit;",  "&not",       "&copy=",   "&copyx",  "&#x8e;",
        "&#65",  "&#",       "&#x;",     "&#0;",       "&hellip;", "&hellip", "&CounterClockwiseContourIntegral;",
        "&nGt;", "&foo;",    "&",        "a",          ";",        "=",       "&sup1",
        "&sup",  "&frac12x", "&#xD800;", "&#x110000;", "&acE;",    "&apos;",  "表"};
    for (const std::string_view first : kPieces) {
        for (const std::string_view second : kPieces) {
            const std::string text = std::string(first) + std::string(second);
            SCOPED_TRACE(text);
            EXPECT_EQ(unescape(text), Document::parse_fragment(text).text_of(kDocumentNode));
            const Document with_attribute = Document::parse_fragment("<p a=\"" + text + "\">");
            EXPECT_EQ(unescape(text, In::Attribute), with_attribute.attribute(with_attribute.find_first("p"), "a"));
        }
    }
}

TEST(Escape, ComesBackThroughUnescape) {
    const std::string_view text = "<a href=\"x\">'&amp;'\xC2\xA0\xC2\xA9\r</a>";
    EXPECT_EQ(unescape(escape_text(text)), text);
    EXPECT_EQ(unescape(escape_attribute(text), In::Attribute), text);
    EXPECT_EQ(escape_text("a < b & \xC2\xA0\xC3\xA0"), "a &lt; b &amp; &nbsp;\xC3\xA0");
    EXPECT_EQ(escape_attribute("\"'<>&"), "&quot;&#39;&lt;&gt;&amp;");
    EXPECT_EQ(safe_text("<").str(), "&lt;");
}

}  // namespace
}  // namespace html
