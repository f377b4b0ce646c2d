// Markup that was there before an edit and is not there after it.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "ground/html/document.h"
#include "ground/html/inner/ascii.h"
#include "ground/html/inner/meaning.h"
#include "ground/html/sanitise.h"

namespace html {

namespace {

constexpr std::size_t kEnough = 200;  // bytes of an element's text that tell whether it is still there

struct Kind {
    int count = 0;
    std::vector<std::string> marks;  ///< by which each one's content is known again: its text, address or name
};
using Kinds = std::map<std::string, Kind>;

std::string mark_of(const Document& document, NodeId id) {
    std::string mark = document.plain_text_of(id);
    for (const std::string_view name : {"src", "href", "name", "id", "value", "action"}) {
        if (mark.empty()) mark = document.attribute(id, name);
    }
    if (mark.size() > kEnough) mark.resize(kEnough);
    return mark;
}

Kinds list_kinds(const Document& document, bool with_marks) {
    Kinds kinds;
    for (NodeId id = 1; id < document.size(); ++id) {
        const Node& node = document[id];
        if (node.type == NodeType::Comment) ++kinds["comment"].count;
        if (node.type != NodeType::Element || node.is_implied) continue;
        const std::string mark = with_marks ? mark_of(document, id) : std::string();
        const auto add = [&](std::string what) {
            Kind& kind = kinds[std::move(what)];
            ++kind.count;
            if (with_marks) kind.marks.push_back(mark);
        };
        add(fmt::format("<{}>", node.tag));
        for (const Attribute& attribute : document.attributes(id))
            add(fmt::format("{} on <{}>", attribute.name, node.tag));
    }
    return kinds;
}

/// Everything by which content can be known again.
std::string haystack(const Document& document) {
    std::string all = document.plain_text_of(kDocumentNode);
    for (NodeId id = 1; id < document.size(); ++id) {
        if (document[id].type != NodeType::Element) continue;
        for (const Attribute& attribute : document.attributes(id)) {
            all += '\n';
            all += attribute.value;
        }
    }
    return all;
}

}  // namespace

std::vector<Loss> missing_markup(std::string_view before, std::string_view after, std::string_view context) {
    const Document old_content = Document::parse_fragment(before, context);
    const Document new_content = Document::parse_fragment(after, context);
    const Kinds old_kinds = list_kinds(old_content, true);
    const Kinds new_kinds = list_kinds(new_content, false);
    const std::string still_there = haystack(new_content);
    std::vector<Loss> losses;
    for (const auto& [what, kind] : old_kinds) {
        const auto now = new_kinds.find(what);
        const int count = now == new_kinds.end() ? 0 : now->second.count;
        if (count >= kind.count) continue;
        const auto remaining = std::count_if(kind.marks.begin(), kind.marks.end(), [&](const std::string& mark) {
            return mark.empty() || still_there.find(mark) != std::string::npos;
        });
        losses.push_back({what, kind.count, count, kind.marks.empty() || remaining > count});
    }
    return losses;
}

}  // namespace html
