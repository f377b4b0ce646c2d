#include "press/content/presence.h"

#include <gtest/gtest.h>

#include "ground/sys/testing/databases.h"
#include "press/content/store.h"

namespace content {

namespace {

using namespace std::chrono_literals;
constexpr base::Instant kStart{1'790'000'000'000};
constexpr base::PersonId kSato{1}, kTakahashi{2};

class Presence : public ::testing::TestWithParam<std::string> {
  protected:
    void SetUp() override {
        sys::migrate(*db_, migrations());
        page_ = db_->write([](sys::Transaction& tx) {
            NewPage made;
            made.path = "a.html";
            made.made_at = kStart;
            return add_page(tx, made).id;
        });
    }
    std::vector<Editing> seen_by(base::PersonId person, base::Instant now) {
        return db_->read([&](sys::Reader& db) { return list_editing(db, page_, person, now); });
    }
    sys::testing::TestDatabase store_;
    std::unique_ptr<sys::Database> db_ = store_.open_empty(GetParam());
    base::PageId page_;
};

TEST_P(Presence, TellsTheOthersSinceWhenSomebodyWrites) {
    note_editing(*db_, page_, kSato, kStart);
    EXPECT_EQ(seen_by(kTakahashi, kStart + 1s), (std::vector<Editing>{{kSato, kStart}}));
    EXPECT_TRUE(seen_by(kSato, kStart + 1s).empty()) << "nobody is told of oneself";
    for (auto at = 10s; at <= 600s; at += 10s) note_editing(*db_, page_, kSato, kStart + at);
    EXPECT_EQ(seen_by(kTakahashi, kStart + 601s), (std::vector<Editing>{{kSato, kStart}}));
    note_editing(*db_, page_, kTakahashi, kStart + 600s);
    EXPECT_EQ(seen_by({3}, kStart + 601s), (std::vector<Editing>{{kSato, kStart}, {kTakahashi, kStart + 600s}}));
}

TEST_P(Presence, EndsTwoMinutesAfterTheLastSignOrAtOnceWhenSomebodyLeaves) {
    note_editing(*db_, page_, kSato, kStart);
    EXPECT_EQ(seen_by(kTakahashi, kStart + 119s).size(), 1U);
    EXPECT_TRUE(seen_by(kTakahashi, kStart + 120s).empty());
    note_editing(*db_, page_, kSato, kStart + 300s);
    EXPECT_EQ(seen_by(kTakahashi, kStart + 301s), (std::vector<Editing>{{kSato, kStart + 300s}})) << "a new beginning";
    end_editing(*db_, page_, kSato);
    EXPECT_TRUE(seen_by(kTakahashi, kStart + 301s).empty());
}

TEST_P(Presence, WritesNoMoreThanTwiceAMinute) {
    note_editing(*db_, page_, kSato, kStart);
    const auto renewed = [&] {
        return db_->read([](sys::Reader& db) { return db.find("SELECT renewed_at FROM editing")->integer(0); });
    };
    note_editing(*db_, page_, kSato, kStart + 29s);
    EXPECT_EQ(renewed(), kStart.milliseconds);
    note_editing(*db_, page_, kSato, kStart + 30s);
    EXPECT_EQ(renewed(), (kStart + 30s).milliseconds);
}

INSTANTIATE_TEST_SUITE_P(Engines, Presence, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace

}  // namespace content
