#include "office/notify/store.h"

#include <gtest/gtest.h>

#include "ground/sys/testing/databases.h"

namespace notify {
namespace {

using base::Instant;

constexpr Instant kNow{1'800'000'000'000};

class NoticeStore : public ::testing::TestWithParam<std::string> {
  protected:
    void SetUp() override { sys::migrate(*db_, migrations()); }
    bool put(const std::string& key, std::int64_t person, Fate fate = Fate::Waiting) {
        return db_->write([&](sys::Transaction& tx) {
            Notice made;
            made.key = key;
            made.kind = "asked";
            made.person = {person};
            made.title = "題 " + key;
            made.made_at = kNow;
            made.fate = fate;
            return add(tx, made);
        });
    }
    std::vector<Notice> waiting(std::int64_t person) {
        return db_->read([&](sys::Reader& db) { return list_waiting(db, {person}); });
    }

    sys::testing::TestDatabase store_;
    std::unique_ptr<sys::Database> db_ = store_.open_empty(GetParam());
};
INSTANTIATE_TEST_SUITE_P(Engines, NoticeStore, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

TEST_P(NoticeStore, MakesEachNoticeOnceAndTellsItOnce) {
    EXPECT_TRUE(put("a", 5));
    EXPECT_FALSE(put("a", 5));
    EXPECT_TRUE(put("b", 5));
    EXPECT_TRUE(put("c", 6));
    ASSERT_EQ(waiting(5).size(), 2U);
    EXPECT_EQ(waiting(5)[0].title, "題 a");
    EXPECT_EQ(db_->read([](sys::Reader& db) { return list_people_waiting(db); }),
              (std::vector<base::PersonId>{{5}, {6}}));
    db_->write([&](sys::Transaction& tx) {
        mark_told(tx, waiting(5)[0].id, kNow);
        mark_dropped(tx, waiting(5)[1].id, kNoAddress, kNow);
    });
    EXPECT_TRUE(waiting(5).empty());
    EXPECT_FALSE(put("a", 5)) << "what was told is not told again";
    const auto unreached = db_->read([](sys::Reader& db) { return list_unreached(db, kNow); });
    ASSERT_EQ(unreached.size(), 1U);
    EXPECT_EQ(unreached[0].person, base::PersonId{5});
    EXPECT_EQ(db_->write([](sys::Transaction& tx) { return forget(tx, kNow); }), 0);
    EXPECT_EQ(db_->write([](sys::Transaction& tx) { return forget(tx, {kNow.milliseconds + 1}); }), 2);
    EXPECT_EQ(waiting(6).size(), 1U) << "what waits is never forgotten";
}

TEST_P(NoticeStore, HoldsOneUntilItIsReleased) {
    put("a", 5, Fate::Held);
    EXPECT_TRUE(waiting(5).empty());
    const auto held = db_->read([](sys::Reader& db) { return list_held(db, 10); });
    ASSERT_EQ(held.size(), 1U);
    db_->write([&](sys::Transaction& tx) { release_held(tx, held[0].id, "公開しました", "本文", true); });
    ASSERT_EQ(waiting(5).size(), 1U);
    EXPECT_EQ(waiting(5)[0].title, "公開しました");
    EXPECT_TRUE(waiting(5)[0].is_urgent);
    EXPECT_EQ(db_->read([](sys::Reader& db) { return count_waiting(db); }), 1);
}

TEST_P(NoticeStore, RemembersWhatAPersonHasChosen) {
    const auto choice = [&] { return db_->read([](sys::Reader& db) { return load_choice(db, {5}); }); };
    EXPECT_EQ(choice(), Choice::AtOnce);
    for (const Choice each : {Choice::Digest, Choice::None, Choice::AtOnce}) {
        db_->write([&](sys::Transaction& tx) { set_choice(tx, {5}, each); });
        EXPECT_EQ(choice(), each);
        EXPECT_EQ(find_choice(choice_id(each)), each);
    }
    EXPECT_EQ(find_choice("always"), std::nullopt);
}

TEST_P(NoticeStore, LetsOneServerMoveItsPlace) {
    const auto move = [&](std::optional<std::int64_t> from, std::int64_t to) {
        return db_->write([&](sys::Transaction& tx) { return move_place(tx, from, to); });
    };
    EXPECT_EQ(db_->read([](sys::Reader& db) { return find_place(db); }), std::nullopt);
    EXPECT_TRUE(move(std::nullopt, 7));
    EXPECT_FALSE(move(std::nullopt, 8));
    EXPECT_TRUE(move(7, 9));
    EXPECT_FALSE(move(7, 9)) << "who comes second at a place does nothing";
    EXPECT_EQ(db_->read([](sys::Reader& db) { return find_place(db); }), 9);
}

}  // namespace
}  // namespace notify
