// 枠のページの型: all pages of an accepted frame are made anew from a page type. One administrator chooses the type,
// sees which pages would change, what each keeps and loses and how each would look, and asks with a reason; a second
// one sees the same and approves exactly that, or returns it; afterwards one button brings the original pages back.

#include "door/web/draft.h"
#include "door/web/language.h"
#include "door/web/preview.h"
#include "door/web/subject.h"
#include "door/web/words.h"
#include "flow/find_frames.h"
#include "flow/restyle_frame.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/document.h"
#include "ground/html/select.h"
#include "press/content/fields.h"
#include "press/content/templates.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using frames::RestyleState;

constexpr std::size_t kShownPages = 20;
constexpr std::size_t kShownLeft = 50;
constexpr int kShownRequests = 20;

struct TypeChange {
    frames::StoredGroup group;
    std::optional<frames::Restyle> asked;
    std::string path() const {
        return asked ? fmt::format("/frames/{}/type/{}", group.id.value, asked->id.value)
                     : fmt::format("/frames/{}/type", group.id.value);
    }
};

/// Of the route's {id} and {request}. Throws Error(NotFound).
TypeChange load(Context& context, bool with_request) {
    context.require(people::Act::TemplateEdit);
    return context.db().read([&](sys::Reader& db) {
        TypeChange subject{flow::load_frame(db, {context.request.number("id")}), {}};
        if (!with_request) return subject;
        subject.asked = flow::load_restyle(db, {context.request.number("request")});
        if (subject.asked->group != subject.group.id)
            throw Error(Kind::NotFound, fmt::format("型の変更（番号 {}）は見つかりません。", subject.asked->id.value));
        return subject;
    });
}

std::string frame_name(const frames::StoredGroup& group) {
    return say(fmt::format("枠{}", group.id.value));
}

std::string type_title(sys::Reader& db, const std::string& name) {
    const auto of = content::find_template(db, name);
    return of && !of->title.empty() ? of->title : name;
}

tmpl::Map state_chip(RestyleState state) {
    switch (state) {
        case RestyleState::Submitted:
            return chip("submitted", "承認待ち");
        case RestyleState::Returned:
            return chip("returned", "差戻し");
        case RestyleState::Live:
            return chip("live", "公開済み");
        case RestyleState::TakenBack:
            break;
    }
    return chip("withdrawn", "取消し");
}

std::string listed(const std::vector<std::string>& all) {
    return base::join(all, say("、"));
}

std::vector<std::string> said(std::vector<std::string> all) {
    for (std::string& one : all) one = say(one);
    return all;
}

/// What of the page comes into the new type.
std::string kept_words(const flow::RestylePlan::One& one) {
    std::string all;
    for (const auto& [field, text] : one.body.parts) all += text;
    const html::Document body = html::Document::parse_fragment(all);
    const auto count = [&](const char* selector) { return html::Selector(selector).all(body).size(); };
    std::vector<std::string> words{say(fmt::format("本文{}文字", base::count_code_points(body.plain_text_of(0))))};
    if (const auto n = count("img")) words.push_back(say(fmt::format("画像{}", n)));
    if (const auto n = count("table")) words.push_back(say(fmt::format("表{}", n)));
    if (const auto n = count("a[href]")) words.push_back(say(fmt::format("リンク{}", n)));
    if (const auto n = one.body.attachments.size()) words.push_back(say(fmt::format("添付{}", n)));
    return listed(words);
}

constexpr std::string_view kPlaceField = "to.";  // of a form: "to.REGION"
constexpr std::size_t kMostPlaces = 50;

/// What the form says about where the regions go. A field that the chosen type lacks (another one was looked at before)
/// says nothing.
frames::Mapping mapping_in(Context& context, const http::Fields& sent, const std::string& page_type) {
    const auto type = context.db().read([&](sys::Reader& db) { return content::find_live_template(db, page_type); });
    const std::vector<std::string> fields = content::page_parts(type ? type->source : "");
    frames::Mapping mapping;
    for (const auto& [name, field] : sent)
        if (name.starts_with(kPlaceField) && mapping.size() < kMostPlaces &&
            (field.empty() || std::find(fields.begin(), fields.end(), field) != fields.end()))
            mapping.push_back({name.substr(kPlaceField.size()), field});
    return mapping;
}

/// What was chosen, in one word: the type and where its regions go.
std::string choice_text(const std::string& page_type, const frames::Mapping& mapping) {
    return page_type + ' ' + frames::mapping_text(mapping);
}

