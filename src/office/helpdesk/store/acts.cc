// The acts on questions. Every one reads the question in its transaction, decides, writes and records.
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "office/helpdesk/clocks.h"
#include "office/helpdesk/store/rows.h"
#include "office/records/store.h"

namespace helpdesk {

using base::Error;

namespace {

constexpr std::size_t kLongestName = 200;

std::int64_t need_minutes(std::int64_t minutes) {
    if (minutes < 0 || minutes > kMostMinutes)
        throw Error(base::Kind::BadInput, fmt::format("作業時間は0分から{}分までで入れてください。", kMostMinutes));
    return minutes;
}

std::int64_t add_message(sys::Transaction& tx, const Message& made) {
    return tx.insert(
        "INSERT INTO desk_message (question_id, what, channel, made_by, name, made_at, body, minutes, is_automatic, "
        "mail_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
        {made.question.value, std::string(what_id(made.what)), std::string(channel_id(made.channel)), made.by,
         made.name, made.at.milliseconds, made.text, made.minutes, std::int64_t{made.is_automatic ? 1 : 0},
         made.mail_id});
}

Message message_of(QuestionId id, What what, Channel channel, std::string text, const By& by) {
    Message made;
    made.question = id;
    made.what = what;
    made.channel = channel;
    made.by = by.who;
    made.name = by.name;
    made.at = by.at;
    made.text = std::move(text);
    return made;
}

/// It waits no longer, for whatever reason; what it has waited stays.
void end_wait(Question& one, const calendar::OfficeCalendar& hours, base::Instant now) {
    one.waited_minutes += waited_since(one, hours, now);
    one.waiting_since.reset();
}

bool has_call(sys::Reader& db, QuestionId id) {
    return db.find("SELECT id FROM desk_message WHERE question_id = $1 AND what = 'called' LIMIT 1", {id.value})
        .has_value();
}

void need_open(const Question& one) {
    if (one.state == State::Closed) throw Error(base::Kind::Conflict, "この問合せは、もう完了しています。");
}

/// The rules of closing, and the act.
void finish(sys::Transaction& tx, Question& one, const calendar::OfficeCalendar& hours, const By& by) {
    need_open(one);
    if (!one.answered_at) throw Error(base::Kind::BadInput, "まだ回答していません。回答してから完了してください。");
    if (one.is_urgent && !has_call(tx, one.id))
        throw Error(base::Kind::BadInput,
                    "急ぎの問合せは、電話で伝えた記録を付けてから完了してください（「電話で伝えた」を記録します）。");
    if ((one.kind == Kind::Correction || one.kind == Kind::Request) && one.fee == Fee::Undecided)
        throw Error(base::Kind::BadInput,
                    "契約の範囲内（軽微）か別途かを決めてから完了してください。決めた理由も記録します。");
    end_wait(one, hours, by.at);
    one.state = State::Closed;
    one.closed_at = by.at;
    record(tx, "desk.close", one.subject(),
           {{"number", one.number},
            {"kind", std::string(kind_id(one.kind))},
            {"minutes", one.minutes},
            {"fee", std::string(fee_id(one.fee))}},
           by);
}

void record_receipt(sys::Transaction& tx, const Question& one, std::string_view why, const By& by) {
    record(tx, one.is_referred ? "desk.refer" : "desk.receive", one.subject(),
           {{"number", one.number},
            {"kind", std::string(kind_id(one.kind))},
            {"urgent", one.is_urgent},
            {"channel", std::string(channel_id(one.channel))},
            {"because", std::string(why)}},
           by);
}

}  // namespace

QuestionId receive(sys::Transaction& tx, const NewQuestion& made, const By& by) {
    Question one;
    one.title = need_text(made.title, "件名", kLongestTitle);
    const std::string text = need_text(made.text, "内容", kLongestText);
    one.asker.name = need_text(made.asker.name, "お名前", kLongestName);
    one.asker.address = need_text(made.asker.address, "メールアドレス", 254, true);
    one.asker.phone = need_text(made.asker.phone, "電話番号", 60, true);
    one.number = records::take_number(tx, "question", by.at);
    one.kind = made.kind;
    one.is_urgent = made.is_urgent;
    one.channel = made.channel;
    one.is_referred = made.is_referred;
    one.id = {tx.insert(
        "INSERT INTO desk_question (number, token, kind, is_urgent, channel, state, title, asker_id, asker_name, "
        "asker_address, asker_phone, is_referred, received_at, minutes) VALUES ($1, $2, $3, $4, $5, 'open', $6, $7, "
        "$8, $9, $10, $11, $12, $13) RETURNING id",
        {one.number, base::to_hex(sys::random_bytes(5)), std::string(kind_id(one.kind)),
         std::int64_t{one.is_urgent ? 1 : 0}, std::string(channel_id(one.channel)), one.title, made.asker.person.value,
         one.asker.name, one.asker.address, one.asker.phone, std::int64_t{made.is_referred ? 1 : 0}, by.at.milliseconds,
         need_minutes(made.minutes)})};
    if (made.is_referred)
        tx.execute("UPDATE desk_question SET state = 'closed', closed_at = $1 WHERE id = $2",
                   {by.at.milliseconds, one.id.value});
    Message first = message_of(one.id, What::Asked, made.channel, text, {by.who, one.asker.name, by.at});
    first.mail_id = made.mail_id;
    first.minutes = made.minutes;
    add_message(tx, first);
    record_receipt(tx, one, "", by);
    return one.id;
}

std::int64_t answer(sys::Transaction& tx, QuestionId id, std::int64_t version, const Reply& reply,
                    const calendar::OfficeCalendar& hours, const By& by) {
    Question one = load_version(tx, id, version);
    const bool is_call = reply.channel == Channel::Phone;
    Message said = message_of(id, is_call ? What::Called : What::Answered, reply.channel,
                              need_text(reply.text, is_call ? "電話で伝えたこと" : "回答", kLongestText), by);
    said.minutes = need_minutes(reply.minutes);
    said.mail_id = reply.mail_id;
    const std::int64_t message = add_message(tx, said);
    one.minutes += said.minutes;
    if (!one.accepted_at) one.accepted_at = by.at;
    if (!one.answered_at) one.answered_at = by.at;
    record(tx, "desk.answer", one.subject(),
           {{"number", one.number}, {"channel", std::string(channel_id(reply.channel))}, {"minutes", reply.minutes}},
           by);
    if (reply.closes) {
        finish(tx, one, hours, by);
    } else if (one.state != State::Closed) {
        end_wait(one, hours, by.at);
        one.state = reply.asks_back ? State::Waiting : State::Open;
        if (reply.asks_back) one.waiting_since = by.at;
    }
    save(tx, one);
    return message;
}

std::int64_t add_asked(sys::Transaction& tx, QuestionId id, const Message& said, const calendar::OfficeCalendar& hours,
                       const By& by) {
    Question one = load_question(tx, id);
    Message made = message_of(id, What::Asked, said.channel, need_text(said.text, "内容", kLongestText), by);
    made.mail_id = said.mail_id;
    const std::int64_t message = add_message(tx, made);
    const bool was_closed = one.state == State::Closed;
    if (!one.is_referred) {  // that one stays as it is
        end_wait(one, hours, by.at);
        if (was_closed && one.closed_at)
            one.waited_minutes += std::chrono::duration_cast<std::chrono::minutes>(
                                      calendar::business_time_between(hours, *one.closed_at, by.at))
                                      .count();
        one.state = State::Open;
        one.closed_at.reset();
    }
    record(tx, "desk.ask", one.subject(),
           {{"number", one.number},
            {"channel", std::string(channel_id(said.channel))},
            {"reopened", was_closed && !one.is_referred}},
           by);
    save(tx, one);
    return message;
}

std::int64_t add_note(sys::Transaction& tx, QuestionId id, std::string_view text, std::int64_t minutes, const By& by) {
    Question one = load_question(tx, id);
    Message made = message_of(id, What::Note, Channel::Web, need_text(text, "内部メモ", kLongestText), by);
    made.minutes = need_minutes(minutes);
    const std::int64_t message = add_message(tx, made);
    one.minutes += made.minutes;
    record(tx, "desk.note", one.subject(), {{"number", one.number}, {"minutes", minutes}}, by);
    save(tx, one);
    return message;
}

std::int64_t add_automatic(sys::Transaction& tx, QuestionId id, std::string_view text, std::string_view mail_id,
                           const By& by) {
    Message made = message_of(id, What::Answered, mail_id.empty() ? Channel::Web : Channel::Mail,
                              need_text(text, "回答", kLongestText), by);
    made.is_automatic = true;
    made.mail_id = mail_id;
    tx.execute("UPDATE desk_question SET was_told = 1 WHERE id = $1", {id.value});
    return add_message(tx, made);
}

void accept(sys::Transaction& tx, QuestionId id, std::int64_t version, base::PersonId assignee, const By& by) {
    Question one = load_version(tx, id, version);
    need_open(one);
    one.assignee = assignee;
    if (!one.accepted_at) one.accepted_at = by.at;
    record(tx, "desk.accept", one.subject(), {{"number", one.number}, {"assignee", assignee.value}}, by);
    save(tx, one);
}

void take_on(sys::Transaction& tx, QuestionId id, std::int64_t version, const By& by) {
    Question one = load_version(tx, id, version);
    if (!one.is_referred) throw Error(base::Kind::Conflict, "この問合せは、もう受け付けています。");
    one.is_referred = false;
    one.state = State::Open;
    one.closed_at.reset();
    tx.execute("UPDATE desk_question SET is_referred = 0, received_at = $1 WHERE id = $2",
               {by.at.milliseconds, id.value});
    record_receipt(tx, one, "taken-on", by);
    save(tx, one);
}

void close(sys::Transaction& tx, QuestionId id, std::int64_t version, const calendar::OfficeCalendar& hours,
           const By& by) {
    Question one = load_version(tx, id, version);
    finish(tx, one, hours, by);
    save(tx, one);
}

void sort(sys::Transaction& tx, QuestionId id, std::int64_t version, Kind kind, bool is_urgent, std::string_view title,
          const By& by) {
    Question one = load_version(tx, id, version);
    need_open(one);
    const bool was_urgent = one.is_urgent;
    const bool starts_clock = kind != one.kind || (is_urgent && !one.is_urgent);
    one.title = need_text(title, "件名", kLongestTitle);
    one.kind = kind;
    one.is_urgent = is_urgent;
    if (starts_clock) record_receipt(tx, one, "sorted", by);
    // Whoever has it already has it as what it is now: the clock of taking it on does not run.
    if (starts_clock && one.accepted_at)
        record(tx, "desk.accept", one.subject(), {{"number", one.number}, {"assignee", one.assignee.value}}, by);
    if (!starts_clock || was_urgent != is_urgent)
        record(tx, "desk.sort", one.subject(), {{"number", one.number}, {"urgent", is_urgent}}, by);
    save(tx, one);
}

void decide_fee(sys::Transaction& tx, QuestionId id, std::int64_t version, Fee fee, std::string_view why,
                const By& by) {
    Question one = load_version(tx, id, version);
    if (fee == Fee::Undecided) throw Error(base::Kind::BadInput, "契約の範囲内（軽微）か別途かを選んでください。");
    one.fee = fee;
    one.fee_why = need_text(why, "理由", 1000);
    one.fee_by = by.who;
    one.fee_at = by.at;
    record(tx, "desk.fee", one.subject(),
           {{"number", one.number}, {"fee", std::string(fee_id(fee))}, {"reason", one.fee_why}}, by);
    save(tx, one);
}

void link(sys::Transaction& tx, QuestionId id, std::string_view subject, const By& by) {
    const Question one = load_question(tx, id);
    if (tx.execute("INSERT INTO desk_link (question_id, subject) VALUES ($1, $2) ON CONFLICT (question_id, subject) DO "
                   "NOTHING",
                   {id.value, std::string(subject)}) == 1)
        record(tx, "desk.link", one.subject(), {{"number", one.number}, {"to", std::string(subject)}}, by);
}

}  // namespace helpdesk
