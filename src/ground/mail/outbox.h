// Mail that waits to be sent, in the database, so that it survives a crash and several servers share it. Whoever has a
// mail to send queues it in the transaction of its cause; `take` hands one out under a lease, and one of three marks
// ends the attempt. A crash between the server's word and the mark sends the mail once more, with the same Message-ID,
// by which mail servers and readers know it again. Times come in; nothing here looks at a clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/ids.h"
#include "ground/base/time.h"
#include "ground/mail/mail.h"
#include "ground/sys/database.h"

namespace mail {

std::span<const sys::Migration> migrations();

/// Where a letter stands in a conversation; empty for a notice.
struct Thread {
    std::string from = {};   ///< the sender ("Name <address>"), instead of the usual one
    std::string token = {};  ///< of its Message-ID; empty: made here
    std::string answers = {};
    std::vector<std::string> references = {};
    Author author = Author::Program;
};

struct NewLetter {
    std::string key;        ///< names what it is about: a second one with it is not queued
    base::PersonId person;  ///< to whom; 0 = nobody in the books
    std::string name, address;
    std::string subject, text;
    Thread thread = {};
};

enum class LetterState { Waiting, Sent, Failed };

struct Letter {
    std::int64_t id = 0;
    std::string key;
    std::string token;  ///< of its Message-ID
    base::PersonId person;
    std::string name, address;
    std::string subject, text;
    base::Instant made_at;
    base::Instant ready_at;  ///< not tried before
    int attempt = 0;         ///< tries begun so far
    LetterState state = LetterState::Waiting;
    std::string problem;  ///< of the last try
    std::optional<base::Instant> done_at;
    std::string lease;  ///< names the try that holds it; empty: nobody does
    Thread thread = {};
};

constexpr int kMostAttempts = 30;                   ///< a little more than a day
constexpr std::int64_t kMostWaiting = 20'000;       ///< beyond this a new letter is Failed at once
std::chrono::milliseconds wait_after(int attempt);  ///< 1 min, doubling, at most 1 h

/// False when there is one with this key.
bool queue(sys::Transaction& tx, const NewLetter& letter, base::Instant at);
/// The one that waits longest among those that are ready, for `lease`; nothing when there is none.
std::optional<Letter> take(sys::Transaction& tx, base::Instant now, std::chrono::milliseconds lease);
/// Whether `take` would find one.
bool has_ready(sys::Reader& db, base::Instant now);
/// The end of a try. False, and nothing changes, when the lease has run out and another try holds the letter.
bool mark_sent(sys::Transaction& tx, const Letter& taken, base::Instant at);
/// To be tried again after wait_after(attempt), or Failed after the last attempt.
bool mark_later(sys::Transaction& tx, const Letter& taken, std::string_view problem, base::Instant at);
bool mark_failed(sys::Transaction& tx, const Letter& taken, std::string_view problem, base::Instant at);
/// Gives it back as if it had not been tried.
bool give_back(sys::Transaction& tx, const Letter& taken);

/// Opens Failed ones again, with all their attempts: one, or all (0). Returns their number.
std::int64_t try_again(sys::Transaction& tx, std::int64_t id, base::Instant now);

struct Counts {
    std::int64_t waiting = 0, failed = 0;
    std::int64_t sent = 0;                ///< since the time that was asked for
    std::optional<base::Instant> oldest;  ///< of those that wait
    std::string problem;                  ///< the last one of those that wait; empty: none was tried in vain
};
Counts count(sys::Reader& db, base::Instant since);
/// Waiting: oldest first; Sent and Failed: newest first. Without their text.
std::vector<Letter> list(sys::Reader& db, LetterState state, int limit);
/// Those whose key begins with `prefix`, at most `limit`, in order of their keys. Without their text.
std::vector<Letter> list_keyed(sys::Reader& db, std::string_view prefix, int limit);
/// When the person was last written to (queued or sent); nothing when never.
std::optional<base::Instant> find_last(sys::Reader& db, base::PersonId person);
/// Forgets those that were sent or had failed before these times. Returns their number.
std::int64_t forget(sys::Transaction& tx, base::Instant sent_before, base::Instant failed_before);

}  // namespace mail
