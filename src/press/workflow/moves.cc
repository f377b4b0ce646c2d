#include "press/workflow/moves.h"

#include <algorithm>

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

}  // namespace workflow
