#include "press/intake/address.h"

#include <algorithm>
#include <vector>

#include "ground/base/text.h"

namespace intake {

namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Without the white space and control characters that browsers drop, "\" as "/".
std::string clean(std::string_view reference) {
    while (!reference.empty() && static_cast<unsigned char>(reference.front()) <= ' ') reference.remove_prefix(1);
    while (!reference.empty() && static_cast<unsigned char>(reference.back()) <= ' ') reference.remove_suffix(1);
    std::string kept;
    bool is_path = true;
    for (const char c : reference.substr(0, reference.find('#'))) {
        if (c == '\t' || c == '\n' || c == '\r') continue;
        if (c == '?') is_path = false;
        kept += c == '\\' && is_path ? '/' : c;
    }
    return kept;
}

/// "http" of "http://..."; empty when there is none.
std::string scheme_of(std::string_view reference) {
    const auto colon = reference.find(':');
    if (colon == std::string_view::npos || colon == 0 || !is_letter(reference.front())) return {};
    for (const char c : reference.substr(0, colon))
        if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '+' && c != '-' && c != '.') return {};
    return base::to_lower(reference.substr(0, colon));
}

/// Every byte in the form of base::percent_encode, except that %2F and %00 stay what they are; a "%" that begins no
/// %XX means itself.
std::string one_form(std::string_view segment) {
    std::string bytes;
    for (std::size_t i = 0; i < segment.size(); ++i) {
        const auto decoded = segment[i] == '%' && i + 2 < segment.size() ? base::percent_decode(segment.substr(i, 3))
                                                                         : std::optional<std::string>();
        if (!decoded) {
            bytes += base::percent_encode(segment.substr(i, 1));
            continue;
        }
        bytes += *decoded == "/" ? "%2F" : base::percent_encode(*decoded);
        i += 2;
    }
    return bytes;
}

std::string normal_path(std::string_view path) {
    std::vector<std::string> kept;
    bool is_folder = true;
    for (const std::string_view raw : base::split(path, '/')) {
        std::string segment = one_form(raw);
        is_folder = segment.empty() || segment == "." || segment == "..";
        if (segment == ".." && !kept.empty()) kept.pop_back();
        if (!is_folder) kept.push_back(std::move(segment));
    }
    std::string joined = "/" + base::join(kept, "/");
    if (is_folder && !kept.empty()) joined += "/";
    return joined;
}

void take_path(Address& to, std::string_view path_and_query) {
    const auto mark = path_and_query.find('?');
    to.path = normal_path(path_and_query.substr(0, mark));
    to.has_query = mark != std::string_view::npos;
    to.query.clear();
    if (!to.has_query) return;
    for (const char c : path_and_query.substr(mark + 1)) {
        const bool is_plain = c > ' ' && c < '\x7f' && c != '"' && c != '<' && c != '>' && c != '\\';
        to.query += is_plain ? std::string(1, c) : base::percent_encode(std::string_view(&c, 1));
    }
}

/// `rest` is what follows "http://".
std::optional<Address> with_host(std::string scheme, std::string_view rest) {
    Address address;
    const auto end = std::min(rest.find_first_of("/?"), rest.size());
    address.host = base::to_lower(rest.substr(0, end));
    const auto bracket = address.host.starts_with('[') ? address.host.find(']') : 0;
    if (bracket == std::string::npos) return std::nullopt;
    const auto colon = address.host.find(':', bracket);
    if (bracket > 0 && colon != bracket + 1 && address.host.size() != bracket + 1) return std::nullopt;
    if (colon != std::string::npos && address.host.find_first_not_of("0123456789", colon + 1) != std::string::npos)
        return std::nullopt;
    const std::string own_port = scheme == "https" ? ":443" : ":80";
    if (address.host.ends_with(own_port)) address.host.resize(address.host.size() - own_port.size());
    if (address.host.ends_with(':')) address.host.pop_back();
    if (address.host.empty() || address.host.size() > 255) return std::nullopt;
    for (const char c : address.host)
        if (static_cast<unsigned char>(c) <= ' ' || c == '@' || c == '%' || c == '<' || c == '>' || c == '"' ||
            c == '\x7f')
            return std::nullopt;
    address.scheme = std::move(scheme);
    take_path(address, rest.substr(end));
    return address;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
    const std::string cleaned = clean(text);
    std::string scheme = scheme_of(cleaned);
    if (scheme != "http" && scheme != "https") return std::nullopt;
    std::string_view rest = std::string_view(cleaned).substr(scheme.size() + 1);
    if (!rest.starts_with("//")) return std::nullopt;
    rest.remove_prefix(std::min(rest.find_first_not_of('/'), rest.size()));
    return with_host(std::move(scheme), rest);
}

std::optional<Address> resolve(const Address& base, std::string_view reference) {
    const std::string cleaned = clean(reference);
    const std::string scheme = scheme_of(cleaned);
    if (scheme == base.scheme && !std::string_view(cleaned).substr(scheme.size() + 1).starts_with("//")) {
        // "http:page.html" is relative where the schemes are the same.
        return resolve(base, std::string_view(cleaned).substr(scheme.size() + 1));
    }
    if (!scheme.empty()) return parse_address(cleaned);
    if (cleaned.starts_with("//")) return parse_address(base.scheme + ":" + cleaned);
    Address address = base;
    if (cleaned.empty()) return address;
    if (cleaned.starts_with("/"))
        take_path(address, cleaned);
    else if (cleaned.starts_with("?"))
        take_path(address, base.path + cleaned);
    else
        take_path(address, base.path.substr(0, base.path.rfind('/') + 1) + cleaned);
    return address;
}

std::optional<std::string> public_path(const Address& address) {
    std::string path = address.path.substr(1);
    if (path.empty() || path.ends_with('/')) path += "index.html";
    if (path.find("%2F") != std::string::npos || path.find("%00") != std::string::npos) return std::nullopt;
    return base::percent_decode(path);
}

}  // namespace intake
