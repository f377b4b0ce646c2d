// 枠: which part of taken-over pages is edited. Groups of pages that are laid out alike, as the comparison proposes
// them; one group on a real page, with the region outlined, to be accepted, moved a level out or in, or named by
// selector.

#include "door/web/context.h"
#include "door/web/language.h"
#include "door/web/preview.h"
#include "door/web/words.h"
#include "flow/find_frames.h"
#include "flow/frame_parts.h"
#include "flow/frame_region.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/escape.h"
#include "press/content/store.h"
#include "press/content/template_history.h"
#include "press/content/templates.h"
#include "press/frames/places.h"

namespace web {

namespace {

using base::Error;
using base::Kind;

constexpr int kShownPages = 10;
constexpr std::size_t kShownRefused = 50;
constexpr std::size_t kLongestSelector = 1000;

std::string percent_text(std::int64_t part, std::int64_t whole) {
    return whole == 0 ? "0" : fmt::format("{:.1f}", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string path_of(const frames::StoredGroup& group) {
    return fmt::format("/frames/{}", group.id.value);
}

tmpl::Map state_chip(const frames::StoredGroup& group) {
    if (group.state == frames::GroupState::Accepted) return chip("live", "決定済み");
    return group.selector.empty() ? chip("draft", "候補なし") : chip("submitted", "候補");
}

http::Response list(Context& context) {
    tmpl::List rows;
    std::int64_t pages = 0, covered = 0, accepted = 0;
    context.db().read([&](sys::Reader& db) {
        for (const frames::StoredGroup& group : frames::list_groups(db)) {
            pages += group.pages;
            covered += group.covered;
            if (group.state == frames::GroupState::Accepted) accepted += group.covered;
            std::string sample;
            for (const frames::Member& member : frames::list_members(db, group.id, {}, 1))
                sample = readable_path(content::load_page(db, member.page).path);
            rows.push_back(tmpl::Map{{"path", path_of(group)},
                                     {"name", say(fmt::format("枠{}", group.id.value))},
                                     {"sample", sample},
                                     {"selector", group.selector},
                                     {"pages", group.pages},
                                     {"share", percent_text(group.covered, group.pages)},
                                     {"chip", state_chip(group)}});
        }
    });
    return context.page(
        {"screens/frames/list.html", "枠", {}},
        {{"rows", std::move(rows)}, {"pages", pages}, {"share", percent_text(covered, pages)}, {"accepted", accepted}});
}

http::Response find(Context& context) {
    const flow::Comparison made = flow::find_frames(context.site(), fmt::format("person:{}", context.person.id.value));
    if (made.groups.empty()) return context.go("/frames", Flash{Flash::Kind::Info, "調べるページがありません。"});
    std::string sentence = say(fmt::format("ページを調べました。枠は{}種類です。", made.groups.size()));
    if (made.joined > 0) sentence += say(fmt::format("{}ページが、すでに決めた枠に加わりました。", made.joined));
    return context.go("/frames", Flash{Flash::Kind::Good, sentence});
}

std::string address_with(const frames::StoredGroup& group, base::PageId page, const std::string& selector) {
    return fmt::format("{}?page={}&selector={}", path_of(group), page.value, base::percent_encode(selector));
}

tmpl::List choices(const std::vector<flow::RegionChoice>& all, const frames::StoredGroup& group, base::PageId page) {
    tmpl::List rows;
    for (const flow::RegionChoice& one : all)
        rows.push_back(tmpl::Map{{"address", address_with(group, page, one.selector)},
                                 {"label", one.label},
                                 {"words", one.words},
                                 {"is_current", one.is_current}});
    return rows;
}

std::string_view kind_words(std::string_view kind) {
    if (kind == "header") return "ヘッダー";
    if (kind == "footer") return "フッター";
    return "案内（メニューなど）";
}

tmpl::Map part_row(sys::Reader& db, const frames::StoredGroup& group, const frames::StoredPart& part) {
    const std::string name = frames::shared_name(part.id);
    const auto shared = frames::is_shared(db, name) ? content::find_template(db, name) : std::nullopt;
    return {{"kind", say(kind_words(part.kind))},
            {"selector", part.selector},
            {"same", part.same},
            {"looked_at", part.looked_at},
            {"edit", shared ? fmt::format("/templates/{}", shared->id.value) : ""},
            {"shared_pages", shared ? frames::count_places(db, name) : 0},
            {"back", shared && content::find_revision_before(db, shared->id)
                         ? fmt::format("{}/parts/{}/back", path_of(group), part.id.value)
                         : ""},
            {"share", !shared && group.state == frames::GroupState::Accepted && part.same > 1
                          ? fmt::format("{}/parts/{}/share", path_of(group), part.id.value)
                          : ""}};
}

/// What accepting left out, for the screen that follows.
struct Left {
    std::vector<flow::RegionOutcome::Refused> refused;
    std::vector<std::string> unmatched;
};

http::Response show_group(Context& context, const frames::StoredGroup& group, const std::string& typed,
                          std::string problem, const Left& left) {
    tmpl::List samples, parts, uncovered;
    base::PageId shown{std::strtoll(std::string(context.request.query.get("page")).c_str(), nullptr, 10)};
    std::string shown_path, shown_title;
    context.db().read([&](sys::Reader& db) {
        const auto members = frames::list_members(db, group.id, {}, kShownPages);
        if (shown && frames::find_group_of(db, shown) != group.id) shown = {};
        if (!shown && !members.empty()) shown = members.front().page;
        for (const frames::Member& member : members) {
            const content::Page page = content::load_page(db, member.page);
            samples.push_back(tmpl::Map{{"address", address_with(group, page.id, typed)},
                                        {"title", title_of(page)},
                                        {"path", readable_path(page.path)},
                                        {"is_current", page.id == shown}});
        }
        if (shown) {
            const content::Page page = content::load_page(db, shown);
            shown_path = page.path;
            shown_title = title_of(page);
        }
        for (const frames::StoredPart& part : frames::list_parts(db, group.id))
            parts.push_back(part_row(db, group, part));
        for (const base::PageId page : frames::list_uncovered(db, group.id, kShownPages))
            uncovered.push_back(tmpl::Map{{"address", address_with(group, page, typed)},
                                          {"path", readable_path(content::load_page(db, page).path)}});
    });
    flow::RegionLook look;
    std::string frame;
    if (shown) {
        // Without a proposal one begins with the whole page.
        const std::string looked = typed.empty() ? "body" : typed;
        try {
            look = flow::look_at_region(context.site(), group.id, shown, looked);
            frame = preview_region_address(context, shown, shown_path, looked);
        } catch (const Error& error) {
            if (error.kind() != Kind::BadInput) throw;
            if (problem.empty()) problem = error.message();
        }
    }
    std::string wider, narrower;
    for (std::size_t i = 1; i < look.around.size(); ++i)
        if (look.around[i].is_current) wider = address_with(group, shown, look.around[i - 1].selector);
    std::size_t most = 0;
    for (const flow::RegionChoice& one : look.inside)
        if (one.words.size() > most) most = one.words.size(), narrower = address_with(group, shown, one.selector);
    tmpl::List refused, unmatched;
    for (const auto& one : left.refused)
        if (refused.size() < kShownRefused)
            refused.push_back(tmpl::Map{{"path", readable_path(one.path)}, {"reason", one.reason}});
    for (const std::string& path : left.unmatched)
        if (unmatched.size() < kShownRefused) unmatched.emplace_back(readable_path(path));
    const int status = problem.empty() ? 200 : 422;
    return context.page(
        {"screens/frames/show.html", say(fmt::format("枠{}", group.id.value)), {{say("枠"), "/frames"}}, status},
        {{"path", path_of(group)},
         {"version", group.version},
         {"name", say(fmt::format("枠{}", group.id.value))},
         {"chip", state_chip(group)},
         {"is_accepted", group.state == frames::GroupState::Accepted},
         {"pages", group.pages},
         {"covered", group.covered},
         {"share", percent_text(group.covered, group.pages)},
         {"selector", typed},
         {"kept", group.selector},
         {"problem", say(problem)},
         {"page", shown.value},
         {"page_title", shown_title},
         {"frame", frame},
         {"pick", fmt::format("{}?page={}&node=", path_of(group), shown.value)},
         {"is_found", look.is_found},
         {"looked_at", look.looked_at},
         {"found", look.found},
         {"around", choices(look.around, group, shown)},
         {"inside", choices(look.inside, group, shown)},
         {"wider", wider},
         {"narrower", narrower},
         {"samples", std::move(samples)},
         {"parts", std::move(parts)},
         {"uncovered", std::move(uncovered)},
         {"refused", std::move(refused)},
         {"unmatched", std::move(unmatched)}});
}

frames::StoredGroup load_group(Context& context) {
    const frames::GroupId id{context.request.number("id")};
    return context.db().read([&](sys::Reader& db) { return flow::load_frame(db, id); });
}

http::Response show(Context& context) {
    context.require(people::Act::TemplateEdit);
    const frames::StoredGroup group = load_group(context);
    if (const auto node = context.request.query.get("node"); !node.empty()) {
        const base::PageId page{std::strtoll(std::string(context.request.query.get("page")).c_str(), nullptr, 10)};
        if (context.db().read([&](sys::Reader& db) { return frames::find_group_of(db, page); }) != group.id)
            throw Error(Kind::NotFound, "このページは、この枠にありません。");
        return context.go(address_with(
            group, page,
            flow::name_region(context.site(), page, std::strtoll(std::string(node).c_str(), nullptr, 10))));
    }
    std::string selector(base::trim(context.request.query.get("selector")));
    if (selector.empty()) selector = group.selector;
    if (selector.size() > kLongestSelector) throw Error(Kind::BadInput, "セレクタが長すぎます。");
    return show_group(context, group, selector, "", {});
}

http::Response accept(Context& context) {
    context.require(people::Act::TemplateEdit);
    const frames::StoredGroup group = load_group(context);
    const std::string selector(base::trim(context.field("selector")));
    if (selector.size() > kLongestSelector) throw Error(Kind::BadInput, "セレクタが長すぎます。");
    try {
        const flow::RegionOutcome outcome =
            flow::accept_frame(context.site(), group.id, context.number_field("version"), selector,
                               fmt::format("person:{}", context.person.id.value));
        if (outcome.refused.empty() && outcome.unmatched.empty())
            return context.go(
                path_of(group),
                Flash{Flash::Kind::Good, fmt::format("{}ページを編集できるようにしました。", outcome.matched)});
        return show_group(context, load_group(context), selector, "", {outcome.refused, outcome.unmatched});
    } catch (const Error& error) {
        if (error.kind() != Kind::BadInput && error.kind() != Kind::Conflict) throw;
        return show_group(context, load_group(context), selector, error.message(), {});
    }
}

http::Response share(Context& context) {
    context.require(people::Act::TemplateEdit);
    const frames::StoredGroup group = load_group(context);
    try {
        const flow::SharedPart shared =
            flow::share_frame_part(context.site(), frames::PartId{context.request.number("part")}, context.doer());
        return context.go(
            path_of(group),
            Flash{Flash::Kind::Good,
                  shared.left_out.empty()
                      ? fmt::format("{}ページをまとめて編集できるようにしました。", shared.pages)
                      : fmt::format("{}ページをまとめて編集できるようにしました。内容が違う{}ページは含みません。",
                                    shared.pages, shared.left_out.size())});
    } catch (const Error& error) {
        if (error.kind() != Kind::BadInput && error.kind() != Kind::Conflict) throw;
        return show_group(context, group, group.selector, error.message(), {});
    }
}

http::Response list_for_administrators(Context& context) {
    context.require(people::Act::TemplateEdit);
    return list(context);
}

http::Response find_for_administrators(Context& context) {
    context.require(people::Act::TemplateEdit);
    return find(context);
}

constexpr Route kRoutes[] = {
    {"GET", "/frames", list_for_administrators},
    {"POST", "/frames/find", find_for_administrators},
    {"GET", "/frames/{id}", show},
    {"POST", "/frames/{id}/accept", accept},
    {"POST", "/frames/{id}/parts/{part}/share", share},
};

}  // namespace

extern const Screen frames_screen{
    "frames", "枠", "/frames", "frame", Place::Administration, Access::SignedIn, people::Act::TemplateEdit, kRoutes};

}  // namespace web
