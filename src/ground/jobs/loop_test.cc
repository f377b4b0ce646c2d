#include "ground/jobs/loop.h"

#include <atomic>

#include <gtest/gtest.h>

#include "ground/base/error.h"

namespace jobs {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

TEST(Loop, GoesOnAfterAnythingThatATurnThrows) {
    std::atomic<int> turns{0};
    const auto start = Clock::now();
    {
        const Loop loop("test", [&](const std::stop_token&) -> milliseconds {
            const int turn = ++turns;
            if (turn == 1) throw 42;
            if (turn == 2) throw base::Error(base::Kind::Unavailable, "the database is away");
            return milliseconds(1);
        });
        while (turns < 5 && Clock::now() - start < seconds(20)) std::this_thread::sleep_for(milliseconds(5));
    }
    EXPECT_GE(turns, 5);
    EXPECT_GE(Clock::now() - start, seconds(3)) << "1 s after the first failure, 2 s after the second";
}

TEST(Loop, StopsInTheMiddleOfARest) {
    const auto start = Clock::now();
    std::atomic<int> turns{0};
    {
        Loop loop("test", [&](const std::stop_token&) -> milliseconds {
            ++turns;
            return std::chrono::hours(1);
        });
        while (turns == 0) std::this_thread::sleep_for(milliseconds(1));
        loop.ask_to_stop();
    }
    EXPECT_EQ(turns, 1);
    EXPECT_LT(Clock::now() - start, seconds(5));
}

TEST(Loop, RestsLongerAfterEachFailureWithinBounds) {
    EXPECT_EQ(rest_after_failures(1), seconds(1));
    EXPECT_EQ(rest_after_failures(3), seconds(4));
    for (int count = 1; count < 100; ++count) {
        EXPECT_LE(rest_after_failures(count), rest_after_failures(count + 1));
        EXPECT_LE(rest_after_failures(count), seconds(60));
    }
}

TEST(StopLimit, EndsAProcessThatDoesNotStop) {
    EXPECT_EXIT(
        {
            StopLimit limit;
            limit.start(milliseconds(50), 7);
            std::this_thread::sleep_for(seconds(30));
        },
        testing::ExitedWithCode(7), "");
}

TEST(StopLimit, LeavesAProcessAloneThatStopsInTime) {
    const auto start = Clock::now();
    {
        StopLimit limit;
        limit.start(std::chrono::hours(1), 7);
    }
    EXPECT_LT(Clock::now() - start, seconds(5));
}

}  // namespace
}  // namespace jobs
