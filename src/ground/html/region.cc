// Which parts of a page can be edited by themselves. HTML's parser mends bad nesting across any border that we draw, so
// the question is put to the parser: does the rest of the page read the same without the region, and the region the
// same without the rest?
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/html/inner/merge.h"
#include "ground/html/serialise.h"
#include "ground/html/splice.h"

namespace html {

namespace {

constexpr std::string_view kMarker = "<!--region-taken-out-->";

/// The innermost element named as the region's context whose content holds the region.
NodeId find_container(const Document& document, const Region& region) {
    NodeId found = kNoNode;
    for (NodeId id = 1; id < document.size(); ++id) {
        const Node& node = document[id];
        if (node.type == NodeType::Element && !node.is_moved && node.inner.contains(region.span()) &&
            node.tag == region.context)
            found = id;
    }
    return found;
}

std::string describe(const Document& document, NodeId id) {
    const Node& node = document[id];
    const int line = document.position(node.span.begin).line;
    if (node.type == NodeType::Text) return fmt::format("a text in line {}", line);
    if (node.type == NodeType::Comment) return fmt::format("a comment in line {}", line);
    return fmt::format("<{}> in line {}", node.tag, line);
}

/// Content of the region in the page's tree.
struct Content {
    std::string html;
    std::optional<std::string> refusal;
};

Content read_content(const Document& document, NodeId container, const Region& region) {
    Content content;
    for (NodeId id = document[container].first_child; id != kNoNode; id = document[id].next) {
        const Span span = document[id].span;
        const bool is_inside = region.span().contains(span) && !(span.is_empty() && document[id].is_moved);
        if (is_inside) {
            content.html += serialise(document, id);
        } else if (span.begin < region.end && region.begin < span.end) {
            content.refusal =
                fmt::format("the region's border cuts through {}; let it begin and end between whole elements",
                            describe(document, id));
            return content;
        }
    }
    for (NodeId id = 1; id < document.size(); ++id) {
        const Node& node = document[id];
        if (node.is_moved && region.span().contains(node.span) && !node.span.is_empty()) {
            content.refusal =
                fmt::format("browsers move {} to another place than it is written at (wrong nesting); mend that first",
                            describe(document, id));
            return content;
        }
    }
    return content;
}

/// Is `whole` the page `marked` with `content` in the marker's place?
bool is_rest_unchanged(std::string_view whole, std::string_view marked, std::string_view content) {
    const std::size_t at = marked.find(kMarker);
    if (at == std::string_view::npos || marked.find(kMarker, at + 1) != std::string_view::npos) return false;
    const std::string_view before = marked.substr(0, at);
    const std::string_view after = marked.substr(at + kMarker.size());
    return whole.size() == before.size() + content.size() + after.size() && whole.starts_with(before) &&
           whole.ends_with(after) && whole.substr(before.size(), content.size()) == content;
}

}  // namespace

Region region_of(const Document& document, NodeId element) {
    const Node& node = document[element];
    return {node.inner.begin, node.inner.end, std::string(node.tag)};
}

std::optional<Region> find_region_between(const Document& document, std::string_view begins, std::string_view ends) {
    const auto starts_with_words = [&](NodeId id, std::string_view words) {
        const std::string_view text = document[id].text;
        const std::size_t first = text.find_first_not_of(" \t\r\n");
        return document[id].type == NodeType::Comment && first != std::string_view::npos &&
               text.substr(first).starts_with(words);
    };
    for (NodeId id = 1; id < document.size(); ++id) {
        if (!starts_with_words(id, begins)) continue;
        for (NodeId end = document[id].next; end != kNoNode; end = document[end].next) {
            if (!starts_with_words(end, ends)) continue;
            return Region{document[id].span.end, document[end].span.begin,
                          std::string(document[document[id].parent].tag)};
        }
    }
    return std::nullopt;
}

std::optional<std::string> check_region(const Document& document, std::string_view original, const Region& region) {
    if (!is_ascii_compatible(document.encoding()))
        return "the page is in UTF-16, which cannot be edited in parts; convert it to UTF-8 first";
    if (region.begin > region.end || region.end > original.size()) {
        return fmt::format("the region {}-{} is not inside the page, which has {} bytes", region.begin, region.end,
                           original.size());
    }
    const NodeId container = find_container(document, region);
    if (container == kNoNode)
        return fmt::format("there is no <{}> whose content holds the region whole", region.context);
    if (is_raw_text_element(region.context) || region.context == "title" || region.context == "textarea") {
        return fmt::format("<{}> holds plain text and no HTML", region.context);
    }
    const Content content = read_content(document, container, region);
    if (content.refusal) return content.refusal;

    const Original page(original, document.encoding());
    if (page.state_at(region.begin) == Iso2022State::Other || page.state_at(region.end) == Iso2022State::Other) {
        return "the region begins or ends inside a run of Japanese characters";
    }
    const std::string alone = page.decode_span(region.span()).utf8;
    const Document fragment = Document::parse_fragment(alone, region.context);
    const std::string read_alone = serialise(fragment);
    if (read_alone != content.html) {
        return "the region reads differently on its own: a tag that was opened before it (font, b, a) is still open in "
               "it, or it holds "
               "a tag that only makes sense outside";
    }
    if (alone != read_alone && !means_the_same(fragment, read_alone, region.context)) {
        return "the region's HTML changes when it is read and written again: elements are nested where they may not be "
               "(a link in a "
               "link, a table in a paragraph)";
    }
    std::string without(original.substr(0, region.begin));
    without += kMarker;
    without += original.substr(region.end);
    const std::string rest = serialise(Document::parse(without, document.encoding()));
    if (!is_rest_unchanged(serialise(document), rest, content.html)) {
        return "the rest of the page would change with the region: a tag that is opened in it (font, b, a) is not "
               "closed there, or an end "
               "tag in it closes something outside";
    }
    return std::nullopt;
}

std::optional<std::string> check_region(std::string_view original, Encoding encoding, const Region& region) {
    try {
        return check_region(Document::parse(original, encoding), original, region);
    } catch (const base::Error& e) {
        if (e.kind() != base::Kind::BadInput) throw;
        return e.message();
    }
}

}  // namespace html
