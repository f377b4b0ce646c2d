// 場所を変える: a page gets another folder or name, as a draft to be approved. Who links to the old place is shown
// before; a redirect is left there when the new one goes public.

#include "door/web/language.h"
#include "door/web/subject.h"
#include "door/web/words.h"
#include "flow/inbound_links.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace web {

namespace {

using base::Error;
using base::Kind;

/// "/kosodate/teate.html" as people type it, in percent form without its slash; the public address may be pasted whole.
std::string typed_path(const Context& context) {
    std::string typed(base::trim(context.field("place")));
    if (typed.starts_with(context.office.public_url + "/")) typed.erase(0, context.office.public_url.size());
    while (typed.starts_with('/')) typed.erase(0, 1);
    if (typed.empty() || typed.find_first_of(" \t\\?#%") != std::string::npos)
        throw Error(Kind::BadInput, "新しい場所を、/kosodate/teate.html のように入れてください。");
    return base::percent_encode(typed);
}

http::Response show(Context& context, const Subject& subject, std::string_view problem, int status) {
    tmpl::List linking, templates;
    bool is_more = false, may_copy = false;
    context.db().read([&](sys::Reader& db) {
        Sight sight(context, db);
        const flow::InboundLinks found = flow::find_inbound_links(db, subject.page);
        for (const content::LivePage& each : found.pages) {
            const auto page = content::find_page(db, each.id);
            const bool is_open = page && sight.may_open(*page);
            linking.push_back(tmpl::Map{{"title", each.title},
                                        {"path", is_open ? fmt::format("/pages/{}", each.id.value)
                                                         : context.office.public_url + "/" + each.path},
                                        {"public_path", readable_path(each.path)}});
        }
        for (const content::Template& each : found.templates)
            templates.push_back(
                tmpl::Map{{"title", each.title}, {"kind", say(content::template_kind_name(each.kind))}});
        is_more = found.is_more;
        may_copy = subject.page.kind == content::PageKind::TakenOver &&
                   !content::list_regions(db, subject.page.id).empty() &&
                   people::may_somewhere(context.actor, people::Act::PageCreate);
    });
    const std::string old = readable_path(subject.page.path);
    return context.page({"screens/move/form.html", say("場所を変える：") + title_of(subject.page),
                         crumbs_of(context, subject.page, true), status},
                        {{"head", heading_of(subject, "")},
                         {"path", subject.path()},
                         {"version", subject.standing.version},
                         {"problem", say(problem)},
                         {"place", context.has_field("place") ? context.field("place") : old},
                         {"is_public", static_cast<bool>(subject.page.live)},
                         {"is_taken_over", subject.page.kind == content::PageKind::TakenOver},
                         {"new_path", may_copy ? fmt::format("/pages/new?like={}", subject.page.id.value) : ""},
                         {"linking", std::move(linking)},
                         {"templates", std::move(templates)},
                         {"is_more", is_more}});
}

Subject load_movable(Context& context) {
    Subject subject = load_subject(context);
    if (!may_move(context, subject))
        throw Error(Kind::NotAllowed,
                    "このページの場所を変えられるのは、この場所を担当するサイト管理者です。承認待ちの間は"
                    "変えられません。");
    return subject;
}

http::Response ask(Context& context) {
    return show(context, load_movable(context), "", 200);
}

http::Response move(Context& context) {
    const Subject subject = load_movable(context);
    try {
        const flow::Outcome outcome = flow::move_page(context.site(), subject.page.id, context.number_field("version"),
                                                      typed_path(context), context.doer());
        if (outcome.refusal) return show(context, subject, outcome.refusal->ja, 422);
        return after_step(
            context, subject, outcome,
            "新しい場所の下書きにしました。承認されると場所が変わり、元の場所からは自動的に案内されます。");
    } catch (const flow::Stale& stale) {
        return show(context, load_movable(context), stale.message(), 409);
    } catch (const Error& error) {
        if (error.kind() != Kind::BadInput && error.kind() != Kind::Conflict) throw;
        return show(context, subject, error.message(), 422);
    }
}

constexpr Route kRoutes[] = {
    {"GET", "/pages/{id}/move", ask},
    {"POST", "/pages/{id}/move", move},
};

}  // namespace

bool may_move(Context& context, const Subject& subject) {
    return subject.may(workflow::Verb::Edit) && context.db().read([&](sys::Reader& db) {
        return context.may(people::Act::PageMove, Sight(context, db).scope_of(subject.page));
    });
}

extern const Screen move_screen{"move", "場所を変える", "/pages", "page", Place::None, Access::SignedIn, {}, kRoutes};

}  // namespace web
