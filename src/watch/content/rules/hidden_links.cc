// Links for search engines that no reader sees: a block that is hidden or moved off the screen, full of links to
// foreign hosts. A block that is only folded (a menu with display:none, opened by a script) may hold a few; one that is
// moved off the screen or made without size has no such use, and one foreign link is enough.
#include <algorithm>
#include <cstdint>
#include <set>

#include "ground/base/text.h"
#include "watch/content/rules.h"

namespace content {

namespace {

constexpr std::ptrdiff_t kFewLinks = 5;  // that a folded block may not reach

bool is_only_folded(const Tag& tag) {
    const std::string style = base::to_lower(tag.attribute("style"));
    if (style.empty()) return true;  // the hidden attribute
    std::string css;
    for (const char c : style)
        if (static_cast<unsigned char>(c) > ' ') css += c;
    // What is left once the folding is taken away still hides: moved off, or without size.
    if (const auto at = css.find("display:none"); at != std::string::npos) css.erase(at, 12);
    return !hides(css);
}

/// Where `tag` stands in the tree: the element with the same start.
html::NodeId element_at(const html::Document& tree, std::size_t begin) {
    for (html::NodeId id = 0; id < tree.size(); ++id)
        if (tree[id].type == html::NodeType::Element && !tree[id].is_implied && tree[id].span.begin == begin) return id;
    return html::kNoNode;
}

std::vector<Finding> run(const Subject& subject) {
    const auto& tags = subject.tags();
    const auto is_foreign_link = [&](const Tag& tag) {
        return (tag.name == "a" || tag.name == "area") && subject.is_foreign(tag.attribute("href"));
    };
    if (!subject.is_page()) return {};
    // From this tag on: what a block holds comes after its own tag.
    std::ptrdiff_t ahead = std::count_if(tags.begin(), tags.end(), is_foreign_link);
    if (ahead == 0) return {};
    if (subject.is_foreign("a.html")) ahead = PTRDIFF_MAX;  // by its <base>: every link counts, and tags() has not all
    std::vector<Finding> found;
    std::size_t covered = 0;  // the end of the last block reported: its inner blocks are not told again
    for (const Tag& tag : tags) {
        if (ahead == 0) break;
        if (is_foreign_link(tag)) --ahead;
        const bool is_slit = tag.name == "marquee" && is_hidden(tag);
        const bool is_frame =
            tag.name == "iframe" || tag.name == "object" || tag.name == "embed" || tag.name == "input";
        if (is_frame || tag.span.begin < covered || !(is_slit || hides(tag.attribute("style")) || is_hidden(tag)))
            continue;
        const bool is_folded = !is_slit && is_only_folded(tag);
        const std::ptrdiff_t least = is_folded ? kFewLinks : 1;
        if (ahead + (is_foreign_link(tag) ? 1 : 0) < least) continue;  // and no tree is built, which is dear
        const html::Document* const tree = subject.tree();
        if (tree == nullptr) return found;
        const html::NodeId block = element_at(*tree, tag.span.begin);
        if (block == html::kNoNode) continue;
        std::size_t links = 0;
        std::set<std::string> hosts;
        for (html::NodeId id = block; id != html::kNoNode; id = tree->next_in(block, id)) {
            if (!tree->is_element(id, "a")) continue;
            const std::string_view url = tree->attribute(id, "href");
            if (!subject.is_foreign(url)) continue;
            ++links;
            hosts.insert(subject.host_of(url));
        }
        if (static_cast<std::ptrdiff_t>(links) >= least && (!is_folded || hosts.size() >= 2)) {
            found.push_back({tag.span.begin, (*tree)[block].span.size(), signals::Severity::Serious});
            covered = (*tree)[block].span.end;
        }
    }
    return found;
}

}  // namespace

extern const Rule hidden_links{"hidden-links", "見えない場所に、外部のサイトへのリンクが埋め込まれています。", run};

}  // namespace content
