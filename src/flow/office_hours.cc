#include "flow/office_hours.h"

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/encoding.h"
#include "ground/settings/calendars.h"
#include "ground/sys/files.h"
#include "ground/sys/log.h"

namespace flow {

namespace {

std::string read_list(const settings::Settings& settings) {
    return sys::read_file(settings.resolve(settings.calendar.holiday_list), 2U << 20);
}

/// The Cabinet Office's list where there is one that can be read, else the law's rules.
calendar::Holidays holidays_of(const settings::Settings& settings) {
    const std::string& list = settings.calendar.holiday_list;
    if (list.empty()) return {};
    try {
        std::string text = read_list(settings);
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

std::string find_holiday_list(const settings::Settings& settings) {
    if (settings.calendar.holiday_list.empty()) return {};
    try {
        return read_list(settings);
    } catch (const base::Error&) {
        return {};
    }
}

calendar::OfficeCalendar office_hours_of(const settings::Settings& settings) {
    return settings::office_calendar(settings, holidays_of(settings));
}

calendar::OfficeCalendar helpdesk_hours_of(const settings::Settings& settings) {
    return settings::helpdesk_calendar(settings, holidays_of(settings));
}

}  // namespace flow
