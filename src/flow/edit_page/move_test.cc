// A page that is moved while it is public: visitors find it where it was approved until its next revision is approved
// for the new path, and are sent on from the old one then.
#include <gtest/gtest.h>

#include "flow/mark_changes.h"
#include "flow/testing/composed_town.h"
#include "press/content/live.h"

namespace flow {

namespace {

class Moving : public ::testing::TestWithParam<std::string>, public flow::testing::ComposedTown {
  protected:
    Moving() : ComposedTown(GetParam()) {}
    void move(base::PageId id, const std::string& path) {
        write([&](sys::Transaction& tx) { content::move_page(tx, id, path, clock.now()); });
    }
};

TEST_P(Moving, StaysPublicWhereItWasApprovedUntilItsNextRevision) {
    const base::PageId page = put_page("kurashi/gomi.html", "article", "ごみの出し方");
    publish();
    const std::string before = file("kurashi/gomi.html");
    move(page, "kankyo/gomi.html");
    // A full rendering, or a list that is brought up to date, must not publish it at a path that nobody has approved.
    write([&](sys::Transaction& tx) {
        content::refresh_live(tx, page, clock.now());
        publish::mark_dirty(tx, "all", clock.now());
    });
    publish();
    EXPECT_EQ(file("kurashi/gomi.html"), before);
    EXPECT_FALSE(is_public("kankyo/gomi.html"));
    read([&](sys::Reader& db) {
        EXPECT_EQ(content::find_live(db, page)->path, "kurashi/gomi.html");
        EXPECT_EQ(content::list_newest(db, "list:kurashi/", 10).size(), 1U);
    });

    change_page(page, [](content::Body& body) { body.title = "ごみの出し方（移転）"; });
    publish();
    EXPECT_NE(file("kankyo/gomi.html").find("移転"), std::string::npos);
    const release::Entry left = entry("kurashi/gomi.html");
    EXPECT_EQ(left.status, 301);
    EXPECT_EQ(left.location, "/kankyo/gomi.html");
    read([&](sys::Reader& db) {
        EXPECT_TRUE(content::list_newest(db, "list:kurashi/", 10).empty());
        EXPECT_EQ(content::list_newest(db, "list:kankyo/", 10).size(), 1U);
    });
    EXPECT_EQ(verify_deviations(), 0U);
}

TEST_P(Moving, KeepsTheOldPathFromOthersWhileItIsPublicThere) {
    const base::PageId page = put_page("kurashi/gomi.html", "article", "ごみの出し方");
    move(page, "kankyo/gomi.html");
    try {
        put_page("kurashi/gomi.html", "article", "別のページ");
        FAIL() << "two pages for one public path";
    } catch (const base::Error& error) {
        EXPECT_EQ(error.kind(), base::Kind::Conflict);
    }
    move(page, "kurashi/gomi.html");  // back again
    publish();
    EXPECT_TRUE(is_public("kurashi/gomi.html"));
}

TEST_P(Moving, TakesTheWayBackWithoutLeavingALoop) {
    const base::PageId page = put_page("a.html", "article", "題");
    publish();
    for (const std::string path : {"b.html", "a.html"}) {
        move(page, path);
        change_page(page, [&](content::Body& body) { body.title = path; });
        publish();
    }
    EXPECT_EQ(entry("a.html").status, 200);
    EXPECT_EQ(entry("b.html").status, 301);
    EXPECT_EQ(entry("b.html").location, "/a.html");
}

TEST_P(Moving, IsApprovedLikeEveryChangeAndLeavesARedirect) {
    const Doer boss = add_administrator("daini");
    const base::PageId page = put_page("kurashi/gomi.html", "article", "ごみの出し方");
    publish();
    const auto version = [&] { return look_at(*site, page).version(); };
    EXPECT_FALSE(move_page(*site, page, version(), "kankyo/gomi.html", author)) << "who writes does not move";
    const Outcome moved = move_page(*site, page, version(), "kankyo/gomi.html", admin);
    ASSERT_TRUE(moved) << moved.refusal->ja;
    EXPECT_EQ(moved.standing.state, workflow::State::Draft);
    EXPECT_EQ(moved.page.path, "kankyo/gomi.html");
    publish();
    EXPECT_TRUE(is_public("kurashi/gomi.html")) << "public where it was approved";
    EXPECT_FALSE(is_public("kankyo/gomi.html"));
    // Thought better of, and once more.
    ASSERT_TRUE(discard(*site, page, version(), admin));
    EXPECT_EQ(look_at(*site, page).page.path, "kurashi/gomi.html");
    Outcome at = move_page(*site, page, version(), "kankyo/gomi.html", admin);
    at = submit(*site, page, at.version(), {}, admin);
    ASSERT_TRUE(at) << at.refusal->ja;
    EXPECT_FALSE(move_page(*site, page, at.version(), "bosai/gomi.html", admin)) << "not under the approver's eyes";
    at = approve(*site, {page, at.version(), at.hash, "", {}}, boss);
    ASSERT_TRUE(at) << at.refusal->ja;
    publish();
    EXPECT_EQ(entry("kurashi/gomi.html").status, 301);
    EXPECT_EQ(entry("kurashi/gomi.html").location, "/kankyo/gomi.html");
    EXPECT_TRUE(is_public("kankyo/gomi.html"));
    EXPECT_EQ(verify_deviations(), 0U);
}

TEST_P(Moving, GoesNowhereThatIsTaken) {
    const base::PageId page = put_page("kurashi/gomi.html", "article", "ごみの出し方");
    put_page("kurashi/sodai.html", "article", "粗大ごみ", "<p>本文</p>", {attachment("kurashi/hyo.pdf")});
    const auto fault = [&](const std::string& path) {
        const Outcome at = move_page(*site, page, look_at(*site, page).version(), path, admin);
        return at.refusal ? at.refusal->ja : std::string();
    };
    EXPECT_NE(fault("kurashi/sodai.html").find("別のページ"), std::string::npos);
    EXPECT_NE(fault("kurashi/gomi.html").find("同じ場所"), std::string::npos);
    EXPECT_THROW(fault("../gomi.html"), base::Error);
    const content::Page old = taken_over("mukashi/a.htm");
    EXPECT_FALSE(move_page(*site, old.id, look_at(*site, old.id).version(), "atarashii/a.htm", admin))
        << "its links count from its folder";
    EXPECT_TRUE(move_page(*site, old.id, look_at(*site, old.id).version(), "mukashi/b.htm", admin));
}

INSTANTIATE_TEST_SUITE_P(Engines, Moving, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace

}  // namespace flow
