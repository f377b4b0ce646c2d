// The office's calendar as the settings have it, with the Cabinet Office's list of holidays where somebody has brought
// one.
#pragma once

#include "flow/site.h"
#include "ground/calendar/office.h"

namespace flow {

/// The list's bytes; nothing where the settings name none, or it cannot be read: then the law's rules hold.
std::string find_holiday_list(const settings::Settings& settings);
/// A list that cannot be read is logged, and the law's rules hold.
calendar::OfficeCalendar office_hours_of(const settings::Settings& settings);
/// The same for the helpdesk: the contract's hours, by which people are called.
calendar::OfficeCalendar helpdesk_hours_of(const settings::Settings& settings);

}  // namespace flow
