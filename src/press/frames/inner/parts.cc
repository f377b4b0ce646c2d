#include "press/frames/inner/parts.h"

#include <algorithm>
#include <map>

#include "ground/base/text.h"
#include "ground/html/select.h"
#include "press/frames/inner/repeats.h"

namespace frames {

using html::Document;
using html::kNoNode;
using html::NodeId;
using html::NodeType;

namespace {

constexpr std::size_t kMostParts = 24;

bool says(std::string_view name, std::initializer_list<std::string_view> words) {
    const std::string lower = base::to_lower(name);
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

struct Extent {
    float text = 0, linked = 0;
    bool has_picture = false;
};

Extent extent_of(const Document& page, NodeId element) {
    Extent extent;
    NodeId link_until = kNoNode;
    for (NodeId id = element; id != kNoNode;) {
        const html::Node& node = page[id];
        if (node.type == NodeType::Element && is_silent(node.tag)) {
            id = page.next_after(element, id);
            continue;
        }
        if (node.tag == "a") link_until = id;
        if (node.type == NodeType::Text) {
            const auto length = static_cast<float>(base::trim(node.text).size());
            extent.text += length;
            if (link_until != kNoNode && page.is_within(link_until, id)) extent.linked += length;
        }
        if (page.is_element(id, "img")) extent.has_picture = true;
        id = page.next_in(element, id);
    }
    return extent;
}

std::string kind_of(const Document& page, NodeId element, const Extent& extent, bool is_before) {
    const std::string_view tag = page[element].tag;
    const std::string_view role = page.attribute(element, "role");
    const std::string name =
        std::string(page.attribute(element, "id")) + " " + std::string(page.attribute(element, "class"));
    if (tag == "header" || role == "banner") return "header";
    if (tag == "footer" || role == "contentinfo") return "footer";
    if (tag == "nav" || role == "navigation" || tag == "aside") return "navigation";
    if (says(name, {"head", "banner"})) return "header";
    if (says(name, {"foot", "copyright"})) return "footer";
    if (says(name, {"nav", "menu", "crumb", "topicpath", "pankuzu", "side"})) return "navigation";
    if (extent.text > 0 && extent.linked > extent.text * 0.6F) return "navigation";
    return is_before ? "header" : "footer";
}

struct Seen {
    std::string kind;
    std::size_t order = 0;
    std::map<std::size_t, std::uint64_t> content;  ///< by example
};

std::string_view last_steps(std::string_view address) {
    while (address.starts_with("../") || address.starts_with("./")) address.remove_prefix(address[1] == '/' ? 2 : 3);
    const std::size_t last = address.rfind('/');
    const std::size_t before = last == std::string_view::npos || last == 0 ? last : address.rfind('/', last - 1);
    return before == std::string_view::npos ? address.substr(last == std::string_view::npos ? 0 : last + 1)
                                            : address.substr(before + 1);
}

}  // namespace

std::uint64_t content_hash(const Document& page, NodeId element) {
    std::string all;
    for (NodeId id = element; id != kNoNode; id = page.next_in(element, id)) {
        const html::Node& node = page[id];
        if (node.type == NodeType::Text) {
            all += base::trim(node.text);
        } else if (node.type == NodeType::Element) {
            all += '<';
            all += node.tag;
            for (const html::Attribute& one : page.attributes(id)) {
                const bool is_address = one.name == "href" || one.name == "src" || one.name == "action";
                if (one.name == "class" || one.name == "aria-current") continue;
                all += ' ';
                all += one.name;
                all += '=';
                all += is_address ? last_steps(one.value) : one.value;
            }
        }
        all += '\n';
    }
    return unit_hash(all, Voice::Plain);
}

std::vector<Part> find_parts(const std::vector<Example>& regions) {
    std::map<std::string, Seen> parts;
    for (std::size_t i = 0; i < regions.size(); ++i) {
        const Document& page = *regions[i].page;
        const NodeId region = regions[i].element;
        if (page[region].tag == "body") continue;
        std::size_t order = 0;
        for (NodeId at = region; page[at].tag != "body" && page[at].parent != kNoNode; at = page[at].parent) {
            bool is_before = true;
            for (NodeId beside = page[page[at].parent].first_child; beside != kNoNode; beside = page[beside].next) {
                if (beside == at) is_before = false;
                if (beside == at || page[beside].type != NodeType::Element || is_silent(page[beside].tag)) continue;
                const Extent extent = extent_of(page, beside);
                if (extent.text <= 0 && !extent.has_picture) continue;
                // The first name that finds just this element.
                std::string selector;
                for (const std::string& name : candidates(page, beside))
                    if (html::Selector(name).first(page) == beside) {
                        selector = name;
                        break;
                    }
                if (selector.empty()) continue;
                Seen& seen = parts[selector];
                if (seen.content.empty()) seen.kind = kind_of(page, beside, extent, is_before);
                seen.order = std::max(seen.order, (is_before ? 0U : 1000U) + order++);
                seen.content[i] = content_hash(page, beside);
            }
        }
    }
    std::vector<std::pair<std::size_t, Part>> kept;
    for (const auto& [selector, seen] : parts) {
        if (seen.content.size() * 2 < regions.size()) continue;
        std::map<std::uint64_t, std::int64_t> counts;
        std::int64_t most = 0;
        for (const auto& [i, hash] : seen.content) most = std::max(most, ++counts[hash]);
        kept.emplace_back(seen.order, Part{seen.kind, selector, static_cast<std::int64_t>(seen.content.size()), most,
                                           static_cast<std::int64_t>(regions.size())});
    }
    std::stable_sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Part> found;
    for (auto& [order, part] : kept)
        if (found.size() < kMostParts) found.push_back(std::move(part));
    return found;
}

}  // namespace frames
