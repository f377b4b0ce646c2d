#include "ground/html/relocate.h"

#include <algorithm>

#include "ground/base/text.h"
#include "ground/html/escape.h"
#include "ground/html/inner/ascii.h"
#include "ground/html/scan.h"

namespace html {

namespace {

bool has_scheme(std::string_view address) {
    const std::size_t colon = address.find_first_of(":/?#");
    return colon != std::string_view::npos && address[colon] == ':';
}

bool depends_on_folder(std::string_view address) {
    return !address.empty() && address[0] != '/' && address[0] != '\\' && address[0] != '#' && address[0] != '?' &&
           !has_scheme(address);
}

std::string decoded(std::string_view segment) {
    return base::percent_decode(segment).value_or(std::string(segment));
}

std::vector<std::string_view> folders_of(std::string_view folder) {
    std::vector<std::string_view> all = base::split(folder, '/');
    std::erase(all, std::string_view{});
    return all;
}

NodeId find_base(const Document& document) {
    for (NodeId id = 1; id < document.size(); ++id)
        if (document.is_element(id, "base") && document.find_attribute(id, "href")) return id;
    return kNoNode;
}

/// Without the blanks around it, which browsers drop.
Span trimmed(std::string_view text, Span part) {
    while (part.begin < part.end && is_blank(text[part.begin])) ++part.begin;
    while (part.end > part.begin && is_blank(text[part.end - 1])) --part.end;
    return part;
}

/// CSS with each url() and @import changed.
std::string rewrite_css(std::string_view css, const ChangeAddress& change) {
    std::string made;
    std::size_t kept = 0;
    const auto replace = [&](std::size_t begin, std::size_t end) {
        const Span part = trimmed(css, {begin, end});
        const std::string_view address = part.of(css);
        if (!depends_on_folder(address) || address.find('\\') != std::string_view::npos) return;
        made += css.substr(kept, part.begin - kept);
        made += change(address);
        kept = part.end;
    };
    const auto skip_blanks = [&](std::size_t at) {
        while (at < css.size() && is_blank(css[at])) ++at;
        return at;
    };
    const std::string lower = base::to_lower(css);
    for (std::size_t at = 0; at < css.size();) {
        if (lower.compare(at, 2, "/*") == 0) {
            at = std::min(lower.find("*/", at + 2), css.size() - 2) + 2;
            continue;
        }
        const bool is_url = lower.compare(at, 4, "url(") == 0;
        if (!is_url && lower.compare(at, 7, "@import") != 0) {
            ++at;
            continue;
        }
        at = skip_blanks(at + (is_url ? 4 : 7));
        if (at >= css.size()) break;
        const bool is_quoted = css[at] == '"' || css[at] == '\'';
        if (!is_quoted && !is_url) continue;  // @import url(...)
        const std::size_t begin = is_quoted ? at + 1 : at;
        const std::size_t end = css.find(is_quoted ? css[at] : ')', begin);
        if (end == std::string_view::npos) break;
        replace(begin, end);
        at = end + 1;
    }
    return made + std::string(css.substr(kept));
}

/// The value of an attribute with the addresses in it changed.
std::string rewrite_value(const Document& document, NodeId id, const Attribute& attribute,
                          const ChangeAddress& change) {
    const std::string_view tag = document[id].tag, value = attribute.value;
    if (attribute.name == "style") return rewrite_css(value, change);
    std::vector<Span> parts;
    if (tag == "meta" && attribute.name == "content" &&
        base::equals_ignoring_case(document.attribute(id, "http-equiv"), "refresh")) {
        if (const Span url = find_refresh_url(value); !url.is_empty()) parts.push_back(url);
    } else if (find_link_kind(tag, attribute.name, document.attribute(id, "rel"))) {
        if (attribute.name == "srcset")
            parts = split_srcset(value);
        else
            parts.push_back({0, value.size()});
    }
    std::string made;
    std::size_t kept = 0;
    for (const Span& whole : parts) {
        const Span part = trimmed(value, whole);
        const std::string_view address = part.of(value);
        if (!depends_on_folder(address)) continue;
        made += value.substr(kept, part.begin - kept);
        made += change(address);
        kept = part.end;
    }
    return made + std::string(value.substr(kept));
}

struct Replacement {
    Span span;
    std::string bytes;
};

void add_value(std::string_view bytes, const Document& document, const Attribute& attribute, const std::string& made,
               std::vector<Replacement>& all) {
    if (made == attribute.value) return;
    const Encoding encoding = document.is_fragment() ? Encoding::Utf8 : document.encoding();
    // Written without references, and so it stays.
    const bool is_plain = attribute.value_span.of(bytes) == attribute.value;
    all.push_back({attribute.value_span, is_plain ? made : encode(escape_attribute(made), encoding)});
}

void add_changes(std::string_view bytes, const Document& document, NodeId id, const ChangeAddress& change,
                 std::vector<Replacement>& all) {
    for (const Attribute& attribute : document.attributes(id))
        if (!attribute.value_span.is_empty())
            add_value(bytes, document, attribute, rewrite_value(document, id, attribute, change), all);
    const Node& node = document[id];
    if (node.tag != "style" || node.inner.is_empty()) return;
    const Encoding encoding = document.is_fragment() ? Encoding::Utf8 : document.encoding();
    const std::string_view css = node.inner.of(bytes);
    if (!round_trips(css, encoding)) return;
    const std::string before = decode(css, encoding).utf8, made = rewrite_css(before, change);
    if (made != before) all.push_back({node.inner, encode(made, encoding)});
}

}  // namespace

std::string relocate_address(std::string_view address, std::string_view from, std::string_view to) {
    if (from == to || !depends_on_folder(address)) return std::string(address);
    const std::size_t end = std::min(address.find_first_of("?#"), address.size());
    std::string path(address.substr(0, end));
    const std::string_view rest = address.substr(end);
    std::replace(path.begin(), path.end(), '\\', '/');  // as browsers read it
    std::vector<std::string_view> target = folders_of(from);
    const std::vector<std::string_view> steps = base::split(path, '/');
    std::string_view file;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const std::string step = decoded(steps[i]);
        const bool is_last = i + 1 == steps.size();
        if (step == "..") {
            if (!target.empty()) target.pop_back();
        } else if (step == "." || (step.empty() && !is_last)) {
            continue;
        } else if (is_last) {
            file = steps[i];
        } else {
            target.push_back(steps[i]);
        }
    }
    const std::vector<std::string_view> here = folders_of(to);
    std::size_t common = 0;
    while (common < here.size() && common < target.size() && decoded(here[common]) == decoded(target[common])) ++common;
    std::string made;
    for (std::size_t i = common; i < here.size(); ++i) made += "../";
    for (std::size_t i = common; i < target.size(); ++i) (made += target[i]) += '/';
    made += file;
    if (made.empty() || has_scheme(made) || made[0] == '/') made.insert(0, "./");
    return made + std::string(rest);
}

