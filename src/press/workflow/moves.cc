#include "press/workflow/moves.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/text.h"

namespace workflow {

namespace {

struct Words {
    std::string_view id, name;
};
constexpr Words kStateWords[] = {{"none", ""},           {"draft", "下書き"},      {"submitted", "承認待ち"},
                                 {"returned", "差戻し"}, {"approved", "承認済み"}, {"scheduled", "公開予約"}};
constexpr Words kLiveWords[] = {
    {"never", "未公開"}, {"live", "公開中"}, {"expired", "公開期限切れ"}, {"withdrawn", "公開を終了"}};
constexpr Words kReasonWords[] = {
    {"gone", "内容が終了した"}, {"moved", "別のページに移った"}, {"corrected", "内容に誤りがあった"}};
constexpr std::string_view kVerbIds[] = {
    "edit",     "submit",          "ask-withdraw", "take-back",         "return",
    "approve",  "cancel-schedule", "publish-now",  "emergency-publish", "approve-afterwards",
    "withdraw", "restore",         "discard"};
static_assert(std::size(kStateWords) == kStates && std::size(kVerbIds) == kVerbs);

using enum State;
using people::Act;

constexpr Move kMoves[] = {
    {Verb::Edit, None, Draft, Act::PageEdit, "編集する"},
    {Verb::Edit, Draft, Draft, Act::PageEdit, "編集する"},
    {Verb::Edit, Returned, Returned, Act::PageEdit, "修正する"},
    {Verb::Edit, Approved, Draft, Act::PageEdit, "編集する（承認は取り消されます）"},

    {Verb::Submit, Draft, Submitted, Act::PageSubmit, "承認を依頼する"},
    {Verb::Submit, Returned, Submitted, Act::PageSubmit, "もう一度、承認を依頼する"},

    {Verb::AskWithdraw, None, Submitted, Act::PageSubmit, "公開の終了を依頼する"},
    {Verb::AskWithdraw, Draft, Submitted, Act::PageSubmit, "公開の終了を依頼する"},
    {Verb::AskWithdraw, Returned, Submitted, Act::PageSubmit, "公開の終了を依頼する"},

    {Verb::TakeBack, Submitted, Draft, Act::PageSubmit, "取り下げる"},
    {Verb::Return, Submitted, Returned, Act::PageReturn, "差し戻す"},
    {Verb::Approve, Submitted, Approved, Act::PageApprove, "承認する"},

    {Verb::CancelSchedule, Scheduled, Approved, Act::PageSubmit, "公開予約を取り消す"},
    {Verb::PublishNow, Approved, None, Act::PageSubmit, "公開する"},
    {Verb::PublishNow, Scheduled, None, Act::PageSubmit, "予約を待たずに公開する"},

    {Verb::EmergencyPublish, Draft, None, Act::PagePublishEmergency, "緊急公開する"},
    {Verb::EmergencyPublish, Submitted, None, Act::PagePublishEmergency, "緊急公開する"},
    {Verb::EmergencyPublish, Returned, None, Act::PagePublishEmergency, "緊急公開する"},

    {Verb::ApproveAfterwards, None, None, Act::PageApprove, "事後承認する"},
    {Verb::ApproveAfterwards, Draft, Draft, Act::PageApprove, "事後承認する"},
    {Verb::ApproveAfterwards, Submitted, Submitted, Act::PageApprove, "事後承認する"},
    {Verb::ApproveAfterwards, Returned, Returned, Act::PageApprove, "事後承認する"},
    {Verb::ApproveAfterwards, Approved, Approved, Act::PageApprove, "事後承認する"},
    {Verb::ApproveAfterwards, Scheduled, Scheduled, Act::PageApprove, "事後承認する"},

    {Verb::Withdraw, None, None, Act::PageWithdraw, "公開を終了する"},
    {Verb::Withdraw, Draft, Draft, Act::PageWithdraw, "公開を終了する"},
    {Verb::Withdraw, Submitted, Submitted, Act::PageWithdraw, "公開を終了する"},
    {Verb::Withdraw, Returned, Returned, Act::PageWithdraw, "公開を終了する"},
    {Verb::Withdraw, Approved, Approved, Act::PageWithdraw, "公開を終了する"},
    {Verb::Withdraw, Scheduled, Approved, Act::PageWithdraw, "公開を終了する"},

    {Verb::Restore, None, Draft, Act::PageEdit, "この版に戻す"},
    {Verb::Restore, Draft, Draft, Act::PageEdit, "この版に戻す"},
    {Verb::Restore, Returned, Returned, Act::PageEdit, "この版に戻す"},
    {Verb::Restore, Approved, Draft, Act::PageEdit, "この版に戻す"},

    {Verb::DiscardDraft, Draft, None, Act::PageEdit, "下書きを破棄する"},
    {Verb::DiscardDraft, Returned, None, Act::PageEdit, "下書きを破棄する"},
    {Verb::DiscardDraft, Approved, None, Act::PageEdit, "下書きを破棄する"},
};

Decision to(State next) {
    Decision decision;
    decision.next = next;
    return decision;
}

Decision refuse(std::string ja, std::string en) {
    Decision decision;
    decision.refusal_ja = std::move(ja);
    decision.refusal_en = std::move(en);
    return decision;
}

bool has(const std::vector<PersonId>& people, PersonId person) {
    return std::find(people.begin(), people.end(), person) != people.end();
}

bool is_asker(const Standing& standing, const Case& asked) {
    return asked.person == standing.submitted_by;
}

/// Where a request to withdraw goes back to; a request to publish goes where the table says.
State after_request(const Standing& standing, State table) {
    return standing.matter == Matter::Withdraw ? standing.before : table;
}

Decision refuse_wrong_state(const Standing& standing, Verb verb) {
    if (verb == Verb::Edit || verb == Verb::Restore || verb == Verb::DiscardDraft) {
        if (standing.state == Submitted)
            return refuse("承認待ちのため変更できません。先に取り下げるか、差し戻してもらってください。",
                          "it is submitted; take it back, or have it returned, before you change it");
        if (standing.state == Scheduled)
            return refuse("公開予約中のため変更できません。先に公開予約を取り消してください。",
                          "it is scheduled; cancel the schedule before you change it");
    }
    const std::string_view name = standing.state == None ? "作業中の版がない" : state_name(standing.state);
    return refuse(
        fmt::format("「{}」状態のため、「{}」操作はできません。", name, verb_label(verb)),
        fmt::format("{} is not possible while the page stands at {}", verb_id(verb), state_id(standing.state)));
}

std::optional<Decision> refuse_findings(const Case& asked) {
    const auto errors = std::count_if(asked.findings.begin(), asked.findings.end(),
                                      [](const auto& one) { return one.severity == base::Severity::Error; });
    if (errors == 0) return std::nullopt;
    return refuse(fmt::format("公開前チェックの指摘のうち、必ず直すものが {} 件残っています。", errors),
                  fmt::format("{} findings of the checks must be put right first", errors));
}

std::optional<Decision> refuse_empty_group(const Case& asked) {
    if (!asked.empty_group) return std::nullopt;
    const EmptyGroup& empty = *asked.empty_group;
    if (empty.left_out.empty())
        return refuse(
            fmt::format(
                "「{}」には、いま承認できる人がいません。サイト管理者に、承認者か代理の人の登録を依頼してください。",
                empty.name),
            fmt::format("nobody can approve for \"{}\" now; ask the site administrator for an approver or a deputy",
                        empty.name));
    const std::string names = base::join(empty.left_out, "、");
    return refuse(
        fmt::format("「{}」で承認できるのは {} さんだけですが、このページを書いた人・依頼する人は承認できません。"
                    "別の承認者の登録をサイト管理者に依頼してください。",
                    empty.name, names),
        fmt::format("only {} could approve for \"{}\", but wrote or submits this page; another approver is needed",
                    names, empty.name));
}

std::optional<Decision> refuse_ending(const Case& asked) {
    if (!asked.live) return refuse("このページは公開されていません。", "the page is not public");
    if (asked.ending.reason == EndReason::Moved && base::trim(asked.ending.target).empty())
        return refuse("移転先のページ（転送先）を指定してください。", "name the page that visitors are to be sent to");
    return std::nullopt;
}

std::optional<Decision> refuse_times(const Case& asked) {
    const bool has_start = asked.publish_at != base::Instant{};
    if (has_start && asked.publish_at < asked.now)
        return refuse("公開日時がすでに過ぎています。", "the time of publication is in the past");
    if (has_start && asked.is_by_hand)
        return refuse("公開日時の指定と、承認後に手動で公開する指定は、同時にはできません。",
                      "a time and publication by hand exclude each other");
    if (asked.withdraw_at != base::Instant{} && asked.withdraw_at <= std::max(asked.publish_at, asked.now))
        return refuse("公開終了日時は、公開日時より後にしてください。", "the page must end after it begins");
    return std::nullopt;
}

/// Approval is of exactly one revision: what was submitted, unchanged, and opened by the person who approves.
std::optional<Decision> refuse_changed(const Standing& standing, const Case& asked) {
    if (asked.subject == standing.revision && asked.subject_hash == standing.hash) return std::nullopt;
    return refuse("承認を依頼した後に内容が変わりました。取り下げて、もう一度依頼し直してください。",
                  "it was changed after it was submitted; it has to be submitted again");
}

std::string candidate_names(const Panel& panel) {
    std::vector<std::string> names;
    for (const Candidate& one : list_to_ask(panel, 0)) names.push_back(one.name);
    return names.empty() ? "（いまは該当者なし）" : base::join(names, "、");
}

/// The person's seat at the step: the groups in which they can say yes, and in whose stead.
struct Seat {
    std::uint32_t groups = 0;
    PersonId on_behalf_of;
};
Seat find_seat(const Panel& panel, PersonId person) {
    Seat seat;
    bool is_own = false;
    for (std::size_t i = 0; i < panel.candidates.size(); ++i)
        for (const Candidate& one : panel.candidates[i])
            if (one.person == person) {
                seat.groups |= 1U << i;
                if (!one.on_behalf_of) is_own = true;
                seat.on_behalf_of = one.on_behalf_of;
            }
    if (is_own) seat.on_behalf_of = {};
    return seat;
}

std::optional<Decision> refuse_seat(const Case& asked, const Seat& seat) {
    if (has(asked.requesters, asked.person))
        return refuse("自分が書いたもの、自分が依頼したものは承認できません。ほかの承認者が行います。",
                      "nobody decides on what they wrote or submitted themselves");
    if (seat.groups == 0)
        return refuse(fmt::format("この段階の承認者ではありません。承認できる人: {}", candidate_names(asked.panel)),
                      "you are not asked at this step of the approval");
    return std::nullopt;
}

Decision decide_approve(const Standing& standing, const Case& asked) {
    const Seat seat = find_seat(asked.panel, asked.person);
    if (auto no = refuse_seat(asked, seat)) return *no;
    if (auto no = refuse_changed(standing, asked)) return *no;
    if (asked.opened != standing.hash)
        return refuse("開いて確認した内容が、いまの内容と違います。もう一度開いて確認してください。",
                      "what you have opened is not what is there now; open it again");
    if (has(asked.have_agreed, asked.person))
        return refuse("すでに承認しています。ほかの人の承認を待っています。",
                      "you have approved it already; others are still asked");
    if (auto no = refuse_findings(asked)) return *no;
    if (standing.withdraw_at != base::Instant{} && standing.withdraw_at <= asked.now)
        return refuse("公開終了日時を過ぎています。差し戻して、日時を直してもらってください。",
                      "its time to end has passed; return it");
    Decision decision;
    decision.on_behalf_of = seat.on_behalf_of;
    decision.groups = seat.groups;
    const std::uint32_t all = (1U << asked.panel.groups.size()) - 1;
    if (((asked.agreed_groups | seat.groups) & all) != all) {
        decision.next = Submitted;
        decision.step = standing.step;
    } else if (standing.step + 1 < standing.steps.size()) {
        decision.next = Submitted;
        decision.step = standing.step + 1;
    } else {
        decision.is_last_yes = true;
        decision.next = standing.publish_at > asked.now ? Scheduled : Approved;
    }
    return decision;
}

Decision decide_return(const Standing& standing, const Case& asked) {
    const Seat seat = find_seat(asked.panel, asked.person);
    if (auto no = refuse_seat(asked, seat)) return *no;
    if (base::trim(asked.words).empty()) return refuse("差戻しの理由を書いてください。", "say why it is returned");
    Decision decision = to(after_request(standing, Returned));
    decision.on_behalf_of = seat.on_behalf_of;
    return decision;
}

Decision decide_afterwards(const Standing& standing, const Case& asked) {
    if (!asked.is_emergency_open)
        return refuse("事後承認を待っている緊急公開はありません。", "no emergency publication waits for approval");
    if (has(asked.requesters, asked.person))
        return refuse("自分が書いたもの、自分が緊急公開したものは事後承認できません。ほかの承認者が行います。",
                      "nobody approves what they wrote or published themselves");
    if (asked.opened != asked.emergency_hash)
        return refuse("緊急公開された内容を開いて確認してから、事後承認してください。",
                      "open what was published in the emergency before you approve it");
    Decision decision = to(standing.state);
    decision.on_behalf_of = asked.right.on_behalf_of.value_or(PersonId{});
    return decision;
}

Decision decide_withdraw(const Standing& standing, const Case& asked, State table) {
    if (!asked.is_administrator)
        return refuse("承認なしに公開を終了できるのはサイト管理者だけです。公開の終了を依頼してください。",
                      "only the site administrator takes a page down at once; ask for approval instead");
    if (auto no = refuse_ending(asked)) return *no;
    const bool is_asked = standing.matter == Matter::Withdraw &&
                          (standing.state == Submitted || standing.state == Scheduled || standing.state == Approved);
    return to(is_asked ? standing.before : table);
}

}  // namespace

std::string_view state_id(State state) {
    return kStateWords[static_cast<std::size_t>(state)].id;
}
std::string_view state_name(State state) {
    return kStateWords[static_cast<std::size_t>(state)].name;
}
std::optional<State> find_state(std::string_view id) {
    for (std::size_t i = 0; i < kStates; ++i)
        if (kStateWords[i].id == id) return static_cast<State>(i);
    return std::nullopt;
}
std::string_view live_id(Live live) {
    return kLiveWords[static_cast<std::size_t>(live)].id;
}
std::string_view live_name(Live live) {
    return kLiveWords[static_cast<std::size_t>(live)].name;
}
std::string_view verb_id(Verb verb) {
    return kVerbIds[static_cast<std::size_t>(verb)];
}
std::optional<Verb> find_verb(std::string_view id) {
    const auto* found = std::find(std::begin(kVerbIds), std::end(kVerbIds), id);
    if (found == std::end(kVerbIds)) return std::nullopt;
    return static_cast<Verb>(found - std::begin(kVerbIds));
}
std::string_view end_reason_id(EndReason reason) {
    return kReasonWords[static_cast<std::size_t>(reason)].id;
}
std::string_view end_reason_name(EndReason reason) {
    return kReasonWords[static_cast<std::size_t>(reason)].name;
}
std::optional<EndReason> find_end_reason(std::string_view id) {
    for (std::size_t i = 0; i < std::size(kReasonWords); ++i)
        if (kReasonWords[i].id == id) return static_cast<EndReason>(i);
    return std::nullopt;
}

std::span<const Move> all_moves() {
    return kMoves;
}
const Move* find_move(Verb verb, State from) {
    const auto* found = std::find_if(std::begin(kMoves), std::end(kMoves),
                                     [&](const Move& one) { return one.verb == verb && one.from == from; });
    return found == std::end(kMoves) ? nullptr : found;
}
std::string_view verb_label(Verb verb) {
    return std::find_if(std::begin(kMoves), std::end(kMoves), [&](const Move& one) { return one.verb == verb; })->label;
}

Live live_of(const content::Page& page, const Standing& standing) {
    return page.live ? Live::Public : standing.ended;
}

Standing after_publication(Standing standing) {
    standing.state = None;
    standing.is_autosaved = false;
    standing.live_until = standing.withdraw_at;
    standing.publish_at = standing.withdraw_at = {};
    standing.is_by_hand = false;
    standing.comment.clear();
    standing.problem.clear();
    standing.receipt = 0;
    standing.ended = Live::Never;
    standing.ended_how = {};
    standing.ended_at = {};
    return standing;
}

Standing after_ending(Standing standing, Live how, const Ending& ending, base::RevisionId was_live, base::Instant at) {
    standing.ended = how;
    standing.ended_how = ending;
    standing.ended_at = at;
    standing.last_live = was_live;
    standing.live_until = {};
    if (standing.matter == Matter::Withdraw) {
        if (standing.state == Submitted || standing.state == Approved || standing.state == Scheduled)
            standing.state = standing.before;
        standing.matter = Matter::Publish;
        standing.publish_at = {};
        standing.receipt = 0;
    }
    return standing;
}

Decision decide(const Standing& standing, Verb verb, const Case& asked) {
    const Move* move = find_move(verb, standing.state);
    if (move == nullptr) return refuse_wrong_state(standing, verb);
    if (!asked.right) return refuse(asked.right.reason_ja, asked.right.reason_en);
    switch (verb) {
        case Verb::Edit:
        case Verb::Restore:
        case Verb::DiscardDraft:
            return to(move->to);
        case Verb::Submit:
            if (auto no = refuse_times(asked)) return *no;
            if (auto no = refuse_findings(asked)) return *no;
            if (auto no = refuse_empty_group(asked)) return *no;
            return to(Submitted);
        case Verb::AskWithdraw:
            if (auto no = refuse_ending(asked)) return *no;
            if (auto no = refuse_times(asked)) return *no;
            if (auto no = refuse_empty_group(asked)) return *no;
            return to(Submitted);
        case Verb::TakeBack:
            if (!has(asked.requesters, asked.person) && !is_asker(standing, asked) && !asked.is_administrator)
                return refuse("取り下げられるのは、依頼した人、書いた人、サイト管理者です。",
                              "only who submitted or wrote it, or the site administrator, takes it back");
            return to(after_request(standing, Draft));
        case Verb::Return:
            return decide_return(standing, asked);
        case Verb::Approve:
            return decide_approve(standing, asked);
        case Verb::CancelSchedule:
        case Verb::PublishNow:
            if (!is_asker(standing, asked) && !asked.may_approve)
                return refuse("この操作ができるのは、依頼した人と承認者です。",
                              "only who submitted it, or an approver, may do this");
            if (verb == Verb::PublishNow)
                if (auto no = refuse_changed(standing, asked)) return *no;
            return to(after_request(standing, move->to));
        case Verb::EmergencyPublish:
            if (base::trim(asked.words).empty())
                return refuse("緊急公開の理由を書いてください。", "say why it cannot wait for approval");
            if (standing.state == Submitted && standing.matter == Matter::Withdraw)
                return refuse("公開の終了を依頼中です。先に取り下げてください。",
                              "it is asked to be withdrawn; take that back first");
            return to(None);
        case Verb::ApproveAfterwards:
            return decide_afterwards(standing, asked);
        case Verb::Withdraw:
            return decide_withdraw(standing, asked, move->to);
    }
    return refuse_wrong_state(standing, verb);
}

}  // namespace workflow
