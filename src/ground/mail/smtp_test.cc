#include "ground/mail/smtp.h"

#include <gtest/gtest.h>

#include "ground/mail/mail.h"
#include "ground/mail/testing/smtp_server.h"
#include "ground/sys/files.h"

namespace mail {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Manners;
using testing::SmtpServer;

const std::string kFrom = "yakuba@city.example", kTo = "hanako@city.example";

std::string letter(const std::string& text = "本文\n.\n..二つ\n") {
    return compose({{"山川市", kFrom}, {"花子", kTo}, "件名", text, "yakuba.1", {1'800'000'000'000}});
}

Server at(const SmtpServer& server) {
    Server wanted;
    wanted.url = server.url();
    wanted.patience = seconds(5);
    return wanted;
}

TEST(SmtpSender, HandsMailsOverWithinTheProtocol) {
    SmtpServer server;
    const Server wanted = at(server);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(send(wanted, kFrom, kTo, letter()).fate, Fate::Accepted);
    ASSERT_EQ(server.taken().size(), 3U);
    EXPECT_EQ(server.taken()[2].from, kFrom);
    EXPECT_EQ(server.taken()[2].to, kTo);
    EXPECT_EQ(server.taken()[2].text, letter());
    EXPECT_TRUE(server.faults().empty()) << server.faults().front();
}

TEST(SmtpSender, DoublesDotsAtLineStarts) {
    SmtpServer server;
    const Server wanted = at(server);
    const std::string plain = "Subject: a\r\n\r\n.\r\n..\r\n.text\r\n";
    EXPECT_EQ(send(wanted, kFrom, kTo, plain).fate, Fate::Accepted);
    EXPECT_EQ(server.taken().at(0).text, plain);
    EXPECT_TRUE(server.faults().empty());
}

TEST(SmtpSender, TellsARefusalFromABusyServerAndFromItsOwnFault) {
    struct Case {
        Manners manners;
        Fate fate;
        bool is_server_fault;
        std::string says;
    };
    std::vector<Case> cases(6);
    cases[0] = {{.to_recipient = "550 no such person"}, Fate::Never, false, "550 no such person"};
    cases[1] = {{.to_recipient = "451 try later"}, Fate::Later, false, "451 try later"};
    cases[2] = {{.to_text = "554 looks like spam"}, Fate::Never, false, "554 looks like spam"};
    cases[3] = {{.to_text = "452 disk is full"}, Fate::Later, false, "452 disk is full"};
    cases[4] = {{.greeting = "554 no service here"}, Fate::Later, true, ""};
    cases[5] = {{.hangs_up_instead = true}, Fate::Later, true, ""};
    for (const Case& each : cases) {
        SCOPED_TRACE(each.says + each.manners.greeting);
        SmtpServer server(each.manners);
        const Server wanted = at(server);
        const Reply reply = send(wanted, kFrom, kTo, letter());
        EXPECT_EQ(reply.fate, each.fate) << reply.message;
        EXPECT_EQ(reply.is_server_fault, each.is_server_fault) << reply.message;
        EXPECT_NE(reply.message.find(each.says), std::string::npos) << reply.message;
    }
}

TEST(SmtpSender, SaysWhoItIsAndNeverShowsThePassword) {
    SmtpServer server({.user = "yakuba", .password = "himitsu-no-kotoba"});
    Server wanted = at(server);
    wanted.user = "yakuba";
    wanted.password = "himitsu-no-kotoba";
    // A password wants TLS, which this server does not offer.
    const Reply refused = send(wanted, kFrom, kTo, letter());
    EXPECT_EQ(refused.fate, Fate::Later);
    EXPECT_TRUE(refused.is_server_fault);
    EXPECT_EQ(server.taken().size(), 0U);
    wanted.tls = Tls::None;
    EXPECT_EQ(send(wanted, kFrom, kTo, letter()).fate, Fate::Accepted);
    wanted.password = "chigau-kotoba";
    const Reply denied = send(wanted, kFrom, kTo, letter());
    EXPECT_EQ(denied.fate, Fate::Later) << "a wrong password is the settings' fault, not the mail's";
    EXPECT_TRUE(denied.is_server_fault);
    EXPECT_EQ(denied.message.find("chigau"), std::string::npos) << denied.message;
}

TEST(SmtpSender, EncryptsToAServerThatTheSettingsAuthorityVouchesFor) {
    const sys::TemporaryFolder folder;
    const testing::Certificates made = testing::make_certificates(folder.path(), "IP:127.0.0.1");
    SmtpServer server({.user = "yakuba", .password = "himitsu", .certificate = made.certificate, .key = made.key});
    Server wanted = at(server);
    wanted.user = "yakuba";
    wanted.password = "himitsu";
    wanted.ca_file = made.ca;
    for (const Tls tls : {Tls::Auto, Tls::Required}) {
        wanted.tls = tls;
        const Reply reply = send(wanted, kFrom, kTo, letter());
        EXPECT_EQ(reply.fate, Fate::Accepted) << reply.message;
    }
    ASSERT_EQ(server.taken().size(), 2U);
    EXPECT_TRUE(server.taken()[0].was_encrypted);
    EXPECT_EQ(server.taken()[1].text, letter());
    EXPECT_TRUE(server.faults().empty()) << server.faults().front();
}

TEST(SmtpSender, SendsNothingToAServerOfAnotherNameOrAnUnknownAuthority) {
    const sys::TemporaryFolder right, wrong;
    const testing::Certificates own = testing::make_certificates(right.path(), "IP:127.0.0.1");
    const testing::Certificates other = testing::make_certificates(wrong.path(), "DNS:mail.city.example");
    struct Case {
        std::string what;
        testing::Certificates shown;
        std::filesystem::path trusted;
    };
    const Case cases[] = {
        {"another name", other, other.ca}, {"another authority", own, other.ca}, {"the system's", own, ""}};
    for (const Case& each : cases) {
        SCOPED_TRACE(each.what);
        SmtpServer server({.certificate = each.shown.certificate, .key = each.shown.key});
        Server wanted = at(server);
        wanted.ca_file = each.trusted;
        wanted.tls = Tls::Required;
        const Reply reply = send(wanted, kFrom, kTo, letter());
        EXPECT_EQ(reply.fate, Fate::Later);
        EXPECT_TRUE(reply.is_server_fault);
        EXPECT_NE(reply.message.find("証明書を確かめられません"), std::string::npos) << reply.message;
        EXPECT_TRUE(server.taken().empty());
    }
}

TEST(SmtpSender, DoesNotWaitForASlowServerBeyondItsPatienceOrAStop) {
    SmtpServer server({.delay = seconds(20)});
    Server wanted = at(server);
    wanted.patience = seconds(1);
    auto start = std::chrono::steady_clock::now();
    Reply reply = send(wanted, kFrom, kTo, letter());
    EXPECT_EQ(reply.fate, Fate::Later);
    EXPECT_TRUE(reply.is_server_fault);
    EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(4));
    wanted.patience = seconds(60);
    start = std::chrono::steady_clock::now();
    reply = send(wanted, kFrom, kTo, letter(),
                 [&] { return std::chrono::steady_clock::now() - start > milliseconds(300); });
    EXPECT_EQ(reply.fate, Fate::Later);
    EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(4));
}

TEST(SmtpSender, TriesLaterWhereNobodyListens) {
    std::string url;
    {
        const SmtpServer gone;
        url = gone.url();
    }
    Server wanted;
    wanted.url = url;
    const Reply reply = send(wanted, kFrom, kTo, letter());
    EXPECT_EQ(reply.fate, Fate::Later);
    EXPECT_TRUE(reply.is_server_fault);
    EXPECT_EQ(reply.message, "メールサーバにつながりません");
}

}  // namespace
}  // namespace mail
