// Lists of 10,000 pages: that going through them misses and repeats nothing while others write, and that both
// engines answer each of them from an index.

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/sys/testing/databases.h"
#include "ground/sys/testing/plans.h"
#include "press/content/categories.h"
#include "press/content/links.h"
#include "press/content/live.h"
#include "press/content/redirects.h"
#include "press/content/store.h"
#include "press/content/templates.h"

namespace content {

namespace {

constexpr std::int64_t kStart = 1'790'000'000'000;
constexpr int kPages = 10'000;
constexpr int kSections = 20;

NewPage page_number(int number) {
    NewPage made;
    made.path = fmt::format("s{:02}/p{:05}.html", number % kSections, number);
    made.body.title = fmt::format("第{}号のお知らせ", number * 7919 % kPages);
    made.department = {number % 10 + 1};
    made.made_at = {kStart + number / 3};  // threes share their instant
    made.author = {1};
    return made;
}

/// Made once for each engine, since that takes longer than all that is asked of it.
struct Town {
    explicit Town(const std::string& engine) : db(store.open_empty(engine)) {
        sys::migrate(*db, migrations());
        db->write([](sys::Transaction& tx) {
            for (int i = 0; i < kPages; ++i) {
                const Page page = add_page(tx, page_number(i));
                if (i % 100 == 0) set_live(tx, page.id, page.latest, {kStart + i});
            }
        });
        if (engine == "postgres") db->write([](sys::Transaction& tx) { tx.execute("ANALYZE"); });
    }
    sys::testing::TestDatabase store;
    std::unique_ptr<sys::Database> db;
};

class ContentLists : public ::testing::TestWithParam<std::string> {
  protected:
    static void TearDownTestSuite() { towns().clear(); }
    void SetUp() override {
        auto& town = towns()[GetParam()];
        if (!town) town = std::make_unique<Town>(GetParam());
        db_ = town->db.get();
    }
    static std::map<std::string, std::unique_ptr<Town>>& towns() {
        static std::map<std::string, std::unique_ptr<Town>> all;
        return all;
    }

    sys::Database* db_ = nullptr;

