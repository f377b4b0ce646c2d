#include "office/mailbox/letter.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/encoding.h"
#include "office/mailbox/automatic.h"
#include "office/mailbox/fetch.h"
#include "office/mailbox/words.h"

namespace mailbox {
namespace {

std::string jis(std::string_view utf8) {
    return html::encode(utf8, html::Encoding::Iso2022Jp);
}

std::string word(std::string_view charset, std::string_view bytes) {
    return fmt::format("=?{}?B?{}?=", charset, base::to_base64(bytes));
}

std::string mail(std::string_view fields, std::string_view body) {
    return fmt::format("From: Sato <sato@city.example>\r\nMessage-ID: <1@city.example>\r\n{}\r\n{}", fields, body);
}

TEST(HeaderWords, AreReadAsTheyAreReallySent) {
    EXPECT_EQ(decode_words(word("ISO-2022-JP", jis("表の作り方"))), "表の作り方");
    EXPECT_EQ(decode_words(word("UTF-8", "表の") + "\r\n " + word("utf-8", "作り方")), "表の作り方");
    EXPECT_EQ(decode_words("Re: " + word("ISO-2022-JP", jis("①㈱高山の件"))), "Re: ①㈱高山の件") << "vendor characters";
    EXPECT_EQ(decode_words("=?UTF-8?Q?=E8=A1=A8_a?= b"), "表 a b");
    const std::string whole = jis("見出し");
    EXPECT_EQ(decode_words(word("iso-2022-jp", whole.substr(0, 6)) + " " + word("iso-2022-jp", whole.substr(6))),
              "見出し")
        << "cut within the state";
    const std::string utf8 = "表題";
    EXPECT_EQ(decode_words(word("utf-8", utf8.substr(0, 4)) + " " + word("utf-8", utf8.substr(4))), utf8)
        << "cut within a character";
    EXPECT_EQ(decode_words(jis("そのまま")), "そのまま") << "never encoded";
    EXPECT_EQ(decode_words("=?ISO-2022-JP?B?GyRC?= x\r\n\ty"), "x y");
    EXPECT_EQ(decode_words("=?utf-8?B?44GC"), "=?utf-8?B?44GC") << "no word";
    EXPECT_EQ(decode_words("a\x01\x7f"
                           "b"),
              "ab");
}

TEST(ReadLetter, ReadsIso2022JpWithAReplyThread) {
    const Letter letter = read_letter(mail(
        "Subject: " + word("ISO-2022-JP", jis("表の作り方")) +
            "\r\nContent-Type: text/plain; charset=ISO-2022-JP\r\nReferences: <a@x> <b@x>\r\nIn-Reply-To: <b@x>\r\n",
        jis("教えてください。\r\n\r\n> 前のメール\r\n> です\r\n")));
    EXPECT_EQ(letter.subject, "表の作り方");
    EXPECT_EQ(letter.text, "教えてください。");
    EXPECT_EQ(letter.from_address, "sato@city.example");
    EXPECT_EQ(letter.from_name, "Sato");
    EXPECT_EQ(letter.message_id, "<1@city.example>");
    EXPECT_EQ(letter.references, (std::vector<std::string>{"<a@x>", "<b@x>"}));
    EXPECT_EQ(letter.automatic, "");
}

TEST(ReadLetter, ReadsATextThatIsNotInTheCharsetItSays) {
    EXPECT_EQ(read_letter(mail("Content-Type: text/plain; charset=us-ascii\r\n", jis("半角ではない"))).text,
              "半角ではない");
    const std::string sjis = html::encode("これはシフトJISの本文です。", html::Encoding::ShiftJis);
    EXPECT_EQ(read_letter(mail("Content-Type: text/plain; charset=iso-2022-jp\r\n", sjis)).text,
              "これはシフトJISの本文です。");
}

TEST(ReadLetter, TakesTheTextOfNestedPartsAndTheirFiles) {
    const std::string body =
        "--a\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>HTMLの<b>文</b></p><script>alert(1)</script>\r\n"
        "--b--\r\n"
        "--a\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
        "Content-Disposition: attachment; filename*=utf-8''%E8%A1%A8.pdf\r\n\r\nJVBERg==\r\n"
        "--a\r\nContent-Type: text/plain; name=\"" +
        word("ISO-2022-JP", jis("資料.txt")) +
        "\"\r\n"
        "Content-Disposition: attachment\r\n\r\nx\r\n--a--\r\n";
    const Letter letter = read_letter(mail("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=a\r\n", body));
    EXPECT_EQ(letter.text, "HTMLの文");
    ASSERT_EQ(letter.files.size(), 2U);
    EXPECT_EQ(letter.files[0].name, "表.pdf");
    EXPECT_EQ(letter.files[0].bytes, "%PDF");
    EXPECT_EQ(letter.files[1].name, "資料.txt");
}

TEST(ReadLetter, RefusesWhatIsNestedTooDeeply) {
    std::string deep;
    for (int i = 0; i < 20'000; ++i) deep += "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n";
    EXPECT_THROW(read_letter(deep), base::Error);
    EXPECT_THROW(read_letter("X: " + std::string(2U << 20U, 'a')), base::Error);
    EXPECT_THROW(read_letter(""), base::Error);
}

TEST(ReadLetter, KnowsWhatAProgramWrote) {
    struct Case {
        std::string_view field, why;
    };
    for (const Case& each :
         {Case{"Auto-Submitted: auto-replied\r\n", "auto-submitted"}, Case{"Auto-Submitted: no\r\n", ""},
          Case{"Precedence: bulk\r\n", "precedence"}, Case{"X-Loop: a@b\r\n", "loop"},
          Case{"Return-Path: <>\r\n", "bounce"}, Case{"List-Id: <l.example>\r\n", "list"},
          Case{"Content-Type: multipart/report; report-type=delivery-status; boundary=r\r\n", "bounce"},
          Case{"Reply-To: MAILER-DAEMON@host.example\r\n", ""}, Case{"Subject: Out of Office: Sato\r\n", "subject"},
          Case{"Subject: Re: Question\r\n", ""}}) {
        SCOPED_TRACE(each.field);
        EXPECT_EQ(read_letter(mail(each.field, "x\r\n")).automatic, each.why);
    }
    EXPECT_EQ(read_letter("From: MAILER-DAEMON@host.example\r\n\r\nx").automatic, "sender");
    EXPECT_EQ(
        read_letter(mail("Subject: " + word("ISO-2022-JP", jis("【自動返信】不在のお知らせ")) + "\r\n", "x")).automatic,
        "subject");
    EXPECT_EQ(read_letter(mail("Subject: " + word("ISO-2022-JP", jis("休暇のお知らせ")) + "\r\n", "x")).automatic,
              "subject");
    EXPECT_EQ(read_letter(mail("Subject: " + word("UTF-8", "自動返信メールの設定について") + "\r\n", "x")).automatic,
              "subject");
}

TEST(ImapLines, AreReadWithinBounds) {
    EXPECT_EQ(uids_of_search("* SEARCH 7 9 8\r\n", 7, 10), (std::vector<std::int64_t>{8, 9}));
    EXPECT_EQ(uids_of_search("* search 5 x 99999999999999999999 6\r\n", 0, 1), std::vector<std::int64_t>{5});
    EXPECT_TRUE(uids_of_search("* SEARCH\r\n", 0, 5).empty());
    EXPECT_EQ(number_after("* 1 FETCH (UID 3 RFC822.SIZE 1234)", "RFC822.SIZE"), 1234);
    EXPECT_EQ(number_after("* OK [UIDVALIDITY 17] ok", "[UIDVALIDITY"), 17);
    EXPECT_EQ(number_after("x -4", "x"), 0);
}

}  // namespace
}  // namespace mailbox
