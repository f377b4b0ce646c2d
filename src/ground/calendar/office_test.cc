#include "ground/calendar/office.h"

#include <random>

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/calendar/deadline.h"

namespace calendar {
namespace {

using base::Day;
using base::Instant;
using std::chrono::milliseconds;
using std::chrono::minutes;

Instant at(std::string_view local) {
    const auto instant = base::parse_instant(local);
    EXPECT_TRUE(instant) << local;
    return instant.value_or(Instant{});
}

// Weekdays 8:30-17:30, no holidays, 12-29 to 1-3 closed: both the office's and the contract's usual days.
const OfficeCalendar& usual() {
    static const OfficeCalendar calendar;
    return calendar;
}

TEST(OpenDays, AreCountedInFiscalYear2026) {
    const auto in_month = [](int year, int month) {
        const Day next = month == 12 ? Day{year + 1, 1, 1} : Day{year, month + 1, 1};
        return count_open_days(usual(), {year, month, 1}, next - 1);
    };
    EXPECT_EQ(count_open_days(usual(), {2026, 4, 1}, {2027, 3, 31}), 241);
    EXPECT_EQ(in_month(2026, 4), 21);
    EXPECT_EQ(in_month(2026, 5), 18);
    EXPECT_EQ(in_month(2026, 9), 19);
    EXPECT_EQ(in_month(2026, 12), 20);
    EXPECT_EQ(in_month(2027, 1), 19);
}

TEST(Notices, RollBackwards) {
    EXPECT_EQ(weeks_ahead(usual(), {2026, 10, 13}, 3), (Day{2026, 9, 18}));
    EXPECT_EQ(weeks_ahead(usual(), {2026, 5, 13}, 1), (Day{2026, 5, 1}));
    EXPECT_EQ(weeks_ahead(usual(), {2027, 1, 22}, 3), (Day{2026, 12, 28}));
}

TEST(ReportsWithin30Days, AreDueOnTheOpenDayBefore) {
    EXPECT_EQ(days_after(usual(), {2026, 12, 1}, 30, Roll::None), (Day{2026, 12, 31}));
    EXPECT_EQ(days_after(usual(), {2026, 12, 1}, 30, Roll::Previous), (Day{2026, 12, 28}));
    EXPECT_EQ(days_after(usual(), {2026, 12, 1}, 30, Roll::Next), (Day{2027, 1, 4}));
    EXPECT_EQ(days_after(usual(), {2026, 8, 22}, 30, Roll::None), (Day{2026, 9, 21}));
    EXPECT_EQ(days_after(usual(), {2026, 8, 22}, 30, Roll::Previous), (Day{2026, 9, 18}));
    EXPECT_EQ(days_after(usual(), {2026, 4, 3}, 30, Roll::None), (Day{2026, 5, 3}));
    EXPECT_EQ(days_after(usual(), {2026, 4, 3}, 30, Roll::Previous), (Day{2026, 5, 1}));
}

TEST(Deadlines, EndAtClosingWhereTheyRollElseAtMidnight) {
    const auto after = [](std::string_view from, Roll roll) {
        return base::format_local(deadline_after(usual(), at(from), 30, roll));
    };
    EXPECT_EQ(after("2026-12-01 00:00", Roll::Previous), "2026-12-28 17:30");
    EXPECT_EQ(after("2026-12-01 23:59", Roll::Previous), "2026-12-28 17:30");
    EXPECT_EQ(after("2026-12-01 09:00", Roll::Next), "2027-01-04 17:30");
    EXPECT_EQ(after("2026-12-01 09:00", Roll::None), "2027-01-01 00:00");
}

TEST(BusinessTime, RunsOverClosedDays) {
    const auto after = [](std::string_view from, int hours) {
        return base::format_local(add_business_time(usual(), at(from), minutes(60 * hours)));
    };
    EXPECT_EQ(after("2026-09-18 17:00", 4), "2026-09-24 12:00");
    EXPECT_EQ(after("2026-12-28 16:30", 2), "2027-01-04 09:30");
    EXPECT_EQ(after("2026-05-02 10:00", 1), "2026-05-07 09:30");
}

TEST(BusinessTime, IsClosedAtClosingTimeSharp) {
    EXPECT_FALSE(is_open_at(usual(), at("2026-09-18 17:30")));
    EXPECT_TRUE(is_open_at(usual(), at("2026-09-18 17:29:59")));
    EXPECT_TRUE(is_open_at(usual(), at("2026-09-18 08:30")));
    EXPECT_FALSE(is_open_at(usual(), at("2026-09-18 08:29:59")));
    EXPECT_FALSE(is_open_at(usual(), at("2026-09-19 10:00")));
    EXPECT_EQ(add_business_time(usual(), at("2026-09-18 17:30"), minutes(30)), at("2026-09-24 09:00"));
    EXPECT_EQ(add_business_time(usual(), at("2026-09-18 17:30"), minutes(0)), at("2026-09-24 08:30"));
    EXPECT_EQ(add_business_time(usual(), at("2026-09-18 17:00"), minutes(30)), at("2026-09-18 17:30"));
}

TEST(BusinessTime, AddsUpAndCanBeMeasured) {
    std::mt19937_64 random(20260922);
    for (int round = 0; round < 2000; ++round) {
        const Instant from =
            at("2026-01-01") + milliseconds(static_cast<std::int64_t>(random() % (3LL * 365 * 86'400'000)));
        const minutes a(1 + static_cast<int>(random() % 2000));
        const minutes b(1 + static_cast<int>(random() % 6000));
        SCOPED_TRACE(base::format_local(from));
        const Instant middle = add_business_time(usual(), from, a);
        const Instant end = add_business_time(usual(), from, a + b);
        EXPECT_EQ(add_business_time(usual(), middle, b), end);
        EXPECT_EQ(business_time_between(usual(), from, end), a + b);
        EXPECT_EQ(business_time_between(usual(), middle, end), b);
        EXPECT_TRUE(is_open_at(usual(), end - milliseconds(1)));
        EXPECT_GT(end, middle);
    }
    EXPECT_EQ(business_time_between(usual(), at("2026-09-24 12:00"), at("2026-09-18 17:00")), milliseconds(0));
}

TEST(Rolling, EndsOnTheNearestOpenDayInItsDirection) {
    for (Day day{2026, 1, 1}; day < Day{2033, 1, 1}; day = day + 1) {
        const Day next = rolled(usual(), day, Roll::Next);
        const Day previous = rolled(usual(), day, Roll::Previous);
        EXPECT_EQ(rolled(usual(), day, Roll::None), day);
        EXPECT_TRUE(is_open_day(usual(), next) && is_open_day(usual(), previous));
        EXPECT_TRUE(previous <= day && day <= next);
        EXPECT_EQ(count_open_days(usual(), previous, next), previous == next ? 1 : 2) << base::format_day(day);
        EXPECT_GE(base::day_number(day) - base::day_number(weeks_ahead(usual(), day, 3)), 21);
    }
}

TEST(OfficeCalendar, TakesLocalDaysAndExceptions) {
    OfficeCalendar okinawa;
    okinawa.yearly_closed.push_back({6, 23, 6, 23});
    okinawa.extra_open.insert({2026, 9, 27});
    okinawa.extra_closed = {{2026, 9, 25}, {2026, 10, 4}};
    okinawa.extra_open.insert({2026, 10, 4});
    EXPECT_FALSE(is_open_day(okinawa, {2026, 6, 23}));
    EXPECT_TRUE(is_open_day(usual(), {2026, 6, 23}));
    EXPECT_TRUE(is_open_day(okinawa, {2026, 9, 27}));
    EXPECT_FALSE(is_open_day(okinawa, {2026, 9, 25}));
    EXPECT_FALSE(is_open_day(okinawa, {2026, 10, 4})) << "closed wins over open";
}

TEST(OfficeCalendar, CanBeAHelpdeskThatWorksAtYearEnd) {
    OfficeCalendar helpdesk;
    helpdesk.yearly_closed.clear();
    EXPECT_TRUE(is_open_day(helpdesk, {2026, 12, 29}));
    EXPECT_FALSE(is_open_day(helpdesk, {2027, 1, 1})) << "a national holiday all the same";
    OfficeCalendar daily = helpdesk;
    daily.closed_weekdays = {};
    daily.is_closed_on_holidays = false;
    EXPECT_EQ(count_open_days(daily, {2026, 4, 1}, {2027, 3, 31}), 365);
}

TEST(OfficeCalendar, ThatNeverOpensIsRefusedInsteadOfSearchedForEver) {
    OfficeCalendar closed;
    closed.closed_weekdays.fill(true);
    EXPECT_THROW(next_open(closed, {2026, 4, 1}), base::Error);
    EXPECT_THROW(previous_open(closed, {2026, 4, 1}), base::Error);
    EXPECT_THROW(add_business_time(closed, at("2026-04-01"), minutes(1)), base::Error);
    OfficeCalendar backwards;
    backwards.opens = backwards.closes;
    EXPECT_THROW(add_business_time(backwards, at("2026-04-01"), minutes(1)), base::Error);
    EXPECT_THROW(business_time_between(backwards, at("2026-04-01"), at("2026-04-02")), base::Error);
    EXPECT_THROW(add_business_time(usual(), at("2026-04-01"), minutes(-1)), base::Error);
}

TEST(DailyWindows, BelongToTheDayOnWhichTheyStart) {
    const DailyWindow night{23 * 60, 5 * 60};
    EXPECT_EQ(find_window_day(night, at("2026-09-18 23:00")), (Day{2026, 9, 18}));
    EXPECT_EQ(find_window_day(night, at("2026-09-19 04:59:59")), (Day{2026, 9, 18}));
    EXPECT_EQ(find_window_day(night, at("2026-09-19 05:00")), std::nullopt);
    EXPECT_EQ(find_window_day(night, at("2026-09-18 22:59")), std::nullopt);
    EXPECT_EQ(window_end(night, {2026, 12, 31}), at("2027-01-01 05:00"));
    const DailyWindow evening{17 * 60 + 30, 21 * 60 + 30};
    EXPECT_EQ(find_window_day(evening, at("2026-09-18 21:29")), (Day{2026, 9, 18}));
    EXPECT_EQ(find_window_day(evening, at("2026-09-18 21:30")), std::nullopt);
}

}  // namespace
}  // namespace calendar
