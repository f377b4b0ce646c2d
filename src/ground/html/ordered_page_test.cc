// The short way to a tree and the long one give the same: on real sites, on pages of the awkward kinds, and on
// thousands of pages made up of tags that do and do not fit together.
#include <filesystem>
#include <random>

#include <gtest/gtest.h>

#include "ground/html/testing/same_document.h"
#include "ground/sys/files.h"

namespace html {
namespace {

namespace fs = std::filesystem;

/// True when the page went the short way; the trees are compared then.
bool goes_short(std::string_view bytes, Encoding encoding = Encoding::Utf8) {
    const auto ordered = DocumentBuilder::parse_ordered(bytes, encoding, {});
    if (!ordered) return false;
    EXPECT_EQ(testing::find_difference(*ordered, DocumentBuilder::parse_any(bytes, encoding, {})), "") << bytes;
    return true;
}

std::string town_page(std::string_view body) {
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"ja\">\n<head><title>役場</title></head>\n<body>{}</body>\n</html>\n", body);
}

TEST(OrderedPage, IsReadWithoutAParserThatMends) {
    for (const std::string_view body :
         {"<h1>表題</h1><p>一<p>二<ul><li>あ<li>い<ul><li>う</ul></ul><p>三</p>",
          "<dl><dt>名<dd>値<dt>名</dl><div><p>閉じない</div>", "<table><tr><td>1<td>2<tr><th>3</table>",
          "<table>\n<caption>題</caption><colgroup><col><col></colgroup><thead><tr><th>a</th></tr></thead>\n<tbody>"
          "<tr><td><table><tr><td><p>x</table></td></tr></tbody></table>",
          "<form><input type=hidden name=a><select><option>一<option selected>二</select><textarea>\n\nx</textarea>"
          "<button type=button disabled>送る</button></form>",
          "<ruby>役場<rp>(</rp><rt>やくば</rt><rp>)</rp></ruby><a href='a?b=1&amp;c=2&copy=3'>&copy;&nbsp;a &lt; b</a>",
          "<pre>\n\n a\r\n b</pre><script>if (a < b && '<b>') {}</script><style>p>b{}</style><iframe>x<b></iframe>",
          "<!-- a --><b><i>x</i></b><img src=x alt=\"\"/><br /><hr><x-y "
          "Data-A='1'>z</x-y><noscript><p>n</p></noscript>",
          "a < b & c &unknown; &#12354;&#x3042;&hellip;<![endif]-->"})
        EXPECT_TRUE(goes_short(town_page(body))) << body;
    EXPECT_TRUE(goes_short(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 3.2//EN\">\r\n<!-- x -->"
        "<HTML>\r\n<!-- y --><HEAD>\r\n<noscript><meta name=a></noscript><TITLE>a\r\nb</TITLE></HEAD>"
        "<BODY Bgcolor=white>\r\n<p><table><tr><td>q</table>\r\n</BODY>\r\n<!-- z -->\r\n</HTML>\r\n<!--w-->\n"));
    for (const Encoding encoding : {Encoding::ShiftJis, Encoding::Iso2022Jp, Encoding::Utf16Le, Encoding::Utf8Bom})
        EXPECT_TRUE(goes_short(encode(town_page("<p title=\"表\">能ソ<b>噂</b>\r\n<br></p>"), encoding), encoding));
}

TEST(OrderedPage, IsLeftToTheParserWhereSomethingMustBeMended) {
    for (const std::string_view body : {"<p><b>a</p>b",
                                        "<b><i>a</b>c</i>",
                                        "<a><a>x</a></a>",
                                        "<table><b>x</b></table>",
                                        "<table>x</table>",
                                        "<li>a</p>",
                                        "<table><td>x</table>",
                                        "<svg><title>t</title></svg>",
                                        "</br>",
                                        "<div/>x",
                                        "<h1><h2>a</h2></h1>",
                                        "<a x=1 x=2>b</a>",
                                        "<select><b>x</b></select>",
                                        "<form><form></form></form>",
                                        "<a x=>b</a>",
                                        "<a x=&amp;\"b>c</a>",
                                        "<!-->x",
                                        "</ x>",
                                        "<span><p></span>",
                                        "\xC2\x82",
                                        "&#x99999999999;",
                                        "\x01",
                                        "\xEF\xBF\xBE",
                                        "\xF0\x9F\xBF\xBF"})
        EXPECT_FALSE(goes_short(town_page(body))) << body;
    for (const std::string_view whole :
         {"", "x", "<p>a", "<html><body>x</body></html>", "<html><head></head><frameset></html>"})
        EXPECT_FALSE(goes_short(whole)) << whole;
}

TEST(OrderedPage, IsLeftToTheParsersTimeLimitWhereItIsVeryDeepOrFullOfReferences) {
    std::string deep, references;
    for (int i = 0; i < 300; ++i) deep += "<span>";
    for (int i = 0; i < 300; ++i) deep += "</span>";
    for (int i = 0; i < 20'001; ++i) references += "&lt;";
    EXPECT_FALSE(goes_short(town_page(deep)));
    EXPECT_FALSE(goes_short(town_page(references)));
    EXPECT_TRUE(goes_short(town_page(references.substr(0, 1000))));
}

TEST(OrderedPage, IsTheSameWhereTheParserIsOdd) {
    for (const std::string_view body : {"<p>&semi;</p>", "<p title='&semi;'>x</p>", "<pre>&NewLine;x</pre>",
                                        "<textarea>&NewLine;x</textarea>", "<b><b><b>x</b></b></b>y"})
        goes_short(town_page(body));
    for (const std::string_view body :
         {"<b><b><b><b>x</b></b></b></b>y", "<font><font><font><font>x</font></font></font></font>y"})
        EXPECT_FALSE(goes_short(town_page(body))) << body;
    EXPECT_FALSE(goes_short(town_page("x") + "<a x=\">")) << "a tag that never ends";
}

TEST(OrderedPage, IsTheSameHoweverTheTagsFall) {
    constexpr std::string_view kTags[] = {
        "a",        "address", "b",    "blockquote", "button", "caption", "center",  "col",      "colgroup", "dd",
        "details",  "div",     "dl",   "dt",         "em",     "font",    "form",    "h1",       "h2",       "iframe",
        "ins",      "li",      "main", "nav",        "ol",     "object",  "option",  "optgroup", "p",        "pre",
        "rp",       "rt",      "ruby", "section",    "select", "span",    "summary", "table",    "tbody",    "td",
        "textarea", "tfoot",   "th",   "thead",      "title",  "tr",      "ul",      "xmp",      "script",   "style",
        "noscript", "label",   "nobr", "dialog",     "figure"};
    constexpr std::string_view kBits[] = {
        "\n",         " ",    "字",      "&amp;",         "<br>",  "<hr>", "<img src=a>",
        "<!-- c -->", "\r\n", "<input>", "<meta name=x>", "&#10;", "<",    "<link rel=x>",
        "<wbr>",      "\t"};
    std::mt19937 random(20261123);
    const auto pick = [&random](std::size_t many) { return static_cast<std::size_t>(random()) % many; };
    int shorts = 0;
    for (int round = 0; round < 6000; ++round) {
        std::string body;
        std::vector<std::string_view> open;
        const std::size_t length = 2 + pick(18);
        for (std::size_t i = 0; i < length; ++i) {
            const std::size_t what = pick(10);
            if (what < 4) {
                open.push_back(kTags[pick(std::size(kTags))]);
                body += fmt::format("<{}>", open.back());
            } else if (what < 8 && !open.empty()) {
                if (pick(5) > 0) body += fmt::format("</{}>", open.back());
                open.pop_back();
            } else if (what == 8 || open.empty()) {
                body += kBits[pick(std::size(kBits))];
            } else {
                body += fmt::format("</{}>", kTags[pick(std::size(kTags))]);
            }
        }
        while (pick(8) > 0 && !open.empty()) {
            body += fmt::format("</{}>", open.back());
            open.pop_back();
        }
        shorts += goes_short(pick(2) == 0 ? town_page(body) : town_page(body).substr(15)) ? 1 : 0;
        if (::testing::Test::HasFailure()) return;
    }
    EXPECT_GT(shorts, 500);
}

TEST(OrderedPage, IsTheSameOnRealSites) {
    std::size_t seen = 0, pages = 0, shorts = 0;
    for (const char* const root : {"/usr/share/doc/libjlha-java-doc-ja", "/usr/share/doc/debian-handbook/html/ja-JP",
                                   "/usr/share/doc/installation-guide-amd64/ja"}) {
        if (!fs::exists(root)) continue;
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
            if (!entry.is_regular_file() || entry.path().extension() != ".html") continue;
            if (++seen % 3 != 0) continue;
            const std::string bytes = sys::read_file(entry.path());
            ++pages;
            if (goes_short(bytes, detect_encoding(bytes).encoding)) ++shorts;
            ASSERT_FALSE(::testing::Test::HasFailure()) << entry.path();
        }
    }
    ASSERT_GT(pages, 0U) << "install libjlha-java-doc-ja, debian-handbook or installation-guide-amd64";
    EXPECT_GT(shorts * 10, pages * 7);
}

}  // namespace
}  // namespace html
