#include "ground/base/rfc3339.h"

#include <charconv>

namespace base {

namespace {

std::optional<int> number_of(std::string_view text, std::size_t from, std::size_t digits) {
    if (text.size() < from + digits) return std::nullopt;
    int number = 0;
    const auto [end, error] = std::from_chars(text.data() + from, text.data() + from + digits, number);
    if (error != std::errc{} || end != text.data() + from + digits || number < 0) return std::nullopt;
    return number;
}

}  // namespace

std::optional<Instant> find_rfc3339(std::string_view text) {
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':')
        return std::nullopt;
    const auto year = number_of(text, 0, 4), month = number_of(text, 5, 2), day = number_of(text, 8, 2);
    const auto hour = number_of(text, 11, 2), minute = number_of(text, 14, 2), second = number_of(text, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    if (*year < 1970 || !is_day(*year, *month, *day) || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    std::size_t at = 19;
    int milliseconds = 0;
    if (text[at] == '.') {
        int scale = 100;
        for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10)
            milliseconds += (text[at] - '0') * scale;
    }
    std::int64_t offset = 0;
    const std::string_view zone = text.substr(at);
    if (zone != "Z") {
        const bool has_colon = zone.size() == 6 && zone[3] == ':';
        if ((zone.size() != 5 && !has_colon) || (zone[0] != '+' && zone[0] != '-')) return std::nullopt;
        const auto hours = number_of(zone, 1, 2), minutes = number_of(zone, has_colon ? 4 : 3, 2);
        if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
        offset = (*hours * 60 + *minutes) * (zone[0] == '-' ? -1 : 1);
    }
    const std::int64_t minutes = day_number({*year, *month, *day}) * 1440 + *hour * 60 + *minute - offset;
    return Instant{minutes * 60'000 + *second * 1000 + milliseconds};
}

}  // namespace base
