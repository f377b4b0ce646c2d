#include "flow/map_metadata.h"

#include <gtest/gtest.h>

#include "flow/testing/town.h"
#include "ground/base/error.h"
#include "ground/html/encoding.h"
#include "press/content/categories.h"
#include "press/content/live.h"
#include "press/publish/queue.h"

namespace flow {

namespace {

class MapMetadata : public ::testing::TestWithParam<std::string> {
  protected:
    testing::Town town_{GetParam()};
    content::Page page_ = town_.taken_over("kurashi/gomi.html");
    content::Page other_ = town_.taken_over("%8Es.html");

    void SetUp() override {
        town_.write([&](sys::Transaction& tx) {
            content::add_category(tx, {"life", "くらし", ""});
            content::add_category(tx, {"gomi", "ごみ", "life"});
            publish::clear_dirty(tx, publish::take_dirty(tx));
        });
    }
    MetadataMapped map(std::string_view csv, MetadataOptions options = {}) {
        return map_metadata(*town_.site, csv, options);
    }
    content::Page now(const content::Page& page) {
        return town_.read([&](sys::Reader& db) { return content::load_page(db, page.id); });
    }
    content::Body body(const content::Page& page) {
        return town_.read(
            [&](sys::Reader& db) { return content::load_revision(db, content::load_page(db, page.id).live).body; });
    }
    std::size_t dirty() {
        return town_.read([&](sys::Reader& db) { return publish::take_dirty(db).keys.size(); });
    }
};

}  // namespace

TEST_P(MapMetadata, TakesEveryColumnAndRefreshesTheLists) {
    const MetadataMapped mapped =
        map("パス,タイトル,担当課,公開終了日,カテゴリ,説明\r\n"
            "/kurashi/gomi.html,ごみの出し方,課 20,2027/6/30,くらし；gomi,分け方です\r\n"
            "http://old.example/%8Es.html,,11,2027-05-01 9:00,,\r\n");
    for (const auto& fault : mapped.faults) ADD_FAILURE() << fault.line << fault.column << fault.reason;
    EXPECT_TRUE(mapped.is_done);
    EXPECT_EQ(mapped.changed, 2);
    EXPECT_EQ(body(page_).title, "ごみの出し方");
    EXPECT_EQ(body(page_).description, "分け方です");
    EXPECT_EQ(body(page_).categories, (std::vector<std::string>{"life", "gomi"}));
    EXPECT_EQ(now(page_).department, town_.elsewhere);
    EXPECT_EQ(now(page_).live, now(page_).latest) << "the page stays public";
    EXPECT_EQ(town_.read([&](sys::Reader& db) { return content::list_newest(db, "category:life", 9).size(); }), 1U);
    const auto until = [&](const content::Page& page) {
        return base::format_local(
            town_.read([&](sys::Reader& db) { return workflow::find_standing(db, page.id).live_until; }));
    };
    EXPECT_EQ(until(page_), "2027-07-01 00:00") << "the last day is a public one";
    EXPECT_EQ(until(other_), "2027-05-01 09:00");
    EXPECT_EQ(now(other_).live, other_.live) << "no new revision where no word changes";
    EXPECT_GT(dirty(), 0U);

    const MetadataMapped again = map("path,title\n/kurashi/gomi.html,ごみの出し方\n");
    EXPECT_EQ(again.changed, 0);
    EXPECT_EQ(again.same, 1);
    EXPECT_TRUE(again.unknown_columns.empty());

    const MetadataMapped screens = map("場所,題名,分類,ページ番号\n/kurashi/gomi.html,ごみと資源,くらし,12\n");
    EXPECT_EQ(body(page_).title, "ごみと資源") << "the words of the screens are known too";
    EXPECT_EQ(body(page_).categories, std::vector<std::string>{"life"});
    EXPECT_EQ(screens.unknown_columns, std::vector<std::string>{"ページ番号"}) << "what is left out is told";
}

TEST_P(MapMetadata, ReadsWhatASpreadsheetOfTheTownHallSaves) {
    const std::string cp932 =
        html::encode("パス,タイトル\r\nkurashi/gomi.html,\"①ごみ、\n髙い\"\r\n", html::Encoding::ShiftJis);
    EXPECT_EQ(map(cp932).changed, 1);
    EXPECT_EQ(body(page_).title, "①ごみ、 髙い");
    EXPECT_EQ(map("\xef\xbb\xbfPath,TITLE\nkurashi/gomi.html,utf8\n").changed, 1);
    EXPECT_THROW(map("path,title\n\xff\xff\xff,\xff\n"), base::Error);
    EXPECT_THROW(map("title\nx\n"), base::Error);
    EXPECT_THROW(map("path,title,title\n"), base::Error);
    EXPECT_THROW(map(""), base::Error);
    EXPECT_THROW(map("path,title\nkurashi/gomi.html,\"open\n"), base::Error);
}

TEST_P(MapMetadata, NamesEachBadLineAndThenChangesNothing) {
    const content::Page composed = town_.taken_over("draft.html");
    ASSERT_TRUE(town_.edit(composed.id, "<p>x</p>", town_.author));
    constexpr std::string_view kTable =
        "path,title,department,take_down,category\n"
        "kurashi/gomi.html,good,,,\n"
        "nothing.html,x,,,\n"
        "%8Es.html,x,課 12,,\n"
        "draft.html,x,,,\n"
        "kurashi/gomi.html,twice,,,\n";
    const MetadataMapped mapped = map(kTable);
    EXPECT_FALSE(mapped.is_done);
    ASSERT_EQ(mapped.faults.size(), 4U);
    EXPECT_EQ(mapped.faults[0].line, 3);
    EXPECT_EQ(mapped.faults[0].column, "path");
    EXPECT_EQ(mapped.faults[1].reason, "there is no 課 12; the nearest is 課 11");
    EXPECT_NE(mapped.faults[2].reason.find("office"), std::string::npos);
    EXPECT_NE(mapped.faults[3].reason.find("already"), std::string::npos);
    EXPECT_EQ(body(page_).title, "題");
    const auto faults_of = [&](const std::string& cells) {
        const MetadataMapped one = map("path,take_down,category\nkurashi/gomi.html," + cells + "\n");
        return one.faults.empty() ? std::string() : one.faults[0].reason;
    };
    EXPECT_EQ(faults_of(",ごめ"), "there is no ごめ; the nearest is ごみ");
    EXPECT_NE(faults_of("2027-02-30,").find("no date"), std::string::npos);
    EXPECT_NE(faults_of("2026-01-01,").find("past"), std::string::npos);

    EXPECT_EQ(map(kTable, {.is_dry_run = true, .skips_bad = true}).changed, 1);
    EXPECT_EQ(body(page_).title, "題") << "a dry run writes nothing";
    EXPECT_EQ(map(kTable, {.skips_bad = true}).changed, 1);
    EXPECT_EQ(body(page_).title, "good");
}

INSTANTIATE_TEST_SUITE_P(Engines, MapMetadata, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace flow
