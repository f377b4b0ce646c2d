#include "press/frames/inner/chain.h"

#include <algorithm>
#include <functional>
#include <map>

#include <fmt/format.h>

#include "ground/base/text.h"

namespace frames {

using html::Document;
using html::kNoNode;
using html::NodeId;
using html::NodeType;

namespace {

constexpr std::size_t kDeepest = 60;
// What a step may leave behind: a date, the end of a breadcrumb; of a page with few words, less. Headings never.
constexpr float kLeftShare = 0.15F;
constexpr float kLeftCharacters = 40;
constexpr float kLeftOfFew = 0.5F;
// The share of pages that must agree to a step.
constexpr std::size_t kAgreePercent = 70;
constexpr std::size_t kSmallBranchPercent = 2;
constexpr std::size_t kSmallBranch = 3;

template <std::size_t N>
bool is_one_of(std::string_view tag, const std::string_view (&tags)[N]) {
    return std::find(std::begin(tags), std::end(tags), tag) != std::end(tags);
}

/// Elements that may have a whole page's content in them.
bool is_container(std::string_view tag) {
    static constexpr std::string_view kTags[] = {"div",   "section", "article", "main",  "td",   "table",
                                                 "tbody", "tr",      "center",  "font",  "form", "span",
                                                 "thead", "body",    "layer",   "aside", "big",  "small"};
    return is_one_of(tag, kTags);
}

/// Of those, the ones in which headings and paragraphs may stand directly.
bool is_flow(std::string_view tag) {
    static constexpr std::string_view kTags[] = {"div", "section", "article", "main", "td", "center", "form", "body"};
    return is_one_of(tag, kTags);
}

bool has_name(const Document& page, NodeId id) {
    return !page.attribute(id, "id").empty() || !page.attribute(id, "class").empty() || page[id].tag == "main";
}

}  // namespace

std::string key_of(const Document& page, NodeId id, const Repeats& repeats) {
    std::string key(page[id].tag);
    const std::string_view own_id = page.attribute(id, "id");
    if (!own_id.empty() && repeats.is_common_name("#" + std::string(own_id))) return key + "#" + std::string(own_id);
    for (const std::string_view word : base::split(page.attribute(id, "class"), ' '))
        if (!word.empty() && repeats.is_common_name("." + std::string(word))) return key + "." + std::string(word);
    int place = 1;
    for (NodeId before = page[id].previous; before != kNoNode; before = page[before].previous)
        if (page.is_element(before, page[id].tag)) ++place;
    return fmt::format("{}:{}", key, place);
}

Chain follow(const Document& page, const std::vector<Unit>& units, const Repeats& repeats) {
    Chain chain;
    chain.body = page.body();
    if (chain.body == kNoNode || page.find_first("frameset") != kNoNode) {
        chain.state = Chain::State::Frameset;
        return chain;
    }
    const Weights weights = weigh(page, units, repeats);
    chain.own = weights.own[chain.body];
    chain.state = chain.own > 0 ? Chain::State::Told : Chain::State::Silent;
    for (NodeId at = chain.body; chain.steps.size() < kDeepest;) {
        NodeId best = kNoNode;
        for (NodeId child = page[at].first_child; child != kNoNode; child = page[child].next)
            if (page[child].type == NodeType::Element && weights.own[child] > 0 &&
                (best == kNoNode || weights.own[child] > weights.own[best]))
                best = child;
        if (best == kNoNode || !is_container(page[best].tag) || page[best].is_moved) break;
        const float left = weights.own[at] - weights.own[best];
        const bool is_heading_left = weights.heading[at] - weights.heading[best] > 0.5F;
        const float tolerated =
            weights.own[best] * kLeftShare + std::min(kLeftCharacters, weights.own[best] * kLeftOfFew);
        chain.steps.push_back(
            {key_of(page, best, repeats), best, !is_heading_left && left <= tolerated && left < weights.own[best]});
        at = best;
    }
    return chain;
}

std::vector<std::size_t> agree(std::span<const Chain> chains) {
    std::vector<std::size_t> taken(chains.size());
    std::vector<std::vector<std::size_t>> pools(1);
    for (std::size_t i = 0; i < chains.size(); ++i)
        if (chains[i].state == Chain::State::Told) pools.front().push_back(i);
    // Pages of one pool have taken the same number of steps.
    while (!pools.empty()) {
        const std::vector<std::size_t> pool = std::move(pools.back());
        pools.pop_back();
        std::map<std::string_view, std::vector<std::size_t>> branches;
        for (const std::size_t i : pool)
            if (taken[i] < chains[i].steps.size()) branches[chains[i].steps[taken[i]].key].push_back(i);
        std::vector<std::size_t> few;
        std::size_t went = 0;
        const auto go = [&](std::vector<std::size_t> pages) {
            for (const std::size_t i : pages) ++taken[i];
            went += pages.size();
            if (!pages.empty()) pools.push_back(std::move(pages));
        };
        const auto is_clean = [&](std::size_t i) { return chains[i].steps[taken[i]].is_clean; };
        const auto is_agreed = [&](const std::vector<std::size_t>& pages) {
            const auto clean = static_cast<std::size_t>(std::count_if(pages.begin(), pages.end(), is_clean));
            return clean > 0 && clean * 100 >= pages.size() * kAgreePercent;
        };
        for (auto& [key, pages] : branches) {
            if (pages.size() < std::max(kSmallBranch, pool.size() * kSmallBranchPercent / 100))
                few.insert(few.end(), pages.begin(), pages.end());
            else if (is_agreed(pages))
                go(std::move(pages));
        }
        // Pages that are alone in their step follow the many, where the step is clean for them; without many, they are
        // asked together.
        if (went * 2 > pool.size())
            few.erase(std::remove_if(few.begin(), few.end(), std::not_fn(is_clean)), few.end());
        else if (!is_agreed(few))
            few.clear();
        go(std::move(few));
    }
    return taken;
}

NodeId settle(const Document& page, const Chain& chain, std::size_t taken, const Weights& weights) {
    if (chain.state != Chain::State::Told) return kNoNode;
    NodeId found = taken == 0 ? chain.body : chain.steps[taken - 1].node;
    while (!is_flow(page[found].tag)) found = page[found].parent;
    for (NodeId wider = found; wider != chain.body && weights.raw[wider] == weights.raw[found];
         wider = page[wider].parent)
        if (has_name(page, wider) && is_flow(page[wider].tag)) return wider;
    return found;
}

}  // namespace frames
