#include "ground/html/document.h"

#include <algorithm>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/inner/ascii.h"
#include "ground/html/inner/document_store.h"
#include "ground/html/inner/links.h"

namespace html {

Document::Document() : store_(std::make_unique<Store>()) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Document::Attributes Document::attributes(NodeId id) const {
    const Node& node = nodes_[id];
    const Attribute* const first = attributes_.data() + node.first_attribute;
    return {first, first + node.attribute_count};
}

const Attribute* Document::find_attribute(NodeId id, std::string_view name) const {
    for (const Attribute& attribute : attributes(id)) {
        if (attribute.name == name) return &attribute;
    }
    return nullptr;
}

std::string_view Document::attribute(NodeId id, std::string_view name) const {
    const Attribute* const found = find_attribute(id, name);
    return found == nullptr ? std::string_view{} : found->value;
}

bool Document::is_element(NodeId id, std::string_view tag) const {
    return id != kNoNode && nodes_[id].type == NodeType::Element && nodes_[id].tag == tag;
}

NodeId Document::find_first(std::string_view tag) const {
    for (NodeId id = 0; id < nodes_.size(); ++id) {
        if (is_element(id, tag)) return id;
    }
    return kNoNode;
}

NodeId Document::find_id(std::string_view wanted) const {
    for (NodeId id = 0; id < nodes_.size(); ++id) {
        if (nodes_[id].type != NodeType::Element) continue;
        const Attribute* const found = find_attribute(id, "id");
        if (found != nullptr && found->value == wanted) return id;
    }
    return kNoNode;
}

std::vector<NodeId> Document::find_all(std::string_view tag) const {
    std::vector<NodeId> found;
    for (NodeId id = 0; id < nodes_.size(); ++id) {
        if (is_element(id, tag)) found.push_back(id);
    }
    return found;
}

NodeId Document::next_after(NodeId root, NodeId id) const {
    while (id != root && id != kNoNode) {
        if (nodes_[id].next != kNoNode) return nodes_[id].next;
        id = nodes_[id].parent;
    }
    return kNoNode;
}

NodeId Document::next_in(NodeId root, NodeId id) const {
    return nodes_[id].first_child != kNoNode ? nodes_[id].first_child : next_after(root, id);
}

bool Document::is_within(NodeId root, NodeId id) const {
    while (id != kNoNode && id > root) id = nodes_[id].parent;  // parents have smaller ids
    return id == root;
}

Document::Position Document::position(std::size_t offset) const {
    const MappedText& text = store_->text;
    std::size_t at = offset;
    if (!text.origins.empty()) {
        const auto found = std::lower_bound(text.origins.begin(), text.origins.end(), offset);
        at = static_cast<std::size_t>(found - text.origins.begin());
    }
    at = std::min(at, text.utf8.size());
    const auto line = std::upper_bound(line_starts_.begin(), line_starts_.end(), at) - 1;
    const std::string_view before = std::string_view(text.utf8).substr(*line, at - *line);
    return {static_cast<int>(line - line_starts_.begin()) + 1, static_cast<int>(base::count_code_points(before)) + 1};
}

std::string Document::text_of(NodeId root) const {
    std::string text;
    for (NodeId id = root; id != kNoNode;) {
        const Node& node = nodes_[id];
        if (node.type == NodeType::Text) text += node.text;
        const bool is_code =
            id != root && node.type == NodeType::Element && (node.tag == "script" || node.tag == "style");
        id = is_code ? next_after(root, id) : next_in(root, id);
    }
    return text;
}

std::string Document::plain_text_of(NodeId root) const {
    return collapse_blanks(text_of(root));
}

std::vector<Link> list_links(const Document& document) {
    std::vector<Link> links;
    std::vector<LinkAttribute> attributes;
    for (NodeId id = 0; id < document.size(); ++id) {
        const Node& node = document[id];
        if (node.type != NodeType::Element || node.is_implied || node.attribute_count == 0) continue;
        attributes.clear();
        for (const Attribute& attribute : document.attributes(id)) {
            attributes.push_back({attribute.name, attribute.value, attribute.value_span});
        }
        // As in a Summary, the tag's span is that of the start tag alone.
        const std::size_t tag_end = is_void_element(node.tag) ? node.span.end : node.inner.begin;
        append_links(links, node.tag, {node.span.begin, tag_end}, attributes);
    }
    return links;
}

bool is_void_element(std::string_view tag) {
    constexpr std::string_view kVoid[] = {"area",  "base",  "basefont", "bgsound", "br",    "col",
                                          "embed", "frame", "hr",       "img",     "input", "keygen",
                                          "link",  "meta",  "param",    "source",  "track", "wbr"};
    return std::binary_search(std::begin(kVoid), std::end(kVoid), tag);
}

bool is_raw_text_element(std::string_view tag) {
    constexpr std::string_view kRaw[] = {"iframe", "noembed", "noframes", "plaintext", "script", "style", "xmp"};
    return std::binary_search(std::begin(kRaw), std::end(kRaw), tag);
}

bool is_block_element(std::string_view tag) {
    constexpr std::string_view kBlocks[] = {
        "address", "article", "aside",   "blockquote", "body",     "caption", "center", "col",      "colgroup",
        "dd",      "details", "dialog",  "dir",        "div",      "dl",      "dt",     "fieldset", "figcaption",
        "figure",  "footer",  "form",    "frame",      "frameset", "h1",      "h2",     "h3",       "h4",
        "h5",      "h6",      "head",    "header",     "hgroup",   "hr",      "html",   "legend",   "li",
        "link",    "listing", "main",    "menu",       "meta",     "nav",     "ol",     "optgroup", "option",
        "p",       "pre",     "section", "summary",    "table",    "tbody",   "td",     "tfoot",    "th",
        "thead",   "title",   "tr",      "ul",         "xmp"};
    return std::binary_search(std::begin(kBlocks), std::end(kBlocks), tag);
}

}  // namespace html
