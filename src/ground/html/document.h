// A page as a tree, with the byte span of every node in the original page. Gumbo builds the tree as browsers do; this
// keeps its result in flat arrays (no pointers, no recursion, one allocation pattern) and hides Gumbo. The page is
// decoded first and offsets are carried back to the original bytes, so that an edit can replace one span and leave the
// rest as it is. Leaves out what needs a browser: scripts, styles, layout.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/html/encoding.h"
#include "ground/html/scan.h"

namespace html {

using NodeId = std::uint32_t;
constexpr NodeId kNoNode = 0xFFFFFFFF;
constexpr NodeId kDocumentNode = 0;

enum class NodeType : std::uint8_t { Document, Doctype, Element, Text, Comment };
enum class Space : std::uint8_t { Html, Svg, MathMl };

struct Attribute {
    std::string_view name;   ///< lower case, but "viewBox" and "xlink:href" in SVG
    std::string_view value;  ///< UTF-8, references resolved
    Span name_span;
    Span value_span;  ///< without quotes
};

struct Node {
    NodeType type = NodeType::Element;
    Space space = Space::Html;
    bool is_implied = false;  ///< no start tag of its own: <tbody> left out, or a copy the parser made to mend nesting
    bool is_moved = false;    ///< stands elsewhere in the tree than in the page (text between table rows)
    bool has_end_tag = false;
    NodeId parent = kNoNode;
    NodeId first_child = kNoNode;
    NodeId last_child = kNoNode;
    NodeId previous = kNoNode;  ///< sibling
    NodeId next = kNoNode;      ///< sibling
    std::uint32_t first_attribute = 0;
    std::uint32_t attribute_count = 0;
    std::string_view
        tag;  ///< of elements: [a-z][a-z0-9:_.-]* (SVG keeps "foreignObject"); every other character is '-'
    std::string_view text;  ///< of text, comments; of a doctype its name
    Span span;              ///< [begin, end) of the whole, tags included; an implied element has that of its content
    Span inner;             ///< between the tags; of text and comments the same as `span`
};

struct Limits {
    std::size_t bytes = 32U << 20;
    std::size_t depth = 2000;                ///< of open elements; Gumbo's time is quadratic in it
    std::size_t attributes = 2000;           ///< of one element
    std::chrono::milliseconds time{20'000};  ///< for the parser alone
};

class Document {
  public:
    /// Throws Error(BadInput) when the page exceeds a limit; nothing else in the bytes makes it fail.
    static Document parse(std::string_view bytes, Encoding encoding, const Limits& limits = {});
    /// What an editor sends: UTF-8, as the content of an element `context` ("div", "td", "ul"). The nodes hang on the
    /// document node; spans are offsets into `utf8`.
    static Document parse_fragment(std::string_view utf8, std::string_view context = "div", const Limits& limits = {});

    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    ~Document();

    const Node& node(NodeId id) const { return nodes_[id]; }
    const Node& operator[](NodeId id) const { return nodes_[id]; }
    std::size_t size() const { return nodes_.size(); }  ///< ids run from 0 in the tree's order: parents before children

    bool is_fragment() const { return is_fragment_; }
    bool is_quirky() const { return is_quirky_; }  ///< browsers lay it out in quirks mode
    Encoding encoding() const { return encoding_; }
    std::size_t source_size() const { return source_size_; }
    /// Byte sequences that were not of the encoding.
    std::size_t replaced() const { return replaced_; }

    /// The attributes of an element: for (const Attribute& a : document.attributes(id)).
    struct Attributes {
        const Attribute* first;
        const Attribute* last;
        const Attribute* begin() const { return first; }
        const Attribute* end() const { return last; }
        std::size_t size() const { return static_cast<std::size_t>(last - first); }
    };
    Attributes attributes(NodeId id) const;
    const Attribute* find_attribute(NodeId id, std::string_view name) const;  ///< null when the element lacks it
    /// Empty when the element lacks it.
    std::string_view attribute(NodeId id, std::string_view name) const;
    bool is_element(NodeId id, std::string_view tag) const;

    NodeId html() const { return find_first("html"); }
    NodeId head() const { return find_first("head"); }
    NodeId body() const { return find_first("body"); }  ///< kNoNode in a frameset
    NodeId find_first(std::string_view tag) const;
    NodeId find_id(std::string_view id) const;
    std::vector<NodeId> find_all(std::string_view tag) const;
    /// The node after `id` in the tree's order within `root`, kNoNode at the end: for (n = root; n != kNoNode; n =
    /// next_in(root, n)).
    NodeId next_in(NodeId root, NodeId id) const;
    /// As next_in, but leaves out what is below `id`.
    NodeId next_after(NodeId root, NodeId id) const;
    bool is_within(NodeId root, NodeId id) const;
    /// Line and column, from 1, of an offset into the original; columns count characters.
    struct Position {
        int line = 1;
        int column = 1;
    };
    Position position(std::size_t offset) const;

    /// All text below, as it stands; without script and style.
    std::string text_of(NodeId id) const;
    /// The same with white space runs as one blank and none at the ends.
    std::string plain_text_of(NodeId id) const;

  private:
    Document();
    friend class DocumentBuilder;
    friend class SkeletonReader;

    struct Store;  ///< text that the nodes' views point into
    std::unique_ptr<Store> store_;
    std::vector<Node> nodes_;
    std::vector<Attribute> attributes_;
    std::vector<std::uint32_t> line_starts_;  ///< offsets into the decoded text
    Encoding encoding_ = Encoding::Utf8;
    std::size_t source_size_ = 0;
    std::size_t replaced_ = 0;
    bool is_fragment_ = false;
    bool is_quirky_ = false;
};

/// Every address in the tree, as `summarise` finds them without one.
std::vector<Link> list_links(const Document& document);

/// <br>, <img>, ...: never has content.
bool is_void_element(std::string_view tag);
/// script, style, xmp, iframe, noembed, noframes, plaintext: references mean nothing in its text.
bool is_raw_text_element(std::string_view tag);
/// Starts on a new line and takes no part in the line's white space: p, div, table, li, h1, ...
bool is_block_element(std::string_view tag);

}  // namespace html
