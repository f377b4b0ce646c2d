// Gumbo's tree into flat arrays. Everything Gumbo says in offsets of the decoded text becomes an offset into the
// original page; what the author did not write (implied elements, copies made to mend nesting) gets the span of its
// content.
#include "ground/html/inner/document_builder.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/document.h"
#include "ground/html/inner/ascii.h"
#include "ground/html/inner/gumbo_tree.h"

namespace html {

namespace {

class GumboReader final : public DocumentBuilder {
  public:
    GumboReader(Document& document, const Limits& limits) : DocumentBuilder(document), limits_(limits) {}

    void build(const GumboTree& tree, bool is_fragment) {
        begin();
        const GumboNode* const page = tree.document();
        if (!is_fragment) {
            set_quirky(page->v.document.doc_type_quirks_mode == GUMBO_DOCTYPE_QUIRKS);
            if (page->v.document.has_doctype) add_doctype();
        }
        copy(is_fragment ? &tree.root()->v.element.children : &page->v.document.children);
        finish();
    }

  private:
    struct Frame {
        const GumboVector* children;
        unsigned index;
        NodeId parent;
    };

    void copy(const GumboVector* children) {
        std::vector<Frame> stack{{children, 0, kDocumentNode}};
        while (!stack.empty()) {
            Frame& frame = stack.back();
            if (frame.index == frame.children->length) {
                stack.pop_back();
                continue;
            }
            const auto* const source = static_cast<const GumboNode*>(frame.children->data[frame.index++]);
            const NodeId parent = frame.parent;
            if (source->type != GUMBO_NODE_ELEMENT && source->type != GUMBO_NODE_TEMPLATE) {
                add_text(*source, parent);
                continue;
            }
            const NodeId id = add_element(*source, parent);
            if (source->v.element.children.length > 0) stack.push_back({&source->v.element.children, 0, id});
            if (stack.size() > limits_.depth * 2) {
                throw base::Error(
                    base::Kind::BadInput,
                    fmt::format("line {}: elements are nested more than {} deep: look for start tags without end tags",
                                document_.position(nodes_[id].span.begin).line, limits_.depth * 2));
            }
        }
    }

    std::size_t offset_of(const char* place) const {
        const std::size_t offset = place == nullptr ? 0 : static_cast<std::size_t>(place - utf8_.data());
        return std::min(offset, utf8_.size());
    }

    void add_doctype() {
        Scanner scanner(utf8_);
        for (Token token; scanner.next(token) && token.type != TokenType::StartTag;) {
            if (token.type != TokenType::Doctype) continue;
            Node node;
            node.type = NodeType::Doctype;
            node.text = trim_blanks(token.name.of(utf8_));
            node.span = node.inner = {text_.start_of(token.span.begin), text_.end_before(token.span.end)};
            append(node, kDocumentNode);
            return;
        }
    }

    void add_text(const GumboNode& source, NodeId parent) {
        const GumboText& text = source.v.text;
        Node node;
        node.type = source.type == GUMBO_NODE_COMMENT ? NodeType::Comment : NodeType::Text;
        node.text = store_.keep(text.text);
        const std::size_t begin = offset_of(text.original_text.data);
        const std::size_t end = std::min(begin + text.original_text.length, utf8_.size());
        node.span.begin = node.type == NodeType::Comment ? text_.start_of(begin) : text_.end_before(begin);
        node.span.end =
            std::max(node.span.begin, node.type == NodeType::Comment ? text_.end_before(end) : text_.start_of(end));
        node.inner = node.span;
        append(node, parent);
    }

