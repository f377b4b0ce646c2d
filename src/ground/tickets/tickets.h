// Small things that hold for a while and must hold on every server at once: a link that opens a preview once, a file
// that was sent and waits for the page that shows it, the text of a save that came too late, "this person has opened
// that revision". A ticket is reached by a secret token (only its hash is stored) or by a name within its subject.
// Nothing here is a record: what must be remembered goes to the ledger.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"
#include "ground/sys/database.h"

namespace tickets {

std::span<const sys::Migration> migrations();

struct Ticket {
    std::string purpose;  ///< "preview", "upload", ...: the user's own word
    std::string subject;  ///< what it is about: "page:12", "person:5"
    std::string name;     ///< one of its subject; a token's hash for those that have a token
    std::string detail;   ///< the user's own text
    base::Instant ends_at;
};

/// A ticket reached by the token that is returned. Throws Error(BadInput) for a detail above 4 MiB.
std::string issue(sys::Transaction& tx, std::string_view purpose, std::string_view subject, std::string_view detail,
                  base::Instant ends_at);
/// The ticket of `token`, if it has not ended; it may be asked for again.
std::optional<Ticket> find(sys::Reader& db, std::string_view purpose, std::string_view token, base::Instant now);
/// As find, and the ticket is used up.
std::optional<Ticket> take(sys::Transaction& tx, std::string_view purpose, std::string_view token, base::Instant now);

/// A ticket reached by its name; replaces one of the same name.
void put(sys::Transaction& tx, const Ticket& ticket);
std::optional<Ticket> find_named(sys::Reader& db, std::string_view purpose, std::string_view subject,
                                 std::string_view name, base::Instant now);
/// Those of a subject that have not ended, by name; at most 1,000.
std::vector<Ticket> list(sys::Reader& db, std::string_view purpose, std::string_view subject, base::Instant now);
bool remove(sys::Transaction& tx, std::string_view purpose, std::string_view subject, std::string_view name);

/// Forgets what has ended; for the nightly tidy-up. Returns their number.
std::int64_t remove_ended(sys::Transaction& tx, base::Instant now);

}  // namespace tickets
