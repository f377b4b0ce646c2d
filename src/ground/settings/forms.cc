// What texts in the settings must look like. Each judge returns what is wrong, as the end of a sentence that starts
// with the setting's name; empty when nothing is.
#include <charconv>
#include <optional>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "ground/base/text.h"
#include "ground/base/time.h"
#include "ground/settings/keys.h"

namespace settings {
namespace {

bool is_all(std::string_view text, bool (*fits)(char)) {
    for (const char c : text) {
        if (!fits(c)) return false;
    }
    return !text.empty();
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_identifier_character(char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-';
}
bool is_visible(char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7F;
}
bool is_host_character(char c) {
    return is_identifier_character(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '_';
}

std::optional<int> parse_number(std::string_view text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || !is_digit(text[0]) || error != std::errc() || end != text.data() + text.size()) return {};
    return number;
}

bool is_ipv6(std::string_view text) {
    unsigned char bytes[16];
    return text.find('\0') == std::string_view::npos && inet_pton(AF_INET6, std::string(text).c_str(), bytes) == 1;
}

bool is_address(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return false;
    const auto port = parse_number(text.substr(colon + 1));
    const std::string_view host = text.substr(0, colon);
    if (!port || *port > 65535) return false;
    if (host.starts_with('[') && host.ends_with(']')) return is_ipv6(host.substr(1, host.size() - 2));
    return is_all(host, is_host_character);
}

// Bits after the prefix must be 0: otherwise it is not clear which network was meant.
bool is_network(std::string_view text) {
    const auto slash = text.find('/');
    const std::string host(text.substr(0, slash));
    if (host.find('\0') != std::string::npos) return false;
    unsigned char bytes[16] = {};
    const int longest = inet_pton(AF_INET, host.c_str(), bytes) == 1    ? 32
                        : inet_pton(AF_INET6, host.c_str(), bytes) == 1 ? 128
                                                                        : 0;
    if (longest == 0 || slash == std::string_view::npos) return longest > 0;
    const auto length = parse_number(text.substr(slash + 1));
    if (!length || *length > longest) return false;
    for (int bit = *length; bit < longest; ++bit) {
        if (bytes[bit / 8] & (0x80 >> (bit % 8))) return false;
    }
    return true;
}

bool is_url(std::string_view text, bool is_http) {
    const auto end = text.find("://");
    if (end == std::string_view::npos || end + 3 >= text.size() || !is_all(text, is_visible)) return false;
    const std::string_view scheme = text.substr(0, end);
    if (!is_all(scheme, is_identifier_character)) return false;
    return !is_http || ((scheme == "http" || scheme == "https") && text.ends_with('/') && text[end + 3] != '/');
}

bool is_day_of_year(std::string_view text) {
    return base::parse_day(fmt::format("2028-{}", text)).has_value();
}

bool is_time_of_day(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return false;
    const auto hour = parse_number(text.substr(0, 2));
    const auto minute = parse_number(text.substr(3));
    return hour && minute && *minute < 60 && (*hour < 24 || (*hour == 24 && *minute == 0));
}

bool is_mail_address(std::string_view text) {
    const auto open = text.find('<');
    if (open != std::string_view::npos) {
        if (!text.ends_with('>')) return false;
        text = text.substr(open + 1, text.size() - open - 2);
    }
    const auto at = text.find('@');
    return at != std::string_view::npos && at > 0 && is_all(text, is_visible) &&
           is_all(text.substr(at + 1), is_host_character);
}

bool is_site_path(std::string_view text) {
    if (!text.starts_with('/') || !text.ends_with('/') || !is_all(text, is_visible)) return false;
    for (const std::string_view step : base::split(text.substr(1), '/')) {
        if (step == "." || step == "..") return false;
    }
    return text == "/" || text.find("//") == std::string_view::npos;
}

bool has_control_character(std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return true;
    }
    return false;
}

bool fits(Form form, std::string_view text) {
    switch (form) {
        case Form::Any:
            return true;
        case Form::Name:
            return !base::trim(text).empty();
        case Form::Identifier:
            return is_all(text, is_identifier_character) && text.front() != '-' && text.back() != '-';
        case Form::Url:
            return is_url(text, false);
        case Form::HttpUrl:
            return is_url(text, true);
        case Form::Address:
            return is_address(text);
        case Form::Network:
            return is_network(text);
        case Form::Date:
            return base::parse_day(text).has_value();
        case Form::DayOfYear:
            return is_day_of_year(text);
        case Form::TimeOfDay:
            return is_time_of_day(text);
        case Form::MailAddress:
            return is_mail_address(text);
        case Form::SitePath:
            return is_site_path(text);
    }
    return false;
}

}  // namespace

std::string_view form_name(Form form) {
    switch (form) {
        case Form::Any:
            return "any text of one line";
        case Form::Name:
            return "one line that is not empty";
        case Form::Identifier:
            return "small letters a-z, digits and inner hyphens";
        case Form::Url:
            return "an address such as scheme://host/path";
        case Form::HttpUrl:
            return "an address that starts with http:// or https:// and ends with /";
        case Form::Address:
            return "host:port, such as 127.0.0.1:8080 or [::1]:8080";
        case Form::Network:
            return "a network such as 10.1.0.0/16 or 2001:db8::/32 with no bit set after its length, or one IP address";
        case Form::Date:
            return "a date such as 2026-11-22";
        case Form::DayOfYear:
            return "month and day such as 12-29";
        case Form::TimeOfDay:
            return "a time such as 08:45";
        case Form::MailAddress:
            return "a mail address, or a name with the address in <>";
        case Form::SitePath:
            return "a path such as /gikai/, with / at both ends";
    }
    return "";
}

std::string find_fault(Form form, std::string_view text) {
    if (has_control_character(text)) return "must be one line without control characters";
    if (!fits(form, text)) return fmt::format("must be {}", form_name(form));
    return {};
}

}  // namespace settings
