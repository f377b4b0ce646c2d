#include "flow/restyle_frame.h"

#include "flow/edit_page/turn.h"
#include "flow/find_frames.h"
#include "flow/mark_changes.h"
#include "flow/render_source.h"
#include "ground/base/text.h"
#include "ground/html/document.h"
#include "ground/html/sanitise.h"
#include "ground/html/splice.h"
#include "ground/ledger/store.h"
#include "ground/people/accounts.h"
#include "ground/sys/crypto.h"
#include "press/content/store.h"
#include "press/content/templates.h"
#include "press/publish/queue.h"
#include "press/publish/receipt.h"
#include "press/workflow/store.h"

namespace flow {

using base::Error;
using base::Kind;
using frames::RestyleState;

namespace {

constexpr std::string_view kRegion = "main";
constexpr std::string_view kField = "body";
constexpr std::size_t kLongestReason = 1000;
constexpr std::size_t kFewTitles = 3;
constexpr std::string_view kSeparators[] = {"｜", "|",   "－", " - ", " – ", "—",  "：",
                                            "／", " / ", "＜", " < ", "«",   " (", "（"};

void require(sys::Reader& db, people::Act act, const Doer& doer, base::Instant now) {
    const auto decision = people::may(people::load_actor(db, doer.person, now), act);
    if (!decision) throw Error(Kind::NotAllowed, decision.reason_ja);
}

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

/// Is nothing in work on the page: what is live is also the latest?
bool is_at_rest(sys::Reader& db, const content::Page& page) {
    return page.live && page.live == page.latest && workflow::find_standing(db, page.id).state == workflow::State::None;
}

/// The region that holds the page's own words: the one of that name, else the only one.
const content::Region* find_main(const std::vector<content::Region>& regions) {
    for (const content::Region& one : regions)
        if (one.name == kRegion) return &one;
    return regions.size() == 1 ? &regions.front() : nullptr;
}

/// What the page says there now, in UTF-8.
std::string text_of_region(Site& site, const content::Page& page, const content::Body& body,
                           const content::Region* region) {
    if (const auto own = body.parts.find(region->name); own != body.parts.end()) return own->second;
    return html::region_html(
        site.objects->load(page.document), html::find_encoding(page.encoding).value_or(html::Encoding::Unknown),
        {static_cast<std::size_t>(region->begin), static_cast<std::size_t>(region->end), region->context});
}

void plan_page(Site& site, sys::Reader& db, base::PageId id, const SiteName& name, RestylePlan& plan) {
    RestylePlan::One one;
    one.page = content::load_page(db, id);
    const auto leave = [&](std::string reason) { plan.left_out.push_back({one.page.path, std::move(reason)}); };
    if (one.page.kind != content::PageKind::TakenOver) return leave("すでにテンプレートで作られています");
    if (!is_at_rest(db, one.page)) return leave("公開していないか、編集や承認の途中です");
    one.body = content::load_revision(db, one.page.live).body;
    const auto regions = content::list_regions(db, one.page.id);
    if (regions.empty()) return leave("編集範囲がありません");
    const content::Region* const region = find_main(regions);
    if (region == nullptr) {
        std::string names;
        for (const content::Region& each : regions) names += (names.empty() ? "" : "、") + each.name;
        return leave(
            fmt::format("編集範囲が複数あり、どれを本文にするか決まりません（{}）。本文の範囲の名前を main に"
                        "してください",
                        names));
    }
    const std::string text = text_of_region(site, one.page, one.body, region);
    one.body.title = without_site_name(one.body.title, name);
    html::Cleaned cleaned = html::clean_html(below_title(text, one.body.title));
    one.body.parts = {{std::string(kField), cleaned.html.str()}};
    one.body.template_name = plan.page_type;
    one.removed = std::move(cleaned.removed);
    for (const content::Region& each : regions)
        if (&each != region) one.removed.push_back(fmt::format("編集範囲「{}」", each.name));
    plan.pages.push_back(std::move(one));
}

base::Hash hash_of(const RestylePlan& plan, const content::LiveTemplate& type) {
    std::string text = fmt::format("yakuba-restyle 1\n{}\n{}\n", plan.page_type, sys::sha256(type.source).hex());
    for (const RestylePlan::One& one : plan.pages)
        text += fmt::format("{} {}\n", one.page.id.value,
                            content::revision_hash(one.page.path, one.page.document, one.body).hex());
    return sys::sha256(text);
}

void note_act(sys::Transaction& tx, std::string_view act, const frames::Restyle& of, const Doer& doer,
              base::Instant now, std::initializer_list<Field> fields) {
    ledger::append(tx, {now, fmt::format("person:{}", doer.person.value), std::string(act),
                        fmt::format("frame:{}", of.group.value), write_detail(fields)});
}

std::int64_t add_receipt(sys::Transaction& tx, const frames::Restyle& of, std::string reason, const Doer& doer,
                         base::Instant now) {
    publish::Receipt receipt;
    receipt.kind = "template";
    receipt.person = doer.person;
    receipt.reason = fmt::format("枠{}：{}", of.group.value, reason);
    receipt.due_at = receipt.made_at = now;
    return publish::add_receipt(tx, receipt);
}

void need_reason(const std::string& reason) {
    if (base::trim(reason).empty()) throw Error(Kind::BadInput, "理由を書いてください。");
    need_words(reason, "理由", kLongestReason);
}

[[noreturn]] void refuse_changed() {
    throw Error(Kind::Conflict,
                "見ていただいた後に、ページかページの型が変わりました。内容を確かめて、もう一度行ってください。");
}

}  // namespace

frames::Restyle load_restyle(sys::Reader& db, frames::RestyleId id) {
    auto found = frames::find_restyle(db, id);
    if (!found) throw Error(Kind::NotFound, fmt::format("型の変更（番号 {}）は見つかりません。", id.value));
    return std::move(*found);
}

RestylePlan plan_restyle(Site& site, frames::GroupId group, const std::string& page_type) {
    return site.database->read([&](sys::Reader& db) {
        if (load_frame(db, group).state != frames::GroupState::Accepted)
            throw Error(Kind::BadInput, "先に、この枠の編集範囲を決めてください。");
        const auto type = content::find_live_template(db, page_type);
        if (!type || type->kind != content::TemplateKind::Page)
            throw Error(Kind::BadInput, fmt::format("公開中のページの型「{}」はありません。", page_type));
        RestylePlan plan;
        plan.group = group;
        plan.page_type = page_type;
        const SiteName name = find_site_name(db, group);
        for (base::PageId after;;) {
            const auto members = frames::list_members(db, group, after, 1000);
            if (members.empty()) break;
            for (const frames::Member& member : members) plan_page(site, db, member.page, name, plan);
            after = members.back().page;
        }
        plan.hash = hash_of(plan, *type);
        return plan;
    });
}

std::string preview_restyled(Site& site, const RestylePlan::One& planned) {
    return site.database->read([&](sys::Reader& db) {
        content::Revision revision;
        revision.page = planned.page.id;
        revision.body = planned.body;
        return preview_composed(site, db, planned.page, revision, site.clock.now());
    });
}

std::string preview_restyled(Site& site, base::PageId page, const std::string& page_type) {
    RestylePlan plan;
    plan.page_type = page_type;
    site.database->read([&](sys::Reader& db) {
        const auto group = frames::find_group_of(db, page);
        plan_page(site, db, page, group ? find_site_name(db, *group) : SiteName{}, plan);
    });
    if (plan.pages.empty())
        throw Error(Kind::BadInput, fmt::format("{}：{}", plan.left_out[0].path, plan.left_out[0].reason));
    return preview_restyled(site, plan.pages[0]);
}

frames::RestyleId ask_restyle(Site& site, frames::GroupId group, const std::string& page_type,
                              const base::Hash& planned, const std::string& why, const Doer& doer) {
    need_reason(why);
    const base::Instant now = site.clock.now();
    site.database->read([&](sys::Reader& db) { require(db, people::Act::TemplateEdit, doer, now); });
    const RestylePlan plan = plan_restyle(site, group, page_type);
    if (plan.pages.empty()) throw Error(Kind::BadInput, "この枠には、型を変えられるページがありません。");
    if (plan.hash != planned) refuse_changed();
    return site.database->write([&](sys::Transaction& tx) {
        require(tx, people::Act::TemplateEdit, doer, now);
        frames::Restyle made;
        made.group = group;
        made.page_type = page_type;
        made.hash = plan.hash;
        made.pages = static_cast<std::int64_t>(plan.pages.size());
        made.asked_by = doer.person;
        made.asked_at = now;
        made.note = why;
        made.id = frames::add_restyle(tx, made);
        note_act(tx, "frame.restyle-submit", made, doer, now,
                 {{"restyle", made.id.value},
                  {"type", page_type},
                  {"pages", made.pages},
                  {"hash", made.hash.hex()},
                  {"reason", why},
                  {"via", doer.via}});
        return made.id;
    });
}

std::int64_t approve_restyle(Site& site, frames::RestyleId id, const base::Hash& opened, const Doer& doer) {
    const base::Instant now = site.clock.now();
    const frames::Restyle asked = site.database->read([&](sys::Reader& db) {
        require(db, people::Act::TemplateApprove, doer, now);
        return load_restyle(db, id);
    });
    if (asked.asked_by == doer.person)
        throw Error(Kind::NotAllowed, "自分が依頼した変更は承認できません。別のサイト管理者に依頼してください。");
    if (asked.state != RestyleState::Submitted)
        throw Error(Kind::Conflict, "この型の変更は、ほかの人が先に処理しました。画面を開き直してください。");
    const RestylePlan plan = plan_restyle(site, asked.group, asked.page_type);
    if (plan.hash != opened || opened != asked.hash) refuse_changed();
    return site.database->write([&](sys::Transaction& tx) {
        require(tx, people::Act::TemplateApprove, doer, now);
        const auto type = content::find_live_template(tx, asked.page_type);
        if (!type || hash_of(plan, *type) != asked.hash) refuse_changed();
        frames::decide_restyle(tx, id,
                               {RestyleState::Submitted, RestyleState::Live, doer.person, now, "", asked.pages});
        const std::int64_t receipt =
            add_receipt(tx, asked, fmt::format("ページの型を「{}」に変更", asked.page_type), doer, now);
        const std::string words = fmt::format("枠{}のページの型を変更", asked.group.value);
        for (const RestylePlan::One& one : plan.pages) {
            const content::Page page = content::load_page(tx, one.page.id);
            if (page.version != one.page.version || !is_at_rest(tx, page)) refuse_changed();
            const content::Revision made =
                content::add_revision(tx, {page.id, one.body, asked.asked_by, now, page.latest, words});
            change_live(tx, page.id, made.id, now, receipt);
            frames::add_restyled_page(tx, id, {page.id, page.live, made.id});
        }
        note_act(tx, "frame.restyle-approve", asked, doer, now,
                 {{"restyle", id.value},
                  {"type", asked.page_type},
                  {"pages", asked.pages},
                  {"hash", asked.hash.hex()},
                  {"receipt", receipt},
                  {"via", doer.via}});
        return receipt;
    });
}

void return_restyle(Site& site, frames::RestyleId id, const std::string& reason, const Doer& doer) {
    need_reason(reason);
    const base::Instant now = site.clock.now();
    site.database->write([&](sys::Transaction& tx) {
        require(tx, people::Act::TemplateApprove, doer, now);
        const frames::Restyle asked = load_restyle(tx, id);
        frames::decide_restyle(
            tx, id, {RestyleState::Submitted, RestyleState::Returned, doer.person, now, reason, asked.pages});
        note_act(tx, "frame.restyle-return", asked, doer, now,
                 {{"restyle", id.value}, {"reason", reason}, {"via", doer.via}});
    });
}

TakenBack take_back_restyle(Site& site, frames::RestyleId id, const std::string& reason, const Doer& doer) {
    need_reason(reason);
    const base::Instant now = site.clock.now();
    return site.database->write([&](sys::Transaction& tx) {
        require(tx, people::Act::TemplateApprove, doer, now);
        const frames::Restyle done = load_restyle(tx, id);
        TakenBack back;
        back.receipt = add_receipt(tx, done, fmt::format("ページの型の変更を取消し（{}）", reason), doer, now);
        for (const frames::RestyledPage& one : frames::list_restyled_pages(tx, id)) {
            const content::Page page = content::load_page(tx, one.page);
            if (page.live != one.after || !is_at_rest(tx, page)) {
                back.left_out.push_back(page.path);
                continue;
            }
            content::set_latest(tx, page.id, one.before, now);
            change_live(tx, page.id, one.before, now, back.receipt);
            ++back.pages;
        }
        frames::decide_restyle(tx, id,
                               {RestyleState::Live, RestyleState::TakenBack, doer.person, now, reason, done.pages});
        note_act(tx, "frame.restyle-take-back", done, doer, now,
                 {{"restyle", id.value},
                  {"pages", back.pages},
                  {"left_out", static_cast<std::int64_t>(back.left_out.size())},
                  {"reason", reason},
                  {"receipt", back.receipt},
                  {"via", doer.via}});
        return back;
    });
}

}  // namespace flow
