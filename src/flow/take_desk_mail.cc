#include "flow/take_desk_mail.h"

#include <algorithm>

#include "flow/notify/tell.h"
#include "flow/office_hours.h"
#include "flow/take_question.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/mail/mail.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "ground/sys/log.h"
#include "office/helpdesk/store.h"
#include "office/mailbox/fetch.h"
#include "office/mailbox/letter.h"

namespace flow {

namespace {

using base::Error;
using helpdesk::By;
using mailbox::Letter;

constexpr std::size_t kMostAtOnce = 100;  // mails of one turn; the rest comes with the next
constexpr std::string_view kProgram = "system:desk";

bool is_own(const Site& site, std::string_view address) {
    for (const std::string& own : {site.settings.helpdesk.address, site.settings.mail.from})
        if (const auto box = mail::find_mailbox(own); box && base::equals_ignoring_case(box->address, address))
            return true;
    return false;
}

/// Whose thread it continues: by what it answers, else by the words in its subject. Only the asker and people in the
/// books go on with a question; from anybody else it is a new one.
std::optional<helpdesk::QuestionId> find_thread(sys::Reader& db, const Letter& letter) {
    std::optional<helpdesk::QuestionId> found;
    for (auto id = letter.references.rbegin(); id != letter.references.rend() && !found; ++id)
        found = helpdesk::find_by_mail(db, *id);
    if (!found)
        if (const std::string token = token_of_subject(letter.subject); !token.empty())
            found = helpdesk::find_by_token(db, token);
    if (!found || !letter.automatic.empty()) return found;
    const auto question = helpdesk::load_question(db, *found);
    if (base::equals_ignoring_case(question.asker.address, letter.from_address) ||
        find_person_by_mail(db, letter.from_address))
        return found;
    return std::nullopt;
}

std::string take_letter(Site& site, const std::string& key, const Letter& letter, base::Instant now) {
    const auto person =
        site.database->read([&](sys::Reader& db) { return find_person_by_mail(db, letter.from_address); });
    std::string sender = person ? person->name : one_line(letter.from_name);
    if (sender.empty()) sender = "（差出人不明）";
    const By by{"mail", sender, now};
    const auto thread = site.database->read([&](sys::Reader& db) { return find_thread(db, letter); });
    const auto finish = [&](std::string_view outcome, std::string_view why, std::string_view note) {
        site.database->write([&](sys::Transaction& tx) {
            if (!helpdesk::finish_mail(tx, key, thread.value_or(helpdesk::QuestionId{}), outcome, why)) return;
            if (thread && !note.empty())
                helpdesk::add_note(tx, *thread, note, 0, {std::string(kProgram), "ヘルプデスク", now});
        });
        return std::string(outcome);
    };
    if (is_own(site, letter.from_address)) return finish("own", "", "");
    // An absence notice that only its subject gives away may be a question about absence notices, unless it answers us.
    // A department's list may be the sender's way to us: what names us is for us.
    const bool is_list = letter.automatic == "list" || letter.automatic == "precedence";
    const bool names_us =
        std::any_of(letter.to.begin(), letter.to.end(), [&](const std::string& each) { return is_own(site, each); });
    if (!letter.automatic.empty() && (thread || letter.automatic != "subject") && !(is_list && names_us))
        return finish("automatic", letter.automatic,
                      fmt::format("自動のメールが届きました（{}）：{}\n{}", sender, letter.subject,
                                  base::first_code_points(letter.text, 1000)));
    std::vector<SentFile> files;
    for (const mailbox::Part& part : letter.files) files.push_back({part.name, part.bytes});
    std::string text = letter.text;
    if (text.empty()) text = "（本文がありません）";
    if (letter.was_cut)
        text = std::string(base::first_code_points(text, helpdesk::kLongestText - 50)) +
               "\n（長いため、続きを省きました）";
    const FromMail mail{key, letter.automatic.empty()};
    if (thread) {
        helpdesk::Message said;
        said.text = text;
        said.channel = helpdesk::Channel::Mail;
        said.mail_id = letter.message_id;
        take_more(site, *thread, said, files, by, &mail);
        return "message";
    }
    helpdesk::NewQuestion made;
    made.channel = helpdesk::Channel::Mail;
    made.title = base::trim(letter.subject).empty() ? "（件名なし）" : letter.subject;
    made.text = text;
    made.mail_id = letter.message_id;
    made.asker.name = sender;
    made.asker.address = letter.from_address;
    if (person) made.asker.person = person->id;
    return take_question(site, made, files, by, &mail).is_referred ? "referred" : "question";
}

/// A mail that is not read at all.
void note_unread(Site& site, const std::string& key, std::string_view problem) {
    site.database->write([&](sys::Transaction& tx) {
        helpdesk::MailRow row;
        row.key = key;
        row.at = site.clock.now();
        if (helpdesk::claim_mail(tx, row) == helpdesk::Claim::Take)
            helpdesk::finish_mail(tx, key, {}, "damaged", problem);
    });
}

mailbox::Server mailbox_of(const settings::Settings& settings) {
    mailbox::Server server;
    server.url = settings.helpdesk.imap_url;
    server.user = settings.helpdesk.imap_user;
    server.password = settings.helpdesk.imap_password;
    if (const std::string& file = settings.helpdesk.imap_password_file; !file.empty())
        server.password = std::string(base::trim(sys::read_file(settings.resolve(file), 64U << 10U)));
    if (!settings.helpdesk.imap_ca_file.empty())
        server.ca_file = settings.resolve(settings.helpdesk.imap_ca_file).string();
    server.tls = settings.helpdesk.imap_tls == "required" ? mailbox::Tls::Required
                 : settings.helpdesk.imap_tls == "none"   ? mailbox::Tls::None
                                                          : mailbox::Tls::Auto;
    return server;
}

}  // namespace

std::string take_desk_mail(Site& site, std::string_view bytes) {
    const base::Instant now = site.clock.now();
    helpdesk::MailRow row;
    row.key = "sha256:" + sys::sha256(bytes).hex();
    row.at = now;
    const auto claim = site.database->write([&](sys::Transaction& tx) { return helpdesk::claim_mail(tx, row); });
    if (claim == helpdesk::Claim::Taken) return {};
    if (claim == helpdesk::Claim::Deadly) return "damaged";
    try {
        const Letter letter = mailbox::read_letter(bytes);
        site.database->write([&](sys::Transaction& tx) {
            helpdesk::name_mail(tx, row.key, fmt::format("{} <{}>", one_line(letter.from_name), letter.from_address),
                                letter.subject);
        });
        return take_letter(site, row.key, letter, now);
    } catch (const Error& error) {
        // What passes (a database or scanner that is away, somebody who was first) is tried again with the next fetch;
        // what lies in the mail costs the mail.
        const bool passes = error.kind() == base::Kind::Unavailable || error.kind() == base::Kind::Conflict;
        site.database->write([&](sys::Transaction& tx) {
            if (passes)
                helpdesk::unclaim_mail(tx, row.key);
            else
                helpdesk::finish_mail(tx, row.key, {}, "damaged", error.message());
        });
        if (passes) throw;
        return "damaged";
    }
}

FetchedMail fetch_desk_mail(Site& site, const std::function<bool()>& is_stopped) {
    FetchedMail fetched;
    if (site.settings.helpdesk.imap_url.empty()) return fetched;
    const auto most = static_cast<std::size_t>(site.settings.helpdesk.largest_mail_mb) << 20U;
    helpdesk::Fetch state = site.database->read([](sys::Reader& db) { return helpdesk::find_fetch(db, kDeskMailbox); })
                                .value_or(helpdesk::Fetch{std::string(kDeskMailbox), 0, 0, {}, {}, ""});
    const auto keep = [&] { site.database->write([&](sys::Transaction& tx) { helpdesk::set_fetch(tx, state); }); };
    state.tried_at = site.clock.now();
    try {
        mailbox::Mailbox mailbox(mailbox_of(site.settings), is_stopped);
        // A mailbox that was made anew numbers its mails anew; what was taken is known by its bytes.
        if (const std::int64_t validity = mailbox.validity(); validity != state.validity)
            state.validity = validity, state.last_uid = 0;
        for (const mailbox::Entry& entry : mailbox.list_after(state.last_uid, kMostAtOnce)) {
            if (is_stopped && is_stopped()) break;
            const std::string place = fmt::format("uid:{}:{}", state.validity, entry.uid);
            try {
                if (entry.bytes > static_cast<std::int64_t>(most))
                    throw Error(base::Kind::BadInput, fmt::format("メールが{}MBをこえるため、取り込みません。",
                                                                  site.settings.helpdesk.largest_mail_mb));
                take_desk_mail(site, mailbox.fetch(entry.uid, most));
            } catch (const Error& error) {
                if (error.kind() != base::Kind::BadInput) throw;
                note_unread(site, place, error.message());
            }
            ++fetched.taken;
            state.last_uid = entry.uid;
            keep();
        }
        state.fetched_at = site.clock.now();
        state.problem.clear();
    } catch (const Error& error) {
        if (error.kind() == base::Kind::Bug) throw;
        state.problem = fetched.problem = error.message();
        sys::log(sys::Level::Warning, "the helpdesk's mail cannot be fetched", {{"problem", error.message()}});
    }
    keep();
    return fetched;
}

}  // namespace flow
