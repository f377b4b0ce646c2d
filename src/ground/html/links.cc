#include "ground/html/inner/links.h"

#include "ground/base/text.h"
#include "ground/html/inner/ascii.h"

namespace html {

namespace {

struct LinkRow {
    std::string_view tag;
    std::string_view attribute;
    LinkKind kind;
};
constexpr LinkRow kRows[] = {
    {"a", "href", LinkKind::Anchor},
    {"area", "href", LinkKind::Area},
    {"img", "src", LinkKind::Image},
    {"img", "srcset", LinkKind::Image},
    {"link", "href", LinkKind::Link},
    {"script", "src", LinkKind::Script},
    {"iframe", "src", LinkKind::Frame},
    {"frame", "src", LinkKind::Frame},
    {"object", "data", LinkKind::Object},
    {"embed", "src", LinkKind::Object},
    {"video", "src", LinkKind::Media},
    {"video", "poster", LinkKind::Image},
    {"audio", "src", LinkKind::Media},
    {"source", "src", LinkKind::Media},
    {"source", "srcset", LinkKind::Image},
    {"track", "src", LinkKind::Media},
    {"input", "src", LinkKind::Image},
    {"image", "href", LinkKind::Image},
    {"image", "xlink:href", LinkKind::Image},
    {"form", "action", LinkKind::Form},
    {"input", "formaction", LinkKind::Form},
    {"button", "formaction", LinkKind::Form},
    {"body", "background", LinkKind::Background},
    {"table", "background", LinkKind::Background},
    {"tr", "background", LinkKind::Background},
    {"td", "background", LinkKind::Background},
    {"th", "background", LinkKind::Background},
    {"blockquote", "cite", LinkKind::Citation},
    {"q", "cite", LinkKind::Citation},
    {"ins", "cite", LinkKind::Citation},
    {"del", "cite", LinkKind::Citation},
};
constexpr LinkKind kStylesheet = LinkKind::Stylesheet;

bool has_word(std::string_view words, std::string_view wanted) {
    while (!words.empty()) {
        const std::size_t begin = words.find_first_not_of(" \t\n\r\f");
        if (begin == std::string_view::npos) return false;
        words.remove_prefix(begin);
        const std::size_t end = std::min(words.find_first_of(" \t\n\r\f"), words.size());
        if (base::equals_ignoring_case(words.substr(0, end), wanted)) return true;
        words.remove_prefix(end);
    }
    return false;
}

/// Where `part` of the value stands in the page; the whole value when references make the two differ in length.
Span span_in_page(const LinkAttribute& attribute, Span part) {
    if (attribute.value.size() != attribute.span.size()) return attribute.span;
    return {attribute.span.begin + part.begin, attribute.span.begin + part.end};
}

}  // namespace

std::string_view link_kind_name(LinkKind kind) {
    constexpr std::string_view kNames[] = {"anchor", "area",  "image", "stylesheet", "link",    "script",  "frame",
                                           "object", "media", "form",  "background", "refresh", "citation"};
    return kind == LinkKind::Last ? std::string_view{} : kNames[static_cast<std::size_t>(kind)];
}

const LinkKind* find_link_kind(std::string_view tag, std::string_view attribute, std::string_view rel) {
    for (const LinkRow& row : kRows) {
        if (row.attribute != attribute || row.tag != tag) continue;
        return row.kind == LinkKind::Link && has_word(rel, "stylesheet") ? &kStylesheet : &row.kind;
    }
    return nullptr;
}

std::vector<Span> split_srcset(std::string_view value) {
    std::vector<Span> addresses;
    std::size_t at = 0;
    while (at < value.size()) {
        while (at < value.size() && (is_blank(value[at]) || value[at] == ',')) ++at;
        const std::size_t begin = at;
        while (at < value.size() && !is_blank(value[at])) ++at;
        std::size_t end = at;
        const bool has_comma = end > begin && value[end - 1] == ',';
        while (end > begin && value[end - 1] == ',') --end;
        if (end > begin) addresses.push_back({begin, end});
        if (has_comma) continue;
        int depth = 0;  // descriptors may hold parentheses with commas
        while (at < value.size() && (depth > 0 || value[at] != ',')) {
            if (value[at] == '(') ++depth;
            if (value[at] == ')' && depth > 0) --depth;
            ++at;
        }
    }
    return addresses;
}

Span find_refresh_url(std::string_view content) {
    const std::string lower = base::to_lower(content);
    std::size_t at = lower.find("url");
    if (at == std::string::npos) return {};
    at += 3;
    while (at < content.size() && is_blank(content[at])) ++at;
    if (at >= content.size() || content[at] != '=') return {};
    ++at;
    while (at < content.size() && is_blank(content[at])) ++at;
    if (at >= content.size()) return {};
    const char quote = content[at];
    if (quote == '"' || quote == '\'') return {at + 1, std::min(content.find(quote, at + 1), content.size())};
    std::size_t end = content.size();
    while (end > at && is_blank(content[end - 1])) --end;
    return {at, end};
}

void append_links(std::vector<Link>& to, std::string_view tag, Span tag_span,
                  std::span<const LinkAttribute> attributes) {
    const auto find = [&](std::string_view name) {
        for (const LinkAttribute& attribute : attributes) {
            if (attribute.name == name) return attribute.value;
        }
        return std::string_view{};
    };
    const auto add = [&](LinkKind kind, const LinkAttribute& attribute, Span part, std::string_view rel) {
        to.push_back({kind, std::string(trim_blanks(part.of(attribute.value))), span_in_page(attribute, part), tag_span,
                      std::string(rel)});
    };
    const std::string_view rel = tag == "a" || tag == "link" ? find("rel") : std::string_view{};
    const bool is_refresh = tag == "meta" && base::equals_ignoring_case(find("http-equiv"), "refresh");
    for (const LinkAttribute& attribute : attributes) {
        if (is_refresh && attribute.name == "content") {
            const Span url = find_refresh_url(attribute.value);
            if (!url.is_empty()) add(LinkKind::Refresh, attribute, url, rel);
            continue;
        }
        const LinkKind* const kind = find_link_kind(tag, attribute.name, rel);
        if (kind == nullptr) continue;
        if (attribute.name == "srcset") {
            for (const Span& candidate : split_srcset(attribute.value)) add(*kind, attribute, candidate, rel);
        } else {
            add(*kind, attribute, {0, attribute.value.size()}, rel);
        }
    }
}

}  // namespace html
