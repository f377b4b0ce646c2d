#include "office/helpdesk/roster.h"

#include <gtest/gtest.h>

#include "office/helpdesk/answers.h"

namespace helpdesk {
namespace {

Month month_of(std::string_view id) {
    return parse_month(id).value();
}

TEST(Roster, NamesTheDaysOnWhichSomebodyIsMissing) {
    Month may = month_of("2026-05");
    EXPECT_EQ(list_gaps(may, {}).size(), 18U) << "the helpdesk days of May 2026";
    for (const base::Day day : days_of(may)) may.days[day] = {"受付 花子", "技術 次郎"};
    EXPECT_TRUE(list_gaps(may, {}).empty());
    may.days[{2026, 5, 6}].charge.clear();  // a substitute holiday: nobody is needed
    may.days[{2026, 5, 7}].engineer.clear();
    EXPECT_EQ(list_gaps(may, {}), (std::vector<Gap>{{{2026, 5, 7}, false, true}}));
}

TEST(Roster, CarriesAMonthOverByWeekdays) {
    Month april = month_of("2026-04");
    for (const base::Day day : days_of(april))
        if (base::weekday(day) % 6 != 0) april.days[day] = {"A", day.day <= 14 ? "B" : "C"};
    const Month june = copied(april, month_of("2026-06"), {});
    EXPECT_EQ(june.days.at({2026, 6, 1}).engineer, "B") << "the first Monday";
    EXPECT_EQ(june.days.at({2026, 6, 15}).engineer, "C") << "the third Monday";
    EXPECT_EQ(june.days.at({2026, 6, 29}).engineer, "C") << "a fifth Monday, which April has not";
    EXPECT_FALSE(june.days.contains({2026, 6, 6})) << "a Saturday";
    EXPECT_TRUE(list_gaps(june, {}).empty());
    EXPECT_EQ(copied(month_of("2026-04"), month_of("2026-06"), {}).days.at({2026, 6, 1}), Duty{});
}

TEST(Roster, TurnsTheYear) {
    EXPECT_EQ(next_month(month_of("2026-12")).id(), "2027-01");
    EXPECT_EQ(previous_month(month_of("2027-01")).id(), "2026-12");
    EXPECT_FALSE(parse_month("2027-13"));
    EXPECT_FALSE(parse_month("2027-4"));
}

TEST(AnswerText, IsFilledInOnce) {
    EXPECT_EQ(fill_in("{お名前}様　{番号} {知らない} {", {{"お名前", "{番号}"}, {"番号", "12"}}),
              "{番号}様　12 {知らない} {");
}

}  // namespace
}  // namespace helpdesk
