#include "ground/http/conditional.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include <fmt/format.h>

#include "ground/base/text.h"

namespace http {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kShortDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 7> kLongDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};

constexpr std::int64_t kDaySeconds = 86'400;

std::optional<int> find_month(std::string_view name) {
    const auto found = std::find(kMonths.begin(), kMonths.end(), name);
    if (found == kMonths.end()) return std::nullopt;
    return static_cast<int>(found - kMonths.begin()) + 1;
}

template <class Number>
bool read_number(std::string_view text, Number& to) {
    if (text.empty() || text[0] < '0' || text[0] > '9') return false;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
    return error == std::errc{} && end == text.data() + text.size();
}

bool is_weekday(std::string_view name, const std::array<std::string_view, 7>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<base::Instant> make_instant(int year, std::string_view month_name, std::string_view day_text,
                                          std::string_view time) {
    const auto month = find_month(month_name);
    int day = 0, hour = 0, minute = 0, second = 0;
    if (!month || !read_number(base::trim(day_text), day) || !base::is_day(year, *month, day)) return std::nullopt;
    if (time.size() != 8 || time[2] != ':' || time[5] != ':' || !read_number(time.substr(0, 2), hour) ||
        !read_number(time.substr(3, 2), minute) || !read_number(time.substr(6, 2), second) || hour > 23 ||
        minute > 59 || second > 60)
        return std::nullopt;
    const std::int64_t days = base::day_number({year, *month, day});
    return base::Instant{(days * kDaySeconds + hour * 3600 + minute * 60 + second) * 1000};
}

std::int64_t whole_seconds(base::Instant at) {
    std::int64_t seconds = at.milliseconds / 1000;
    if (at.milliseconds % 1000 < 0) --seconds;
    return seconds;
}

/// Entity tags of a list, each `"..."` or `W/"..."`. Nothing when the list is ill-formed.
std::optional<std::vector<std::string_view>> parse_tags(std::string_view list) {
    std::vector<std::string_view> tags;
    while (!(list = base::trim(list)).empty()) {
        if (list.front() == ',') {
            list.remove_prefix(1);
            continue;
        }
        const std::size_t quote = list.starts_with("W/") ? 2 : 0;
        if (quote >= list.size() || list[quote] != '"') return std::nullopt;
        const std::size_t close = list.find('"', quote + 1);
        if (close == std::string_view::npos) return std::nullopt;
        tags.push_back(list.substr(0, close + 1));
        list.remove_prefix(close + 1);
        list = base::trim(list);
        if (!list.empty() && list.front() != ',') return std::nullopt;
    }
    return tags;
}

bool has_tag(std::string_view field, const std::string& etag, bool weak_is_enough) {
    if (base::trim(field) == "*") return true;
    const auto tags = parse_tags(field);
    if (!tags || etag.empty()) return false;
    return std::any_of(tags->begin(), tags->end(), [&](std::string_view tag) {
        if (tag.starts_with("W/")) return weak_is_enough && tag.substr(2) == etag;
        return tag == etag;
    });
}

/// All values of a list field as one, as RFC 9110 section 5.3 allows.
std::optional<std::string> joined(const Headers& headers, std::string_view name) {
    std::optional<std::string> all;
    for (const auto& [key, value] : headers)
        if (base::equals_ignoring_case(key, name)) all = all ? *all + ", " + value : value;
    return all;
}

/// 0-1000 from "0.5". Nothing when ill-formed.
std::optional<int> parse_weight(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
    int weight = (text[0] - '0') * 1000;
    if (text.size() == 1) return weight;
    if (text[1] != '.') return std::nullopt;
    int unit = 100;
    for (const char digit : text.substr(2)) {
        if (digit < '0' || digit > '9') return std::nullopt;
        weight += (digit - '0') * unit;
        unit /= 10;
    }
    if (weight > 1000) return std::nullopt;
    return weight;
}

}  // namespace

std::string format_http_date(base::Instant at) {
    const std::int64_t seconds = whole_seconds(at);
    std::int64_t number = seconds / kDaySeconds;
    if (seconds % kDaySeconds < 0) --number;
    const auto rest = static_cast<int>(seconds - number * kDaySeconds);
    const base::Day day = base::day_from_number(number);
    return fmt::format(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kShortDays[static_cast<std::size_t>(base::weekday(day))], day.day,
        kMonths[static_cast<std::size_t>(day.month - 1)], day.year, rest / 3600, rest / 60 % 60, rest % 60);
}

std::optional<base::Instant> parse_http_date(std::string_view text) {
    int year = 0;
    // "Sun, 06 Nov 1994 08:49:37 GMT"
    if (text.size() == 29 && text.substr(3, 2) == ", " && text[7] == ' ' && text[11] == ' ' && text[16] == ' ' &&
        text.ends_with(" GMT") && is_weekday(text.substr(0, 3), kShortDays) && read_number(text.substr(12, 4), year))
        return make_instant(year, text.substr(8, 3), text.substr(5, 2), text.substr(17, 8));
    // "Sunday, 06-Nov-94 08:49:37 GMT"
    if (const std::size_t comma = text.find(", ");
        comma != std::string_view::npos && is_weekday(text.substr(0, comma), kLongDays)) {
        const std::string_view rest = text.substr(comma + 2);
        if (rest.size() != 22 || rest[2] != '-' || rest[6] != '-' || rest[9] != ' ' || !rest.ends_with(" GMT") ||
            !read_number(rest.substr(7, 2), year))
            return std::nullopt;
        return make_instant(year < 70 ? 2000 + year : 1900 + year, rest.substr(3, 3), rest.substr(0, 2),
                            rest.substr(10, 8));
    }
    // "Sun Nov  6 08:49:37 1994"
    if (text.size() == 24 && text[3] == ' ' && text[7] == ' ' && text[10] == ' ' && text[19] == ' ' &&
        is_weekday(text.substr(0, 3), kShortDays) && read_number(text.substr(20, 4), year))
        return make_instant(year, text.substr(4, 3), text.substr(8, 2), text.substr(11, 8));
    return std::nullopt;
}