/// The same as the query of the screen on which it is made.
std::string choice_query(const std::string& page_type, const frames::Mapping& mapping) {
    std::string query = "?type=" + base::percent_encode(page_type);
    for (const frames::Placing& one : mapping)
        query += fmt::format("&{}{}={}", kPlaceField, base::percent_encode(one.region), one.field);
    return query;
}

/// One row for each region's name, with the fields to choose from; nothing where there is nothing to choose.
tmpl::List place_rows(const flow::RestylePlan& plan) {
    tmpl::List rows;
    if (plan.places.size() < 2) return rows;
    for (const auto& place : plan.places) {
        if (rows.size() == kMostPlaces) break;
        tmpl::List fields;
        std::string chosen;
        for (const std::string& field : plan.fields) {
            fields.push_back(
                tmpl::Map{{"id", field}, {"name", part_label(field)}, {"is_chosen", field == place.field}});
            if (field == place.field) chosen = part_label(field);
        }
        rows.push_back(tmpl::Map{{"id", fmt::format("to-{}", rows.size() + 1)},
                                 {"field", std::string(kPlaceField) + place.region},
                                 {"name", part_label(place.region)},
                                 {"pages", place.pages},
                                 {"place", place.field},
                                 {"place_name", chosen},
                                 {"fields", std::move(fields)}});
    }
    return rows;
}

/// The plan as a list, some pages at a time, with one of them in the new type. `base` is the screen's address with its
/// query, to which the place in the list is added.
tmpl::Map plan_view(Context& context, const flow::RestylePlan& plan, const std::string& base) {
    const auto wanted = [&](std::string_view name) {
        return std::strtoll(std::string(context.request.query.get(name)).c_str(), nullptr, 10);
    };
    const auto all = plan.pages.size();
    std::size_t from = static_cast<std::size_t>(std::max(0LL, wanted("from")));
    if (from >= all) from = 0;
    const std::size_t to = std::min(all, from + kShownPages);
    const flow::RestylePlan::One* shown = all == 0 ? nullptr : &plan.pages[from];
    for (const auto& one : plan.pages)
        if (one.page.id.value == wanted("page")) shown = &one;
    const auto address = [&](std::size_t at, base::PageId page) {
        return fmt::format("{}{}from={}{}", base, base.find('?') == std::string::npos ? '?' : '&', at,
                           page ? fmt::format("&page={}", page.value) : "");
    };
    tmpl::List rows, left_out;
    for (std::size_t i = from; i < to; ++i) {
        const auto& one = plan.pages[i];
        rows.push_back(tmpl::Map{{"title", one.body.title},
                                 {"path", readable_path(one.page.path)},
                                 {"address", address(from, one.page.id) + "#look"},
                                 {"is_shown", &one == shown},
                                 {"kept", kept_words(one)},
                                 {"lost", listed(said(one.removed))}});
    }
    for (const auto& one : plan.left_out)
        if (left_out.size() < kShownLeft)
            left_out.push_back(tmpl::Map{{"path", readable_path(one.path)}, {"reason", say(one.reason)}});
    std::int64_t losing = 0;
    for (const auto& one : plan.pages) losing += one.removed.empty() ? 0 : 1;
    return {{"pages", all},
            {"places", place_rows(plan)},
            {"losing", losing},
            {"rows", std::move(rows)},
            {"first", from + 1},
            {"last", to},
            {"before", from > 0 ? address(from > kShownPages ? from - kShownPages : 0, {}) + "#pages" : ""},
            {"next", to < all ? address(to, {}) + "#pages" : ""},
            {"left", plan.left_out.size()},
            {"left_out", std::move(left_out)},
            {"left_rest", plan.left_out.size() - std::min(plan.left_out.size(), kShownLeft)},
            {"frame", shown ? preview_restyled_address(context, shown->page.id, shown->page.path, plan.page_type,
                                                       frames::mapping_text(plan.mapping()))
                            : ""},
            {"shown_title", shown ? shown->body.title : ""},
            {"shown_path", shown ? fmt::format("/pages/{}/preview", shown->page.id.value) : ""}};
}

// --- choosing a type, and asking

