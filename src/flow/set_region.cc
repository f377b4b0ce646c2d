#include "flow/set_region.h"

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/select.h"
#include "ground/html/splice.h"
#include "ground/ledger/store.h"
#include "press/content/store.h"

namespace flow {

namespace {

using base::Error;
using base::Kind;

constexpr int kBatch = 200;

struct Found {
    content::Page page;
    std::vector<content::Region> regions;  ///< as they will be
};

bool overlap(const content::Region& a, const content::Region& b) {
    return a.begin < b.end && b.begin < a.end;
}

/// What the page's regions become, or why not.
std::optional<Found> look(Site& site, sys::Reader& db, const content::Page& page, const html::Selector& selector,
                          const RegionWish& wish, RegionOutcome& outcome) {
    const auto refuse = [&](std::string reason) {
        outcome.refused.push_back({page.path, std::move(reason)});
        return std::nullopt;
    };
    if (page.kind != content::PageKind::TakenOver) return refuse("it is made from a template");
    const auto encoding = html::find_encoding(page.encoding).value_or(html::Encoding::Unknown);
    const std::string original = site.objects->load(page.document);
    const html::Document document = html::Document::parse(original, encoding);
    const html::NodeId node = selector.first(document);
    if (node == html::kNoNode) {
        outcome.unmatched.push_back(page.path);
        return std::nullopt;
    }
    const html::Region region = html::region_of(document, node);
    if (const auto fault = html::check_region(document, original, region)) return refuse(*fault);

    content::Region wanted{wish.name, static_cast<std::int64_t>(region.begin), static_cast<std::int64_t>(region.end),
                           region.context};
    Found found{page, content::list_regions(db, page.id)};
    for (auto each = found.regions.begin(); each != found.regions.end();) {
        if (each->name != wish.name) {
            if (overlap(*each, wanted)) return refuse(fmt::format("the region {} lies there already", each->name));
            ++each;
            continue;
        }
        const bool is_same = each->begin == wanted.begin && each->end == wanted.end;
        for (const base::RevisionId id : {page.latest, page.live})
            if (id && !is_same && content::load_revision(db, id).body.parts.contains(wish.name))
                return refuse("it has been edited in its present region");
        each = found.regions.erase(each);
    }
    found.regions.push_back(std::move(wanted));
    return found;
}

}  // namespace

RegionOutcome set_region(Site& site, const RegionWish& wish) {
    const html::Selector selector(wish.selector);
    RegionOutcome outcome;
    content::PageFilter filter;
    filter.under = wish.path;
    filter.limit = kBatch;
    do {
        std::vector<Found> batch;
        site.database->read([&](sys::Reader& db) {
            content::PageList list;
            if (wish.is_section) {
                list = content::list_pages(db, filter);
            } else {
                const auto page = content::find_page(db, wish.path);
                if (!page) throw Error(Kind::NotFound, fmt::format("there is no page {}", wish.path));
                list.pages.push_back(*page);
            }
            for (const content::Page& page : list.pages)
                if (auto found = look(site, db, page, selector, wish, outcome)) batch.push_back(*std::move(found));
            filter.after = list.next;
        });
        site.database->write([&](sys::Transaction& tx) {
            for (const Found& found : batch) content::set_regions(tx, found.page.id, found.regions);
        });
        outcome.matched += static_cast<std::int64_t>(batch.size());
    } while (!filter.after.empty());
    site.database->write([&](sys::Transaction& tx) {
        ledger::append(tx, {site.clock.now(), wish.by, "site.region", "",
                            fmt::format(R"({{"path":"{}","name":"{}","matched":{},"refused":{},"unmatched":{}}})",
                                        base::percent_encode(wish.path), base::percent_encode(wish.name),
                                        outcome.matched, outcome.refused.size(), outcome.unmatched.size())});
    });
    return outcome;
}

}  // namespace flow
