#include "ground/base/time.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(DayNumber, CountsFromTheEpochBothWays) {
    EXPECT_EQ(day_number({1970, 1, 1}), 0);
    EXPECT_EQ(day_number({1969, 12, 31}), -1);
    EXPECT_EQ(day_number({2000, 3, 1}), 11017);
    for (std::int64_t number = -150'000; number < 150'000; number += 7)
        EXPECT_EQ(day_number(day_from_number(number)), number);
    EXPECT_EQ((Day{2024, 2, 28} + 1), (Day{2024, 2, 29}));
    EXPECT_EQ((Day{2027, 1, 1} - 1), (Day{2026, 12, 31}));
}

TEST(Weekday, IsThatOfTheCalendar) {
    EXPECT_EQ(weekday({1970, 1, 1}), 4);
    EXPECT_EQ(weekday({2026, 11, 22}), 0);
    EXPECT_EQ(weekday({1969, 12, 31}), 3);
    EXPECT_EQ(weekday({1868, 10, 23}), 5);
    for (int i = 0; i < 1000; ++i)
        EXPECT_EQ(weekday(Day{1899, 12, 31} + (i + 1)), (weekday(Day{1899, 12, 31} + i) + 1) % 7) << i;
}

TEST(RealDay, IsOneOfTheCalendar) {
    EXPECT_TRUE(is_day(2024, 2, 29));
    EXPECT_FALSE(is_day(2023, 2, 29));
    EXPECT_FALSE(is_day(1900, 2, 29));
    EXPECT_TRUE(is_day(2000, 2, 29));
    EXPECT_FALSE(is_day(2026, 13, 1));
    EXPECT_FALSE(is_day(2026, 0, 1));
    EXPECT_FALSE(is_day(2026, 4, 31));
    EXPECT_FALSE(is_day(0, 1, 1));
}

TEST(JapaneseTime, IsNineHoursAhead) {
    const Instant at = parse_utc("2026-11-22T15:30:01.250Z").value();
    EXPECT_EQ(to_local(at), (LocalTime{{2026, 11, 23}, 0, 30, 1, 250}));
    EXPECT_EQ(from_local(to_local(at)), at);
    EXPECT_EQ(local_day(at), (Day{2026, 11, 23}));
    EXPECT_EQ(format_local(at), "2026-11-23 00:30");
    const Instant before_epoch{-1};
    EXPECT_EQ(to_local(before_epoch), (LocalTime{{1970, 1, 1}, 8, 59, 59, 999}));
    EXPECT_EQ(from_local(to_local(before_epoch)), before_epoch);
}

TEST(UtcForm, IsTheOnlyOne) {
    EXPECT_EQ(format_utc({0}), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(format_utc({-1}), "1969-12-31T23:59:59.999Z");
    for (const std::int64_t at : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1'795'312'393'123}})
        EXPECT_EQ(parse_utc(format_utc({at})), Instant{at});
    for (const auto* bad : {"", "2026-11-22T00:53:13Z", "2026-11-22 00:53:13.123Z", "2026-11-22T00:53:13.123",
                            "2026-11-31T00:53:13.123Z", "2026-11-22T24:00:00.000Z", "2026-11-22T00:60:00.000Z",
                            "2026-11-22T00:00:60.000Z", "2026-11-22T00:53:13.123Zx", "2026-11-22T00:53:1 .123Z"})
        EXPECT_FALSE(parse_utc(bad)) << bad;
}

TEST(DayForm, IsTheOnlyOne) {
    EXPECT_EQ(format_day({2026, 4, 1}), "2026-04-01");
    EXPECT_EQ(parse_day("2026-04-01"), (Day{2026, 4, 1}));
    for (const auto* bad : {"", "2026-4-1", "2026/04/01", "2026-02-30", "2026-04-01 ", "-026-04-01", "2026-04-0a"})
        EXPECT_FALSE(parse_day(bad)) << bad;
}

TEST(TypedTime, IsJapaneseUnlessItSaysUtc) {
    const Instant nine = parse_utc("2027-04-01T00:00:00.000Z").value();
    EXPECT_EQ(parse_instant("2027-04-01 09:00"), nine);
    EXPECT_EQ(parse_instant("2027-04-01T09:00"), nine);
    EXPECT_EQ(parse_instant("2027-04-01 09:00:00"), nine);
    EXPECT_EQ(parse_instant("2027-04-01T00:00:00.000Z"), nine);
    EXPECT_EQ(parse_instant("2027-04-01"), nine - std::chrono::hours(9));
    for (const auto* bad : {"", "2027-04-01 9:00", "2027-04-01 25:00", "2027-04-01 09:00:60", "2027-04-01x09:00",
                            "2027-04-01 09:00.00", "2027-04-01 09:60", "tomorrow", "2027-04-01 "})
        EXPECT_FALSE(parse_instant(bad)) << bad;
}

TEST(StandingClock, GoesOnWhenItIsTold) {
    FixedClock clock(Instant{1000});
    const auto start = clock.monotonic();
    clock.advance(std::chrono::milliseconds(500));
    EXPECT_EQ(clock.now(), Instant{1500});
    EXPECT_EQ(clock.monotonic() - start, std::chrono::milliseconds(500));
    clock.set(Instant{10});
    EXPECT_EQ(clock.now(), Instant{10});
    EXPECT_EQ(clock.monotonic() - start, std::chrono::milliseconds(500));
}

TEST(SystemTime, IsNowAndOnlyGrows) {
    const SystemClock clock;
    EXPECT_GT(clock.now(), parse_utc("2024-01-01T00:00:00.000Z").value());
    const auto first = clock.monotonic();
    EXPECT_GE(clock.monotonic(), first);
}

}  // namespace
}  // namespace base
