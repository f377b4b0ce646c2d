// 変更点: two revisions of a page, what was added and what went.

#include "door/web/draft.h"
#include "door/web/language.h"
#include "door/web/words.h"
#include "ground/base/error.h"
#include "press/content/categories.h"

namespace web {

namespace {

constexpr int kChoices = 100;

base::RevisionId asked_for(const http::Request& request, std::string_view name) {
    return {std::strtoll(std::string(request.query.get(name)).c_str(), nullptr, 10)};
}

tmpl::List attachment_changes(const content::Body& before, const content::Body& after) {
    tmpl::List changes;
    const auto find = [](const content::Body& body, const content::Attachment& wanted) {
        return std::find_if(body.attachments.begin(), body.attachments.end(),
                            [&](const auto& each) { return each.path == wanted.path; });
    };
    const auto name = [](const content::Attachment& each) {
        return each.title.empty() ? readable_path(each.path) : each.title;
    };
    for (const content::Attachment& each : after.attachments) {
        const auto old = find(before, each);
        if (old == before.attachments.end())
            changes.push_back(tmpl::Map{{"kind", "added"}, {"text", name(each)}});
        else if (old->hash != each.hash)
            changes.push_back(tmpl::Map{{"kind", "added"}, {"text", name(each) + say("（差し替え）")}});
    }
    for (const content::Attachment& each : before.attachments)
        if (find(after, each) == after.attachments.end())
            changes.push_back(tmpl::Map{{"kind", "removed"}, {"text", name(each)}});
    return changes;
}

/// Categories that came and went, by their titles.
tmpl::List category_changes(Context& context, const content::Body& before, const content::Body& after) {
    tmpl::List changes;
    const auto add = [&](const content::Body& of, const content::Body& without, std::string_view kind) {
        for (const std::string& name : of.categories) {
            if (std::find(without.categories.begin(), without.categories.end(), name) != without.categories.end())
                continue;
            const auto found = context.db().read([&](sys::Reader& db) { return content::find_category(db, name); });
            changes.push_back(tmpl::Map{{"kind", kind}, {"text", found ? found->title : name}});
        }
    };
    add(after, before, "added");
    add(before, after, "removed");
    return changes;
}

}  // namespace

/// The two bodies side by side, for diff screens: {title, description, attachments, parts, is_same}.
tmpl::Map comparison_of(Context& context, const content::Page& page, const content::Body& before,
                        const content::Body& after) {
    tmpl::List parts;
    const auto old_parts = parts_of(context, page, before), new_parts = parts_of(context, page, after);
    for (const EditedPart& part : new_parts) {
        const auto old =
            std::find_if(old_parts.begin(), old_parts.end(), [&](const auto& each) { return each.name == part.name; });
        const std::string text = old == old_parts.end() ? "" : old->text;
        parts.push_back(
            tmpl::Map{{"label", part.label}, {"rows", diff_rows(html::compare_blocks(text, part.text, part.context))}});
    }
    return {{"form_title", diff_line(before.title, after.title)},
            {"description", diff_line(before.description, after.description)},
            {"categories", category_changes(context, before, after)},
            {"attachments", attachment_changes(before, after)},
            {"parts", std::move(parts)},
            {"is_same", before == after}};
}

namespace {

http::Response show(Context& context) {
    const Subject subject = load_subject(context);
    tmpl::List choices_from, choices_to;
    content::Revision from, to;
    context.db().read([&](sys::Reader& db) {
        const auto all = content::list_revisions(db, subject.page.id, kChoices);
        base::RevisionId to_id = asked_for(context.request, "to"), from_id = asked_for(context.request, "from");
        if (!to_id) to_id = subject.page.latest;
        if (!from_id)
            from_id = subject.page.live && subject.page.live != to_id ? subject.page.live : base::RevisionId{};
        to = content::load_revision(db, to_id);
        if (!from_id) from_id = to.based_on ? to.based_on : to.id;
        from = content::load_revision(db, from_id);
        if (from.page != subject.page.id || to.page != subject.page.id)
            throw base::Error(base::Kind::NotFound, "この版は、このページのものではありません。");
        for (const content::Revision& each : all) {
            std::string name = say(fmt::format("第{}版", each.number));
            if (each.id == subject.page.live)
                name += say("（公開中）");
            else if (each.id == subject.page.latest && subject.standing.state != workflow::State::None)
                name = noted(name, say(workflow::state_name(subject.standing.state)));
            choices_from.push_back(tmpl::Map{{"id", each.id.value}, {"name", name}, {"is_chosen", each.id == from.id}});
            choices_to.push_back(tmpl::Map{{"id", each.id.value}, {"name", name}, {"is_chosen", each.id == to.id}});
        }
    });
    return context.page({"screens/compare/show.html", say("変更点：") + title_of(subject.page),
                         crumbs_of(context, subject.page, false)},
                        {{"head", heading_of(subject, "compare")},
                         {"path", subject.path("compare")},
                         {"from", std::move(choices_from)},
                         {"to", std::move(choices_to)},
                         {"from_number", from.number},
                         {"to_number", to.number},
                         {"changes", comparison_of(context, subject.page, from.body, to.body)}});
}

constexpr Route kRoutes[] = {{"GET", "/pages/{id}/compare", show}};

}  // namespace

extern const Screen compare{"compare", "変更点", "/pages", "page", Place::None, Access::SignedIn, {}, kRoutes};

}  // namespace web
