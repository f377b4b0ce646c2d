#include "ground/html/sanitise.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "ground/base/text.h"
#include "ground/html/document.h"
#include "ground/html/inner/ascii.h"
#include "ground/html/inner/meaning.h"
#include "ground/html/serialise.h"

namespace html {

namespace {

constexpr int kMostPasses = 5;

constexpr std::string_view kContent[] = {
    "a",     "abbr",   "address",    "article",  "b",   "bdi",   "bdo",     "blockquote", "br",      "caption",
    "cite",  "code",   "col",        "colgroup", "dd",  "del",   "details", "dfn",        "div",     "dl",
    "dt",    "em",     "figcaption", "figure",   "h1",  "h2",    "h3",      "h4",         "h5",      "h6",
    "hr",    "i",      "img",        "ins",      "kbd", "li",    "mark",    "ol",         "p",       "pre",
    "q",     "rb",     "rp",         "rt",       "rtc", "ruby",  "s",       "samp",       "section", "small",
    "span",  "strong", "sub",        "summary",  "sup", "table", "tbody",   "td",         "tfoot",   "th",
    "thead", "time",   "tr",         "u",        "ul",  "var",   "wbr"};
// Of these the tags go and the content stays, when the original did not have them.
constexpr std::string_view kPresentational[] = {"acronym", "big",     "blink", "center", "dir",
                                                "font",    "marquee", "nobr",  "strike", "tt"};
// These go with their content: it is code, or nothing without its element.
constexpr std::string_view kWithContent[] = {
    "applet", "audio",  "base",  "button", "canvas",   "embed",    "frame",    "frameset", "head",  "iframe",
    "input",  "link",   "math",  "meta",   "noembed",  "noframes", "noscript", "object",   "param", "plaintext",
    "script", "select", "style", "svg",    "template", "textarea", "title",    "video",    "xmp"};
constexpr std::string_view kAnywhere[] = {"class", "dir", "id", "lang", "role", "style", "title"};

struct AttributeRow {
    std::string_view tag;
    std::string_view attributes;  // between blanks
};
constexpr AttributeRow kOwnAttributes[] = {
    {"a", " href hreflang name rel target type download "},
    {"img", " src srcset sizes alt width height loading "},
    {"td", " colspan rowspan headers scope "},
    {"th", " colspan rowspan headers scope abbr "},
    {"col", " span "},
    {"colgroup", " span "},
    {"ol", " start type reversed "},
    {"li", " value "},
    {"q", " cite "},
    {"blockquote", " cite "},
    {"del", " cite datetime "},
    {"ins", " cite datetime "},
    {"time", " datetime "},
    {"details", " open "},
};

template <std::size_t N>
bool is_in(const std::string_view (&sorted)[N], std::string_view word) {
    return std::binary_search(std::begin(sorted), std::end(sorted), word);
}

bool is_known_attribute(std::string_view tag, std::string_view name) {
    if (is_in(kAnywhere, name)) return true;
    if (name.starts_with("aria-"))
        return std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || c == '-'; });
    return std::any_of(std::begin(kOwnAttributes), std::end(kOwnAttributes), [&](const AttributeRow& row) {
        return row.tag == tag && row.attributes.find(fmt::format(" {} ", name)) != std::string_view::npos;
    });
}

/// Without what browsers ignore in an address, lower case, up to the first ':' that ends a scheme; empty for relative
/// ones.
std::string scheme_of(std::string_view url) {
    std::string plain;
    for (const char c : url) {
        if (static_cast<unsigned char>(c) > 0x20) plain += to_lower_letter(c);
        if (plain.size() > 64) break;
    }
    const std::size_t end = plain.find_first_of(":/?#");
    return end != std::string::npos && plain[end] == ':' ? plain.substr(0, end) : std::string();
}

bool is_length(std::string_view value) {
    if (value == "auto") return true;
    const std::size_t end = value.find_first_not_of("0123456789.");
    const std::string_view unit = end == std::string_view::npos ? "" : value.substr(end);
    return end != 0 && value.size() < 12 &&
           (unit == "px" || unit == "%" || unit == "em" || unit == "rem" || value == "0");
}

