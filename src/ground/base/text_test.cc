#include "ground/base/text.h"

#include <gtest/gtest.h>

namespace base {
namespace {

std::string all_bytes() {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    return bytes;
}

TEST(Hexadecimal, GoesThereAndBack) {
    EXPECT_EQ(to_hex(std::string("\x00\xAB\x7F", 3)), "00ab7f");
    EXPECT_EQ(from_hex(to_hex(all_bytes())), all_bytes());
    EXPECT_EQ(from_hex(""), "");
    for (const auto* bad : {"0", "0g", "AB", " 00", "0x00"}) EXPECT_FALSE(from_hex(bad)) << bad;
}

TEST(Base64, GivesTheValuesOfTheStandard) {
    // RFC 4648 section 10.
    const std::pair<std::string, std::string> known[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : known) {
        EXPECT_EQ(to_base64(bytes), text);
        EXPECT_EQ(from_base64(text), bytes);
    }
    EXPECT_EQ(from_base64(to_base64(all_bytes())), all_bytes());
}

TEST(Base64, RefusesWhatHasTwoForms) {
    for (const auto* bad : {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "====", "Z===", "Zm 9v", "Zm9_", "=m9v"})
        EXPECT_FALSE(from_base64(bad)) << bad;
}

TEST(PercentForm, IsOneForEachPath) {
    EXPECT_EQ(percent_encode("/kurashi/a-b_c.d~e/index.html"), "/kurashi/a-b_c.d~e/index.html");
    EXPECT_EQ(percent_encode("役 %"), "%E5%BD%B9%20%25");
    EXPECT_EQ(percent_encode(std::string("\0+", 2)), "%00%2B");
    EXPECT_EQ(percent_decode(percent_encode(all_bytes())), all_bytes());
    EXPECT_EQ(percent_decode("%e5%BD%b9"), "役");
    EXPECT_EQ(percent_decode("a+b"), "a+b");
    for (const auto* bad : {"%", "%2", "a%", "%2g", "%%20", "% 20"}) EXPECT_FALSE(percent_decode(bad)) << bad;
}

TEST(Utf8, IsOnlyTheShortestFormWithoutSurrogates) {
    for (const auto* good : {"", "abc", "役場", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                             "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
        EXPECT_TRUE(is_utf8(good)) << good;
        EXPECT_EQ(to_valid_utf8(good), good);
    }
    // Unicode 15 table 3-7.
    for (const auto* bad : {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x80\x80", "\xE0\x9F\xBF",
                            "\xED\xA0\x80", "\xED\xBF\xBF", "\xE5\xBD", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF",
                            "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xFE", "a\xE5"}) {
        EXPECT_FALSE(is_utf8(bad)) << to_hex(bad);
        EXPECT_TRUE(is_utf8(to_valid_utf8(bad))) << to_hex(bad);
        EXPECT_NE(to_valid_utf8(bad).find("\xEF\xBF\xBD"), std::string::npos);
    }
    EXPECT_EQ(to_valid_utf8("a\xFFz"), "a\xEF\xBF\xBDz");
}

TEST(Utf8, IsToldWhereverTheBadByteStands) {
    for (std::size_t length = 0; length < 40; ++length)
        for (std::size_t at = 0; at < length; ++at) {
            std::string bytes(length, 'a');
            EXPECT_TRUE(is_utf8(bytes));
            bytes[at] = '\xE3';
            EXPECT_FALSE(is_utf8(bytes)) << at << " of " << length;
            EXPECT_EQ(to_valid_utf8(bytes), bytes.substr(0, at) + "\xEF\xBF\xBD" + bytes.substr(at + 1));
            bytes.replace(at, 1, "あ");
            EXPECT_TRUE(is_utf8(bytes));
        }
}

TEST(Utf8, IsCountedInCodePoints) {
    EXPECT_EQ(count_code_points("a役\xF0\xA0\xAE\x9F"), 3U);
    EXPECT_EQ(first_code_points("a役場", 2), "a役");
    EXPECT_EQ(first_code_points("a役場", 9), "a役場");
    EXPECT_EQ(first_code_points("a役場", 0), "");
    for (const auto& [code_point, expected] : {std::pair<char32_t, std::string>{U'a', "a"},
                                               {U'\u00E9', "é"},
                                               {U'役', "役"},
                                               {U'\U00020B9F', "\xF0\xA0\xAE\x9F"},
                                               {0x7F, "\x7F"},
                                               {0x80, "\xC2\x80"},
                                               {0x7FF, "\xDF\xBF"},
                                               {0x800, "\xE0\xA0\x80"},
                                               {0xFFFF, "\xEF\xBF\xBF"},
                                               {0x10000, "\xF0\x90\x80\x80"}}) {
        std::string text;
        append_utf8(text, code_point);
        EXPECT_EQ(text, expected);
    }
}

TEST(Pieces, AreCutAndJoined) {
    EXPECT_EQ(trim(" \t\r\n a b \f\v"), "a b");
    EXPECT_EQ(trim("  "), "");
    EXPECT_EQ(split("a,,b,", ','), (std::vector<std::string_view>{"a", "", "b", ""}));
    EXPECT_EQ(split("", ','), std::vector<std::string_view>{""});
    const std::string parts[] = {"a", "", "b"};
    EXPECT_EQ(join(parts, ", "), "a, , b");
    EXPECT_EQ(join({}, ", "), "");
}

TEST(LowerCase, ChangesAsciiLettersOnly) {
    EXPECT_EQ(to_lower("AZaz09É役@[`{"), "azaz09É役@[`{");
    EXPECT_TRUE(equals_ignoring_case("Content-Type", "content-TYPE"));
    EXPECT_FALSE(equals_ignoring_case("a", "ab"));
    EXPECT_FALSE(equals_ignoring_case("@", "`"));  // 32 apart, but no letters
}

TEST(NearestName, IsASlipAway) {
    constexpr std::string_view kKnown[] = {"publish", "export", "status"};
    EXPECT_EQ(find_nearest("publsh", kKnown), "publish");
    EXPECT_EQ(find_nearest("exprot", kKnown), "export");
    EXPECT_EQ(find_nearest("status", kKnown), "status");
    EXPECT_EQ(find_nearest("zzzzzzzz", kKnown), std::nullopt);
    EXPECT_EQ(find_nearest("publish", {}), std::nullopt);
}

}  // namespace
}  // namespace base
