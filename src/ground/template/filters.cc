#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "ground/template/filter.h"
#include "ground/template/inner/escape.h"

namespace tmpl {

namespace {

std::optional<std::string> as_plain_text(const Value& value) {
    if (const auto* text = value.as_text()) return *text;
    if (const auto* html = value.as_html()) return text_of(*html);
    if (const auto* number = value.as_int()) return fmt::format("{}", *number);
    return std::nullopt;
}

Value complain(FilterCall& call) {
    call.complaint = as_plain_text(call.value).value_or(std::string(call.value.kind_name()));
    return call.value;
}

/// "令和8年", from the first part of the official form.
std::string era_year(base::Day day) {
    const std::string whole = calendar::format_era(day);
    constexpr std::string_view kYear = "年";
    return whole.substr(0, whole.find(kYear) + kYear.size());
}

void append_date_part(std::string& to, char letter, const base::LocalTime& time) {
    static constexpr std::array<std::string_view, 7> kWeekdays = {"日", "月", "火", "水", "木", "金", "土"};
    const auto out = std::back_inserter(to);
    switch (letter) {
        case 'Y':
            fmt::format_to(out, "{:04}", time.day.year);
            return;
        case 'E':
            to += era_year(time.day);
            return;
        case 'n':
            fmt::format_to(out, "{}", time.day.month);
            return;
        case 'm':
            fmt::format_to(out, "{:02}", time.day.month);
            return;
        case 'j':
            fmt::format_to(out, "{}", time.day.day);
            return;
        case 'd':
            fmt::format_to(out, "{:02}", time.day.day);
            return;
        case 'D':
            to += kWeekdays[static_cast<std::size_t>(base::weekday(time.day))];
            return;
        case 'G':
            fmt::format_to(out, "{}", time.hour);
            return;
        case 'H':
            fmt::format_to(out, "{:02}", time.hour);
            return;
        case 'i':
            fmt::format_to(out, "{:02}", time.minute);
            return;
        case 's':
            fmt::format_to(out, "{:02}", time.second);
            return;
        default:
            to += letter;
            return;
    }
}

Value date(FilterCall& call) {
    const std::string* text = call.value.as_text();
    if (!text) return complain(call);
    base::LocalTime time;
    if (const auto day = base::parse_day(*text)) {
        time.day = *day;
    } else if (const auto at = base::parse_instant(*text)) {
        time = base::to_local(*at);
    } else {
        return complain(call);
    }
    std::string_view format = "Y年n月j日";
    if (!call.arguments.empty()) {
        const std::string* given = call.arguments[0].as_text();
        if (!given) return complain(call);
        format = *given;
    }
    std::string made;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] == '\\' && i + 1 < format.size()) {
            made += format[++i];
        } else {
            append_date_part(made, format[i], time);
        }
    }
    return made;
}

Value default_to(FilterCall& call) {
    const auto* text = call.value.as_text();
    const auto* html = call.value.as_html();
    const bool is_empty = call.value.is_null() || (text && text->empty()) || (html && html->is_empty());
    return is_empty ? call.arguments[0] : call.value;
}

Value filesize(FilterCall& call) {
    const auto* bytes = call.value.as_int();
    if (!bytes || *bytes < 0) return complain(call);
    const bool in_words = !call.arguments.empty();
    const auto halves_up = [](std::int64_t number, std::int64_t by) {
        return number / by + (number % by * 2 >= by ? 1 : 0);
    };
    if (*bytes < 1024) return fmt::format("{}{}", *bytes, in_words ? "バイト" : "B");
    const std::int64_t kilobytes = halves_up(*bytes, 1024);
    if (kilobytes < 1024) return fmt::format("{}{}", kilobytes, in_words ? "キロバイト" : "KB");
    std::int64_t tenths = halves_up(kilobytes * 10, 1024);
    const bool is_giga = tenths >= 10240;
    if (is_giga) tenths = halves_up(kilobytes * 10, std::int64_t{1024} * 1024);
    const auto* unit = is_giga ? (in_words ? "ギガバイト" : "GB") : (in_words ? "メガバイト" : "MB");
    return fmt::format("{}.{}{}", tenths / 10, tenths % 10, unit);
}

Value first(FilterCall& call) {
    if (const List* list = call.value.as_list()) return list->empty() ? Value() : list->front();
    if (const auto text = as_plain_text(call.value)) return base::first_code_points(*text, 1);
    return complain(call);
}

Value join(FilterCall& call) {
    const List* list = call.value.as_list();
    if (!list) return complain(call);
    const auto separator = call.arguments.empty() ? std::string() : as_plain_text(call.arguments[0]).value_or("");
    std::string joined;
    bool is_first = true;
    for (const Value& item : *list) {
        const auto text = as_plain_text(item);
        if (!text) {
            call.complaint = item.kind_name();
            continue;
        }
        if (!is_first) joined += separator;
        joined += *text;
        is_first = false;
        if (joined.size() > call.max_bytes) break;
    }
    return joined;
}

Value length(FilterCall& call) {
    if (call.value.is_null()) return 0;
    if (const List* list = call.value.as_list()) return list->size();
    if (const Map* map = call.value.as_map()) return map->size();
    if (const auto text = as_plain_text(call.value)) return base::count_code_points(*text);
    return complain(call);
}

