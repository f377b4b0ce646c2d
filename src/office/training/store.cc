#include "office/training/store.h"

#include <algorithm>
#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "ground/ledger/store.h"

namespace training {

namespace {

using base::Error;
using base::Kind;
using boost::json::object;

constexpr std::string_view kStates[] = {"planned", "open", "held", "cancelled"};
constexpr std::string_view kStateWordings[] = {"予定", "研修用サイト準備済み", "実施済み", "中止"};
constexpr std::string_view kPresences[] = {"expected", "came", "absent"};
constexpr std::size_t kLongestText = 2000;  // characters

template <class Value, std::size_t N>
Value value_of(const std::string_view (&ids)[N], std::string_view id) {
    return static_cast<Value>(std::find(std::begin(ids), std::end(ids), id) - std::begin(ids));
}
template <class Value, std::size_t N>
std::string id_of(const std::string_view (&ids)[N], Value value) {
    return std::string(ids[static_cast<std::size_t>(value)]);
}

void note(sys::Transaction& tx, std::string_view act, std::string subject, const object& detail, const By& by) {
    ledger::append(tx, {by.at, by.who, std::string(act), std::move(subject), boost::json::serialize(detail)});
}
/// What a form has made already: a second press of its button does nothing.
std::optional<std::int64_t> find_once(sys::Reader& db, std::string_view table, std::string_view once) {
    if (once.empty()) return std::nullopt;
    const auto row = db.find(fmt::format("SELECT id FROM {} WHERE once_key = $1", table), {std::string(once)});
    if (!row) return std::nullopt;
    return row->integer(0);
}
sys::Value once_value(std::string_view once) {
    return once.empty() ? sys::Value(nullptr) : sys::Value(std::string(once));
}

std::string subject_of(std::int64_t session) {
    return fmt::format("training:{}", session);
}

void check_text(std::string_view text, std::string_view label, bool is_needed) {
    if (is_needed && base::trim(text).empty()) throw Error(Kind::BadInput, fmt::format("{}を入れてください。", label));
    if (base::count_code_points(text) > kLongestText)
        throw Error(Kind::BadInput, fmt::format("{}は{}文字以内で入れてください。", label, kLongestText));
}
void check_number(std::int64_t number, std::int64_t lowest, std::int64_t highest, std::string_view label) {
    if (number < lowest || number > highest)
        throw Error(Kind::BadInput, fmt::format("{}は{}から{}までの数で入れてください。", label, lowest, highest));
}

constexpr std::string_view kSessionColumns =
    "SELECT id, course, starts_at, minutes, seats, place, teacher, note, makes_up_for, state, opened_at, held_at, "
    "reason, version FROM training_session ";

Session session_of(const sys::Row& row) {
    Session made;
    made.id = row.integer(0);
    made.course = find_course(row.text(1)).value();
    made.starts_at = {row.integer(2)};
    made.minutes = row.integer(3);
    made.seats = row.integer(4);
    made.place = row.text(5);
    made.teacher = row.text(6);
    made.note = row.text(7);
    made.makes_up_for = row.integer(8);
    made.state = value_of<State>(kStates, row.text(9));
    if (const auto at = row.maybe_integer(10)) made.opened_at = base::Instant{*at};
    if (const auto at = row.maybe_integer(11)) made.held_at = base::Instant{*at};
    made.reason = row.text(12);
    made.version = row.integer(13);
    return made;
}

constexpr std::string_view kAttendeeColumns =
    "SELECT id, session_id, name, department, seat, presence FROM training_attendee ";

Attendee attendee_of(const sys::Row& row) {
    return {row.integer(0), row.integer(1), row.text(2),
            row.text(3),    row.integer(4), value_of<Presence>(kPresences, row.text(5))};
}

void check_session(const Session& made) {
    check_number(made.minutes, 15, 600, "時間（分）");
    check_number(made.seats, 1, kMostSeats, "席の数");
    check_text(made.place, "会場", false);
    check_text(made.teacher, "講師", true);
    check_text(made.note, "備考", false);
    if (made.starts_at.milliseconds <= 0) throw Error(Kind::BadInput, "開始の日時を入れてください。");
}

object plan_detail(const Session& made) {
    return {{"course", course_id(made.course)},
            {"starts_at", base::format_utc(made.starts_at)},
            {"seats", made.seats},
            {"teacher", made.teacher}};
}

/// The session, which must be one that may still change.
Session load_open_to_change(sys::Reader& db, std::int64_t id) {
    const Session found = load_session(db, id);
    if (found.state == State::Held) throw Error(Kind::Conflict, "この研修は、もう実施済みです。");
    if (found.state == State::Cancelled) throw Error(Kind::Conflict, "この研修は、中止になっています。");
    return found;
}

void set_state(sys::Transaction& tx, const Session& session, State state, bool is_open,
               std::optional<base::Instant> opened, std::optional<base::Instant> held, std::string_view reason) {
    const auto instant = [](const std::optional<base::Instant>& at) {
        return at ? sys::Value(at->milliseconds) : sys::Value(nullptr);
    };
    if (tx.execute("UPDATE training_session SET state = $1, is_open = $2, opened_at = $3, held_at = $4, reason = $5, "
                   "version = version + 1 WHERE id = $6 AND version = $7",
                   {id_of(kStates, state), std::int64_t{is_open ? 1 : 0}, instant(opened), instant(held),
                    std::string(reason), session.id, session.version}) != 1)
        throw Error(Kind::Conflict, "ほかの人が先に変えました。画面を開き直して、もう一度お試しください。");
}

bool is_site_there(sys::Reader& db, std::int64_t id) {
    return db.find("SELECT 1 FROM training_session WHERE id = $1 AND is_open = 1", {id}).has_value();
}

void check_version(const Session& found, std::int64_t version) {
    if (found.version != version)
        throw Error(Kind::Conflict, "ほかの人が先に変えました。画面を開き直して、もう一度お試しください。");
}

/// Who comes has changed: what another window shows is stale.
void touch(sys::Transaction& tx, std::int64_t session) {
    tx.execute("UPDATE training_session SET version = version + 1 WHERE id = $1", {session});
}

void insert_attendee(sys::Transaction& tx, std::int64_t session, std::string_view name, std::string_view department,
                     std::int64_t seat) {
    tx.execute(
        "INSERT INTO training_attendee (session_id, name, department, seat, presence) VALUES ($1, $2, $3, $4, "
        "'expected')",
        {session, std::string(name), std::string(department), seat});
}

void check_answer(const Answer& answer) {
    for (const std::int64_t one : {answer.understood, answer.useful, answer.pace})
        if (one < 1 || one > 5) throw Error(Kind::BadInput, "3つの質問に、1から5で答えてください。");
    if (!base::is_utf8(answer.comment) || base::count_code_points(answer.comment) > kLongestComment)
        throw Error(Kind::BadInput, fmt::format("意見は{}文字以内で入れてください。", kLongestComment));
}

Answer answer_of(const sys::Row& row, std::size_t from) {
    return {row.integer(from), row.integer(from + 1), row.integer(from + 2), row.text(from + 3)};
}

void write_answer(sys::Transaction& tx, std::int64_t session, std::int64_t seat, const Answer& answer,
                  base::Instant at) {
    check_answer(answer);
    tx.execute(
        "INSERT INTO training_answer (session_id, seat, understood, useful, pace, words, made_at) VALUES ($1, $2, $3, "
        "$4, $5, $6, $7) ON CONFLICT (session_id, seat) DO UPDATE SET understood = excluded.understood, "
        "useful = excluded.useful, pace = excluded.pace, words = excluded.words, made_at = excluded.made_at",
        {session, seat, answer.understood, answer.useful, answer.pace, answer.comment, at.milliseconds});
}

}  // namespace

std::string_view state_wording(State state) {
    return kStateWordings[static_cast<std::size_t>(state)];
}

// --- courses

Plan load_plan(sys::Reader& db, Course course) {
    if (const auto row = db.find("SELECT people, sessions, seats, minutes, contents, version FROM training_course "
                                 "WHERE course = $1",
                                 {std::string(course_id(course))}))
        return {course,          row->integer(0), row->integer(1), row->integer(2),
                row->integer(3), row->text(4),    row->integer(5)};
    switch (course) {
        case Course::Author:
            return {course, 120,
                    4,      30,
                    150,    "システムの概要、ページの作り方、作成から公開まで、アクセシビリティの基礎と指針、個人演習",
                    0};
        case Course::Approver:
            return {course, 30,  2,
                    15,     150, "システムの概要、作成から公開まで、承認の仕方、アクセシビリティの基礎と指針、個人演習",
                    0};
        case Course::Administrator:
            break;
    }
    return {course, 7, 1, 7, 180, "システムの概要、管理の機能、テンプレートの直し方、個人演習", 0};
}

void set_plan(sys::Transaction& tx, const Plan& plan, const By& by) {
    check_number(plan.people, 1, 10'000, "対象の人数");
    check_number(plan.sessions, 1, 100, "年間の回数");
    check_number(plan.seats, 1, kMostSeats, "1回の人数");
    check_number(plan.minutes, 15, 600, "時間（分）");
    check_text(plan.contents, "内容", true);
    const std::string course(course_id(plan.course));
    if (load_plan(tx, plan.course).version != plan.version)
        throw Error(Kind::Conflict, "ほかの人が先に変えました。画面を開き直して、もう一度お試しください。");
    tx.execute(
        "INSERT INTO training_course (course, people, sessions, seats, minutes, contents, version) VALUES ($1, $2, $3, "
        "$4, $5, $6, 1) ON CONFLICT (course) DO UPDATE SET people = excluded.people, sessions = excluded.sessions, "
        "seats = excluded.seats, minutes = excluded.minutes, contents = excluded.contents, "
        "version = training_course.version + 1",
        {course, plan.people, plan.sessions, plan.seats, plan.minutes, plan.contents});
    note(tx, "training.course", "training-course:" + course,
         {{"people", plan.people}, {"sessions", plan.sessions}, {"seats", plan.seats}, {"minutes", plan.minutes}}, by);
}

// --- sessions

std::int64_t plan_session(sys::Transaction& tx, const Session& made, const By& by, std::string_view once) {
    if (const auto before = find_once(tx, "training_session", once)) return *before;
    check_session(made);
    if (made.makes_up_for != 0 && load_session(tx, made.makes_up_for).course != made.course)
        throw Error(Kind::BadInput, "補講は、もとの研修と同じ種類にしてください。");
    const std::int64_t id = tx.insert(
        "INSERT INTO training_session (course, starts_at, minutes, seats, place, teacher, note, makes_up_for, state, "
        "is_open, reason, version, once_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'planned', 0, '', 1, $9) "
        "RETURNING id",
        {std::string(course_id(made.course)), made.starts_at.milliseconds, made.minutes, made.seats, made.place,
         made.teacher, made.note, made.makes_up_for, once_value(once)});
    note(tx, "training.plan", subject_of(id), plan_detail(made), by);
    return id;
}

void change_session(sys::Transaction& tx, const Session& changed, const By& by) {
    check_session(changed);
    const Session before = load_open_to_change(tx, changed.id);
    check_version(before, changed.version);
    if (before.state == State::Open && changed.seats != before.seats)
        throw Error(Kind::BadInput, "研修用サイトを片付けてから、席の数を変えてください。");
    std::int64_t last_seat = 0;
    for (const Attendee& one : list_attendees(tx, changed.id)) last_seat = std::max(last_seat, one.seat);
    if (changed.seats < last_seat)
        throw Error(Kind::BadInput, fmt::format("席の番号{}までの受講者を登録してあります。席の数を{}以上にするか、"
                                                "先に受講者の登録を取り消してください。",
                                                last_seat, last_seat));
    tx.execute(
        "UPDATE training_session SET starts_at = $1, minutes = $2, seats = $3, place = $4, teacher = $5, note = "
        "$6, version = version + 1 WHERE id = $7",
        {changed.starts_at.milliseconds, changed.minutes, changed.seats, changed.place, changed.teacher, changed.note,
         changed.id});
    // A new time is a new plan: its deadline counts from there, and the newest plan is the one that counts.
    if (before.starts_at != changed.starts_at) {
        note(tx, "training.plan", subject_of(changed.id), plan_detail(changed), by);
        if (before.state == State::Open)
            note(tx, "training.open", subject_of(changed.id),
                 {{"course", course_id(changed.course)}, {"reason", "日時の変更"}}, by);
    } else {
        note(tx, "training.change", subject_of(changed.id), plan_detail(changed), by);
    }
}

std::optional<Session> find_session(sys::Reader& db, std::int64_t id) {
    const auto row = db.find(fmt::format("{}WHERE id = $1", kSessionColumns), {id});
    if (!row) return std::nullopt;
    return session_of(*row);
}

Session load_session(sys::Reader& db, std::int64_t id) {
    auto found = find_session(db, id);
    if (!found) throw Error(Kind::NotFound, "この研修はありません。");
    return *std::move(found);
}

std::vector<Session> list_sessions(sys::Reader& db, int limit) {
    std::vector<Session> all;
    for (const sys::Row& row :
         db.query(fmt::format("{}ORDER BY starts_at DESC, id DESC LIMIT $1", kSessionColumns), {std::int64_t{limit}}))
        all.push_back(session_of(row));
    return all;
}

std::optional<Session> find_open(sys::Reader& db) {
    const auto row = db.find(fmt::format("{}WHERE is_open = 1", kSessionColumns));
    if (!row) return std::nullopt;
    return session_of(*row);
}

void note_opened(sys::Transaction& tx, std::int64_t id, std::string_view source, std::int64_t seats, const By& by) {
    const Session found = load_open_to_change(tx, id);
    if (const auto other = find_open(tx))
        throw Error(Kind::Conflict, other->id == id ? std::string("研修用サイトは、もう準備されています。")
                                                    : fmt::format("{}の研修用サイトを、先に片付けてください。",
                                                                  calendar::format_era_moment(other->starts_at)));
    set_state(tx, found, State::Open, true, by.at, {}, "");
    note(tx, "training.open", subject_of(id),
         {{"course", course_id(found.course)}, {"source", source}, {"seats", seats}}, by);
}

void note_reset(sys::Transaction& tx, std::int64_t id, const By& by) {
    if (!is_site_there(tx, id)) throw Error(Kind::Conflict, "この研修の研修用サイトはありません。");
    note(tx, "training.reset", subject_of(id), {}, by);
}

void note_closed(sys::Transaction& tx, std::int64_t id, const By& by) {
    const Session found = load_session(tx, id);
    if (!is_site_there(tx, id)) return;
    set_state(tx, found, found.state == State::Open ? State::Planned : found.state, false, found.opened_at,
              found.held_at, found.reason);
    note(tx, "training.close", subject_of(id), {}, by);
}

void cancel_session(sys::Transaction& tx, std::int64_t id, std::int64_t version, std::string_view reason,
                    const By& by) {
    const Session found = load_open_to_change(tx, id);
    check_version(found, version);
    check_text(reason, "中止の理由", true);
    if (found.state == State::Open) throw Error(Kind::Conflict, "研修用サイトを片付けてから、中止にしてください。");
    set_state(tx, found, State::Cancelled, false, found.opened_at, {}, reason);
    note(tx, "training.cancel", subject_of(id), {{"reason", reason}}, by);
}

void hold_session(sys::Transaction& tx, std::int64_t id, std::int64_t version, const By& by) {
    const Session found = load_open_to_change(tx, id);
    check_version(found, version);
    if (by.at < found.starts_at) throw Error(Kind::BadInput, "研修が始まってから記録してください。");
    std::int64_t came = 0, absent = 0;
    for (const Attendee& one : list_attendees(tx, id)) {
        if (one.presence == Presence::Expected)
            throw Error(Kind::BadInput, "出欠の決まっていない受講者がいます。全員の出欠を入れてください。");
        ++(one.presence == Presence::Came ? came : absent);
    }
    if (came == 0) throw Error(Kind::BadInput, "出席した受講者がいません。受講者と出欠を入れてください。");
    set_state(tx, found, State::Held, is_site_there(tx, id), found.opened_at, by.at, "");
    note(tx, found.makes_up_for == 0 ? "training.held" : "training.makeup", subject_of(id),
         {{"course", course_id(found.course)},
          {"starts_at", base::format_utc(found.starts_at)},
          {"period", std::to_string(calendar::fiscal_year(base::local_day(found.starts_at)))},
          {"came", came},
          {"absent", absent}},
         by);
}

// --- who comes

std::int64_t add_attendees(sys::Transaction& tx, std::int64_t session, std::string_view lines, const By& by) {
    const Session found = load_open_to_change(tx, session);
    std::int64_t added = 0;
    int number = 0;
    std::set<std::int64_t> taken;
    std::set<std::pair<std::string, std::string>> people;
    for (const Attendee& one : list_attendees(tx, session)) {
        taken.insert(one.seat);
        people.emplace(one.name, one.department);
    }
    if (lines.size() > 100'000) throw Error(Kind::BadInput, "受講者の一覧が大きすぎます。");
    for (const std::string_view raw : base::split(lines, '\n')) {
        ++number;
        const std::string_view line = base::trim(raw);
        if (line.empty()) continue;
        const auto comma = line.find(',');
        const std::string_view name = base::trim(line.substr(0, comma));
        const std::string_view department =
            comma == std::string_view::npos ? std::string_view() : base::trim(line.substr(comma + 1));
        if (name.empty() || base::count_code_points(name) > 60 || base::count_code_points(department) > 100)
            throw Error(
                Kind::BadInput,
                fmt::format("{}行目：氏名（60文字以内）か、氏名と所属をカンマで区切って入れてください。", number));
        if (!people.emplace(name, department).second)
            throw Error(Kind::BadInput, fmt::format("{}行目：{}さんは、もう登録されています。", number, name));
        std::int64_t seat = 1;
        while (taken.contains(seat)) ++seat;  // the lowest free one
        if (seat > found.seats)
            throw Error(Kind::BadInput, fmt::format("{}行目：席の数（{}）を超えます。", number, found.seats));
        insert_attendee(tx, session, name, department, seat);
        taken.insert(seat);
        ++added;
    }
    if (added == 0) throw Error(Kind::BadInput, "受講者を1人以上入れてください。");
    touch(tx, session);
    note(tx, "training.invite", subject_of(session), {{"people", added}}, by);
    return added;
}

std::int64_t add_absentees(sys::Transaction& tx, std::int64_t session, const By& by) {
    const Session found = load_open_to_change(tx, session);
    if (found.makes_up_for == 0) throw Error(Kind::BadInput, "この研修は補講ではありません。");
    std::string lines;
    const auto here = list_attendees(tx, session);
    for (const Attendee& one : list_attendees(tx, found.makes_up_for)) {
        const bool is_here = std::any_of(here.begin(), here.end(), [&](const Attendee& other) {
            return other.name == one.name && other.department == one.department;
        });
        if (one.presence == Presence::Absent && !is_here) lines += fmt::format("{},{}\n", one.name, one.department);
    }
    if (lines.empty()) return 0;
    return add_attendees(tx, session, lines, by);
}

void remove_attendee(sys::Transaction& tx, std::int64_t session, std::int64_t id, const By& by) {
    load_open_to_change(tx, session);
    if (tx.execute("DELETE FROM training_attendee WHERE id = $1 AND session_id = $2", {id, session}) != 1) return;
    touch(tx, session);
    note(tx, "training.uninvite", subject_of(session), {{"attendee", id}}, by);
}

void set_presence(sys::Transaction& tx, std::int64_t session, std::int64_t version,
                  const std::map<std::int64_t, Presence>& presence, const By& by) {
    check_version(load_open_to_change(tx, session), version);
    std::int64_t came = 0;
    for (const auto& [id, value] : presence) {
        tx.execute("UPDATE training_attendee SET presence = $1 WHERE id = $2 AND session_id = $3",
                   {id_of(kPresences, value), id, session});
        came += value == Presence::Came ? 1 : 0;
    }
    touch(tx, session);
    note(tx, "training.attend", subject_of(session), {{"came", came}}, by);
}

std::vector<Attendee> list_attendees(sys::Reader& db, std::int64_t session) {
    std::vector<Attendee> all;
    for (const sys::Row& row :
         db.query(std::string(kAttendeeColumns) + "WHERE session_id = $1 ORDER BY seat, id", {session}))
        all.push_back(attendee_of(row));
    return all;
}

std::vector<Attendee> list_all_attendees(sys::Reader& db, int limit) {
    std::vector<Attendee> all;
    for (const sys::Row& row :
         db.query(std::string(kAttendeeColumns) + "ORDER BY id DESC LIMIT $1", {std::int64_t{limit}}))
        all.push_back(attendee_of(row));
    return all;
}

// --- the survey

void put_answer(sys::Transaction& tx, std::int64_t seat, const Answer& answer, base::Instant at) {
    write_answer(tx, 0, seat, answer, at);
}

std::optional<Answer> find_answer(sys::Reader& db, std::int64_t seat) {
    const auto row = db.find(
        "SELECT understood, useful, pace, words FROM training_answer WHERE session_id = 0 AND seat = $1", {seat});
    if (!row) return std::nullopt;
    return answer_of(*row, 0);
}

std::vector<Answer> list_answers(sys::Reader& db, std::int64_t session) {
    std::vector<Answer> all;
    for (const sys::Row& row :
         db.query("SELECT understood, useful, pace, words FROM training_answer WHERE session_id = $1 ORDER BY seat",
                  {session}))
        all.push_back(answer_of(row, 0));
    return all;
}

std::vector<std::pair<std::int64_t, Answer>> list_answers_by_seat(sys::Reader& db) {
    std::vector<std::pair<std::int64_t, Answer>> all;
    for (const sys::Row& row :
         db.query("SELECT seat, understood, useful, pace, words FROM training_answer WHERE session_id = 0 AND seat "
                  "BETWEEN 1 AND $1 ORDER BY seat",
                  {kMostSeats}))
        all.emplace_back(row.integer(0), answer_of(row, 1));
    return all;
}

void take_answers(sys::Transaction& tx, std::int64_t session, std::span<const std::pair<std::int64_t, Answer>> answers,
                  const By& by) {
    load_session(tx, session);
    for (const auto& [seat, answer] : answers) {
        check_number(seat, 1, kMostSeats, "席");
        write_answer(tx, session, seat, answer, by.at);
    }
    if (!answers.empty())
        note(tx, "training.survey", subject_of(session), {{"answers", static_cast<std::int64_t>(answers.size())}}, by);
}

// --- what the client has agreed to and been given

void set_agreement(sys::Transaction& tx, const Agreement& agreement, const By& by) {
    check_number(agreement.year, 2000, 2200, "年度");
    check_text(agreement.with, "合意した相手", true);
    check_text(agreement.method, "研修の方法", true);
    tx.execute(
        "INSERT INTO training_agreement (fiscal_year, agreed_on, agreed_with, method) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (fiscal_year) DO UPDATE SET agreed_on = excluded.agreed_on, agreed_with = "
        "excluded.agreed_with, method = excluded.method",
        {agreement.year, base::format_day(agreement.agreed_on), agreement.with, agreement.method});
    note(tx, "training.agree", fmt::format("training-year:{}", agreement.year),
         {{"agreed_on", base::format_day(agreement.agreed_on)}, {"with", agreement.with}, {"method", agreement.method}},
         by);
}

std::optional<Agreement> find_agreement(sys::Reader& db, std::int64_t year) {
    const auto row =
        db.find("SELECT agreed_on, agreed_with, method FROM training_agreement WHERE fiscal_year = $1", {year});
    if (!row) return std::nullopt;
    return Agreement{year, base::parse_day(row->text(0)).value(), row->text(1), row->text(2)};
}

std::int64_t add_delivery(sys::Transaction& tx, const Delivery& made, const By& by, std::string_view once) {
    if (const auto before = find_once(tx, "training_delivery", once)) return *before;
    check_text(made.title, "資料の名前", true);
    check_text(made.version, "版", true);
    check_text(made.medium, "媒体", true);
    if (made.hash.size() != 64 || !base::from_hex(made.hash))
        throw Error(Kind::BadInput, "納品したファイルのハッシュ値（SHA-256、64桁）を入れてください。");
    if (made.delivered_at > by.at) throw Error(Kind::BadInput, "納品の日時は、今より前にしてください。");
    const std::int64_t id = tx.insert(
        "INSERT INTO training_delivery (session_id, title, version, medium, hash, delivered_at, received_by, "
        "received_at, once_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
        {made.session, made.title, made.version, made.medium, made.hash, made.delivered_at.milliseconds,
         made.received_by, made.received_by.empty() ? sys::Value(nullptr) : sys::Value(by.at.milliseconds),
         once_value(once)});
    note(tx, "training.deliver", made.session == 0 ? fmt::format("training-delivery:{}", id) : subject_of(made.session),
         {{"title", made.title},
          {"version", made.version},
          {"medium", made.medium},
          {"sha256", made.hash},
          {"received_by", made.received_by}},
         by);
    return id;
}

void note_receipt(sys::Transaction& tx, std::int64_t id, std::string_view received_by, const By& by) {
    check_text(received_by, "受領した人", true);
    if (tx.execute("UPDATE training_delivery SET received_by = $1, received_at = $2 WHERE id = $3 AND received_at IS "
                   "NULL",
                   {std::string(received_by), by.at.milliseconds, id}) != 1)
        throw Error(Kind::Conflict, "受領は、もう記録されています。");
    note(tx, "training.receive", fmt::format("training-delivery:{}", id), {{"received_by", received_by}}, by);
}

std::vector<Delivery> list_deliveries(sys::Reader& db, int limit) {
    std::vector<Delivery> all;
    for (const sys::Row& row :
         db.query("SELECT id, session_id, title, version, medium, hash, delivered_at, received_by, received_at FROM "
                  "training_delivery ORDER BY delivered_at DESC, id DESC LIMIT $1",
                  {std::int64_t{limit}})) {
        Delivery one{row.integer(0), row.integer(1),   row.text(2), row.text(3), row.text(4),
                     row.text(5),    {row.integer(6)}, row.text(7), {}};
        if (const auto at = row.maybe_integer(8)) one.received_at = base::Instant{*at};
        all.push_back(std::move(one));
    }
    return all;
}

}  // namespace training
