#include "flow/find_frames.h"

#include <set>

#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "press/content/store.h"
#include "press/frames/frames.h"

namespace flow {

using base::Error;
using base::Kind;

namespace {

struct Candidate {
    base::PageId id;
    base::Hash document;
    html::Encoding encoding;
};

std::vector<Candidate> list_candidates(sys::Reader& db) {
    std::set<std::int64_t> settled;
    for (const base::PageId page : frames::list_accepted_pages(db)) settled.insert(page.value);
    std::vector<Candidate> all;
    content::PageFilter filter;
    filter.limit = 1000;
    do {
        const content::PageList list = content::list_pages(db, filter);
        for (const content::Page& page : list.pages)
            if (page.kind == content::PageKind::TakenOver && !settled.contains(page.id.value))
                all.push_back(
                    {page.id, page.document, html::find_encoding(page.encoding).value_or(html::Encoding::Unknown)});
        filter.after = list.next;
    } while (!filter.after.empty());
    return all;
}

std::vector<frames::NewGroup> groups_of(const frames::Found& found, const std::vector<Candidate>& pages) {
    std::vector<frames::NewGroup> groups;
    for (const frames::Group& one : found.groups) {
        frames::NewGroup& made = groups.emplace_back();
        made.selector = one.selector;
        made.covered = one.covered;
        for (const frames::Part& part : one.parts)
            made.parts.push_back({{}, {}, part.kind, part.selector, part.present, part.same, part.looked_at});
    }
    for (std::size_t i = 0; i < pages.size(); ++i)
        if (found.group_of[i] != frames::kUnread)
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

std::vector<frames::StoredGroup> find_frames(Site& site, const std::string& by,
                                             const std::function<void(std::int64_t, std::int64_t)>& progress) {
    const std::vector<Candidate> pages = site.database->read(list_candidates);
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
    const std::vector<frames::NewGroup> groups = groups_of(found, pages);
    const auto covered = std::count(found.is_covered.begin(), found.is_covered.end(), 1);
    site.database->write([&](sys::Transaction& tx) {
        // A group may have been accepted while the pages were compared: its pages are not proposed once more.
        std::set<std::int64_t> settled;
        for (const base::PageId page : frames::list_accepted_pages(tx)) settled.insert(page.value);
        std::vector<frames::NewGroup> open = groups;
        for (frames::NewGroup& group : open) {
            std::erase_if(group.pages, [&](const auto& page) { return settled.contains(page.first.value); });
            group.covered =
                std::count_if(group.pages.begin(), group.pages.end(), [](const auto& page) { return page.second; });
        }
        std::erase_if(open, [](const frames::NewGroup& group) { return group.pages.empty(); });
        frames::replace_proposals(tx, open, site.clock.now());
        ledger::append(tx,
                       {site.clock.now(), by, "frame.find", "",
                        fmt::format(R"({{"groups":{},"pages":{},"covered":{}}})", open.size(), pages.size(), covered)});
    });
    return site.database->read(frames::list_groups);
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
