// Looking at a template before and after: on a real page, beside another version, by the pages it changes, and through
// its versions, of which any can be used again.

#include "door/web/language.h"
#include "door/web/preview.h"
#include "door/web/subject.h"
#include "door/web/template_subject.h"
#include "door/web/words.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace web {

namespace {

using base::Error;
using base::Kind;

constexpr int kVersions = 50;
constexpr int kChoices = 200;
constexpr std::size_t kShownPages = 500;

std::int64_t query_number(const Context& context, std::string_view name) {
    return std::strtoll(std::string(context.request.query.get(name)).c_str(), nullptr, 10);
}

content::TemplateRevision find_of(sys::Reader& db, const TemplateSubject& subject, std::int64_t id,
                                  const content::TemplateRevision& otherwise) {
    if (id == 0) return otherwise;
    auto found = content::find_template_revision(db, {id});
    if (!found || found->of != subject.of.id)
        throw Error(Kind::NotFound, "この版は、このテンプレートのものではありません。");
    return *std::move(found);
}

std::string version_name(const TemplateSubject& subject, const content::TemplateRevision& revision) {
    if (revision.id == subject.of.live) return say(fmt::format("第{}版（使用中）", revision.number));
    if (revision.id == subject.of.latest)
        return say(fmt::format("第{}版（{}）", revision.number, content::template_state_name(revision.state)));
    return say(fmt::format("第{}版", revision.number));
}

// --- on a real page

/// The page that was asked for by number or by address; otherwise the first that changes, otherwise any that could.
std::optional<content::LivePage> find_shown(Context& context, const flow::Affected& affected) {
    const std::int64_t id = query_number(context, "page");
    std::string path(base::trim(context.request.query.get("address")));
    return context.db().read([&](sys::Reader& db) -> std::optional<content::LivePage> {
        if (!path.empty()) {
            if (path.starts_with(context.office.public_url)) path.erase(0, context.office.public_url.size());
            while (path.starts_with('/')) path.erase(0, 1);
            if (path.empty() || path.ends_with('/')) path += "index.html";
            auto found = content::find_live(db, path);
            if (!found) found = content::find_live(db, base::percent_encode(path));
            if (!found || found->kind != content::PageKind::Composed)
                throw Error(Kind::BadInput,
                            "テンプレートで作った公開中のページのアドレスを入れてください。例：/kurashi/");
            return found;
        }
        if (id != 0) return content::find_live(db, base::PageId{id});
        for (const content::LivePage& page : affected.examples)
            if (page.kind == content::PageKind::Composed) return page;
        for (const content::LivePage& page : content::list_newest(db, "tree:", 20))
            if (page.kind == content::PageKind::Composed) return page;
        return std::nullopt;
    });
}

http::Response preview(Context& context) {
    const TemplateSubject subject = load_template(context);
    const flow::Affected affected = flow::find_affected(context.site(), subject.of, kChoices);
    std::string problem;
    std::optional<content::LivePage> shown;
    try {
        shown = find_shown(context, affected);
    } catch (const Error& error) {
        if (error.kind() != Kind::BadInput) throw;
        problem = error.message();
    }
    tmpl::List versions, pages;
    const content::TemplateRevision revision = context.db().read([&](sys::Reader& db) {
        const auto chosen = find_of(db, subject, query_number(context, "revision"), subject.latest);
        for (const content::TemplateRevision& each : content::list_template_revisions(db, subject.of.id, kVersions))
            versions.push_back(tmpl::Map{
                {"id", each.id.value}, {"name", version_name(subject, each)}, {"is_chosen", each.id == chosen.id}});
        return chosen;
    });
    for (const content::LivePage& page : affected.examples)
        if (page.kind == content::PageKind::Composed)
            pages.push_back(tmpl::Map{{"id", page.id.value},
                                      {"name", noted(page.title, readable_path(page.path))},
                                      {"is_chosen", shown && page.id == shown->id}});
    tmpl::Value frame, alone;
    if (shown) {
        frame = preview_template_address(context, shown->id, shown->path, revision.id);
        alone = preview_template_address(context, shown->id, shown->path, revision.id);
    }
    return context.page({"screens/template/preview.html", say("プレビュー：") + subject.of.title,
                         template_crumbs(subject, true), problem.empty() ? 200 : 422},
                        {{"head", template_heading(subject, "preview")},
                         {"path", subject.path("preview")},
                         {"versions", std::move(versions)},
                         {"pages", std::move(pages)},
                         {"address", context.request.query.get("address")},
                         {"problem", say(problem)},
                         {"name", shown ? shown->title : ""},
                         {"frame", frame},
                         {"alone", alone}});
}

// --- beside another version

http::Response compare(Context& context) {
    const TemplateSubject subject = load_template(context);
    tmpl::List from_choices, to_choices;
    content::TemplateRevision from, to;
    context.db().read([&](sys::Reader& db) {
        to = find_of(db, subject, query_number(context, "to"), subject.latest);
        const auto all = content::list_template_revisions(db, subject.of.id, kVersions);
        content::TemplateRevision before = subject.live.value_or(to);
        if (before.id == to.id)  // the live one is compared with what it came from
            for (const auto& each : all)
                if (each.number < to.number) {
                    before = each;
                    break;
                }
        from = find_of(db, subject, query_number(context, "from"), before);
        for (const auto& each : all) {
            const std::string name = version_name(subject, each);
            from_choices.push_back(tmpl::Map{{"id", each.id.value}, {"name", name}, {"is_chosen", each.id == from.id}});
            to_choices.push_back(tmpl::Map{{"id", each.id.value}, {"name", name}, {"is_chosen", each.id == to.id}});
        }
    });
    return context.page(
        {"screens/template/compare.html", say("変更点：") + subject.of.title, template_crumbs(subject, true)},
        {{"head", template_heading(subject, "compare")},
         {"path", subject.path("compare")},
         {"from", std::move(from_choices)},
         {"to", std::move(to_choices)},
         {"from_number", from.number},
         {"to_number", to.number},
         {"changes", template_changes(subject.of.kind, from.source, to.source)}});
}

// --- the pages it changes

http::Response pages(Context& context) {
    const TemplateSubject subject = load_template(context);
    const flow::Affected affected = flow::find_affected(context.site(), subject.of, static_cast<int>(kShownPages));
    return context.page(
        {"screens/template/pages.html", say("影響するページ：") + subject.of.title, template_crumbs(subject, true)},
        {{"head", template_heading(subject, "pages")}, {"affected", affected_view(affected, kShownPages)}});
}

// --- its versions

http::Response history(Context& context) {
    const TemplateSubject subject = load_template(context);
    Names names(context.db());
    tmpl::List versions;
    context.db().read([&](sys::Reader& db) {
        const auto all = content::list_template_revisions(db, subject.of.id, kVersions);
        for (std::size_t i = 0; i < all.size(); ++i) {
            const auto& each = all[i];
            versions.push_back(tmpl::Map{
                {"id", each.id.value},
                {"number", each.number},
                {"who", names.of(each.author)},
                {"time", long_time(each.made_at)},
                {"note", each.note},
                {"chip", chip(each.id == subject.of.live ? "live" : content::template_state_id(each.state),
                              each.id == subject.of.live ? "使用中" : content::template_state_name(each.state))},
                {"approved_by", each.approved_by ? names.of(each.approved_by) : ""},
                {"approved_at", long_time(each.approved_at)},
                {"is_returned", each.state == content::TemplateState::Returned},
                {"before", i + 1 < all.size() ? all[i + 1].id.value : 0},
                {"is_live", each.id == subject.of.live},
                {"is_latest", each.id == subject.of.latest}});
        }
    });
    return context.page(
        {"screens/template/history.html", say("版：") + subject.of.title, template_crumbs(subject, true)},
        {{"head", template_heading(subject, "history")},
         {"path", subject.path()},
         {"version", subject.of.version},
         {"versions", std::move(versions)}});
}

http::Response restore(Context& context) {
    const TemplateSubject subject = load_template(context);
    try {
        flow::restore_template(context.site(), subject.of.id, context.number_field("version"),
                               {context.number_field("revision")}, context.doer());
    } catch (const Error& error) {
        if (error.kind() != Kind::Conflict && error.kind() != Kind::BadInput) throw;
        return context.go(subject.path("history"), Flash{Flash::Kind::Danger, error.message()});
    }
    return context.go(
        subject.path("compare"),
        Flash{Flash::Kind::Good, "この版と同じ内容の下書きを作りました。確かめてから承認依頼へ進んでください。"});
}

constexpr Route kRoutes[] = {
    {"GET", "/templates/{id}/preview", preview},  {"GET", "/templates/{id}/compare", compare},
    {"GET", "/templates/{id}/pages", pages},      {"GET", "/templates/{id}/history", history},
    {"POST", "/templates/{id}/restore", restore},
};

}  // namespace

extern const Screen template_versions{
    "template-versions", "デザインと部品",          "/templates", "template", Place::None,
    Access::SignedIn,    people::Act::TemplateEdit, kRoutes};

}  // namespace web
