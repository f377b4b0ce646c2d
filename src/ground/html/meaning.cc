#include "ground/html/inner/meaning.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/text.h"
#include "ground/html/inner/ascii.h"
#include "ground/html/splice.h"

namespace html {

namespace {

bool keeps_space(const Node& node) {
    return node.type == NodeType::Element &&
           (node.tag == "pre" || node.tag == "textarea" || node.tag == "listing" || is_raw_text_element(node.tag));
}

/// White space beside such a node is not shown.
bool is_edge(const Document& document, NodeId id) {
    const Node& node = document[id];
    return node.type == NodeType::Element && (is_block_element(node.tag) || node.tag == "br");
}

std::string normal_text(const Document& document, NodeId id, std::string_view context) {
    const Node& node = document[id];
    const auto [open_start, open_end] = showing_edges(document, id, context);
    std::string text = collapse_blanks(node.text);
    if (text.empty()) return open_start && open_end && !node.text.empty() ? " " : "";
    if (open_start && is_blank(node.text.front())) text.insert(text.begin(), ' ');
    if (open_end && is_blank(node.text.back())) text += ' ';
    return text;
}

}  // namespace

Edges showing_edges(const Document& document, NodeId text, std::string_view context) {
    const Node& node = document[text];
    const bool in_block = is_block_element(node.parent == kDocumentNode ? context : document[node.parent].tag);
    return {node.previous == kNoNode ? !in_block : !is_edge(document, node.previous),
            node.next == kNoNode ? !in_block : !is_edge(document, node.next)};
}

std::string normal_style(std::string_view style) {
    std::string out;
    std::string part;
    char quote = 0;
    int depth = 0;
    const auto finish = [&] {
        const std::string_view declaration = trim_blanks(part);
        const std::size_t colon = declaration.find(':');
        if (!declaration.empty()) {
            if (!out.empty()) out += "; ";
            out += base::to_lower(trim_blanks(declaration.substr(0, colon)));
            if (colon != std::string_view::npos) out += ": " + collapse_blanks(declaration.substr(colon + 1));
        }
        part.clear();
    };
    for (const char c : style) {
        if (quote != 0) {
            if (c == quote) quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '(') {
            ++depth;
        } else if (c == ')') {
            --depth;
        } else if (c == ';' && depth <= 0) {
            finish();
            continue;
        }
        part += c;
    }
    finish();
    return out;
}

std::string normal_start_tag(const Document& document, NodeId element) {
    std::vector<std::string> parts;
    for (const Attribute& attribute : document.attributes(element)) {
        std::string value(attribute.value);
        if (attribute.name == "style") value = normal_style(value);
        if (attribute.name == "class") value = collapse_blanks(value);
        parts.push_back(fmt::format("{}={}:{}", attribute.name, value.size(), value));
    }
    std::sort(parts.begin(), parts.end());
    const Node& node = document[element];
    return fmt::format("{}{} {}", static_cast<int>(node.space), node.tag, base::join(parts, " "));
}

Meaning Meanings::number(std::string form) {
    return numbers_.emplace(std::move(form), static_cast<Meaning>(numbers_.size() + 1)).first->second;
}

std::vector<Meaning> Meanings::of(const Document& document, std::string_view context) {
    const std::size_t count = document.size();
    std::vector<bool> is_verbatim(count);
    for (NodeId id = 1; id < count; ++id) {
        const Node& node = document[id];
        is_verbatim[id] = is_verbatim[node.parent] || keeps_space(node);
    }
    std::vector<Meaning> meanings(count);
    for (auto id = static_cast<NodeId>(count); id-- > 0;) {  // children before parents
        const Node& node = document[id];
        if (node.type == NodeType::Text) {
            std::string text = is_verbatim[id] ? std::string(node.text) : normal_text(document, id, context);
            meanings[id] = text.empty() ? kMeansNothing : number("T" + text);
        } else if (node.type == NodeType::Element || node.type == NodeType::Document) {
            std::string form = node.type == NodeType::Element ? "E" + normal_start_tag(document, id) : "D";
            form += '>';
            for (NodeId child = node.first_child; child != kNoNode; child = document[child].next) {
                if (meanings[child] != kMeansNothing) form += fmt::format("{},", meanings[child]);
            }
            meanings[id] = number(std::move(form));
        } else {
            meanings[id] = number((node.type == NodeType::Comment ? "C" : "!") + std::string(node.text));
        }
    }
    return meanings;
}

bool means_the_same(std::string_view utf8, std::string_view other_utf8, std::string_view context) {
    return utf8 == other_utf8 || means_the_same(Document::parse_fragment(utf8, context), other_utf8, context);
}

bool means_the_same(const Document& one, std::string_view other_utf8, std::string_view context) {
    Meanings meanings;
    const Document other = Document::parse_fragment(other_utf8, context);
    return meanings.of(one, context)[kDocumentNode] == meanings.of(other, context)[kDocumentNode];
}

}  // namespace html
