#include "ground/template/inner/escape.h"

#include <algorithm>

#include "ground/base/text.h"

namespace tmpl {

namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_in_scheme(char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

}  // namespace

void append_text(std::string& to, std::string_view text, Place place) {
    if (place == Place::Text) {
        html::append_escaped_text(to, text);
    } else {
        html::append_escaped_attribute(to, text);
    }
}

void append_html(std::string& to, const SafeHtml& html, Place place) {
    if (place == Place::Text) {
        to += html.str();
    } else {
        append_text(to, text_of(html), place);
    }
}

std::string text_of(const SafeHtml& html) {
    const std::string_view source = html.str();
    std::string text;
    for (std::size_t at = 0; at < source.size();) {
        const std::size_t open = std::min(source.find('<', at), source.size());
        text += source.substr(at, open - at);
        if (open == source.size()) break;
        const char next = open + 1 < source.size() ? source[open + 1] : ' ';
        const bool is_tag = is_letter(next) || next == '/' || next == '!' || next == '?';
        if (!is_tag) text += '<';
        const std::size_t close = is_tag ? source.find('>', open) : open;
        at = close == std::string_view::npos ? source.size() : close + 1;
    }
    return html::unescape(text);
}

bool is_safe_url(std::string_view attribute, Place place) {
    if (place == Place::Url && !attribute.empty() && (attribute[0] == '/' || attribute[0] == '#')) return true;
    std::string url = html::unescape(attribute, html::In::Attribute);
    url.erase(std::remove_if(url.begin(), url.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }),
              url.end());
    url.erase(url.begin(),
              std::find_if(url.begin(), url.end(), [](char c) { return static_cast<unsigned char>(c) > ' '; }));

    const auto scheme_end = std::find_if_not(url.begin(), url.end(), is_in_scheme);
    const bool has_scheme = !url.empty() && is_letter(url[0]) && scheme_end != url.end() && *scheme_end == ':';
    if (place == Place::OwnUrl) {
        const auto is_slash = [&](std::size_t i) { return i < url.size() && (url[i] == '/' || url[i] == '\\'); };
        return !has_scheme && !(is_slash(0) && is_slash(1));
    }
    const std::string scheme =
        base::to_lower(std::string_view(url.data(), static_cast<std::size_t>(scheme_end - url.begin())));
    return !has_scheme || scheme == "http" || scheme == "https" || scheme == "mailto" || scheme == "tel";
}

}  // namespace tmpl
