#include "press/intake/robots.h"

#include <gtest/gtest.h>

namespace intake {

using namespace std::chrono_literals;

TEST(Robots, ReadsTheGroupThatIsMeant) {
    constexpr std::string_view kText =
        "\xef\xbb\xbf# comment\r\nUser-agent: *\r\nDisallow: /\r\n\r\nUser-agent: other\r\nuser-agent: Yakuba/1.0\r\n"
        "Disallow: /private/ # not for guests\r\nAllow: /private/open\r\nCrawl-delay: 1.5\r\n"
        "Sitemap: http://a.example/map.xml\r\nDisallow: /*.cgi$\r\n";
    const Robots ours(kText, "yakuba");
    EXPECT_TRUE(ours.allows("/"));
    EXPECT_FALSE(ours.allows("/private/x.html"));
    EXPECT_TRUE(ours.allows("/private/open.html"));
    EXPECT_FALSE(ours.allows("/a/b.cgi"));
    EXPECT_TRUE(ours.allows("/a/b.cgi.html"));
    EXPECT_EQ(ours.delay(), 1500ms);
    EXPECT_EQ(ours.sitemaps(), std::vector<std::string>{"http://a.example/map.xml"});
    const Robots others(kText, "somebody");
    EXPECT_FALSE(others.allows("/"));
    EXPECT_EQ(others.delay(), 0ms);
}

TEST(Robots, LetsTheLongestRuleDecideAndAllowWinATie) {
    const Robots robots("user-agent: *\ndisallow: /a\nallow: /a/b\ndisallow: /a/b/c\nallow: /x\ndisallow: /x\n",
                        "yakuba");
    EXPECT_FALSE(robots.allows("/a/"));
    EXPECT_TRUE(robots.allows("/a/b/"));
    EXPECT_FALSE(robots.allows("/a/b/c"));
    EXPECT_TRUE(robots.allows("/x"));
}

TEST(Robots, TakesBothPercentFormsForOne) {
    const Robots robots("user-agent: *\ndisallow: /%7Ecity/\ndisallow: /\xe5\xb8\x82/\n", "yakuba");
    EXPECT_FALSE(robots.allows("/~city/a.html"));
    EXPECT_FALSE(robots.allows("/%E5%B8%82/a.html"));
    EXPECT_TRUE(robots.allows("/city/a.html"));
}

TEST(Robots, AnswersAHostilePatternAtOnce) {
    std::string pattern = "user-agent: *\ndisallow: /";
    for (int i = 0; i < 5000; ++i) pattern += "*a";
    const Robots robots(pattern + "b\n", "yakuba");
    EXPECT_TRUE(robots.allows("/" + std::string(20'000, 'a')));
}

TEST(Robots, AllowsEverythingWhereItSaysNothing) {
    for (const std::string_view text : {"", "disallow: /", "user-agent: *\ndisallow:\n", "<html>404</html>"})
        EXPECT_TRUE(Robots(text, "yakuba").allows("/a")) << text;
}

}  // namespace intake
