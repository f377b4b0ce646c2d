#include "ground/mail/outbox.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/text.h"
#include "ground/sys/crypto.h"

namespace mail {
namespace {

using base::Instant;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr sys::Migration kMigrations[] = {{"mail/0001_outbox", R"(
-- Mail that waits to be sent, was sent lately, or could not be. token is the left side of its Message-ID.
CREATE TABLE mail_outbox (
    id {id},
    mail_key {key} NOT NULL UNIQUE,
    token {key} NOT NULL,
    person_id BIGINT NOT NULL,
    to_name TEXT NOT NULL,
    to_address TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    ready_at BIGINT NOT NULL,
    attempt BIGINT NOT NULL DEFAULT 0,
    lease {key} NOT NULL DEFAULT '',
    lease_until BIGINT NOT NULL DEFAULT 0,
    state {key} NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
    problem TEXT NOT NULL DEFAULT '',
    done_at BIGINT,
    CHECK ((state = 'waiting') = (done_at IS NULL))
);
CREATE INDEX mail_outbox_waiting ON mail_outbox (ready_at, id) WHERE state = 'waiting';
CREATE INDEX mail_outbox_done ON mail_outbox (state, done_at);
CREATE INDEX mail_outbox_by_person ON mail_outbox (person_id, made_at);
)"},
                                          {"mail/0002_thread", R"(
-- A letter that belongs to a conversation: another sender, what it answers, and who wrote it. thread_ids: message ids
-- with blanks between.
ALTER TABLE mail_outbox ADD COLUMN sender TEXT NOT NULL DEFAULT '';
ALTER TABLE mail_outbox ADD COLUMN answers TEXT NOT NULL DEFAULT '';
ALTER TABLE mail_outbox ADD COLUMN thread_ids TEXT NOT NULL DEFAULT '';
ALTER TABLE mail_outbox ADD COLUMN author {key} NOT NULL DEFAULT 'program'
    CHECK (author IN ('program', 'program-reply', 'person'));
)"}};

constexpr std::string_view kAuthors[] = {"program", "program-reply", "person"};
constexpr std::string_view kStateNames[] = {"waiting", "sent", "failed"};

constexpr std::string_view kColumns =
    "id, mail_key, token, person_id, to_name, to_address, subject, body, made_at, ready_at, attempt, state, problem, "
    "done_at, lease, sender, answers, thread_ids, author";

std::string name_of(LetterState state) {
    return std::string(kStateNames[static_cast<std::size_t>(state)]);
}

Letter read_letter(const sys::Row& row) {
    Letter letter;
    letter.id = row.integer(0);
    letter.key = row.text(1);
    letter.token = row.text(2);
    letter.person = {row.integer(3)};
    letter.name = row.text(4);
    letter.address = row.text(5);
    letter.subject = row.text(6);
    letter.text = row.text(7);
    letter.made_at = {row.integer(8)};
    letter.ready_at = {row.integer(9)};
    letter.attempt = static_cast<int>(row.integer(10));
    letter.state = static_cast<LetterState>(std::find(std::begin(kStateNames), std::end(kStateNames), row.text(11)) -
                                            std::begin(kStateNames));
    letter.problem = row.text(12);
    if (const auto done = row.maybe_integer(13)) letter.done_at = Instant{*done};
    letter.lease = row.text(14);
    letter.thread.from = row.text(15);
    letter.thread.token = letter.token;
    letter.thread.answers = row.text(16);
    for (const std::string_view id : base::split(row.text(17), ' '))
        if (!id.empty()) letter.thread.references.emplace_back(id);
    letter.thread.author =
        static_cast<Author>(std::find(std::begin(kAuthors), std::end(kAuthors), row.text(18)) - std::begin(kAuthors));
    return letter;
}

/// A problem as it is kept: valid, bounded text.
std::string kept(std::string_view problem) {
    std::string text = base::to_valid_utf8(problem);
    std::replace(text.begin(), text.end(), '\0', ' ');
    return std::string(base::first_code_points(text, 500));
}

bool close(sys::Transaction& tx, const Letter& taken, LetterState state, std::string_view problem, Instant at) {
    return tx.execute(
               "UPDATE mail_outbox SET state = $1, problem = $2, done_at = $3, lease = '', lease_until = 0 "
               "WHERE id = $4 AND lease = $5 AND state = 'waiting'",
               {name_of(state), kept(problem), at.milliseconds, taken.id, taken.lease}) == 1;
}

}  // namespace

std::span<const sys::Migration> migrations() {
    return kMigrations;
}

milliseconds wait_after(int attempt) {
    milliseconds wait = minutes(1);
    for (int i = 1; i < attempt && wait < minutes(60); ++i) wait *= 2;
    return std::min<milliseconds>(wait, minutes(60));
}

bool queue(sys::Transaction& tx, const NewLetter& letter, Instant at) {
    const bool is_full =
        tx.find("SELECT count(*) FROM mail_outbox WHERE state = 'waiting'")->integer(0) >= kMostWaiting;
    const std::string problem =
        is_full ? fmt::format("送信待ちのメールが{}通をこえているため、送りませんでした。", kMostWaiting) : "";
    return tx.execute(
               "INSERT INTO mail_outbox (mail_key, token, person_id, to_name, to_address, subject, body, made_at, "
               "ready_at, state, problem, done_at, sender, answers, thread_ids, author) VALUES "
               "($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11, $12, $13, $14, $15) "
               "ON CONFLICT (mail_key) DO NOTHING",
               {letter.key,
                letter.thread.token.empty() ? "yakuba." + base::to_hex(sys::random_bytes(16)) : letter.thread.token,
                letter.person.value, letter.name, letter.address, letter.subject, letter.text, at.milliseconds,
                name_of(is_full ? LetterState::Failed : LetterState::Waiting), problem,
                is_full ? sys::Value(at.milliseconds) : sys::Value(nullptr), letter.thread.from, letter.thread.answers,
                base::join(letter.thread.references, " "),
                std::string(kAuthors[static_cast<std::size_t>(letter.thread.author)])}) == 1;
}

std::optional<Letter> take(sys::Transaction& tx, Instant now, milliseconds lease) {
    const auto row = tx.find(fmt::format("SELECT {} FROM mail_outbox WHERE state = 'waiting' AND ready_at <= $1 AND "
                                         "lease_until <= $1 ORDER BY ready_at, id LIMIT 1",
                                         kColumns),
                             {now.milliseconds});
    if (!row) return std::nullopt;
    Letter letter = read_letter(*row);
    letter.lease = base::to_hex(sys::random_bytes(8));
    ++letter.attempt;
    tx.execute("UPDATE mail_outbox SET lease = $1, lease_until = $2, attempt = $3 WHERE id = $4",
               {letter.lease, (now + lease).milliseconds, std::int64_t{letter.attempt}, letter.id});
    return letter;
}

bool has_ready(sys::Reader& db, Instant now) {
    return db
        .find("SELECT id FROM mail_outbox WHERE state = 'waiting' AND ready_at <= $1 AND lease_until <= $1 LIMIT 1",
              {now.milliseconds})
        .has_value();
}

bool mark_sent(sys::Transaction& tx, const Letter& taken, Instant at) {
    return close(tx, taken, LetterState::Sent, "", at);
}

bool mark_failed(sys::Transaction& tx, const Letter& taken, std::string_view problem, Instant at) {
    return close(tx, taken, LetterState::Failed, problem, at);
}

bool mark_later(sys::Transaction& tx, const Letter& taken, std::string_view problem, Instant at) {
    if (taken.attempt >= kMostAttempts) return mark_failed(tx, taken, problem, at);
    return tx.execute(
               "UPDATE mail_outbox SET ready_at = $1, problem = $2, lease = '', lease_until = 0 "
               "WHERE id = $3 AND lease = $4 AND state = 'waiting'",
               {(at + wait_after(taken.attempt)).milliseconds, kept(problem), taken.id, taken.lease}) == 1;
}

bool give_back(sys::Transaction& tx, const Letter& taken) {
    return tx.execute(
               "UPDATE mail_outbox SET attempt = $1, lease = '', lease_until = 0 "
               "WHERE id = $2 AND lease = $3 AND state = 'waiting'",
               {std::int64_t{taken.attempt} - 1, taken.id, taken.lease}) == 1;
}

std::int64_t try_again(sys::Transaction& tx, std::int64_t id, Instant now) {
    return tx.execute(
        "UPDATE mail_outbox SET state = 'waiting', done_at = NULL, attempt = 0, ready_at = $1, lease = '', "
        "lease_until = 0 WHERE state = 'failed' AND (id = $2 OR $2 = 0)",
        {now.milliseconds, id});
}

Counts count(sys::Reader& db, Instant since) {
    Counts counts;
    const auto waiting = db.find("SELECT count(*), min(made_at) FROM mail_outbox WHERE state = 'waiting'");
    counts.waiting = waiting->integer(0);
    if (const auto oldest = waiting->maybe_integer(1)) counts.oldest = Instant{*oldest};
    counts.failed = db.find("SELECT count(*) FROM mail_outbox WHERE state = 'failed'")->integer(0);
    counts.sent =
        db.find("SELECT count(*) FROM mail_outbox WHERE state = 'sent' AND done_at >= $1", {since.milliseconds})
            ->integer(0);
    if (const auto row = db.find("SELECT problem FROM mail_outbox WHERE state = 'waiting' AND problem <> '' "
                                 "ORDER BY ready_at DESC LIMIT 1"))
        counts.problem = row->text(0);
    return counts;
}

std::vector<Letter> list(sys::Reader& db, LetterState state, int limit) {
    std::vector<Letter> letters;
    for (const sys::Row& row :
         db.query(fmt::format("SELECT {} FROM mail_outbox WHERE state = $1 ORDER BY {} LIMIT $2", kColumns,
                              state == LetterState::Waiting ? "ready_at, id" : "done_at DESC, id DESC"),
                  {name_of(state), std::int64_t{limit}})) {
        letters.push_back(read_letter(row));
        letters.back().text.clear();
    }
    return letters;
}

std::vector<Letter> list_keyed(sys::Reader& db, std::string_view prefix, int limit) {
    std::vector<Letter> letters;
    if (prefix.empty()) return letters;
    std::string end(prefix);  // the first key after all that begin so: keys are ASCII
    ++end.back();
    for (const sys::Row& row : db.query(
             fmt::format("SELECT {} FROM mail_outbox WHERE mail_key >= $1 AND mail_key < $2 ORDER BY mail_key LIMIT $3",
                         kColumns),
             {std::string(prefix), end, std::int64_t{limit}})) {
        letters.push_back(read_letter(row));
        letters.back().text.clear();
    }
    return letters;
}

std::optional<Instant> find_last(sys::Reader& db, base::PersonId person) {
    const auto row = db.find("SELECT max(made_at) FROM mail_outbox WHERE person_id = $1", {person.value});
    const auto at = row ? row->maybe_integer(0) : std::nullopt;
    if (!at) return std::nullopt;
    return Instant{*at};
}

std::int64_t forget(sys::Transaction& tx, Instant sent_before, Instant failed_before) {
    return tx.execute("DELETE FROM mail_outbox WHERE state = 'sent' AND done_at < $1", {sent_before.milliseconds}) +
           tx.execute("DELETE FROM mail_outbox WHERE state = 'failed' AND done_at < $1", {failed_before.milliseconds});
}

}  // namespace mail
