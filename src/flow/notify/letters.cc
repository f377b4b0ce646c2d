// From notices to letters, and from the outbox to the mail server.
#include "flow/host_training.h"
#include "flow/mail_server.h"
#include "flow/notify.h"
#include "flow/notify/tell.h"
#include "flow/training_site.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/mail/mail.h"
#include "ground/mail/outbox.h"
#include "ground/mail/smtp.h"
#include "ground/sys/files.h"
#include "ground/sys/log.h"

namespace flow {

namespace {

using base::Instant;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t kMostInLetter = 50;

enum class Mode { Now, Morning };

std::string write_letter(const settings::Settings& settings, const people::Person& person,
                         const std::vector<notify::Notice>& notices) {
    const std::string office = office_url_of(settings);
    std::string text = fmt::format("{}さん\n\n", one_line(person.name));
    text +=
        notices.size() == 1 ? notices.front().title + "\n" : fmt::format("お知らせが{}件あります。\n", notices.size());
    std::size_t number = 0;
    for (const notify::Notice& notice : notices) {
        if (++number > kMostInLetter) {
            text += fmt::format("\nほかに{}件あります。ホーム画面でご確認ください。\n{}/\n",
                                notices.size() - kMostInLetter, office);
            break;
        }
        text += notices.size() == 1 ? "\n" : fmt::format("\n{}. {}\n", number, notice.title);
        text += notice.text + fmt::format("画面：{}{}\n", office, notice.path);
    }
    return text + fmt::format(
                      "\n--\n{}のサイト管理システムから自動で送っています。返信はできません。\n"
                      "メールの受け取り方の変更：{}/account\n",
                      one_line(settings.site.name), office);
}

/// Settles what waits for one person; true when that made a letter.
bool write_to(sys::Transaction& tx, Site& site, base::PersonId id, Mode mode) {
    const Instant now = site.clock.now();
    const auto person = people::find_person(tx, id);
    const auto waiting = notify::list_waiting(tx, id);
    const notify::Choice choice = notify::load_choice(tx, id);
    const bool is_reachable = person && person->state == people::PersonState::Active && mail::is_address(person->mail);
    std::vector<notify::Notice> chosen;
    bool has_urgent = false;
    for (const notify::Notice& notice : waiting) {
        if (!person || person->state != people::PersonState::Active)
            notify::mark_dropped(tx, notice.id, notify::kLeft, now);
        else if (!still_holds(tx, notice))
            notify::mark_dropped(tx, notice.id, notify::kSettled, now);
        else if (!is_reachable)
            notify::mark_dropped(tx, notice.id, notify::kNoAddress, now);
        else if (choice == notify::Choice::None && !notice.is_urgent)
            notify::mark_dropped(tx, notice.id, notify::kDeclined, now);
        else if (choice != notify::Choice::Digest || notice.is_urgent || mode == Mode::Morning) {
            chosen.push_back(notice);
            has_urgent = has_urgent || notice.is_urgent;
        }
    }
    if (chosen.empty()) return false;
    if (mode == Mode::Now && !has_urgent)
        if (const auto last = mail::find_last(tx, id); last && now - *last < minutes(site.settings.mail.bundle_minutes))
            return false;  // they come together in the next one
    const std::string subject =
        fmt::format("【{}】{}", one_line(site.settings.site.name),
                    chosen.size() == 1 ? chosen.front().title : fmt::format("お知らせ {}件", chosen.size()));
    mail::queue(tx,
                {fmt::format("notice:{}:{}", chosen.front().id, chosen.back().id), id, one_line(person->name),
                 person->mail, one_line(subject), write_letter(site.settings, *person, chosen)},
                now);
    for (const notify::Notice& notice : chosen) notify::mark_told(tx, notice.id, now);
    return true;
}

/// One letter on its way. Throws nothing that concerns the letter alone.
mail::Reply deliver(const settings::Settings& settings, const mail::Server& server, const mail::Letter& letter,
                    const std::function<bool()>& is_stopped) {
    std::string message;
    mail::Mailbox sender =
        mail::find_mailbox(letter.thread.from)
            .value_or(mail::find_mailbox(settings.mail.from).value());  // is_mail_on says that there is one
    if (sender.name.empty()) sender.name = settings.site.name;
    try {
        message = mail::compose({sender,
                                 {letter.name, letter.address},
                                 letter.subject,
                                 letter.text,
                                 letter.token,
                                 letter.made_at,
                                 letter.thread.author,
                                 letter.thread.answers,
                                 letter.thread.references});
    } catch (const base::Error& error) {
        return {mail::Fate::Never, false, error.message()};
    }
    return mail::send(server, sender.address, letter.address, message, is_stopped);
}

}  // namespace

bool is_mail_on(const settings::Settings& settings) {
    return !settings.mail.smtp_url.empty() && mail::find_mailbox(settings.mail.from);
}

std::string office_url_of(const settings::Settings& settings) {
    std::string url = settings.office.base_url.empty() ? "http://" + settings.office.address : settings.office.base_url;
    while (url.ends_with('/')) url.pop_back();
    return url;
}

int write_letters(Site& site) {
    if (!is_mail_on(site.settings)) return 0;
    int written = 0;
    for (const base::PersonId person :
         site.database->read([](sys::Reader& db) { return notify::list_people_waiting(db); })) {
        const bool may_be_due = site.database->read([&](sys::Reader& db) {
            if (notify::load_choice(db, person) != notify::Choice::Digest) return true;
            const auto waiting = notify::list_waiting(db, person);
            return std::any_of(waiting.begin(), waiting.end(), [](const auto& each) { return each.is_urgent; });
        });
        if (may_be_due &&
            site.database->write([&](sys::Transaction& tx) { return write_to(tx, site, person, Mode::Now); }))
            ++written;
    }
    return written;
}

int write_digests(sys::Transaction& tx, Site& site) {
    if (!is_mail_on(site.settings)) return 0;
    int written = 0;
    for (const base::PersonId person : notify::list_people_waiting(tx))
        if (write_to(tx, site, person, Mode::Morning)) ++written;
    return written;
}

Mailed send_letters(Site& site, const std::function<bool()>& is_stopped) {
    Mailed mailed;
    const settings::Settings& settings = site.settings;
    if (!is_mail_on(settings)) return mailed;
    const auto has_ready = [&](sys::Reader& db) { return mail::has_ready(db, site.clock.now()); };
    if (!site.database->read(has_ready)) return mailed;
    if (is_training(site.folders.site)) {  // shown there, never sent
        mailed.sent = capture_letters(site);
        return mailed;
    }
    const mail::Server server = mail_server_of(settings);
    // Longer than one try can take: connecting, the mail, and taking leave.
    const auto lease = seconds(2 * settings.mail.timeout_seconds + 5);
    while (!is_stopped || !is_stopped()) {
        const Instant now = site.clock.now();
        const auto letter = site.database->write([&](sys::Transaction& tx) -> std::optional<mail::Letter> {
            if (mail::count(tx, now - minutes(1)).sent >= settings.mail.per_minute) return std::nullopt;
            return mail::take(tx, now, lease);
        });
        if (!letter) break;
        const mail::Reply reply = deliver(settings, server, *letter, is_stopped);
        site.database->write([&](sys::Transaction& tx) {
            const Instant at = site.clock.now();
            switch (reply.fate) {
                case mail::Fate::Accepted:
                    return mail::mark_sent(tx, *letter, at);
                case mail::Fate::Later:
                    return mail::mark_later(tx, *letter, reply.message, at);
                case mail::Fate::Never:
                    break;
            }
            return mail::mark_failed(tx, *letter, reply.message, at);
        });
        if (reply.fate == mail::Fate::Accepted) {
            ++mailed.sent;
            continue;
        }
        ++(reply.fate == mail::Fate::Later ? mailed.later : mailed.failed);
        sys::log(sys::Level::Warning, "a mail was not taken",
                 {{"mail", std::to_string(letter->id)},
                  {"attempt", std::to_string(letter->attempt)},
                  {"problem", reply.message}});
        if (reply.is_server_fault) break;
    }
    return mailed;
}

void queue_test_letter(sys::Transaction& tx, Site& site, base::PersonId id) {
    const people::Person person = people::load_person(tx, id);
    if (!mail::is_address(person.mail))
        throw base::Error(base::Kind::BadInput,
                          "あなたのメールアドレスが登録されていません。「職員」の画面で登録してください。");
    const Instant now = site.clock.now();
    mail::queue(
        tx,
        {fmt::format("test:{}:{}", id.value, now.milliseconds), id, one_line(person.name), person.mail,
         fmt::format("【{}】テストメール", one_line(site.settings.site.name)),
         fmt::format("{}さん\n\nお知らせメールのテストです。このメールが届いていれば、設定は正しくできています。\n\n"
                     "画面：{}/mail\n",
                     one_line(person.name), office_url_of(site.settings))},
        now);
}

}  // namespace flow
