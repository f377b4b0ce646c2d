#include "ground/calendar/holidays.h"

#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/base/error.h"

namespace calendar {
namespace {

using base::Day;

std::vector<std::string> dates(int year) {
    std::vector<std::string> days;
    for (const Holiday& holiday : list_holidays_by_rule(year)) days.push_back(base::format_day(holiday.day));
    return days;
}

std::string name_of(Day day) {
    return std::string(Holidays().find_name(day).value_or(""));
}

// The list as the Cabinet Office would publish what the rules say.
std::string as_list(int first_year, int last_year) {
    std::string text = "国民の祝日・休日月日,国民の祝日・休日名称\r\n";
    for (int year = first_year; year <= last_year; ++year) {
        for (const Holiday& holiday : list_holidays_by_rule(year)) {
            const bool is_rest_day = holiday.name == "振替休日" || holiday.name == "国民の休日";
            text += fmt::format("{}/{}/{},{}\r\n", holiday.day.year, holiday.day.month, holiday.day.day,
                                is_rest_day ? "休日" : holiday.name);
        }
    }
    return text;
}

TEST(HolidayRules, GiveTheDaysOf2026ByName) {
    const std::vector<Holiday> expected = {
        {{2026, 1, 1}, "元日"},           {{2026, 1, 12}, "成人の日"},   {{2026, 2, 11}, "建国記念の日"},
        {{2026, 2, 23}, "天皇誕生日"},    {{2026, 3, 20}, "春分の日"},   {{2026, 4, 29}, "昭和の日"},
        {{2026, 5, 3}, "憲法記念日"},     {{2026, 5, 4}, "みどりの日"},  {{2026, 5, 5}, "こどもの日"},
        {{2026, 5, 6}, "振替休日"},       {{2026, 7, 20}, "海の日"},     {{2026, 8, 11}, "山の日"},
        {{2026, 9, 21}, "敬老の日"},      {{2026, 9, 22}, "国民の休日"}, {{2026, 9, 23}, "秋分の日"},
        {{2026, 10, 12}, "スポーツの日"}, {{2026, 11, 3}, "文化の日"},   {{2026, 11, 23}, "勤労感謝の日"},
    };
    EXPECT_EQ(list_holidays_by_rule(2026), expected);
}

TEST(HolidayRules, CountTheDaysAndPlaceTheSubstitutesOfTheContractYears) {
    struct Year {
        int year;
        std::size_t count;
        std::set<Day> unnamed;
    };
    const Year years[] = {
        {2026, 18, {{2026, 5, 6}, {2026, 9, 22}}},
        {2027, 17, {{2027, 3, 22}}},
        {2028, 16, {}},
        {2029, 19, {{2029, 2, 12}, {2029, 4, 30}, {2029, 9, 24}}},
        {2030, 19, {{2030, 5, 6}, {2030, 8, 12}, {2030, 11, 4}}},
        {2031, 19, {{2031, 2, 24}, {2031, 5, 6}, {2031, 11, 24}}},
        {2032, 17, {{2032, 9, 21}}},
    };
    for (const Year& expected : years) {
        SCOPED_TRACE(expected.year);
        const auto holidays = list_holidays_by_rule(expected.year);
        EXPECT_EQ(holidays.size(), expected.count);
        std::set<Day> unnamed;
        for (const Holiday& holiday : holidays) {
            if (holiday.name == "振替休日" || holiday.name == "国民の休日") unnamed.insert(holiday.day);
        }
        EXPECT_EQ(unnamed, expected.unnamed);
    }
}

TEST(HolidayRules, PlaceTheEquinoxes) {
    struct Year {
        int year, march, september;
    };
    for (const Year& expected :
         {Year{2023, 21, 23}, {2024, 20, 22}, {2026, 20, 23}, {2027, 21, 23}, {2028, 20, 22}, {2044, 20, 22}}) {
        SCOPED_TRACE(expected.year);
        EXPECT_EQ(name_of({expected.year, 3, expected.march}), "春分の日");
        EXPECT_EQ(name_of({expected.year, 9, expected.september}), "秋分の日");
    }
}

TEST(HolidayRules, FindTheCitizensHolidaysOfSeptember) {
    std::vector<int> years;
    for (int year = 2022; year <= 2050; ++year) {
        for (const Holiday& holiday : list_holidays_by_rule(year)) {
            if (holiday.name == "国民の休日") {
                EXPECT_EQ(holiday.day.month, 9);
                years.push_back(year);
            }
        }
    }
    EXPECT_EQ(years, (std::vector<int>{2026, 2032, 2037, 2043, 2049}));
}

TEST(HolidayRules, KnowTheChangeOfThrone) {
    EXPECT_EQ(name_of({2019, 4, 30}), "国民の休日");
    EXPECT_EQ(name_of({2019, 5, 1}), "天皇の即位の日");
    EXPECT_EQ(name_of({2019, 5, 2}), "国民の休日");
    EXPECT_EQ(name_of({2019, 5, 6}), "振替休日");
    EXPECT_EQ(name_of({2019, 10, 22}), "即位礼正殿の儀の行われる日");
    EXPECT_EQ(name_of({2019, 12, 23}), "");
    EXPECT_EQ(name_of({2019, 2, 23}), "");
    EXPECT_EQ(list_holidays_by_rule(2019).size(), 22U);
}

TEST(HolidayRules, KnowTheDaysMovedForTheGames) {
    EXPECT_EQ(name_of({2020, 7, 23}), "海の日");
    EXPECT_EQ(name_of({2020, 7, 24}), "スポーツの日");
    EXPECT_EQ(name_of({2020, 8, 10}), "山の日");
    for (const Day usual :
         {Day{2020, 7, 20}, {2020, 8, 11}, {2020, 10, 12}, {2021, 7, 19}, {2021, 8, 11}, {2021, 10, 11}}) {
        EXPECT_EQ(name_of(usual), "") << base::format_day(usual);
    }
    EXPECT_EQ(name_of({2021, 7, 22}), "海の日");
    EXPECT_EQ(name_of({2021, 7, 23}), "スポーツの日");
    EXPECT_EQ(name_of({2021, 8, 8}), "山の日");
    EXPECT_EQ(name_of({2021, 8, 9}), "振替休日");
}

TEST(HolidayRules, KnowOlderLaw) {
    EXPECT_EQ(dates(1948), (std::vector<std::string>{"1948-09-23", "1948-11-03", "1948-11-23"}));
    EXPECT_EQ(name_of({1973, 2, 12}), "");  // the Sunday before was a holiday, the law of substitutes two months away
    EXPECT_EQ(name_of({1973, 4, 30}), "振替休日");
    EXPECT_EQ(name_of({1985, 5, 4}), "");
    EXPECT_EQ(name_of({1988, 5, 4}), "国民の休日");
    EXPECT_EQ(name_of({1987, 5, 4}), "振替休日");
    EXPECT_EQ(name_of({1999, 1, 15}), "成人の日");
    EXPECT_EQ(name_of({2000, 1, 10}), "成人の日");
    EXPECT_EQ(name_of({2003, 5, 6}), "");  // before 2007 only the next day could stand in
    EXPECT_EQ(name_of({2006, 4, 29}), "みどりの日");
    EXPECT_EQ(name_of({1989, 2, 24}), "昭和天皇の大喪の礼");
}

TEST(HolidayRules, AreSilentOutsideTheirYears) {
    EXPECT_TRUE(list_holidays_by_rule(1947).empty());
    EXPECT_TRUE(list_holidays_by_rule(2100).empty());
    EXPECT_EQ(Holidays().find_name({2100, 1, 1}), std::nullopt);
}

// What the Act says, asked of every year: it was not used to make the table.
TEST(HolidayRules, KeepTheActsThirdArticleInEveryYearSince2007) {
    const Holidays holidays;
    for (int year = 2007; year <= kLastHolidayYear; ++year) {
        SCOPED_TRACE(year);
        const auto is_national = [&](Day day) {
            const auto name = holidays.find_name(day);
            return name && *name != "振替休日" && *name != "国民の休日";
        };
        for (Day day{year, 1, 1}; day.year == year; day = day + 1) {
            const auto name = holidays.find_name(day);
            if (name == "振替休日") {
                Day before = day - 1;
                while (is_national(before) && base::weekday(before) != 0) before = before - 1;
                EXPECT_TRUE(is_national(before) && base::weekday(before) == 0) << base::format_day(day);
            } else if (name == "国民の休日") {
                EXPECT_TRUE(is_national(day - 1) && is_national(day + 1)) << base::format_day(day);
            } else if (!name) {
                EXPECT_FALSE(is_national(day - 1) && is_national(day + 1)) << base::format_day(day);
                EXPECT_FALSE(is_national(day - 1) && base::weekday(day - 1) == 0) << base::format_day(day);
            }
        }
        const std::size_t count = holidays.list_year(year).size();
        EXPECT_GE(count, 15U);
        EXPECT_LE(count, 22U);
    }
}

TEST(HolidayList, IsReadWhateverItsHeaderAndQuotesAre) {
    for (const std::string_view text : {
             "国民の祝日・休日月日,国民の祝日・休日名称\r\n2026/9/22,休日\r\n2026/9/21,敬老の日\r\n",
             "\xEF\xBB\xBF日付,名称\n\"2026-09-22\",\"休日\"\n\n2026-9-21 , 敬老の日",
             "2026/9/21,敬老の日\n2026/09/22,休日\n",
         }) {
        const HolidayList list = parse_holiday_list(text);
        EXPECT_EQ(list.days, (std::vector<Holiday>{{{2026, 9, 21}, "敬老の日"}, {{2026, 9, 22}, "休日"}})) << text;
        EXPECT_TRUE(list.skipped.empty()) << text;
    }
}

TEST(HolidayList, LosesOnlyTheBadLine) {
    const HolidayList list =
        parse_holiday_list("日付,名称\n2026/2/30,何の日\n2026/1/1,元日\n2026/1/1,元日\n2026/1/12,\nmemo\n1/2,x\n");
    EXPECT_EQ(list.days, (std::vector<Holiday>{{{2026, 1, 1}, "元日"}}));
    ASSERT_EQ(list.skipped.size(), 5U);
    EXPECT_NE(list.skipped[0].find("line 2"), std::string::npos);
    EXPECT_NE(list.skipped[1].find("twice"), std::string::npos);
}

TEST(HolidayList, IsRefusedWhenItIsSomethingElse) {
    for (const std::string& text :
         {std::string(), std::string("<html><h1>404</h1></html>"), std::string(2 << 20, '\n')}) {
        try {
            parse_holiday_list(text);
            ADD_FAILURE() << "accepted " << text.size() << " bytes";
        } catch (const base::Error& e) {
            EXPECT_EQ(e.kind(), base::Kind::BadInput);
        }
    }
}

TEST(HolidayOverride, AgreesWithTheRulesOnTheRulesOwnList) {
    std::vector<HolidayConflict> conflicts;
    const Holidays overruled(parse_holiday_list(as_list(1955, 2060)), conflicts);
    EXPECT_TRUE(conflicts.empty());
    EXPECT_EQ(overruled.find_name({2026, 9, 22}), "国民の休日");  // the better name stays
}

TEST(HolidayOverride, WinsAndSaysWhereItDiffers) {
    std::string text = as_list(2026, 2027);
    text.replace(text.find("2027/3/21"), 9, "2027/3/20");  // the gazette names another day than the almanac's rule
    text += "2027/6/10,臨時の祝日\r\n";
    std::vector<HolidayConflict> conflicts;
    const Holidays holidays(parse_holiday_list(text), conflicts);
    using What = HolidayConflict::What;
    EXPECT_EQ(conflicts, (std::vector<HolidayConflict>{
                             {What::OnlyListed, {2027, 3, 20}, "", "春分の日"},
                             {What::OnlyByRule, {2027, 3, 21}, "春分の日", ""},
                             {What::OnlyListed, {2027, 6, 10}, "", "臨時の祝日"},
                         }));
    EXPECT_TRUE(holidays.is_holiday({2027, 3, 20}));
    EXPECT_FALSE(holidays.is_holiday({2027, 3, 21}));
    EXPECT_TRUE(holidays.is_holiday({2027, 6, 10}));
    EXPECT_TRUE(holidays.is_holiday({2028, 1, 1})) << "years that the list does not cover stay by rule";
    EXPECT_FALSE(Holidays().is_holiday({2027, 6, 10})) << "the rules themselves are untouched";
}

TEST(HolidayOverride, TakesNothingAwayWhenTheListIsCutOff) {
    const std::string whole = as_list(2026, 2027);
    std::vector<HolidayConflict> conflicts;
    const Holidays holidays(parse_holiday_list(whole.substr(0, whole.find("2027/7"))), conflicts);
    EXPECT_TRUE(conflicts.empty());
    EXPECT_TRUE(holidays.is_holiday({2027, 11, 23}));
}

TEST(HolidayOverride, TakesTheListsShorterNamesForTheSame) {
    std::string text = as_list(2019, 2020);
    const auto rename = [&](std::string_view from, std::string_view to) {
        ASSERT_NE(text.find(from), std::string::npos);
        text.replace(text.find(from), from.size(), to);
    };
    rename("天皇の即位の日", "休日（祝日扱い）");
    rename("スポーツの日", "体育の日（スポーツの日）");
    rename("即位礼正殿の儀の行われる日", "即位礼正殿の儀");
    std::vector<HolidayConflict> conflicts;
    const Holidays holidays(parse_holiday_list(text), conflicts);
    EXPECT_TRUE(conflicts.empty());
    EXPECT_EQ(holidays.find_name({2019, 5, 1}), "天皇の即位の日");
}

TEST(HolidayOverride, ReportsARenamedDay) {
    std::string text = as_list(2026, 2026);
    text.replace(text.find("山の日"), std::string_view("山の日").size(), "山と川の日");
    std::vector<HolidayConflict> conflicts;
    const Holidays holidays(parse_holiday_list(text), conflicts);
    ASSERT_EQ(conflicts.size(), 1U);
    EXPECT_EQ(conflicts[0].what, HolidayConflict::What::Renamed);
    EXPECT_EQ(holidays.find_name({2026, 8, 11}), "山と川の日");
}

}  // namespace
}  // namespace calendar
