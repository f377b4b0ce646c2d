// プレビュー: the page in its real layout, at three widths, as it is now or as it would be at a given time.

#include "door/web/preview.h"

#include "door/web/language.h"
#include "door/web/subject.h"
#include "door/web/words.h"
#include "ground/base/error.h"

namespace web {

namespace {

/// The ways on from here: back to the words, and on to who decides about them.
tmpl::List tools_of(const Subject& subject) {
    tmpl::List tools;
    const auto add = [&](std::string_view name, std::string_view rest, std::string_view kind) {
        tools.push_back(
            tmpl::Map{{"name", say(std::string(name))}, {"path", subject.path(rest)}, {"kind", std::string(kind)}});
    };
    if (subject.may(workflow::Verb::Edit)) add("編集に戻る", "edit", "");
    if (subject.may(workflow::Verb::Submit)) add("承認依頼へ進む", "submit", "primary");
    if (subject.may(workflow::Verb::Approve)) add("承認の画面へ", "review", "primary");
    return tools;
}

http::Response show(Context& context) {
    const Subject subject = load_subject(context);
    const std::string_view asked = context.request.query.get("at");
    base::RevisionId revision{std::strtoll(std::string(context.request.query.get("revision")).c_str(), nullptr, 10)};
    std::optional<base::Instant> at;
    if (!asked.empty()) {
        at = base::parse_instant(asked);
        if (!at) throw base::Error(base::Kind::BadInput, "表示する日時は「2027-04-01 08:30」の形で入れてください。");
        revision = {};
    } else if (!revision) {
        revision = subject.page.latest;
    }
    std::string what;
    if (at) {
        what = long_time_text(*at) + say(" の公開内容");
    } else {
        const content::Revision shown =
            context.db().read([&](sys::Reader& db) { return content::load_revision(db, revision); });
        if (shown.page != subject.page.id)
            throw base::Error(base::Kind::NotFound, "この版は、このページのものではありません。");
        what = say(fmt::format("第{}版{}", shown.number, revision == subject.page.live ? "（公開中）" : ""));
    }
    return context.page({"screens/preview/show.html", say("プレビュー：") + title_of(subject.page),
                         crumbs_of(context, subject.page, true)},
                        {{"path", subject.path("preview")},
                         {"name", title_of(subject.page)},
                         {"what", what},
                         {"tools", tools_of(subject)},
                         {"leaves_draft_out", at && subject.standing.state == workflow::State::Draft},
                         {"at", at ? local_input(*at) : ""},
                         {"frame", preview_address(context, subject.page.id, subject.page.path, revision,
                                                   at.value_or(base::Instant{}))},
                         {"alone", preview_address(context, subject.page.id, subject.page.path, revision,
                                                   at.value_or(base::Instant{}))}});
}

constexpr Route kRoutes[] = {{"GET", "/pages/{id}/preview", show}};

}  // namespace

extern const Screen preview_screen{"preview",   "プレビュー",     "/pages", "page",
                                   Place::None, Access::SignedIn, {},       kRoutes};

}  // namespace web
