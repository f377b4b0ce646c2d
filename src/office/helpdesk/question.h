// What the helpdesk keeps: questions with their course of messages, of whatever channel they came. One window for
// everything: questions, small corrections, consultation, faults. Plain values and words; store.h has the acts,
// clocks.h the time that they may take.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/ids.h"
#include "ground/base/time.h"

namespace helpdesk {

using QuestionId = base::Id<struct QuestionTag>;

enum class Kind { Question, Correction, Consultation, Fault, Request };
enum class Channel {
    Web,  ///< the office's form
    Mail,
    Phone,  ///< entered by the helpdesk
    Form    ///< the form that works without the office
};
enum class State {
    Open,     ///< the helpdesk is asked
    Waiting,  ///< the asker is asked; the time to solve it stands still
    Closed
};
/// Is what was asked for inside the contract's fee (A2.6)?
enum class Fee { Undecided, Inside, Separate };
enum class What {
    Asked,     ///< by the asker
    Answered,  ///< by the helpdesk
    Called,    ///< a telephone call, by the helpdesk
    Note       ///< for the helpdesk alone
};

// Ids stand in the database, the ledger and JSON and never change; wordings are Japanese, for screens.
std::string_view kind_id(Kind kind);           ///< "question", "correction", "consultation", "fault", "request"
std::string_view kind_wording(Kind kind);      ///< 質問, 修正の依頼, ...
std::string_view channel_id(Channel channel);  ///< "web", "mail", "phone", "form"
std::string_view channel_wording(Channel channel);
std::string_view state_id(State state);  ///< "open", "waiting", "closed"
std::string_view state_wording(State state);
std::string_view fee_id(Fee fee);  ///< "undecided", "inside", "separate"
std::string_view fee_wording(Fee fee);
std::string_view what_id(What what);  ///< "asked", "answered", "called", "note"
std::optional<Kind> find_kind(std::string_view id);
std::optional<Channel> find_channel(std::string_view id);
std::optional<State> find_state(std::string_view id);
std::optional<Fee> find_fee(std::string_view id);
inline constexpr Kind kAllKinds[] = {Kind::Question, Kind::Correction, Kind::Consultation, Kind::Fault, Kind::Request};

struct Asker {
    base::PersonId person;  ///< 0: nobody in the books
    std::string name, address, phone;
};

struct Question {
    QuestionId id;
    std::string number;  ///< "受付-2027-0012"
    std::string token;   ///< names its mails' subject and thread; not to be guessed
    Kind kind = Kind::Question;
    bool is_urgent = false;
    Channel channel = Channel::Web;
    State state = State::Open;
    std::string title;
    Asker asker;
    bool is_referred = false;  ///< came from somebody who may not ask: answered with the site administrators' names
    base::PersonId assignee;
    base::Instant received_at;
    std::optional<base::Instant> accepted_at, answered_at, closed_at;
    std::optional<base::Instant> waiting_since;
    std::int64_t waited_minutes = 0;  ///< business time that it waited for the asker until now
    bool was_told = false;            ///< an automatic reply went out
    Fee fee = Fee::Undecided;
    std::string fee_why, fee_by;
    std::optional<base::Instant> fee_at;
    std::int64_t minutes = 0;  ///< spent on it, of all messages
    std::int64_t version = 0;

    std::string subject() const;  ///< "question:12", in the ledger and of its files
};

struct Message {
    std::int64_t id = 0;
    QuestionId question;
    What what = What::Asked;
    Channel channel = Channel::Web;
    std::string by;    ///< "person:12", "system:desk", "mail"
    std::string name;  ///< as it was then
    base::Instant at;
    std::string text;
    std::int64_t minutes = 0;  ///< spent
    bool is_automatic = false;
    std::string mail_id;  ///< "<...>", of the mail that it came or went with; empty: none
};

constexpr std::size_t kLongestTitle = 200;    ///< characters
constexpr std::size_t kLongestText = 20'000;  ///< characters
constexpr std::int64_t kMostMinutes = 24 * 60;

}  // namespace helpdesk
