#include "flow/restyle_plan.h"

#include <map>

#include "flow/find_frames.h"
#include "flow/render_source.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/document.h"
#include "ground/html/sanitise.h"
#include "ground/html/splice.h"
#include "ground/sys/crypto.h"
#include "press/content/fields.h"
#include "press/content/store.h"
#include "press/content/templates.h"
#include "press/workflow/store.h"

namespace flow {

using base::Error;
using base::Kind;

namespace {

constexpr std::string_view kMainRegion = "main";
constexpr std::string_view kMainField = "body";
constexpr std::size_t kFewTitles = 3;
constexpr std::string_view kSeparators[] = {"｜", "|",   "－", " - ", " – ", "—",  "：",
                                            "／", " / ", "＜", " < ", "«",   " (", "（"};

/// What most titles of a frame begin or end with: the site's name, which the page type says itself.
struct SiteName {
    std::string head;  ///< "見本市｜"
    std::string tail;  ///< "｜見本市"
};

/// Nothing when fewer than half of the pages, or fewer than three, say it.
std::string most_frequent(const std::map<std::string, std::size_t>& counts, std::size_t all) {
    for (const auto& [text, count] : counts)
        if (!text.empty() && count >= kFewTitles && count * 2 > all) return text;
    return {};
}

SiteName find_site_name(sys::Reader& db, frames::GroupId group) {
    std::map<std::string, std::size_t> heads, tails;
    std::size_t all = 0;
    for (base::PageId after;;) {
        const auto members = frames::list_members(db, group, after, 1000);
        if (members.empty()) break;
        for (const frames::Member& member : members) {
            const content::Page page = content::load_page(db, member.page);
            if (!page.live || page.kind != content::PageKind::TakenOver) continue;
            const std::string title = content::load_revision(db, page.live).body.title;
            ++all;
            std::size_t first = std::string::npos, first_end = 0, last = 0;
            for (const std::string_view separator : kSeparators) {
                if (const std::size_t at = title.find(separator); at < first) {
                    first = at;
                    first_end = at + separator.size();
                }
                if (const std::size_t at = title.rfind(separator); at != std::string::npos) last = std::max(last, at);
            }
            if (first == std::string::npos) continue;
            ++heads[title.substr(0, first_end)];
            ++tails[title.substr(last)];
        }
        after = members.back().page;
    }
    return {most_frequent(heads, all), most_frequent(tails, all)};
}

std::string without_site_name(std::string_view title, const SiteName& name) {
    std::string_view rest = title;
    if (!name.tail.empty() && rest.ends_with(name.tail))
        rest.remove_suffix(name.tail.size());
    else if (!name.head.empty() && rest.starts_with(name.head))
        rest.remove_prefix(name.head.size());
    rest = base::trim(rest);
    return std::string(rest.empty() ? title : rest);
}

/// The page type puts the title above the body as its one <h1>: a first heading that says the same would be said
/// twice, and others of that rank become <h2>.
std::string below_title(std::string html, std::string_view title) {
    const html::Document parsed = html::Document::parse_fragment(html);
    std::vector<html::NodeId> headings = parsed.find_all("h1");
    for (std::size_t i = headings.size(); i-- > 0;) {
        const html::Node& heading = parsed[headings[i]];
        if (i == 0 && base::trim(parsed.plain_text_of(headings[i])) == base::trim(title)) {
            html.erase(heading.span.begin, heading.span.end - heading.span.begin);
            continue;
        }
        if (heading.is_implied) continue;
        if (heading.has_end_tag) html[heading.inner.end + 3] = '2';
        html[heading.span.begin + 2] = '2';
    }
    return html;
}

/// What the page says there now, in UTF-8.
std::string text_of_region(Site& site, const content::Page& page, const content::Body& body,
                           const content::Region& region) {
    if (const auto own = body.parts.find(region.name); own != body.parts.end()) return own->second;
    return html::region_html(
        site.objects->load(page.document), html::find_encoding(page.encoding).value_or(html::Encoding::Unknown),
        {static_cast<std::size_t>(region.begin), static_cast<std::size_t>(region.end), region.context});
}

/// A page before it is planned.
struct OldPage {
    content::Page page;
    std::vector<content::Region> regions;  ///< in the order of the document
};

std::vector<content::Region> regions_of(sys::Reader& db, const content::Page& page) {
    return page.kind == content::PageKind::TakenOver ? content::list_regions(db, page.id)
                                                     : std::vector<content::Region>{};
}

std::vector<RestylePlan::Place> place_regions(const std::vector<OldPage>& pages, const frames::Mapping& mapping) {
    struct Seen {
        std::int64_t pages = 0;
        bool is_alone = false, is_beside_main = false;
    };
    std::map<std::string, Seen> all;
    for (const OldPage& one : pages) {
        const bool has_main = std::any_of(one.regions.begin(), one.regions.end(),
                                          [](const content::Region& each) { return each.name == kMainRegion; });
        for (const content::Region& region : one.regions) {
            Seen& seen = all[region.name];
            ++seen.pages;
            seen.is_alone |= one.regions.size() == 1;
            seen.is_beside_main |= has_main && region.name != kMainRegion;
        }
    }
    std::vector<RestylePlan::Place> places;
    for (const auto& [name, seen] : all) {
        const bool is_body = name == kMainRegion || (seen.is_alone && !seen.is_beside_main);
        places.push_back({name, seen.pages, std::string(is_body ? kMainField : "")});
    }
    std::stable_partition(places.begin(), places.end(), [](const auto& one) { return one.region == kMainRegion; });
    for (const frames::Placing& chosen : mapping) {
        const auto place =
            std::find_if(places.begin(), places.end(), [&](const auto& one) { return one.region == chosen.region; });
        if (place == places.end())
            throw Error(Kind::BadInput, fmt::format("編集範囲「{}」のあるページはありません。", chosen.region));
        place->field = chosen.field;
    }
    return places;
}

void plan_page(Site& site, sys::Reader& db, const OldPage& of, const SiteName& name, RestylePlan& plan) {
    RestylePlan::One one;
    one.page = of.page;
    const auto leave = [&](std::string reason) { plan.left_out.push_back({one.page.path, std::move(reason)}); };
    if (one.page.kind != content::PageKind::TakenOver) return leave("すでにテンプレートで作られています");
    if (!is_at_rest(db, one.page)) return leave("公開していないか、編集や承認の途中です");
    if (of.regions.empty()) return leave("編集範囲がありません");
    const content::Body now = content::load_revision(db, one.page.live).body;
    one.body = now;
    one.body.title = without_site_name(now.title, name);
    one.body.template_name = plan.page_type;
    one.body.parts.clear();
    std::string names;
    for (const content::Region& region : of.regions) {
        names += (names.empty() ? "" : "、") + region.name;
        const auto place = std::find_if(plan.places.begin(), plan.places.end(),
                                        [&](const auto& each) { return each.region == region.name; });
        if (place->field.empty()) {
            one.removed.push_back(fmt::format("編集範囲「{}」", region.name));
            continue;
        }
        html::Cleaned cleaned =
            html::clean_html(below_title(text_of_region(site, one.page, now, region), one.body.title));
        std::string& text = one.body.parts[place->field];
        text += (text.empty() ? "" : "\n") + cleaned.html.str();
        for (std::string& each : cleaned.removed)
            if (std::find(one.removed.begin(), one.removed.end(), each) == one.removed.end())
                one.removed.push_back(std::move(each));
    }
    if (one.body.parts.empty()) return leave(fmt::format("編集範囲（{}）を入れる場所が選ばれていません", names));
    plan.pages.push_back(std::move(one));
}

/// With the places of these pages' regions. Throws Error(BadInput).
RestylePlan begin_plan(sys::Reader& db, const std::string& page_type, const std::vector<OldPage>& pages,
                       const frames::Mapping& mapping) {
    const auto type = content::find_live_template(db, page_type);
    if (!type || type->kind != content::TemplateKind::Page)
        throw Error(Kind::BadInput, fmt::format("公開中のページの型「{}」はありません。", page_type));
    RestylePlan plan;
    plan.page_type = page_type;
    plan.fields = content::page_parts(type->source);
    for (const frames::Placing& one : mapping)
        if (!one.field.empty() && std::find(plan.fields.begin(), plan.fields.end(), one.field) == plan.fields.end())
            throw Error(Kind::BadInput, fmt::format("ページの型「{}」に、「{}」という欄はありません。欄は{}です。",
                                                    page_type, one.field, base::join(plan.fields, "、")));
    plan.places = place_regions(pages, mapping);
    return plan;
}

}  // namespace

bool is_at_rest(sys::Reader& db, const content::Page& page) {
    return page.live && page.live == page.latest && workflow::find_standing(db, page.id).state == workflow::State::None;
}

frames::Mapping RestylePlan::mapping() const {
    frames::Mapping all;
    for (const Place& one : places) all.push_back({one.region, one.field});
    return all;
}

base::Hash hash_of(const RestylePlan& plan, std::string_view type_source) {
    std::string text = fmt::format("yakuba-restyle 1\n{}\n{}\n", plan.page_type, sys::sha256(type_source).hex());
    for (const RestylePlan::One& one : plan.pages)
        text += fmt::format("{} {}\n", one.page.id.value,
                            content::revision_hash(one.page.path, one.page.document, one.body).hex());
    return sys::sha256(text);
}

RestylePlan plan_restyle(Site& site, frames::GroupId group, const std::string& page_type,
                         const frames::Mapping& mapping) {
    return site.database->read([&](sys::Reader& db) {
        if (load_frame(db, group).state != frames::GroupState::Accepted)
            throw Error(Kind::BadInput, "先に、この枠の編集範囲を決めてください。");
        std::vector<OldPage> pages;
        for (base::PageId after;;) {
            const auto members = frames::list_members(db, group, after, 1000);
            if (members.empty()) break;
            for (const frames::Member& member : members) {
                content::Page page = content::load_page(db, member.page);
                auto regions = regions_of(db, page);
                pages.push_back({std::move(page), std::move(regions)});
            }
            after = members.back().page;
        }
        RestylePlan plan = begin_plan(db, page_type, pages, mapping);
        plan.group = group;
        const SiteName name = find_site_name(db, group);
        for (const OldPage& one : pages) plan_page(site, db, one, name, plan);
        plan.hash = hash_of(plan, content::find_live_template(db, page_type)->source);
        return plan;
    });
}

std::string preview_restyled(Site& site, const RestylePlan::One& planned) {
    return site.database->read([&](sys::Reader& db) {
        content::Revision revision;
        revision.page = planned.page.id;
        revision.body = planned.body;
        return preview_composed(site, db, planned.page, revision, site.clock.now(), site.clock.now());
    });
}

std::string preview_restyled(Site& site, base::PageId page, const std::string& page_type,
                             const frames::Mapping& mapping) {
    const RestylePlan plan = site.database->read([&](sys::Reader& db) {
        OldPage one{content::load_page(db, page), {}};
        one.regions = regions_of(db, one.page);
        frames::Mapping of_page;
        for (const frames::Placing& each : mapping)
            if (std::any_of(one.regions.begin(), one.regions.end(),
                            [&](const content::Region& region) { return region.name == each.region; }))
                of_page.push_back(each);
        RestylePlan made = begin_plan(db, page_type, {one}, of_page);
        const auto group = frames::find_group_of(db, page);
        plan_page(site, db, one, group ? find_site_name(db, *group) : SiteName{}, made);
        return made;
    });
    if (plan.pages.empty())
        throw Error(Kind::BadInput, fmt::format("{}：{}", plan.left_out[0].path, plan.left_out[0].reason));
    return preview_restyled(site, plan.pages[0]);
}

}  // namespace flow
