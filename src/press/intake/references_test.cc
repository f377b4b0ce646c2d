#include "press/intake/references.h"

#include <gtest/gtest.h>

namespace intake {

namespace {

using List = std::vector<std::string>;

}  // namespace

TEST(FindReferences, FindsWhatAPageLoadsAndLinksTo) {
    const References found = find_references(
        R"html(<base href="/old/"><style>@import "a.css"; p { background: url(b.png) }</style>
<link rel=stylesheet href=c.css><link rel=preconnect href=//fonts.example>
<a href="d.html#x">d</a><map><area href=e.html></map><img src=f.gif srcset="g.png 1x, h.png 2x">
<iframe src=i.html></iframe><object data=j.swf></object><embed src=k.mid><script src=l.js></script>
<p style="background:url(&quot;m.png&quot;)"><form action=/send.cgi></form><video poster=n.jpg src=o.mp4></video>
<meta http-equiv=refresh content="0; url=p.html"><body background=q.gif>)html",
        Form::Html, "");
    EXPECT_EQ(found.base_href, "/old/");
    List sorted = found.pages;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(sorted, (List{"a.css", "b.png", "c.css", "d.html#x", "e.html", "f.gif", "g.png", "h.png", "i.html",
                            "j.swf", "k.mid", "l.js", "m.png", "n.jpg", "o.mp4", "p.html", "q.gif"}));
}

TEST(FindReferences, FindsFramesAndReadsThePagesOwnEncoding) {
    const References found =
        find_references("<frameset><frame src=\"\x8e\x73.html\"></frameset>", Form::Html, "Shift_JIS");
    EXPECT_EQ(found.pages, List{"市.html"});
}

TEST(FindReferences, ReadsSitemapsAndTheirIndexes) {
    EXPECT_EQ(
        find_references("<urlset><url><loc> http://a.example/?a&amp;b </loc></url></urlset>", Form::Sitemap, "").pages,
        List{"http://a.example/?a&b"});
    const References index = find_references(
        "<sitemapindex><sitemap><loc>http://a.example/1.xml</loc></sitemap></sitemapindex>", Form::Sitemap, "");
    EXPECT_EQ(index.sitemaps, List{"http://a.example/1.xml"});
    EXPECT_TRUE(index.pages.empty());
}

TEST(CssReferences, KnowStringsEscapesAndComments) {
    EXPECT_EQ(css_references("@charset \"utf-8\";@import url( 'a.css' ) screen;@IMPORT \"b.css\";/* url(no.png) */"
                             "a{content:\"url(no2.png)\";background:URL(c\\.png)}b{background:url(d\\000020e.png),"
                             "url()}my-url(no3.png)/* url(no4.png)"),
              (List{"a.css", "b.css", "c.png", "d e.png"}));
}

TEST(FormOf, BelievesTheServerBeforeTheName) {
    EXPECT_EQ(form_of("text/html; charset=x", "a", false), Form::Html);
    EXPECT_EQ(form_of("", "a.htm", false), Form::Html);
    EXPECT_EQ(form_of("image/png", "a.html", false), Form::Other);
    EXPECT_EQ(form_of("text/css", "a", false), Form::Css);
    EXPECT_EQ(form_of("application/xml", "sitemap.xml", true), Form::Sitemap);
    EXPECT_EQ(form_of("application/xml", "feed.xml", false), Form::Other);
}

}  // namespace intake
