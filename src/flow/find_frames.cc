#include "flow/find_frames.h"

#include <map>
#include <set>

#include "ground/base/error.h"
#include "ground/html/select.h"
#include "ground/ledger/store.h"
#include "press/content/store.h"
#include "press/frames/frames.h"

namespace flow {

using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kSamples = 40;      // of each accepted group
constexpr std::size_t kEnoughOfThem = 4;  // a group that holds a quarter of them is of their layout

struct Candidate {
    base::PageId id;
    base::Hash document;
    html::Encoding encoding;
    std::optional<std::size_t> sample_of;  ///< place among the accepted groups; none = the page is in none
};

Candidate candidate_of(const content::Page& page) {
    return {page.id, page.document, html::find_encoding(page.encoding).value_or(html::Encoding::Unknown), {}};
}

std::set<std::int64_t> settled_pages(sys::Reader& db) {
    std::set<std::int64_t> settled;
    for (const base::PageId page : frames::list_accepted_pages(db)) settled.insert(page.value);
    return settled;
}

/// What is compared: the pages that are in no accepted group, and, if there are any, a few of those that are.
struct Subjects {
    std::vector<frames::StoredGroup> accepted;
    std::vector<Candidate> pages;
};

Subjects list_subjects(sys::Reader& db) {
    const std::set<std::int64_t> settled = settled_pages(db);
    Subjects all;
    content::PageFilter filter;
    filter.limit = 1000;
    do {
        const content::PageList list = content::list_pages(db, filter);
        for (const content::Page& page : list.pages)
            if (page.kind == content::PageKind::TakenOver && !settled.contains(page.id.value))
                all.pages.push_back(candidate_of(page));
        filter.after = list.next;
    } while (!filter.after.empty());
    if (all.pages.empty()) return all;
    for (frames::StoredGroup& group : frames::list_groups(db)) {
        if (group.state != frames::GroupState::Accepted) continue;
        std::vector<base::PageId> covered;
        for (base::PageId after;;) {
            const auto members = frames::list_members(db, group.id, after, 1000);
            if (members.empty()) break;
            for (const frames::Member& member : members)
                if (member.is_covered) covered.push_back(member.page);
            after = members.back().page;
        }
        const std::size_t few = std::min(covered.size(), kSamples);
        for (std::size_t i = 0; i < few; ++i) {
            const content::Page page = content::load_page(db, covered[i * covered.size() / few]);
            if (page.kind != content::PageKind::TakenOver) continue;
            all.pages.push_back(candidate_of(page));
            all.pages.back().sample_of = all.accepted.size();
        }
        all.accepted.push_back(std::move(group));
    }
    return all;
}

/// Which pages belong to which accepted group: laid out like its samples, and its selector finds something there.
std::vector<std::vector<base::PageId>> find_joining(Site& site, const Subjects& subjects, const frames::Found& found) {
    std::vector<std::vector<base::PageId>> joining(subjects.accepted.size());
    std::vector<std::size_t> samples(subjects.accepted.size());
    std::map<std::int32_t, std::map<std::size_t, std::size_t>> drawn;  // found group -> accepted group -> its samples
    for (std::size_t i = 0; i < subjects.pages.size(); ++i)
        if (const auto of = subjects.pages[i].sample_of; of && found.group_of[i] != frames::kUnread) {
            ++samples[*of];
            if (found.is_covered[i] != 0) ++drawn[found.group_of[i]][*of];
        }
    std::vector<html::Selector> selectors;
    for (const frames::StoredGroup& group : subjects.accepted) selectors.emplace_back(group.selector);
    for (std::size_t i = 0; i < subjects.pages.size(); ++i) {
        const Candidate& page = subjects.pages[i];
        const auto there = drawn.find(found.group_of[i]);
        if (page.sample_of || there == drawn.end()) continue;
        std::vector<std::pair<std::size_t, std::size_t>> wanted;  // the most samples first
        for (const auto& [group, count] : there->second)
            if (count * kEnoughOfThem >= samples[group]) wanted.emplace_back(count, group);
        std::sort(wanted.rbegin(), wanted.rend());
        if (wanted.empty()) continue;
        const auto document = html::Document::parse(site.objects->load(page.document), page.encoding);
        for (const auto& [count, group] : wanted) {
            if (selectors[group].first(document) == html::kNoNode) continue;
            joining[group].push_back(page.id);
            break;
        }
    }
    return joining;
}

/// The pages become members of the accepted group; those that can be cut there, with its region. One act.
void join(Site& site, const frames::StoredGroup& group, const std::vector<base::PageId>& pages, const std::string& by) {
    RegionWish wish;
    wish.by = by;
    wish.selector = group.selector;
    set_region(
        site, wish, pages, [&](sys::Transaction& tx, const std::vector<base::PageId>& covered, const RegionOutcome&) {
            const auto now = frames::find_group(tx, group.id);
            if (!now || now->version != group.version)
                throw Error(Kind::Conflict, "調べている間に、枠の編集範囲が変わりました。もう一度調べてください。");
            for (const base::PageId page : pages)
                frames::add_member(tx, group.id, page,
                                   std::find(covered.begin(), covered.end(), page) != covered.end());
            ledger::append(tx, {site.clock.now(), by, "frame.join", fmt::format("frame:{}", group.id.value),
                                fmt::format(R"({{"pages":{},"covered":{}}})", pages.size(), covered.size())});
        });
}

/// Of the pages that are in no accepted group.
std::vector<frames::NewGroup> groups_of(const frames::Found& found, const std::vector<Candidate>& pages) {
    std::vector<frames::NewGroup> groups;
    for (const frames::Group& one : found.groups) {
        frames::NewGroup& made = groups.emplace_back();
        made.selector = one.selector;
        for (const frames::Part& part : one.parts)
            made.parts.push_back({{}, {}, part.kind, part.selector, part.present, part.same, part.looked_at});
    }
    for (std::size_t i = 0; i < pages.size(); ++i)
        if (found.group_of[i] != frames::kUnread && !pages[i].sample_of)
            groups[static_cast<std::size_t>(found.group_of[i])].pages.emplace_back(pages[i].id,
                                                                                   found.is_covered[i] != 0);
    return groups;
}

}  // namespace

