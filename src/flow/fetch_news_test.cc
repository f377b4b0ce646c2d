// What is brought along on a visit: sources of news that fall silent are told, however they fail; what residents look
// for and do not find is known.
#include "flow/fetch_news.h"

#include <gtest/gtest.h>

#include "flow/count_reads.h"
#include "flow/make_dossier.h"
#include "flow/testing/composed_town.h"
#include "flow/watch_registers.h"
#include "office/documents/store.h"
#include "office/visits/store.h"
#include "watch/logs/access_line.h"

namespace flow {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

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

TEST(CountReads, KnowsWhatWasLookedForInVain) {
    testing::ComposedTown town("sqlite");
    town.put_page("kurashi/gomi.html", "article", "ごみの出し方", "<p>燃える<b>ごみ</b>は、月曜日に出します。</p>");
    town.publish();
    std::string log;
    const auto ask = [&](std::string_view target, int status = 200, std::string_view agent = "Mozilla/5.0") {
        logs::append_access_line(log,
                                 {"192.0.2.7", town.clock.now(), "GET", target, status, 100, "", agent, std::nullopt});
        log += "\n";
    };
    ask("/kensaku.html?q=%E3%82%B4%E3%83%9F+%E6%9C%88%E6%9B%9C&page=2");  // ゴミ 月曜: other kana
    ask("/kensaku.html?cx=1&q=%E7%B2%97%E5%A4%A7%E3%81%94%E3%81%BF");     // 粗大ごみ
    ask("/kensaku.html?q=%E7%B2%97%E5%A4%A7%E3%81%94%E3%81%BF");          // again
    ask("/sagasu/?keyword=%8F%F2%89%BB%91%85");                           // 浄化槽 in Shift_JIS
    ask("/kensaku.html?q=%E7%8C%AB", 200, "Examplebot/2.0");              // a robot's
    ask("/kensaku.html?q=%E7%8A%AC", 404);                                // no page answered
    ask("/kensaku.html?q=+&page=1");
    ask("/kensaku.html?q=%zz");
    ask("/kensaku.html?q=a%00b");
    ask("/kensaku.html?ie=UTF-8");
    const auto file = town.site->settings.resolve(town.site->settings.public_site.access_log);
    sys::make_folders(file.parent_path());
    sys::write_file(file, log, sys::Durability::Later);
    const Reads read = count_reads(*town.site, town.clock.now() - 1h, town.clock.now() + 1h);
    EXPECT_EQ(read.searches.size(), 3U);
    const auto unanswered = list_unanswered(*town.site, read, 9).searches;
    ASSERT_EQ(unanswered.size(), 2U);
    EXPECT_EQ(unanswered[0], std::pair("粗大ごみ"s, std::int64_t{2}));
    EXPECT_EQ(unanswered[1], std::pair("浄化槽"s, std::int64_t{1}));
    EXPECT_EQ(list_unanswered(*town.site, read, 1).searches.size(), 1U);
    town.put_page("kurashi/sodai.html", "article", "粗大ごみ");
    town.publish();
    EXPECT_EQ(list_unanswered(*town.site, read, 9).searches.size(), 1U);
    EXPECT_FALSE(list_unanswered(*town.site, read, 9).is_cut);
    const Unanswered hurried = list_unanswered(*town.site, read, 9, 0s);
    EXPECT_TRUE(hurried.is_cut);
    EXPECT_EQ(hurried.pages, 0);

    // And the dossier says it.
    town.clock.advance(1h);
    const visits::By by{"person:1", town.clock.now()};
    const std::int64_t visit = town.write([&](sys::Transaction& tx) {
        visits::Visit planned;
        planned.starts_at = town.clock.now();
        planned.visitors = "管理者";
        planned.purpose = "第1回訪問";
        return visits::plan_visit(tx, planned, by);
    });
    const std::string path = make_dossier(*town.site, visit, by.who);
    const auto versions = town.read(
        [&](sys::Reader& db) { return documents::list_versions(db, std::stoll(path.substr(path.rfind('/') + 1))); });
    ASSERT_EQ(versions.size(), 1U);
    const documents::DocumentFile* text = versions[0].find("text/html; charset=utf-8");
    ASSERT_NE(text, nullptr);
    const std::string dossier = town.site->objects->load(text->hash);
    EXPECT_NE(dossier.find("浄化槽"), std::string::npos);
    EXPECT_EQ(dossier.find("ページだけを読みました"), std::string::npos) << "there was time for all";
}

}  // namespace
}  // namespace flow
