// The two eyes more: asking for approval of a template's draft, and the second administrator's look at what it changes
// where. What is approved is exactly the revision that was opened.

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

constexpr std::size_t kLongestComment = 2000;  // characters
constexpr int kShownPages = 50;

/// Both steps show the same: what changes, and where.
http::Response show(Context& context, const TemplateSubject& subject, bool is_review, std::string_view problem) {
    Names names(context.db());
    const flow::Affected affected = flow::find_affected(context.site(), subject.of, kShownPages);
    const auto requesters =
        context.db().read([&](sys::Reader& db) { return content::list_template_requesters(db, subject.of.id); });
    const bool is_own = std::find(requesters.begin(), requesters.end(), context.person.id) != requesters.end();
    tmpl::Value frame;
    std::string frame_title;
    for (const content::LivePage& page : affected.examples) {
        if (page.kind != content::PageKind::Composed) continue;
        frame = preview_template_address(context, page.id, page.path, subject.latest.id);
        frame_title = page.title;
        break;
    }
    return context.page(
        {"screens/template/review.html", (is_review ? say("承認：") : say("承認依頼：")) + subject.of.title,
         template_crumbs(subject, true), problem.empty() ? 200 : 422},
        {{"head", template_heading(subject, "")},
         {"path", subject.path()},
         {"version", subject.of.version},
         {"opened", subject.latest.hash.hex()},
         {"problem", say(problem)},
         {"comment", context.field("comment")},
         {"is_review", is_review},
         {"is_own", is_own},
         {"may_approve", is_review && !is_own && context.may(people::Act::TemplateApprove)},
         {"who", names.of(subject.latest.submitted_by ? subject.latest.submitted_by : subject.latest.author)},
         {"time", short_time(is_review ? subject.latest.submitted_at : subject.latest.made_at, context.now())},
         {"note", subject.latest.note},
         {"is_new", !subject.live},
         {"affected", affected_view(affected, static_cast<std::size_t>(kShownPages))},
         {"changes",
          template_changes(subject.of.kind,
                           subject.live ? std::string_view(subject.live->source)
                                        : std::string_view(subject.of.kind == content::TemplateKind::Menu ? "[]" : ""),
                           subject.latest.source)},
         {"frame", frame},
         {"frame_title", frame_title}});
}

bool may_submit(const TemplateSubject& subject) {
    return subject.latest.state == content::TemplateState::Draft ||
           subject.latest.state == content::TemplateState::Returned;
}

http::Response ask_submit(Context& context) {
    const TemplateSubject subject = load_template(context);
    if (!may_submit(subject))
        return context.go(subject.path(), Flash{Flash::Kind::Info, "承認を依頼する下書きがありません。"});
    return show(context, subject, false, "");
}

http::Response submit(Context& context) {
    const TemplateSubject subject = load_template(context);
    try {
        flow::submit_template(context.site(), subject.of.id, context.number_field("version"), context.doer());
    } catch (const tmpl::TemplateError& error) {
        return show(context, subject, false, error.problem.japanese_text());
    } catch (const Error& error) {
        if (error.kind() != Kind::BadInput && error.kind() != Kind::Conflict) throw;
        return show(context, subject, false, error.message());
    }
    return context.go(
        "/templates",
        Flash{Flash::Kind::Good, fmt::format("「{}」の変更の承認を依頼しました。別のサイト管理者の確認を待っています。",
                                             subject.of.title)});
}

http::Response ask(Context& context) {
    const TemplateSubject subject = load_template(context);
    if (!subject.is_submitted())
        return context.go(subject.path(), Flash{Flash::Kind::Info, "いま承認を待っている変更はありません。"});
    return show(context, subject, true, "");
}

http::Response decide(Context& context) {
    const TemplateSubject subject = load_template(context);
    const std::int64_t version = context.number_field("version");
    const std::string comment(base::trim(context.field("comment")));
    if (base::count_code_points(comment) > kLongestComment)
        return show(context, subject, true, fmt::format("コメントは{}文字までにしてください。", kLongestComment));
    try {
        if (context.field("do") == "return") {
            if (comment.empty()) return show(context, subject, true, "差戻しの理由を書いてください。");
            flow::return_template(context.site(), subject.of.id, version, comment, context.doer());
            return context.go("/templates",
                              Flash{Flash::Kind::Good, fmt::format("「{}」の変更を差戻しました。", subject.of.title)});
        }
        const std::int64_t receipt = flow::approve_template(
            context.site(), subject.of.id, version,
            base::Hash::find_hex(context.field("opened")).value_or(base::Hash{}), context.doer());
        return context.go(fmt::format("/receipts/{}", receipt),
                          Flash{Flash::Kind::Good, fmt::format("「{}」の変更を承認しました。", subject.of.title)});
    } catch (const tmpl::TemplateError& error) {
        return show(context, subject, true, error.problem.japanese_text());
    } catch (const Error& error) {
        if (error.kind() != Kind::BadInput && error.kind() != Kind::Conflict) throw;
        const TemplateSubject now = load_template(context);
        if (!now.is_submitted()) return context.go(now.path(), Flash{Flash::Kind::Caution, error.message()});
        return show(context, now, true, error.message());
    }
}

constexpr Route kRoutes[] = {
    {"GET", "/templates/{id}/submit", ask_submit},
    {"POST", "/templates/{id}/submit", submit},
    {"GET", "/templates/{id}/review", ask},
    {"POST", "/templates/{id}/review", decide},
};

}  // namespace

extern const Screen template_review{"template-review", "デザインと部品",          "/templates", "template", Place::None,
                                    Access::SignedIn,  people::Act::TemplateEdit, kRoutes};

}  // namespace web
