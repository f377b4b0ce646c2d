// Japanese years as official papers write them: 令和8年11月22日, 平成元年, 令和7年度. Dates are stored as ISO dates and
// get this form at the edge. Japan has counted Gregorian days since 明治6年1月1日 (1873-01-01); earlier days have no
// era form here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ground/base/time.h"

namespace calendar {

/// "令和元年5月1日". Before 1873: "1872年12月31日".
std::string format_era(base::Day day);
/// "令和8年11月".
std::string format_era_month(base::Day day);
/// "令和8年11月22日（日）".
std::string format_era_weekday(base::Day day);
/// "令和8年11月22日（日）17時05分": a moment in a sentence or on a paper.
std::string format_era_moment(base::Instant at);

/// Reads 令和元年5月1日, 令和1年5月1日, R1.5.1 (also / and -), 2019年5月1日, with ASCII or full-width digits and spaces
/// around. An era may run on past its end, as in papers written ahead (平成32年3月31日 = 2020-03-31), but not begin
/// before its start. Nothing for anything else, and for days that do not exist.
std::optional<base::Day> parse_era(std::string_view utf8);

/// These read what format_era_month, format_era_weekday and format_era_moment write, and nothing else.
std::optional<base::Day> parse_era_month(std::string_view utf8);  ///< its first day
std::optional<base::Day> parse_era_weekday(std::string_view utf8);
std::optional<base::Instant> parse_era_moment(std::string_view utf8);

/// The year in which it began on 1 April: 2025 for 2026-03-31.
int fiscal_year(base::Day day);
base::Day fiscal_year_begin(int fiscal_year);
base::Day fiscal_year_end(int fiscal_year);
/// "令和7年度" for 2025; 2019 is 令和元年度 as a whole.
std::string format_fiscal_year(int fiscal_year);
/// Reads 令和7年度, 令和元年度, R7年度, 2025年度.
std::optional<int> parse_fiscal_year(std::string_view utf8);

}  // namespace calendar
