#include "press/content/templates.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/sys/testing/databases.h"
#include "press/content/categories.h"
#include "press/content/live.h"
#include "press/content/redirects.h"
#include "press/content/store.h"

namespace content {

namespace {

constexpr base::PersonId kWriter{1}, kOther{2}, kThird{3};

class TemplateStore : public ::testing::TestWithParam<std::string> {
  protected:
    TemplateStore() { sys::migrate(*db_, migrations()); }
    template <class Work>
    auto write(Work&& work) {
        return db_->write(std::forward<Work>(work));
    }
    sys::testing::TestDatabase store_;
    std::unique_ptr<sys::Database> db_ = store_.open_empty(GetParam());
};

TEST_P(TemplateStore, KeepsWhatIsLiveWhileTheNextIsWritten) {
    write([](sys::Transaction& tx) {
        const Template part =
            install_template(tx, {TemplateKind::Part, "footer", "フッター", true, "<p>一</p>", {}, {1}, {}});
        EXPECT_EQ(find_live_template(tx, "footer")->source, "<p>一</p>");
        const auto saved = save_template(tx, part.id, part.version, "<p>二</p>", kWriter, {2});
        EXPECT_EQ(saved.number, 2);
        EXPECT_EQ(find_live_template(tx, "footer")->source, "<p>一</p>");
        EXPECT_EQ(list_template_requesters(tx, part.id), std::vector{kWriter});
        submit_template(tx, part.id, find_template(tx, "footer")->version, kOther, {3});
        EXPECT_EQ(list_submitted_templates(tx).size(), 1U);
        approve_template(tx, part.id, find_template(tx, "footer")->version, saved.hash, kThird, {4});
        EXPECT_EQ(find_live_template(tx, "footer")->source, "<p>二</p>");
        EXPECT_TRUE(list_template_requesters(tx, part.id).empty());
        const auto history = list_template_revisions(tx, part.id, 10);
        EXPECT_EQ(history[0].state, TemplateState::Live);
        EXPECT_EQ(history[0].approved_by, kThird);
        EXPECT_EQ(history[1].state, TemplateState::Replaced);
    });
}

TEST_P(TemplateStore, RefusesWhoWroteOrAsked) {
    const auto attempt = [&](base::PersonId by) {
        write([&](sys::Transaction& tx) {
            const Template part = *find_template(tx, "footer");
            approve_template(tx, part.id, part.version, find_template_revision(tx, part.latest)->hash, by, {5});
        });
    };
    write([](sys::Transaction& tx) {
        const Template part =
            add_template(tx, {TemplateKind::Part, "footer", "フッター", true, "一", kWriter, {1}, {}});
        EXPECT_FALSE(find_live_template(tx, "footer")) << "a first draft is not live";
        save_template(tx, part.id, part.version, "二", kThird, {2});
        submit_template(tx, part.id, find_template(tx, "footer")->version, kOther, {3});
    });
    for (const auto by : {kWriter, kOther, kThird}) EXPECT_THROW(attempt(by), base::Error) << by.value;
    EXPECT_NO_THROW(attempt({4}));
}

TEST_P(TemplateStore, ASaveTakesTheRequestBackAndOldVersionsAreRefused) {
    const Template part = write([](sys::Transaction& tx) {
        const Template added = add_template(tx, {TemplateKind::Part, "a", "あ", true, "一", kWriter, {1}, {}});
        submit_template(tx, added.id, added.version, kWriter, {2});
        return *find_template(tx, "a");
    });
    write([&](sys::Transaction& tx) { save_template(tx, part.id, part.version, "二", kWriter, {3}); });
    const auto conflict = [&](auto&& work) {
        try {
            write(work);
            return false;
        } catch (const base::Error& error) {
            return error.kind() == base::Kind::Conflict;
        }
    };
    EXPECT_TRUE(conflict([&](sys::Transaction& tx) { approve_template(tx, part.id, part.version, {}, kOther, {4}); }));
    EXPECT_TRUE(conflict([&](sys::Transaction& tx) { save_template(tx, part.id, part.version, "三", kOther, {4}); }));
    EXPECT_TRUE(conflict([&](sys::Transaction& tx) {
        const Template now = *find_template(tx, "a");
        approve_template(tx, now.id, now.version, find_template_revision(tx, now.latest)->hash, kOther, {4});
    })) << "nobody asks any more";
    EXPECT_TRUE(conflict([&](sys::Transaction& tx) {
        add_template(tx, {TemplateKind::Menu, "a", "同じ記号", true, "[]", {}, {}, {}});
    }));
    EXPECT_THROW(write([&](sys::Transaction& tx) {
                     add_template(tx, {TemplateKind::Menu, "No Good", "x", true, "[]", {}, {}, {}});
                 }),
                 base::Error);
}

TEST_P(TemplateStore, CategoriesMakeATreeWithoutCircles) {
    write([](sys::Transaction& tx) {
        add_category(tx, {"life", "ライフイベント", "", 1, 0});
        add_category(tx, {"kekkon", "結婚", "life", 2, 0});
        add_category(tx, {"todoke", "届出", "kekkon", 1, 0});
        EXPECT_EQ(category_line(tx, "todoke"), (std::vector<std::string>{"todoke", "kekkon", "life"}));
        EXPECT_EQ(list_categories(tx, "life").size(), 1U);
    });
    const auto attempt = [&](const Category& changed) {
        write([&](sys::Transaction& tx) { change_category(tx, changed); });
    };
    EXPECT_THROW(attempt({"life", "輪", "todoke", 0, 1}), base::Error);
    EXPECT_THROW(attempt({"life", "旧版", "", 0, 7}), base::Error);
    EXPECT_THROW(write([](sys::Transaction& tx) { remove_category(tx, "kekkon", 1); }), base::Error);
    EXPECT_NO_THROW(attempt({"todoke", "届出", "", 0, 1}));
}

TEST_P(TemplateStore, RedirectsLeadSomewhereSafe) {
    const auto put = [&](int status, const char* location) {
        write([&](sys::Transaction& tx) { put_redirect(tx, {"old.html", status, location, {}}); });
    };
    EXPECT_NO_THROW(put(301, "/new.html"));
    EXPECT_NO_THROW(put(410, ""));
    EXPECT_NO_THROW(put(302, "https://example.jp/x"));
    EXPECT_EQ(write([](sys::Transaction& tx) { return find_redirect(tx, "old.html")->status; }), 302);
    for (const char* const bad : {"", "new.html", "//evil.example", "javascript:alert(1)", "/a b", "/a\r\nX: y"})
        EXPECT_THROW(put(301, bad), base::Error) << bad;
    EXPECT_THROW(put(410, "/x"), base::Error);
    EXPECT_THROW(put(200, "/x"), base::Error);
}

INSTANTIATE_TEST_SUITE_P(Engines, TemplateStore, ::testing::ValuesIn(sys::testing::engines()),
                         sys::testing::engine_name);

TEST(Menus, AreReadStrictlyAndComeBackAsTheyWere) {
    const std::vector<MenuItem> menu{{"くらし", "/kurashi/", {{"ごみ", "/kurashi/gomi/", {}}}},
                                     {"電話", "tel:000", {}}};
    EXPECT_EQ(parse_menu(write_menu(menu)), menu);
    for (
        const char* const bad :
        {"", "{}", "[1]", R"([{"title":"x"}])", R"([{"title":"","url":"/"}])",
         R"([{"title":"x","url":"javascript:1"}])", R"([{"title":"x","url":"//evil"}])",
         R"([{"title":"a","url":"/","items":[{"title":"b","url":"/","items":[{"title":"c","url":"/","items":[{"title":"d","url":"/"}]}]}]}])"})
        EXPECT_THROW(parse_menu(bad), base::Error) << bad;
}

TEST(Lists, AreReadStrictly) {
    const ListDefinition list{"category:event", 5, ListOrder::Path};
    EXPECT_EQ(parse_list(write_list(list)), list);
    EXPECT_EQ(parse_list(R"({"list":"tree:"})"), (ListDefinition{"tree:", 10, ListOrder::Newest}));
    for (const char* const bad : {"[]", R"({"list":"page:1"})", R"({"list":"tree:","limit":0})",
                                  R"({"list":"tree:","limit":501})", R"({"list":"tree:","order":"random"})"})
        EXPECT_THROW(parse_list(bad), base::Error) << bad;
}

TEST(NewestKeys, AreThoseThatReachTheRank) {
    EXPECT_EQ(newest_key("list:a/", 10), "list:a/#10");
    EXPECT_EQ(newest_key("list:a/", 11), "list:a/#20");
    EXPECT_EQ(newest_key("list:a/", 501), "list:a/");
    EXPECT_EQ(newest_keys("l", 300), (std::vector<std::string>{"l", "l#500"}));
    EXPECT_EQ(newest_keys("l", 501), (std::vector<std::string>{"l"}));
    for (std::int64_t limit = 1; limit <= 600; ++limit)
        for (std::int64_t rank = 1; rank <= limit; ++rank) {
            const auto keys = newest_keys("l", rank);
            ASSERT_TRUE(std::find(keys.begin(), keys.end(), newest_key("l", limit)) != keys.end())
                << rank << " of " << limit;
        }
}

}  // namespace

}  // namespace content