Value nl2br(FilterCall& call) {
    if (call.value.as_html()) return call.value;
    const auto text = as_plain_text(call.value);
    if (!text) return complain(call);
    std::string html;
    std::string_view rest = *text;
    for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
        const std::string_view line = rest.substr(0, end);
        append_text(html, line.substr(0, line.size() - (line.ends_with('\r') ? 1 : 0)), Place::Text);
        html += "<br>\n";
        rest.remove_prefix(end + 1);
    }
    append_text(html, rest, Place::Text);
    return SafeHtml(std::move(html));
}

Value number(FilterCall& call) {
    const auto text = as_plain_text(call.value);
    if (!text) return complain(call);
    const std::string_view digits = std::string_view(*text).substr(text->starts_with('-') ? 1 : 0);
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return complain(call);
    std::string grouped(text->starts_with('-') ? "-" : "");
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) grouped += ',';
        grouped += digits[i];
    }
    return grouped;
}

/// The ASCII character that a character of a telephone number stands for, '-' for any separator, 0 for anything else.
char telephone_sign(std::string_view character) {
    static constexpr std::array<std::string_view, 14> kSeparators = {"-", "(", ")", "（", "）", "‐",  "‑",
                                                                     "–", "—", "―", "−",  "ー", "－", "."};
    if (character.size() == 1 && character[0] >= '0' && character[0] <= '9') return character[0];
    if (character == "+" || character == "＋") return '+';
    constexpr std::string_view kWideZero = "０";  // EF BC 90 to EF BC 99
    if (character.size() == 3 && character.substr(0, 2) == kWideZero.substr(0, 2) && character[2] >= '\x90' &&
        character[2] <= '\x99') {
        return static_cast<char>('0' + (character[2] - '\x90'));
    }
    return std::find(kSeparators.begin(), kSeparators.end(), character) != kSeparators.end() ? '-' : '\0';
}

/// One run of digits and separators from `at`; `end` is behind its last digit.
struct Telephone {
    std::string dial;
    std::size_t end = 0;
};
Telephone read_telephone(std::string_view text, std::size_t at) {
    Telephone read{{}, at};
    while (at < text.size()) {
        const std::string_view character = base::first_code_points(text.substr(at, 4), 1);
        const char sign = telephone_sign(character);
        if (sign == '\0' || (sign == '+' && !read.dial.empty()) || (sign == '-' && read.dial.empty())) break;
        at += character.size();
        if (sign == '-') continue;
        read.dial += sign;
        read.end = at;
    }
    return read;
}

Value tel(FilterCall& call) {
    const auto text = as_plain_text(call.value);
    if (!text || !base::is_utf8(*text)) return complain(call);
    std::string html;
    bool has_link = false;
    for (std::size_t at = 0; at < text->size();) {
        const Telephone read = read_telephone(*text, at);
        const bool is_all =
            at == 0 && read.end == text->size() && read.dial.size() >= 3;  // 119, #7119 without its sign
        const bool is_long =
            read.dial.size() >= 9 && read.dial.size() <= 16 && (read.dial[0] == '0' || read.dial[0] == '+');
        const std::size_t end =
            read.end > at ? read.end : at + base::first_code_points(std::string_view(*text).substr(at, 4), 1).size();
        const bool is_link = (is_all || is_long) && read.end > at;
        if (is_link) html += fmt::format("<a href=\"tel:{}\">", read.dial);
        append_text(html, std::string_view(*text).substr(at, end - at), Place::Text);
        if (is_link) html += "</a>";
        has_link = has_link || is_link;
        at = end;
    }
    if (!has_link) return complain(call);
    return SafeHtml(std::move(html));
}

Value truncate(FilterCall& call) {
    const auto text = as_plain_text(call.value);
    const auto* most = call.arguments[0].as_int();
    if (!text || !most || *most < 0) return complain(call);
    const std::string_view kept = base::first_code_points(*text, static_cast<std::size_t>(*most));
    return kept.size() == text->size() ? Value(*text) : Value(std::string(kept) + "…");
}

Value urlencode(FilterCall& call) {
    const auto text = as_plain_text(call.value);
    if (!text) return complain(call);
    std::string encoded;
    for (const char c : base::percent_encode(*text)) {
        if (c == '/') {
            encoded += "%2F";
        } else {
            encoded += c;
        }
    }
    return encoded;
}

constexpr Filter kFilters[] = {
    {"date", "a day or time; letters Y E n m j d D G H i s, default \"Y年n月j日\"", 0, 1, false, date},
    {"default", "the argument in place of a missing or empty value", 1, 1, true, default_to},
    {"filesize", "a number of bytes as 1.2MB; with (\"ja\") as 1.2メガバイト", 0, 1, false, filesize},
    {"first", "the first entry of a list or character of a text", 0, 0, false, first},
    {"join", "a list as one text, with the argument in between", 0, 1, false, join},
    {"length", "the number of entries or characters; 0 for a missing value", 0, 0, true, length},
    {"nl2br", "a text with its line ends as <br>", 0, 0, false, nl2br},
    {"number", "a whole number with commas", 0, 0, false, number},
    {"tel", "a telephone number as a link", 0, 0, false, tel},
    {"truncate", "at most so many characters, with … where something was cut", 1, 1, false, truncate},
    {"urlencode", "a text as part of an address", 0, 0, false, urlencode},
};

}  // namespace

std::span<const Filter> all_filters() {
    return kFilters;
}

const Filter* find_filter(std::string_view name) {
    const auto* at =
        std::find_if(std::begin(kFilters), std::end(kFilters), [&](const Filter& one) { return one.name == name; });
    return at == std::end(kFilters) ? nullptr : at;
}

}  // namespace tmpl
