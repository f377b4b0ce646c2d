#include "watch/backup/plan.h"

#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "watch/backup/generations.h"

namespace backup {
namespace {

using base::Day;
using base::Instant;
using namespace std::chrono_literals;

Policy contract() {
    Policy policy;
    policy.daily_at = 21 * 60 + 30;
    policy.window = {21 * 60 + 30, 4 * 60 + 45};
    return policy;
}

Instant at(std::string_view text) {
    return *base::parse_instant(text);
}

TEST(Plan, AllowsTheWindowOnOpenDaysAndAnyTimeOnClosedOnes) {
    const Policy policy = contract();
    const std::pair<std::string_view, bool> cases[] = {
        {"2027-01-13 21:29", false}, {"2027-01-13 21:30", true},  {"2027-01-14 04:44", true},
        {"2027-01-14 04:45", false}, {"2027-01-14 12:00", false}, {"2027-01-16 12:00", true},  // a Saturday
        {"2027-01-11 12:00", true},                                                            // a holiday, Monday
        {"2027-01-12 04:44", true},  {"2027-01-12 04:45", false}, {"2026-12-31 12:00", true}};
    for (const auto& [time, allowed] : cases) EXPECT_EQ(is_allowed(policy, at(time)), allowed) << time;
    EXPECT_EQ(next_allowed(policy, at("2027-01-14 04:45")), at("2027-01-14 21:30"));
    EXPECT_EQ(next_allowed(policy, at("2027-01-16 12:00")), at("2027-01-16 12:00"));
    EXPECT_EQ(next_allowed(policy, at("2027-01-15 23:59")), at("2027-01-15 23:59"));
    EXPECT_EQ(must_end(policy, at("2027-01-13 23:00")), at("2027-01-14 03:00"));  // the longest run
    EXPECT_EQ(must_end(policy, at("2027-01-14 03:00")), at("2027-01-14 04:45"));  // the window
    EXPECT_EQ(must_end(policy, at("2027-01-17 23:00")), at("2027-01-18 03:00"));  // Sunday night
    EXPECT_EQ(must_end(policy, at("2027-01-18 09:00")), at("2027-01-18 09:00"));
}

TEST(Plan, GivesANightToTheDayOnWhichItBegan) {
    Policy policy = contract();
    EXPECT_EQ(day_of(policy, at("2027-01-14 02:00")), (Day{2027, 1, 13}));
    EXPECT_EQ(day_of(policy, at("2028-03-01 02:00")), (Day{2028, 2, 29}));
    EXPECT_EQ(due_at(policy, {2026, 12, 31}), at("2026-12-31 21:30"));
    policy.daily_at = 2 * 60;
    EXPECT_EQ(due_at(policy, {2026, 12, 31}), at("2027-01-01 02:00"));
    EXPECT_EQ(last_due(policy, at("2027-01-01 01:59")), (Day{2026, 12, 30}));
    EXPECT_EQ(last_due(policy, at("2027-01-01 02:00")), (Day{2026, 12, 31}));
    policy.daily_at = 12 * 60;  // outside the window: its start
    EXPECT_EQ(due_at(policy, {2027, 1, 13}), at("2027-01-13 21:30"));
}

/// Yakuba over time: what is due is done when it may begin, and read back an hour later.
struct World {
    Policy policy = contract();
    History history;
    std::string fingerprint = "1.0";
    std::vector<Generation> kept;
    struct Run {
        Due due;
        Instant at;
    };
    std::vector<Run> runs;
    std::optional<Instant> verified;
    std::map<Kind, int> least;  ///< generations after pruning, once there were enough
    Keep keep;

