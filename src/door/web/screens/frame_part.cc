// 枠の部分: a part that many pages of a frame share, taken back to what it said before, with a look at what changes.

#include "door/web/language.h"
#include "door/web/template_subject.h"
#include "flow/find_frames.h"
#include "flow/frame_parts.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "press/content/template_history.h"
#include "press/frames/places.h"

namespace web {

namespace {

using base::Error;
using base::Kind;

struct Shared {
    frames::StoredGroup group;
    frames::PartId part;
    content::Template of;
    content::TemplateRevision live;
    std::optional<content::TemplateRevision> before;
    std::int64_t pages = 0;
    std::string path() const { return fmt::format("/frames/{}/parts/{}/back", group.id.value, part.value); }
    std::string group_path() const { return fmt::format("/frames/{}", group.id.value); }
};

/// Of the route's {id} and {part}. Throws Error(NotFound) also for a part that is not shared.
Shared load(Context& context) {
    context.require(people::Act::TemplateApprove);
    return context.db().read([&](sys::Reader& db) {
        Shared shared;
        shared.group = flow::load_frame(db, {context.request.number("id")});
        shared.part = {context.request.number("part")};
        const auto part = frames::find_part(db, shared.part);
        const std::string name = frames::shared_name(shared.part);
        const auto of = frames::is_shared(db, name) ? content::find_template(db, name) : std::nullopt;
        const auto live = of ? content::find_template_revision(db, of->live) : std::nullopt;
        if (!part || part->group != shared.group.id || !live)
            throw Error(Kind::NotFound, fmt::format("枠の部分（番号 {}）は見つかりません。", shared.part.value));
        shared.of = *of;
        shared.live = *live;
        shared.before = content::find_revision_before(db, of->id);
        shared.pages = frames::count_places(db, name);
        return shared;
    });
}

http::Response show(Context& context, const Shared& shared, std::string_view problem) {
    return context.page(
        {"screens/frames/part_back.html",
         say("変更を取り消す"),
         {{say("枠"), "/frames"}, {say(fmt::format("枠{}", shared.group.id.value)), shared.group_path()}},
         problem.empty() ? 200 : 422},
        {{"path", shared.path()},
         {"group_path", shared.group_path()},
         {"part", shared.of.title},
         {"pages", shared.pages},
         {"version", shared.of.version},
         {"number", shared.before ? shared.before->number : 0},
         {"problem", say(problem)},
         {"reason", context.field("reason")},
         {"changes", template_changes(shared.of.kind, shared.live.source,
                                      shared.before ? shared.before->source : shared.live.source)}});
}

http::Response ask(Context& context) {
    return show(context, load(context), "");
}

http::Response take_back(Context& context) {
    const Shared shared = load(context);
    try {
        const std::int64_t receipt =
            flow::take_back_frame_part(context.site(), shared.part, context.number_field("version"),
                                       std::string(base::trim(context.field("reason"))), context.doer());
        return context.go(fmt::format("/receipts/{}", receipt),
                          Flash{Flash::Kind::Good, fmt::format("「{}」を前の内容に戻しました。", shared.of.title)});
    } catch (const Error& error) {
        if (error.kind() != Kind::BadInput && error.kind() != Kind::Conflict) throw;
        return show(context, shared, error.message());
    }
}

constexpr Route kRoutes[] = {
    {"GET", "/frames/{id}/parts/{part}/back", ask},
    {"POST", "/frames/{id}/parts/{part}/back", take_back},
};

}  // namespace

extern const Screen frame_part{
    "frame-part", "枠の部分", "/frames", "template", Place::None, Access::SignedIn, people::Act::TemplateApprove,
    kRoutes};

}  // namespace web
