// Two ways to one document, held against each other node by node: for the tests and the fuzz target.
#pragma once

#include <string>

#include <fmt/format.h>

#include "ground/html/inner/document_builder.h"

namespace html::testing {

inline std::string describe(const Document& document, NodeId id) {
    const Node& node = document[id];
    std::string said = fmt::format(
        "{} type {} space {} flags {}{}{} parent {} first {} last {} previous {} next {} <{}> '{}' {}..{} {}..{}", id,
        static_cast<int>(node.type), static_cast<int>(node.space), node.is_implied, node.is_moved, node.has_end_tag,
        node.parent, node.first_child, node.last_child, node.previous, node.next, node.tag, node.text, node.span.begin,
        node.span.end, node.inner.begin, node.inner.end);
    for (const Attribute& one : document.attributes(id))
        said += fmt::format(" {}='{}' {}..{} {}..{}", one.name, one.value, one.name_span.begin, one.name_span.end,
                            one.value_span.begin, one.value_span.end);
    return said;
}

/// Empty when there is none.
inline std::string find_difference(const Document& one, const Document& other) {
    if (one.is_quirky() != other.is_quirky() || one.replaced() != other.replaced()) return "the documents' own marks";
    for (NodeId id = 0; id < one.size() && id < other.size(); ++id) {
        const std::string left = describe(one, id), right = describe(other, id);
        if (left != right) return left + "\n" + right;
    }
    const auto ends_alike = [](const Document& a, const Document& b) {
        const auto there = a.position(a.source_size()), here = b.position(b.source_size());
        return there.line == here.line && there.column == here.column;
    };
    return one.size() != other.size() || !ends_alike(one, other) ? "sizes differ" : "";
}

}  // namespace html::testing
