// What both makers of a Document share: nodes hung in the tree's order, spans of the original page, and what is settled
// at the end (the spans of elements that nobody wrote, and which nodes stand elsewhere than in the page).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "ground/html/inner/document_store.h"

namespace html {

class DocumentBuilder {
  public:
    explicit DocumentBuilder(Document& document)
        : text_(document.store_->text),
          utf8_(text_.utf8),
          document_(document),
          nodes_(document.nodes_),
          attributes_(document.attributes_),
          store_(*document.store_) {}

    /// The two ways to a page's document. Where the first finds one, the second finds the same.
    static std::optional<Document> parse_ordered(std::string_view bytes, Encoding encoding, const Limits& limits);
    static Document parse_any(std::string_view bytes, Encoding encoding, const Limits& limits);
    /// A document without nodes.
    static Document decoded(std::string_view bytes, Encoding encoding, const Limits& limits);

    /// The document node. Whatever was built before is gone.
    void begin();
    NodeId append(Node node, NodeId parent);
    /// After the last node. Children come after their parents.
    void finish();
    void set_quirky(bool is_quirky) { document_.is_quirky_ = is_quirky; }

    /// An end tag of an implied element, which its span includes; in the order of the elements.
    struct EndTag {
        NodeId id;
        std::size_t begin;
        std::size_t end;
    };
    std::vector<EndTag> end_tags_;

  protected:
    const MappedText& text_;
    const std::string_view utf8_;
    Document& document_;
    std::vector<Node>& nodes_;
    std::vector<Attribute>& attributes_;
    Document::Store& store_;

  private:
    void find_lines();
    void span_implied();
    void mark_moved();
};

/// Builds the document of a page whose tags are in order, a good deal faster than a parser that mends pages. False: the
/// page has something to mend, or something rare; what was built is to be thrown away. See ordered_page.cc.
bool build_ordered_page(Document& document, const Limits& limits);

}  // namespace html
