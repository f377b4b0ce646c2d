#include "ground/html/serialise.h"

#include "ground/html/escape.h"

namespace html {

namespace {

void append_start_tag(std::string& to, const Document& document, NodeId id) {
    to += '<';
    to += document[id].tag;
    for (const Attribute& attribute : document.attributes(id)) {
        to += ' ';
        to += attribute.name;
        to += "=\"";
        append_escaped_attribute(to, attribute.value);
        to += '"';
    }
    to += '>';
}

bool is_raw(const Document& document, NodeId parent) {
    const Node& node = document[parent];
    return node.type == NodeType::Element && node.space == Space::Html && is_raw_text_element(node.tag);
}

bool is_void(const Node& node) {
    return node.space == Space::Html && is_void_element(node.tag);
}

/// What opens the node; its end tag, if it has one, is written when its content is done.
void append_opening(std::string& to, const Document& document, NodeId id) {
    const Node& node = document[id];
    switch (node.type) {
        case NodeType::Document:
            break;
        case NodeType::Doctype:
            to += "<!DOCTYPE ";
            to += node.text;
            to += '>';
            break;
        case NodeType::Comment:
            to += "<!--";
            to += node.text;
            to += "-->";
            break;
        case NodeType::Text:
            if (is_raw(document, node.parent)) {
                to += node.text;
            } else {
                append_escaped_text(to, node.text);
            }
            break;
        case NodeType::Element:
            append_start_tag(to, document, id);
            // The parser drops one line end after these tags.
            if ((node.tag == "pre" || node.tag == "textarea" || node.tag == "listing") && node.space == Space::Html &&
                node.first_child != kNoNode && document[node.first_child].text.starts_with('\n')) {
                to += '\n';
            }
            break;
    }
}

void append_end_tag(std::string& to, const Node& node) {
    if (node.type != NodeType::Element || is_void(node)) return;
    to += "</";
    to += node.tag;
    to += '>';
}

}  // namespace

std::string serialise_start_tag(const Document& document, NodeId element) {
    std::string html;
    append_start_tag(html, document, element);
    return html;
}

std::string serialise(const Document& document, NodeId root) {
    std::string html;
    NodeId id = root;
    for (;;) {
        append_opening(html, document, id);
        if (document[id].first_child != kNoNode) {
            id = document[id].first_child;
            continue;
        }
        append_end_tag(html, document[id]);
        while (id != root && document[id].next == kNoNode) {
            id = document[id].parent;
            append_end_tag(html, document[id]);
        }
        if (id == root) return html;
        id = document[id].next;
    }
}

std::string serialise_children(const Document& document, NodeId node) {
    std::string html;
    for (NodeId child = document[node].first_child; child != kNoNode; child = document[child].next)
        html += serialise(document, child);
    return html;
}

}  // namespace html
