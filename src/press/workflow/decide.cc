// The judgement behind the table of moves: who, about what, and with which words. Each refusal says what to do instead.
#include <algorithm>

#include <fmt/format.h>

#include "ground/base/text.h"
#include "press/workflow/moves.h"

namespace workflow {

namespace {

using enum State;

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
