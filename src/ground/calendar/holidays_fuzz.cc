// A list of holidays from outside: read or refused, and what is read is sound, ordered and overrules the rules.
#include <cstdint>
#include <cstdlib>

#include "ground/base/error.h"
#include "ground/calendar/holidays.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    calendar::HolidayList list;
    try {
        list = calendar::parse_holiday_list({reinterpret_cast<const char*>(data), size});
    } catch (const base::Error&) {
        return 0;
    }
    std::vector<calendar::HolidayConflict> conflicts;
    const calendar::Holidays holidays(list, conflicts);
    for (std::size_t i = 0; i < list.days.size(); ++i) {
        const base::Day day = list.days[i].day;
        if (!base::is_day(day.year, day.month, day.day) || !holidays.is_holiday(day)) std::abort();
        if (i > 0 && !(list.days[i - 1].day < day)) std::abort();
    }
    for (const auto& conflict : conflicts) {
        const bool is_listed = conflict.what != calendar::HolidayConflict::What::OnlyByRule;
        if (holidays.is_holiday(conflict.day) != is_listed || conflict.listed.empty() == is_listed) std::abort();
    }
    return 0;
}
