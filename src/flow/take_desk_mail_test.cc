// Mail to the helpdesk and back over real servers: dovecot for what comes in, an SMTP server for what goes out.
#include "flow/take_desk_mail.h"

#include <gtest/gtest.h>

#include "flow/notify.h"
#include "flow/take_question.h"
#include "flow/testing/town.h"
#include "flow/watch_helpdesk.h"
#include "ground/base/text.h"
#include "ground/html/encoding.h"
#include "ground/mail/testing/smtp_server.h"
#include "office/helpdesk/store.h"
#include "office/mailbox/testing/dovecot.h"
#include "office/records/store.h"

namespace flow {
namespace {

using namespace std::chrono_literals;

class DeskMail : public ::testing::Test {
  protected:
    DeskMail() {
        settings::Settings& settings = town_.site->settings;
        settings.mail.smtp_url = smtp_.url();
        settings.mail.tls = "none";
        settings.mail.from = "yakuba@city.example";
        settings.helpdesk.address = "desk@city.example";
        settings.helpdesk.emergency_phone = "000-111-2222";
        settings.helpdesk.imap_url = dovecot().url();
        settings.helpdesk.imap_user = "desk";
        settings.helpdesk.imap_password = "secret";
        settings.helpdesk.largest_mail_mb = 1;
        town_.write([&](sys::Transaction& tx) {
            people::Person admin = people::load_person(tx, town_.admin.person);
            admin.mail = "kanri@city.example";
            people::change_person(tx, admin, town_.by());
            people::Person author = people::load_person(tx, town_.author.person);
            author.mail = "author@city.example";
            people::change_person(tx, author, town_.by());
        });
    }
    static mailbox::testing::Dovecot& dovecot() {
        static mailbox::testing::Dovecot one;  // a second to start
        return one;
    }
    static std::string mail(std::string_view from, std::string_view id, std::string_view subject, std::string_view body,
                            std::string_view more = "") {
        return fmt::format("From: {}\r\nMessage-ID: <{}@city.example>\r\nSubject: {}\r\n{}\r\n{}", from, id, subject,
                           more, body);
    }
    static std::string jis_word(std::string_view text) {
        return fmt::format("=?ISO-2022-JP?B?{}?=", base::to_base64(html::encode(text, html::Encoding::Iso2022Jp)));
    }
    std::vector<helpdesk::Question> questions() {
        return town_.read([](sys::Reader& db) { return helpdesk::list_questions(db, {}); });
    }
    std::vector<helpdesk::Message> messages(helpdesk::QuestionId id) {
        return town_.read([&](sys::Reader& db) { return helpdesk::list_messages(db, id); });
    }
    int fetch() {
        const FetchedMail fetched = fetch_desk_mail(*town_.site);
        EXPECT_EQ(fetched.problem, "");
        return fetched.taken;
    }