bool is_harmless_declaration(std::string_view declaration) {
    const std::size_t colon = declaration.find(": ");
    if (colon == std::string_view::npos) return false;
    const std::string_view property = declaration.substr(0, colon);
    const std::string_view value = declaration.substr(colon + 2);
    constexpr std::string_view kAlign[] = {"center", "end", "justify", "left", "right", "start"};
    constexpr std::string_view kVertical[] = {"baseline", "bottom", "middle", "top"};
    if (property == "text-align") return is_in(kAlign, value);
    if (property == "vertical-align") return is_in(kVertical, value);
    return (property == "width" || property == "height") && is_length(value);
}

/// What the page had before it was taken over.
struct Known {
    std::set<std::string, std::less<>> tags;
    std::set<std::string, std::less<>> start_tags;
    std::set<std::string, std::less<>> attributes;
    std::set<std::string, std::less<>> comments;
    std::set<Meaning> wholes;
};

std::string attribute_key(std::string_view tag, const Attribute& attribute) {
    return fmt::format("{} {}={}", tag, attribute.name,
                       attribute.name == "style" ? normal_style(attribute.value) : attribute.value);
}

Known read_known(const Policy& policy, Meanings& meanings) {
    Known known;
    if (policy.original.empty()) return known;
    const Document original = Document::parse_fragment(policy.original, policy.context);
    const std::vector<Meaning> numbers = meanings.of(original, policy.context);
    for (NodeId id = 1; id < original.size(); ++id) {
        const Node& node = original[id];
        if (node.type == NodeType::Comment) known.comments.emplace(node.text);
        if (node.type != NodeType::Element) continue;
        known.tags.emplace(node.tag);
        known.start_tags.insert(normal_start_tag(original, id));
        known.wholes.insert(numbers[id]);
        for (const Attribute& attribute : original.attributes(id))
            known.attributes.insert(attribute_key(node.tag, attribute));
    }
    return known;
}

class Cleaner {
  public:
    Cleaner(const Document& document, const std::vector<Meaning>& meanings, const Known& known,
            std::vector<std::string>& removed)
        : document_(document), meanings_(meanings), known_(known), removed_(removed) {}

    std::string run() {
        std::vector<NodeId> open;  // elements whose end tags are due
        for (NodeId id = document_.next_in(kDocumentNode, kDocumentNode); id != kNoNode;) {
            while (!open.empty() && !document_.is_within(open.back(), id)) close(open);
            const Node& node = document_[id];
            bool enters = true;
            if (node.type == NodeType::Text) {
                append_escaped_text(out_, node.text);
            } else if (node.type == NodeType::Comment) {
                if (known_.comments.contains(node.text)) {
                    out_ += serialise(document_, id);
                } else {
                    note("a comment");
                }
            } else if (node.type == NodeType::Element) {
                enters = take_element(id, open);
            }
            id = enters ? document_.next_in(kDocumentNode, id) : document_.next_after(kDocumentNode, id);
        }
        while (!open.empty()) close(open);
        return std::move(out_);
    }

  private:
    void note(std::string what) {
        if (std::find(removed_.begin(), removed_.end(), what) == removed_.end()) removed_.push_back(std::move(what));
    }

    void close(std::vector<NodeId>& open) {
        out_ += fmt::format("</{}>", document_[open.back()].tag);
        open.pop_back();
    }

