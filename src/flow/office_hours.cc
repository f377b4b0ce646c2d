#include "flow/office_hours.h"

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/encoding.h"
#include "ground/settings/calendars.h"
#include "ground/sys/files.h"
#include "ground/sys/log.h"

namespace flow {

namespace {

/// The Cabinet Office's list where there is one that can be read, else the law's rules.
calendar::Holidays holidays_of(const settings::Settings& settings) {
    const std::string& list = settings.calendar.holiday_list;
    if (list.empty()) return {};
    try {
        std::string text = sys::read_file(settings.resolve(list), 2U << 20);
        if (!base::is_utf8(text)) text = html::decode(text, html::Encoding::ShiftJis).utf8;
        std::vector<calendar::HolidayConflict> conflicts;
        return {calendar::parse_holiday_list(text), conflicts};
    } catch (const base::Error& error) {
        sys::log(sys::Level::Warning, "the list of holidays cannot be used",
                 {{"file", list}, {"problem", error.message()}});
        return {};
    }
}

}  // namespace

calendar::OfficeCalendar office_hours_of(const settings::Settings& settings) {
    return settings::office_calendar(settings, holidays_of(settings));
}

calendar::OfficeCalendar helpdesk_hours_of(const settings::Settings& settings) {
    return settings::helpdesk_calendar(settings, holidays_of(settings));
}

}  // namespace flow
