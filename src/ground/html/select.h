// CSS selectors on our documents: for naming the regions of a taken-over page, settings that point at parts of pages,
// and checks. Types, #id, .class, [attr] with = ~= ^= $= *= |= (and the i flag), the four combinators, lists, :not()
// :is() :where() :first-child :last-child :only-child :nth-child(an+b) :nth-last-child() and the same ...-of-type,
// :empty, :root. Leaves out what depends on a user or a layout (:hover), :has(), pseudo-elements and name spaces.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ground/html/document.h"

namespace html {

class Selector {
  public:
    /// Throws Error(BadInput) that names the place: "selector "p[": character 3: expected an attribute name".
    explicit Selector(std::string_view text);
    Selector(Selector&&) noexcept;
    Selector& operator=(Selector&&) noexcept;
    ~Selector();

    bool matches(const Document& document, NodeId node) const;
    /// In the tree's order, below `root` (not itself).
    std::vector<NodeId> all(const Document& document, NodeId root = kDocumentNode) const;
    /// kNoNode when there is none.
    NodeId first(const Document& document, NodeId root = kDocumentNode) const;

    struct List;

  private:
    std::unique_ptr<List> list_;
};

/// A short selector that finds this element and no other in its document: "#main", "table.info > tbody >
/// tr:nth-child(3)".
std::string selector_for(const Document& document, NodeId element);

}  // namespace html