frames::StoredGroup load_frame(sys::Reader& db, frames::GroupId id) {
    auto found = frames::find_group(db, id);
    if (!found) throw Error(Kind::NotFound, fmt::format("枠（番号 {}）は見つかりません。", id.value));
    return std::move(*found);
}

Comparison find_frames(Site& site, const std::string& by,
                       const std::function<void(std::int64_t, std::int64_t)>& progress) {
    const Subjects subjects = site.database->read(list_subjects);
    const std::vector<Candidate>& pages = subjects.pages;
    frames::Task task;
    task.pages = pages.size();
    task.load = [&](std::size_t i) {
        return html::Document::parse(site.objects->load(pages[i].document), pages[i].encoding);
    };
    if (progress)
        task.progress = [&](std::size_t done, std::size_t total) {
            progress(static_cast<std::int64_t>(done), static_cast<std::int64_t>(total));
        };
    const frames::Found found = frames::find(task);
    Comparison outcome;
    const auto joining = find_joining(site, subjects, found);
    for (std::size_t i = 0; i < joining.size(); ++i) {
        if (joining[i].empty()) continue;
        join(site, subjects.accepted[i], joining[i], by);
        outcome.joined += static_cast<std::int64_t>(joining[i].size());
    }
    const std::vector<frames::NewGroup> groups = groups_of(found, pages);
    site.database->write([&](sys::Transaction& tx) {
        // Pages that have joined a group by now, or whose group was accepted meanwhile, are not proposed once more.
        const std::set<std::int64_t> settled = settled_pages(tx);
        std::vector<frames::NewGroup> open = groups;
        std::int64_t proposed = 0, covered = 0;
        for (frames::NewGroup& group : open) {
            std::erase_if(group.pages, [&](const auto& page) { return settled.contains(page.first.value); });
            group.covered =
                std::count_if(group.pages.begin(), group.pages.end(), [](const auto& page) { return page.second; });
            proposed += static_cast<std::int64_t>(group.pages.size());
            covered += group.covered;
        }
        std::erase_if(open, [](const frames::NewGroup& group) { return group.pages.empty(); });
        frames::replace_proposals(tx, open, site.clock.now());
        ledger::append(tx, {site.clock.now(), by, "frame.find", "",
                            fmt::format(R"({{"groups":{},"pages":{},"covered":{},"joined":{}}})", open.size(), proposed,
                                        covered, outcome.joined)});
    });
    outcome.groups = site.database->read(frames::list_groups);
    return outcome;
}

RegionOutcome accept_frame(Site& site, frames::GroupId id, std::int64_t version, const std::string& selector,
                           const std::string& by) {
    std::vector<base::PageId> pages;
    RegionWish wish;
    wish.by = by;
    site.database->read([&](sys::Reader& db) {
        const frames::StoredGroup group = load_frame(db, id);
        wish.selector = selector.empty() ? group.selector : selector;
        for (base::PageId after;;) {
            const auto members = frames::list_members(db, id, after, 1000);
            if (members.empty()) break;
            for (const frames::Member& member : members) pages.push_back(member.page);
            after = members.back().page;
        }
    });
    if (wish.selector.empty())
        throw Error(Kind::BadInput, "この枠には編集範囲の候補がありません。編集範囲をセレクタで指定してください。");
    return set_region(
        site, wish, pages,
        [&](sys::Transaction& tx, const std::vector<base::PageId>& covered, const RegionOutcome& outcome) {
            frames::set_accepted(tx, id, version, wish.selector, covered);
            ledger::append(tx, {site.clock.now(), by, "frame.accept", fmt::format("frame:{}", id.value),
                                fmt::format(R"({{"pages":{},"covered":{},"refused":{},"unmatched":{}}})", pages.size(),
                                            covered.size(), outcome.refused.size(), outcome.unmatched.size())});
        });
}

}  // namespace flow
