// The two calendars that the settings describe.
#pragma once

#include "ground/calendar/office.h"
#include "ground/settings/settings.h"

namespace settings {

/// The office's open days: from [calendar]. `holidays` is by rule, or by the list that calendar.holiday_list names.
calendar::OfficeCalendar office_calendar(const Settings& settings, const calendar::Holidays& holidays = {});
/// The helpdesk's: from [helpdesk], with the office's year end when it shares it.
calendar::OfficeCalendar helpdesk_calendar(const Settings& settings, const calendar::Holidays& holidays = {});

}  // namespace settings
