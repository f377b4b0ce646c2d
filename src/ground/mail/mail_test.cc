#include "ground/mail/mail.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/mail/testing/smtp_server.h"

namespace mail {
namespace {

using testing::decode_words;
using testing::Taken;

Mail sample() {
    return {{"山川市", "yakuba@city.example"},
            {"名前 花子", "hanako@city.example"},
            "承認依頼：ごみの分け方",
            "名前 花子さん\n\nお願いします。\n",
            "yakuba.0123abcd",
            base::from_local({{2027, 4, 1}, 9, 5, 7})};
}

Taken taken(const std::string& text) {
    return {"", "", text};
}

TEST(Mail, ReadsAsItWasWritten) {
    const Taken read = taken(compose(sample()));
    EXPECT_EQ(decode_words(read.field("From")), "山川市 <yakuba@city.example>");
    EXPECT_EQ(decode_words(read.field("To")), "名前 花子 <hanako@city.example>");
    EXPECT_EQ(decode_words(read.field("Subject")), "承認依頼：ごみの分け方");
    EXPECT_EQ(read.field("Date"), "Thu, 1 Apr 2027 09:05:07 +0900");
    EXPECT_EQ(read.field("Message-ID"), "<yakuba.0123abcd@city.example>");
    EXPECT_EQ(read.field("Auto-Submitted"), "auto-generated");
    EXPECT_EQ(read.field("Content-Type"), "text/plain; charset=UTF-8");
    EXPECT_EQ(read.body(), "名前 花子さん\r\n\r\nお願いします。\r\n");
}

TEST(Mail, KeepsEachLineShortAndEachEncodedWordWhole) {
    Mail mail = sample();
    for (int length = 0; length < 140; ++length) {
        mail.subject = std::string(static_cast<std::size_t>(length % 7), 'a');
        for (int i = 0; i < length; ++i) mail.subject += i % 5 == 0 ? "😀" : i % 3 == 0 ? "é" : "山";
        const std::string written = compose(mail);
        EXPECT_EQ(decode_words(taken(written).field("Subject")), mail.subject);
        for (const std::string_view line : base::split(written, '\n')) {
            if (line.empty()) continue;
            EXPECT_TRUE(line.ends_with('\r')) << line;
            EXPECT_LE(line.size(), 77U) << line;
            for (const char c : line) EXPECT_LT(static_cast<unsigned char>(c), 0x80) << line;
            for (std::size_t at = 0; (at = line.find("=?UTF-8?B?", at)) != std::string_view::npos; ++at) {
                const std::size_t end = line.find("?=", at + 10);
                EXPECT_TRUE(base::is_utf8(base::from_base64(line.substr(at + 10, end - at - 10)).value()));
            }
        }
    }
}

TEST(Mail, RefusesAForgedHeaderField) {
    for (const std::string& bad :
         {std::string("a\r\nBcc: other@evil.example"), std::string("a\nb"), std::string("a\rb"), std::string("a\0b", 3),
          std::string("a\tb"), std::string("\x7F"), std::string("\xFF\xFE")}) {
        SCOPED_TRACE(base::percent_encode(bad));
        Mail mail = sample();
        mail.subject = bad;
        EXPECT_THROW(compose(mail), base::Error);
        mail = sample();
        mail.to.name = bad;
        EXPECT_THROW(compose(mail), base::Error);
        mail = sample();
        mail.from.name = bad;
        EXPECT_THROW(compose(mail), base::Error);
    }
    for (const std::string_view bad :
         {"", "a", "@b.example", "a@", "a b@c.example", "a@b.example\r\nBcc: x@y.example", "<a@b.example>", "a@@b",
          "a@b..c", "a@-b.example", ".a@b.example", "a@b.example, c@d.example", "山@b.example"}) {
        SCOPED_TRACE(bad);
        EXPECT_FALSE(is_address(bad));
        Mail mail = sample();
        mail.to.address = bad;
        EXPECT_THROW(compose(mail), base::Error);
    }
    for (const std::string_view good : {"a@b", "yamakawa.hanako+cms@city.yamakawa.lg.jp", "x_y-z@a-b.example"})
        EXPECT_TRUE(is_address(good)) << good;
}

TEST(Mail, QuotesAPlainNameThatWouldLookLikeTwoAddresses) {
    Mail mail = sample();
    mail.to.name = "City, \"Office\"";
    EXPECT_EQ(taken(compose(mail)).field("To"), R"("City, \"Office\"" <hanako@city.example>)");
    mail.to.name = "";
    EXPECT_EQ(taken(compose(mail)).field("To"), "hanako@city.example");
    mail.to.name = "=?UTF-8?B?QQ==?=";  // what looks like an encoded word is encoded itself
    EXPECT_EQ(decode_words(taken(compose(mail)).field("To")), "=?UTF-8?B?QQ==?= <hanako@city.example>");
}

TEST(Mail, TakesASenderWithAndWithoutAName) {
    EXPECT_EQ(find_mailbox("a@city.example")->address, "a@city.example");
    const auto named = find_mailbox("山川市 広報課 <a@city.example>");
    ASSERT_TRUE(named);
    EXPECT_EQ(named->name, "山川市 広報課");
    EXPECT_EQ(named->address, "a@city.example");
    for (const std::string_view bad : {"", "a", "名前 <a>", "名前 <a@b.example", "<a@b.example> x"})
        EXPECT_FALSE(find_mailbox(bad)) << bad;
}

TEST(Mail, WritesTextOfAnyLineEndsWithCrlf) {
    Mail mail = sample();
    mail.text = "a\nb\r\nc\rd\n.\nFrom e";
    EXPECT_EQ(taken(compose(mail)).body(), "a\r\nb\r\nc\r\nd\r\n.\r\nFrom e");
    mail.text = std::string("a\0b", 3);
    EXPECT_THROW(compose(mail), base::Error);
    mail.text = "\xFF";
    EXPECT_THROW(compose(mail), base::Error);
    mail.text = std::string(kLongestText + 1, 'a');
    EXPECT_THROW(compose(mail), base::Error);
}

}  // namespace
}  // namespace mail