    testing::Town town_{"sqlite"};
    mail::testing::SmtpServer smtp_;
};

TEST_F(DeskMail, GoesThereAndBackInOneThread) {
    fetch();  // what other tests have left there
    const std::size_t before = questions().size();
    dovecot().deliver(mail("kanri@city.example", "first", jis_word("表の作り方"),
                           html::encode("①の表に見出しを付けたいです。\r\n", html::Encoding::Iso2022Jp),
                           "Content-Type: text/plain; charset=ISO-2022-JP\r\n"));
    EXPECT_EQ(fetch(), 1);
    ASSERT_EQ(questions().size(), before + 1);
    const auto question = questions().front();
    EXPECT_EQ(question.title, "表の作り方");
    EXPECT_EQ(question.asker.person, town_.admin.person);
    EXPECT_EQ(messages(question.id).front().text, "①の表に見出しを付けたいです。");
    send_letters(*town_.site);
    ASSERT_EQ(smtp_.taken().size(), 1U);
    EXPECT_EQ(smtp_.taken()[0].field("In-Reply-To"), "<first@city.example>");
    EXPECT_EQ(smtp_.taken()[0].field("Auto-Submitted"), "auto-replied");
    EXPECT_EQ(smtp_.taken()[0].from, "desk@city.example");
    EXPECT_NE(smtp_.taken()[0].body().find(question.number), std::string::npos);

    helpdesk::Reply reply;
    reply.text = "表の1行目を見出しにしてください。";
    answer_question(*town_.site, question.id, question.version, reply, {"person:1", "保守 太郎", town_.clock.now()});
    send_letters(*town_.site);
    ASSERT_EQ(smtp_.taken().size(), 2U);
    const auto sent = smtp_.taken()[1];
    EXPECT_EQ(sent.field("Auto-Submitted"), "") << "a person wrote it";
    EXPECT_NE(sent.body().find("表の1行目"), std::string::npos);
    const std::string id = sent.field("Message-ID");

    dovecot().deliver(mail("kanri@city.example", "second",
                           "=?UTF-8?B?" + base::to_base64("Re: 表") + "?=", "できました。\r\n\r\n> 表の1行目\r\n",
                           "In-Reply-To: " + id + "\r\nContent-Type: text/plain; charset=UTF-8\r\n"));
    // Without a reference, but with the subject; as some mailers answer.
    dovecot().deliver(mail("kanri@city.example", "third", sent.field("Subject"), "thanks\r\n"));
    dovecot().deliver(mail("MAILER-DAEMON@city.example", "bounce", "Undelivered Mail", "no such user\r\n",
                           "Return-Path: <>\r\nIn-Reply-To: " + id + "\r\n"));
    EXPECT_EQ(fetch(), 3);
    EXPECT_EQ(questions().size(), before + 1);
    const auto course = messages(question.id);
    ASSERT_EQ(course.size(), 6U);
    EXPECT_EQ(course[3].text, "できました。");
    EXPECT_EQ(course[4].text, "thanks");
    EXPECT_EQ(course[5].what, helpdesk::What::Note) << "a bounce is for the helpdesk alone";
    send_letters(*town_.site);
    EXPECT_EQ(smtp_.taken().size(), 2U) << "nobody is answered by a program in a thread that goes on";
    EXPECT_EQ(fetch(), 0);
    EXPECT_TRUE(smtp_.faults().empty()) << smtp_.faults().front();
}

TEST_F(DeskMail, StartsNoLoopAndKeepsStrangersOut) {
    fetch();
    const std::size_t before = questions().size();
    dovecot().deliver(
        mail("bot@other.example", "vacation", jis_word("不在のお知らせ"), "x\r\n", "Auto-Submitted: auto-replied\r\n"));
    dovecot().deliver(mail("desk@city.example", "own", "loop", "x\r\n"));
    EXPECT_EQ(fetch(), 2);
    EXPECT_EQ(questions().size(), before);
    for (int i = 0; i < 8; ++i)
        dovecot().deliver(
            mail("stranger@other.example", fmt::format("s{}", i), "Buy now", fmt::format("offer {}\r\n", i)));
    dovecot().deliver(mail("author@city.example", "author", "help", "please\r\n"));
    EXPECT_EQ(fetch(), 9);
    send_letters(*town_.site);
    int to_stranger = 0;
    for (const auto& taken : smtp_.taken()) {
        if (taken.to == "stranger@other.example") ++to_stranger;
        EXPECT_EQ(taken.body().find("kanri") != std::string::npos, taken.to == "author@city.example")
            << "names of staff are for staff: " << taken.body();
    }
    EXPECT_EQ(to_stranger, 5) << "a bound for what answers by itself";
    for (const auto& one : questions())
        if (one.asker.address == "stranger@other.example") {
            EXPECT_TRUE(one.is_referred);
        }
}

TEST_F(DeskMail, LosesOnlyABadMail) {
    fetch();
    const std::size_t before = questions().size();
    dovecot().deliver(mail("kanri@city.example", "large", "large", std::string(2U << 20U, 'x')));
    std::string deep = "From: kanri@city.example\r\n";
    for (int i = 0; i < 500; ++i) deep += "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n";
    dovecot().deliver(deep);
    dovecot().deliver(mail(
        "kanri@city.example", "file", "with a file",
        "--b\r\n\r\ntext\r\n--b\r\nContent-Disposition: attachment; filename=\"../../a.txt\"\r\n\r\nfile\r\n--b--\r\n",
        "Content-Type: multipart/mixed; boundary=b\r\n"));
    EXPECT_EQ(fetch(), 3);
    ASSERT_EQ(questions().size(), before + 1);
    const auto files =
        town_.read([&](sys::Reader& db) { return records::list_files(db, questions().front().subject()); });
    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(files[0].name, "a.txt");
    const auto mails = town_.read([](sys::Reader& db) { return helpdesk::list_mails(db, 50); });
    EXPECT_EQ(std::count_if(mails.begin(), mails.end(), [](const auto& one) { return one.outcome == "damaged"; }), 2);
}

TEST_F(DeskMail, TakesWhatAListDistributesToUs) {
    take_desk_mail(*town_.site, mail("kanri@city.example", "l1", "list", "x\r\n",
                                     "List-Id: <ka.city.example>\r\nTo: Ka <ka@city.example>\r\n"));
    EXPECT_TRUE(questions().empty());
    take_desk_mail(*town_.site, mail("kanri@city.example", "l2", "list", "x\r\n",
                                     "List-Id: <ka.city.example>\r\nTo: ka@city.example\r\nCc: Desk "
                                     "<Desk@City.example>\r\n"));
    EXPECT_EQ(questions().size(), 1U);
}

TEST_F(DeskMail, RefusesAnAnswerThatReachesNobody) {
    helpdesk::NewQuestion made;
    made.channel = helpdesk::Channel::Phone;
    made.title = made.text = "電話";
    made.asker.name = "佐藤";
    const auto taken = take_question(*town_.site, made, {}, {"person:1", "受付", town_.clock.now()});
    helpdesk::Reply reply;
    reply.text = "答え";
    EXPECT_THROW(answer_question(*town_.site, taken.id, 1, reply, {"person:1", "受付", town_.clock.now()}),
                 base::Error);
    EXPECT_FALSE(questions()[0].answered_at);
    reply.channel = helpdesk::Channel::Phone;
    answer_question(*town_.site, taken.id, 1, reply, {"person:1", "受付", town_.clock.now()});
    EXPECT_TRUE(questions()[0].answered_at);
}

TEST(HelpdeskDeskAlone, LooksAtTheSpoolWithoutTheOfficesDatabase) {
    testing::Town town("sqlite");
    std::vector<signals::Signal> told;
    HelpdeskDesk desk(nullptr, town.site->folders, town.clock, town.site->settings,
                      [&](std::span<const signals::Signal> all) { told.assign(all.begin(), all.end()); });
    desk.turn();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].kind, "helpdesk.spool");
    EXPECT_EQ(told[0].state, signals::State::Clear);
}