    NodeId add_element(const GumboNode& source, NodeId parent) {
        const GumboElement& element = source.v.element;
        constexpr int kCopies =
            GUMBO_INSERTION_RECONSTRUCTED_FORMATTING_ELEMENT | GUMBO_INSERTION_ADOPTION_AGENCY_CLONED;
        Node node;
        node.space = element.tag_namespace == GUMBO_NAMESPACE_SVG      ? Space::Svg
                     : element.tag_namespace == GUMBO_NAMESPACE_MATHML ? Space::MathMl
                                                                       : Space::Html;
        const bool has_tag = element.original_tag.length > 0 && element.original_tag.data[0] == '<' &&
                             element.original_tag.data[1] != '/';
        node.is_implied = !has_tag || (source.parse_flags & kCopies) != 0;
        node.is_moved =
            (source.parse_flags & (GUMBO_INSERTION_ADOPTION_AGENCY_MOVED | GUMBO_INSERTION_FOSTER_PARENTED)) != 0;
        node.tag = tag_name(element, has_tag);
        const std::size_t end_at = std::min<std::size_t>(element.end_pos.offset, utf8_.size());
        const std::string_view end_tag{element.original_end_tag.data == nullptr ? "" : element.original_end_tag.data,
                                       element.original_end_tag.length};
        node.has_end_tag = !end_tag.empty() && offset_of(end_tag.data()) == end_at &&
                           is_end_tag_of(end_tag, node.tag) && (source.parse_flags & kCopies) == 0;
        if (node.is_implied) {
            const std::size_t at = std::min<std::size_t>(element.start_pos.offset, utf8_.size());
            node.span = node.inner = {text_.start_of(at), text_.start_of(at)};
            if (node.has_end_tag)
                end_tags_.push_back({static_cast<NodeId>(nodes_.size()), text_.start_of(end_at),
                                     text_.end_before(end_at + end_tag.size())});
        } else {
            const std::size_t begin = offset_of(element.original_tag.data);
            const std::size_t inner = std::min(begin + element.original_tag.length, utf8_.size());
            node.span.begin = text_.start_of(begin);
            node.inner.begin = text_.end_before(inner);
            node.inner.end = std::max(node.inner.begin, text_.start_of(std::max(end_at, inner)));
            node.span.end =
                node.has_end_tag ? text_.end_before(std::min(end_at + end_tag.size(), utf8_.size())) : node.inner.end;
            if (is_void_element(node.tag)) node.span.end = node.inner.end = node.inner.begin;
        }
        node.first_attribute = static_cast<std::uint32_t>(attributes_.size());
        node.attribute_count = element.attributes.length;
        for (unsigned i = 0; i < element.attributes.length; ++i) {
            add_attribute(*static_cast<const GumboAttribute*>(element.attributes.data[i]));
        }
        return append(node, parent);
    }

    static bool is_end_tag_of(std::string_view end_tag, std::string_view tag) {
        return end_tag.size() > tag.size() + 2 && end_tag.starts_with("</") &&
               base::equals_ignoring_case(end_tag.substr(2, tag.size()), tag) &&
               (is_blank(end_tag[tag.size() + 2]) || end_tag[tag.size() + 2] == '>' || end_tag[tag.size() + 2] == '/');
    }

    std::string_view tag_name(const GumboElement& element, bool has_tag) {
        if (element.tag != GUMBO_TAG_UNKNOWN && element.tag_namespace == GUMBO_NAMESPACE_HTML)
            return gumbo_normalized_tagname(element.tag);
        if (!has_tag) return element.tag == GUMBO_TAG_UNKNOWN ? "span" : gumbo_normalized_tagname(element.tag);
        std::string_view written{element.original_tag.data + 1, element.original_tag.length - 1};
        written = written.substr(0, written.find_first_of(" \t\n\r\f/>"));
        if (element.tag_namespace == GUMBO_NAMESPACE_SVG) {
            const GumboStringPiece piece{written.data(), written.size()};
            if (const char* const name = gumbo_normalize_svg_tagname(&piece)) return name;
        }
        std::string name = base::to_lower(written);
        for (char& c : name) {
            if (!is_letter(c) && !is_digit(c) && c != ':' && c != '_' && c != '.') c = '-';
        }
        return store_.keep(name);
    }

    void add_attribute(const GumboAttribute& source) {
        Attribute attribute;
        const std::string_view written{source.original_name.data, source.original_name.length};
        attribute.name = store_.keep(source.attr_namespace == GUMBO_ATTR_NAMESPACE_NONE ? std::string(source.name)
                                                                                        : base::to_lower(written));
        attribute.value = store_.keep(source.value);
        const std::size_t name = offset_of(written.data());
        attribute.name_span = {text_.start_of(name), text_.end_before(name + written.size())};
        attribute.value_span = {attribute.name_span.end, attribute.name_span.end};
        if (source.original_value.length > 0) {
            std::size_t begin = offset_of(source.original_value.data);
            std::size_t end = std::min(begin + source.original_value.length, utf8_.size());
            const char quote = utf8_[begin];
            if ((quote == '"' || quote == '\'') && end > begin + 1) {
                ++begin;
                --end;
            }
            attribute.value_span = {text_.end_before(begin), std::max(text_.end_before(begin), text_.start_of(end))};
        }
        attributes_.push_back(attribute);
    }