std::size_t Rewritten::moved(std::size_t offset) const {
    std::size_t now = offset;
    for (const Change& one : changes) {
        if (one.before.end > offset) break;
        now = now - one.before.size() + one.size;
    }
    return now;
}

bool has_base(const Document& document) {
    return find_base(document) != kNoNode;
}

Rewritten rewrite_addresses(std::string_view bytes, const Document& document, const ChangeAddress& change) {
    std::vector<Replacement> all;
    if (const NodeId base = find_base(document); base != kNoNode) {
        const Attribute& href = *document.find_attribute(base, "href");
        const std::string_view address = trim_blanks(href.value);
        const std::string made = depends_on_folder(address) ? change(address) : std::string(address);
        if (made != address) add_value(bytes, document, href, made, all);
    } else {
        for (NodeId id = 1; id < document.size(); ++id)
            if (document[id].type == NodeType::Element && !document[id].is_implied)
                add_changes(bytes, document, id, change, all);
    }
    std::sort(all.begin(), all.end(),
              [](const Replacement& a, const Replacement& b) { return a.span.begin < b.span.begin; });
    Rewritten made;
    std::size_t kept = 0;
    for (const Replacement& one : all) {
        if (one.span.begin < kept) continue;  // a copy that the parser made
        made.bytes += bytes.substr(kept, one.span.begin - kept);
        made.bytes += one.bytes;
        made.changes.push_back({one.span, one.bytes.size()});
        kept = one.span.end;
    }
    made.bytes += bytes.substr(kept);
    return made;
}

}  // namespace html
