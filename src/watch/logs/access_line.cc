#include "watch/logs/access_line.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include <fmt/format.h>

namespace logs {

namespace {

constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

template <class Number>
bool read_number(std::string_view text, Number& number) {
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    return problem == std::errc{} && end == text.data() + text.size();
}

/// Takes the text up to `end` off the front.
std::optional<std::string_view> take_until(std::string_view& rest, std::string_view end) {
    const auto at = rest.find(end);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view taken = rest.substr(0, at);
    rest.remove_prefix(at + end.size());
    return taken;
}

/// A quoted field with \" inside; its quote stands at the front.
std::optional<std::string_view> take_quoted(std::string_view& rest) {
    if (!rest.starts_with('"')) return std::nullopt;
    for (std::size_t at = 1; at < rest.size(); ++at) {
        if (rest[at] == '\\') {
            ++at;
        } else if (rest[at] == '"') {
            const std::string_view taken = rest.substr(1, at - 1);
            rest.remove_prefix(at + 1);
            if (rest.starts_with(' ')) rest.remove_prefix(1);
            return taken;
        }
    }
    return std::nullopt;
}

std::string_view without_dash(std::string_view text) {
    return text == "-" ? std::string_view() : text;
}

/// The text of the second, made once a second and thread.
const std::string& time_text(base::Instant at) {
    thread_local std::int64_t second = -1;
    thread_local std::string text;
    if (at.milliseconds / 1000 != second) {
        second = at.milliseconds / 1000;
        text = access_time(at);
    }
    return text;
}

void append_escaped(std::string& to, std::string_view text) {
    if (text.empty()) to += '-';
    const auto is_plain = [](char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; };
    if (std::all_of(text.begin(), text.end(), is_plain)) {
        to += text;
        return;
    }
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte >= 0x7F || c == '"' || c == '\\')
            fmt::format_to(std::back_inserter(to), "\\x{:02X}", byte);
        else
            to += c;
    }
}

}  // namespace

std::optional<base::Instant> read_access_time(std::string_view text) {
    if (text.size() != 26 || text[2] != '/' || text[6] != '/' || text[11] != ':' || text[14] != ':' ||
        text[17] != ':' || text[20] != ' ')
        return std::nullopt;
    int day = 0, year = 0, hour = 0, minute = 0, second = 0, zone = 0;
    const auto* const month = std::find(std::begin(kMonths), std::end(kMonths), text.substr(3, 3));
    if (month == std::end(kMonths) || !read_number(text.substr(0, 2), day) || !read_number(text.substr(7, 4), year) ||
        !read_number(text.substr(12, 2), hour) || !read_number(text.substr(15, 2), minute) ||
        !read_number(text.substr(18, 2), second) || !read_number(text.substr(22, 4), zone) || zone < 0 ||
        (text[21] != '+' && text[21] != '-'))
        return std::nullopt;
    const int number = static_cast<int>(month - std::begin(kMonths)) + 1;
    if (!base::is_day(year, number, day) || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
        second > 60)
        return std::nullopt;
    const std::int64_t offset = (zone / 100 * 60 + zone % 100) * 60LL * (text[21] == '-' ? -1 : 1);
    const std::int64_t seconds =
        base::day_number({year, number, day}) * 86'400 + hour * 3600LL + minute * 60LL + second - offset;
    return base::Instant{seconds * 1000};
}

std::optional<Access> read_access_line(std::string_view line) {
    Access access;
    const auto address = take_until(line, " ");
    if (!address || address->empty() || address->size() > 45 || !take_until(line, " [")) return std::nullopt;
    access.address = *address;
    const auto time = take_until(line, "] ");
    const auto at = time ? read_access_time(*time) : std::nullopt;
    const auto request = at ? take_quoted(line) : std::nullopt;
    if (!request) return std::nullopt;
    access.at = *at;
    const auto first = request->find(' '), last = request->rfind(' ');
    if (first != std::string_view::npos && first != last && request->substr(last + 1).starts_with("HTTP/")) {
        access.method = request->substr(0, first);
        access.target = request->substr(first + 1, last - first - 1);
    }
    const auto status = take_until(line, " ");
    if (!status || !read_number(*status, access.status) || access.status < 0 || access.status > 999)
        return std::nullopt;
    const std::string_view bytes = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), bytes.size() + 1));
    if (bytes != "-" && !read_number(bytes, access.bytes)) return std::nullopt;
    if (const auto referrer = take_quoted(line)) access.referrer = without_dash(*referrer);
    if (const auto agent = take_quoted(line)) access.agent = without_dash(*agent);
    double seconds = 0;
    if (!line.empty() && read_number(line.substr(0, line.find(' ')), seconds) && seconds >= 0 && seconds < 1e6)
        access.seconds = seconds;
    return access;
}

std::string access_time(base::Instant at) {
    const base::LocalTime local = base::to_local(at);
    return fmt::format("{:02}/{}/{:04}:{:02}:{:02}:{:02} +0900", local.day.day,
                       kMonths[static_cast<std::size_t>(local.day.month - 1)], local.day.year, local.hour, local.minute,
                       local.second);
}

void append_access_line(std::string& to, const Access& access) {
    append_escaped(to, access.address);
    to += " - - [";
    to += time_text(access.at);
    to += "] \"";
    append_escaped(to, access.method);
    to += ' ';
    append_escaped(to, access.target);
    fmt::format_to(std::back_inserter(to), " HTTP/1.1\" {} {} \"", access.status, access.bytes);
    append_escaped(to, access.referrer);
    to += "\" \"";
    append_escaped(to, access.agent);
    to += '"';
    if (access.seconds) fmt::format_to(std::back_inserter(to), " {:.3f}", *access.seconds);
}

}  // namespace logs
