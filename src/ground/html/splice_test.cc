#include "ground/html/splice.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/html/select.h"
#include "ground/html/serialise.h"

namespace html {
namespace {

/// The page in one encoding with its region #main.
struct Page {
    Page(std::string_view utf8, Encoding in) : encoding(in), bytes(encode(utf8, in)) {
        const Document document = Document::parse(bytes, encoding);
        region = region_of(document, document.find_id("main"));
    }
    std::string edit(std::string_view html) const { return splice(bytes, encoding, {{region, std::string(html)}}); }
    std::string html() const { return region_html(bytes, encoding, region); }
    Encoding encoding;
    std::string bytes;
    Region region;
};

constexpr Encoding kEncodings[] = {Encoding::Utf8, Encoding::ShiftJis, Encoding::EucJp, Encoding::Iso2022Jp};
constexpr std::string_view kLegacy =
    "<HTML>\r\n<BODY>\r\n<TABLE width=600><TR><TD id=main>\r\n  <H2>表示&nbsp;ソフト</H2>\r\n  <P ALIGN=center "
    "STYLE='color:RED;Font-Size:10pt'>能力・"
    "予定<BR>\r\n噂\r\n  <UL>\r\n    <LI>一つ目\r\n    <LI><FONT COLOR=\"#ff0000\">二つ目</FONT>\r\n  </UL>\r\n  <!-- "
    "更新 -->\r\n</TD></TR></TABLE>\r\n"
    "</BODY>\r\n</HTML>\r\n";

TEST(Splice, UnchangedContentGivesTheSameBytes) {
    for (const Encoding encoding : kEncodings) {
        SCOPED_TRACE(encoding_name(encoding));
        const Page page(kLegacy, encoding);
        EXPECT_EQ(page.edit(page.html()), page.bytes);
        const std::string as_a_browser_writes_it = serialise(Document::parse_fragment(page.html(), "td"));
        ASSERT_NE(as_a_browser_writes_it, page.html());
        EXPECT_EQ(page.edit(as_a_browser_writes_it), page.bytes);
        EXPECT_FALSE(check_region(page.bytes, encoding, page.region).has_value());
    }
}

TEST(Splice, ChangesOnlyTheItemThatChanged) {
    for (const Encoding encoding : kEncodings) {
        SCOPED_TRACE(encoding_name(encoding));
        const Page page(kLegacy, encoding);
        std::string html = serialise(Document::parse_fragment(page.html(), "td"));
        html.replace(html.find("一つ目"), std::string_view("一つ目").size(), "髙①");
        std::string expected(kLegacy);
        expected.replace(expected.find("一つ目"), std::string_view("一つ目").size(), "髙①");
        const std::string edited = decode(page.edit(html), encoding).utf8;
        const std::string wanted = decode(encode(expected, encoding), encoding).utf8;
        EXPECT_EQ(edited, wanted);
    }
}

TEST(Splice, AddsAndRemovesBlocksBesideOnesThatKeepTheirBytes) {
    const Page page("<div id=main>\r\n<P>一\r\n<P>二\r\n<P>三</div>", Encoding::ShiftJis);
    EXPECT_EQ(decode(page.edit("<p>一</p><p>新😀</p><p>三</p>"), Encoding::ShiftJis).utf8,
              "<div id=main>\r\n<P>一\r\n<P>新&#128512;\r\n<P>三</div>");
    EXPECT_EQ(decode(page.edit("<p>三</p>"), Encoding::ShiftJis).utf8, "<div id=main>\r\n<P>三</div>");
    EXPECT_EQ(page.edit(""), "<div id=main>\r\n</div>");
    const Page lines("<div id=main>\n  <p>a</p>\n  <p>b</p>\n</div>", Encoding::Utf8);
    EXPECT_EQ(lines.edit("<p>a</p><p>x</p><p>b</p>"), "<div id=main>\n  <p>a</p>\n  <p>x</p>\n  <p>b</p>\n</div>");
}

TEST(Splice, FollowsTheNewlinesOfThePage) {
    const Page page("<div id=main>\r\n<p>a</p>\r\n</div>", Encoding::Utf8);
    EXPECT_EQ(page.edit("<pre>x\ny</pre>"), "<div id=main>\r\n<pre>x\r\ny</pre>\r\n</div>");
}

TEST(Splice, WhiteSpaceThatShowsIsContent) {
    const Page page("<p id=main>a <b>b</b> c</p>", Encoding::Utf8);
    EXPECT_EQ(page.edit("a <b>b</b>c"), "<p id=main>a <b>b</b>c</p>");
    EXPECT_EQ(page.edit("a <b>b</b>  c"), page.bytes);
    EXPECT_EQ(page.edit("a<b>b</b> c"), "<p id=main>a<b>b</b> c</p>");
}

TEST(Splice, EndsInTheAsciiStateThatThePageGoesOnIn) {
    const Page page(kLegacy, Encoding::Iso2022Jp);
    const std::string edited = page.edit("<p>新しい本文</p>");
    const std::size_t after = edited.find("</TD>");
    ASSERT_NE(after, std::string::npos);
    EXPECT_EQ(iso2022_state_at(edited, after), Iso2022State::Ascii);
    EXPECT_EQ(iso2022_state_at(edited, edited.find("<p>")), Iso2022State::Ascii);
    const std::string roman = "<div id=main>\x1B$B;T\x1B(J<b>x</b>\\</div>~";
    const Document document = Document::parse(roman, Encoding::Iso2022Jp);
    const Region region = region_of(document, document.find_id("main"));
    const std::string html = region_html(roman, Encoding::Iso2022Jp, region);
    EXPECT_EQ(html, "市<b>x</b>¥");
    EXPECT_EQ(splice(roman, Encoding::Iso2022Jp, {{region, html}}), roman);
    const std::string changed = splice(roman, Encoding::Iso2022Jp, {{region, "\\<b>x</b>"}});
    EXPECT_EQ(decode(changed, Encoding::Iso2022Jp).utf8, "<div id=main>\\<b>x</b></div>‾")
        << "outside, ~ is still read as before";
}

TEST(Splice, TakesSeveralRegionsInAnyOrder) {
    const std::string page = "<p>一</p><p>二</p>";
    const Document document = Document::parse(page, Encoding::Utf8);
    const auto paragraphs = document.find_all("p");
    const Spliced spliced =
        splice_tracked(page, Encoding::Utf8,
                       {{region_of(document, paragraphs[1]), "zwei"}, {region_of(document, paragraphs[0]), "1"}});
    EXPECT_EQ(spliced.bytes, "<p>1</p><p>zwei</p>");
    EXPECT_EQ(spliced.regions[0].span().of(spliced.bytes), "zwei");
    EXPECT_EQ(spliced.regions[1].span().of(spliced.bytes), "1");
}

TEST(Splice, RefusesWhatItCannotWriteRightly) {
    const Page page("<div id=main><p>a</p></div>", Encoding::ShiftJis);
    EXPECT_THROW(page.edit("<script>alert('😀')</script>"), base::Error);
    EXPECT_THROW(splice(page.bytes, page.encoding, {{{5, 4000, "div"}, ""}}), base::Error);
    EXPECT_THROW(
        splice(page.bytes, page.encoding, {{page.region, "x"}, {{page.region.begin + 1, page.region.end, "div"}, "y"}}),
        base::Error);
    EXPECT_THROW(splice(page.bytes, Encoding::Utf16Le, {{page.region, "x"}}), base::Error);
}

TEST(CheckRegion, SaysWhyInPlainWords) {
    struct Case {
        std::string_view page;
        std::string_view reason;  // a part of it; empty: allowed
    };
    const Case cases[] = {
        {"<div id=main><p>a</div>b", ""},
        {"<div id=main><b>a</div>b", "the rest of the page would change"},
        {"<font><div id=main>a</div></font>", ""},
        {"<div><p id=main>a<div>b</div></p></div>", ""},
        {"<table><tr><td id=main>a<table>x<tr><td>b</table></td></table>", "browsers move a text in line 1"},
        {"<div id=main><a href=a>b<a href=c>d</a></a></div>", ""},
        {"<div><b>x<div id=main>a</b>c</div></div>", "cuts through <div> in line 1"},
        {"<p><b>x</p><div id=main>a</div>", "reads differently on its own"},
        {"<title id=main>a</title>", "holds plain text"},
    };
    for (const Case& one : cases) {
        SCOPED_TRACE(one.page);
        const Page page(one.page, Encoding::Utf8);
        const std::string reason = check_region(page.bytes, page.encoding, page.region).value_or("");
        if (one.reason.empty()) {
            EXPECT_EQ(reason, "");
        } else {
            EXPECT_NE(reason.find(one.reason), std::string::npos) << reason;
        }
    }
    const std::string page = "<div><p>a</p><p>b</p></div>";
    EXPECT_NE(check_region(page, Encoding::Utf8, {9, 20, "div"}).value_or("").find("cuts through <p>"),
              std::string::npos);
    EXPECT_FALSE(check_region(page, Encoding::Utf8, {13, 21, "div"}).has_value()) << "whole elements of one parent";
}

TEST(FindRegionBetween, TakesTheNodesBetweenTwoComments) {
    const std::string page = "<div>a<!-- main start -->\n<p>b</p>\n<!-- main end -->c</div>";
    const Document document = Document::parse(page, Encoding::Utf8);
    const auto region = find_region_between(document, "main start", "main end");
    ASSERT_TRUE(region.has_value());
    EXPECT_EQ(region->span().of(page), "\n<p>b</p>\n");
    EXPECT_FALSE(check_region(document, page, *region).has_value());
    EXPECT_EQ(splice(page, Encoding::Utf8, {{*region, "<p>B</p>"}}),
              "<div>a<!-- main start -->\n<p>B</p>\n<!-- main end -->c</div>");
}

TEST(MeansTheSame, SeesThroughSpellingOnly) {
    EXPECT_TRUE(means_the_same("<P CLASS=' a  b' id=x>1 &amp; 2", "<p id=\"x\" class=\"a b\">1   &#38; 2</p>\n"));
    EXPECT_TRUE(means_the_same("<p style='COLOR:red;'>", "<p style=\"color: red\"></p>"));
    EXPECT_FALSE(means_the_same("<p>a b</p>", "<p>ab</p>"));
    EXPECT_FALSE(means_the_same("<pre>a  b</pre>", "<pre>a b</pre>"));
    EXPECT_FALSE(means_the_same("<p>a&nbsp;b</p>", "<p>a b</p>"));
}

}  // namespace
}  // namespace html
