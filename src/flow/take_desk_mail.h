// The helpdesk's mailbox is emptied into questions: a new mail is a question, an answer in a thread goes to its
// question, what a program wrote starts nothing. One bad mail costs itself: it is listed with the reason, and the next
// one is read. What went wrong with the mailbox itself is kept for the watch (desk_fetch).
#pragma once

#include <functional>
#include <string>

#include "flow/site.h"

namespace flow {

/// One mail as it stands on the server. Returns its outcome: "question", "message", "referred", "automatic", "own",
/// "damaged", "" when it was taken before. Throws only what passes (Unavailable, Conflict); then it can be taken again.
std::string take_desk_mail(Site& site, std::string_view bytes);

struct FetchedMail {
    int taken = 0;        ///< read, whatever became of them
    std::string problem;  ///< of the mailbox; empty: all is fetched
};
/// Fetches what is new. Does nothing when the settings name no mailbox.
FetchedMail fetch_desk_mail(Site& site, const std::function<bool()>& is_stopped = {});

/// Under which the state of fetching is kept.
constexpr std::string_view kDeskMailbox = "imap";

}  // namespace flow
