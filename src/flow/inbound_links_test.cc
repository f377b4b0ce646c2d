#include "flow/inbound_links.h"

#include <gtest/gtest.h>

#include "flow/mark_changes.h"
#include "flow/take_over_site.h"
#include "flow/testing/composed_town.h"
#include "press/content/store.h"
#include "press/content/unfilled.h"

namespace flow {
namespace {

class InboundLinksTest : public ::testing::TestWithParam<std::string> {
  protected:
    std::vector<std::string> linking(base::PageId id) {
        std::vector<std::string> paths;
        for (const auto& page : find(id).pages) paths.push_back(page.path);
        return paths;
    }
    InboundLinks find(base::PageId id) {
        return town_.read([&](sys::Reader& db) { return find_inbound_links(db, content::load_page(db, id)); });
    }
    testing::ComposedTown town_{GetParam()};
};

TEST_P(InboundLinksTest, AreFoundHoweverTheyAreWritten) {
    const auto gomi = town_.put_page("kurashi/gomi/index.html", "article", "ごみ");
    const auto page = town_.put_page("kurashi/a_b.html", "article", "題", "<p><a href=\"gomi/\">ごみ</a></p>");
    town_.put_page("kurashi/absolute.html", "article", "題", "<p><a href=\"/kurashi/gomi/#when\">ごみ</a></p>");
    town_.put_page("index.html", "home", "題", "<p><a href=\"kurashi/gomi/index.html\">ごみ</a></p>");
    town_.put_page("other.html", "article", "題", "<p>gomi <a href=\"/oshirase/gomi/\">別</a></p>");
    EXPECT_EQ(linking(gomi), (std::vector<std::string>{"index.html", "kurashi/a_b.html", "kurashi/absolute.html"}));
    EXPECT_TRUE(find(page).empty());
    town_.put_page("kurashi/axb.html", "article", "題", "<p><a href=\"axb.html\">自分</a></p>");
    EXPECT_TRUE(find(page).empty()) << "_ is a letter, not a pattern";
    town_.change_template("main", [](std::string& source) {
        source = content::write_menu(std::vector<content::MenuItem>{{"ごみ", "/kurashi/gomi/", {}}});
    });
    ASSERT_EQ(find(gomi).templates.size(), 1U);
    EXPECT_EQ(find(gomi).templates[0].name, "main");
}

TEST_P(InboundLinksTest, AreBrokenWhereNothingIsPublic) {
    town_.put_page("kurashi/gomi/index.html", "article", "ごみ",
                   "<p><a href=\"/\">上</a> <a href=\"../../%E5%9B%B3.pdf\">図</a></p>");
    town_.put_page("a.html", "article", "一",
                   "<p><a href=\"kurashi/gomi/\">ある</a> <a href=\"kurashi/gomi\">あるフォルダ</a> <a "
                   "href=\"/nai.html#x\">ない</a> <a href=\"https://example.jp/nai2.html\">よそ</a></p>");
    town_.put_page("b.html", "article", "二", "<p><a href=\"nai.html\">ない</a> <a href=\"/shinsei/x\">別</a></p>");
    EXPECT_EQ(find_broken_links(*town_.site, 9).targets, 0) << "nothing is public yet";
    town_.site->settings.others.push_back({});
    town_.site->settings.others.back().path = "/shinsei/";
    town_.publish();
    const BrokenLinks broken = find_broken_links(*town_.site, 9);
    std::vector<std::string> told;
    for (const BrokenLink& one : broken.worst)
        told.push_back(fmt::format("{} {} {} {}", one.path, one.pages, one.from_title, one.from_path));
    std::sort(told.begin(), told.end());
    EXPECT_EQ(told, (std::vector<std::string>{"/index.html 1 ごみ /kurashi/gomi/index.html", "/nai.html 2 一 /a.html",
                                              "/図.pdf 1 ごみ /kurashi/gomi/index.html"}));
    EXPECT_EQ(broken.targets, 3);
    EXPECT_FALSE(broken.is_cut);
    EXPECT_TRUE(find_broken_links(*town_.site, 9, std::chrono::seconds(0)).is_cut) << "a site too large for its time";
    EXPECT_EQ(find_broken_links(*town_.site, 1).worst.at(0).path, "/nai.html") << "what most pages lead to comes first";
    town_.put_page("nai.html", "article", "もうある");
    town_.publish();
    EXPECT_EQ(find_broken_links(*town_.site, 9).targets, 2);
}

TEST_P(InboundLinksTest, GoWithThePageThatHasThem) {
    const auto gomi = town_.put_page("kurashi/gomi.html", "article", "ごみ");
    const auto page = town_.put_page("a.html", "article", "題", "<p><a href=\"/kurashi/gomi.html\">ごみ</a></p>");
    EXPECT_EQ(linking(gomi), std::vector<std::string>{"a.html"});
    town_.change_page(page, [](content::Body& body) { body.parts["body"] = "<p>なし</p>"; });
    EXPECT_TRUE(find(gomi).empty());
    town_.change_page(page, [](content::Body& body) { body.parts["body"] = "<a href='kurashi/gomi.html'>ごみ</a>"; });
    EXPECT_EQ(linking(gomi), std::vector<std::string>{"a.html"});
    town_.write([&](sys::Transaction& tx) { change_live(tx, page, {}, town_.clock.now()); });
    EXPECT_TRUE(find(gomi).empty());
}

TEST_P(InboundLinksTest, OfAPageThatIsMovedLeadToWhereItIsPublic) {
    const auto gomi = town_.put_page("kurashi/gomi.html", "article", "ごみ");
    town_.put_page("a.html", "article", "題", "<p><a href=\"/kurashi/gomi.html\">ごみ</a></p>");
    town_.write([&](sys::Transaction& tx) { content::move_page(tx, gomi, "kankyo/gomi.html", town_.clock.now()); });
    EXPECT_EQ(linking(gomi), std::vector<std::string>{"a.html"});
}

TEST_P(InboundLinksTest, AreKnownOfATakenOverSite) {
    sys::TemporaryFolder old;
    const auto put = [&](const std::string& path, const std::string& bytes) {
        sys::make_folders((old.path() / path).parent_path());
        sys::write_file(old.path() / path, bytes, sys::Durability::Later, 0644);
    };
    put("index.html", "<title>top</title><a href='b/'>b</a> <a href='http://example.jp/c.html'>c</a>");
    put("b/index.html", "<title>b</title><a href='#x'>x</a><a href='../c.html?x=1#y'>c</a>");
    put("b/d.html", "<title>d</title><base href='../'><a href='c.html'>c</a>");
    put("c.html", "<title>c</title><map><area href='b/index.html'></map>");
    take_over_site(*town_.site, old.path().string(), {});
    const auto id_of = [&](const std::string& path) {
        return town_.read([&](sys::Reader& db) { return content::find_page(db, path)->id; });
    };
    EXPECT_EQ(linking(id_of("b/index.html")), (std::vector<std::string>{"c.html", "index.html"}));
    EXPECT_EQ(linking(id_of("c.html")), (std::vector<std::string>{"b/d.html", "b/index.html"}));
    EXPECT_TRUE(linking(id_of("b/d.html")).empty());
}

TEST_P(InboundLinksTest, AreReadOutOfAnOlderSitesPagesOnce) {
    const auto gomi = town_.put_page("kurashi/gomi.html", "article", "ごみの出し方");
    for (int i = 0; i < 450; ++i)  // more than are read at once
        town_.put_page(fmt::format("p{:03}.html", i), "article", "題",
                       "<p><a href=\"/kurashi/gomi.html\">ごみ</a></p>");
    content::PageFilter filter;
    filter.words = "ゴミの";
    const auto look = [&] {
        return std::pair(find(gomi).pages,
                         town_.read([&](sys::Reader& db) { return content::list_pages(db, filter).pages.size(); }));
    };
    const auto before = look();
    ASSERT_EQ(before.first.size(), 100U);
    ASSERT_EQ(before.second, 1U);
    town_.write([](sys::Transaction& tx) {
        for (const std::string_view table : {"page_link", "page_words"})
            tx.execute(fmt::format("DELETE FROM {}", table));
        tx.execute("INSERT INTO unfilled (what, after_page) VALUES ('words', 0), ('links', 0)");
    });
    EXPECT_TRUE(look().first.empty());
    fill_what_is_new(*town_.site->database);
    EXPECT_EQ(look(), before);
    EXPECT_FALSE(town_.read(content::is_anything_unfilled));
}

INSTANTIATE_TEST_SUITE_P(Engines, InboundLinksTest, ::testing::ValuesIn(sys::testing::engines()),
                         sys::testing::engine_name);

}  // namespace
}  // namespace flow
