#include "ground/calendar/era.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/calendar/deadline.h"

namespace calendar {
namespace {

using base::Day;

TEST(Eras, AreWrittenAsOfficialPapersWriteThem) {
    struct Case {
        Day day;
        std::string_view text;
    };
    const Case cases[] = {
        {{2019, 4, 30}, "平成31年4月30日"},   {{2019, 5, 1}, "令和元年5月1日"},    {{2020, 1, 1}, "令和2年1月1日"},
        {{1989, 1, 7}, "昭和64年1月7日"},     {{1989, 1, 8}, "平成元年1月8日"},    {{1926, 12, 24}, "大正15年12月24日"},
        {{1926, 12, 25}, "昭和元年12月25日"}, {{1912, 7, 29}, "明治45年7月29日"},  {{1912, 7, 30}, "大正元年7月30日"},
        {{1873, 1, 1}, "明治6年1月1日"},      {{2026, 11, 22}, "令和8年11月22日"},
    };
    for (const Case& expected : cases) {
        EXPECT_EQ(format_era(expected.day), expected.text);
        EXPECT_EQ(parse_era(expected.text), expected.day);
    }
    EXPECT_EQ(format_era({1872, 12, 31}), "1872年12月31日");
    EXPECT_EQ(format_era_weekday({2026, 11, 22}), "令和8年11月22日（日）");
}

TEST(Eras, ReadBackWhatTheyWrite) {
    for (Day day{1873, 1, 1}; day < Day{2100, 1, 1}; day = day + 1) {
        ASSERT_EQ(parse_era(format_era(day)), day) << format_era(day);
        ASSERT_EQ(parse_era(fmt::format("{}年{}月{}日", day.year, day.month, day.day)), day);
    }
}

TEST(Eras, AreReadInTheFormsThatPeopleType) {
    for (const std::string_view text :
         {"令和元年5月1日", "令和1年5月1日", " 令和元年 5月 1日　", "令和１年５月１日", "R1.5.1", "r1/5/1", "R01-05-01",
          "Ｒ1.5.1", "R元.5.1", "2019年5月1日", "２０１９年５月１日"}) {
        EXPECT_EQ(parse_era(text), text == "Ｒ1.5.1" ? std::nullopt : std::optional<Day>({2019, 5, 1})) << text;
    }
    EXPECT_EQ(parse_era("平成32年3月31日"), (Day{2020, 3, 31})) << "written before anybody knew of 令和";
}

TEST(Eras, RefuseWhatIsNoDay) {
    for (const std::string_view text :
         {"", "令和", "令和8年", "令和8年2月29日", "令和0年1月1日", "令和元年4月30日", "平成元年1月7日",
          "明治5年12月1日", "令和8年13月1日", "令和8年1月1", "8年1月1日", "2026-01-01", "令和8年1月1日まで",
          "安政3年1月1日", "令和99999年1月1日", "昭和9999年1月1日", "R8.1/1", "令和-8年1月1日"}) {
        EXPECT_EQ(parse_era(text), std::nullopt) << text;
    }
}

TEST(EraText, OfAMonthAndAMomentIsReadBack) {
    const base::Instant at = base::from_local({{2026, 11, 9}, 17, 5, 0, 0});
    EXPECT_EQ(format_era_month({2026, 11, 9}), "令和8年11月");
    EXPECT_EQ(format_era_moment(at), "令和8年11月9日（月）17時05分");
    EXPECT_EQ(parse_era_moment(format_era_moment(at)), at);
    EXPECT_EQ(parse_era_weekday("令和8年11月9日（月）"), (Day{2026, 11, 9}));
    EXPECT_EQ(parse_era_month("令和8年11月"), (Day{2026, 11, 1}));
    for (const std::string_view other :
         {"令和8年11月9日（火）17時05分", "令和8年11月9日（月）24時05分", "令和8年11月9日（月）",
          "令和8年11月9日（月）17時05分から", "17時05分", "（）", ""})
        EXPECT_EQ(parse_era_moment(other), std::nullopt) << other;
    for (const std::string_view other : {"令和8年13月", "11月", "令和8年11月9日", "月", ""})
        EXPECT_EQ(parse_era_month(other), std::nullopt) << other;
}

TEST(EraText, OfADeadlineAtMidnightNamesTheDayThatEnds) {
    const auto at = [](base::Day day, int hour, int minute) { return base::from_local({day, hour, minute, 0, 0}); };
    const std::pair<base::Instant, std::string_view> vectors[] = {
        {at({2027, 8, 1}, 0, 0), "令和9年7月31日（土）24時00分"},
        {at({2019, 5, 1}, 0, 0), "平成31年4月30日（火）24時00分"},
        {at({2027, 1, 1}, 0, 0), "令和8年12月31日（木）24時00分"},
        {at({2027, 8, 1}, 0, 1), "令和9年8月1日（日）0時01分"},
        {at({2026, 12, 28}, 17, 30), "令和8年12月28日（月）17時30分"}};
    for (const auto& [due, text] : vectors) {
        EXPECT_EQ(format_era_deadline(due), text);
        EXPECT_EQ(parse_era_deadline(text), due) << text;
    }
    for (const std::string_view other :
         {"令和9年8月1日（日）0時00分", "令和9年7月31日（日）24時00分", "令和9年7月31日（土）24時01分", "24時00分", ""})
        EXPECT_EQ(parse_era_deadline(other), std::nullopt) << other;
}

TEST(FiscalYears, BeginInApril) {
    EXPECT_EQ(fiscal_year({2026, 3, 31}), 2025);
    EXPECT_EQ(format_fiscal_year(fiscal_year({2026, 3, 31})), "令和7年度");
    EXPECT_EQ(format_fiscal_year(fiscal_year({2026, 4, 1})), "令和8年度");
    EXPECT_EQ(fiscal_year_begin(2027), (Day{2027, 4, 1}));
    EXPECT_EQ(fiscal_year_end(2031), (Day{2032, 3, 31}));
    EXPECT_EQ(format_fiscal_year(2019), "令和元年度");
    EXPECT_EQ(format_fiscal_year(2018), "平成30年度");
    EXPECT_EQ(format_fiscal_year(1988), "昭和63年度");
    EXPECT_EQ(format_fiscal_year(1989), "平成元年度");
}

TEST(FiscalYears, ReadBackWhatTheyWrite) {
    for (int year = 1873; year < 2100; ++year) {
        EXPECT_EQ(parse_fiscal_year(format_fiscal_year(year)), year);
        EXPECT_EQ(fiscal_year(fiscal_year_begin(year)), year);
        EXPECT_EQ(fiscal_year(fiscal_year_end(year)), year);
    }
    EXPECT_EQ(parse_fiscal_year("R7年度"), 2025);
    EXPECT_EQ(parse_fiscal_year("2025年度"), 2025);
    EXPECT_EQ(parse_fiscal_year("平成31年度"), 2019);
    EXPECT_EQ(parse_fiscal_year("令和7年"), std::nullopt);
    EXPECT_EQ(parse_fiscal_year("7年度"), std::nullopt);
}

}  // namespace
}  // namespace calendar
