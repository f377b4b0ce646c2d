// The national holidays of Japan. Rules written from the Act on National Holidays (国民の祝日に関する法律, 1948) and
// its amendments give every day from July 1948 to 2099; the Cabinet Office's yearly list, where somebody brings it,
// overrules them. The two equinoxes are official only when the gazette of the previous February has named them: until
// then the rule gives the almanac's expected day. Pure: no file, no network, no clock.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"

namespace calendar {

inline constexpr int kFirstHolidayYear = 1948;
inline constexpr int kLastHolidayYear = 2099;

struct Holiday {
    base::Day day;
    std::string name;  ///< "憲法記念日", "振替休日", "国民の休日"
    bool operator==(const Holiday&) const = default;
};

/// What the law alone says for one year, in order of date. Nothing outside kFirstHolidayYear..kLastHolidayYear.
std::vector<Holiday> list_holidays_by_rule(int year);

/// A list as the Cabinet Office publishes it ("2026/9/22,休日"), already decoded from CP932 to UTF-8.
struct HolidayList {
    std::vector<Holiday> days;  ///< in order of date, one for each date
    std::vector<std::string>
        skipped;  ///< "line 3: ..." for each line that is no date and name; the header is not among them
};
/// Reads lines of date and name; the wording of the header, quotes, blank lines and the newline form do not matter. A
/// bad line costs itself. Throws Error(BadInput) when the text has no single good line or is above 1 MB.
HolidayList parse_holiday_list(std::string_view utf8);

/// Where a list and the rules disagree. The list has won; somebody should know.
struct HolidayConflict {
    enum class What {
        OnlyListed,  ///< the list has a day that the rules lack
        OnlyByRule,  ///< the list lacks it although it covers the year
        Renamed      ///< both have the day, under different names
    } what;
    base::Day day;
    std::string by_rule;  ///< empty: the rules have no holiday there
    std::string listed;   ///< empty: the list has none
    bool operator==(const HolidayConflict&) const = default;
};

/// The holidays that hold. A small value: copies share one unchanging table.
class Holidays {
  public:
    /// By rule.
    Holidays();
    /// The rules, overruled by `list` in each year that it covers, that is, from January to November at least; in a
    /// year of which the list has only a part, its days are added and none is taken away. A name that the list
    /// shortens, or gives as no more than 休日, agrees with the rule's, which stays. Conflicts are appended in order of
    /// date.
    Holidays(const HolidayList& list, std::vector<HolidayConflict>& conflicts);

    /// The holiday's name; nothing on other days.
    std::optional<std::string_view> find_name(base::Day day) const;
    bool is_holiday(base::Day day) const { return find_name(day).has_value(); }
    std::vector<Holiday> list_year(int year) const;

  private:
    using Table = std::map<base::Day, std::string>;
    std::shared_ptr<const Table> table_;  // shared by all copies; never changed once made
};

}  // namespace calendar
