#include "watch/log_archive/stamp.h"

#include <algorithm>
#include <iterator>

#include "watch/logs/access_line.h"

namespace log_archive {

using base::Instant;

namespace {

constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::int64_t kJapan = 9 * 3600;
constexpr std::size_t kSearched = 400;  // bytes of a line in which its time must begin

/// Reads a text from its front.
struct Cursor {
    std::string_view rest;
    bool is_good = true;

    int number(std::size_t digits) {
        int value = 0;
        if (rest.size() < digits) is_good = false;
        for (std::size_t at = 0; is_good && at < digits; ++at) {
            if (rest[at] < '0' || rest[at] > '9') is_good = false;
            value = value * 10 + (rest[at] - '0');
        }
        if (is_good) rest.remove_prefix(digits);
        return value;
    }
    bool has(std::string_view any_of) const { return !rest.empty() && any_of.find(rest.front()) != rest.npos; }
    void skip(std::string_view any_of) {
        if (has(any_of))
            rest.remove_prefix(1);
        else
            is_good = false;
    }
    int month() {
        const auto* const found = std::find(std::begin(kMonths), std::end(kMonths), rest.substr(0, 3));
        if (found == std::end(kMonths)) {
            is_good = false;
            return 0;
        }
        rest.remove_prefix(3);
        return static_cast<int>(found - std::begin(kMonths)) + 1;
    }
};

struct Parts {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, millisecond = 0;
    std::int64_t offset = kJapan;  ///< seconds east of Greenwich
};

std::optional<Instant> whole(const Parts& parts) {
    if (!base::is_day(parts.year, parts.month, parts.day) || parts.hour > 23 || parts.minute > 59 || parts.second > 60)
        return std::nullopt;
    const std::int64_t seconds = base::day_number({parts.year, parts.month, parts.day}) * 86'400 + parts.hour * 3600LL +
                                 parts.minute * 60LL + parts.second - parts.offset;
    return Instant{seconds * 1000 + parts.millisecond};
}

/// "17:50:28", with a fraction of up to nine digits.
void read_clock(Cursor& cursor, Parts& parts, bool needs_seconds = true) {
    parts.hour = cursor.number(2);
    cursor.skip(":");
    parts.minute = cursor.number(2);
    if (!needs_seconds && !cursor.has(":")) return;
    cursor.skip(":");
    parts.second = cursor.number(2);
    if (!cursor.is_good || !cursor.has(".,")) return;
    cursor.rest.remove_prefix(1);
    for (int place = 100; cursor.has("0123456789"); place /= 10) {
        parts.millisecond += (cursor.rest.front() - '0') * place;
        cursor.rest.remove_prefix(1);
    }
}

/// "Z", "+09:00", "+0900", or nothing.
void read_zone(Cursor& cursor, Parts& parts) {
    if (cursor.has("Z")) {
        parts.offset = 0;
    } else if (cursor.has("+-")) {
        const int sign = cursor.rest.front() == '-' ? -1 : 1;
        cursor.rest.remove_prefix(1);
        const int hours = cursor.number(2);
        if (cursor.has(":")) cursor.rest.remove_prefix(1);
        const int minutes = cursor.number(2);
        if (hours > 23 || minutes > 59) cursor.is_good = false;
        parts.offset = sign * (hours * 3600LL + minutes * 60LL);
    }
}

/// "2026-11-22T17:50:28.123+09:00", "2026-11-22 17:50", "2026/11/22 17:50:28".
std::optional<Instant> read_iso(std::string_view text) {
    Cursor cursor{text};
    Parts parts;
    parts.year = cursor.number(4);
    cursor.skip("-/");
    parts.month = cursor.number(2);
    cursor.skip("-/");
    parts.day = cursor.number(2);
    cursor.skip("T ");
    if (!cursor.is_good) return std::nullopt;
    read_clock(cursor, parts, false);
    if (cursor.is_good) read_zone(cursor, parts);
    return cursor.is_good ? whole(parts) : std::nullopt;
}

/// "Nov 22 17:50:28" and "Sun Nov 22 17:50:28.123456 2026".
std::optional<Instant> read_month(std::string_view text, Instant near) {
    Cursor cursor{text};
    if (text.size() > 4 && text[3] == ' ' &&
        std::find(std::begin(kMonths), std::end(kMonths), text.substr(0, 3)) == std::end(kMonths))
        cursor.rest.remove_prefix(4);
    Parts parts;
    parts.month = cursor.month();
    cursor.skip(" ");
    if (cursor.has(" ")) cursor.rest.remove_prefix(1);
    parts.day = cursor.rest.size() > 1 && cursor.rest[1] == ' ' ? cursor.number(1) : cursor.number(2);
    cursor.skip(" ");
    if (!cursor.is_good) return std::nullopt;
    read_clock(cursor, parts);
    if (!cursor.is_good) return std::nullopt;
    Cursor year{cursor.rest};
    year.skip(" ");
    parts.year = year.number(4);
    if (year.is_good && parts.year >= 1990 && parts.year <= 2199 && (year.rest.empty() || year.has("] ")))
        return whole(parts);
    std::optional<Instant> best;
    const int now = base::local_day(near).year;
    for (parts.year = now - 1; parts.year <= now + 1; ++parts.year)
        if (const auto one = whole(parts);
            one && (!best || std::chrono::abs(*one - near) < std::chrono::abs(*best - near)))
            best = one;
    return best;
}

}  // namespace

std::optional<Instant> stamp_of(std::string_view line, Instant near) {
    if (line.starts_with('<')) line.remove_prefix(std::min(line.size(), line.find('>') + 1));  // a syslog priority
    const std::string_view front = line.substr(0, kSearched);
    if (front.starts_with('{')) {
        // The first that is there: what the line tells of further on may carry times of its own.
        std::size_t first = front.npos;
        std::optional<Instant> best;
        for (const std::string_view key : {"\"time\":\"", "\"at\":\"", "\"timestamp\":\"", "\"@timestamp\":\""}) {
            const auto at = front.find(key);
            if (at >= first) continue;
            const auto found = read_iso(line.substr(at + key.size(), 40));
            if (!found) continue;
            first = at;
            best = found;
        }
        return best;
    }
    if (const auto found = read_iso(front.substr(0, 40))) return found;
    for (auto at = front.find('['); at != front.npos; at = front.find('[', at + 1)) {
        const std::string_view inside = line.substr(at + 1, 40);
        if (inside.size() > 26 && inside[26] == ']')
            if (const auto found = logs::read_access_time(inside.substr(0, 26))) return found;
        if (at == 0) {
            if (const auto found = read_iso(inside)) return found;
            if (const auto found = read_month(inside, near)) return found;
        }
    }
    return read_month(front.substr(0, 40), near);
}

}  // namespace log_archive
