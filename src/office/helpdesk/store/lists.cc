// What is read of questions and messages, and the rows of mail that came.
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "office/helpdesk/store/rows.h"

namespace helpdesk {

namespace {

/// For LIKE, in which % and _ stand for themselves after a backslash.
std::string pattern_of(std::string_view words) {
    std::string pattern = "%";
    for (const char c : words) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern + "%";
}

std::string kept(std::string_view text, std::size_t longest) {
    std::string valid = base::to_valid_utf8(text);
    std::replace(valid.begin(), valid.end(), '\0', ' ');
    return std::string(base::first_code_points(valid, longest));
}

}  // namespace

std::optional<Question> find_question(sys::Reader& db, QuestionId id) {
    const auto row = db.find(fmt::format("SELECT {} FROM desk_question WHERE id = $1", question_columns()), {id.value});
    if (!row) return std::nullopt;
    return read_question(*row);
}

Question load_question(sys::Reader& db, QuestionId id) {
    auto found = find_question(db, id);
    if (!found) throw base::Error(base::Kind::NotFound, "この問合せはありません。");
    return *std::move(found);
}

std::vector<Message> list_messages(sys::Reader& db, QuestionId id) {
    std::vector<Message> messages;
    for (const sys::Row& row :
         db.query("SELECT id, what, channel, made_by, name, made_at, body, minutes, is_automatic, mail_id FROM "
                  "desk_message WHERE question_id = $1 ORDER BY id",
                  {id.value})) {
        Message one;
        one.id = row.integer(0);
        one.question = id;
        for (const What what : {What::Asked, What::Answered, What::Called, What::Note})
            if (what_id(what) == row.text(1)) one.what = what;
        one.channel = find_channel(row.text(2)).value();
        one.by = row.text(3);
        one.name = row.text(4);
        one.at = {row.integer(5)};
        one.text = row.text(6);
        one.minutes = row.integer(7);
        one.is_automatic = row.flag(8);
        one.mail_id = row.text(9);
        messages.push_back(std::move(one));
    }
    return messages;
}

std::vector<std::string> list_links(sys::Reader& db, QuestionId id) {
    std::vector<std::string> links;
    for (const sys::Row& row :
         db.query("SELECT subject FROM desk_link WHERE question_id = $1 ORDER BY subject", {id.value}))
        links.push_back(row.text(0));
    return links;
}

std::vector<Question> list_linked(sys::Reader& db, std::string_view subject) {
    std::vector<Question> found;
    for (const sys::Row& row : db.query(
             fmt::format("SELECT {} FROM desk_question WHERE id IN (SELECT question_id FROM desk_link WHERE subject = "
                         "$1) ORDER BY id DESC LIMIT 100",
                         question_columns()),
             {std::string(subject)}))
        found.push_back(read_question(row));
    return found;
}

std::vector<std::string> list_mail_ids(sys::Reader& db, QuestionId id) {
    std::vector<std::string> ids;
    for (const sys::Row& row :
         db.query("SELECT mail_id FROM desk_message WHERE question_id = $1 AND mail_id <> '' ORDER BY id", {id.value}))
        ids.push_back(row.text(0));
    return ids;
}

std::optional<QuestionId> find_by_mail(sys::Reader& db, std::string_view mail_id) {
    const auto row =
        db.find("SELECT question_id FROM desk_message WHERE mail_id = $1 ORDER BY id LIMIT 1", {std::string(mail_id)});
    if (!row || mail_id.empty()) return std::nullopt;
    return QuestionId{row->integer(0)};
}

std::optional<QuestionId> find_by_token(sys::Reader& db, std::string_view token) {
    const auto row = db.find("SELECT id FROM desk_question WHERE token = $1", {std::string(token)});
    if (!row) return std::nullopt;
    return QuestionId{row->integer(0)};
}

std::vector<Question> list_questions(sys::Reader& db, const Filter& filter) {
    std::string where = "1 = 1";
    std::vector<sys::Value> values;
    const auto add = [&](std::string_view condition, sys::Value value) {
        values.push_back(std::move(value));
        where += " AND " + fmt::format(fmt::runtime(condition), values.size());
    };
    if (filter.state) add("state = ${}", std::string(state_id(*filter.state)));
    if (filter.only_unclosed) where += " AND state <> 'closed'";
    if (filter.only_new) where += " AND state <> 'closed' AND accepted_at IS NULL";
    if (filter.assignee) add("assignee_id = ${}", filter.assignee.value);
    if (filter.asker) add("asker_id = ${}", filter.asker.value);
    if (filter.kind) add("kind = ${}", std::string(kind_id(*filter.kind)));
    if (filter.from) add("received_at >= ${}", filter.from->milliseconds);
    if (filter.until) add("received_at < ${}", filter.until->milliseconds);
    if (filter.before > 0) add("id < ${}", filter.before);
    if (filter.after > 0) add("id > ${}", filter.after);
    if (!filter.words.empty())
        add("(number LIKE ${0} ESCAPE '\\' OR title LIKE ${0} ESCAPE '\\' OR asker_name LIKE ${0} ESCAPE '\\')",
            pattern_of(filter.words));
    values.emplace_back(std::int64_t{filter.limit});
    std::vector<Question> found;
    for (const sys::Row& row :
         db.query(fmt::format("SELECT {} FROM desk_question WHERE {} ORDER BY id {} LIMIT ${}", question_columns(),
                              where, filter.oldest_first ? "" : "DESC", values.size()),
                  values))
        found.push_back(read_question(row));
    return found;
}

Counts count_questions(sys::Reader& db) {
    Counts counts;
    for (const sys::Row& row : db.query("SELECT state, count(*), count(accepted_at) FROM desk_question WHERE state <> "
                                        "'closed' GROUP BY state")) {
        (row.text(0) == "open" ? counts.open : counts.waiting) = row.integer(1);
        counts.unaccepted += row.integer(1) - row.integer(2);
    }
    return counts;
}

std::int64_t count_automatic(sys::Reader& db, base::Instant since, std::string_view address) {
    return db
        .find(
            "SELECT count(*) FROM desk_message m JOIN desk_question q ON q.id = m.question_id WHERE "
            "m.is_automatic = 1 AND m.made_at >= $1 AND ($2 = '' OR lower(q.asker_address) = $2)",
            {since.milliseconds, base::to_lower(address)})
        ->integer(0);
}

Claim claim_mail(sys::Transaction& tx, const MailRow& mail) {
    const auto row = tx.find("SELECT outcome FROM desk_mail WHERE mail_key = $1", {mail.key});
    if (!row) {
        tx.execute(
            "INSERT INTO desk_mail (mail_key, question_id, came_at, sender, subject, outcome) VALUES ($1, 0, $2, $3, "
            "$4, 'reading')",
            {mail.key, mail.at.milliseconds, kept(mail.sender, 300), kept(mail.subject, 300)});
        return Claim::Take;
    }
    if (row->text(0) != "reading" && row->text(0) != "reading-again") return Claim::Taken;
    const bool was_again = row->text(0) == "reading-again";
    tx.execute("UPDATE desk_mail SET outcome = $1, problem = $2 WHERE mail_key = $3",
               {std::string(was_again ? "damaged" : "reading-again"),
                std::string(was_again ? "読み取りの途中で2回止まったため、取り込みません。" : ""), mail.key});
    return was_again ? Claim::Deadly : Claim::Take;
}

bool finish_mail(sys::Transaction& tx, std::string_view key, QuestionId question, std::string_view outcome,
                 std::string_view problem) {
    return tx.execute(
               "UPDATE desk_mail SET question_id = $1, outcome = $2, problem = $3 WHERE mail_key = $4 AND outcome IN "
               "('reading', 'reading-again')",
               {question.value, std::string(outcome), kept(problem, 500), std::string(key)}) == 1;
}

void unclaim_mail(sys::Transaction& tx, std::string_view key) {
    tx.execute("DELETE FROM desk_mail WHERE mail_key = $1 AND outcome IN ('reading', 'reading-again')",
               {std::string(key)});
}

void name_mail(sys::Transaction& tx, std::string_view key, std::string_view sender, std::string_view subject) {
    tx.execute("UPDATE desk_mail SET sender = $1, subject = $2 WHERE mail_key = $3",
               {kept(sender, 300), kept(subject, 300), std::string(key)});
}

namespace {

std::vector<MailRow> read_mails(sys::Reader& db, std::string_view where, int limit) {
    std::vector<MailRow> mails;
    for (const sys::Row& row :
         db.query(fmt::format("SELECT mail_key, question_id, came_at, sender, subject, outcome, problem FROM desk_mail "
                              "{} ORDER BY came_at DESC, mail_key LIMIT $1",
                              where),
                  {std::int64_t{limit}}))
        mails.push_back(
            {row.text(0), {row.integer(1)}, {row.integer(2)}, row.text(3), row.text(4), row.text(5), row.text(6)});
    return mails;
}

}  // namespace

std::vector<MailRow> list_mails(sys::Reader& db, int limit) {
    return read_mails(db, "", limit);
}

std::vector<MailRow> list_lost_mails(sys::Reader& db, int limit) {
    return read_mails(db, "WHERE outcome IN ('damaged', 'damaged-seen', 'automatic')", limit);
}

std::int64_t count_unseen_damaged(sys::Reader& db) {
    return db.find("SELECT count(*) FROM desk_mail WHERE outcome = 'damaged'")->integer(0);
}

void see_damaged(sys::Transaction& tx, base::Instant until, const By& by) {
    const auto seen =
        tx.execute("UPDATE desk_mail SET outcome = 'damaged-seen' WHERE outcome = 'damaged' AND came_at <= $1",
                   {until.milliseconds});
    if (seen > 0) record(tx, "desk.look", "desk:mail", {{"mails", std::int64_t{seen}}}, by);
}

std::optional<Fetch> find_fetch(sys::Reader& db, std::string_view source) {
    const auto row =
        db.find("SELECT validity, last_uid, tried_at, fetched_at, problem FROM desk_fetch WHERE source = $1",
                {std::string(source)});
    if (!row) return std::nullopt;
    return Fetch{std::string(source), row->integer(0),   row->integer(1),
                 {row->integer(2)},   {row->integer(3)}, row->text(4)};
}

void set_fetch(sys::Transaction& tx, const Fetch& fetch) {
    tx.execute(
        "INSERT INTO desk_fetch (source, validity, last_uid, tried_at, fetched_at, problem) VALUES ($1, $2, $3, $4, "
        "$5, $6) ON CONFLICT (source) DO UPDATE SET validity = excluded.validity, last_uid = excluded.last_uid, "
        "tried_at = excluded.tried_at, fetched_at = excluded.fetched_at, problem = excluded.problem",
        {fetch.source, fetch.validity, fetch.last_uid, fetch.tried_at.milliseconds, fetch.fetched_at.milliseconds,
         kept(fetch.problem, 500)});
}

}  // namespace helpdesk
