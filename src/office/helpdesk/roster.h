// The duty roster: for each day of the helpdesk at least one person in charge and one engineer (A6.1). A month is set
// as a whole, by one version.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ground/calendar/office.h"
#include "office/helpdesk/store.h"

namespace helpdesk {

struct Duty {
    std::string charge, engineer;  ///< names; several with 、 between; empty: nobody
    bool operator==(const Duty&) const = default;
};

struct Month {
    int year = 0, month = 0;
    std::map<base::Day, Duty> days;  ///< helpdesk days, and others that somebody has put in
    std::int64_t version = 0;        ///< 0: was never set
    std::string set_by;
    base::Instant set_at;
    std::string id() const;  ///< "2027-04"
};
/// "2027-04".
std::optional<Month> parse_month(std::string_view id);
Month next_month(const Month& of);
Month previous_month(const Month& of);
std::vector<base::Day> days_of(const Month& month);

struct Gap {
    base::Day day;
    bool lacks_charge = false, lacks_engineer = false;
    bool operator==(const Gap&) const = default;
};
/// The helpdesk days of the month on which somebody is missing.
std::vector<Gap> list_gaps(const Month& month, const calendar::OfficeCalendar& hours);
/// `last` carried over: the second Tuesday has who was there on the second Tuesday; a fifth one, and a day that has
/// nobody there, has who was there on the last such weekday. Closed days stay empty.
Month copied(const Month& last, const Month& to, const calendar::OfficeCalendar& hours);

/// As it is kept; with version 0 and no days when it was never set.
Month load_month(sys::Reader& db, int year, int month);
/// roster.set when nobody is missing and the month is still to come, roster.change when it is not, and roster.draft
/// with somebody missing; only the first proves a roster that was made in time. {month, days, gaps}. Throws
/// Error(Conflict) when `month.version` is not the one that is kept, Error(BadInput) for a name that is too long or a
/// day of another month.
void set_month(sys::Transaction& tx, const Month& month, const calendar::OfficeCalendar& hours, const By& by);
Duty load_duty(sys::Reader& db, base::Day day);

}  // namespace helpdesk