Condition judge_conditions(const Headers& request, const Validators& current) {
    const std::int64_t modified = whole_seconds(current.modified);
    if (const auto match = joined(request, "If-Match")) {
        if (!has_tag(*match, current.etag, false)) return Condition::Failed;
    } else if (const auto field = request.find("If-Unmodified-Since")) {
        const auto date = parse_http_date(*field);
        if (date && modified > whole_seconds(*date)) return Condition::Failed;
    }
    if (const auto none = joined(request, "If-None-Match")) {
        if (has_tag(*none, current.etag, true)) return Condition::NotModified;
    } else if (const auto field = request.find("If-Modified-Since")) {
        const auto date = parse_http_date(*field);
        if (date && modified <= whole_seconds(*date)) return Condition::NotModified;
    }
    return Condition::Proceed;
}

RangeAnswer judge_range(const Headers& request, const Validators& current, std::uint64_t size) {
    const RangeAnswer whole{RangeAnswer::What::Whole, 0, size};
    const auto field = request.find("Range");
    if (!field || request.count("Range") != 1) return whole;
    if (const auto condition = request.find("If-Range")) {
        // A date is too coarse to prove that two versions are one, except where it has aged; tags are always sent here.
        if (*condition != current.etag || current.etag.empty()) return whole;
    }
    if (!base::equals_ignoring_case(field->substr(0, 6), "bytes=")) return whole;
    const std::string_view range = base::trim(field->substr(6));
    const std::size_t dash = range.find('-');
    if (dash == std::string_view::npos || range.find(',') != std::string_view::npos) return whole;
    const std::string_view first = range.substr(0, dash);
    const std::string_view last = range.substr(dash + 1);
    std::uint64_t from = 0, to = 0;
    if (first.empty()) {  // the last so many bytes
        if (!read_number(last, to)) return whole;
        if (to == 0 || size == 0) return {RangeAnswer::What::Unsatisfiable, 0, 0};
        const std::uint64_t length = std::min(to, size);
        return {RangeAnswer::What::Part, size - length, length};
    }
    if (!read_number(first, from)) return whole;
    if (last.empty())
        to = size;
    else if (!read_number(last, to) || to < from)
        return whole;
    if (from >= size) return {RangeAnswer::What::Unsatisfiable, 0, 0};
    return {RangeAnswer::What::Part, from, std::min(to, size - 1) - from + 1};
}

std::string format_content_range(const RangeAnswer& range, std::uint64_t size) {
    if (range.what == RangeAnswer::What::Unsatisfiable) return fmt::format("bytes */{}", size);
    return fmt::format("bytes {}-{}/{}", range.offset, range.offset + range.length - 1, size);
}

std::string_view coding_name(Coding coding) {
    return coding == Coding::Gzip ? "gzip" : coding == Coding::Brotli ? "br" : "";
}

CodingWeights parse_accept_encoding(std::optional<std::string_view> field) {
    const CodingWeights identity_only;
    if (!field) return identity_only;
    std::optional<int> identity, gzip, brotli, others;
    for (const std::string_view item : base::split(*field, ',')) {
        const std::size_t end = item.find(';');
        const std::string_view name = base::trim(item.substr(0, end));
        int weight = 1000;
        if (end != std::string_view::npos) {
            const std::string_view parameter = base::trim(item.substr(end + 1));
            if (parameter.size() < 3 || (parameter[0] != 'q' && parameter[0] != 'Q') || parameter[1] != '=')
                return identity_only;
            const auto parsed = parse_weight(parameter.substr(2));
            if (!parsed) return identity_only;
            weight = *parsed;
        }
        if (base::equals_ignoring_case(name, "gzip") || base::equals_ignoring_case(name, "x-gzip")) gzip = weight;
        if (base::equals_ignoring_case(name, "br")) brotli = weight;
        if (base::equals_ignoring_case(name, "identity")) identity = weight;
        if (name == "*") others = weight;
    }
    // Identity stays acceptable unless it is refused by name or by "*;q=0"; unnamed, it is liked least.
    const int unnamed_identity = others ? *others : 1;
    return {identity.value_or(unnamed_identity), gzip.value_or(others.value_or(0)),
            brotli.value_or(others.value_or(0))};
}

Coding choose_coding(const CodingWeights& weights, bool has_gzip, bool has_brotli) {
    Coding best = Coding::Identity;
    int liked = weights.identity;
    if (has_gzip && weights.gzip > 0 && weights.gzip >= liked) {
        best = Coding::Gzip;
        liked = weights.gzip;
    }
    if (has_brotli && weights.brotli > 0 && weights.brotli >= liked) best = Coding::Brotli;
    return best;
}

}  // namespace http
