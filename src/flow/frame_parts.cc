#include "flow/frame_parts.h"

#include "flow/edit_page/turn.h"
#include "flow/find_frames.h"
#include "flow/mark_changes.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/escape.h"
#include "ground/html/relocate.h"
#include "ground/html/select.h"
#include "ground/html/splice.h"
#include "ground/ledger/store.h"
#include "ground/people/accounts.h"
#include "ground/template/template.h"
#include "press/content/store.h"
#include "press/content/template_history.h"
#include "press/frames/places.h"
#include "press/publish/queue.h"
#include "press/publish/receipt.h"

namespace flow {

namespace {

using base::Error;
using base::Kind;

/// The part in one page.
struct Found {
    content::Page page;
    html::Region region;
    std::string html;
    std::string from_top;   ///< as a page in the top folder would write it
    bool has_base = false;  ///< the page's addresses do not start at its folder
};

/// `html` with each address as `change` says.
std::string readdress(const std::string& html, const std::string& context, const html::ChangeAddress& change) {
    return html::rewrite_addresses(html, html::Document::parse_fragment(html, context), change).bytes;
}

/// `html`, written for `from`, for a page in folder `to`, whose own form of the part is `own`: what leads to one place
/// is written as there.
std::string for_folder(const std::string& html, const std::string& context, std::string_view from, std::string_view to,
                       const std::string& own) {
    std::map<std::string, std::string, std::less<>> spelled;
    readdress(own, context, [&](std::string_view address) {
        spelled.try_emplace(html::relocate_address(address, to, ""), address);
        return std::string(address);
    });
    return readdress(html, context, [&](std::string_view address) {
        const auto known = spelled.find(html::relocate_address(address, from, ""));
        return known != spelled.end() ? known->second : html::relocate_address(address, from, to);
    });
}

/// Template parts may name values; those of a frame get none, so that they are the same on every page.
std::string evaluated(const std::string& name, const std::string& source) {
    return tmpl::render(tmpl::parse(name, source), tmpl::Value(tmpl::Map{})).html;
}

bool overlaps(const html::Region& region, std::int64_t begin, std::int64_t end) {
    return static_cast<std::int64_t>(region.begin) < end && begin < static_cast<std::int64_t>(region.end);
}

/// Nothing when the page has no such part, or it cannot be cut there.
std::optional<Found> look(Site& site, sys::Reader& db, base::PageId id, const html::Selector& selector) {
    Found found;
    found.page = content::load_page(db, id);
    try {
        const auto encoding = html::find_encoding(found.page.encoding).value_or(html::Encoding::Unknown);
        const std::string original = site.objects->load(found.page.document);
        const html::Document document = html::Document::parse(original, encoding);
        const html::NodeId node = selector.first(document);
        if (node == html::kNoNode) return std::nullopt;
        found.region = html::region_of(document, node);
        if (html::check_region(document, original, found.region)) return std::nullopt;
        found.html = html::region_html(original, encoding, found.region);
        found.has_base = html::has_base(document);
        const std::string_view folder = content::section_path(found.page.path);
        found.from_top = found.has_base ? found.html : readdress(found.html, found.region.context, [&](auto address) {
            return html::relocate_address(address, folder, "");
        });
    } catch (const Error& error) {
        if (error.kind() != Kind::BadInput) throw;
        return std::nullopt;
    }
    for (const content::Region& one : content::list_regions(db, id))
        if (overlaps(found.region, one.begin, one.end)) return std::nullopt;
    for (const frames::Place& one : frames::list_places(db, id))
        if (overlaps(found.region, one.begin, one.end)) return std::nullopt;
    return found;
}

std::string title_of(const frames::StoredPart& part) {
    const std::string_view kind = part.kind == "header" ? "ヘッダー" : part.kind == "footer" ? "フッター" : "案内";
    return fmt::format("枠{}の{}（{}）", part.group.value, kind, part.selector);
}

}  // namespace

SharedPart share_frame_part(Site& site, frames::PartId id, const Doer& doer) {
    const base::Instant now = site.clock.now();
    SharedPart shared;
    shared.name = frames::shared_name(id);
    frames::StoredPart part;
    std::vector<Found> all;
    site.database->read([&](sys::Reader& db) {
        const auto decision = people::may(people::load_actor(db, doer.person, now), people::Act::TemplateEdit);
        if (!decision) throw Error(Kind::NotAllowed, decision.reason_ja);
        const auto known = frames::find_part(db, id);
        if (!known) throw Error(Kind::NotFound, fmt::format("枠の部分（番号 {}）は見つかりません。", id.value));
        part = *known;
        if (load_frame(db, part.group).state != frames::GroupState::Accepted)
            throw Error(Kind::BadInput, "先に、この枠の編集範囲を決めてください。");
        const html::Selector selector(part.selector);
        for (base::PageId after;;) {
            const auto members = frames::list_members(db, part.group, after, 1000);
            if (members.empty()) break;
            for (const frames::Member& member : members) {
                if (auto found = look(site, db, member.page, selector))
                    all.push_back(*std::move(found));
                else
                    shared.left_out.push_back(content::load_page(db, member.page).path);
            }
            after = members.back().page;
        }
    });
    std::map<std::string_view, std::int64_t> counts;
    for (const Found& one : all) ++counts[one.from_top];
    const auto most = std::max_element(counts.begin(), counts.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most == counts.end() || most->second < 2)
        throw Error(Kind::BadInput, "この部分は、ページごとに内容が違うため、まとめて編集できません。");
    const std::string source(most->first);
    if (evaluated(shared.name, source) != source)
        throw Error(Kind::BadInput, "この部分には「{{」や「{%」があり、テンプレートの書き方と区別できません。");
    std::vector<const Found*> same;
    for (const Found& one : all) {
        const std::string_view folder = content::section_path(one.page.path);
        if (one.from_top == source &&
            (one.has_base || for_folder(source, one.region.context, "", folder, one.html) == one.html))
            same.push_back(&one);
        else
            shared.left_out.push_back(one.page.path);
    }
    if (same.size() < 2)
        throw Error(Kind::BadInput, "この部分は、ページごとに内容が違うため、まとめて編集できません。");
    shared.pages = static_cast<std::int64_t>(same.size());
    site.database->write([&](sys::Transaction& tx) {
        if (frames::is_shared(tx, shared.name))
            throw Error(Kind::Conflict, "この部分は、すでにまとめて編集できるようになっています。");
        content::NewTemplate made;
        made.kind = content::TemplateKind::Part;
        made.name = shared.name;
        made.title = title_of(part);
        made.source = source;
        made.made_at = now;
        made.note = "引き継いだページから";
        content::install_template(tx, made);
        for (const Found* one : same) {
            frames::add_place(tx, {one->page.id, shared.name, static_cast<std::int64_t>(one->region.begin),
                                   static_cast<std::int64_t>(one->region.end), one->region.context,
                                   one->has_base ? std::string(frames::kOwnFolder) : ""});
            // Rendered once more, byte for byte the same, so that the page is known to read the part.
            publish::mark_dirty(tx, fmt::format("page:{}", one->page.id.value), now);
        }
        ledger::append(tx, {now, fmt::format("person:{}", doer.person.value), "frame.share",
                            fmt::format("template:{}", shared.name),
                            fmt::format(R"({{"frame":{},"pages":{},"left_out":{}}})", part.group.value, shared.pages,
                                        shared.left_out.size())});
    });
    return shared;
}

std::int64_t take_back_frame_part(Site& site, frames::PartId id, std::int64_t version, const std::string& reason,
                                  const Doer& doer) {
    if (base::trim(reason).empty()) throw Error(Kind::BadInput, "理由を書いてください。");
    need_words(reason, "理由", 1000);
    const base::Instant now = site.clock.now();
    const std::string name = frames::shared_name(id);
    return site.database->write([&](sys::Transaction& tx) {
        const auto decision = people::may(people::load_actor(tx, doer.person, now), people::Act::TemplateApprove);
        if (!decision) throw Error(Kind::NotAllowed, decision.reason_ja);
        const auto of = frames::is_shared(tx, name) ? content::find_template(tx, name) : std::nullopt;
        if (!of) throw Error(Kind::NotFound, fmt::format("枠の部分（番号 {}）は見つかりません。", id.value));
        const content::TemplateRevision back = content::put_back_template(tx, of->id, version);
        publish::Receipt receipt;
        receipt.kind = "template";
        receipt.person = doer.person;
        receipt.reason = fmt::format("「{}」の変更を取消し（{}）", of->title, reason);
        receipt.due_at = receipt.made_at = now;
        const std::int64_t number = publish::add_receipt(tx, receipt);
        mark_template_changed(tx, *of, now, number);
        ledger::append(tx, {now, fmt::format("person:{}", doer.person.value), "frame.part-take-back",
                            fmt::format("template:{}", name),
                            write_detail({{"number", back.number},
                                          {"hash", back.hash.hex()},
                                          {"reason", reason},
                                          {"receipt", number},
                                          {"via", doer.via}})});
        return number;
    });
}

void add_shared_parts(Site& site, sys::Reader& db, const content::Page& page, std::vector<content::Region>& regions,
                      content::Body& body, std::set<std::string>& reads, const TriedPart& tried) {
    const std::string_view folder = content::section_path(page.path);
    for (const frames::Place& place : frames::list_places(db, page.id)) {
        if (place.name == frames::kTitlePlace) {
            regions.push_back({place.name, place.begin, place.end, place.context});
            body.parts[place.name] = html::escape_text(body.title);
            continue;
        }
        reads.insert(content::template_key(content::TemplateKind::Part, place.name));
        const bool is_tried = place.name == tried.name;
        const auto live = content::find_live_template(db, place.name);
        if (!live && !is_tried) continue;
        // As it came: the page's own bytes are the part already.
        if (!is_tried) {
            const auto revision = content::find_template_revision(db, live->revision);
            if (revision && revision->number == 1) continue;
        }
        // A region that was set over it later and is edited there counts more.
        const bool is_covered = std::any_of(regions.begin(), regions.end(), [&](const content::Region& one) {
            return one.begin < place.end && place.begin < one.end && body.parts.contains(one.name);
        });
        if (is_covered) continue;
        regions.push_back({place.name, place.begin, place.end, place.context});
        std::string text = evaluated(place.name, is_tried ? tried.source : live->source);
        if (place.folder != frames::kOwnFolder) {
            const std::string own = html::region_html(
                site.objects->load(page.document), html::find_encoding(page.encoding).value_or(html::Encoding::Unknown),
                {static_cast<std::size_t>(place.begin), static_cast<std::size_t>(place.end), place.context});
            text = for_folder(text, place.context, place.folder, folder, own);
        }
        body.parts[place.name] = std::move(text);
    }
}

}  // namespace flow