    void turn(Instant now) {
        for (Generation& each : kept)
            if (!each.is_verified && each.taken_at + 1h <= now) {
                each.is_verified = true;
                if (each.kind == Kind::Data) verified = each.taken_at;
                for (const auto& [kind, wanted] : {std::pair(Kind::Data, keep.data), {Kind::System, keep.system}})
                    if (count_generations(kept, kind) >= wanted) least.try_emplace(kind, wanted);
                for (const std::string& gone : list_prunable(kept, keep, now).snapshots)
                    std::erase_if(kept, [&](const Generation& one) { return one.snapshot == gone; });
                for (auto& [kind, count] : least) count = std::min(count, count_generations(kept, kind));
            }
        for (const Due& due : list_due(policy, history, fingerprint, now)) {
            if (due.begin > now) continue;
            runs.push_back({due, now});
            (due.kind == Kind::Data ? history.data : history.system).newest = now;
            if (due.kind == Kind::System) history.fingerprint = fingerprint;
            kept.push_back({fmt::format("{}", runs.size()), due.kind, now, day_of(policy, now), false});
        }
    }
};

class PlanOfYears : public ::testing::TestWithParam<int> {};

TEST_P(PlanOfYears, KeepsTheContract) {
    World world;
    world.keep.data = GetParam();
    const Instant start = at("2026-12-01 22:00"), end = at("2029-12-01 12:00");
    const std::map<Day, std::string> changes{{{2027, 3, 10}, "1.1"}, {{2028, 2, 29}, "1.2"}, {{2028, 12, 31}, "1.3"}};
    int late = 0;
    for (Instant now = start; now < end; now = now + 15min) {
        if (const auto change = changes.find(base::local_day(now)); change != changes.end())
            world.fingerprint = change->second;
        world.turn(now);
        if (now - 26h > start && late_since(world.policy, world.verified, now)) ++late;
    }
    EXPECT_EQ(late, 0);
    std::map<Day, int> daily;
    std::map<std::pair<int, int>, int> monthly;
    int changed = 0;
    for (const World::Run& run : world.runs) {
        EXPECT_TRUE(is_allowed(world.policy, run.at));
        EXPECT_LT(run.at, must_end(world.policy, run.at));
        const Day day = day_of(world.policy, run.at);
        if (run.due.kind == Kind::Data) {
            ++daily[day];
            EXPECT_EQ(run.at, due_at(world.policy, day) + (day == Day{2026, 12, 1} ? 30min : 0min));
        } else if (run.due.why == Why::Monthly) {
            ++monthly[{day.year, day.month}];
        } else {
            ++changed;
            EXPECT_TRUE(changes.contains(base::local_day(run.at))) << base::format_local(run.at);
        }
    }
    int days = 0;
    for (Day day{2026, 12, 1}; day < Day{2029, 12, 1}; day = day + 1, ++days) EXPECT_EQ(daily[day], 1) << day.day;
    EXPECT_EQ(days, 365 * 3 + 1);  // with a leap day
    EXPECT_EQ(static_cast<int>(daily.size()), days);
    EXPECT_EQ(monthly.size(), 36U);
    for (const auto& [month, count] : monthly) EXPECT_EQ(count, 1) << month.first << "-" << month.second;
    EXPECT_EQ(changed, 3);
    EXPECT_EQ(world.least, (std::map<Kind, int>{{Kind::Data, GetParam()}, {Kind::System, 3}}));
    EXPECT_EQ(count_generations(world.kept, Kind::System), 3);
}

// The two sample contracts: five daily generations, and three.
INSTANTIATE_TEST_SUITE_P(Contracts, PlanOfYears, ::testing::Values(5, 3));

TEST(Plan, MakesUpOnceForWhatWasMissed) {
    World world;
    world.turn(at("2027-01-12 21:30"));
    // Down from the night of the 12th to Friday noon: three nights are missing, and one run stands for them.
    world.runs.clear();
    for (Instant now = at("2027-01-15 12:00"); now < at("2027-01-16 12:00"); now = now + 10min) world.turn(now);
    ASSERT_EQ(world.runs.size(), 1U);
    EXPECT_EQ(world.runs[0].at, at("2027-01-15 21:30"));
    // Down over a Friday night: made up for on Saturday morning, when the office is closed.
    world.runs.clear();
    world.turn(at("2027-01-23 09:00"));
    ASSERT_EQ(world.runs.size(), 1U);
    EXPECT_EQ(world.runs[0].due.at, at("2027-01-22 21:30"));
}

TEST(Plan, WaitsLongerAfterEachFailureAndNeverOutsideTheWindow) {
    const Policy policy = contract();
    History history;
    history.system.newest = at("2027-01-13 22:00");
    history.data = {at("2027-01-12 21:30"), at("2027-01-13 21:40"), 1};
    EXPECT_EQ(list_due(policy, history, "", at("2027-01-13 21:41"))[0].begin, at("2027-01-13 21:50"));
    history.data.failures = 2;
    EXPECT_EQ(list_due(policy, history, "", at("2027-01-13 21:41"))[0].begin, at("2027-01-13 22:00"));
    history.data = {at("2027-01-12 21:30"), at("2027-01-14 04:40"), 9};
    EXPECT_EQ(list_due(policy, history, "", at("2027-01-14 04:44"))[0].begin, at("2027-01-14 21:30"));
}

TEST(Plan, MakesWhatWasFoundDamagedAnewOnceADay) {
    const Policy policy = contract();
    History history;
    history.data.newest = at("2027-01-10 21:30");
    history.data.damaged_at = at("2027-01-13 23:00");
    EXPECT_EQ(list_due(policy, history, "", at("2027-01-13 23:01"))[0].begin, at("2027-01-14 21:30"));
    EXPECT_EQ(list_due(policy, history, "", at("2027-01-14 21:40"))[0].begin, at("2027-01-14 21:40"));
}

TEST(Plan, DoesNotBelieveTimesThatLieInTheFuture) {
    const Policy policy = contract();
    History history;
    history.data.newest = history.system.newest = at("2028-01-01 00:00");  // noted by a clock that was wrong
    const auto due = list_due(policy, history, "", at("2027-01-13 22:00"));
    ASSERT_EQ(due.size(), 2U);
    EXPECT_EQ(due[0].begin, at("2027-01-13 22:00"));
    EXPECT_TRUE(late_since(policy, at("2028-01-01 00:00"), at("2027-01-13 22:00")));
}

TEST(Plan, MakesFurtherBackupsOnlyWhereTheyAreCheap) {
    Policy policy = contract();
    policy.extra = 60min;
    History history;
    history.system.newest = history.data.newest = at("2027-01-13 22:00");
    history.seconds = 30;
    EXPECT_TRUE(list_due(policy, history, "", at("2027-01-13 22:59")).empty());
    const auto due = list_due(policy, history, "", at("2027-01-14 10:00"));
    ASSERT_EQ(due.size(), 1U);
    EXPECT_EQ(due[0].why, Why::Extra);
    EXPECT_EQ(due[0].begin, at("2027-01-14 10:00"));
    history.seconds = 600;
    EXPECT_TRUE(list_due(policy, history, "", at("2027-01-14 10:00")).empty());
}

TEST(Plan, IsLateADayAfterItWasDueAndNotBefore) {
    const Policy policy = contract();
    const auto verified = at("2027-01-12 21:35");
    EXPECT_FALSE(late_since(policy, verified, at("2027-01-14 22:29")));
    EXPECT_EQ(late_since(policy, verified, at("2027-01-14 22:30")), at("2027-01-14 22:30"));
    EXPECT_TRUE(late_since(policy, std::nullopt, at("2027-01-14 22:30")));
}

Generation generation(std::string name, std::string_view time, bool is_verified, Kind kind = Kind::Data) {
    const Instant taken = at(time);
    return {std::move(name), kind, taken, day_of(contract(), taken), is_verified};
}

TEST(Generations, CountDaysThatWereReadBack) {
    std::vector<Generation> all{generation("1", "2027-01-01 21:30", true),  generation("2", "2027-01-02 21:30", true),
                                generation("3", "2027-01-03 21:30", false), generation("4", "2027-01-04 21:30", true),
                                generation("4b", "2027-01-05 02:00", true), generation("5", "2027-01-05 21:30", true)};
    const Instant now = at("2027-01-06 12:00");
    EXPECT_TRUE(list_prunable(all, {.data = 4, .system = 3}, now).snapshots.empty());  // 1, 2, 4, 5: "4b" is the 4th's
    EXPECT_EQ(list_prunable(all, {.data = 3, .system = 3}, now).snapshots, (std::vector<std::string>{"1"}));
    EXPECT_EQ(list_prunable(all, {.data = 1, .system = 3}, now).snapshots,
              (std::vector<std::string>{"4b", "4", "3", "2", "1"}));
    all.push_back(generation("6", "2027-01-06 21:30", false));
    const Pruning refused = list_prunable(all, {.data = 3, .system = 3}, at("2027-01-06 22:00"));
    EXPECT_TRUE(refused.snapshots.empty());
    EXPECT_FALSE(refused.refusal.empty());
}

TEST(Generations, OfTheSystemAreCountedApart) {
    std::vector<Generation> all;
    for (int day = 1; day <= 9; ++day)
        all.push_back(generation(fmt::format("d{}", day), fmt::format("2027-01-0{} 21:30", day), true));
    for (int day = 1; day <= 4; ++day)
        all.push_back(generation(fmt::format("s{}", day), fmt::format("2026-12-0{} 21:30", day), true, Kind::System));
    EXPECT_EQ(list_prunable(all, {.data = 5, .system = 3}, at("2027-01-10 12:00")).snapshots,
              (std::vector<std::string>{"d4", "d3", "d2", "d1", "s1"}));
}

TEST(Generations, OfTheSystemKeepOneOfEachMonthWhenPatchesComeEachWeek) {
    std::vector<Generation> all;
    for (const int month : {8, 9, 10, 11, 12})
        for (const int day : {1, 8, 15, 22})
            all.push_back(generation(fmt::format("{}-{}", month, day),
                                     fmt::format("2026-{:02}-{:02} 21:30", month, day), true, Kind::System));
    const auto gone = list_prunable(all, {.data = 5, .system = 3}, at("2026-12-30 12:00")).snapshots;
    std::erase_if(
        all, [&](const Generation& each) { return std::find(gone.begin(), gone.end(), each.snapshot) != gone.end(); });
    std::vector<std::string> kept;
    for (const Generation& each : all) kept.push_back(each.snapshot);
    EXPECT_EQ(kept, (std::vector<std::string>{"10-22", "11-22", "12-8", "12-15", "12-22"}));
}

TEST(SystemBackups, AreNotAskedForByWhatIsNotKnownNow) {
    const Policy policy = contract();
    const Instant now = at("2027-01-13 22:00");
    History history;
    history.system.newest = at("2027-01-12 22:00");
    const auto is_due = [&](const char* noted, const char* fingerprint) {
        history.fingerprint = noted;
        const auto all = list_due(policy, history, fingerprint, now);
        return std::any_of(all.begin(), all.end(), [](const Due& due) { return due.kind == Kind::System; });
    };
    EXPECT_FALSE(is_due("own.packages", "own.packages"));
    EXPECT_TRUE(is_due("own.packages", "own.others"));
    EXPECT_FALSE(is_due("own.packages", "own")) << "they are being installed";
    EXPECT_TRUE(is_due("own", "own.packages")) << "they were being installed at the last one";
    EXPECT_TRUE(is_due("own.packages", "new"));
}

TEST(Generations, SurviveAClockThatJumps) {
    std::vector<Generation> all;
    for (int day = 1; day <= 9; ++day)
        all.push_back(generation(fmt::format("{}", day), fmt::format("2027-01-0{} 21:30", day), true));
    // Ten years later by the clock: the count is what matters.
    EXPECT_EQ(list_prunable(all, {}, at("2037-01-10 12:00")).snapshots.size(), 4U);
    // Set back: the newest lies in the future, and nothing goes.
    EXPECT_TRUE(list_prunable(all, {}, at("2027-01-05 12:00")).snapshots.empty());
    EXPECT_FALSE(list_prunable(all, {}, at("2027-01-05 12:00")).refusal.empty());
}

}  // namespace
}  // namespace backup
