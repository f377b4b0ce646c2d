#include "ground/release/follow.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/release/testing/sample.h"
#include "ground/sys/files.h"

namespace release {

namespace {

/// The sample's records, put into a log one by one: 1, 2, 3 (a new key), 5 (restored; 4 was passed over) ...
class FollowerTest : public ::testing::Test {
  protected:
    FollowerTest() {
        for (const auto& [name, bytes] : testing::make_sample().releases)
            if (name.starts_with("log/")) records_.push_back(bytes);
    }
    sys::TemporaryFolder folder_;
    Log log_{folder_.path()};
    std::vector<std::string> records_;
};

}  // namespace

TEST_F(FollowerTest, GoesOnRecordByRecordAcrossANewKeyAndNumbersPassedOver) {
    Follower follower(log_, testing::trusted());
    EXPECT_EQ(follower.number(), 0);
    EXPECT_FALSE(follower.step(Follower::Look::Thorough));
    for (const std::string& bytes : records_) {
        log_.append(bytes);
        const auto record = follower.step(Follower::Look::Thorough);
        ASSERT_TRUE(record);
        EXPECT_EQ(follower.number(), record->number);
        EXPECT_EQ(follower.manifest().summary().root, record->root);
        EXPECT_FALSE(follower.step(Follower::Look::Thorough));
    }
    for (const std::int64_t number : log_.list_numbers()) {
        Follower from_there(log_, testing::trusted(), number);
        while (from_there.step(Follower::Look::Thorough)) {
        }
        EXPECT_EQ(from_there.manifest().summary(), follower.manifest().summary()) << number;
    }
}

TEST_F(FollowerTest, FollowsNothingThatTheOldKeySignsAfterItHasHandedOver) {
    for (std::size_t i = 0; i < 3; ++i) log_.append(records_[i]);
    Follower follower(log_, testing::trusted());
    Record forged = parse_record(records_[2]).record;
    ASSERT_EQ(forged.kind, RecordKind::Rekey);
    forged.kind = RecordKind::Publish;
    forged.number = 4;
    forged.new_key.clear();
    forged.previous = parse_record(records_[2]).file_hash;
    sys::write_file(log_.record_file(4), write_record(forged, testing::first_key()));
    EXPECT_THROW(follower.step(Follower::Look::Next), base::Error);
    EXPECT_EQ(follower.number(), 3);
    sys::write_file(log_.record_file(4), write_record(forged, testing::second_key()));
    EXPECT_TRUE(follower.step(Follower::Look::Next)) << "what the new key signs is followed";
}

TEST_F(FollowerTest, StaysWhereItIsWhenARecordIsDamaged) {
    log_.append(records_[0]);
    Follower follower(log_, testing::trusted());
    std::string damaged = records_[1];
    damaged[damaged.size() / 2] ^= 1;
    sys::write_file(log_.record_file(2), damaged);
    EXPECT_THROW(follower.step(Follower::Look::Next), base::Error);
    EXPECT_EQ(follower.number(), 1);
    sys::write_file(log_.record_file(2), records_[1]);
    EXPECT_TRUE(follower.step(Follower::Look::Next));
}

}  // namespace release
