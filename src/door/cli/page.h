// What the page commands share: naming a page, acting as a person, and telling how the page stands afterwards.
#pragma once

#include "door/cli/command.h"
#include "flow/edit_page.h"

namespace cli {

/// Signs the person of --as in: the password is asked for on the terminal, or taken from YAKUBA_PASSWORD (and the code
/// of a second factor from YAKUBA_CODE). The session ends at once; the ledger has both people, the one of --as and the
/// system user. Throws Error(NotAllowed).
flow::Doer sign_in_as(const Invocation& invocation, flow::Site& site);

/// By number, or by path ("kurashi/gomi.html").
std::optional<content::Page> find_named_page(sys::Reader& db, std::string_view name);
/// Throws Error(NotFound).
content::Page load_named_page(flow::Site& site, std::string_view name);

/// "public; waits for approval": how a page stands, for people; --json has the ids.
std::string standing_words(workflow::Live live, workflow::State state);

/// Answers {page, path, state, live, version, revision, hash, receipt}; throws a refusal as Error(NotAllowed).
int answer_outcome(const Invocation& invocation, const flow::Outcome& outcome, std::string_view done);

constexpr Option kPageOption{"PAGE", "The page's number, or its path (kurashi/gomi.html)", Takes::One, true};
constexpr Option kAsOption{"--as", "The login name of the person who does this; their password is asked for",
                           Takes::One, true};
constexpr Option kVersionOption{"--version-seen", "Only if the page's version is still this one (see page show)"};

/// --version-seen, or the version that the page has now.
std::int64_t version_seen(const Invocation& invocation, const flow::Outcome& now);

}  // namespace cli
