#include "ground/html/document.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/html/serialise.h"

namespace html {
namespace {

std::string message_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const base::Error& e) {
        EXPECT_EQ(e.kind(), base::Kind::BadInput);
        return e.message();
    }
    return "nothing was thrown";
}

TEST(Document, SpansAreThoseOfTheOriginalInEveryEncoding) {
    const std::string_view page = "<html><body>\r\n<p title=\"表\">能ソ<b>&amp;</b>噂</p><br><!--予--></body></html>";
    for (const Encoding encoding : {Encoding::Utf8, Encoding::Utf8Bom, Encoding::ShiftJis, Encoding::EucJp,
                                    Encoding::Iso2022Jp, Encoding::Utf16Le}) {
        SCOPED_TRACE(encoding_name(encoding));
        const std::string mark = encoding == Encoding::Utf8Bom   ? "\xEF\xBB\xBF"
                                 : encoding == Encoding::Utf16Le ? "\xFF\xFE"
                                                                 : "";
        const std::string bytes = mark + encode(page, encoding);
        const auto spelled = [&](std::string_view utf8) { return encode(utf8, encoding); };
        const Document document = Document::parse(bytes, encoding);
        const Node& p = document[document.find_first("p")];
        EXPECT_EQ(p.span.of(bytes), spelled("<p title=\"表\">能ソ<b>&amp;</b>噂</p>"));
        EXPECT_EQ(p.inner.of(bytes), spelled("能ソ<b>&amp;</b>噂"));
        EXPECT_TRUE(p.has_end_tag);
        EXPECT_EQ(document[p.first_child].span.of(bytes), spelled("能ソ"));
        EXPECT_EQ(document[p.first_child].text, "能ソ");
        EXPECT_EQ(document[p.last_child].span.of(bytes), spelled("噂"));
        EXPECT_EQ(document[document.find_first("b")].inner.of(bytes), spelled("&amp;"));
        const Attribute* const title = document.find_attribute(document.find_first("p"), "title");
        ASSERT_NE(title, nullptr);
        EXPECT_EQ(title->value, "表");
        EXPECT_EQ(title->value_span.of(bytes), spelled("表"));
        EXPECT_EQ(title->name_span.of(bytes), spelled("title"));
        EXPECT_EQ(document[document.find_first("br")].span.of(bytes), spelled("<br>"));
        EXPECT_EQ(document[document[p.parent].last_child].span.of(bytes), spelled("<!--予-->"));
        EXPECT_EQ(document.text_of(document.body()), "\n能ソ&噂");
        const auto position = document.position(document[document.find_first("b")].span.begin);
        EXPECT_EQ(position.line, 2);
        EXPECT_EQ(position.column, 16);
    }
}

TEST(Document, MarksWhatTheAuthorDidNotWrite) {
    const std::string_view page = "<table><tr><td>1<b>2</table><p>a<i>b<p>c</i>d";
    const Document document = Document::parse(page, Encoding::Utf8);
    EXPECT_TRUE(document[document.html()].is_implied);
    const Node& tbody = document[document.find_first("tbody")];
    EXPECT_TRUE(tbody.is_implied);
    EXPECT_EQ(tbody.span.of(page), "<tr><td>1<b>2");
    EXPECT_FALSE(document[document.find_first("td")].has_end_tag);
    EXPECT_EQ(document[document.find_first("td")].span.of(page), "<td>1<b>2");
    const std::vector<NodeId> italics = document.find_all("i");
    ASSERT_EQ(italics.size(), 2U);
    EXPECT_FALSE(document[italics[0]].is_implied);
    EXPECT_TRUE(document[italics[1]].is_implied) << "a copy that mends the nesting";
    EXPECT_EQ(document[italics[1]].span.of(page), "c");
}

TEST(Document, AnotherTagsEndIsNoEndOfACell) {
    const std::string_view page = "<table><thead><tr><th>a</thead></table>";
    const Document document = Document::parse(page, Encoding::Utf8);
    const Node& cell = document[document.find_first("th")];
    EXPECT_FALSE(cell.has_end_tag);
    EXPECT_EQ(cell.span.of(page), "<th>a");
}

