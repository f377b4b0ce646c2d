// The helpdesk's acts and lists. Each act writes its ledger line in the same transaction (desk.*, subject
// "question:12"), with the fields that contracts wait for: kind, urgent, channel. A change carries the version that it
// was made from; Error(Conflict) says that somebody else was first, also a new message of the asker.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/calendar/office.h"
#include "ground/sys/database.h"
#include "office/helpdesk/migrations.h"
#include "office/helpdesk/question.h"

namespace helpdesk {

/// Who does it, and when.
struct By {
    std::string who;  ///< "person:12", "system:desk", "mail"
    std::string name;
    base::Instant at;
};

struct NewQuestion {
    Kind kind = Kind::Question;
    bool is_urgent = false;
    Channel channel = Channel::Web;
    std::string title, text;
    Asker asker;
    bool is_referred = false;  ///< the asker may not ask: kept, closed, and no clock runs (desk.refer)
    std::int64_t minutes = 0;  ///< spent on a telephone call
    std::string mail_id = {};
};
/// desk.receive, or desk.refer. Throws Error(BadInput): no title or text, or too long.
QuestionId receive(sys::Transaction& tx, const NewQuestion& made, const By& by);

struct Reply {
    std::string text;
    Channel channel = Channel::Web;  ///< Phone: what was said in a call (desk.answer channel=phone)
    std::int64_t minutes = 0;
    bool asks_back = false;  ///< the asker is asked: the time stands still
    bool closes = false;
    std::string mail_id = {};  ///< of the mail that takes it to the asker
};
/// desk.answer; an answer also accepts. With `closes` desk.close too, under the same rules. Throws Error(BadInput),
/// Error(Conflict).
std::int64_t answer(sys::Transaction& tx, QuestionId id, std::int64_t version, const Reply& reply,
                    const calendar::OfficeCalendar& hours, const By& by);
/// The asker says more: opens a question that waits or is closed (desk.ask). No version: what comes in is taken.
std::int64_t add_asked(sys::Transaction& tx, QuestionId id, const Message& said, const calendar::OfficeCalendar& hours,
                       const By& by);
/// For the helpdesk alone (desk.note).
std::int64_t add_note(sys::Transaction& tx, QuestionId id, std::string_view text, std::int64_t minutes, const By& by);
/// What the program says by itself; no act. Marks the question as told.
std::int64_t add_automatic(sys::Transaction& tx, QuestionId id, std::string_view text, std::string_view mail_id,
                           const By& by);
/// Takes it on, or gives it to somebody else (desk.accept).
void accept(sys::Transaction& tx, QuestionId id, std::int64_t version, base::PersonId assignee, const By& by);
/// A question that was referred is received after all: opened, with its clock from now on (desk.receive). Throws
/// Error(Conflict) when it was not referred.
void take_on(sys::Transaction& tx, QuestionId id, std::int64_t version, const By& by);
/// desk.close. Throws Error(BadInput): it is urgent and no call is recorded (A6.2), or nobody has answered it, or it is
/// a correction or request whose fee is undecided (A2.6).
void close(sys::Transaction& tx, QuestionId id, std::int64_t version, const calendar::OfficeCalendar& hours,
           const By& by);
/// desk.sort; with a kind that it was not before, or newly urgent, desk.receive once more: from now on that clock runs.
void sort(sys::Transaction& tx, QuestionId id, std::int64_t version, Kind kind, bool is_urgent, std::string_view title,
          const By& by);
/// desk.fee: where the line was drawn, by whom and why (A2.6).
void decide_fee(sys::Transaction& tx, QuestionId id, std::int64_t version, Fee fee, std::string_view why, const By& by);
/// "page:12", "incident:3" (desk.link). Linking twice changes nothing.
void link(sys::Transaction& tx, QuestionId id, std::string_view subject, const By& by);

std::optional<Question> find_question(sys::Reader& db, QuestionId id);
Question load_question(sys::Reader& db, QuestionId id);
/// Oldest first.
std::vector<Message> list_messages(sys::Reader& db, QuestionId id);
std::vector<std::string> list_links(sys::Reader& db, QuestionId id);
/// Those that are linked to `subject`, the newest first.
std::vector<Question> list_linked(sys::Reader& db, std::string_view subject);
/// Message ids of its mails, oldest first.
std::vector<std::string> list_mail_ids(sys::Reader& db, QuestionId id);
/// By the id of a mail that it came or went with.
std::optional<QuestionId> find_by_mail(sys::Reader& db, std::string_view mail_id);
/// By its number and token as they stand in a mail's subject.
std::optional<QuestionId> find_by_token(sys::Reader& db, std::string_view token);

struct Filter {
    std::optional<State> state;  ///< nothing: any
    bool only_unclosed = false;
    bool only_new = false;  ///< nobody has taken it on
    base::PersonId assignee, asker;
    std::optional<Kind> kind;
    std::string words;                         ///< in number, title or the asker's name
    std::optional<base::Instant> from, until;  ///< received
    std::int64_t before = 0;
    std::int64_t after = 0;  ///< with `oldest_first`
    bool oldest_first = false;
    int limit = 50;
};
/// Newest first, unless asked otherwise.
std::vector<Question> list_questions(sys::Reader& db, const Filter& filter);

struct Counts {
    std::int64_t open = 0, unaccepted = 0, waiting = 0;
};
Counts count_questions(sys::Reader& db);
/// Automatic messages since then: a bound for what answers by itself. With an address: those to it.
std::int64_t count_automatic(sys::Reader& db, base::Instant since, std::string_view address = {});

// --- mail that came

struct MailRow {
    std::string key;  ///< of its bytes or place, so that it is taken once
    QuestionId question;
    base::Instant at;
    std::string sender, subject;
    std::string outcome;  ///< "reading", "reading-again"; "question", "message", "referred", "automatic", "own",
                          ///< "damaged", and "damaged-seen" when somebody has looked at it
    std::string problem;
};
enum class Claim {
    Take,   ///< it is ours to read now
    Taken,  ///< it was taken before
    Deadly  ///< twice somebody began to read it and did not come to an end: it is left alone from now on
};
/// Before a mail is read, in a transaction of its own, so that one that ends the process ends it twice at most.
Claim claim_mail(sys::Transaction& tx, const MailRow& mail);
/// What became of a claimed mail. False when it is finished already: then nothing of it is to be kept.
bool finish_mail(sys::Transaction& tx, std::string_view key, QuestionId question, std::string_view outcome,
                 std::string_view problem = {});
/// Gives a claim back: it is to be read again as if for the first time.
void unclaim_mail(sys::Transaction& tx, std::string_view key);
/// Who sent it and about what, known once it has been read.
void name_mail(sys::Transaction& tx, std::string_view key, std::string_view sender, std::string_view subject);
/// Newest first.
std::vector<MailRow> list_mails(sys::Reader& db, int limit);
/// Those that became no question: "damaged", "damaged-seen", "automatic". Newest first.
std::vector<MailRow> list_lost_mails(sys::Reader& db, int limit);
/// Damaged mail that nobody has looked at.
std::int64_t count_unseen_damaged(sys::Reader& db);
/// Somebody has looked at the damaged mail that came until then (desk.look).
void see_damaged(sys::Transaction& tx, base::Instant until, const By& by);

/// How far a mailbox has been fetched, and when that last went well.
struct Fetch {
    std::string source;
    std::int64_t validity = 0, last_uid = 0;
    base::Instant tried_at, fetched_at;
    std::string problem;
};
std::optional<Fetch> find_fetch(sys::Reader& db, std::string_view source);
void set_fetch(sys::Transaction& tx, const Fetch& fetch);

}  // namespace helpdesk
