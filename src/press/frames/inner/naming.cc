#include "press/frames/inner/naming.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "ground/base/text.h"
#include "ground/html/select.h"

namespace frames {

using html::Document;
using html::kNoNode;
using html::NodeId;

namespace {

constexpr std::size_t kMostNames = 6;
constexpr std::size_t kEnoughPercent = 98;

/// Names that need no escaping; others are left to html::selector_for.
bool is_plain_name(std::string_view name) {
    return !name.empty() && !(name[0] >= '0' && name[0] <= '9') && name[0] != '-' &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                      c == '-';
           });
}

std::vector<std::string> own_names(const Document& page, NodeId element) {
    std::vector<std::string> names;
    const std::string tag(page[element].tag);
    if (const auto id = page.attribute(element, "id"); is_plain_name(id)) names.push_back("#" + std::string(id));
    if (tag == "main" || tag == "article" || tag == "header" || tag == "footer" || tag == "nav") names.push_back(tag);
    if (const auto role = page.attribute(element, "role"); is_plain_name(role))
        names.push_back(fmt::format("[role={}]", role));
    for (const std::string_view word : base::split(page.attribute(element, "class"), ' '))
        if (is_plain_name(word)) names.push_back(fmt::format("{}.{}", tag, word));
    return names;
}

std::string place_of(const Document& page, NodeId element) {
    int place = 0, count = 0;
    for (NodeId child = page[page[element].parent].first_child; child != kNoNode; child = page[child].next) {
        if (!page.is_element(child, page[element].tag)) continue;
        ++count;
        if (child == element) place = count;
    }
    return count == 1 ? std::string(page[element].tag) : fmt::format("{}:nth-of-type({})", page[element].tag, place);
}

}  // namespace

std::vector<std::string> candidates(const Document& page, NodeId element) {
    std::vector<std::string> names = own_names(page, element);
    if (page[element].tag == "body") return {"body"};
    // Below a parent that has a name, or counted from the body.
    std::vector<std::string> below;
    const NodeId parent = page[element].parent;
    std::vector<std::string> parents =
        page[parent].tag == "body" ? std::vector<std::string>{"body"} : own_names(page, parent);
    for (const std::string& above : parents) {
        for (const std::string& name : names) below.push_back(above + " > " + name);
        below.push_back(above + " > " + place_of(page, element));
    }
    std::string path = place_of(page, element);
    for (NodeId at = parent; at != kNoNode; at = page[at].parent) {
        const bool is_body = page[at].tag == "body";
        const auto above = is_body ? std::vector<std::string>{"body"} : own_names(page, at);
        for (const std::string& name : above) below.push_back(name + " > " + path);
        if (is_body) break;
        path = place_of(page, at) + " > " + path;
    }
    names.insert(names.end(), below.begin(), below.end());
    names.push_back(html::selector_for(page, element));
    std::vector<std::string> once;
    for (std::string& name : names)
        if (std::find(once.begin(), once.end(), name) == once.end()) once.push_back(std::move(name));
    return once;
}

std::string name_together(const std::vector<Example>& examples) {
    struct Candidate {
        std::string selector;
        std::vector<bool> finds;
        std::size_t hits = 0, wrong = 0, order = 0;
    };
    std::vector<Candidate> all;
    const auto is_known = [&](const std::string& name) {
        return std::any_of(all.begin(), all.end(), [&](const Candidate& one) { return one.selector == name; });
    };
    for (const Example& example : examples) {
        const std::vector<std::string> names = candidates(*example.page, example.element);
        for (std::size_t order = 0; order < names.size(); ++order) {
            if (is_known(names[order])) continue;
            Candidate made{names[order], {}, 0, 0, order};
            const html::Selector selector(names[order]);
            for (const Example& other : examples) {
                const NodeId found = selector.first(*other.page);
                made.finds.push_back(found == other.element);
                made.hits += found == other.element;
                made.wrong += found != other.element && found != kNoNode;
            }
            all.push_back(std::move(made));
        }
    }
    if (all.empty()) return "";
    std::stable_sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) { return a.order < b.order; });
    const std::size_t enough = examples.size() * kEnoughPercent / 100;
    // One name that depends on no place; then several together; then the place.
    const auto by_place = [](const Candidate& one) { return one.selector.find(":nth") != std::string::npos; };
    for (const Candidate& one : all)
        if (!by_place(one) && one.hits >= std::max<std::size_t>(enough, 1)) return one.selector;
    std::vector<bool> covered(examples.size());
    std::string joined;
    for (std::size_t names = 0; names < kMostNames; ++names) {
        const Candidate* best = nullptr;
        std::size_t most = 0;
        for (const Candidate& one : all) {
            if (by_place(one) || one.wrong > 0) continue;
            std::size_t gain = 0;
            for (std::size_t i = 0; i < examples.size(); ++i) gain += one.finds[i] && !covered[i];
            if (gain > most) most = gain, best = &one;
        }
        if (best == nullptr) break;
        for (std::size_t i = 0; i < examples.size(); ++i) covered[i] = covered[i] || best->finds[i];
        joined += (joined.empty() ? "" : ", ") + best->selector;
    }
    const auto joined_hits = static_cast<std::size_t>(std::count(covered.begin(), covered.end(), true));
    if (joined_hits >= std::max<std::size_t>(enough, 1)) return joined;
    const auto best = std::max_element(all.begin(), all.end(),
                                       [](const Candidate& a, const Candidate& b) { return a.hits < b.hits; });
    return best->hits >= joined_hits ? best->selector : joined;
}

}  // namespace frames