http::Response show_choice(Context& context, const TypeChange& subject, const std::string& chosen,
                           const http::Fields& sent, std::string problem) {
    Names names(context.db());
    tmpl::List types, requests;
    std::string title;
    context.db().read([&](sys::Reader& db) {
        for (const content::Template& type : content::list_templates(db, content::TemplateKind::Page))
            if (type.live && type.name != "archive" && type.name != "error")  // those are made by the press itself
                types.push_back(tmpl::Map{
                    {"id", type.name}, {"name", type_title(db, type.name)}, {"is_chosen", type.name == chosen}});
        for (const frames::Restyle& one : frames::list_restyles(db, subject.group.id, kShownRequests))
            requests.push_back(tmpl::Map{{"path", fmt::format("{}/{}", subject.path(), one.id.value)},
                                         {"type", type_title(db, one.page_type)},
                                         {"pages", one.pages},
                                         {"chip", state_chip(one.state)},
                                         {"time", short_time(one.asked_at, context.now())},
                                         {"who", names.of(one.asked_by)},
                                         {"note", one.note}});
        if (!chosen.empty()) title = type_title(db, chosen);
    });
    tmpl::Value plan;
    std::string hash, looked;
    if (!chosen.empty()) {
        try {
            const flow::RestylePlan made =
                flow::plan_restyle(context.site(), subject.group.id, chosen, mapping_in(context, sent, chosen));
            hash = made.hash.hex();
            frames::Mapping shown = made.places.size() > 1 ? made.mapping() : frames::Mapping{};
            if (shown.size() > kMostPlaces) shown.resize(kMostPlaces);
            looked = choice_text(chosen, shown);
            plan = plan_view(context, made, subject.path() + choice_query(chosen, shown));
        } catch (const Error& error) {
            if (error.kind() != Kind::BadInput) throw;
            if (problem.empty()) problem = error.message();
        }
    }
    const int status = problem.empty() ? 200 : 422;
    return context.page(
        {"screens/frames/type.html",
         say("ページの型を変える"),
         {{say("枠"), "/frames"}, {frame_name(subject.group), fmt::format("/frames/{}", subject.group.id.value)}},
         status},
        {{"path", subject.path()},
         {"group_path", fmt::format("/frames/{}", subject.group.id.value)},
         {"name", frame_name(subject.group)},
         {"covered", subject.group.covered},
         {"problem", say(problem)},
         {"reason", context.field("reason")},
         {"chosen", chosen},
         {"type", title},
         {"types", std::move(types)},
         {"plan", plan},
         {"hash", hash},
         {"looked", looked},
         {"requests", std::move(requests)}});
}

http::Response choose(Context& context) {
    return show_choice(context, load(context, false), std::string(context.request.query.get("type")),
                       context.request.query, "");
}

http::Response ask(Context& context) {
    TypeChange subject = load(context, false);
    const std::string chosen = context.field("type");
    const http::Fields& sent = context.request.form.fields;
    if (context.field("do") == "look") return show_choice(context, subject, chosen, sent, "");
    const frames::Mapping mapping = mapping_in(context, sent, chosen);
    if (context.field("looked") != choice_text(chosen, mapping))
        return show_choice(context, subject, chosen, sent,
                           "型か、編集範囲を入れる場所が、見ていたものと違います。下の一覧と変更後の見え方を確かめて、"
                           "もう一度「承認を依頼する」を押してください。");
    try {
        const auto id = flow::ask_restyle(context.site(), subject.group.id, chosen,
                                          base::Hash::find_hex(context.field("planned")).value_or(base::Hash{}),
                                          std::string(base::trim(context.field("reason"))), context.doer(), mapping);
        return context.go(
            fmt::format("{}/{}", subject.path(), id.value),
            Flash{Flash::Kind::Good, "承認を依頼しました。別のサイト管理者が承認すると、すべてのページが変わります。"});
    } catch (const Error& error) {
        if (error.kind() != Kind::BadInput && error.kind() != Kind::Conflict) throw;
        return show_choice(context, subject, chosen, sent, error.message());
    }
}

// --- one request: to be decided, or decided

