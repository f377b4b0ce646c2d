#include "ground/html/scan.h"

#include <gtest/gtest.h>

#include "ground/html/document.h"

namespace html {
namespace {

/// "S:p T:text E:p": the tokens in short.
std::string tokens(std::string_view html) {
    std::string out;
    Scanner scanner(html);
    std::size_t at = 0;
    for (Token token; scanner.next(token);) {
        EXPECT_EQ(token.span.begin, at) << "tokens leave no gap";
        at = token.span.end;
        constexpr std::string_view kLetters = "SETCDX";
        if (!out.empty()) out += ' ';
        out += kLetters[static_cast<std::size_t>(token.type)];
        out += ':';
        out += token.name.of(html);
        for (const ScannedAttribute& attribute : token.attributes) {
            out += fmt::format("[{}{}{}]", attribute.name.of(html), attribute.has_value ? "=" : "",
                               attribute.value.of(html));
        }
        if (token.is_self_closing) out += '/';
    }
    EXPECT_EQ(at, html.size());
    return out;
}

TEST(Scanner, FollowsTheTokeniserOfHtml5) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"<p>a</p>", "S:p T:a E:p"},
        {"<P CLASS=a b='c>' d=\"e\" f>", "S:P[CLASS=a][b=c>][d=e][f]"},
        {"<br/><img src=a/>", "S:br/ S:img[src=a/]"},
        {"<img src = \"a\" / >", "S:img[src=a]"},
        {"a < b <3 <重要> & c", "T:a < b <3 <重要> & c"},
        {"<!--a--b--><!--><!---><!--c--!>d", "C:a--b C: C: C:c T:d"},
        {"<!doctype html><?xml a?><!x></>", "D: html C:?xml a? C:x C:"},
        {"<title><b></title ><b>", "S:title T:<b> E:title S:b"},
        {"<script>a</scriptx><!--<script></script>--></script>b",
         "S:script T:a</scriptx><!--<script></script>--> E:script T:b"},
        {"<style></style><textarea></textarea>", "S:style E:style S:textarea E:textarea"},
        {"<xmp><p></XMP><plaintext></plaintext>", "S:xmp T:<p> E:XMP S:plaintext T:</plaintext>"},
        {"<svg><style><b></style></svg><![CDATA[x]]>", "S:svg S:style S:b E:style E:svg C:[CDATA[x]]"},
        {"<svg><![CDATA[<b>]]></svg>", "S:svg X:<b> E:svg"},
        {"a<p title=\"never closed>", "T:a C:"},
        {"<a href=x\"y z='>'>", "S:a[href=x\"y][z=>]"},
        {"<p =a=b>", "S:p[=a=b]"},
        {"<", "T:<"},
        {"</", "T:</"},
    };
    for (const auto& [html, expected] : cases) {
        SCOPED_TRACE(html);
        EXPECT_EQ(tokens(html), expected);
    }
}

constexpr std::string_view kPage =
    "<!DOCTYPE html>\r\n<html lang=ja><head><title>表 &amp;\n 示</title><meta name=\"Description\" content='能&quot;'>"
    "<base href=/x/><link rel='alternate StyleSheet' href=a.css><script src=s.js>document.write('<a "
    "href=no>')</script></head>"
    "<body background=bg.gif><h1><img src='h.png'>見出し<br>つづき</h1><a href=\" p.html?a=1&amp;b=2&copy=3 \" "
    "name=top id=x>次</a>"
    "<img srcset=\"a.png 1x, b.png 2x\" src=c.png><map><area href=m.html></map><iframe src=i.html></iframe>"
    "<form action=f.cgi><input type=image src=go.png></form><blockquote cite=q.html></blockquote></body></html>";

TEST(Summarise, FindsTheSameInEveryEncoding) {
    for (const Encoding encoding :
         {Encoding::Utf8, Encoding::ShiftJis, Encoding::EucJp, Encoding::Iso2022Jp, Encoding::Utf16Le}) {
        SCOPED_TRACE(encoding_name(encoding));
        const std::string bytes = encode(kPage, encoding);
        const Summary summary = summarise(bytes, encoding);
        EXPECT_EQ(summary.title, "表 & 示");
        EXPECT_EQ(summary.description, "能\"");
        EXPECT_EQ(summary.lang, "ja");
        EXPECT_EQ(summary.base_href, "/x/");
        EXPECT_EQ(summary.h1, std::vector<std::string>{"見出しつづき"});
        EXPECT_EQ(summary.ids, (std::vector<std::string>{"x", "top"}));
        std::string links;
        for (const Link& link : summary.links) links += fmt::format("{}:{} ", link_kind_name(link.kind), link.url);
        EXPECT_EQ(links,
                  "stylesheet:a.css script:s.js background:bg.gif image:h.png anchor:p.html?a=1&b=2&copy=3 image:a.png "
                  "image:b.png image:c.png "
                  "area:m.html frame:i.html form:f.cgi image:go.png citation:q.html ");
        if (!is_ascii_compatible(encoding)) continue;
        EXPECT_EQ(summary.links[5].value.of(bytes), "a.png");
        EXPECT_EQ(summary.links[4].value.of(bytes), " p.html?a=1&amp;b=2&copy=3 ");
        EXPECT_EQ(summary.count(LinkKind::Image), 5U);
    }
}

TEST(Summarise, AgreesWithTheTree) {
    for (const Encoding encoding : {Encoding::Utf8, Encoding::ShiftJis, Encoding::EucJp, Encoding::Iso2022Jp}) {
        SCOPED_TRACE(encoding_name(encoding));
        const std::string bytes = encode(kPage, encoding);
        const std::vector<Link> in_tree = list_links(Document::parse(bytes, encoding));
        const std::vector<Link> in_tokens = summarise(bytes, encoding).links;
        ASSERT_EQ(in_tree.size(), in_tokens.size());
        for (std::size_t i = 0; i < in_tree.size(); ++i) {
            EXPECT_EQ(in_tree[i].url, in_tokens[i].url);
            EXPECT_EQ(in_tree[i].value, in_tokens[i].value);
            EXPECT_EQ(in_tree[i].tag, in_tokens[i].tag);
        }
    }
}

TEST(Summarise, ReadsFramesRobotsAndRefresh) {
    const Summary summary = summarise(
        "<meta name=ROBOTS content='NoIndex, follow'><meta http-equiv=Refresh content=\"0; URL='next.html'\"><frameset "
        "cols=*><frame src=a.htm></frameset>",
        Encoding::Utf8);
    EXPECT_TRUE(summary.has_frameset);
    EXPECT_TRUE(summary.is_noindex);
    ASSERT_EQ(summary.links.size(), 2U);
    EXPECT_EQ(summary.links[0].url, "next.html");
    EXPECT_EQ(summary.links[1].kind, LinkKind::Frame);
}

TEST(SplitSrcset, KeepsCommasInsideAddresses) {
    const std::string_view value = " a,b.png 1x,c.png, d.png (x, y) ,";
    std::string out;
    for (const Span& span : split_srcset(value)) out += std::string(span.of(value)) + ";";
    EXPECT_EQ(out, "a,b.png;c.png;d.png;");
}

}  // namespace
}  // namespace html
