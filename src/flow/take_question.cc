#include "flow/take_question.h"

#include "flow/attach_file.h"
#include "flow/notify.h"
#include "flow/notify/tell.h"
#include "flow/office_hours.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/mail/mail.h"
#include "ground/mail/outbox.h"
#include "ground/people/accounts.h"
#include "ground/sys/crypto.h"
#include "office/helpdesk/answers.h"
#include "office/incidents/incident.h"
#include "office/records/store.h"

namespace flow {

namespace {

using base::Error;
using helpdesk::By;
using helpdesk::Question;
using namespace std::chrono_literals;

constexpr std::string_view kSubjectStart = "【問合せ ";
constexpr std::string_view kSubjectEnd = "】";
constexpr std::string_view kProgram = "system:desk";
constexpr std::size_t kMostFiles = 20;
constexpr std::int64_t kMostToOne = 5;   // automatic messages to one address in a day
constexpr std::int64_t kMostToAll = 60;  // and to all in an hour
constexpr int kMostNames = 10;           // of site administrators

std::string duty_hours(const calendar::OfficeCalendar& hours) {
    return fmt::format("{}:{:02}から{}:{:02}まで", hours.opens / 60, hours.opens % 60, hours.closes / 60,
                       hours.closes % 60);
}

std::string names_of_administrators(sys::Reader& db, base::Instant now) {
    people::PeopleQuery query;
    query.role = people::Role::SiteAdministrator;
    query.state = people::PersonState::Active;
    query.on = base::local_day(now);
    query.limit = kMostNames;
    std::vector<std::string> names;
    for (const people::Person& person : people::list_people(db, query)) names.push_back(one_line(person.name) + "さん");
    return base::join(names, "、");
}

/// What the program says at once.
std::string automatic_text(Site& site, sys::Reader& db, const Question& question) {
    const base::Instant now = question.received_at;
    const calendar::OfficeCalendar hours = helpdesk_hours_of(site.settings);
    if (question.is_referred && question.asker.person)
        return fmt::format(
            "お問い合わせありがとうございます。\nこの窓口へのお問い合わせは、サイト管理者を通してお願いしています。\n"
            "お手数ですが、次のサイト管理者にご相談ください。\n\nサイト管理者：{}\n",
            names_of_administrators(db, now));
    if (question.is_referred)  // nobody in the books: no names of staff for strangers
        return fmt::format(
            "お問い合わせありがとうございます。\nこの窓口は、{}の職員のうちサイト管理者のためのものです。\n"
            "職員の方はサイト管理者を通して、そのほかの方は市の担当課へお問い合わせください。\n",
            one_line(site.settings.site.name));
    std::string text = fmt::format("お問い合わせを受け付けました。\n受付番号：{}\n件名：{}\n", question.number,
                                   one_line(question.title));
    if (calendar::is_open_at(hours, now) || question.is_urgent) {
        const auto due = helpdesk::clocks_of(question, hours, desk_limits(site.settings), now).due;
        text += fmt::format("{}までに、最初の回答をします。\n", time_text(due));
    } else {
        text += fmt::format(
            "ただいまは受付時間外です。次の受付時間から対応します。\n受付時間：月曜日から金曜日の{}"
            "（祝日・年末年始を除く）\n",
            duty_hours(hours));
    }
    if (const std::string& phone = site.settings.helpdesk.emergency_phone;
        !phone.empty() && (question.is_urgent || !calendar::is_open_at(hours, now)))
        text += fmt::format("お急ぎのときは、こちらへお電話ください：{}\n", one_line(phone));
    return text;
}

/// A letter of the helpdesk, in the thread of the question. Returns its Message-ID; empty: nobody to write to.
std::string queue_letter(sys::Transaction& tx, Site& site, const Question& question, const std::string& text,
                         mail::Author author, base::Instant now) {
    if (!mail::is_address(question.asker.address) || !is_mail_on(site.settings)) return {};
    const std::string& own = site.settings.helpdesk.address;
    mail::Mailbox from = mail::find_mailbox(own.empty() ? site.settings.mail.from : own)
                             .value_or(mail::find_mailbox(site.settings.mail.from).value());
    if (from.name.empty()) from.name = site.settings.site.name + " ヘルプデスク";
    mail::NewLetter letter;
    letter.thread.token = fmt::format("desk.{}", base::to_hex(sys::random_bytes(12)));
    letter.key = "desk:" + letter.thread.token;
    letter.person = question.asker.person;
    letter.name = one_line(question.asker.name);
    letter.address = question.asker.address;
    letter.subject = one_line(thread_subject(question));
    letter.text = fmt::format("{}\n--\n{} ヘルプデスク\nこのメールにそのまま返信できます。\n", text,
                              one_line(site.settings.site.name));
    letter.thread.from = fmt::format("{} <{}>", one_line(from.name), from.address);
    letter.thread.references = helpdesk::list_mail_ids(tx, question.id);
    if (!letter.thread.references.empty()) letter.thread.answers = letter.thread.references.back();
    letter.thread.author = author;
    mail::queue(tx, letter, now);
    return fmt::format("<{}@{}>", letter.thread.token, from.address.substr(from.address.rfind('@') + 1));
}

Sender sender_of(const FromMail* mail) {
    return mail != nullptr ? Sender::OutsideMail : Sender::Staff;
}

/// Bytes before the transaction; a file that is refused costs itself. Throws Error(Unavailable).
std::vector<records::NewFile> keep_files(Site& site, const std::vector<SentFile>& files, const By& by, Sender sender,
                                         std::vector<std::string>& lost) {
    std::vector<records::NewFile> kept;
    for (const SentFile& file : files) {
        if (kept.size() >= kMostFiles) {
            lost.push_back(fmt::format("{}：ファイルは{}個までです。", one_line(file.name), kMostFiles));
            continue;
        }
        try {
            kept.push_back(
                keep_file(site, "question:0", file.name.empty() ? "file" : file.name, file.bytes, by.who, sender));
        } catch (const Error& error) {
            if (error.kind() == base::Kind::Unavailable) throw;  // a scanner that is away: later
            lost.push_back(fmt::format("{}：{}", one_line(file.name), error.message()));
        }
    }
    return kept;
}

void attach_all(sys::Transaction& tx, const Question& question, std::vector<records::NewFile> kept,
                const std::vector<std::string>& lost, const By& by) {
    for (records::NewFile& file : kept) {
        file.subject = question.subject();
        records::attach(tx, file);
    }
    if (lost.empty()) return;
    helpdesk::add_note(tx, question.id, "受け取れなかった添付ファイル\n" + base::join(lost, "\n"), 0,
                       {std::string(kProgram), "ヘルプデスク", by.at});
}

void tell_asker(sys::Transaction& tx, Site& site, const Question& question, base::Instant now) {
    const std::string& address = question.asker.address;
    if (helpdesk::count_automatic(tx, now - 1h) >= kMostToAll) return;
    if (!address.empty() && helpdesk::count_automatic(tx, now - 24h, address) >= kMostToOne) return;
    const std::string text = automatic_text(site, tx, question);
    const std::string mail_id = queue_letter(tx, site, question, text, mail::Author::ProgramReply, now);
    helpdesk::add_automatic(tx, question.id, text, mail_id, {std::string(kProgram), "ヘルプデスク（自動）", now});
}

}  // namespace

helpdesk::Limits desk_limits(const settings::Settings& settings) {
    helpdesk::Limits limits;
    limits.first = std::chrono::hours(settings.helpdesk.first_answer_hours);
    limits.solution = std::chrono::hours(settings.helpdesk.solution_hours);
    return limits;
}

bool may_ask(sys::Reader& db, const people::Actor& actor) {
    return actor.is_active &&
           (people::may_somewhere(actor, people::Act::DeskAsk) || helpdesk::is_allowed(db, actor.person));
}

std::optional<people::Person> find_person_by_mail(sys::Reader& db, std::string_view address) {
    if (!mail::is_address(address)) return std::nullopt;
    people::PeopleQuery query;
    query.words = address;
    query.state = people::PersonState::Active;
    std::optional<people::Person> found;
    for (people::Person& person : people::list_people(db, query)) {
        if (!base::equals_ignoring_case(person.mail, address)) continue;
        if (found) return std::nullopt;
        found = std::move(person);
    }
    return found;
}

TakenQuestion take_question(Site& site, const helpdesk::NewQuestion& made, const std::vector<SentFile>& files,
                            const By& by, const FromMail* mail) {
    TakenQuestion taken;
    const auto kept = keep_files(site, files, by, sender_of(mail), taken.lost_files);
    const auto refused = [&](sys::Reader& db) {
        if (!made.asker.person) return true;
        return !may_ask(db, people::load_actor(db, made.asker.person, by.at));
    };
    site.database->write([&](sys::Transaction& tx) {
        helpdesk::NewQuestion one = made;
        // Not what the helpdesk itself writes down of a call, nor a fault, nor what comes while the office is down.
        const bool is_taken_from_all = one.channel == helpdesk::Channel::Phone ||
                                       one.channel == helpdesk::Channel::Form || one.kind == helpdesk::Kind::Fault;
        one.is_referred = !is_taken_from_all && refused(tx);
        if (one.is_referred) one.is_urgent = false;
        taken.is_referred = one.is_referred;
        taken.id = helpdesk::receive(tx, one, by);
        if (mail != nullptr &&
            !helpdesk::finish_mail(tx, mail->key, taken.id, one.is_referred ? "referred" : "question"))
            throw Error(base::Kind::Conflict, "このメールは、もう取り込まれています。");
        const Question question = helpdesk::load_question(tx, taken.id);
        attach_all(tx, question, kept, taken.lost_files, by);
        if (one.channel != helpdesk::Channel::Phone && (mail == nullptr || mail->is_answered))
            tell_asker(tx, site, question, by.at);
    });
    return taken;
}

std::vector<std::string> take_more(Site& site, helpdesk::QuestionId id, const helpdesk::Message& said,
                                   const std::vector<SentFile>& files, const By& by, const FromMail* mail) {
    std::vector<std::string> lost;
    const auto kept = keep_files(site, files, by, sender_of(mail), lost);
    const calendar::OfficeCalendar hours = helpdesk_hours_of(site.settings);
    site.database->write([&](sys::Transaction& tx) {
        if (mail != nullptr && !helpdesk::finish_mail(tx, mail->key, id, "message"))
            throw Error(base::Kind::Conflict, "このメールは、もう取り込まれています。");
        helpdesk::add_asked(tx, id, said, hours, by);
        attach_all(tx, helpdesk::load_question(tx, id), kept, lost, by);
    });
    return lost;
}

void answer_question(Site& site, helpdesk::QuestionId id, std::int64_t version, helpdesk::Reply reply, const By& by) {
    const calendar::OfficeCalendar hours = helpdesk_hours_of(site.settings);
    site.database->write([&](sys::Transaction& tx) {
        helpdesk::Reply said = reply;
        if (said.channel != helpdesk::Channel::Phone) {
            const Question question = helpdesk::load_question(tx, id);
            said.channel =
                question.channel == helpdesk::Channel::Web ? helpdesk::Channel::Web : helpdesk::Channel::Mail;
            if (question.version == version) {
                said.mail_id = queue_letter(tx, site, question,
                                            fmt::format("{}さん\n\n{}\n\n回答：{}", one_line(question.asker.name),
                                                        said.text, one_line(by.name)),
                                            mail::Author::Person, by.at);
                if (said.channel == helpdesk::Channel::Mail && said.mail_id.empty())
                    throw Error(base::Kind::BadInput,
                                "この質問者にはメールを送れません（メールアドレスがないか、メールを送らない設定です）。"
                                "電話で伝えて、「電話で伝えた」に記録してください。");
            }
        }
        helpdesk::answer(tx, id, version, said, hours, by);
    });
}

std::int64_t open_incident(Site& site, helpdesk::QuestionId id, const By& by) {
    return site.database->write([&](sys::Transaction& tx) {
        const Question question = helpdesk::load_question(tx, id);
        incidents::NewIncident made;
        made.title = base::first_code_points(question.title, incidents::kLongestTitle);
        made.occurred_at = made.detected_at = question.received_at;
        made.found = "call";
        made.reporter = question.asker.name;
        for (const helpdesk::Message& message : helpdesk::list_messages(tx, id))
            if (message.what == helpdesk::What::Asked && made.symptom.empty())
                made.symptom = std::string(base::first_code_points(message.text, 1000));
        made.once = question.subject();
        made.severity = question.is_urgent ? 3 : 2;
        const incidents::Incident incident = incidents::open(tx, made, {by.who, by.at});
        helpdesk::link(tx, id, fmt::format("incident:{}", incident.id.value), by);
        return incident.id.value;
    });
}

std::string thread_subject(const Question& question) {
    return fmt::format("{}{} {}{}{}", kSubjectStart, question.number, question.token, kSubjectEnd,
                       base::first_code_points(question.title, 60));
}

std::string token_of_subject(std::string_view subject) {
    const std::size_t start = subject.find(kSubjectStart);
    if (start == std::string_view::npos) return {};
    const std::string_view rest = subject.substr(start + kSubjectStart.size());
    const std::string_view inside = rest.substr(0, rest.find(kSubjectEnd));
    const std::size_t blank = inside.rfind(' ');
    if (blank == std::string_view::npos || inside.size() == rest.size()) return {};
    const std::string_view token = inside.substr(blank + 1);
    const bool is_plain = token.size() == 10 && token.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    return is_plain ? std::string(token) : std::string();
}

}  // namespace flow
