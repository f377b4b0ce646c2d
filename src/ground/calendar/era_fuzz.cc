// Dates from papers and old pages: what is read is a day, and is read again from the form that we write.
#include <cstdint>
#include <cstdlib>

#include "ground/calendar/era.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto day = calendar::parse_era(text)) {
        if (!base::is_day(day->year, day->month, day->day)) std::abort();
        if (calendar::parse_era(calendar::format_era(*day)) != day) std::abort();
    }
    if (const auto year = calendar::parse_fiscal_year(text)) {
        if (*year >= 1873 && calendar::parse_fiscal_year(calendar::format_fiscal_year(*year)) != year) std::abort();
    }
    return 0;
}
