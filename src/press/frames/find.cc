// Three passes over the pages: count what repeats, find each page's way to its own words, and give every page to a
// group whose selector finds the end of that way. Between the second and the third the pages agree on how far to go,
// and a few of each group give it its selector. A page is parsed once; what the later passes need of it, its tree and
// the hashes of its texts, is kept while there is room for it, and pages beyond that are parsed again.
#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "ground/base/error.h"
#include "ground/html/select.h"
#include "ground/html/skeleton.h"
#include "press/frames/frames.h"
#include "press/frames/inner/chain.h"
#include "press/frames/inner/parts.h"

namespace frames {

using base::Error;
using html::Document;
using html::kNoNode;
using html::NodeId;

namespace {

constexpr std::size_t kMostGroups = 60;
constexpr std::size_t kExamples = 32;
constexpr std::size_t kSamples = 5;
/// Pages with fewer characters of their own follow the others; on a site of such pages each has a voice.
constexpr float kFewWords = 40;
constexpr float kAnyWords = 2;
/// A group of so many pages draws others to it, which have this share of their words in its region.
constexpr std::size_t kMany = 10;
constexpr float kMostWords = 0.6F;

/// What selectors and the way down ask for.
constexpr std::string_view kAttributes[] = {"id", "class", "role"};

/// The pages, by place; of many only the tree without its words.
class Pages {
  public:
    using Work = std::function<void(const Document&, const std::vector<Unit>&)>;
    explicit Pages(const Task& task) : task_(task), kept_(task.pages) {}

    /// The first time: the whole page.
    void parse(std::size_t i, const Work& work) {
        const Document page = task_.load(i);
        std::vector<Unit> units = list_units(page);
        work(page, units);
        std::string skeleton = html::pack_skeleton(page, kAttributes);
        const std::size_t size = skeleton.size() + units.size() * sizeof(Unit) + sizeof(Kept);
        if (taken_.fetch_add(size) + size > task_.room) return;
        units.shrink_to_fit();
        kept_[i] = {std::move(skeleton), std::move(units)};
    }
    void look(std::size_t i, const Work& work) const {
        if (!kept_[i].skeleton.empty()) return work(html::unpack_skeleton(kept_[i].skeleton), kept_[i].units);
        const Document page = task_.load(i);
        work(page, list_units(page));
    }

