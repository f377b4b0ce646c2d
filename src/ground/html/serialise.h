// A document or a part of it as clean HTML: UTF-8, lower-case tags, quoted attributes, every end tag that is not void.
// What it writes is read again as the same tree (for trees that HTML can write at all). It never gives back the
// original's bytes: for that see splice.h.
#pragma once

#include <string>

#include "ground/html/document.h"

namespace html {

/// The node with its tags; the whole page, doctype included, for the document node.
std::string serialise(const Document& document, NodeId node = kDocumentNode);
/// What is below the node.
std::string serialise_children(const Document& document, NodeId node);
/// "<p class="a">" of an element, as serialise writes it.
std::string serialise_start_tag(const Document& document, NodeId element);

}  // namespace html
