// Sessions: a random token in the browser's cookie, only its SHA-256 in the database, an idle and an absolute limit,
// and the time at which the person last proved who they are. A session that still lacks a step of signing in (second
// factor, new password) is kept in the same table and opens nothing. Nothing is kept in process memory.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/people/accounts.h"

namespace people {

struct SessionLimits {
    std::chrono::minutes idle{60};
    std::chrono::minutes absolute{12 * 60};
    std::chrono::minutes unfinished{10};  ///< for the steps between the password and the session
    std::chrono::minutes fresh{10};       ///< how long a proof is good for sensitive acts
};

/// What a session still lacks before it opens anything.
enum class Stage {
    Factor,    ///< the code of the second factor
    Enrol,     ///< a second factor has to be set up first
    Password,  ///< a new password
    Open
};

struct Session {
    std::string id;  ///< the token's hash: names the session in lists; useless as a cookie
    PersonId person;
    Stage stage = Stage::Open;
    base::Instant made_at;
    base::Instant seen_at;    ///< to the minute
    base::Instant proved_at;  ///< of the last proof of identity
    base::Instant ends_at;    ///< the absolute limit
    std::string address;
    std::string agent;  ///< the browser's own words, cut to 200 characters
};

/// The open session of `token` if it is alive and its person active; `touch` too, so that it stays alive: the door
/// calls this for each request. The row is written at most once a minute.
std::optional<Session> find_session(sys::Database& db, std::string_view token, base::Instant now,
                                    const SessionLimits& limits);
/// The same for a session at another stage, or at any.
std::optional<Session> find_unfinished_session(sys::Reader& db, std::string_view token, base::Instant now);

/// Those of a person that are alive, newest first.
std::vector<Session> list_sessions(sys::Reader& db, PersonId person, base::Instant now, const SessionLimits& limits);
/// Signing out. Nothing happens when there is no such session.
void end_session(sys::Transaction& tx, std::string_view session_id, const By& by);
/// All of a person's but `keep`; the number of those that were ended.
int end_sessions(sys::Transaction& tx, PersonId person, std::string_view keep, std::string_view why, const By& by);
/// Removes rows of sessions that are over. For the nightly tidy-up; not an act, so without a ledger line.
int remove_dead_sessions(sys::Transaction& tx, base::Instant now, const SessionLimits& limits);

/// Whether a sensitive act (ActRow::needs_fresh_proof) needs the password again first.
bool is_fresh(const Session& session, base::Instant now, const SessionLimits& limits);

std::string session_id_of(std::string_view token);
/// The hidden field of every form: HMAC-SHA256 of a fixed word under the session's token, so that only a page made for
/// this session knows it and nothing need be stored.
std::string csrf_token(std::string_view session_token);
bool is_csrf_token(std::string_view session_token, std::string_view given);

}  // namespace people
