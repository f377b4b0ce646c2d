#include "watch/samples/samples.h"

#include <cmath>
#include <filesystem>
#include <limits>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/sys/testing/databases.h"
#include "watch/samples/block.h"

namespace samples {
namespace {

using base::Instant;
using namespace std::chrono_literals;

class SamplesTest : public ::testing::Test {
  protected:
    SamplesTest() { sys::migrate(*db_, migrations()); }
    Added put(std::vector<Sample> all) {
        return db_->write([&](sys::Transaction& tx) { return add(tx, all, now_); });
    }
    Chart chart(Instant from, Instant until, int points = 300) {
        return db_->read([&](sys::Reader& db) { return read(db, {"cpu.used", "host", from, until, points}); });
    }
    Sample at(Instant when, double value) const { return {"cpu.used", "host", when, value}; }

    sys::testing::TestDatabase store_;
    std::unique_ptr<sys::Database> db_ = store_.open_empty("sqlite");
    Instant now_ = base::parse_instant("2027-04-01 12:00").value();
};

TEST_F(SamplesTest, KeepLeastMostMeanAndCountOfAMinuteAndLeaveGaps) {
    put({at(now_ - 10min, 1), at(now_ - 10min + 20s, 4), at(now_ - 8min, 5)});
    put({at(now_ - 10min + 40s, 7)});  // late: the 8th minute before is there already
    const Chart seen = chart(now_ - 11min, now_ - 7min);
    EXPECT_EQ(seen.step, 1min);
    ASSERT_EQ(seen.points.size(), 4U);
    EXPECT_FALSE(seen.points[0].mean);
    EXPECT_EQ(seen.points[1].least, 1);
    EXPECT_EQ(seen.points[1].most, 7);
    EXPECT_EQ(seen.points[1].mean, 4);
    EXPECT_EQ(seen.points[1].count, 3);
    EXPECT_FALSE(seen.points[2].mean) << "a gap is no zero";
    EXPECT_EQ(seen.points[3].mean, 5);
}

TEST_F(SamplesTest, AnswerWithNoMorePointsThanAsked) {
    std::vector<Sample> day;
    for (int i = 0; i < 24 * 60; ++i) day.push_back(at(now_ - 24h + std::chrono::minutes(i), i));
    put(day);
    for (const int most : {1, 7, 100, 1440}) {
        const Chart seen = chart(now_ - 24h, now_, most);
        EXPECT_LE(seen.points.size(), static_cast<std::size_t>(most) + 1);
        std::int64_t count = 0;
        double sum = 0;
        for (const Point& point : seen.points) {
            count += point.count;
            sum += point.mean.value_or(0) * static_cast<double>(point.count);
        }
        EXPECT_EQ(count, 24 * 60);
        EXPECT_NEAR(sum, 24.0 * 60 * (24 * 60 - 1) / 2, 10);
    }
}

TEST_F(SamplesTest, KeepHoursWhenTheMinutesHaveGone) {
    put({at(now_ - 29 * 24h, 2), at(now_ - 29 * 24h + 1min, 4)});
    now_ = now_ + 10 * 24h;
    db_->write([&](sys::Transaction& tx) { tidy(tx, now_); });
    // A sample that comes after its minutes have gone still counts in its hour.
    put({at(now_ - 39 * 24h + 2min, 9)});
    const Chart seen = chart(now_ - 39 * 24h - 1h, now_ - 38 * 24h);
    EXPECT_EQ(seen.step, 1h);
    double most = 0;
    std::int64_t count = 0;
    for (const Point& point : seen.points) {
        most = std::max(most, point.most.value_or(0));
        count += point.count;
    }
    EXPECT_EQ(most, 9);
    EXPECT_EQ(count, 3);
    now_ = now_ + 400 * 24h;
    db_->write([&](sys::Transaction& tx) { tidy(tx, now_); });
    EXPECT_TRUE(db_->read([](sys::Reader& db) { return list_series(db); }).empty());
}

TEST_F(SamplesTest, RefuseWhatIsNoFigureOfNow) {
    const Added added = put({at(now_, std::nan("")),
                             at(now_, std::numeric_limits<double>::infinity()),
                             at(now_ + 1h, 1),
                             at(now_ - 500 * 24h, 1),
                             {"Bad Name", "host", now_, 1},
                             {"cpu.used", "\xff", now_, 1},
                             at(now_, 3)});
    EXPECT_EQ(added.taken, 1);
    EXPECT_EQ(added.refused, 6);
    EXPECT_EQ(db_->read([](sys::Reader& db) { return find_newest(db, "cpu.used", "host"); })->mean, 3);
}

TEST_F(SamplesTest, TakeTheSameRoomHoweverLongTheyAreKept) {
    // Forty days of minutes of one series; what stays is thirty days of minutes and the hours.
    for (int day = 0; day < 40; ++day) {
        std::vector<Sample> minutes;
        for (int i = 0; i < 24 * 60; ++i) minutes.push_back(at(now_ + std::chrono::minutes(i), 0.1 * i));
        now_ = now_ + 24h;
        put(minutes);
        db_->write([&](sys::Transaction& tx) { tidy(tx, now_); });
    }
    const auto sizes = db_->read([](sys::Reader& db) {
        return std::pair(db.find("SELECT COUNT(*) FROM sample_minutes")->integer(0),
                         db.find("SELECT SUM(LENGTH(minutes)) FROM sample_minutes")->integer(0));
    });
    EXPECT_LE(sizes.first, 30 * 24 + 1);
    EXPECT_LE(sizes.second, 650'000);
    RecordProperty("bytes_of_minutes", std::to_string(sizes.second));
}

TEST(Block, KeepsSevenDigitsAndRefusesDamage) {
    Block block;
    block[0] = {-1.5, 2.5, 0.5, 3};
    block[59] = {1e12, 1e12, 1e12, 1};
    const std::string bytes = pack(block);
    const Block again = unpack(bytes);
    EXPECT_EQ(again[0], block[0]);
    EXPECT_NEAR(again[59].mean, 1e12, 1e5);
    EXPECT_THROW(unpack(bytes.substr(1)), base::Error);
    EXPECT_THROW(unpack(""), base::Error);
}

}  // namespace
}  // namespace samples
