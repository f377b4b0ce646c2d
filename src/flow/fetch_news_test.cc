// Sources of news that fall silent are told, however they fail.
#include "flow/fetch_news.h"

#include <gtest/gtest.h>

#include "flow/testing/town.h"
#include "flow/watch_registers.h"
#include "office/visits/store.h"

namespace flow {
namespace {

using namespace std::chrono_literals;

TEST(FetchNews, TellsOfASourceThatCannotBeReadForThreeDays) {
    testing::Town town("sqlite");
    const visits::By by{"person:1", town.clock.now()};
    town.write([&](sys::Transaction& tx) { visits::add_source(tx, {0, "国", "folder:kuni", {}, "", 0}, by); });
    const auto told = [&] {
        std::vector<Wrong> wrong;
        follow_registers(*town.site, wrong);
        return wrong;
    };
    EXPECT_TRUE(fetch_news(*town.site));
    EXPECT_TRUE(told().empty()) << "it may come back";
    town.clock.advance(73h);
    EXPECT_TRUE(fetch_news(*town.site));
    ASSERT_EQ(told().size(), 1U);
    EXPECT_EQ(told()[0].kind, "news.source");
    EXPECT_EQ(list_silent_sources(*town.site).at(0).name, "国");
    sys::make_folders(town.site->folders.site / "news", 0750);
    sys::write_file(town.site->folders.site / "news/kuni.xml",
                    "<rss version=\"2.0\"><channel><item><title>新着</title><link>https://example.jp/1</link></item>"
                    "</channel></rss>",
                    sys::Durability::Later);
    town.clock.advance(23h);
    EXPECT_TRUE(fetch_news(*town.site));
    EXPECT_TRUE(told().empty()) << "it is back";
}

}  // namespace
}  // namespace flow