TEST_F(DeskMail, IsNotMissedBeforeTheFirstFetch) {
    std::vector<signals::Signal> told;
    HelpdeskDesk desk(town_.site.get(), town_.site->folders, town_.clock, town_.site->settings,
                      [&](std::span<const signals::Signal> all) { told.assign(all.begin(), all.end()); });
    desk.turn();
    ASSERT_FALSE(told.empty());
    // A start calls nobody, and does not end what was open before it.
    for (const signals::Signal& each : told) EXPECT_NE(each.kind, "helpdesk.mail") << each.text;
    town_.clock.advance(16min);
    desk.turn();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].state, signals::State::Raise) << told[0].text;
}

TEST_F(DeskMail, SaysWhatIsWrongWithTheMailbox) {
    std::vector<signals::Signal> told;
    HelpdeskDesk desk(town_.site.get(), town_.site->folders, town_.clock, town_.site->settings,
                      [&](std::span<const signals::Signal> all) { told.assign(all.begin(), all.end()); });
    fetch();
    desk.turn();
    ASSERT_EQ(told.size(), 5U);
    EXPECT_EQ(told[0].state, signals::State::Clear) << told[0].text;
    town_.site->settings.helpdesk.imap_password = "wrong";
    town_.clock.advance(20min);
    EXPECT_EQ(fetch_desk_mail(*town_.site).problem,
              "メールボックスにログインできません。利用者名とパスワードを確かめてください。");
    desk.turn();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].kind, "helpdesk.mail");
    EXPECT_EQ(told[0].state, signals::State::Raise);
    EXPECT_NE(told[0].text.find("ログインできません"), std::string::npos) << told[0].text;
    town_.site->settings.helpdesk.imap_url = "imap://127.0.0.1:9/INBOX";
    EXPECT_EQ(fetch_desk_mail(*town_.site).problem, "メールボックスのサーバにつながりません。");
    town_.site->settings.helpdesk.imap_url = dovecot().url();
    town_.site->settings.helpdesk.imap_password = "secret";
    fetch();
    desk.turn();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].state, signals::State::Clear);
}

}  // namespace
}  // namespace flow
