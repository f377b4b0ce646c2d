// A site of composed pages, from stores to public bytes: who is rendered again after which change, and who is not.
#include <gtest/gtest.h>

#include "flow/change_template.h"
#include "flow/edit_page.h"
#include "flow/mark_changes.h"
#include "flow/preview_page.h"
#include "flow/publish_site.h"
#include "flow/testing/composed_town.h"
#include "ground/base/text.h"
#include "ground/release/store.h"
#include "press/content/categories.h"
#include "press/publish/queue.h"

namespace flow {

namespace {

using namespace std::chrono_literals;
using Sources = std::set<std::string>;

class ComposedSite : public ::testing::TestWithParam<std::string>, public flow::testing::ComposedTown {
  protected:
    ComposedSite() : ComposedTown(GetParam()) {}
};

TEST_P(ComposedSite, ShowsThePageWithItsSurroundings) {
    set_section("kurashi/", [&](content::Section& section) { section.department = ka, section.title = "くらし"; });
    put_page("index.html", "home", "星見野市");
    put_page("kurashi/index.html", "section", "くらし");
    put_page("kurashi/gomi.html", "article", "ごみ & 分別",
             "<h2>出し方</h2><p>朝8時まで</p><h2>収集日</h2><h2>種類</h2>");
    publish();
    const std::string page = file("kurashi/gomi.html");
    for (const char* const part :
         {"<title>ごみ &amp; 分別｜サンプル市</title>", "<h1>ごみ &amp; 分別</h1>", "<a href=\"/kurashi/\">くらし</a>",
          "<h2 id=\"h-1\">出し方</h2>", "<a href=\"#h-2\">収集日</a>", "課 11",
          "更新日：<time datetime=\"2027-04-01\">", "令和9年（2027年）4月1日"})
        EXPECT_NE(page.find(part), std::string::npos) << part << "\n" << page;
    EXPECT_NE(file("index.html").find("<a href=\"/kurashi/gomi.html\">ごみ &amp; 分別</a>"), std::string::npos);
    EXPECT_NE(file("kurashi/index.html").find("ごみ &amp; 分別"), std::string::npos);
    EXPECT_NE(file("theme/site.css").find("--key"), std::string::npos);
    EXPECT_EQ(entry("404.html").status, 404);
    EXPECT_EQ(entry("410.html").status, 410);
    EXPECT_NE(file("410.html").find("掲載を終了しました"), std::string::npos);
    EXPECT_EQ(entry("503.html").status, 503);
    EXPECT_EQ(verify_deviations(), 0);
}

TEST_P(ComposedSite, RendersAgainExactlyWhoReadWhatHasChanged) {
    set_section("kurashi/", [&](content::Section& section) { section.department = ka; });
    set_section("kenko/", [&](content::Section& section) { section.department = elsewhere; });
    write([&](sys::Transaction& tx) { content::add_category(tx, {"event", "催し", "", 0, 0}); });
    const auto home = put_page("index.html", "home", "市");
    const auto kurashi = put_page("kurashi/index.html", "section", "くらし");
    const auto kenko = put_page("kenko/index.html", "section", "健康");
    const auto gomi = put_page("kurashi/gomi.html", "article", "ごみ");
    const auto suido = put_page("kurashi/suido.html", "article", "水道");
    const auto kenshin = put_page("kenko/kenshin.html", "procedure", "健診");
    const auto tree = put_page("map/index.html", "sitemap", "サイトマップ");
    publish();
    ASSERT_TRUE(stale().empty());
    const auto page = [](base::PageId id) { return fmt::format("page:{}", id.value); };

    {
        SCOPED_TRACE(
            "a new page in a section: itself, the section's list, the top page's newest list, feed and sitemap");
        clock.advance(1h);
        const auto fresh = put_page("kurashi/zei.html", "article", "税");
        EXPECT_EQ(stale(), (Sources{page(fresh), page(kurashi), page(home), "feed:", "sitemap:0"}));
        publish();
    }
    {
        SCOPED_TRACE("another title: the same");
        clock.advance(1h);
        change_page(gomi, [](content::Body& body) { body.title = "ごみと資源"; });
        EXPECT_EQ(stale(), (Sources{page(gomi), page(kurashi), page(home), "feed:", "sitemap:0"}));
        publish();
    }
    {
        SCOPED_TRACE("a department's telephone: the pages that show it");
        write([&](sys::Transaction& tx) {
            people::Department department = people::load_department(tx, elsewhere);
            department.phone = "03-0000-0000";
            people::change_department(tx, department, by());
            mark_department_changed(tx, elsewhere, clock.now());
        });
        EXPECT_EQ(stale(), (Sources{page(kenko), page(kenshin)}));
        publish();
        EXPECT_NE(file("kenko/kenshin.html").find("03-0000-0000"), std::string::npos);
    }
    {
        SCOPED_TRACE("a page type: the pages of that type");
        change_template("article",
                        [](std::string& source) { source.insert(source.find("</article>"), "<p>共通の案内</p>"); });
        EXPECT_EQ(stale(), (Sources{page(gomi), page(suido), page(read([](sys::Reader& db) {
                                        return content::find_live(db, "kurashi/zei.html")->id;
                                    }))}));
        publish();
    }
    {
        SCOPED_TRACE("a part that only some pages have");
        change_template("contents", [](std::string& source) { source += "\n"; });
        EXPECT_TRUE(stale().contains(page(gomi)));
        EXPECT_FALSE(stale().contains(page(kenshin)));
        publish();
    }
    {
        SCOPED_TRACE("a page gets a category: who lists that category");
        put_list("important", R"({"list":"category:event","limit":5})");
        publish();
        clock.advance(1h);
        change_page(kenshin, [](content::Body& body) { body.categories = {"event"}; });
        EXPECT_EQ(stale(), (Sources{page(kenshin), page(kenko), page(home), "feed:", "sitemap:0"}));
        publish();
        EXPECT_NE(file("index.html").find("重要なお知らせ"), std::string::npos);
    }
    {
        SCOPED_TRACE("a section's title: its pages' way, the list of sections, and what has that on every page");
        set_section("kenko/", [](content::Section& section) { section.title = "健康・福祉"; });
        const Sources all = stale();
        for (const auto id : {home, kurashi, kenko, gomi, kenshin, tree}) EXPECT_TRUE(all.contains(page(id)));
        publish();
        EXPECT_NE(file("kurashi/gomi.html").find("健康・福祉"), std::string::npos) << "in the navigation";
    }
    {
        SCOPED_TRACE("withdrawn: lists, feed and sitemap let go of it, and its address says where to go");
        write([&](sys::Transaction& tx) { change_live(tx, suido, {}, clock.now(), 0, {301, "/kurashi/"}); });
        EXPECT_EQ(stale(), (Sources{page(suido), page(kurashi), page(home), "feed:", "sitemap:0",
                                    "redirect:kurashi/suido.html"}));
        publish();
        EXPECT_EQ(entry("kurashi/suido.html").status, 301);
        EXPECT_EQ(entry("kurashi/suido.html").location, "/kurashi/");
        EXPECT_FALSE(std::filesystem::exists(site->folders.document_root / "kurashi/suido.html"));
        for (const char* const list : {"index.html", "kurashi/index.html", "rss.xml", "sitemap/0.xml"})
            EXPECT_EQ(file(list).find("suido"), std::string::npos) << list;
    }
    {
        SCOPED_TRACE("and back again");
        write([&](sys::Transaction& tx) { change_live(tx, suido, content::load_page(tx, suido).latest, clock.now()); });
        publish();
        EXPECT_EQ(entry("kurashi/suido.html").status, 200);
    }
    EXPECT_EQ(verify_deviations(), 0);
}

TEST_P(ComposedSite, APreviewBearsTheDateThatThePublicPageHasOrWillHave) {
    using namespace std::chrono_literals;
    set_section("kurashi/", [&](content::Section& section) { section.department = ka; });
    const auto gomi = put_page("kurashi/gomi.html", "article", "ごみ", "<p>朝8時まで</p>");
    publish();
    clock.advance(5 * 24h);
    const content::Page page = site->database->read([&](sys::Reader& db) { return content::load_page(db, gomi); });
    EXPECT_EQ(preview_revision(*site, gomi, page.live).bytes, file("kurashi/gomi.html")) << "live: the very same bytes";
    content::Body body =
        site->database->read([&](sys::Reader& db) { return content::load_revision(db, page.latest); }).body;
    body.title = "ごみと資源";
    const Outcome draft = save_draft(*site, {gomi, body, page.latest}, author);
    ASSERT_TRUE(draft) << draft.refusal->ja;
    Submission wish;
    wish.publish_at = clock.now() + 10 * 24h;
    ASSERT_TRUE(submit(*site, gomi, draft.version(), wish, author));
    const auto shown = [&](base::Instant at) { return preview_at(*site, gomi, at).bytes; };
    EXPECT_EQ(shown(clock.now() + 9 * 24h), file("kurashi/gomi.html"));
    const std::string later = shown(clock.now() + 20 * 24h);
    EXPECT_NE(later.find("ごみと資源"), std::string::npos);
    EXPECT_NE(later.find("更新日：<time datetime=\"2027-04-16\">"), std::string::npos) << later;
}

TEST_P(ComposedSite, ADraftShowsNowhere) {
    put_page("index.html", "home", "市");
    const auto gomi = put_page("kurashi/gomi.html", "article", "ごみ");
    publish();
    write([&](sys::Transaction& tx) {
        const content::Page page = content::load_page(tx, gomi);
        content::Body body = content::load_revision(tx, page.latest).body;
        body.title = "秘密の下書き";
        content::add_revision(tx, {gomi, body, author.person, clock.now(), page.latest, {}});
        publish::mark_dirty(tx, "all", clock.now());
    });
    publish();
    for (const auto& path : {"index.html", "kurashi/gomi.html", "rss.xml"})
        EXPECT_EQ(file(path).find("秘密"), std::string::npos) << path;
}

TEST_P(ComposedSite, AChangeBeyondTheBoundaryOfAListDoesNotTouchIt) {
    const auto home = put_page("index.html", "home", "市");  // shows ten
    std::vector<base::PageId> pages;
    for (int i = 0; i < 15; ++i) {
        clock.advance(1h);
        pages.push_back(put_page(fmt::format("news/{:02}.html", i), "news", fmt::format("知らせ{}", i)));
    }
    publish();
    const std::string name = fmt::format("page:{}", home.value);
    change_page(pages[0], [](content::Body& body) { body.title = "十五番目"; });
    EXPECT_FALSE(stale().contains(name)) << "the fifteenth of ten";
    publish();
    change_page(pages[5], [](content::Body& body) { body.title = "十番目"; });
    EXPECT_TRUE(stale().contains(name));
    publish();
    EXPECT_NE(file("index.html").find("十番目"), std::string::npos);
    EXPECT_EQ(file("index.html").find("知らせ4"), std::string::npos);
    write([&](sys::Transaction& tx) { change_live(tx, pages[14], {}, clock.now()); });
    EXPECT_TRUE(stale().contains(name));
    publish();
    EXPECT_NE(file("index.html").find("知らせ4"), std::string::npos) << "the eleventh moved up";
}

TEST_P(ComposedSite, ArchivesCountedFromTheOldestKeepTheirEntries) {
    set_section("news/", [](content::Section& section) {
        section.title = "お知らせ", section.archive = content::Archive::ByCount, section.archive_size = 2;
    });
    put_page("news/index.html", "section", "お知らせ");
    std::vector<base::PageId> pages;
    for (int i = 1; i <= 5; ++i) {
        clock.advance(1h);
        pages.push_back(put_page(fmt::format("news/{}.html", i), "news", fmt::format("第{}号", i)));
    }
    publish();
    const std::string first = file("news/archive/1.html"), second = file("news/archive/2.html");
    EXPECT_NE(second.find("第3号"), std::string::npos);
    EXPECT_NE(second.find("第4号"), std::string::npos);
    EXPECT_NE(file("news/archive/3.html").find("第5号"), std::string::npos);
    EXPECT_NE(file("news/index.html").find("/news/archive/3.html"), std::string::npos);
    clock.advance(1h);
    put_page("news/6.html", "news", "第6号");
    EXPECT_TRUE(stale().contains("archive:news/:3"));
    EXPECT_FALSE(stale().contains("archive:news/:1"));
    publish();
    EXPECT_EQ(file("news/archive/1.html"), first);
    EXPECT_EQ(file("news/archive/2.html"), second);
    // One of the middle goes: nothing moves to another page.
    write([&](sys::Transaction& tx) { change_live(tx, pages[2], {}, clock.now()); });
    publish();
    EXPECT_EQ(file("news/archive/1.html"), first);
    EXPECT_EQ(file("news/archive/2.html").find("第3号"), std::string::npos);
    EXPECT_NE(file("news/archive/3.html").find("第5号"), std::string::npos);
    // The other one goes too: its archive page goes, and its neighbours point past it.
    write([&](sys::Transaction& tx) { change_live(tx, pages[3], {}, clock.now()); });
    publish();
    EXPECT_FALSE(is_public("news/archive/2.html"));
    EXPECT_NE(file("news/archive/1.html").find("/news/archive/3.html"), std::string::npos);
    EXPECT_EQ(file("news/index.html").find("/news/archive/2.html"), std::string::npos);
}

TEST_P(ComposedSite, MonthlyArchivesAndTheMarkOfWhatIsNew) {
    set_section("news/", [](content::Section& section) { section.archive = content::Archive::ByMonth; });
    put_page("news/index.html", "section", "お知らせ");
    put_page("news/a.html", "news", "四月の知らせ");
    publish();
    const std::string april = file("news/archive/2027-04.html");
    EXPECT_NE(april.find("2027年4月（令和9年）"), std::string::npos) << april;
    EXPECT_NE(april.find("class=\"new\""), std::string::npos);
    const auto next = read([](sys::Reader& db) { return publish::next_change(db); });
    ASSERT_TRUE(next);
    EXPECT_EQ(*next, clock.now() + std::chrono::days(7)) << "the clock alone changes it then";
    clock.advance(std::chrono::days(40));
    publish();
    EXPECT_EQ(file("news/archive/2027-04.html").find("class=\"new\""), std::string::npos);
    put_page("news/b.html", "news", "五月の知らせ");
    publish();
    EXPECT_NE(file("news/archive/2027-05.html").find("五月の知らせ"), std::string::npos);
    EXPECT_EQ(file("news/archive/2027-04.html").find("五月の知らせ"), std::string::npos);
    EXPECT_NE(file("news/archive/2027-04.html").find("/news/archive/2027-05.html"), std::string::npos) << "the way on";
}

TEST_P(ComposedSite, WhatWasAbsentIsNoticedWhenItComes) {
    put_page("kurashi/gomi/index.html", "article", "ごみ");
    publish();
    EXPECT_EQ(file("kurashi/gomi/index.html").find("href=\"/kurashi/\""), std::string::npos) << "no page, no link";
    put_page("kurashi/index.html", "section", "くらし");
    publish();
    EXPECT_NE(file("kurashi/gomi/index.html").find("href=\"/kurashi/\""), std::string::npos);
    write([&](sys::Transaction& tx) {
        change_live(tx, content::find_live(tx, "kurashi/index.html")->id, {}, clock.now());
    });
    publish();
    EXPECT_EQ(file("kurashi/gomi/index.html").find("href=\"/kurashi/\""), std::string::npos);
}

TEST_P(ComposedSite, APageThatFailsCostsItselfAndIsTriedAgain) {
    const auto good = put_page("good.html", "article", "よいページ");
    const auto bad = put_page("bad.html", "article", "後で壊れるページ");
    publish();
    const std::string before = file("bad.html");

    change_page(good, [](content::Body& body) { body.title = "よいページ（改）"; });
    const std::int64_t receipt = write([&](sys::Transaction& tx) {
        publish::Receipt made;
        made.kind = "publish", made.page = bad, made.person = author.person;
        return publish::add_receipt(tx, made);
    });
    change_page(
        bad, [](content::Body& body) { body.template_name = "special"; }, receipt);
    const Published published = publish();
    EXPECT_EQ(published.failed, 1);
    EXPECT_NE(file("good.html").find("（改）"), std::string::npos) << "the others go out";
    EXPECT_EQ(file("bad.html"), before) << "its old bytes stay";
    const auto failed = read([](sys::Reader& db) { return publish::list_failed_sources(db, 10); });
    ASSERT_EQ(failed.size(), 1U);
    EXPECT_EQ(failed[0].source, fmt::format("page:{}", bad.value));
    EXPECT_NE(failed[0].problem.find("special"), std::string::npos) << failed[0].problem;
    const auto told = read([&](sys::Reader& db) { return *publish::find_receipt(db, receipt); });
    EXPECT_EQ(told.state, publish::ReceiptState::Failed);
    EXPECT_NE(told.problem.find("special"), std::string::npos);

    // What it lacked comes: nobody has to touch the page.
    write([&](sys::Transaction& tx) {
        const auto added = content::install_template(tx, {content::TemplateKind::Page,
                                                          "special",
                                                          "特別",
                                                          true,
                                                          "<title>特別 {{ page.title }}</title>",
                                                          {},
                                                          clock.now(),
                                                          {}});
        mark_template_changed(tx, added, clock.now());
    });
    publish();
    EXPECT_EQ(file("bad.html"), "<title>特別 後で壊れるページ</title>");
    EXPECT_TRUE(read([](sys::Reader& db) { return publish::list_failed_sources(db, 10); }).empty());
    EXPECT_EQ(verify_deviations(), 0);
}

TEST_P(ComposedSite, TwoPagesForOnePathCostTheSecond) {
    put_page("a.html", "article", "一");
    publish();
    const auto other = put_page("b.html", "article", "二", "", {attachment("a.html")});
    publish();
    EXPECT_NE(file("a.html").find("一"), std::string::npos);
    const auto failed = read([](sys::Reader& db) { return publish::list_failed_sources(db, 10); });
    ASSERT_EQ(failed.size(), 1U);
    EXPECT_EQ(failed[0].source, fmt::format("page:{}", other.value));
    EXPECT_FALSE(is_public("b.html"));
}

TEST_P(ComposedSite, TwoPagesMaySwapWhatTheyBringOut) {
    const auto one =
        put_page("one.html", "article", "一", "", {attachment("files/x.pdf", "x"), attachment("files/z.pdf", "z")});
    const auto two = put_page("two.html", "article", "二", "", {attachment("files/y.pdf", "y")});
    publish();
    change_page(one, [&](content::Body& body) { body.attachments = {attachment("files/y.pdf", "new y")}; });
    change_page(two, [&](content::Body& body) { body.attachments = {attachment("files/x.pdf", "new x")}; });
    publish();
    EXPECT_EQ(file("files/x.pdf"), "new x");
    EXPECT_EQ(file("files/y.pdf"), "new y");
    EXPECT_FALSE(is_public("files/z.pdf")) << "an attachment goes with its page";
    EXPECT_TRUE(read([](sys::Reader& db) { return publish::list_failed_sources(db, 10); }).empty());
}

TEST_P(ComposedSite, AnAttachmentThatStaysIsNoChange) {
    const auto page = put_page("one.html", "article", "一", "", {attachment("files/x.pdf", "x")});
    publish();
    const auto entry = [&] { return read([](sys::Reader& db) { return release::find_entry(db, "files/x.pdf"); }); };
    const auto first = entry();
    ASSERT_TRUE(first);
    change_page(page, [](content::Body& body) { body.title = "一（改）"; });
    publish();
    EXPECT_NE(file("one.html").find("（改）"), std::string::npos);
    EXPECT_EQ(entry(), first) << "neither the record nor a receipt names a file whose bytes stay";
    change_page(page, [&](content::Body& body) { body.attachments = {attachment("files/x.pdf", "new x")}; });
    publish();
    EXPECT_NE(entry(), first);
    EXPECT_EQ(file("files/x.pdf"), "new x");
}

TEST_P(ComposedSite, ATakenOverSiteGetsNoFileOfOurs) {
    const content::Page old = taken_over("index.html");
    write([&](sys::Transaction& tx) { publish::mark_dirty(tx, fmt::format("page:{}", old.id.value), clock.now()); });
    publish();
    EXPECT_EQ(public_paths(), (Sources{"index.html"}));
    put_page("new/page.html", "article", "新しい型のページ");
    publish();
    EXPECT_EQ(public_paths(), (Sources{"index.html", "new/page.html", "theme/site.css"})) << "only what the page needs";
    site->settings.publish.sitemap = "on";
    publish();
    EXPECT_EQ(public_paths(),
              (Sources{"index.html", "new/page.html", "theme/site.css", "sitemap.xml", "sitemap/0.xml"}));
    EXPECT_NE(file("sitemap/0.xml").find("<loc>http://127.0.0.1:8081/new/page.html</loc>"), std::string::npos);
    site->settings.publish.sitemap = "off";
    publish();
    EXPECT_EQ(public_paths(), (Sources{"index.html", "new/page.html", "theme/site.css"})) << "and away again";
}

TEST_P(ComposedSite, FollowsTheSettings) {
    put_page("index.html", "home", "トップ");
    put_page("a.html", "article", "記事");
    publish();
    site->settings.site.name = "新しい市";
    publish();
    EXPECT_NE(file("a.html").find("｜新しい市</title>"), std::string::npos);
    EXPECT_NE(file("rss.xml").find("<title>新しい市</title>"), std::string::npos);
    EXPECT_EQ(publish().pages, 0) << "once";
}

TEST_P(ComposedSite, GivesTheSameBytesWithOneThreadAndWithEight) {
    set_section("news/", [](content::Section& section) {
        section.archive = content::Archive::ByCount, section.archive_size = 20;
    });
    put_page("index.html", "home", "市");
    put_page("news/index.html", "section", "お知らせ");
    for (int i = 0; i < 500; ++i)
        put_page(fmt::format("news/{:03}.html", i), i % 3 == 0 ? "news" : "article", fmt::format("第{}号", i),
                 "<h2>一</h2><h2>二</h2><h2>三</h2>");
    site->settings.publish.threads = 1;
    publish();
    const auto root = read([](sys::Reader& db) { return release::find_newest(db)->tree; });
    const auto reads = all_reads();
    site->settings.publish.threads = 8;
    write([&](sys::Transaction& tx) { publish::mark_dirty(tx, "all", clock.now()); });
    const Published again = publish();
    EXPECT_EQ(again.pages, 502);
    EXPECT_EQ(again.written, 0) << "not a byte differs";
    EXPECT_EQ(read([](sys::Reader& db) { return release::find_newest(db)->tree; }), root);
    EXPECT_EQ(all_reads(), reads);
}

TEST_P(ComposedSite, FeedsAndSitemapsAreWellFormedAndListWhatIsPublic) {
    set_section("news/", [](content::Section& section) { section.title = "お知らせ <速報>", section.has_feed = true; });
    put_page("index.html", "home", "市");
    put_page("news/a.html", "news", "A & B <\"'>");
    put_page("kurashi/b.html", "article", "くらしの記事");
    publish();
    for (const char* const path : {"rss.xml", "news/rss.xml", "sitemap.xml", "sitemap/0.xml"})
        EXPECT_EQ(flow::testing::find_xml_fault(file(path)), "") << path << "\n" << file(path);
    const std::string feed = file("news/rss.xml");
    EXPECT_NE(feed.find("<title>A &amp; B &lt;&quot;&#39;&gt;</title>"), std::string::npos) << feed;
    EXPECT_NE(feed.find("<pubDate>Thu, 01 Apr 2027 10:00:00 +0900</pubDate>"), std::string::npos);
    EXPECT_EQ(feed.find("くらしの記事"), std::string::npos);
    EXPECT_NE(file("rss.xml").find("くらしの記事"), std::string::npos);
    EXPECT_NE(file("sitemap.xml").find("<loc>http://127.0.0.1:8081/sitemap/0.xml</loc>"), std::string::npos);
    EXPECT_NE(file("sitemap/0.xml").find("<loc>http://127.0.0.1:8081/</loc>"), std::string::npos);
    EXPECT_EQ(entry("rss.xml").type, "application/rss+xml");
}

TEST_P(ComposedSite, ThemePagesHaveNoFindings) {
    set_section("kurashi/", [&](content::Section& section) {
        section.department = ka, section.description = "説明", section.archive = content::Archive::ByMonth;
    });
    write([&](sys::Transaction& tx) { content::add_category(tx, {"event", "催し", "", 0, 0}); });
    put_page("index.html", "home", "市", "<h2>くらしのガイド</h2><ul><li><a href=\"/kurashi/\">くらし</a></li></ul>");
    put_page("kurashi/index.html", "section", "くらし", "<p>案内</p>");
    put_page("kurashi/news.html", "news", "お知らせ");
    put_page("kurashi/page.html", "article", "記事", "<h2>一</h2><h3>細目</h3><h2>二</h2><h2>三</h2>",
             {attachment("kurashi/x.pdf")});
    put_page("map.html", "sitemap", "サイトマップ");
    publish();
    for (const std::string& path : public_paths()) {
        if (!path.ends_with(".html")) continue;
        EXPECT_EQ(flow::testing::find_page_faults(file(path)), std::vector<std::string>{}) << path << "\n"
                                                                                           << file(path);
    }
}

TEST_P(ComposedSite, ATemplateBecomesLiveOnlyByASecondAdministrator) {
    const Doer second = add_administrator("fukukanri");
    put_page("a.html", "article", "一");
    put_page("b.html", "news", "二");
    publish();
    const auto of = [&] { return read([](sys::Reader& db) { return *content::find_template(db, "article"); }); };
    content::Template article = of();
    EXPECT_EQ(find_affected(*site, article).pages, 1);
    EXPECT_THROW(save_template(*site, article.id, article.version, "<p>{{ page.title }}</p>", "", author), base::Error);
    EXPECT_THROW(save_template(*site, article.id, article.version, "<p>{{ page.title }", "", admin), base::Error);
    const auto saved = save_template(*site, article.id, article.version, "<p>{{ page.title }}</p>", "簡素に", admin);
    EXPECT_THROW(save_template(*site, article.id, article.version, "x", "", second), base::Error) << "an old version";
    EXPECT_TRUE(stale().empty()) << "a draft changes nothing";
    EXPECT_EQ(preview_template(*site, article, saved.source,
                               read([](sys::Reader& db) { return content::find_live(db, "a.html")->id; })),
              "<p>一</p>");
    submit_template(*site, article.id, of().version, admin);
    EXPECT_THROW(approve_template(*site, article.id, of().version, saved.hash, admin), base::Error) << "their own";
    EXPECT_THROW(approve_template(*site, article.id, of().version, base::Hash{}, second), base::Error) << "not opened";
    const std::int64_t receipt = approve_template(*site, article.id, of().version, saved.hash, second);
    const std::string before = file("b.html");
    publish();
    EXPECT_EQ(file("a.html"), "<p>一</p>");
    EXPECT_EQ(file("b.html"), before);
    EXPECT_EQ(read([&](sys::Reader& db) { return publish::find_receipt(db, receipt)->release; }),
              read([](sys::Reader& db) { return release::find_newest(db)->number; }));

    // Sent back, it stays as it was, and what needs a part that is not there cannot be asked for.
    save_template(*site, article.id, of().version, "<p>別</p>", "", second);
    submit_template(*site, article.id, of().version, second);
    return_template(*site, article.id, of().version, "理由", admin);
    save_template(*site, article.id, of().version, "{% include \"nowhere\" %}", "", second);
    EXPECT_THROW(submit_template(*site, article.id, of().version, second), base::Error);
    EXPECT_TRUE(stale().empty());
    EXPECT_EQ(acts("template:article"),
              (std::vector<std::string>{"template.save", "template.submit", "template.approve", "template.save",
                                        "template.submit", "template.return", "template.save"}));
}

INSTANTIATE_TEST_SUITE_P(Engines, ComposedSite, ::testing::ValuesIn(sys::testing::engines()),
                         sys::testing::engine_name);

}  // namespace

}  // namespace flow
