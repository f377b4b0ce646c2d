#include "ground/html/encoding.h"

#include <gtest/gtest.h>

#include "ground/base/text.h"

namespace html {
namespace {

constexpr std::string_view kHardWords = "①髙﨑～－∥㈱ 表示・ソ能 ｱｲｳ";

struct Sample {
    Encoding encoding;
    std::string bytes;
};

std::vector<Sample> samples_of(std::string_view utf8) {
    std::vector<Sample> samples;
    for (const Encoding encoding : {Encoding::Utf8, Encoding::ShiftJis, Encoding::EucJp}) {
        samples.push_back({encoding, encode(utf8, encoding)});
    }
    return samples;
}

TEST(Encode, KeepsTheCharactersThatOldFontsMadeSpecial) {
    for (const Sample& sample : samples_of(kHardWords)) {
        SCOPED_TRACE(encoding_name(sample.encoding));
        EXPECT_EQ(sample.bytes.find("&#"), std::string::npos);
        EXPECT_EQ(decode(sample.bytes, sample.encoding).utf8, kHardWords);
        EXPECT_EQ(decode(sample.bytes, sample.encoding).replaced, 0U);
    }
    EXPECT_EQ(encode("①髙", Encoding::ShiftJis), "\x87\x40\xFB\xFC");
    EXPECT_EQ(encode("表", Encoding::ShiftJis), "\x95\x5C");
}

TEST(Encode, WritesWhatTheEncodingLacksAsReferences) {
    EXPECT_EQ(encode("辻󠄀", Encoding::ShiftJis), "\x92\xD2&#917760;");
    EXPECT_EQ(encode("〜😀", Encoding::EucJp), "&#12316;&#128512;");
    EXPECT_EQ(encode("é日", Encoding::Windows1252), "\xE9&#26085;");
    EXPECT_EQ(encode("é", Encoding::Unknown), "&#233;");
    EXPECT_EQ(missing_characters("a😀b〜😀", Encoding::ShiftJis), (std::vector<std::string>{"😀", "〜"}));
    EXPECT_TRUE(missing_characters("a😀", Encoding::Utf8).empty());
}

TEST(Encode, Iso2022JpStartsAndEndsInAscii) {
    const std::string bytes = encode("a市役所\nb髙", Encoding::Iso2022Jp);
    EXPECT_EQ(bytes, "a\x1B$B;TLr=j\x1B(B\nb&#39641;");
    EXPECT_EQ(iso2022_state_at(bytes, bytes.size()), Iso2022State::Ascii);
    EXPECT_EQ(iso2022_state_at(bytes, 4), Iso2022State::Other);
    EXPECT_EQ(encode("\x1B$B", Encoding::Iso2022Jp), "&#65533;$B")
        << "an escape in the text must not switch the reader";
}

TEST(Decode, CountsWhatIsNotOfTheEncoding) {
    const Decoded decoded = decode("a\x83<b>\x83", Encoding::ShiftJis);
    EXPECT_EQ(decoded.utf8, "a\uFFFD<b>\uFFFD") << "a cut character must not swallow a tag";
    EXPECT_EQ(decoded.replaced, 2U);
    EXPECT_EQ(decode("\xFF\xE3\x81", Encoding::Utf8).replaced, 2U);
    EXPECT_EQ(decode("\xEF\xBB\xBFx", Encoding::Utf8Bom).utf8, "x");
    EXPECT_EQ(decode(std::string_view("\xFF\xFEx\0", 4), Encoding::Utf16Le).utf8, "x");
}

TEST(DecodeMapped, RemembersWhereEachCharacterStood) {
    const std::string bytes = "<p>\x1B$B;T\x1B(B</p>";
    const MappedText text = decode_mapped(bytes, Encoding::Iso2022Jp);
    ASSERT_EQ(text.utf8, "<p>市</p>");
    EXPECT_EQ(text.end_before(3), 3U) << "the text begins before its escape";
    EXPECT_EQ(text.start_of(6), 11U) << "and ends after it";
    EXPECT_EQ(text.start_of(text.utf8.size()), bytes.size());
    const MappedText marked = decode_mapped("\xEF\xBB\xBF<p>", Encoding::Utf8Bom);
    EXPECT_EQ(marked.start_of(0), 3U);
}

TEST(RoundTrips, TellsFaultyAndDoubleCodedPages) {
    EXPECT_TRUE(round_trips("\xEF\xBB\xBF<p>", Encoding::Utf8Bom));
    EXPECT_TRUE(round_trips("\x95\x5C", Encoding::ShiftJis));
    EXPECT_FALSE(round_trips("\x95", Encoding::ShiftJis));
    EXPECT_FALSE(round_trips("\xEE\xE0", Encoding::ShiftJis)) << "NEC's second code for 髙";
}

TEST(Mask, LeavesTheSyntaxInPlace) {
    EXPECT_EQ(mask("<p title=\"\x95\x5C\">\x83\x7C<", Encoding::ShiftJis), "<p title=\"__\">__<");
    EXPECT_EQ(mask("\x83<b>", Encoding::ShiftJis), "_<b>") << "a lead byte without its trail";
    const std::string looks_like_tags = "<p>\x1B$B<b>a</\x1B(B</p>";
    EXPECT_EQ(mask(looks_like_tags, Encoding::Iso2022Jp), "<p>____________</p>");
    EXPECT_EQ(mask("<td>\x1B(B\n", Encoding::Iso2022Jp), "<td>   \n") << "an idle escape is not text";
    EXPECT_EQ(mask("\xEF\xBB\xBF<p>", Encoding::Utf8Bom), "   <p>");
}

struct Case {
    std::string_view name;
    std::string bytes;
    std::optional<std::string_view> header;
    Encoding encoding;
    Source source;
    bool is_disputed;
};

TEST(DetectEncoding, FollowsTheStrongestWitnessThatFits) {
    const std::string body = "<p>市役所からのお知らせ。手続きの方法、窓口の時間</p>";
    const auto with_meta = [&](std::string_view label, Encoding encoding) {
        return "<meta charset=\"" + std::string(label) + "\">" + encode(body, encoding);
    };
    const Case cases[] = {
        {"ascii", "<p>hello</p>", {}, Encoding::Utf8, Source::Guess, false},
        {"bom over all", "\xEF\xBB\xBF" + with_meta("shift_jis", Encoding::Utf8), "euc-jp", Encoding::Utf8Bom,
         Source::Bom, true},
        {"header over meta", with_meta("shift_jis", Encoding::ShiftJis), "Shift_JIS", Encoding::ShiftJis,
         Source::Header, false},
        {"meta", with_meta("x-sjis", Encoding::ShiftJis), {}, Encoding::ShiftJis, Source::Meta, false},
        {"meta euc", with_meta("EUC-JP", Encoding::EucJp), {}, Encoding::EucJp, Source::Meta, false},
        {"http-equiv",
         "<META http-equiv=Content-Type content='text/html; charset=Shift_JIS'>" + encode(body, Encoding::ShiftJis),
         {},
         Encoding::ShiftJis,
         Source::Meta,
         false},
        {"xml",
         "<?xml version=\"1.0\" encoding=\"EUC-JP\"?>" + encode(body, Encoding::EucJp),
         {},
         Encoding::EucJp,
         Source::Meta,
         false},
        {"meta lies", with_meta("utf-8", Encoding::ShiftJis), {}, Encoding::ShiftJis, Source::Guess, true},
        {"header lies, meta fits", with_meta("shift_jis", Encoding::ShiftJis), "utf-8", Encoding::ShiftJis,
         Source::Meta, true},
        {"latin1 lies", with_meta("iso-8859-1", Encoding::ShiftJis), {}, Encoding::ShiftJis, Source::Guess, true},
        {"meta says sjis, is utf-8", with_meta("euc-jp", Encoding::Utf8), {}, Encoding::Utf8, Source::Content, true},
        {"iso-2022-jp undeclared", encode(body, Encoding::Iso2022Jp), {}, Encoding::Iso2022Jp, Source::Content, false},
        {"iso-2022-jp declared utf-8",
         with_meta("utf-8", Encoding::Iso2022Jp),
         {},
         Encoding::Iso2022Jp,
         Source::Content,
         true},
        {"sjis undeclared", encode(body, Encoding::ShiftJis), {}, Encoding::ShiftJis, Source::Guess, false},
        {"euc undeclared", encode(body, Encoding::EucJp), {}, Encoding::EucJp, Source::Guess, false},
        {"utf-8 undeclared", body, {}, Encoding::Utf8, Source::Content, false},
        {"meta in a comment",
         "<!-- <meta charset=euc-jp> --><p>" + encode(body, Encoding::ShiftJis),
         {},
         Encoding::ShiftJis,
         Source::Guess,
         false},
        {"utf-16", std::string("\xFF\xFE<\0p\0>\0", 8), {}, Encoding::Utf16Le, Source::Bom, false},
        {"unknown label", "<meta charset=x-klingon><p>hello", {}, Encoding::Unknown, Source::Meta, false},
    };
    for (const Case& one : cases) {
        SCOPED_TRACE(one.name);
        const Detected detected = detect_encoding(one.bytes, one.header);
        EXPECT_EQ(encoding_name(detected.encoding), encoding_name(one.encoding));
        EXPECT_EQ(source_name(detected.decided_by), source_name(one.source));
        EXPECT_EQ(detected.is_disputed, one.is_disputed);
    }
}

TEST(FindEncoding, KnowsEveryNameThatWeWrite) {
    for (int i = 1; i <= static_cast<int>(Encoding::EucKr); ++i) {
        const auto encoding = static_cast<Encoding>(i);
        SCOPED_TRACE(encoding_name(encoding));
        EXPECT_EQ(find_encoding(encoding_name(encoding)), encoding);
        const std::string text = "abc é";
        EXPECT_EQ(decode(encode("abc", encoding), encoding).utf8, "abc");
        EXPECT_EQ(decode(encode(text, encoding), encoding).replaced, 0U);
    }
    EXPECT_EQ(find_encoding(" Windows-31J "), Encoding::ShiftJis);
    EXPECT_FALSE(find_encoding("klingon").has_value());
}

}  // namespace
}  // namespace html
