#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "press/render/archive.h"
#include "press/render/feed.h"
#include "press/render/headings.h"
#include "press/render/sight.h"
#include "press/render/theme.h"

namespace render {

namespace {

TEST(Headings, GetAnIdAndKeepTheirOwn) {
    const Headed headed = with_heading_ids(
        "<p>前</p><h2>出し方</h2><h3 class=\"x\">燃やす<b>ごみ</b></h3><H2 ID='own'>種類 &amp; "
        "日</H2><h4>細目</h4><h2> </h2>");
    EXPECT_EQ(headed.html,
              "<p>前</p><h2 id=\"h-1\">出し方</h2><h3 id=\"h-2\" class=\"x\">燃やす<b>ごみ</b></h3>"
              "<H2 ID='own'>種類 &amp; 日</H2><h4>細目</h4><h2 id=\"h-3\"> </h2>");
    EXPECT_EQ(headed.headings,
              (std::vector<Heading>{{2, "h-1", "出し方"}, {3, "h-2", "燃やすごみ"}, {2, "own", "種類 & 日"}}));
}

TEST(Headings, DoNotTakeAnIdThatIsThere) {
    EXPECT_EQ(with_heading_ids("<h2>一</h2><p id=\"h-1\">x</p>").html, "<h2 id=\"h-2\">一</h2><p id=\"h-1\">x</p>");
    EXPECT_EQ(with_heading_ids("").html, "");
    EXPECT_EQ(with_heading_ids("<h2>開いたまま").headings.size(), 1U);
}

TEST(Urls, NameFoldersByTheirSlash) {
    EXPECT_EQ(url_of("index.html"), "/");
    EXPECT_EQ(url_of("kurashi/gomi/index.html"), "/kurashi/gomi/");
    EXPECT_EQ(url_of("kurashi/gomi/myindex.html"), "/kurashi/gomi/myindex.html");
}

TEST(Feeds, SayTheSameForTheSame) {
    const Feed feed{
        "市",   "http://x/", "http://x/rss.xml",
        "新着", "ja",        {{"A & <B>", "http://x/a", "", base::from_local({{2026, 11, 22}, 9, 5, 0, 0})}}};
    const std::string xml = write_feed(feed);
    EXPECT_EQ(xml, write_feed(feed));
    EXPECT_NE(xml.find("<title>A &amp; &lt;B&gt;</title>"), std::string::npos);
    EXPECT_NE(xml.find("<lastBuildDate>Sun, 22 Nov 2026 09:05:00 +0900</lastBuildDate>"), std::string::npos);
}

TEST(Xml, LeavesOutWhatItCannotHold) {
    EXPECT_EQ(escape_xml("a\x01"
                         "b\tc\xEF\xBF\xBE&'\""),
              "ab\tc&amp;&#39;&quot;");
}

TEST(Archives, NameTheirPeriods) {
    content::Section month, counted;
    month.archive = content::Archive::ByMonth;
    counted.archive = content::Archive::ByCount;
    counted.archive_size = 20;
    EXPECT_EQ(period_of(month, {"list:", base::from_local({{2026, 11, 30}, 23, 59, 0, 0}), 1}), "2026-11");
    EXPECT_EQ(period_of(counted, {"list:", {}, 20}), "1");
    EXPECT_EQ(period_of(counted, {"list:", {}, 21}), "2");
    EXPECT_EQ(period_title(month, "2019-12"), "2019年12月（令和元年）");
    EXPECT_EQ(range_of(month, "2026-12").until, base::from_local({{2027, 1, 1}}));
    EXPECT_EQ(period_title(counted, "2"), "21件目から40件目まで");
    for (const char* const bad : {"", "0", "-1", "x", "2026-13", "99999999999"}) {
        EXPECT_THROW(range_of(counted, bad), base::Error) << bad;
        EXPECT_THROW(range_of(month, bad), base::Error) << bad;
    }
}

TEST(Theme, IsWholeAndWithoutMistakes) {
    tmpl::MapSet set;
    std::set<std::string_view> names;
    for (const ThemePiece& piece : theme_pieces()) {
        EXPECT_TRUE(names.insert(piece.name).second) << "one name for two pieces: " << piece.name;
        if (piece.kind == content::TemplateKind::Menu) content::parse_menu(piece.source);
        if (piece.kind == content::TemplateKind::List) content::parse_list(piece.source);
        if (piece.kind == content::TemplateKind::Layout || piece.kind == content::TemplateKind::Page ||
            piece.kind == content::TemplateKind::Part)
            set.add(std::string(piece.name), std::string(piece.source));
    }
    for (const ThemePiece& piece : theme_pieces())
        if (const auto parsed = set.find(piece.name))
            for (const tmpl::Problem& problem : tmpl::check(*parsed, set)) ADD_FAILURE() << problem.text();
    EXPECT_EQ(theme_resources().size() + 5, theme_pieces().size())
        << "every file of theme/ is a piece; menus and lists have none";
}

}  // namespace

}  // namespace render
