#include "ground/people/ldap.h"

#include <thread>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/people/passwords.h"
#include "ground/people/sign_in.h"
#include "ground/people/testing/office.h"
#include "ground/people/testing/slapd.h"

namespace people {
namespace {

using testing::kPassword;
using testing::TestDirectory;
using testing::TestOffice;
using Way = TestDirectory::Way;

TestDirectory& directory() {
    static TestDirectory of_all_tests;
    return of_all_tests;
}

/// One implementation with the account "yamada" and the password kPassword.
struct Candidate {
    std::string name;
    std::unique_ptr<Authenticator> (*make)();
    std::string (*hash_of)(std::string_view login);
};

std::string no_hash(std::string_view) {
    return {};
}
std::string local_hash(std::string_view login) {
    static const std::string hash = hash_new_password(kPassword);
    return login == "yamada" ? hash : "";
}
template <Way way>
std::unique_ptr<Authenticator> make_ldap() {
    return std::make_unique<LdapAuthenticator>(directory().settings(way));
}

class AuthenticatorTest : public ::testing::TestWithParam<Candidate> {
  protected:
    std::unique_ptr<Authenticator> authenticator_ = GetParam().make();
    Proof prove(std::string_view login, std::string_view password) {
        return authenticator_->prove(login, password, GetParam().hash_of(login)).proof;
    }
};
INSTANTIATE_TEST_SUITE_P(
    All, AuthenticatorTest,
    ::testing::Values(Candidate{"Local", [] { return std::unique_ptr<Authenticator>(new LocalAuthenticator); },
                                local_hash},
                      Candidate{"Ldaps", make_ldap<Way::Ldaps>, no_hash},
                      Candidate{"StartTls", make_ldap<Way::StartTls>, no_hash},
                      Candidate{"LoopbackLdap", make_ldap<Way::Plain>, no_hash}),
    [](const auto& candidate) { return candidate.param.name; });

TEST_P(AuthenticatorTest, SaysRightToTheRightPasswordOnly) {
    EXPECT_EQ(prove("yamada", kPassword), Proof::Right);
    for (const std::string_view password :
         {"", "hashi", "hashi no ue no neko ", "Hashi no ue no neko", "*", "パスワード"})
        EXPECT_EQ(prove("yamada", password), Proof::Wrong) << password;
    EXPECT_EQ(prove("yamada", std::string(20'000, 'x')), Proof::Wrong);
    EXPECT_EQ(prove("yamada", std::string("hashi no ue no neko\0", 20)), Proof::Wrong);
}

TEST_P(AuthenticatorTest, LetsNobodyInByAStrangeName) {
    for (const std::string_view login : std::initializer_list<std::string_view>{
             "", "nobody", "yama*", "*", "yamada)(uid=*", "yamada)(|(uid=*", "yamada\\", "uid=yamada",
             std::string_view("yamada\0", 7), "\xff\xfe", "山田"})
        EXPECT_NE(prove(login, kPassword), Proof::Right) << login;
}

TEST_P(AuthenticatorTest, SaysRightAgainAndAgainFromManyThreads) {
    std::vector<std::thread> crowd;
    std::atomic<int> right{0};
    for (int i = 0; i < 6; ++i)
        crowd.emplace_back([&] {
            for (int k = 0; k < 3; ++k) right += prove("yamada", kPassword) == Proof::Right;
        });
    for (std::thread& one : crowd) one.join();
    EXPECT_EQ(right, 18);
}

ProofResult ask(const LdapSettings& settings, std::string_view login = "yamada",
                std::string_view password = kPassword) {
    return LdapAuthenticator(settings).prove(login, password, {});
}

TEST(Ldap, TellsUnknownAmbiguousAndWrongApartForTheLog) {
    const LdapSettings settings = directory().settings(Way::Ldaps);
    EXPECT_EQ(ask(settings, "nobody").proof, Proof::Unknown);
    EXPECT_EQ(ask(settings, "yamada", "wrong").proof, Proof::Wrong);
    EXPECT_EQ(ask(settings, "nopassword", "anything").proof, Proof::Wrong);
    const ProofResult twin = ask(settings, "twin");
    EXPECT_EQ(twin.proof, Proof::Unknown);
    EXPECT_NE(twin.why.find("several"), std::string::npos) << twin.why;
    LdapSettings narrow = settings;
    narrow.base_dn = "ou=staff,dc=city,dc=example";
    EXPECT_EQ(ask(narrow, "twin").proof, Proof::Right);
}

TEST(Ldap, RefusesAServerWhoseCertificateIsNotOurCasOrAnotherNames) {
    for (const Way way : {Way::Ldaps, Way::StartTls}) {
        const auto edit = [&](const auto& change) {
            LdapSettings settings = directory().settings(way);
            change(settings);
            const ProofResult result = ask(settings);
            EXPECT_NE(result.why.find("TLS"), std::string::npos) << result.why;
            return result.proof;
        };
        EXPECT_EQ(edit([](LdapSettings& s) { s.ca_file = directory().other_ca(); }), Proof::Unreachable);
        // The same server under a name that its certificate does not hold.
        EXPECT_EQ(edit([](LdapSettings& s) { s.url.replace(s.url.find("127.0.0.1"), 9, "127.0.0.2"); }),
                  Proof::Unreachable);
    }
}

TEST(Ldap, SaysWhatIsWrongWithTheServiceAccountOrTheBase) {
    LdapSettings settings = directory().settings(Way::Ldaps);
    EXPECT_EQ(LdapAuthenticator(settings).find_trouble(), "");
    settings.bind_password = "wrong";
    EXPECT_NE(LdapAuthenticator(settings).find_trouble().find("service account"), std::string::npos);
    EXPECT_EQ(ask(settings).proof, Proof::Unreachable) << "not the person's fault";
    settings = directory().settings(Way::Ldaps);
    settings.base_dn = "dc=elsewhere,dc=example";
    EXPECT_NE(LdapAuthenticator(settings).find_trouble(), "");
}

TEST(Ldap, TriesTheNextServerWhenOneIsDown) {
    LdapSettings settings = directory().settings(Way::Ldaps);
    settings.url = fmt::format("ldaps://127.0.0.1:{} {}", testing::free_port(), settings.url);
    EXPECT_EQ(ask(settings).proof, Proof::Right);
}

TEST(Ldap, RefusesSettingsThatCannotWorkOrWouldShowPasswords) {
    const auto is_refused = [](const auto& edit) {
        LdapSettings settings;
        settings.url = "ldaps://directory.city.example";
        settings.base_dn = "dc=city";
        edit(settings);
        try {
            const LdapAuthenticator made(settings);
            return false;
        } catch (const base::Error& error) {
            return error.kind() == base::Kind::BadInput;
        }
    };
    EXPECT_FALSE(is_refused([](LdapSettings&) {}));
    EXPECT_TRUE(is_refused([](LdapSettings& s) { s.url = "ldap://directory.city.example"; })) << "in the clear";
    EXPECT_TRUE(is_refused([](LdapSettings& s) { s.url += " ldap://second.city.example"; }));
    EXPECT_FALSE(is_refused([](LdapSettings& s) {
        s.url = "ldap://directory.city.example";
        s.use_start_tls = true;
    }));
    EXPECT_TRUE(is_refused([](LdapSettings& s) { s.use_start_tls = true; }));
    EXPECT_TRUE(is_refused([](LdapSettings& s) { s.url = ""; }));
    EXPECT_TRUE(is_refused([](LdapSettings& s) { s.url = "http://directory"; }));
    EXPECT_TRUE(is_refused([](LdapSettings& s) { s.base_dn = ""; }));
    EXPECT_TRUE(is_refused([](LdapSettings& s) { s.filter = "(uid=yamada)"; }));
    EXPECT_TRUE(is_refused([](LdapSettings& s) { s.bind_dn = "cn=reader"; })) << "would bind as nobody";
}

TEST(EscapeFilter, LeavesNothingThatMeansSomething) {
    EXPECT_EQ(escape_filter("yamada.hanako-1"), "yamada.hanako-1");
    EXPECT_EQ(escape_filter("*()\\"), "\\2a\\28\\29\\5c");
    EXPECT_EQ(escape_filter(std::string_view("a\0b", 3)), "a\\00b");
    EXPECT_EQ(escape_filter("山"), "\\e5\\b1\\b1");
}

/// A server of the test's own on the loopback: `answer` gets each request's bytes and says what to send.
class FakeServer {
  public:
    using Answer = std::function<std::string(std::string_view request, int connection)>;
    explicit FakeServer(Answer answer) : answer_(std::move(answer)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof at;
        EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
        EXPECT_EQ(::listen(socket_.get(), 8), 0);
        EXPECT_EQ(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&at), &length), 0);
        port_ = ntohs(at.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~FakeServer() {
        is_over_ = true;
        thread_.join();
    }
    LdapSettings settings() const {
        LdapSettings made;
        made.url = fmt::format("ldap://127.0.0.1:{}", port_);
        made.base_dn = "dc=city";
        made.patience = std::chrono::seconds(1);
        return made;
    }

  private:
    bool is_readable(int number) const {
        while (!is_over_) {
            pollfd one{number, POLLIN, 0};
            if (::poll(&one, 1, 20) > 0) return true;
        }
        return false;
    }
    void serve() {
        for (int connection = 0; is_readable(socket_.get()); ++connection) {
            const sys::Descriptor peer(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            char buffer[4096];
            while (is_readable(peer.get())) {
                const ssize_t count = ::recv(peer.get(), buffer, sizeof buffer, 0);
                if (count <= 0) break;
                const std::string reply = answer_({buffer, static_cast<std::size_t>(count)}, connection);
                if (::send(peer.get(), reply.data(), reply.size(), MSG_NOSIGNAL) < 0) break;
            }
        }
    }
    Answer answer_;
    sys::Descriptor socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    int port_ = 0;
    std::atomic<bool> is_over_{false};
    std::thread thread_;
};

/// One BER value; everything here is shorter than 128 bytes, or 256 in the long form.
std::string ber(int tag, std::string_view content) {
    std::string text(1, static_cast<char>(tag));
    if (content.size() >= 128) text += '\x81';
    text += static_cast<char>(content.size());
    return text.append(content);
}
/// LDAPResult (RFC 4511 section 4.1.9) in an answer to `request`, whose message number stands in its fifth byte.
std::string result(std::string_view request, int tag, int code, std::string_view words = {}) {
    const std::string id = ber(0x02, request.substr(4, 1));
    const std::string body = ber(0x0a, std::string(1, static_cast<char>(code))) + ber(0x04, "") + ber(0x04, words);
    return ber(0x30, id + ber(tag, body));
}

TEST(Ldap, ReadsTheReasonsOfActiveDirectoryForTheLog) {
    const std::pair<std::string_view, Proof> kReasons[] = {{"52e", Proof::Wrong},    {"525", Proof::Unknown},
                                                           {"533", Proof::Disabled}, {"775", Proof::Disabled},
                                                           {"532", Proof::Disabled}, {"773", Proof::Disabled}};
    for (const auto& [number, proof] : kReasons) {
        SCOPED_TRACE(number);
        const std::string words = fmt::format(
            "80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data {}, v2580", number);
        const FakeServer server([&](std::string_view request, int connection) -> std::string {
            switch (static_cast<unsigned char>(request.at(5))) {
                case 0x60:  // bind: the service's connection comes first
                    return connection == 0 ? result(request, 0x61, 0) : result(request, 0x61, 49, words);
                case 0x63:  // search: one entry without attributes, then the end
                    return ber(0x30, ber(0x02, request.substr(4, 1)) +
                                         ber(0x64, ber(0x04, "cn=yamada,dc=city") + ber(0x30, ""))) +
                           result(request, 0x65, 0);
                default:
                    return {};
            }
        });
        EXPECT_EQ(ask(server.settings()).proof, proof);
    }
}

TEST(Ldap, DoesNotWaitLongForAServerThatDoesNotAnswer) {
    const FakeServer silent([](std::string_view, int) { return std::string(); });
    for (const bool use_start_tls : {false, true}) {
        LdapSettings settings = silent.settings();
        settings.use_start_tls = use_start_tls;
        const auto start = std::chrono::steady_clock::now();
        EXPECT_EQ(ask(settings).proof, Proof::Unreachable);
        EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
    }
    LdapSettings tls = silent.settings();
    tls.url.replace(0, 4, "ldaps");
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(ask(tls).proof, Proof::Unreachable);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(Ldap, TakesRubbishForUnreachable) {
    const FakeServer rude([](std::string_view, int) { return std::string(200, '\xff'); });
    EXPECT_EQ(ask(rude.settings()).proof, Proof::Unreachable);
}

TEST(SignInWithADirectory, ChecksTheDirectorysPasswordAndOurRoles) {
    TestOffice office("sqlite");
    Person made;
    made.login_name = "yamada";
    made.name = "山田";
    made.source = Source::Ldap;
    office.db().write([&](sys::Transaction& tx) { add_person(tx, made, "", office.by()); });
    office.add_person("local");
    SignInDesk desk = office.desk();
    desk.authenticators.push_back(make_ldap<Way::Ldaps>());
    const Peer peer = TestOffice::peer();
    EXPECT_TRUE(std::holds_alternative<SignedIn>(sign_in(desk, "yamada", kPassword, peer)));
    EXPECT_TRUE(std::holds_alternative<SignedIn>(sign_in(desk, "local", kPassword, peer)));
    for (const auto& [login, password] :
         std::vector<std::pair<std::string, std::string>>{{"yamada", "wrong"}, {"twin", std::string(kPassword)}}) {
        const auto refused = sign_in(desk, login, password, peer);
        ASSERT_TRUE(std::holds_alternative<Refused>(refused)) << login;
        EXPECT_EQ(std::get<Refused>(refused).reason, Refused::Reason::Wrong)
            << "the directory's twin has no account here";
    }
    const auto session = std::get<SignedIn>(sign_in(desk, "yamada", kPassword, peer));
    const auto change = change_own_password(desk, session.token, kPassword, "atarashii kotoba", peer);
    EXPECT_EQ(std::get<Refused>(change).reason, Refused::Reason::Unfit) << "the directory's password is changed there";
}

}  // namespace
}  // namespace people