TEST(Document, NamesAreSafeToWrite) {
    const Document document =
        Document::parse("<o:p>w</o:p><a\"onload=x>y</a\"onload=x><日本>z<x-\xE6\x97\xA5>", Encoding::Utf8);
    std::string names;
    for (NodeId id = 0; id < document.size(); ++id) {
        if (document[id].type == NodeType::Element && !document[id].is_implied)
            names += std::string(document[id].tag) + " ";
    }
    EXPECT_EQ(names, "o:p a-onload-x x---- ");
}

TEST(Document, KeepsTheCaseOfSvg) {
    const Document document =
        Document::parse("<svg viewbox=1 XLINK:href='#a'><foreignobject/><TITLE>t</TITLE></svg>", Encoding::Utf8);
    EXPECT_EQ(serialise(document, document.find_first("svg")),
              "<svg viewBox=\"1\" xlink:href=\"#a\"><foreignObject></foreignObject><title>t</title></svg>");
}

TEST(Document, RefusesPagesThatWouldTakeForever) {
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += "<div>";
    EXPECT_EQ(message_of([&] { Document::parse(deep, Encoding::Utf8); }),
              "line 1: elements are nested more than 2000 deep: look for start tags without end tags");
    std::string attributes = "<p\n";
    for (int i = 0; i < 30'000; ++i) attributes += fmt::format(" a{}", i);
    EXPECT_EQ(message_of([&] { Document::parse(attributes + ">", Encoding::Utf8); }),
              "line 1: a tag has 30000 attributes; at most 2000 are read");
    EXPECT_NE(
        message_of([&] { Document::parse(std::string(100, 'x'), Encoding::Utf8, {.bytes = 99}); }).find("100 bytes"),
        std::string::npos);
    std::string copies = "<p>";
    for (int i = 0; i < 1000; ++i) copies += fmt::format("<font size={}>", i);
    for (int i = 0; i < 30'000; ++i) copies += "<p>x";
    EXPECT_NE(message_of([&] { Document::parse(copies, Encoding::Utf8); }).find("too much memory"), std::string::npos);
    std::string hidden;
    for (int i = 0; i < 60'000; ++i) hidden += "<b><div></b>";
    EXPECT_NE(message_of([&] {
                  Document::parse(hidden, Encoding::Utf8, {.time = std::chrono::milliseconds(200)});
              }).find("nested"),
              std::string::npos);
}

TEST(Document, ReadsLongFlatPagesThatOnlyLookDeep) {
    std::string page = "<table>";
    for (int i = 0; i < 5000; ++i) page += "<tr><td>a<td><p>b<p>c<li>d<a name=x><br>";
    for (int i = 0; i < 5000; ++i) page += "<dt>a<dd>b<option>c";
    const Document document = Document::parse(page + "</table>", Encoding::Utf8);
    EXPECT_EQ(document.find_all("tr").size(), 5000U);
}

TEST(Document, WalksInTheTreesOrder) {
    const Document document = Document::parse_fragment("<ul><li>a<li>b</ul>c");
    std::string seen;
    for (NodeId id = kDocumentNode; id != kNoNode; id = document.next_in(kDocumentNode, id)) {
        seen += document[id].type == NodeType::Text ? document[id].text : document[id].tag;
        seen += ' ';
    }
    EXPECT_EQ(seen, " ul li a li b c ");
    const NodeId list = document.find_first("ul");
    EXPECT_TRUE(document.is_within(list, document.find_first("li")));
    EXPECT_FALSE(document.is_within(list, document[list].next));
    EXPECT_EQ(document.next_after(kDocumentNode, list), document[list].next);
    EXPECT_EQ(document.next_after(list, list), kNoNode);
}

TEST(Serialise, IsReadAgainAsTheSameTree) {
    for (const std::string_view html :
         {"<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 4.01//EN\"><title>a&lt;b</title><p title='\"&amp;x'>a&nbsp;b<br>c",
          "<pre>\n\n x</pre><textarea>\n\na</textarea><script>if (a < b && c) d();</script><style>p > b {}</style>",
          "<frameset><frame src=a><noframes><p>x</noframes></frameset>",
          "<!--a--><?php x ?><p>&#13;</p><template><td>x</td></template>"}) {
        SCOPED_TRACE(html);
        const std::string once = serialise(Document::parse(html, Encoding::Utf8));
        EXPECT_EQ(serialise(Document::parse(once, Encoding::Utf8)), once);
    }
    EXPECT_EQ(serialise(Document::parse_fragment("<tr><td>a", "tbody")), "<tr><td>a</td></tr>");
}

}  // namespace
}  // namespace html
