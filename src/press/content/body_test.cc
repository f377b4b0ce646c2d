#include <random>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "press/content/model.h"

namespace content {

namespace {

std::string some_text(std::mt19937& dice) {
    static const std::vector<std::string> kPieces{
        "ごみ", "\"", "\\", "\n", "\r\n", "\t", "\x01", "/", "𠮷野家", "<a href=\"/x\">", "\\u0041", "", "😀", "\b\f"};
    std::string text;
    for (int i = static_cast<int>(dice() % 8); i > 0; --i) text += kPieces[dice() % kPieces.size()];
    return text;
}

TEST(BodyText, ComesBackAsItWasWritten) {
    std::mt19937 dice(1);
    for (int i = 0; i < 2000; ++i) {
        Body body;
        body.title = some_text(dice);
        body.description = some_text(dice);
        body.template_name = some_text(dice);
        for (int n = static_cast<int>(dice() % 3); n > 0; --n) body.parts[some_text(dice)] = some_text(dice);
        for (int n = static_cast<int>(dice() % 3); n > 0; --n) body.categories.push_back(some_text(dice));
        for (int n = static_cast<int>(dice() % 3); n > 0; --n) {
            Attachment file{some_text(dice), {}, static_cast<std::int64_t>(dice()), some_text(dice), some_text(dice)};
            file.hash.bytes[3] = static_cast<std::uint8_t>(dice());
            body.attachments.push_back(file);
        }
        const std::string text = write_body(body);
        ASSERT_EQ(parse_body(text), body) << text;
        ASSERT_NO_THROW(boost::json::parse(text)) << "and it is JSON: " << text;
    }
}

TEST(BodyText, OfAnotherFormIsDamaged) {
    EXPECT_EQ(parse_body("{}"), Body{});
    EXPECT_EQ(parse_body(R"({"title":"\ud842\udfb7\u91CE\/"})").title, "𠮷野/");
    for (const char* const bad :
         {"", "{", "[]", "{\"title\":\"x\"", "{\"title\":\"x}", "{\"title\":1}", "{\"title\":\"x\"} ",
          "{\"other\":\"x\"}", R"({"title":"\x"})", R"({"title":"\ud842"})", R"({"title":"\udfb7"})",
          R"({"title":"\u12"})", "{\"title\":\"\\", R"({"parts":["x"]})", R"({"attachments":[{"path":"a"}]})",
          R"({"attachments":[{"hash":"zz"}]})", R"({"attachments":[{"hash":"x","size":99999999999999999999}]})"})
        try {
            parse_body(bad);
            ADD_FAILURE() << bad;
        } catch (const base::Error& error) {
            EXPECT_EQ(error.kind(), base::Kind::Damaged) << bad;
        }
}

}  // namespace

}  // namespace content
