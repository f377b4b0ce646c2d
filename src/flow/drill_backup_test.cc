// When a rehearsal is due, and when none has been well for too long. tests/restore_test.cc holds real ones.
#include "flow/drill_backup.h"

#include <set>

#include <gtest/gtest.h>

namespace flow {

namespace {

base::Instant at(int year, int month, int day, int hour = 12) {
    return base::from_local({{year, month, day}, hour, 0, 0, 0});
}

TEST(DrillBackup, IsDueOnceAMonthFromItsDayOn) {
    EXPECT_FALSE(is_drill_due({}, 10, at(2027, 4, 9)));
    EXPECT_TRUE(is_drill_due({}, 10, at(2027, 4, 10)));
    EXPECT_TRUE(is_drill_due({}, 10, at(2027, 4, 30))) << "a machine that was down on the day makes up for it";
    const DrillState april{at(2027, 4, 10), at(2027, 4, 10)};
    EXPECT_FALSE(is_drill_due(april, 10, at(2027, 4, 30)));
    EXPECT_FALSE(is_drill_due(april, 10, at(2027, 5, 9)));
    EXPECT_TRUE(is_drill_due(april, 10, at(2027, 5, 10)));
    const DrillState december{at(2027, 12, 31), at(2027, 12, 31)};
    EXPECT_TRUE(is_drill_due(december, 1, at(2028, 1, 1))) << "over the end of the year";
}

TEST(DrillBackup, ThatFailedIsHeldAgainTheNextDay) {
    const DrillState failed{at(2027, 4, 10), at(2027, 3, 10)};
    EXPECT_FALSE(is_drill_due(failed, 10, at(2027, 4, 10, 22)));
    EXPECT_TRUE(is_drill_due(failed, 10, at(2027, 4, 11)));
    const DrillState never_well{at(2027, 4, 10), {}};
    EXPECT_TRUE(is_drill_due(never_well, 10, at(2027, 5, 1)));
}

TEST(DrillBackup, TakesEachKindOfEachRepositoryInTurn) {
    for (const std::size_t repositories : {1U, 2U, 3U, 6U}) {
        std::set<std::pair<std::size_t, Which>> seen;
        for (int month = 0; month < static_cast<int>(repositories) * 3; ++month) {
            const DrillTurn turn = turn_of_drill({2027 + month / 12, month % 12 + 1, 10}, repositories);
            ASSERT_LT(turn.repository, repositories);
            seen.emplace(turn.repository, turn.which);
        }
        EXPECT_EQ(seen.size(), repositories * 3) << repositories;
    }
}

TEST(DrillBackup, IsLateAfterThirtyFiveDaysWithoutOneThatWasWell) {
    const DrillState state{at(2027, 5, 10), at(2027, 4, 1)};
    EXPECT_EQ(judge_drill_lateness(state, at(2027, 1, 1), at(2027, 5, 5)).state, signals::State::Clear);
    const signals::Signal late = judge_drill_lateness(state, at(2027, 1, 1), at(2027, 5, 7));
    EXPECT_EQ(late.state, signals::State::Raise);
    EXPECT_EQ(late.kind, "backup.drill.late");
    EXPECT_EQ(judge_drill_lateness({}, at(2027, 5, 1), at(2027, 5, 7)).state, signals::State::Clear)
        << "backups have just begun";
    EXPECT_EQ(judge_drill_lateness({}, at(2027, 1, 1), at(2027, 5, 7)).state, signals::State::Raise)
        << "there has never been one";
}

}  // namespace

}  // namespace flow