    /// False when the content is dealt with.
    bool take_element(NodeId id, std::vector<NodeId>& open) {
        const Node& node = document_[id];
        if (node.space != Space::Html || is_in(kWithContent, node.tag)) {
            if (known_.wholes.contains(meanings_[id])) {
                out_ += serialise(document_, id);
            } else {
                note(fmt::format("<{}>", node.tag));
            }
            return false;
        }
        const bool is_allowed = is_in(kContent, node.tag) ||
                                (is_in(kPresentational, node.tag) && known_.tags.contains(node.tag)) ||
                                known_.start_tags.contains(normal_start_tag(document_, id));
        if (!is_allowed) {
            note(fmt::format("<{}>", node.tag));
            return true;
        }
        out_ += '<';
        out_ += node.tag;
        for (const Attribute& attribute : document_.attributes(id)) take_attribute(node.tag, attribute);
        out_ += '>';
        if (is_void_element(node.tag)) return true;
        if (node.tag == "pre" && node.first_child != kNoNode && document_[node.first_child].text.starts_with('\n'))
            out_ += '\n';
        open.push_back(id);
        return true;
    }

    void take_attribute(std::string_view tag, const Attribute& attribute) {
        std::string value(attribute.value);
        if (!known_.attributes.contains(attribute_key(tag, attribute))) {
            const std::string_view name = attribute.name;
            const bool is_address = name == "href" || name == "cite";
            const bool is_image = name == "src" || name == "srcset";
            if (!is_known_attribute(tag, name) || (is_address && !is_harmless_address(value)) ||
                (is_image && !is_harmless_image_address(value))) {
                return note(fmt::format("{} on <{}>", base::to_valid_utf8(name), tag));
            }
            if (name == "style") {
                value = clean_style(value, tag);
                if (value.empty()) return;
            }
        }
        out_ += fmt::format(" {}=\"", attribute.name);
        append_escaped_attribute(out_, value);
        out_ += '"';
    }

    std::string clean_style(std::string_view style, std::string_view tag) {
        const std::string normal = normal_style(style);
        std::string kept;
        for (std::string_view rest = normal; !rest.empty();) {
            const std::size_t end = std::min(rest.find("; "), rest.size());
            const std::string_view declaration = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 2, rest.size()));
            if (is_harmless_declaration(declaration)) {
                if (!kept.empty()) kept += "; ";
                kept += declaration;
            } else {
                note(fmt::format("style {} on <{}>", declaration.substr(0, declaration.find(':')), tag));
            }
        }
        return kept;
    }

    const Document& document_;
    const std::vector<Meaning>& meanings_;
    const Known& known_;
    std::vector<std::string>& removed_;
    std::string out_;
};

}  // namespace

bool is_harmless_address(std::string_view url) {
    constexpr std::string_view kSchemes[] = {"", "ftp", "http", "https", "mailto", "sms", "tel"};
    return is_in(kSchemes, scheme_of(url));
}

bool is_harmless_image_address(std::string_view url) {
    constexpr std::string_view kSchemes[] = {"", "http", "https"};
    if (is_in(kSchemes, scheme_of(url))) return true;
    for (const std::string_view type : {"data:image/png;", "data:image/jpeg;", "data:image/gif;", "data:image/webp;"}) {
        if (url.starts_with(type)) return true;
    }
    return false;
}

// Taking tags away can make the rest nest differently, and then mean something else than what was judged. So the result
// is read and cleaned again until nothing changes; what does not come to rest is no content.
Cleaned clean_html(std::string_view utf8, const Policy& policy) {
    Cleaned cleaned;
    Meanings meanings;
    const Known known = read_known(policy, meanings);
    std::string html(utf8);
    for (int pass = 0; pass < kMostPasses; ++pass) {
        const Document document = Document::parse_fragment(html, policy.context);
        const std::vector<Meaning> numbers = meanings.of(document, policy.context);
        std::string next = Cleaner(document, numbers, known, cleaned.removed).run();
        const bool is_stable = next == html;
        html = std::move(next);
        if (is_stable) {
            cleaned.html = SafeHtml(std::move(html));
            return cleaned;
        }
    }
    cleaned.removed.emplace_back("all tags, because their nesting cannot be made sense of");
    const Document document = Document::parse_fragment(html, policy.context);
    cleaned.html = safe_text(document.text_of(kDocumentNode));
    return cleaned;
}

}  // namespace html