http::Response show_request(Context& context, const TypeChange& subject, std::string problem) {
    Names names(context.db());
    const frames::Restyle& asked = *subject.asked;
    const bool waits = asked.state == RestyleState::Submitted;
    tmpl::Value plan;
    bool is_changed = false;
    if (waits) {
        try {
            const flow::RestylePlan made =
                flow::plan_restyle(context.site(), asked.group, asked.page_type, asked.mapping);
            is_changed = made.hash != asked.hash;
            plan = plan_view(context, made, subject.path());
        } catch (const Error& error) {
            if (error.kind() != Kind::BadInput) throw;
            is_changed = true;
            if (problem.empty()) problem = error.message();
        }
    }
    tmpl::List changed;
    std::string type;
    context.db().read([&](sys::Reader& db) {
        type = type_title(db, asked.page_type);
        if (asked.state != RestyleState::Live && asked.state != RestyleState::TakenBack) return;
        for (const frames::RestyledPage& one : frames::list_restyled_pages(db, asked.id)) {
            if (changed.size() == kShownLeft) break;
            const content::Page page = content::load_page(db, one.page);
            changed.push_back(tmpl::Map{{"title", title_of(page)},
                                        {"path", readable_path(page.path)},
                                        {"address", fmt::format("/pages/{}", page.id.value)}});
        }
    });
    const std::int64_t rest = asked.pages - static_cast<std::int64_t>(changed.size());
    return context.page({"screens/frames/type_request.html",
                         say("ページの型の変更"),
                         {{say("枠"), "/frames"},
                          {frame_name(subject.group), fmt::format("/frames/{}", subject.group.id.value)},
                          {say("ページの型を変える"), fmt::format("/frames/{}/type", subject.group.id.value)}},
                         problem.empty() ? 200 : 422},
                        {{"path", subject.path()},
                         {"again", fmt::format("/frames/{}/type{}", subject.group.id.value,
                                               choice_query(asked.page_type, asked.mapping))},
                         {"name", frame_name(subject.group)},
                         {"type", type},
                         {"state", frames::restyle_state_id(asked.state)},
                         {"chip", state_chip(asked.state)},
                         {"pages", asked.pages},
                         {"who", names.of(asked.asked_by)},
                         {"time", short_time(asked.asked_at, context.now())},
                         {"note", asked.note},
                         {"decided_who", asked.decided_by ? names.of(asked.decided_by) : ""},
                         {"decided_time", short_time(asked.decided_at, context.now())},
                         {"decided_reason", asked.reason},
                         {"opened", asked.hash.hex()},
                         {"is_own", asked.asked_by == context.person.id},
                         {"is_changed", is_changed},
                         {"may_decide", context.may(people::Act::TemplateApprove)},
                         {"problem", say(problem)},
                         {"reason", context.field("reason")},
                         {"plan", plan},
                         {"changed", std::move(changed)},
                         {"changed_rest", rest}});
}

http::Response look(Context& context) {
    return show_request(context, load(context, true), "");
}

http::Response decide(Context& context) {
    const TypeChange subject = load(context, true);
    const auto id = subject.asked->id;
    const std::string act = context.field("do"), reason(base::trim(context.field("reason")));
    try {
        if (act == "approve") {
            const std::int64_t receipt = flow::approve_restyle(
                context.site(), id, base::Hash::find_hex(context.field("opened")).value_or(base::Hash{}),
                context.doer());
            return context.go(
                fmt::format("/receipts/{}", receipt),
                Flash{Flash::Kind::Good, fmt::format("{}ページの型の変更を承認しました。", subject.asked->pages)});
        }
        if (act == "return") {
            flow::return_restyle(context.site(), id, reason, context.doer());
            return context.go(subject.path(), Flash{Flash::Kind::Good, subject.asked->asked_by == context.person.id
                                                                           ? "承認依頼を取り下げました。"
                                                                           : "差戻しました。"});
        }
        if (act != "take-back") throw Error(Kind::BadInput, "どの操作かがわかりません。画面を開き直してください。");
        const flow::TakenBack back = flow::take_back_restyle(context.site(), id, reason, context.doer());
        return context.go(
            fmt::format("/receipts/{}", back.receipt),
            Flash{back.left_out.empty() ? Flash::Kind::Good : Flash::Kind::Caution,
                  back.left_out.empty()
                      ? fmt::format("{}ページを元の枠に戻しました。", back.pages)
                      : fmt::format("{}ページを元の枠に戻しました。あとから編集した{}ページは新しい型のままです：{}",
                                    back.pages, back.left_out.size(), readable_path(back.left_out.front()))});
    } catch (const Error& error) {
        if (error.kind() != Kind::BadInput && error.kind() != Kind::Conflict && error.kind() != Kind::NotAllowed) throw;
        return show_request(context, load(context, true), error.message());
    }
}

constexpr Route kRoutes[] = {
    {"GET", "/frames/{id}/type", choose},
    {"POST", "/frames/{id}/type", ask},
    {"GET", "/frames/{id}/type/{request}", look},
    {"POST", "/frames/{id}/type/{request}", decide},
};

}  // namespace

extern const Screen frame_type{"frame-type",     "枠のページの型",          "/frames", "template", Place::None,
                               Access::SignedIn, people::Act::TemplateEdit, kRoutes};

}  // namespace web
