// Training as the contract asks for it: sessions planned, opened, held; who came and who makes up for it; the method
// agreed with the client each year; what the trainees said of it; and the manuals that were handed over. Each change
// writes its ledger line. The training site itself is flow/training_site.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"
#include "ground/sys/database.h"
#include "ground/sys/extract.h"
#include "office/training/course.h"

namespace training {

std::span<const sys::Migration> migrations();
std::span<const sys::Extract> extracts();

struct By {
    std::string who;  ///< "person:12", "cli:sato"
    base::Instant at;
};

/// How much of a course a year needs. Until it is changed: what the CMS contract of docs/samples says.
struct Plan {
    Course course = Course::Author;
    std::int64_t people = 0, sessions = 0, seats = 0, minutes = 0;
    std::string contents;
    std::int64_t version = 0;
};
Plan load_plan(sys::Reader& db, Course course);
/// Throws Error(BadInput), Error(Conflict). Seats: 1 to 30.
void set_plan(sys::Transaction& tx, const Plan& plan, const By& by);
constexpr std::int64_t kMostSeats = 30;

enum class State { Planned, Open, Held, Cancelled };
std::string_view state_wording(State state);  ///< "予定", "研修用サイト準備済み", "実施済み", "中止"

struct Session {
    std::int64_t id = 0;
    Course course = Course::Author;
    base::Instant starts_at;
    std::int64_t minutes = 150, seats = 30;
    std::string place, teacher, note;
    std::int64_t makes_up_for = 0;  ///< the session whose absentees come to this one; 0 = a session of its own
    State state = State::Planned;
    std::optional<base::Instant> opened_at, held_at;
    std::string reason;  ///< of a cancellation
    std::int64_t version = 0;
};
/// Of fields a person fills: course, starts_at, minutes, seats, place, teacher, note, makes_up_for.
/// The same `once` (of a form) gives the same session. Throws Error(BadInput).
std::int64_t plan_session(sys::Transaction& tx, const Session& made, const By& by, std::string_view once = {});
/// Another time or place while it is not held: the plan is written into the ledger anew.
void change_session(sys::Transaction& tx, const Session& changed, const By& by);
std::optional<Session> find_session(sys::Reader& db, std::int64_t id);
Session load_session(sys::Reader& db, std::int64_t id);
/// Newest first.
std::vector<Session> list_sessions(sys::Reader& db, int limit = 200);
/// The one whose training site is there.
std::optional<Session> find_open(sys::Reader& db);

/// Throws Error(Conflict): it is held or cancelled, or another one is open.
void note_opened(sys::Transaction& tx, std::int64_t id, std::string_view source, std::int64_t seats, const By& by);
void note_reset(sys::Transaction& tx, std::int64_t id, const By& by);
/// The site is gone; the session is planned again unless it was held.
void note_closed(sys::Transaction& tx, std::int64_t id, const By& by);
void cancel_session(sys::Transaction& tx, std::int64_t id, std::int64_t version, std::string_view reason, const By& by);
/// Writes training.held (or training.makeup). Throws Error(BadInput) before it has begun, or while somebody's
/// attendance is open.
void hold_session(sys::Transaction& tx, std::int64_t id, std::int64_t version, const By& by);

enum class Presence { Expected, Came, Absent };
struct Attendee {
    std::int64_t id = 0, session = 0;
    std::string name, department;
    std::int64_t seat = 0;  ///< the account of the training site; 0 = none
    Presence presence = Presence::Expected;
};
/// One a line, "氏名" or "氏名,所属"; each gets the lowest free seat. Returns how many were added. Throws
/// Error(BadInput) that names the line: somebody who is there already, or more than the session has seats.
std::int64_t add_attendees(sys::Transaction& tx, std::int64_t session, std::string_view lines, const By& by);
/// Those who were absent at the session that `session` makes up for.
std::int64_t add_absentees(sys::Transaction& tx, std::int64_t session, const By& by);
void remove_attendee(sys::Transaction& tx, std::int64_t session, std::int64_t id, const By& by);
/// `version` is the session's, which also counts who comes. Throws Error(Conflict) for an old one.
void set_presence(sys::Transaction& tx, std::int64_t session, std::int64_t version,
                  const std::map<std::int64_t, Presence>& presence, const By& by);
std::vector<Attendee> list_attendees(sys::Reader& db, std::int64_t session);
/// Of all sessions; the newest `limit`.
std::vector<Attendee> list_all_attendees(sys::Reader& db, int limit);

/// One answer of the short survey: 5 = very good ... 1.
struct Answer {
    std::int64_t understood = 0, useful = 0, pace = 0;
    std::string comment;
};
constexpr std::size_t kLongestComment = 1000;  ///< characters
/// On the training site: by seat, the last one counts. Throws Error(BadInput).
void put_answer(sys::Transaction& tx, std::int64_t seat, const Answer& answer, base::Instant at);
std::optional<Answer> find_answer(sys::Reader& db, std::int64_t seat);
/// On the real site they belong to a session; on the training site session is 0.
std::vector<Answer> list_answers(sys::Reader& db, std::int64_t session);
/// Takes what the training site has in place of what was taken before. Nothing is believed of it: ranges and lengths
/// are checked, at most one answer a seat.
void take_answers(sys::Transaction& tx, std::int64_t session, std::span<const std::pair<std::int64_t, Answer>> answers,
                  const By& by);
std::vector<std::pair<std::int64_t, Answer>> list_answers_by_seat(sys::Reader& db);

/// 研修の方法の合意: each fiscal year once; a second one replaces the words, the ledger keeps both.
struct Agreement {
    std::int64_t year = 0;
    base::Day agreed_on;
    std::string with, method;
};
void set_agreement(sys::Transaction& tx, const Agreement& agreement, const By& by);
std::optional<Agreement> find_agreement(sys::Reader& db, std::int64_t year);

/// A manual or hand-out given to the client.
struct Delivery {
    std::int64_t id = 0, session = 0;  ///< session 0 = for all
    std::string title, version, medium, hash;
    base::Instant delivered_at;
    std::string received_by;
    std::optional<base::Instant> received_at;
};
/// Writes training.deliver. `hash` is the SHA-256 of what was given, in hexadecimal. `once` as above.
std::int64_t add_delivery(sys::Transaction& tx, const Delivery& made, const By& by, std::string_view once = {});
void note_receipt(sys::Transaction& tx, std::int64_t id, std::string_view received_by, const By& by);
std::vector<Delivery> list_deliveries(sys::Reader& db, int limit = 100);

}  // namespace training
