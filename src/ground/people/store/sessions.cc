#include "ground/people/sessions.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "ground/base/text.h"
#include "ground/people/store/note.h"
#include "ground/people/store/session_rows.h"
#include "ground/sys/crypto.h"

namespace people {

namespace {

constexpr std::string_view kStages[] = {"factor", "enrol", "password", "open"};
constexpr std::size_t kLongestToken = 100;
constexpr std::size_t kLongestAgent = 200;
constexpr auto kTouchEvery = std::chrono::minutes(1);

constexpr std::string_view kSelect =
    "SELECT s.id, s.person_id, s.stage, s.made_at, s.seen_at, s.proved_at, s.ends_at, s.address, s.agent "
    "FROM person_session s JOIN person p ON p.id = s.person_id AND p.state = 'active' ";

Session session_in(const sys::Row& row) {
    Session made;
    made.id = row.text(0);
    made.person = {row.integer(1)};
    made.stage = static_cast<Stage>(std::find(std::begin(kStages), std::end(kStages), row.text(2)) - kStages);
    made.made_at = {row.integer(3)};
    made.seen_at = {row.integer(4)};
    made.proved_at = {row.integer(5)};
    made.ends_at = {row.integer(6)};
    made.address = row.text(7);
    made.agent = row.text(8);
    return made;
}

std::optional<Session> find_row(sys::Reader& db, std::string_view token) {
    if (token.empty() || token.size() > kLongestToken) return std::nullopt;
    const auto row = db.find(std::string(kSelect) + "WHERE s.id = $1", {session_id_of(token)});
    if (!row) return std::nullopt;
    return session_in(*row);
}

bool is_alive(const Session& session, base::Instant now, const SessionLimits& limits) {
    return now < session.ends_at && now < session.seen_at + limits.idle;
}

/// HMAC (RFC 2104) over SHA-256.
std::string hmac(std::string_view key, std::string_view message) {
    constexpr std::size_t kBlock = 64;
    const auto bytes_of = [](const base::Hash& hash) { return std::string(hash.bytes.begin(), hash.bytes.end()); };
    std::string padded = key.size() > kBlock ? bytes_of(sys::sha256(key)) : std::string(key);
    padded.resize(kBlock, '\0');
    std::string inner = padded, outer = padded;
    for (char& c : inner) c = static_cast<char>(c ^ 0x36);
    for (char& c : outer) c = static_cast<char>(c ^ 0x5c);
    return bytes_of(sys::sha256(outer + bytes_of(sys::sha256(inner.append(message)))));
}

}  // namespace

std::string_view stage_id(Stage stage) {
    return kStages[static_cast<std::size_t>(stage)];
}

std::string session_id_of(std::string_view token) {
    return sys::sha256(token).hex();
}

Session add_session(sys::Transaction& tx, std::string_view token, PersonId person, Stage stage, base::Instant now,
                    std::string_view address, std::string_view agent, const SessionLimits& limits) {
    std::string words = base::to_valid_utf8(agent.substr(0, kLongestAgent * 4));
    std::erase(words, '\0');
    Session made;
    made.id = session_id_of(token);
    made.person = person;
    made.stage = stage;
    made.made_at = made.seen_at = made.proved_at = now;
    made.ends_at = now + (stage == Stage::Open ? limits.absolute : limits.unfinished);
    made.address = address;
    made.agent = base::first_code_points(words, kLongestAgent);
    tx.execute(
        "INSERT INTO person_session (id, person_id, stage, made_at, seen_at, proved_at, ends_at, address, agent) "
        "VALUES ($1, $2, $3, $4, $4, $4, $5, $6, $7)",
        {made.id, person.value, std::string(stage_id(stage)), now.milliseconds, made.ends_at.milliseconds, made.address,
         made.agent});
    return made;
}

void remove_session(sys::Transaction& tx, std::string_view session_id) {
    tx.execute("DELETE FROM person_session WHERE id = $1", {std::string(session_id)});
}

void set_proved(sys::Transaction& tx, std::string_view session_id, base::Instant now) {
    tx.execute("UPDATE person_session SET proved_at = $2 WHERE id = $1", {std::string(session_id), now.milliseconds});
}

std::optional<Session> find_session(sys::Database& db, std::string_view token, base::Instant now,
                                    const SessionLimits& limits) {
    auto session = db.read([&](sys::Reader& reader) { return find_row(reader, token); });
    if (!session || session->stage != Stage::Open || !is_alive(*session, now, limits)) return std::nullopt;
    if (now >= session->seen_at + kTouchEvery) {
        db.write([&](sys::Transaction& tx) {
            tx.execute("UPDATE person_session SET seen_at = $2 WHERE id = $1 AND seen_at < $2",
                       {session->id, now.milliseconds});
        });
        session->seen_at = now;
    }
    return session;
}

std::optional<Session> find_unfinished_session(sys::Reader& db, std::string_view token, base::Instant now) {
    auto session = find_row(db, token);
    if (!session || session->stage == Stage::Open || now >= session->ends_at) return std::nullopt;
    return session;
}

std::vector<Session> list_sessions(sys::Reader& db, PersonId person, base::Instant now, const SessionLimits& limits) {
    std::vector<Session> sessions;
    for (const sys::Row& row :
         db.query(std::string(kSelect) + "WHERE s.person_id = $1 AND s.stage = 'open' ORDER BY s.made_at DESC, s.id",
                  {person.value}))
        if (Session one = session_in(row); is_alive(one, now, limits)) sessions.push_back(std::move(one));
    return sessions;
}

void end_session(sys::Transaction& tx, std::string_view session_id, const By& by) {
    const auto row = tx.find("DELETE FROM person_session WHERE id = $1 RETURNING person_id", {std::string(session_id)});
    if (row) note(tx, by, "person.sign-out", subject_of(PersonId{row->integer(0)}), {{"sessions", std::int64_t{1}}});
}

int end_sessions(sys::Transaction& tx, PersonId person, std::string_view keep, std::string_view why, const By& by) {
    const auto ended =
        tx.execute("DELETE FROM person_session WHERE person_id = $1 AND id <> $2", {person.value, std::string(keep)});
    if (ended > 0)
        note(tx, by, "person.sign-out", subject_of(person), {{"sessions", ended}, {"because", std::string(why)}});
    return static_cast<int>(ended);
}

int remove_dead_sessions(sys::Transaction& tx, base::Instant now, const SessionLimits& limits) {
    return static_cast<int>(tx.execute("DELETE FROM person_session WHERE ends_at <= $1 OR seen_at <= $2",
                                       {now.milliseconds, (now - limits.idle).milliseconds}));
}

bool is_fresh(const Session& session, base::Instant now, const SessionLimits& limits) {
    return now < session.proved_at + limits.fresh;
}

std::string csrf_token(std::string_view session_token) {
    return base::to_hex(hmac(session_token, "csrf"));
}

bool is_csrf_token(std::string_view session_token, std::string_view given) {
    return !session_token.empty() && sys::is_same_secret(csrf_token(session_token), given);
}

}  // namespace people
