#include "ground/http/cookie.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace http {
namespace {

constexpr std::size_t kMostCookies = 100;
constexpr std::string_view kHostPrefix = "__Host-";

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c > 0x20 && c < 0x7f && std::string_view("()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
    });
}

// cookie-octet of RFC 6265 section 4.1.1.
bool is_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\'; });
}

}  // namespace

std::string cookie_name(std::string_view name, Transport transport) {
    return (transport == Transport::SecureOnly ? std::string(kHostPrefix) : std::string()) + std::string(name);
}

std::string format_cookie(const Cookie& cookie) {
    if (!is_name(cookie.name) || !is_value(cookie.value))
        throw base::Error(base::Kind::Bug, "a cookie's name or value has a character that it cannot hold: " +
                                               base::percent_encode(cookie.name));
    std::string text = cookie_name(cookie.name, cookie.transport) + "=" + cookie.value + "; Path=/";
    if (cookie.age) text += fmt::format("; Max-Age={}", cookie.age->count());
    if (cookie.transport == Transport::SecureOnly) text += "; Secure";
    if (!cookie.is_for_scripts) text += "; HttpOnly";
    text += cookie.same_site == SameSite::Strict ? "; SameSite=Strict" : "; SameSite=Lax";
    return text;
}

Fields parse_cookies(std::string_view header) {
    Fields cookies;
    while (!header.empty() && cookies.size() < kMostCookies) {
        const std::size_t end = header.find(';');
        const std::string_view pair = base::trim(header.substr(0, end));
        header = end == std::string_view::npos ? std::string_view{} : header.substr(end + 1);
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view name = base::trim(pair.substr(0, equals));
        std::string_view value = base::trim(pair.substr(equals + 1));
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
        if (is_name(name) && is_value(value)) cookies.add(std::string(name), std::string(value));
    }
    return cookies;
}

}  // namespace http