    const Limits& limits_;
};

}  // namespace

void DocumentBuilder::begin() {
    find_lines();
    end_tags_.clear();
    attributes_.clear();
    nodes_.clear();
    nodes_.reserve(utf8_.size() / 24 + 16);
    Node top;
    top.type = NodeType::Document;
    top.span = top.inner = {text_.start_of(0), document_.source_size_};
    nodes_.push_back(top);
}

NodeId DocumentBuilder::append(Node node, NodeId parent) {
    const auto id = static_cast<NodeId>(nodes_.size());
    node.parent = parent;
    Node& above = nodes_[parent];
    node.previous = above.last_child;
    (above.last_child == kNoNode ? above.first_child : nodes_[above.last_child].next) = id;
    above.last_child = id;
    nodes_.push_back(node);
    return id;
}

void DocumentBuilder::finish() {
    span_implied();
    mark_moved();
}

/// Children come after their parents, so one pass from the end settles all.
void DocumentBuilder::span_implied() {
    auto end_tag = end_tags_.rbegin();
    for (auto id = static_cast<NodeId>(nodes_.size()); id-- > 1;) {
        Node& node = nodes_[id];
        if (node.type != NodeType::Element || !node.is_implied) continue;
        bool has_content = false;
        for (NodeId child = node.first_child; child != kNoNode; child = nodes_[child].next) {
            const Span& span = nodes_[child].span;
            node.inner.begin = has_content ? std::min(node.inner.begin, span.begin) : span.begin;
            node.inner.end = has_content ? std::max(node.inner.end, span.end) : span.end;
            has_content = true;
        }
        node.span = node.inner;
        if (end_tag != end_tags_.rend() && end_tag->id == id) {
            node.span.end = std::max(node.span.end, end_tag->end);
            if (!has_content) node.span = {std::min(node.span.begin, end_tag->begin), end_tag->end};
            ++end_tag;
        }
    }
}

void DocumentBuilder::mark_moved() {
    for (NodeId id = 1; id < nodes_.size(); ++id) {
        Node& node = nodes_[id];
        const Node& parent = nodes_[node.parent];
        const bool has_bounds = parent.type == NodeType::Element && !parent.is_implied;
        if (has_bounds && !parent.inner.contains(node.span)) node.is_moved = true;
        if (node.next != kNoNode && nodes_[node.next].span.begin < node.span.begin) node.is_moved = true;
    }
}

void DocumentBuilder::find_lines() {
    std::vector<std::uint32_t>& starts = document_.line_starts_;
    starts.assign(1, 0);
    for (std::size_t at = utf8_.find('\n'); at != std::string_view::npos; at = utf8_.find('\n', at + 1))
        starts.push_back(static_cast<std::uint32_t>(at + 1));
}

Document DocumentBuilder::decoded(std::string_view bytes, Encoding encoding, const Limits& limits) {
    if (bytes.size() > limits.bytes) {
        throw base::Error(base::Kind::BadInput, fmt::format("the page has {} bytes; at most {} are read as HTML",
                                                            bytes.size(), limits.bytes));
    }
    Document document;
    document.encoding_ = encoding;
    document.source_size_ = bytes.size();
    document.store_->text = decode_mapped(bytes, encoding);
    document.replaced_ = document.store_->text.replaced;
    return document;
}

std::optional<Document> DocumentBuilder::parse_ordered(std::string_view bytes, Encoding encoding,
                                                       const Limits& limits) {
    std::optional<Document> document = decoded(bytes, encoding, limits);
    if (!build_ordered_page(*document, limits)) document.reset();
    return document;
}

namespace {

void build_any_page(Document& document, std::string_view utf8, const Limits& limits) {
    Limits inner = limits;
    inner.bytes = limits.bytes * 3;  // a two-byte character is three bytes of UTF-8
    const GumboTree tree(utf8, {}, inner);
    GumboReader(document, limits).build(tree, false);
}

}  // namespace

Document DocumentBuilder::parse_any(std::string_view bytes, Encoding encoding, const Limits& limits) {
    Document document = decoded(bytes, encoding, limits);
    build_any_page(document, document.store_->text.utf8, limits);
    return document;
}

Document Document::parse(std::string_view bytes, Encoding encoding, const Limits& limits) {
    Document document = DocumentBuilder::decoded(bytes, encoding, limits);
    if (!build_ordered_page(document, limits)) build_any_page(document, document.store_->text.utf8, limits);
    return document;
}

Document Document::parse_fragment(std::string_view utf8, std::string_view context, const Limits& limits) {
    Document document;
    document.is_fragment_ = true;
    document.source_size_ = utf8.size();
    document.store_->text = decode_mapped(utf8, Encoding::Utf8);
    document.replaced_ = document.store_->text.replaced;
    const GumboTree tree(document.store_->text.utf8, context.empty() ? "div" : context, limits);
    GumboReader(document, limits).build(tree, true);
    return document;
}

}  // namespace html
