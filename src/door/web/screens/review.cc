// 承認: the requests that wait for this person; one of them with its preview, its changes and its course; and several
// at once after each was opened. What was opened is remembered by the revision's hash, so that a change in between asks
// for another look.

#include "door/web/draft.h"
#include "door/web/language.h"
#include "door/web/preview.h"
#include "door/web/screens/steps/findings.h"
#include "door/web/words.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/tickets/tickets.h"

namespace web {

namespace {

using namespace std::chrono_literals;
using base::Error;
using base::Kind;
using workflow::Verb;

constexpr int kRows = 50;
constexpr std::string_view kOpened = "opened";
constexpr auto kRemember = 30 * 24h;
constexpr std::size_t kLongestComment = 2000;  // characters

std::string reader_of(const Context& context) {
    return fmt::format("person:{}", context.person.id.value);
}

void note_opened(Context& context, const base::Hash& hash) {
    context.db().write([&](sys::Transaction& tx) {
        tickets::put(tx, {std::string(kOpened), reader_of(context), hash.hex(), "", context.now() + kRemember});
    });
}

bool has_opened(sys::Reader& db, const Context& context, const base::Hash& hash) {
    return tickets::find_named(db, kOpened, reader_of(context), hash.hex(), context.now()).has_value();
}

std::string comment_field(const Context& context) {
    const std::string text(base::trim(context.field("comment")));
    if (base::count_code_points(text) > kLongestComment)
        throw Error(Kind::BadInput, fmt::format("コメントは{}文字までにしてください。", kLongestComment));
    return text;
}

// --- the list

http::Response list(Context& context) {
    Names names(context.db());
    tmpl::List rows;
    bool has_opened_any = false;
    std::string next;
    const std::string after(context.request.query.get("after"));
    context.db().read([&](sys::Reader& db) {
        const auto waiting = workflow::list_waiting(db, workflow::List::ToApprove, context.person.id, after, kRows);
        next = waiting.next;
        for (const workflow::Standing& each : waiting.standings) {
            const content::Page page = content::load_page(db, each.page);
            const bool is_opened = has_opened(db, context, each.hash);
            has_opened_any = has_opened_any || is_opened;
            rows.push_back(
                tmpl::Map{{"title", title_of(page)},
                          {"path", fmt::format("/pages/{}/review", page.id.value)},
                          {"public_path", readable_path(page.path)},
                          {"is_withdrawal", each.matter == workflow::Matter::Withdraw},
                          {"who", names.of(each.submitted_by)},
                          {"time", short_time(each.submitted_at, context.now())},
                          {"publish_at", each.publish_at > context.now() ? short_time(each.publish_at, context.now())
                                                                         : tmpl::Value()},
                          {"comment", each.comment},
                          {"is_opened", is_opened},
                          {"key", fmt::format("{}.{}.{}", page.id.value, each.version, each.hash.hex())}});
        }
    });
    http::Fields query;
    query.add("after", next);
    return context.page({"screens/review/list.html", "承認", {}},
                        {{"rows", std::move(rows)},
                         {"has_opened", has_opened_any},
                         {"is_first", after.empty()},
                         {"next", next.empty() ? "" : "/review?" + http::format_urlencoded(query)}});
}

http::Response approve_several(Context& context) {
    std::vector<flow::Consent> consents;
    for (const std::string_view key : context.request.form.get_all("page")) {
        const auto parts = base::split(key, '.');
        const auto hash = parts.size() == 3 ? base::Hash::find_hex(parts[2]) : std::nullopt;
        if (!hash) throw Error(Kind::BadInput, "選んだ項目を読み取れませんでした。一覧を開き直してください。");
        if (!context.db().read([&](sys::Reader& db) { return has_opened(db, context, *hash); }))
            throw Error(Kind::BadInput, "まだ開いていないものがあります。1件ずつ内容を確かめてから選んでください。");
        flow::Consent consent;
        consent.page = {std::strtoll(std::string(parts[0]).c_str(), nullptr, 10)};
        consent.version = std::strtoll(std::string(parts[1]).c_str(), nullptr, 10);
        consent.opened = *hash;
        consents.push_back(consent);
    }
    if (consents.empty()) return context.go("/review", Flash{Flash::Kind::Info, "承認するものを選んでください。"});
    int done = 0;
    std::string refused;
    for (const flow::Outcome& outcome : flow::approve_all(context.site(), consents, context.doer())) {
        if (outcome)
            ++done;
        else
            refused += say(fmt::format("「{}」は承認していません：{}", title_of(outcome.page), outcome.refusal->ja));
    }
    return context.go("/review", Flash{refused.empty() ? Flash::Kind::Good : Flash::Kind::Caution,
                                       fmt::format("{}件を承認しました。{}", done, refused)});
}

// --- one request

http::Response show_request(Context& context, const Subject& subject, std::string_view problem) {
    const workflow::Standing& standing = subject.standing;
    Names names(context.db());
    const auto [live, asked] = context.db().read([&](sys::Reader& db) {
        return std::pair(
            subject.page.live ? std::optional(content::load_revision(db, subject.page.live)) : std::nullopt,
            content::load_revision(db, standing.revision));
    });
    note_opened(context, standing.hash);
    const bool is_withdrawal = standing.matter == workflow::Matter::Withdraw;
    const bool is_last = standing.step + 1 >= standing.steps.size();
    std::string yes = say("承認する");
    if (!is_last)
        yes = say("承認して次へ回す");
    else if (is_withdrawal)
        yes = say("承認して公開を終了する");
    else if (!standing.is_by_hand)
        yes = standing.publish_at > context.now() ? say("承認して予約する") : say("承認して公開する");
    return context.page(
        {"screens/review/show.html",
         say("承認：") + title_of(subject.page),
         {{say("承認"), "/review"}},
         problem.empty() ? 200 : 422},
        {{"head", heading_of(subject, "")},
         {"path", subject.path()},
         {"version", standing.version},
         {"opened", standing.hash.hex()},
         {"problem", say(problem)},
         {"comment", context.field("comment")},
         {"who", names.of(standing.submitted_by)},
         {"time", short_time(standing.submitted_at, context.now())},
         {"is_withdrawal", is_withdrawal},
         {"findings", is_withdrawal ? tmpl::List{} : findings_of(context, subject)},
         {"end_reason", is_withdrawal ? say(workflow::end_reason_name(standing.ending.reason)) : ""},
         {"end_target", standing.ending.target},
         {"end_words", standing.ending.words},
         {"publish_at", long_time(standing.publish_at)},
         {"is_by_hand", standing.is_by_hand},
         {"withdraw_at", long_time(standing.withdraw_at)},
         {"may_approve", subject.may(Verb::Approve)},
         {"may_return", subject.may(Verb::Return)},
         {"yes", yes},
         {"course", course_of(context, names, subject)},
         {"is_new", !live},
         {"changes", comparison_of(context, subject.page, live ? live->body : content::Body{}, asked.body)},
         {"frame", preview_address(context, subject.page.id, subject.page.path, standing.revision)}});
}

http::Response ask(Context& context) {
    const Subject subject = load_subject(context);
    if (subject.standing.state != workflow::State::Submitted)
        return context.go(subject.path(), Flash{Flash::Kind::Info, "いま承認を待っている依頼はありません。"});
    return show_request(context, subject, "");
}

http::Response decide(Context& context) {
    const Subject subject = load_subject(context);
    const std::int64_t version = context.number_field("version");
    const bool is_return = context.field("do") == "return";
    try {
        flow::Outcome outcome;
        if (is_return) {
            outcome =
                flow::return_page(context.site(), subject.page.id, version, comment_field(context), context.doer());
        } else {
            flow::Consent consent;
            consent.page = subject.page.id;
            consent.version = version;
            consent.opened = base::Hash::find_hex(context.field("opened")).value_or(base::Hash{});
            consent.comment = comment_field(context);
            outcome = flow::approve(context.site(), consent, context.doer());
        }
        if (outcome.refusal) {
            if (outcome.standing.state == workflow::State::Submitted)
                return show_request(context, load_subject(context), outcome.refusal->ja);
            return after_step(context, subject, outcome, "");
        }
        if (is_return)
            return context.go("/review",
                              Flash{Flash::Kind::Good, fmt::format("「{}」を差戻しました。", title_of(subject.page))});
        if (outcome.standing.state == workflow::State::Submitted)
            return context.go("/review",
                              Flash{Flash::Kind::Good, fmt::format("「{}」を承認しました。次の承認者に回っています。",
                                                                   title_of(subject.page))});
        if (outcome.standing.state == workflow::State::Scheduled)
            return context.go(subject.path(),
                              Flash{Flash::Kind::Good, fmt::format("承認しました。{}に公開されます。",
                                                                   long_time_text(outcome.standing.publish_at))});
        return after_step(context, subject, outcome, "承認しました。");
    } catch (const flow::Stale& stale) {
        return context.page(
            {"screens/steps/stale.html", "ほかの人が先に変更しました", {{say("承認"), "/review"}}, 409},
            {{"message", stale.message()}, {"head", heading_of(subject, "")}, {"path", subject.path()}});
    } catch (const Error& error) {
        if (error.kind() != Kind::BadInput) throw;
        return show_request(context, subject, error.message());
    }
}

// --- an emergency, afterwards

http::Response show_afterwards(Context& context, const Subject& subject, std::string_view problem) {
    Names names(context.db());
    const auto emergency =
        context.db().read([&](sys::Reader& db) { return workflow::find_open_emergency(db, subject.page.id); });
    if (!emergency)
        return context.go(subject.path(), Flash{Flash::Kind::Info, "事後承認を待っている緊急公開はありません。"});
    const auto [published, before] = context.db().read([&](sys::Reader& db) {
        const content::Revision shown = content::load_revision(db, emergency->revision);
        return std::pair(shown,
                         shown.based_on ? std::optional(content::load_revision(db, shown.based_on)) : std::nullopt);
    });
    tmpl::List findings;
    for (const base::Finding& each : emergency->findings) findings.emplace_back(say(each.message));
    return context.page(
        {"screens/review/afterwards.html",
         say("事後承認：") + title_of(subject.page),
         {{say("承認"), "/review"}},
         problem.empty() ? 200 : 422},
        {{"head", heading_of(subject, "")},
         {"path", subject.path()},
         {"version", subject.standing.version},
         {"opened", emergency->hash.hex()},
         {"problem", say(problem)},
         {"who", names.of(emergency->person)},
         {"time", long_time(emergency->at)},
         {"reason", emergency->reason},
         {"findings", std::move(findings)},
         {"may_approve", subject.may(Verb::ApproveAfterwards)},
         {"changes", comparison_of(context, subject.page, before ? before->body : content::Body{}, published.body)},
         {"frame", preview_address(context, subject.page.id, subject.page.path, emergency->revision)}});
}

http::Response ask_afterwards(Context& context) {
    return show_afterwards(context, load_subject(context), "");
}

http::Response approve_afterwards(Context& context) {
    const Subject subject = load_subject(context);
    flow::Consent consent;
    consent.page = subject.page.id;
    consent.version = context.number_field("version");
    consent.opened = base::Hash::find_hex(context.field("opened")).value_or(base::Hash{});
    consent.comment = comment_field(context);
    try {
        const flow::Outcome outcome = flow::approve_afterwards(context.site(), consent, context.doer());
        if (outcome.refusal) return show_afterwards(context, subject, outcome.refusal->ja);
        return context.go(subject.path(), Flash{Flash::Kind::Good, "緊急公開を事後承認しました。"});
    } catch (const flow::Stale& stale) {
        return context.page(
            {"screens/steps/stale.html", "ほかの人が先に変更しました", {{say("承認"), "/review"}}, 409},
            {{"message", stale.message()}, {"head", heading_of(subject, "")}, {"path", subject.path()}});
    }
}

std::int64_t count_waiting(Context& context) {
    return context.db().read(
        [&](sys::Reader& db) { return workflow::count_waiting(db, workflow::List::ToApprove, context.person.id); });
}

constexpr Route kRoutes[] = {
    {"GET", "/review", list},
    {"POST", "/review", approve_several},
    {"GET", "/pages/{id}/review", ask},
    {"POST", "/pages/{id}/review", decide},
    {"GET", "/pages/{id}/afterwards", ask_afterwards},
    {"POST", "/pages/{id}/afterwards", approve_afterwards},
};

}  // namespace

extern const Screen review{
    "review", "承認",       "/review", "approve", Place::Work, Access::SignedIn, people::Act::PageApprove,
    kRoutes,  count_waiting};

}  // namespace web
