// One page: how it looks, where it stands (what is public and what is being worked on, apart), and what may be done
// with it.

#include "door/web/language.h"
#include "door/web/preview.h"
#include "door/web/subject.h"
#include "door/web/words.h"
#include "ground/base/text.h"
#include "press/publish/receipt.h"

namespace web {

namespace {

constexpr int kReceipts = 3;
constexpr int kApprovals = 20;

/// How a verb is used from the page: a link to a screen of its own, or one press that asks first.
struct Button {
    workflow::Verb verb;
    std::string_view rest;  ///< of the page's path
    bool is_form;
    std::string_view kind;  ///< of the button
    std::string_view question;
    std::string_view meaning;
};
constexpr Button kButtons[] = {
    {workflow::Verb::Submit, "submit", false, "primary", "", ""},
    {workflow::Verb::Approve, "review", false, "primary", "", ""},
    {workflow::Verb::PublishNow, "publish", true, "primary", "公開しますか", "承認済みの内容を、いますぐ公開します。"},
    {workflow::Verb::ApproveAfterwards, "afterwards", false, "primary", "", ""},
    {workflow::Verb::TakeBack, "take-back", true, "", "承認依頼を取り下げますか",
     "下書きに戻ります。直してから、もう一度依頼できます。"},
    {workflow::Verb::CancelSchedule, "cancel-schedule", true, "", "公開予約を取り消しますか",
     "承認済みの状態に戻ります。公開中のページは変わりません。"},
    {workflow::Verb::DiscardDraft, "discard", true, "", "下書きを破棄しますか",
     "公開中の内容に戻ります。破棄した版は履歴に残ります。"},
    {workflow::Verb::AskWithdraw, "withdraw", false, "danger", "", ""},
    {workflow::Verb::EmergencyPublish, "emergency", false, "danger", "", ""},
};

tmpl::List buttons_of(const Subject& subject) {
    tmpl::List shown;
    for (const Button& button : kButtons) {
        const bool is_there = subject.may(button.verb) ||
                              (button.verb == workflow::Verb::AskWithdraw && subject.may(workflow::Verb::Withdraw));
        if (!is_there) continue;
        shown.push_back(
            tmpl::Map{{"name", button.verb == workflow::Verb::AskWithdraw ? say("公開を終了する")
                                                                          : say(workflow::verb_label(button.verb))},
                      {"path", subject.path(button.rest)},
                      {"is_form", button.is_form},
                      {"kind", button.kind},
                      {"question", say(button.question)},
                      {"meaning", say(button.meaning)}});
    }
    return shown;
}

tmpl::Map live_side(Context& context, sys::Reader& db, const Subject& subject) {
    const workflow::Standing& standing = subject.standing;
    const workflow::Live live = workflow::live_of(subject.page, standing);
    std::string number;
    if (subject.page.live) number = say(fmt::format("第{}版", content::load_revision(db, subject.page.live).number));
    return {{"name", say(workflow::live_name(live))},
            {"chip", workflow::live_id(live)},
            {"number", number},
            {"since", subject.page.live ? short_time(subject.page.live_since, context.now()) : tmpl::Value()},
            {"until", long_time(standing.live_until)},
            {"ended_at", subject.page.live ? tmpl::Value() : short_time(standing.ended_at, context.now())},
            {"ended_why", standing.ended == workflow::Live::Withdrawn && !subject.page.live
                              ? fmt::format("{}{}{}", say(workflow::end_reason_name(standing.ended_how.reason)),
                                            standing.ended_how.words.empty() ? "" : say("："), standing.ended_how.words)
                              : ""}};
}

tmpl::Map work_side(Context& context, Names& names, sys::Reader& db, const Subject& subject) {
    const workflow::Standing& standing = subject.standing;
    const content::Revision latest = content::load_revision(db, subject.page.latest);
    std::string asked;
    if (standing.state == workflow::State::Submitted)
        for (const workflow::Candidate& each : workflow::list_asked(db, subject.page.id))
            asked += (asked.empty() ? "" : say("、")) + names.of(each);
    const bool is_request = standing.state == workflow::State::Submitted ||
                            standing.state == workflow::State::Approved || standing.state == workflow::State::Scheduled;
    return {{"name", say(workflow::state_name(standing.state))},
            {"chip", workflow::state_id(standing.state)},
            {"number", say(fmt::format("第{}版", latest.number))},
            {"author", names.of(latest.author)},
            {"time", short_time(latest.made_at, context.now())},
            {"asked", asked},
            {"step",
             standing.steps.size() > 1 ? say(fmt::format("{}／{}段目", standing.step + 1, standing.steps.size())) : ""},
            {"publish_at", is_request ? long_time(standing.publish_at) : tmpl::Value()},
            {"withdraw_at", is_request ? long_time(standing.withdraw_at) : tmpl::Value()},
            {"is_withdrawal", standing.matter == workflow::Matter::Withdraw},
            {"comment", standing.comment},
            {"problem", say(standing.problem)}};
}

}  // namespace

/// The course of the newest request, oldest first: who asked, who said what, whom it waits for.
tmpl::List course_of(Context& context, Names& names, const Subject& subject) {
    const workflow::Standing& standing = subject.standing;
    tmpl::List course;
    if (standing.round == 0) return course;
    const auto [approvals, asked] = context.db().read([&](sys::Reader& db) {
        return std::pair(workflow::list_approvals(db, subject.page.id, kApprovals),
                         workflow::list_asked(db, subject.page.id));
    });
    const auto add = [&](std::string_view kind, std::string what, std::string who, base::Instant at,
                         std::string_view said) {
        course.push_back(tmpl::Map{{"kind", kind},
                                   {"what", std::move(what)},
                                   {"who", std::move(who)},
                                   {"time", short_time(at, context.now())},
                                   {"said", said}});
    };
    const bool is_back = standing.state == workflow::State::Returned;
    add("done", standing.matter == workflow::Matter::Withdraw ? say("公開終了の承認依頼") : say("承認依頼"),
        names.of(standing.submitted_by), standing.submitted_at, is_back ? "" : standing.comment);
    for (auto each = approvals.rbegin(); each != approvals.rend(); ++each) {
        if (each->round != standing.round || each->said == workflow::Said::YesAfterwards) continue;
        std::string who = names.of(each->person);
        if (each->on_behalf_of) who += say(fmt::format("（{}の代理）", names.of(each->on_behalf_of)));
        const std::string step = each->step < standing.steps.size() ? standing.steps[each->step].name : "";
        add(each->said == workflow::Said::Returned ? "returned" : "done",
            each->said == workflow::Said::Returned ? say("差戻し") : (step.empty() ? say("承認") : step + say(" 承認")),
            std::move(who), each->at, each->comment);
    }
    if (standing.state == workflow::State::Submitted) {
        std::string who;
        for (const workflow::Candidate& each : asked) who += (who.empty() ? "" : say("、")) + names.of(each);
        add("", say("承認"),
            who.empty() ? say("承認できる人がいません。サイト管理者にご相談ください") : who + say(" の確認待ち"), {},
            "");
        for (std::size_t i = standing.step + 1; i < standing.steps.size(); ++i)
            add("waiting",
                standing.steps[i].name.empty() ? say(fmt::format("{}段目の承認", i + 1))
                                               : standing.steps[i].name + say(" 承認"),
                say("まだです"), {}, "");
    }
    return course;
}

namespace {

http::Response show(Context& context) {
    const Subject subject = load_subject(context);
    Names names(context.db());
    tmpl::List attachments, receipts;
    tmpl::Map live, work;
    std::string department = "—", live_number;
    bool is_region_missing = false;
    context.db().read([&](sys::Reader& db) {
        const content::Revision latest = content::load_revision(db, subject.page.latest);
        for (const content::Attachment& each : latest.body.attachments)
            attachments.push_back(tmpl::Map{{"name", each.title.empty() ? readable_path(each.path) : each.title},
                                            {"path", readable_path(each.path)},
                                            {"size", size_text(each.size)}});
        for (const publish::Receipt& each : publish::list_receipts(db, subject.page.id, kReceipts))
            receipts.push_back(tmpl::Map{{"path", fmt::format("/receipts/{}", each.id)},
                                         {"time", short_time(each.made_at, context.now())},
                                         {"state", say(publish::receipt_state_name(each.state))}});
        live = live_side(context, db, subject);
        work = work_side(context, names, db, subject);
        if (const auto id = department_in_charge(db, subject.page)) department = people::load_department(db, id).name;
        is_region_missing =
            subject.page.kind == content::PageKind::TakenOver && content::list_regions(db, subject.page.id).empty();
    });
    tmpl::List buttons = buttons_of(subject);
    if (may_move(context, subject))
        buttons.push_back(tmpl::Map{{"name", say("場所を変える")},
                                    {"path", subject.path("move")},
                                    {"is_form", false},
                                    {"kind", ""},
                                    {"question", ""},
                                    {"meaning", ""}});
    const bool is_working = subject.standing.state != workflow::State::None;
    const base::RevisionId shown = is_working || !subject.page.live ? subject.page.latest : subject.page.live;
    tmpl::List tools{
        tmpl::Map{{"name", say("プレビュー")}, {"path", subject.path("preview")}, {"kind", "plain"}, {"icon", ""}}};
    if (subject.may(workflow::Verb::Edit) && !is_region_missing)
        tools.push_back(tmpl::Map{{"name", say("編集する")},
                                  {"path", subject.path("edit")},
                                  {"kind", subject.may(workflow::Verb::Approve) ? "" : "primary"},
                                  {"icon", "edit"}});
    return context.page({"screens/page/show.html", title_of(subject.page), crumbs_of(context, subject.page, false)},
                        {{"head", heading_of(subject, "")},
                         {"tools", std::move(tools)},
                         {"live", std::move(live)},
                         {"work", std::move(work)},
                         {"is_working", is_working},
                         {"course", course_of(context, names, subject)},
                         {"buttons", std::move(buttons)},
                         {"version", subject.standing.version},
                         {"others", who_is_editing(context, subject.page.id)},
                         {"attachments", std::move(attachments)},
                         {"receipts", std::move(receipts)},
                         {"department", department},
                         {"encoding", subject.page.encoding},
                         {"is_public", static_cast<bool>(subject.page.live)},
                         {"public_address", context.office.public_url + "/" + subject.page.path},
                         {"is_region_missing", is_region_missing},
                         {"new_path", subject.page.kind == content::PageKind::TakenOver && !is_region_missing &&
                                              people::may_somewhere(context.actor, people::Act::PageCreate)
                                          ? fmt::format("/pages/new?like={}", subject.page.id.value)
                                          : std::string()},
                         {"may_change_region", context.may(people::Act::TemplateEdit)},
                         {"frame", preview_address(context, subject.page.id, subject.page.path, shown)},
                         {"frame_note", is_working ? say("作業中のページ") : say("公開中のページ")}});
}

constexpr Route kRoutes[] = {{"GET", "/pages/{id}", show}};

}  // namespace

extern const Screen page{"page", "ページ", "/pages", "page", Place::None, Access::SignedIn, {}, kRoutes};

}  // namespace web
