#include "press/publish/queue.h"

#include <thread>

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/sys/testing/databases.h"
#include "press/publish/receipt.h"

namespace publish {

namespace {

constexpr base::Instant kNow{1'790'000'000'000};
using Words = std::vector<std::string>;

class PublishQueue : public ::testing::TestWithParam<std::string> {
  protected:
    sys::testing::TestDatabase store_;
    sys::DatabaseOptions options_ = store_.make_empty(GetParam());
    std::unique_ptr<sys::Database> db_ = sys::Database::open(options_);

    void SetUp() override { sys::migrate(*db_, migrations()); }

    void mark(std::string_view key, std::int64_t cause = 0) {
        db_->write([&](sys::Transaction& tx) { mark_dirty(tx, key, kNow, cause); });
    }
    DirtyBatch take(int limit = 1000) {
        return db_->read([&](sys::Reader& db) { return take_dirty(db, limit); });
    }
    void clear(const DirtyBatch& batch) {
        db_->write([&](sys::Transaction& tx) { clear_dirty(tx, batch); });
    }
    void set(const SourceState& state) {
        db_->write([&](sys::Transaction& tx) { set_source(tx, state); });
    }
    Words stale(const DirtyBatch& batch, base::Instant now = kNow) {
        return db_->read([&](sys::Reader& db) { return find_stale(db, batch, now); });
    }
    Words stale_for(std::string_view key) {
        DirtyBatch batch;
        batch.keys = {std::string(key)};
        return stale(batch);
    }
};

}  // namespace

TEST_P(PublishQueue, GivesEachKeyOnceAndKeepsItUntilItIsCleared) {
    EXPECT_TRUE(take().keys.empty());
    mark("page:2", 9);
    mark("page:1", 8);
    mark("page:2", 8);
    mark("list:kurashi/");
    const DirtyBatch batch = take();
    EXPECT_EQ(batch.keys, (Words{"list:kurashi/", "page:1", "page:2"}));
    EXPECT_EQ(batch.causes, (std::vector<std::int64_t>{8, 9}));
    EXPECT_FALSE(batch.is_everything);
    EXPECT_EQ(take().keys, batch.keys);
    mark("page:3");
    clear(batch);
    EXPECT_EQ(take().keys, Words{"page:3"});
    clear(take());
    EXPECT_FALSE(db_->read([](sys::Reader& db) { return is_anything_dirty(db); }));
}

TEST_P(PublishQueue, TakesTheOldestFirstAndClearsNoMoreThanItTook) {
    for (int i = 0; i < 10; ++i) mark(fmt::format("page:{}", i));
    const DirtyBatch batch = take(4);
    EXPECT_EQ(batch.keys, (Words{"page:0", "page:1", "page:2", "page:3"}));
    clear(batch);
    EXPECT_EQ(take().keys.size(), 6U);
}

TEST_P(PublishQueue, LosesNoChangeThatIsCommittedAfterALaterOneWasTaken) {
    if (GetParam() == "sqlite") GTEST_SKIP() << "has one writer at a time";
    const auto second = sys::Database::open(options_);
    DirtyBatch batch;
    db_->write([&](sys::Transaction& tx) {
        mark_dirty(tx, "page:1", kNow);  // has its number, but nobody sees it yet
        std::thread([&] {
            second->write([](sys::Transaction& other) { mark_dirty(other, "page:2", kNow); });
            batch = second->read([](sys::Reader& db) { return take_dirty(db); });
        }).join();
    });
    EXPECT_EQ(batch.keys, Words{"page:2"});
    clear(batch);
    EXPECT_EQ(take().keys, Words{"page:1"});
}

TEST_P(PublishQueue, KnowsAFullRenderingAndATakeover) {
    set({"page:1", {"a.html"}, {}, {}});
    set({"asset:1", {"a.css"}, {}, {}});
    mark("all");
    EXPECT_TRUE(take().is_everything);
    EXPECT_EQ(stale(take()), (Words{"asset:1", "page:1"}));
    EXPECT_FALSE(take().is_takeover);
    mark("takeover:1");
    EXPECT_TRUE(take().is_takeover);
}

TEST_P(PublishQueue, FindsWhatHasReadAKeyAndTheSourceThatItNames) {
    set({"page:1", {"a.html"}, {"list:kurashi/", "part:footer"}, {}});
    set({"page:2", {"b.html"}, {"part:footer", "part:footer"}, {}});
    set({"feed:kurashi/", {"kurashi/feed.xml"}, {"list:kurashi/"}, {}});
    EXPECT_EQ(stale_for("part:footer"), (Words{"page:1", "page:2"}));
    EXPECT_EQ(stale_for("list:kurashi/"), (Words{"feed:kurashi/", "page:1"}));
    EXPECT_EQ(stale_for("page:7"), Words{"page:7"});
    EXPECT_TRUE(stale_for("department:7").empty());
    EXPECT_TRUE(stale_for("list:kurashi").empty()) << "keys are whole words";
    set({"page:1", {"a.html"}, {"template:base"}, {}});  // no longer reads the footer
    EXPECT_EQ(stale_for("part:footer"), Words{"page:2"});
    set({"sitemap:0", {"sitemap.xml"}, {"any"}, {}});
    EXPECT_EQ(stale_for("part:footer"), (Words{"page:2", "sitemap:0"}));
    EXPECT_TRUE(stale_for("department:7").empty()) << "nothing is published, so there is nothing to be part of";
}

TEST_P(PublishQueue, FindsWhatTheClockMakesStale) {
    set({"page:1", {"a.html"}, {}, kNow + std::chrono::hours(2)});
    set({"page:2", {"b.html"}, {}, kNow + std::chrono::hours(1)});
    set({"page:3", {"c.html"}, {}, {}});
    EXPECT_EQ(db_->read([](sys::Reader& db) { return next_change(db); }), kNow + std::chrono::hours(1));
    EXPECT_TRUE(stale({}).empty());
    EXPECT_EQ(stale({}, kNow + std::chrono::hours(1)), Words{"page:2"});
    EXPECT_EQ(stale({}, kNow + std::chrono::hours(3)), (Words{"page:1", "page:2"}));
}

TEST_P(PublishQueue, GivesAPathToOneSourceAndForgetsASourceWithoutPaths) {
    set({"page:1", {"a.html", "a/file.pdf"}, {"part:footer"}, {}});
    db_->read([](sys::Reader& db) {
        EXPECT_EQ(list_outputs(db, "page:1"), (Words{"a.html", "a/file.pdf"}));
        EXPECT_EQ(find_owner(db, "a/file.pdf"), "page:1");
        EXPECT_EQ(count_sources(db), 1);
    });
    try {
        set({"page:2", {"a.html"}, {}, {}});
        ADD_FAILURE() << "two sources yield one path";
    } catch (const base::Error& error) {
        EXPECT_EQ(error.kind(), base::Kind::Conflict);
        EXPECT_NE(error.message().find("a.html"), std::string::npos);
    }
    set({"page:1", {}, {}, {}});
    set({"page:2", {"a.html"}, {}, {}});
    EXPECT_TRUE(stale_for("part:footer").empty());
}

TEST_P(PublishQueue, RemembersAFailureUntilTheSourceIsRendered) {
    set({"page:1", {"a.html"}, {"part:footer"}, kNow});
    const Words reads{"part:footer", "template:new"};
    for (int i = 0; i < 2; ++i)
        db_->write([&](sys::Transaction& tx) {
            note_failed_source(tx, "page:1", "版面がありません", reads, kNow + std::chrono::seconds(i));
        });
    const auto failed = db_->read([](sys::Reader& db) { return list_failed_sources(db, 10); });
    ASSERT_EQ(failed.size(), 1U);
    EXPECT_EQ(failed[0].attempts, 2);
    EXPECT_EQ(failed[0].since, kNow);
    EXPECT_EQ(failed[0].last_at, kNow + std::chrono::seconds(1));
    EXPECT_EQ(stale_for("template:new"), Words{"page:1"}) << "what it read when it failed may put it right";
    EXPECT_TRUE(stale({}).empty()) << "the clock has been tried";
    set({"page:1", {"a.html"}, {}, {}});
    EXPECT_TRUE(db_->read([](sys::Reader& db) { return list_failed_sources(db, 10).empty(); }));
}

TEST_P(PublishQueue, TellsEachReceiptHowItsPublicationWent) {
    const auto ask = [&](std::string kind, base::PageId page) {
        return db_->write([&](sys::Transaction& tx) {
            Receipt made;
            made.kind = std::move(kind);
            made.page = page;
            made.revision = {5};
            made.person = {2};
            made.reason = "年度更新";
            made.due_at = made.made_at = kNow;
            return add_receipt(tx, made);
        });
    };
    const auto load = [&](std::int64_t id) {
        return *db_->read([&](sys::Reader& db) { return find_receipt(db, id); });
    };
    const std::int64_t first = ask("publish", {1});
    const std::int64_t second = ask("withdraw", {2});
    const std::int64_t third = ask("template", {});
    EXPECT_EQ(load(first).state, ReceiptState::Waiting);
    EXPECT_EQ(load(first).reason, "年度更新");
    EXPECT_EQ(load(first).revision, base::RevisionId{5});

    DirtyBatch batch;
    batch.causes = {first};
    release::Record record;
    record.number = 12;
    release::Entry entry;
    entry.path = "a b.html";
    record.changes = {release::Change::put(entry), release::Change::remove("old.html")};
    db_->write([&](sys::Transaction& tx) { note_sealed(tx, batch, record); });
    EXPECT_EQ(load(first).state, ReceiptState::Waiting);
    EXPECT_EQ(load(first).release, 12);
    EXPECT_EQ(load(first).changes, (Words{"put a%20b.html", "del old.html"}));
    release::Record large = record;
    large.number = 13;
    large.changes.assign(kMostChanges + 2, release::Change::remove("old.html"));
    DirtyBatch of_third;
    of_third.causes = {third};
    db_->write([&](sys::Transaction& tx) { note_sealed(tx, of_third, large); });
    EXPECT_EQ(load(third).changes.size(), kMostChanges + 1);
    EXPECT_EQ(load(third).changes.back(), "further 2") << "the screen says how many files it was";
    db_->write([&](sys::Transaction& tx) {
        note_checked(tx, 12, kNow, "");
        remove_receipt(tx, first);
    });
    EXPECT_EQ(load(first).state, ReceiptState::Waiting) << "not yet placed, and no longer to be called off";
    db_->write([&](sys::Transaction& tx) {
        note_placed(tx, 12, kNow + std::chrono::seconds(1));
        note_checked(tx, 12, kNow + std::chrono::seconds(2), "");
    });
    EXPECT_EQ(load(first).state, ReceiptState::Checked);
    EXPECT_EQ(load(first).placed_at, kNow + std::chrono::seconds(1));
    EXPECT_EQ(load(first).checked_at, kNow + std::chrono::seconds(2));
    EXPECT_EQ(load(second).state, ReceiptState::Waiting);

    batch.causes = {second};
    db_->write([&](sys::Transaction& tx) { note_unchanged(tx, batch, kNow); });
    EXPECT_EQ(load(second).state, ReceiptState::Placed);
    batch.causes = {first, third};
    db_->write([&](sys::Transaction& tx) { note_failed(tx, batch, "版面がありません"); });
    EXPECT_EQ(load(third).problem, "版面がありません");
    EXPECT_EQ(load(first).state, ReceiptState::Checked) << "what is public did not fail";
    db_->read([&](sys::Reader& db) {
        ASSERT_EQ(list_failed(db, 10).size(), 1U);
        EXPECT_EQ(list_failed(db, 10)[0].id, third);
        EXPECT_EQ(list_receipts(db, {2}, 10).size(), 1U);
        EXPECT_EQ(list_recent(db, 0, 2).size(), 2U);
        EXPECT_EQ(list_recent(db, 0, 10)[0].id, third);
        EXPECT_EQ(list_recent(db, third, 10)[0].id, second);
    });
    const std::int64_t fourth = ask("publish", {1});
    db_->write([&](sys::Transaction& tx) { remove_receipt(tx, fourth); });
    EXPECT_FALSE(db_->read([&](sys::Reader& db) { return find_receipt(db, fourth); }));
}

TEST_P(PublishQueue, RemembersNotes) {
    EXPECT_FALSE(db_->read([](sys::Reader& db) { return find_note(db, "generated"); }));
    for (const std::string_view text : {"one", "two"})
        db_->write([&](sys::Transaction& tx) { set_note(tx, "generated", text); });
    EXPECT_EQ(db_->read([](sys::Reader& db) { return find_note(db, "generated"); }), "two");
}

INSTANTIATE_TEST_SUITE_P(Engines, PublishQueue, ::testing::ValuesIn(sys::testing::engines()),
                         sys::testing::engine_name);

}  // namespace publish