    /// Goes through the whole list, calling `between` before each further page of it.
    std::vector<std::string> walk(PageFilter filter, const std::function<void(int)>& between = {}) {
        std::vector<std::string> paths;
        for (int turn = 0;; ++turn) {
            const PageList list = db_->read([&](sys::Reader& db) { return list_pages(db, filter); });
            EXPECT_LE(list.pages.size(), static_cast<std::size_t>(filter.limit));
            for (const Page& page : list.pages) paths.push_back(page.path);
            if (list.next.empty()) return paths;
            filter.after = list.next;
            if (between) between(turn);
        }
    }
};

}  // namespace

TEST_P(ContentLists, FilterBySectionDepartmentStateAndWords) {
    PageFilter filter;
    filter.limit = 100;
    filter.under = "s03/";
    EXPECT_EQ(walk(filter).size(), static_cast<std::size_t>(kPages / kSections));
    filter.only_direct = true;
    EXPECT_EQ(walk(filter).size(), static_cast<std::size_t>(kPages / kSections));
    filter.under = "";
    EXPECT_TRUE(walk(filter).empty()) << "no page stands in the root itself";
    filter = {};
    filter.limit = 100;
    filter.department = {4};
    for (const Order order : {Order::Path, Order::Changed, Order::Title}) {
        filter.order = order;
        EXPECT_EQ(walk(filter).size(), 1000U);
    }
    filter = {};
    filter.is_live = true;
    EXPECT_EQ(walk(filter).size(), 100U);
    filter.under = "s00/";
    filter.order = Order::Changed;
    EXPECT_EQ(walk(filter).size(), 100U);
    filter = {};
    filter.words = "第77号の";
    EXPECT_EQ(walk(filter).size(), 1U);
    filter.words = "P00123.HTML";  // as people type it
    EXPECT_EQ(walk(filter).size(), 1U);
    filter.words = "　・ ";  // signs that are nobody's words find nothing; blanks alone ask for nothing
    EXPECT_TRUE(walk(filter).empty());
    filter.words = "第%号";  // no pattern, but two signs that do not stand there
    EXPECT_TRUE(walk(filter).empty());
    filter.words = "p0012_";
    EXPECT_TRUE(walk(filter).empty());
}

TEST_P(ContentLists, TakeAWrongPlaceToGoOnFromForTheStart) {
    PageFilter filter;
    filter.limit = 3;
    const auto first = db_->read([&](sys::Reader& db) { return list_pages(db, filter); });
    filter.after = "nonsense";
    const auto again = db_->read([&](sys::Reader& db) { return list_pages(db, filter); });
    EXPECT_EQ(first.pages[0].path, again.pages[0].path);
    EXPECT_EQ(first.next, again.next);
}

TEST_P(ContentLists, AreAnsweredFromAnIndex) {
    struct Asked {
        std::string what;
        std::function<void(sys::Reader&)> ask;
    };
    std::vector<Asked> all;
    for (const Order order : {Order::Path, Order::Changed, Order::Title})
        for (const std::string& after : {std::string(), fmt::format("{}|5", kStart)})
            for (const auto& is_live : {std::optional<bool>(), std::optional(true), std::optional(false)})
                for (const std::string under : {"", "s03/", "direct"})
                    for (const std::int64_t department : {0, 4}) {
                        PageFilter filter;
                        filter.order = order;
                        filter.after = after;
                        filter.is_live = is_live;
                        filter.only_direct = under == "direct";
                        filter.under = filter.only_direct ? "s03/" : under;
                        filter.department = {department};
                        all.push_back({fmt::format("pages, order {}, after {}, live {}, under {}, department {}",
                                                   static_cast<int>(order), after, is_live ? int{*is_live} : -1, under,
                                                   department),
                                       [filter](sys::Reader& db) { list_pages(db, filter); }});
                    }
    const base::Instant at{kStart + 500};
    const std::vector<Asked> others{
        {"sections", [](sys::Reader& db) { list_sections(db, {1}); }},
        {"revisions", [](sys::Reader& db) { list_revisions(db, {5}, 10); }},
        {"regions", [](sys::Reader& db) { list_regions(db, {5}); }},
        {"page by path", [](sys::Reader& db) { find_page(db, "x"); }},
        {"asset by path", [](sys::Reader& db) { find_asset(db, "x"); }},
        {"memberships", [](sys::Reader& db) { list_memberships(db, {1}); }},
        {"newest", [](sys::Reader& db) { list_newest(db, "tree:", 10); }},
        {"published", [at](sys::Reader& db) { list_published(db, "tree:", at, at, 10); }},
        {"places", [](sys::Reader& db) { list_places(db, "list:s00/", 1, 50); }},
        {"rank", [at](sys::Reader& db) { find_rank(db, "tree:", at, {1}, 500); }},
        {"beside", [at](sys::Reader& db) { find_beside(db, "list:s00/", at, {1}); }},
        {"before and from", [at](sys::Reader& db) { find_before(db, "tree:", at), find_from(db, "tree:", at); }},
        {"place", [](sys::Reader& db) { find_place_below(db, "list:s00/", 9), find_place_from(db, "list:s00/", 9); }},
        {"shard", [](sys::Reader& db) { list_shard(db, 3); }},
        {"shards", [](sys::Reader& db) { list_shards(db); }},
        {"categories", [](sys::Reader& db) { list_categories(db, "life"); }},
        {"redirect", [](sys::Reader& db) { find_redirect(db, "x"); }},
        {"submitted templates", [](sys::Reader& db) { list_submitted_templates(db); }},
        {"template revisions", [](sys::Reader& db) { list_template_revisions(db, {1}, 10); }},
    };
    all.insert(all.end(), others.begin(), others.end());
    db_->read([&](sys::Reader& db) {
        for (const Asked& asked : all) {
            EXPECT_FALSE(sys::testing::list_plan_steps(db, asked.ask).empty()) << asked.what;
            for (const std::string& step : sys::testing::list_full_scans(db, asked.ask)) {
                // There are some dozens of templates; "newer" is a subquery with a limit of its own.
                const bool is_small = step.starts_with("SCAN template") || step.starts_with("Seq Scan on template") ||
                                      step == "SCAN newer";
                EXPECT_TRUE(is_small) << asked.what << ": " << step;
            }
        }
    });
}

TEST_P(ContentLists, FindWordsFromAnIndexInEveryOrderAndPageByPage) {
    db_->read([&](sys::Reader& db) {
        EXPECT_EQ(sys::testing::list_full_scans(
                      db, [](sys::Reader& reader) { reader.query("SELECT id FROM page WHERE encoding = 'x'"); })
                      .size(),
                  1U)
            << "a full scan is seen when there is one";
    });
    struct Asked {
        std::string words;
        std::size_t found;
    };
    const Asked asked[] = {{"お知らせ", kPages}, {"第77号", 1},  {"７７号の", 100},
                           {"1号", 1000},        {"せ", kPages}, {"号 S07", 500}};
    for (const auto& [words, found] : asked) {
        PageFilter filter;
        filter.words = words;
        filter.limit = 3000;
        std::vector<std::string> by_path;
        for (const Order order : {Order::Path, Order::Changed, Order::Title}) {
            SCOPED_TRACE(fmt::format("{}, order {}", words, static_cast<int>(order)));
            filter.order = order;
            std::vector<std::string> paths = walk(filter);
            EXPECT_EQ(paths.size(), found);
            std::sort(paths.begin(), paths.end());
            if (by_path.empty()) by_path = paths;
            EXPECT_EQ(paths, by_path) << "the order changes what is found";
            const auto ask = [&](sys::Reader& db) { list_pages(db, filter); };
            db_->read([&](sys::Reader& db) {
                for (const std::string& step : sys::testing::list_full_scans(db, ask)) ADD_FAILURE() << step;
            });
        }
    }
}

TEST_P(ContentLists, FindLinkingPagesFromAnIndex) {
    db_->write([](sys::Transaction& tx) {
        for (std::int64_t id = 1; id <= 2000; ++id)
            set_links(tx, {id}, LinkSource::Body, {fmt::format("t{}.html", id % 50), "menu.html"});
    });
    if (GetParam() == "postgres") db_->write([](sys::Transaction& tx) { tx.execute("ANALYZE"); });
    db_->read([&](sys::Reader& db) {
        // Every hundredth page is live.
        EXPECT_EQ(list_linking(db, "t1.html", {1}, 500).size(), 19U);
        EXPECT_EQ(list_linking(db, "t2.html", {1}, 500).size(), 0U);
        EXPECT_EQ(list_linking(db, "menu.html", {1}, 10).size(), 10U);
        for (const std::string& step :
             sys::testing::list_full_scans(db, [](sys::Reader& reader) { list_linking(reader, "t1.html", {1}, 50); }))
            ADD_FAILURE() << step;
    });
}

// This and the next test change the pages of all, and stand last for that.
TEST_P(ContentLists, FindTheFewPagesThatAreNotLiveByTheirOwnIndex) {
    db_->write([](sys::Transaction& tx) {
        tx.execute("UPDATE page SET live_revision_id = latest_revision_id WHERE id % 1000 <> 0");
    });
    if (GetParam() == "postgres") db_->write([](sys::Transaction& tx) { tx.execute("ANALYZE page"); });
    for (const Order order : {Order::Path, Order::Changed}) {
        PageFilter filter;
        filter.is_live = false;
        filter.order = order;
        EXPECT_EQ(walk(filter).size(), 10U);
        const auto steps = db_->read([&](sys::Reader& db) {
            return sys::testing::list_plan_steps(db, [&](sys::Reader& reader) { list_pages(reader, filter); });
        });
        EXPECT_TRUE(std::any_of(steps.begin(), steps.end(), [](const std::string& step) {
            return step.find("page_not_live") != std::string::npos;
        })) << steps.front();
    }
}

TEST_P(ContentLists, GoThroughAllPagesOnceInEveryOrderWhileOthersWrite) {
    int made = kPages;
    for (const Order order : {Order::Path, Order::Changed, Order::Title}) {
        SCOPED_TRACE(static_cast<int>(order));
        PageFilter filter;
        filter.order = order;
        filter.limit = 997;
        // New pages come before, at and behind the place where the walk is.
        const auto paths = walk(filter, [&](int) {
            db_->write([&](sys::Transaction& tx) {
                for (const std::string where : {"a", "s10/p0", "z"}) {
                    NewPage page = page_number(made++);
                    page.path = fmt::format("{}{}.html", where, made);
                    add_page(tx, page);
                }
            });
        });
        std::set<std::string> seen(paths.begin(), paths.end());
        EXPECT_EQ(seen.size(), paths.size()) << "a page came twice";
        int missed = 0;
        for (int i = 0; i < kPages; ++i)
            if (!seen.contains(page_number(i).path)) ++missed;
        EXPECT_EQ(missed, 0);
    }
}

TEST(NewestKeys, RoundTheLengthOfAListUpToAFewSteps) {
    EXPECT_EQ(newest_key("list:a/", 5), "list:a/#5");
    EXPECT_EQ(newest_key("list:a/", 11), "list:a/#20");
    EXPECT_EQ(newest_key("list:a/", 501), "list:a/");
    // Whoever shows the entry at a rank notes a key that a change at that rank marks, and nobody who does not.
    for (std::int64_t limit = 1; limit <= 510; ++limit) {
        const std::string key = newest_key("tree:", limit);
        const std::vector<std::string> marked = newest_keys("tree:", limit);
        EXPECT_NE(std::find(marked.begin(), marked.end(), key), marked.end()) << limit;
    }
    const std::vector<std::string> far = newest_keys("tree:", 501);
    EXPECT_EQ(far, std::vector<std::string>{"tree:"});
}

INSTANTIATE_TEST_SUITE_P(Engines, ContentLists, ::testing::ValuesIn(sys::testing::engines()),
                         sys::testing::engine_name);

}  // namespace content
