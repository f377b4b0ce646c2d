#include "office/visits/news.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"

namespace visits {
namespace {

constexpr std::string_view kUrl = "https://city.example.jp/news/index.html";

TEST(ReadNews, TakesTheThreeFormsOfFeeds) {
    const auto rss = read_news(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>新着</title><item><title> 要綱の\n改正 </title>"
        "<link>/a.html</link><pubDate>Thu, 01 Apr 2027 09:00:00 +0900</pubDate></item></channel></rss>",
        kUrl);
    ASSERT_EQ(rss.size(), 1U);
    EXPECT_EQ(rss[0].title, "要綱の 改正");
    EXPECT_EQ(rss[0].url, "https://city.example.jp/a.html");
    EXPECT_EQ(rss[0].published, (base::Day{2027, 4, 1}));
    const auto rdf = read_news(
        "<rdf:RDF xmlns:rdf=\"r\" xmlns=\"http://purl.org/rss/1.0/\" xmlns:dc=\"d\"><item><title>通知</title>"
        "<link>https://soumu.example/b</link><dc:date>2027-05-02T10:00:00+09:00</dc:date></item></rdf:RDF>",
        kUrl);
    ASSERT_EQ(rdf.size(), 1U);
    EXPECT_EQ(rdf[0].published, (base::Day{2027, 5, 2}));
    const auto atom = read_news(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><title>告示</title><link rel=\"self\" "
        "href=\"https://x/self\"/><link href=\"c.html\"/><id>tag:1</id></entry></feed>",
        kUrl);
    ASSERT_EQ(atom.size(), 1U);
    EXPECT_EQ(atom[0].url, "https://city.example.jp/news/c.html");
}

TEST(ReadNews, TakesAPagesLinksOnceAndLeavesOutWhatLeadsNowhere) {
    const auto items = read_news(
        "<html><body><a href=\"1.html\">補助金の公募を始めました</a><a href=\"1.html#a\">補助金の公募を始めました</a>"
        "<a href=\"#top\">このページの先頭へ</a><a href=\"mailto:a@b\">メールで問い合わせる</a>"
        "<a href=\"javascript:void(0)\">印刷用の表示にする</a><a href=\"2.html\">次へ</a></body></html>",
        kUrl);
    ASSERT_EQ(items.size(), 1U);
    EXPECT_EQ(items[0].key, "https://city.example.jp/news/1.html");
}

TEST(ReadNews, RefusesWhatIsNeither) {
    EXPECT_THROW(read_news("", kUrl), base::Error);
    EXPECT_THROW(read_news("not a page", kUrl), base::Error);
    EXPECT_THROW(read_news("<rss><channel></channel></rss>", kUrl), base::Error);
    EXPECT_THROW(read_news(std::string(kLargestNews + 1, 'a'), kUrl), base::Error);
}

}  // namespace
}  // namespace visits