  private:
    struct Kept {
        std::string skeleton;
        std::vector<Unit> units;
    };
    const Task& task_;
    std::vector<Kept> kept_;
    std::atomic<std::size_t> taken_{0};
};

/// work(place) for each page, by several threads; a page that cannot be read is left out.
void for_each_page(const Task& task, std::size_t pass, const std::function<void(std::size_t)>& work) {
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    std::mutex mutex;
    const auto run = [&](bool tells) {
        try {
            for (std::size_t i = next++; i < task.pages; i = next++) {
                try {
                    work(i);
                } catch (const Error& error) {
                    if (error.kind() != base::Kind::BadInput) throw;
                }
                if (tells && task.progress && i % 16 == 0) task.progress(pass * task.pages + i, 3 * task.pages);
            }
        } catch (...) {
            const std::lock_guard lock(mutex);
            failure = std::current_exception();
            next = task.pages;
        }
    };
    std::vector<std::thread> threads;
    const unsigned wanted = task.threads > 0 ? task.threads : std::max(1U, std::thread::hardware_concurrency());
    for (unsigned i = 1; i < wanted && i < task.pages / 8 + 1; ++i) threads.emplace_back(run, false);
    run(true);
    for (std::thread& thread : threads) thread.join();
    if (failure) std::rethrow_exception(failure);
}

/// Pages of one key end their way in the same place; the class of the last element may differ ("section", "chapter").
std::string group_key(const Chain& chain, std::size_t taken) {
    std::string key;
    for (std::size_t i = 0; i < taken; ++i) {
        const std::string& step = chain.steps[i].key;
        const bool is_last = i + 1 == taken;
        key += '>';
        key += is_last && step.find('#') == std::string::npos ? step.substr(0, step.find('.')) : step;
    }
    return key;
}

template <class T>
std::vector<T> spread(const std::vector<T>& all, std::size_t most) {
    if (all.size() <= most) return all;
    std::vector<T> few;
    for (std::size_t i = 0; i < most; ++i) few.push_back(all[i * all.size() / most]);
    return few;
}

struct Draft {
    std::vector<std::size_t> pages;
    Group group;
};

/// Some pages of a group, and at least one of each class that the last element has.
std::vector<std::size_t> pick_examples(const std::vector<Chain>& chains, const std::vector<std::size_t>& taken,
                                       const std::vector<std::size_t>& pages) {
    std::vector<std::size_t> picked = spread(pages, kExamples);
    std::set<std::string> known;
    const auto last_key = [&](std::size_t i) { return taken[i] == 0 ? "" : chains[i].steps[taken[i] - 1].key; };
    for (const std::size_t i : picked) known.insert(last_key(i));
    for (const std::size_t i : pages)
        if (picked.size() < 2 * kExamples && known.insert(last_key(i)).second) picked.push_back(i);
    std::sort(picked.begin(), picked.end());
    return picked;
}

/// Selector and parts, from some of its pages.
void describe(const Task& task, const Repeats& repeats, const std::vector<Chain>& chains,
              const std::vector<std::size_t>& taken, Draft& draft) {
    std::vector<Document> pages;
    std::vector<NodeId> elements;
    for (const std::size_t i : pick_examples(chains, taken, draft.pages)) {
        try {
            Document page = task.load(i);
            elements.push_back(settle(page, chains[i], taken[i], weigh(page, list_units(page), repeats)));
            pages.push_back(std::move(page));
        } catch (const Error& error) {
            if (error.kind() != base::Kind::BadInput) throw;
        }
    }
    std::vector<Example> examples;
    for (std::size_t i = 0; i < pages.size(); ++i) examples.push_back({&pages[i], elements[i]});
    draft.group.selector = name_together(examples);
    draft.group.parts = find_parts(examples);
}

/// Do both hold the same words?
bool is_same_region(const Document& page, NodeId a, NodeId b, const Weights& weights) {
    if (a == b) return true;
    if (a == kNoNode || b == kNoNode) return false;
    return weights.raw[a] == weights.raw[b] && (page.is_within(a, b) || page.is_within(b, a));
}

}  // namespace

Found find(const Task& task) {
    Repeats repeats(task.pages);
    Pages pages(task);
    for_each_page(task, 0, [&](std::size_t i) {
        pages.parse(i, [&](const Document& page, const std::vector<Unit>& units) { repeats.add(page, units); });
    });
    std::vector<Chain> chains(task.pages);
    for_each_page(task, 1, [&](std::size_t i) {
        pages.look(
            i, [&](const Document& page, const std::vector<Unit>& units) { chains[i] = follow(page, units, repeats); });
    });

    // Pages that say nothing of their own have no voice; they follow whoever's selector fits.
    std::vector<Chain> voices;
    std::vector<std::size_t> speakers;
    for (const float enough : {kFewWords, kAnyWords}) {
        speakers.clear();
        for (std::size_t i = 0; i < chains.size(); ++i)
            if (chains[i].state == Chain::State::Told && chains[i].own >= enough) speakers.push_back(i);
        if (speakers.size() * 2 > chains.size()) break;
    }
    for (const std::size_t i : speakers) voices.push_back(chains[i]);
    const std::vector<std::size_t> agreed = agree(voices);
    std::vector<std::size_t> taken(task.pages);
    std::map<std::string, Draft> by_key;
    for (std::size_t s = 0; s < speakers.size(); ++s) {
        taken[speakers[s]] = agreed[s];
        by_key[group_key(chains[speakers[s]], agreed[s])].pages.push_back(speakers[s]);
    }
    std::vector<Draft> drafts;
    for (auto& [key, draft] : by_key) drafts.push_back(std::move(draft));
    std::stable_sort(drafts.begin(), drafts.end(),
                     [](const Draft& a, const Draft& b) { return a.pages.size() > b.pages.size(); });
    if (drafts.size() > kMostGroups) drafts.resize(kMostGroups);
    for (Draft& draft : drafts) describe(task, repeats, chains, taken, draft);
    std::vector<html::Selector> selectors;
    for (const Draft& draft : drafts) selectors.emplace_back(draft.group.selector);

    const auto none = static_cast<std::int32_t>(drafts.size());  // the last group: no region to propose
    Found found;
    found.group_of.assign(task.pages, kUnread);
    found.is_covered.assign(task.pages, 0);
    std::vector<bool> speaks(task.pages);
    for (const std::size_t i : speakers) speaks[i] = true;
    const auto place = [&](std::size_t i, const Document& page, const std::vector<Unit>& units) {
        found.group_of[i] = none;
        if (chains[i].state == Chain::State::Frameset) return;
        const Weights weights = weigh(page, units, repeats);
        const NodeId own = speaks[i] ? settle(page, chains[i], taken[i], weights) : kNoNode;
        std::int32_t fitting = -1;
        for (std::size_t g = 0; g < selectors.size(); ++g) {
            const NodeId there = selectors[g].first(page);
            if (there == kNoNode) continue;
            // The page's own finding, or what a page without a voice has at the place of the others.
            const bool is_right = speaks[i] ? is_same_region(page, there, own, weights)
                                            : page[there].tag != "body" && weights.raw[there] > 0;
            // A page that went its own way, although it has the region of many others with its words in it.
            const bool is_many = drafts[g].pages.size() >= kMany && page[there].tag != "body";
            if (is_right && (is_many || fitting < 0)) {
                fitting = static_cast<std::int32_t>(g);
                break;
            }
            if (speaks[i] && fitting < 0 && is_many &&
                (own == chains[i].body ? weights.raw[there] > 0
                                       : weights.own[there] >= weights.own[chains[i].body] * kMostWords))
                fitting = static_cast<std::int32_t>(g);
        }
        if (fitting >= 0) {
            found.group_of[i] = fitting;
            found.is_covered[i] = 1;
        }
    };
    for_each_page(task, 2, [&](std::size_t i) {
        pages.look(i, [&](const Document& page, const std::vector<Unit>& units) { place(i, page, units); });
    });

    // In order of size, empty ones left out.
    drafts.emplace_back();
    std::vector<std::vector<std::size_t>> members(drafts.size());
    for (std::size_t i = 0; i < task.pages; ++i)
        if (found.group_of[i] != kUnread) members[static_cast<std::size_t>(found.group_of[i])].push_back(i);
    std::vector<std::size_t> order(drafts.size());
    for (std::size_t g = 0; g < order.size(); ++g) order[g] = g;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return members[a].size() > members[b].size(); });
    std::vector<std::int32_t> place_of(drafts.size(), kUnread);
    for (const std::size_t g : order) {
        if (members[g].empty()) continue;
        place_of[g] = static_cast<std::int32_t>(found.groups.size());
        Group group = std::move(drafts[g].group);
        group.pages = static_cast<std::int64_t>(members[g].size());
        group.covered = std::count_if(members[g].begin(), members[g].end(),
                                      [&](std::size_t i) { return found.is_covered[i] != 0; });
        group.samples = spread(members[g], kSamples);
        found.groups.push_back(std::move(group));
    }
    for (std::int32_t& group : found.group_of)
        if (group != kUnread) group = place_of[static_cast<std::size_t>(group)];
    return found;
}

}  // namespace frames
