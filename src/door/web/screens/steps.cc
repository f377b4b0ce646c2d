// The steps of a page on its way into the public and out again: asking for approval, taking back, publishing what is
// approved, ending a publication, the emergency. Each form carries the version that was on the screen.

#include <set>

#include "door/web/draft.h"
#include "door/web/language.h"
#include "door/web/screens/steps/findings.h"
#include "door/web/words.h"
#include "flow/check_page.h"
#include "flow/inbound_links.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "office/stops/stop.h"

namespace web {

tmpl::List findings_of(Context& context, const Subject& subject) {
    std::set<std::string> known;
    if (subject.page.kind == content::PageKind::TakenOver && subject.page.live)
        for (base::Finding& each : flow::check_page(context.site(), subject.page.id, subject.page.live))
            known.insert(std::move(each.message));
    tmpl::List findings;
    for (const base::Finding& each : flow::check_page(context.site(), subject.page.id, subject.page.latest))
        if (known.count(each.message) == 0) findings.push_back(say(each.message));
    return findings;
}

namespace {

using base::Error;
using base::Kind;
using workflow::Verb;

constexpr std::size_t kLongestWords = 2000;  // characters

std::string words_field(const Context& context, std::string_view name) {
    const std::string text(base::trim(context.field(name)));
    if (base::count_code_points(text) > kLongestWords)
        throw Error(Kind::BadInput, fmt::format("コメントや理由は{}文字までにしてください。", kLongestWords));
    return text;
}

void need(const Subject& subject, Verb verb) {
    if (subject.may(verb)) return;
    const std::string_view state = workflow::state_name(subject.standing.state);
    throw Error(Kind::NotAllowed, fmt::format("「{}」は、いまのあなたにはできません（状態：{}）。",
                                              workflow::verb_label(verb), state.empty() ? "作業なし" : state));
}

/// Runs a step; a page that somebody changed meanwhile is shown anew, with the reason.
template <class Step>
http::Response run_step(Context& context, const Subject& subject, std::string_view done, const Step& step) {
    try {
        return after_step(context, subject, step(), done);
    } catch (const flow::Stale& stale) {
        return context.page(
            {"screens/steps/stale.html", "ほかの人が先に変更しました", crumbs_of(context, subject.page, true), 409},
            {{"message", stale.message()}, {"head", heading_of(subject, "")}, {"path", subject.path()}});
    }
}

// --- asking for approval

http::Response show_submit(Context& context, const Subject& subject, std::string_view problem) {
    Names names(context.db());
    const auto [live, latest, stop] = context.db().read([&](sys::Reader& db) {
        return std::tuple(
            subject.page.live ? std::optional(content::load_revision(db, subject.page.live)) : std::nullopt,
            content::load_revision(db, subject.page.latest), stops::find_noticed(db, subject.page.id));
    });
    // The notice of a stop comes down some days after it, unless who asks wants it otherwise.
    const bool is_proposed = problem.empty() && stop && stop->notice_until() > context.now();
    return context.page(
        {"screens/steps/submit.html", say("承認依頼：") + title_of(subject.page),
         crumbs_of(context, subject.page, true), problem.empty() ? 200 : 422},
        {{"head", heading_of(subject, "")},
         {"path", subject.path()},
         {"version", subject.standing.version},
         {"problem", say(problem)},
         {"comment", context.field("comment")},
         {"publish_at", context.field("publish_at")},
         {"withdraw_at", is_proposed ? local_input(stop->notice_until()) : context.field("withdraw_at")},
         {"is_stop_notice", is_proposed},
         {"is_by_hand", context.field("how") == "by-hand"},
         {"is_new", !live},
         {"returned", subject.standing.state == workflow::State::Returned ? subject.standing.comment : ""},
         {"findings", findings_of(context, subject)},
         {"changes", comparison_of(context, subject.page, live ? live->body : content::Body{}, latest.body)}});
}

http::Response ask_submit(Context& context) {
    const Subject subject = load_subject(context);
    need(subject, Verb::Submit);
    return show_submit(context, subject, "");
}

http::Response submit(Context& context) {
    const Subject subject = load_subject(context);
    flow::Submission submission;
    try {
        submission.comment = words_field(context, "comment");
        submission.is_by_hand = context.field("how") == "by-hand";
        submission.publish_at = context.time_field("publish_at", "公開日時").value_or(base::Instant{});
        submission.withdraw_at = context.time_field("withdraw_at", "公開終了日時").value_or(base::Instant{});
        const flow::Outcome outcome =
            flow::submit(context.site(), subject.page.id, context.number_field("version"), submission, context.doer());
        if (outcome.refusal) return show_submit(context, subject, outcome.refusal->ja);
        std::string asked;
        Names names(context.db());
        for (const auto& each : flow::list_asked(context.site(), subject.page.id))
            asked += (asked.empty() ? "" : say("、")) + names.of(each) + say("さん");
        return after_step(context, subject, outcome,
                          asked.empty() ? "承認を依頼しました。"
                                        : fmt::format("承認を依頼しました。{}の確認を待っています。", asked));
    } catch (const flow::Stale&) {
        return run_step(context, subject, "", [&]() -> flow::Outcome { throw; });
    } catch (const Error& error) {
        if (error.kind() != Kind::BadInput) throw;
        return show_submit(context, subject, error.message());
    }
}

// --- one press

http::Response take_back(Context& context) {
    const Subject subject = load_subject(context);
    return run_step(context, subject, "承認依頼を取り下げました。下書きに戻っています。", [&] {
        return flow::take_back(context.site(), subject.page.id, context.number_field("version"), context.doer());
    });
}

http::Response publish(Context& context) {
    const Subject subject = load_subject(context);
    return run_step(context, subject, "公開を始めました。", [&] {
        return flow::publish_now(context.site(), subject.page.id, context.number_field("version"), context.doer());
    });
}

http::Response cancel_schedule(Context& context) {
    const Subject subject = load_subject(context);
    return run_step(context, subject, "公開予約を取り消しました。", [&] {
        return flow::cancel_schedule(context.site(), subject.page.id, context.number_field("version"), context.doer());
    });
}

http::Response discard(Context& context) {
    const Subject subject = load_subject(context);
    return run_step(context, subject, "下書きを破棄しました。破棄した版は履歴から戻せます。", [&] {
        return flow::discard(context.site(), subject.page.id, context.number_field("version"), context.doer());
    });
}

// --- ending a publication

http::Response show_withdraw(Context& context, const Subject& subject, std::string_view problem) {
    tmpl::List reasons;
    static constexpr std::pair<workflow::EndReason, std::string_view> kReasons[] = {
        {workflow::EndReason::Gone, "ページがなくなったことを訪問者に伝えます"},
        {workflow::EndReason::Moved, "新しいページへ自動的に案内します"},
        {workflow::EndReason::Corrected, "誤りがあったため取り下げます"}};
    const std::string chosen = context.field("reason");
    tmpl::List linking, templates;
    bool is_more = false;
    context.db().read([&](sys::Reader& db) {
        const flow::InboundLinks found = flow::find_inbound_links(db, subject.page);
        for (const content::LivePage& each : found.pages)
            linking.push_back(tmpl::Map{{"title", each.title},
                                        {"path", fmt::format("/pages/{}", each.id.value)},
                                        {"public_path", readable_path(each.path)}});
        for (const content::Template& each : found.templates)
            templates.push_back(
                tmpl::Map{{"title", each.title}, {"kind", say(content::template_kind_name(each.kind))}});
        is_more = found.is_more;
    });
    for (const auto& [reason, note] : kReasons)
        reasons.push_back(tmpl::Map{{"id", workflow::end_reason_id(reason)},
                                    {"name", say(workflow::end_reason_name(reason))},
                                    {"note", say(note)},
                                    {"is_chosen", chosen.empty() ? reason == workflow::EndReason::Gone
                                                                 : chosen == workflow::end_reason_id(reason)}});
    return context.page({"screens/steps/withdraw.html", say("公開の終了：") + title_of(subject.page),
                         crumbs_of(context, subject.page, true), problem.empty() ? 200 : 422},
                        {{"head", heading_of(subject, "")},
                         {"path", subject.path()},
                         {"version", subject.standing.version},
                         {"problem", say(problem)},
                         {"reasons", std::move(reasons)},
                         {"linking", std::move(linking)},
                         {"templates", std::move(templates)},
                         {"is_more", is_more},
                         {"target", context.field("target")},
                         {"words", context.field("words")},
                         {"at", context.field("at")},
                         {"may_ask", subject.may(Verb::AskWithdraw)},
                         {"may_at_once", subject.may(Verb::Withdraw)}});
}

http::Response ask_withdraw(Context& context) {
    const Subject subject = load_subject(context);
    if (!subject.may(Verb::Withdraw)) need(subject, Verb::AskWithdraw);
    return show_withdraw(context, subject, "");
}

http::Response withdraw(Context& context) {
    const Subject subject = load_subject(context);
    workflow::Ending ending;
    const auto reason = workflow::find_end_reason(context.field("reason"));
    if (!reason) return show_withdraw(context, subject, "理由を選んでください。");
    ending.reason = *reason;
    ending.words = words_field(context, "words");
    if (*reason == workflow::EndReason::Moved) {
        ending.target = base::trim(context.field("target"));
        // People paste the address of the public page; a path on this site is what is kept.
        if (ending.target.starts_with(context.office.public_url + "/"))
            ending.target = ending.target.substr(context.office.public_url.size());
        if (ending.target.starts_with('/')) ending.target.erase(0, 1);
    }
    const bool is_at_once = context.field("do") == "at-once";
    try {
        const base::Instant at = context.time_field("at", "終了する日時").value_or(base::Instant{});
        if (is_at_once && at.milliseconds > 0)
            return show_withdraw(context, subject, "「いますぐ終了する」ときは、終了する日時を空にしてください。");
        const flow::Outcome outcome =
            flow::withdraw(context.site(), subject.page.id, context.number_field("version"), ending,
                           is_at_once ? flow::Asking::AtOnce : flow::Asking::WithApproval, context.doer(), at);
        if (outcome.refusal) return show_withdraw(context, subject, outcome.refusal->ja);
        return after_step(context, subject, outcome,
                          is_at_once ? "公開の終了を始めました。" : "公開終了の承認を依頼しました。");
    } catch (const flow::Stale&) {
        return run_step(context, subject, "", [&]() -> flow::Outcome { throw; });
    } catch (const Error& error) {
        if (error.kind() != Kind::BadInput) throw;
        return show_withdraw(context, subject, error.message());
    }
}

// --- the emergency

http::Response show_emergency(Context& context, const Subject& subject, std::string_view problem) {
    const auto [live, latest] = context.db().read([&](sys::Reader& db) {
        return std::pair(
            subject.page.live ? std::optional(content::load_revision(db, subject.page.live)) : std::nullopt,
            content::load_revision(db, subject.page.latest));
    });
    return context.page(
        {"screens/steps/emergency.html", say("緊急公開：") + title_of(subject.page),
         crumbs_of(context, subject.page, true), problem.empty() ? 200 : 422},
        {{"head", heading_of(subject, "")},
         {"path", subject.path()},
         {"version", subject.standing.version},
         {"problem", say(problem)},
         {"reason", context.field("reason")},
         {"findings", findings_of(context, subject)},
         {"needs_password", !context.is_fresh()},
         {"hours", context.site().settings.workflow.emergency_review_hours},
         {"changes", comparison_of(context, subject.page, live ? live->body : content::Body{}, latest.body)}});
}

http::Response ask_emergency(Context& context) {
    const Subject subject = load_subject(context);
    need(subject, Verb::EmergencyPublish);
    return show_emergency(context, subject, "");
}

http::Response emergency(Context& context) {
    const Subject subject = load_subject(context);
    const std::string reason = words_field(context, "reason");
    if (reason.empty()) return show_emergency(context, subject, "理由を書いてください。");
    if (!context.is_fresh()) {
        const auto proved =
            people::prove_again(context.office.desk, context.token, context.field("password"), context.peer());
        if (const auto* refused = std::get_if<people::Refused>(&proved))
            return show_emergency(context, subject, refused->message_ja);
        context.session = std::get<people::SignedIn>(proved).session;
    }
    try {
        const flow::Outcome outcome = flow::emergency_publish(context.site(), subject.page.id,
                                                              context.number_field("version"), reason, context.doer());
        if (outcome.refusal) return show_emergency(context, subject, outcome.refusal->ja);
        return after_step(context, subject, outcome, "緊急公開を始めました。あとで、ほかの人の事後承認が必要です。");
    } catch (const flow::Stale&) {
        return run_step(context, subject, "", [&]() -> flow::Outcome { throw; });
    }
}

constexpr Route kRoutes[] = {
    {"GET", "/pages/{id}/submit", ask_submit},
    {"POST", "/pages/{id}/submit", submit},
    {"POST", "/pages/{id}/take-back", take_back},
    {"POST", "/pages/{id}/publish", publish},
    {"POST", "/pages/{id}/cancel-schedule", cancel_schedule},
    {"POST", "/pages/{id}/discard", discard},
    {"GET", "/pages/{id}/withdraw", ask_withdraw},
    {"POST", "/pages/{id}/withdraw", withdraw},
    {"GET", "/pages/{id}/emergency", ask_emergency},
    {"POST", "/pages/{id}/emergency", emergency},
};

}  // namespace

extern const Screen steps{"steps", "手続き", "/pages", "page", Place::None, Access::SignedIn, {}, kRoutes};

}  // namespace web
