// Where a page stands on its way into the public, and who may move it. Two sides that do not disturb each other: the
// work in progress (draft, submitted, ...) and the live side (public, expired, withdrawn). One table holds the moves;
// `decide` is pure: it says what the state becomes or, in the person's words, why not and what to do.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/finding.h"
#include "ground/people/rights.h"
#include "press/content/model.h"
#include "press/workflow/route.h"

namespace workflow {

using base::PersonId;

/// The work in progress.
enum class State {
    None,       ///< nothing in progress: the latest revision is the live one, or was
    Draft,      ///< 下書き
    Submitted,  ///< 承認待ち
    Returned,   ///< 差戻し
    Approved,   ///< 承認済み: waits for somebody to publish it
    Scheduled   ///< 公開予約: approved, and goes public by itself
};
constexpr std::size_t kStates = 6;
std::string_view state_id(State state);    ///< "none", "draft", ...: in the database and JSON
std::string_view state_name(State state);  ///< "下書き"; "" for None
std::optional<State> find_state(std::string_view id);

enum class Live {
    Never,
    Public,    ///< 公開中
    Expired,   ///< 公開期限切れ
    Withdrawn  ///< 公開を終了
};
std::string_view live_id(Live live);    ///< "never", "live", "expired", "withdrawn"
std::string_view live_name(Live live);  ///< "公開中"; "未公開" for Never

enum class Verb {
    Edit,
    Submit,
    AskWithdraw,  ///< asks for approval to take the live page down
    TakeBack,
    Return,
    Approve,
    CancelSchedule,
    PublishNow,  ///< of what is approved
    EmergencyPublish,
    ApproveAfterwards,
    Withdraw,  ///< at once
    Restore,
    DiscardDraft
};
constexpr std::size_t kVerbs = 13;
std::string_view verb_id(Verb verb);  ///< "submit", "take-back", ...
std::optional<Verb> find_verb(std::string_view id);

struct Move {
    Verb verb;
    State from;
    State to;  ///< approval: after the last step; a request to withdraw returns to the state before it
    people::Act act;
    std::string_view label;  ///< of the button: "承認する"
};
std::span<const Move> all_moves();
const Move* find_move(Verb verb, State from);
std::string_view verb_label(Verb verb);

/// What is asked for.
enum class Matter { Publish, Withdraw };

enum class EndReason {
    Gone,      ///< the matter is over
    Moved,     ///< another page has it now: visitors are sent there
    Corrected  ///< it was wrong
};
std::string_view end_reason_id(EndReason reason);    ///< "gone", "moved", "corrected"
std::string_view end_reason_name(EndReason reason);  ///< "内容が終了した"
std::optional<EndReason> find_end_reason(std::string_view id);

struct Ending {
    EndReason reason = EndReason::Gone;
    std::string target;  ///< Moved: a public path ("kurashi/new.html") or an http(s) address
    std::string words;   ///< for colleagues and the record
    bool operator==(const Ending&) const = default;
};

struct Standing {
    base::PageId page;
    State state = State::None;
    Matter matter = Matter::Publish;  ///< of Submitted, Approved and Scheduled
    PersonId owner;                   ///< who saved or submitted last: whose list it is in
    bool is_autosaved = false;        ///< the last save was an autosave: the next one by its author replaces it
    // The request.
    base::RevisionId revision;  ///< what was last submitted; kept when it comes back
    base::Hash hash;
    PersonId submitted_by;
    base::Instant submitted_at;
    std::int64_t round = 0;      ///< counts submissions: an approval belongs to one
    std::vector<Step> steps;     ///< of the route as it was when it was submitted
    std::size_t step = 0;        ///< the one that is asked now, from 0
    base::Instant publish_at;    ///< 0 = as soon as it is approved
    bool is_by_hand = false;     ///< approved, it waits for PublishNow
    base::Instant withdraw_at;   ///< when it is to end again; 0 = never
    Ending ending;               ///< of a request to withdraw
    State before = State::None;  ///< where a request to withdraw goes back to
    std::string comment;         ///< the submitter's, or the words with which it was returned
    std::string problem;         ///< why a scheduled publication failed
    std::int64_t receipt = 0;    ///< of a schedule that waits
    // The live side.
    base::Instant live_until;  ///< 公開終了日時 of the live revision; 0 = none
    Live ended = Live::Never;  ///< Expired or Withdrawn: how it last ended
    Ending ended_how;
    base::Instant ended_at;
    base::RevisionId last_live;  ///< what was public when it ended

    base::Instant changed_at;
    std::int64_t version = 0;  ///< each change adds one; 0 = nothing was ever done here
};

Live live_of(const content::Page& page, const Standing& standing);

/// What a decision looks at besides the standing. flow/edit_page fills it from the database.
struct Case {
    PersonId person;
    /// people::may for the move's act, asked without what the person could do only in a requester's stead.
    people::Decision right;
    bool may_approve = false;       ///< may approve pages here at all (not necessarily this one)
    bool is_administrator = false;  ///< of the site, in their own right
    /// Who wrote something since the last live revision, and who submitted it. For ApproveAfterwards: of the emergency
    /// publication, with the person who made it.
    std::vector<PersonId> requesters;
    base::RevisionId latest;
    base::RevisionId live;
    /// What would change in public: the latest revision or, with a request to withdraw, the live one; with its hash
    /// now.
    base::RevisionId subject;
    base::Hash subject_hash;
    base::Hash opened;                      ///< Approve, ApproveAfterwards: the revision that the person had opened
    Panel panel;                            ///< Approve, Return: of the step that is asked
    std::vector<PersonId> have_agreed;      ///< at this step, in this round
    std::uint32_t agreed_groups = 0;        ///< bit i: group i of the step has said yes
    std::vector<base::Finding> findings;    ///< Submit, Approve: of the page as it would be public
    std::optional<EmptyGroup> empty_group;  ///< Submit, AskWithdraw
    std::string words;                      ///< the comment or reason
    Ending ending;                          ///< AskWithdraw, Withdraw
    base::Instant publish_at, withdraw_at;  ///< Submit; the first also AskWithdraw
    bool is_by_hand = false;                ///< Submit
    base::Instant now;
    bool is_emergency_open = false;
    base::Hash emergency_hash;
};

struct Decision {
    std::optional<State> next;  ///< nothing: refused
    std::size_t step = 0;       ///< with Submitted: the step that is asked next
    bool is_last_yes = false;   ///< Approve: nobody else has to agree
    std::uint32_t groups = 0;   ///< Approve: the groups for which this is the yes, as bits
    PersonId on_behalf_of;      ///< Approve, Return, ApproveAfterwards, when a deputy decides; else 0
    std::string refusal_ja;
    std::string refusal_en;
    explicit operator bool() const { return next.has_value(); }
};

/// The standing once what was approved, or an emergency publication, is public.
Standing after_publication(Standing standing);
/// The standing once the live revision is down; a request to withdraw it is then settled.
Standing after_ending(Standing standing, Live how, const Ending& ending, base::RevisionId was_live, base::Instant at);

/// Pure. Whether `standing.version` is the one that the person saw is asked by the store.
Decision decide(const Standing& standing, Verb verb, const Case& asked);

}  // namespace workflow
