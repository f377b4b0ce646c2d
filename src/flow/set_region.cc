#include "flow/set_region.h"

#include <atomic>
#include <mutex>
#include <thread>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/select.h"
#include "ground/html/splice.h"
#include "ground/ledger/store.h"
#include "press/content/store.h"
#include "press/frames/places.h"

namespace flow {

namespace {

using base::Error;
using base::Kind;

constexpr int kBatch = 500;

/// What the page's regions become, or why not.
struct Look {
    content::Page page;
    std::vector<content::Region> before, after;
    bool is_unmatched = false;
    std::string refusal;
    bool is_good() const { return !is_unmatched && refusal.empty(); }
};

bool overlap(const content::Region& a, const content::Region& b) {
    return a.begin < b.end && b.begin < a.end;
}

bool is_same(const content::Region& a, const content::Region& b) {
    return a.name == b.name && a.begin == b.begin && a.end == b.end && a.context == b.context;
}

Look look(Site& site, sys::Reader& db, base::PageId id, const html::Selector& selector, const std::string& name) {
    Look found{content::load_page(db, id), content::list_regions(db, id), {}, false, ""};
    const content::Page& page = found.page;
    const auto refuse = [&](std::string reason) {
        found.refusal = std::move(reason);
        return found;
    };
    if (page.kind != content::PageKind::TakenOver) return refuse("it is made from a template");
    content::Region wanted;
    try {
        const auto encoding = html::find_encoding(page.encoding).value_or(html::Encoding::Unknown);
        const std::string original = site.objects->load(page.document);
        const html::Document document = html::Document::parse(original, encoding);
        const html::NodeId node = selector.first(document);
        if (node == html::kNoNode) {
            found.is_unmatched = true;
            return found;
        }
        const html::Region region = html::region_of(document, node);
        if (const auto fault = html::check_region(document, original, region)) return refuse(*fault);
        wanted = {name, static_cast<std::int64_t>(region.begin), static_cast<std::int64_t>(region.end), region.context};
    } catch (const Error& error) {
        if (error.kind() != Kind::BadInput) throw;
        return refuse(error.message());
    }
    for (const content::Region& each : found.before) {
        if (each.name != name) {
            if (overlap(each, wanted)) return refuse(fmt::format("the region {} lies there already", each.name));
            found.after.push_back(each);
            continue;
        }
        if (each.begin == wanted.begin && each.end == wanted.end) continue;
        for (const base::RevisionId revision : {page.latest, page.live})
            if (revision && content::load_revision(db, revision).body.parts.contains(name))
                return refuse("it has been edited in its present region");
    }
    for (const frames::Place& place : frames::list_places(db, id))
        if (place.begin < wanted.end && wanted.begin < place.end)
            return refuse(
                fmt::format("the part {} that pages share lies in it; choose a region without it", place.name));
    found.after.push_back(std::move(wanted));
    return found;
}

std::vector<Look> look_at_all(Site& site, const std::vector<base::PageId>& pages, const html::Selector& selector,
                              const std::string& name) {
    std::vector<Look> looks(pages.size());
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    std::mutex mutex;
    const auto work = [&] {
        try {
            for (std::size_t i = next++; i < pages.size(); i = next++)
                site.database->read([&](sys::Reader& db) { looks[i] = look(site, db, pages[i], selector, name); });
        } catch (...) {
            const std::lock_guard lock(mutex);
            failure = std::current_exception();
            next = pages.size();
        }
    };
    std::vector<std::thread> threads;
    for (unsigned i = 1; i < std::max(1U, std::thread::hardware_concurrency()) && i < pages.size() / 8 + 1; ++i)
        threads.emplace_back(work);
    work();
    for (std::thread& thread : threads) thread.join();
    if (failure) std::rethrow_exception(failure);
    return looks;
}

/// Did somebody save the page or set a region of it since it was looked at?
bool is_stale(sys::Reader& db, const Look& seen) {
    const auto now = content::find_page(db, seen.page.id);
    if (!now || now->version != seen.page.version) return true;
    const auto regions = content::list_regions(db, seen.page.id);
    return !std::equal(regions.begin(), regions.end(), seen.before.begin(), seen.before.end(), is_same);
}

std::vector<base::PageId> pages_of(Site& site, const RegionWish& wish) {
    return site.database->read([&](sys::Reader& db) {
        std::vector<base::PageId> pages;
        if (!wish.is_section) {
            const auto page = content::find_page(db, wish.path);
            if (!page) throw Error(Kind::NotFound, fmt::format("there is no page {}", wish.path));
            pages.push_back(page->id);
            return pages;
        }
        content::PageFilter filter;
        filter.under = wish.path.empty() || wish.path.ends_with('/') ? wish.path : wish.path + "/";
        filter.limit = kBatch;
        do {
            const content::PageList list = content::list_pages(db, filter);
            for (const content::Page& page : list.pages) pages.push_back(page.id);
            filter.after = list.next;
        } while (!filter.after.empty());
        return pages;
    });
}

}  // namespace

RegionOutcome set_region(Site& site, const RegionWish& wish, const std::vector<base::PageId>& pages,
                         const AlsoDo& also) {
    const html::Selector selector(wish.selector);
    const std::vector<Look> looks = look_at_all(site, pages, selector, wish.name);
    return site.database->write([&](sys::Transaction& tx) {
        RegionOutcome outcome;
        std::vector<base::PageId> covered;
        for (const Look& seen : looks) {
            const Look now = is_stale(tx, seen) ? look(site, tx, seen.page.id, selector, wish.name) : seen;
            if (now.is_unmatched) outcome.unmatched.push_back(now.page.path);
            if (!now.refusal.empty()) outcome.refused.push_back({now.page.path, now.refusal});
            if (!now.is_good()) continue;
            content::set_regions(tx, now.page.id, now.after);
            covered.push_back(now.page.id);
        }
        outcome.matched = static_cast<std::int64_t>(covered.size());
        also(tx, covered, outcome);
        return outcome;
    });
}

RegionOutcome set_region(Site& site, const RegionWish& wish) {
    return set_region(
        site, wish, pages_of(site, wish),
        [&](sys::Transaction& tx, const std::vector<base::PageId>&, const RegionOutcome& outcome) {
            ledger::append(tx, {site.clock.now(), wish.by, "site.region", "",
                                fmt::format(R"({{"path":"{}","name":"{}","matched":{},"refused":{},"unmatched":{}}})",
                                            base::percent_encode(wish.path), base::percent_encode(wish.name),
                                            outcome.matched, outcome.refused.size(), outcome.unmatched.size())});
        });
}

}  // namespace flow
