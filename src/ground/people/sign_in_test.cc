#include "ground/people/sign_in.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include <gtest/gtest.h>
#include <sodium.h>

#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/people/second_factor.h"
#include "ground/people/testing/office.h"
#include "ground/sys/crypto.h"

namespace people {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::kPassword;
using testing::TestOffice;

const Refused* refusal(const SignInResult& result, Refused::Reason reason) {
    const auto* refused = std::get_if<Refused>(&result);
    return refused && refused->reason == reason ? refused : nullptr;
}
using Reason = Refused::Reason;

/// The raw bytes of base32 without padding.
std::string from_base32(std::string_view text) {
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string bytes;
    unsigned held = 0;
    int bits = 0;
    for (const char c : text) {
        held = held << 5 | static_cast<unsigned>(kLetters.find(c));
        bits += 5;
        if (bits >= 8) bytes += static_cast<char>(held >> (bits -= 8) & 0xff);
    }
    return bytes;
}

class SignInTest : public ::testing::TestWithParam<std::string> {
  protected:
    TestOffice office_{GetParam()};
    SignInDesk desk_ = office_.desk();
    const Peer peer_ = TestOffice::peer();

    SignInResult try_password(std::string_view login, std::string_view password = kPassword) {
        return sign_in(desk_, login, password, peer_);
    }
    std::optional<Session> find(std::string_view token) {
        return find_session(office_.db(), token, office_.clock.now(), desk_.policy.sessions);
    }
    int count(const std::string& line) {
        const auto lines = office_.ledger();
        return static_cast<int>(std::count(lines.begin(), lines.end(), line));
    }
    /// Sets a second factor up; the secret's raw bytes.
    std::string enrol(PersonId person, std::vector<std::string>* recovery = nullptr) {
        std::string secret;
        office_.db().write([&](sys::Transaction& tx) {
            secret =
                from_base32(begin_second_factor(tx, person, "Yakuba", desk_.office_key, office_.by(person)).secret);
            const auto codes = confirm_second_factor(tx, person, code_at(secret, office_.clock.now()), desk_.office_key,
                                                     office_.by(person));
            if (recovery) *recovery = codes.value();
        });
        office_.clock.advance(seconds(60));  // the code that confirmed it is used up
        return secret;
    }
};
INSTANTIATE_TEST_SUITE_P(Engines, SignInTest, ::testing::ValuesIn(sys::testing::engines()),
                         [](const auto& engine) { return engine.param; });

TEST_P(SignInTest, OpensASessionThatOnlyItsTokenOpens) {
    const PersonId id = office_.add_person("suzuki", {Role::Author});
    const auto result = try_password(" Suzuki ");
    const SignedIn& done = std::get<SignedIn>(result);
    EXPECT_EQ(done.session.person, id);
    EXPECT_EQ(done.session.address, "192.0.2.7");
    EXPECT_EQ(find(done.token)->person, id);
    EXPECT_FALSE(find(done.session.id)) << "what the database holds is no cookie";
    EXPECT_FALSE(find(""));
    EXPECT_FALSE(find(done.token + "x"));
    EXPECT_EQ(count("person.sign-in person:1"), 1);
    office_.db().read([&](sys::Reader& db) {
        for (const sys::Row& row : db.query("SELECT id FROM person_session"))
            EXPECT_EQ(row.text(0).find(done.token), std::string::npos);
    });
}

TEST_P(SignInTest, SaysTheSameOfAWrongPasswordAndAnUnknownOrLockedName) {
    office_.add_person("suzuki");
    const PersonId locked = office_.add_person("locked");
    office_.db().write([&](sys::Transaction& tx) {
        Person person = load_person(tx, locked);
        person.state = PersonState::Locked;
        change_person(tx, person, office_.by());
    });
    std::set<std::string> messages;
    for (const auto& [login, password] :
         std::vector<std::pair<std::string, std::string>>{{"suzuki", "wrong"},
                                                          {"suzuki", ""},
                                                          {"nobody", std::string(kPassword)},
                                                          {"locked", std::string(kPassword)},
                                                          {"", ""},
                                                          {std::string("a\0b", 3), "x"},
                                                          {"\xff\xfe", "x"},
                                                          {std::string(5000, 'a'), "x"}}) {
        const auto result = try_password(login, password);
        const Refused* refused = refusal(result, Reason::Wrong);
        ASSERT_TRUE(refused) << login;
        messages.insert(refused->message_ja + refused->message_en);
    }
    EXPECT_EQ(messages.size(), 1U);
    EXPECT_EQ(count("person.sign-in-refused person:1"), 2);
}

TEST_P(SignInTest, WaitsLongerAndLongerAfterFailures) {
    office_.add_person("suzuki");
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(refusal(try_password("suzuki", "wrong"), Reason::Wrong)) << i;
    std::int64_t expected = 30;
    for (int i = 0; i < 9; ++i) {
        const auto result = try_password("suzuki");
        const Refused* waiting = refusal(result, Reason::Waiting);
        ASSERT_TRUE(waiting) << "the right password too";
        EXPECT_EQ((waiting->again_at - office_.clock.now()).count(), expected * 1000);
        office_.clock.advance(seconds(expected) - std::chrono::milliseconds(1));
        EXPECT_TRUE(refusal(try_password("suzuki"), Reason::Waiting));
        office_.clock.advance(std::chrono::milliseconds(1));
        EXPECT_TRUE(refusal(try_password("suzuki", "wrong"), Reason::Wrong));
        expected = std::min<std::int64_t>(expected * 2, 3600);
    }
    EXPECT_GT(count("person.lock person:1"), 0);
    office_.clock.advance(hours(24));
    EXPECT_TRUE(std::holds_alternative<SignedIn>(try_password("suzuki"))) << "a day later all is forgotten";
}

TEST_P(SignInTest, CountsAgainstNamesThatDoNotExistAsWell) {
    for (int i = 0; i < 5; ++i) try_password("nobody", "wrong");
    EXPECT_TRUE(refusal(try_password("nobody", "wrong"), Reason::Waiting)) << "or one could tell which names exist";
}

TEST_P(SignInTest, ForgetsFailuresOnceThePasswordIsRight) {
    office_.add_person("suzuki");
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 4; ++i) try_password("suzuki", "wrong");
        EXPECT_TRUE(std::holds_alternative<SignedIn>(try_password("suzuki"))) << round;
    }
}

TEST_P(SignInTest, CountsAnAddressAcrossNamesAndNotItsSuccesses) {
    desk_.policy.by_address.free = 6;
    office_.add_person("suzuki");
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(std::holds_alternative<SignedIn>(try_password("suzuki"))) << i;
    for (int i = 0; i < 6; ++i) {
        EXPECT_TRUE(refusal(try_password("guess" + std::to_string(i), "x"), Reason::Wrong)) << i;
        EXPECT_EQ(std::holds_alternative<SignedIn>(try_password("suzuki")), i < 5) << "it clears nothing of others";
    }
    EXPECT_TRUE(std::holds_alternative<SignedIn>(sign_in(desk_, "suzuki", kPassword, TestOffice::peer("192.0.2.8"))))
        << "another address";
    office_.db().write([&](sys::Transaction& tx) { unlock(tx, peer_.address, office_.by()); });
    EXPECT_TRUE(std::holds_alternative<SignedIn>(try_password("suzuki"))) << "an administrator ended the waiting";
}

TEST_P(SignInTest, LetsInWhoReadTheClockBeforeAnotherOfTheSameAddressWasCounted) {
    office_.add_person("suzuki");
    try_password("guess", "x");
    office_.clock.advance(-std::chrono::milliseconds(20));
    EXPECT_TRUE(std::holds_alternative<SignedIn>(try_password("suzuki")));
}

TEST_P(SignInTest, CountsAnIpv6HostByItsNetwork) {
    desk_.policy.by_address.free = 2;
    sign_in(desk_, "a1", "x", TestOffice::peer("2001:db8:0:1::1"));
    sign_in(desk_, "a2", "x", TestOffice::peer("2001:db8:0:1:ffff::2"));
    EXPECT_TRUE(refusal(sign_in(desk_, "a3", "x", TestOffice::peer("2001:db8:0:1:aaaa::3")), Reason::Waiting));
    EXPECT_TRUE(refusal(sign_in(desk_, "a4", "x", TestOffice::peer("2001:db8:0:2::1")), Reason::Wrong));
}

TEST_P(SignInTest, CountsTogetherOnTwoServers) {
    office_.add_person("suzuki");
    const auto second_db = office_.open_again();
    SignInDesk second = office_.desk(*second_db);
    for (int i = 0; i < 5; ++i) {
        SignInDesk& desk = i % 2 ? desk_ : second;
        EXPECT_TRUE(refusal(sign_in(desk, "suzuki", "wrong", peer_), Reason::Wrong)) << i;
    }
    EXPECT_TRUE(refusal(sign_in(second, "suzuki", kPassword, peer_), Reason::Waiting));
    EXPECT_TRUE(refusal(try_password("suzuki"), Reason::Waiting));
    EXPECT_TRUE(office_.db().read(
        [&](sys::Reader& db) { return find_waiting(db, "suzuki", desk_.policy, office_.clock.now()); }));
    second_db->write([&](sys::Transaction& tx) { unlock(tx, "Suzuki", office_.by()); });
    EXPECT_TRUE(std::holds_alternative<SignedIn>(try_password("suzuki"))) << "an administrator ended the waiting";
    EXPECT_EQ(count("person.unlock person:1"), 1);
    EXPECT_THROW(second_db->write([&](sys::Transaction& tx) { unlock(tx, "nobody", office_.by()); }), base::Error);
}

TEST_P(SignInTest, JudgesNoMoreThanTheFreeTriesOfManyAtOnce) {
    office_.add_person("suzuki");
    const auto second_db = office_.open_again();
    SignInDesk second = office_.desk(*second_db);
    std::atomic<int> judged{0}, turned_away{0};
    std::vector<std::thread> crowd;
    for (int i = 0; i < 16; ++i)
        crowd.emplace_back([&, i] {
            const auto result = sign_in(i % 2 ? desk_ : second, "suzuki", "wrong " + std::to_string(i), peer_);
            if (refusal(result, Reason::Wrong)) ++judged;
            if (refusal(result, Reason::Waiting)) ++turned_away;
        });
    for (std::thread& one : crowd) one.join();
    EXPECT_EQ(judged, 5);
    EXPECT_EQ(turned_away, 11);
}

TEST_P(SignInTest, LetsATrainingOfThirtySignInTogether) {
    for (int i = 0; i < 30; ++i) office_.add_person("author" + std::to_string(i), {Role::Author});
    std::atomic<int> open{0};
    std::vector<std::thread> room;
    for (int i = 0; i < 30; ++i)
        room.emplace_back([&, i] {
            if (std::holds_alternative<SignedIn>(try_password("author" + std::to_string(i)))) ++open;
        });
    for (std::thread& one : room) one.join();
    EXPECT_EQ(open, 30);
    office_.db().read([&](sys::Reader& db) {
        EXPECT_EQ(db.query("SELECT who FROM sign_in_throttle").size(), 0U) << "nothing is held against the room";
    });
}

TEST_P(SignInTest, EndsASessionWhenItLiesIdleOrGrowsOld) {
    office_.add_person("suzuki");
    const auto idle = std::get<SignedIn>(try_password("suzuki")).token;
    office_.clock.advance(minutes(59));
    EXPECT_TRUE(find(idle));
    office_.clock.advance(minutes(59));
    EXPECT_TRUE(find(idle)) << "the look before kept it alive";
    office_.clock.advance(minutes(60));
    EXPECT_FALSE(find(idle));

    const auto busy = std::get<SignedIn>(try_password("suzuki")).token;
    for (int i = 0; i < 23; ++i) {
        office_.clock.advance(minutes(30));
        EXPECT_TRUE(find(busy)) << i;
    }
    office_.clock.advance(minutes(30));
    EXPECT_FALSE(find(busy)) << "12 hours are the limit";
    EXPECT_EQ(office_.db().write([&](sys::Transaction& tx) {
        return remove_dead_sessions(tx, office_.clock.now(), desk_.policy.sessions);
    }),
              2);
}

TEST_P(SignInTest, ListsAndEndsOnesSessions) {
    const PersonId id = office_.add_person("suzuki");
    const auto first = std::get<SignedIn>(try_password("suzuki"));
    office_.clock.advance(minutes(1));
    const auto second = std::get<SignedIn>(try_password("suzuki"));
    const auto list = [&] {
        return office_.db().read(
            [&](sys::Reader& db) { return list_sessions(db, id, office_.clock.now(), desk_.policy.sessions); });
    };
    ASSERT_EQ(list().size(), 2U);
    EXPECT_EQ(list()[0].id, second.session.id) << "newest first";
    EXPECT_EQ(list()[0].agent, "Mozilla/5.0 (test)");
    office_.db().write([&](sys::Transaction& tx) { end_session(tx, first.session.id, office_.by(id)); });
    EXPECT_FALSE(find(first.token));
    EXPECT_TRUE(find(second.token));
    EXPECT_EQ(count("person.sign-out person:1"), 1);
}

TEST_P(SignInTest, AsksForANewPasswordAtTheFirstSignIn) {
    const PersonId id = office_.add_person("suzuki");
    office_.db().write(
        [&](sys::Transaction& tx) { set_password(tx, id, sys::hash_password("first one 123"), true, office_.by()); });
    auto result = try_password("suzuki", "first one 123");
    const auto token = std::get<NeedPasswordChange>(result).token;
    EXPECT_FALSE(find(token)) << "it opens nothing yet";
    EXPECT_TRUE(refusal(give_new_password(desk_, token, "short", peer_), Reason::Unfit));
    EXPECT_TRUE(refusal(give_new_password(desk_, token, "first one 123", peer_), Reason::Unfit)) << "the same again";
    EXPECT_TRUE(refusal(give_second_factor(desk_, token, "123456", peer_), Reason::Expired)) << "another step's";
    result = give_new_password(desk_, token, "second one 456", peer_);
    const auto open = std::get<SignedIn>(result).token;
    EXPECT_NE(open, token);
    EXPECT_TRUE(find(open));
    EXPECT_TRUE(refusal(give_new_password(desk_, token, "third one 789", peer_), Reason::Expired)) << "used up";
    EXPECT_TRUE(std::holds_alternative<SignedIn>(try_password("suzuki", "second one 456")));
    EXPECT_TRUE(refusal(try_password("suzuki", "first one 123"), Reason::Wrong));
}

TEST_P(SignInTest, LetsAnUnfinishedSessionRunOut) {
    const PersonId id = office_.add_person("suzuki");
    office_.db().write(
        [&](sys::Transaction& tx) { set_password(tx, id, sys::hash_password("first one 123"), true, office_.by()); });
    const auto token = std::get<NeedPasswordChange>(try_password("suzuki", "first one 123")).token;
    office_.clock.advance(minutes(10));
    EXPECT_TRUE(refusal(give_new_password(desk_, token, "second one 456", peer_), Reason::Expired));
}

TEST_P(SignInTest, AsksForTheSecondFactorByRoleAndNetwork) {
    desk_.policy.factor_roles = {Role::SiteAdministrator};
    desk_.policy.trusted = {parse_network("10.0.0.0/8").value(), parse_network("2001:db8:1::/48").value()};
    const PersonId admin = office_.add_person("admin", {Role::SiteAdministrator});
    office_.add_person("suzuki", {Role::Author});
    EXPECT_TRUE(std::holds_alternative<SignedIn>(try_password("suzuki"))) << "the role does not need one";
    EXPECT_TRUE(std::holds_alternative<NeedEnrolment>(try_password("admin"))) << "none is set up yet";
    EXPECT_TRUE(std::holds_alternative<SignedIn>(sign_in(desk_, "admin", kPassword, TestOffice::peer("10.1.2.3"))));
    EXPECT_TRUE(
        std::holds_alternative<SignedIn>(sign_in(desk_, "admin", kPassword, TestOffice::peer("2001:db8:1::5"))));
    enrol(admin);
    EXPECT_TRUE(std::holds_alternative<NeedSecondFactor>(try_password("admin")));
    EXPECT_TRUE(std::holds_alternative<SignedIn>(sign_in(desk_, "admin", kPassword, TestOffice::peer("10.1.2.3"))));
}

TEST_P(SignInTest, AsksWhoeverHasASecondFactorForIt) {
    const PersonId id = office_.add_person("suzuki", {Role::Author});
    const std::string secret = enrol(id);
    const auto token = std::get<NeedSecondFactor>(try_password("suzuki")).token;
    EXPECT_FALSE(find(token));
    EXPECT_TRUE(refusal(give_second_factor(desk_, token, "000000", peer_), Reason::WrongCode));
    const auto result = give_second_factor(desk_, token, code_at(secret, office_.clock.now()), peer_);
    EXPECT_TRUE(find(std::get<SignedIn>(result).token));
}

TEST_P(SignInTest, TakesACodeOnceAlsoOnTwoServers) {
    const PersonId id = office_.add_person("suzuki");
    const std::string secret = enrol(id);
    const auto second_db = office_.open_again();
    SignInDesk second = office_.desk(*second_db);
    const auto one = std::get<NeedSecondFactor>(try_password("suzuki")).token;
    const auto two = std::get<NeedSecondFactor>(try_password("suzuki")).token;
    const std::string code = code_at(secret, office_.clock.now());
    std::atomic<int> opened{0};
    std::thread first([&] { opened += std::holds_alternative<SignedIn>(give_second_factor(desk_, one, code, peer_)); });
    std::thread other(
        [&] { opened += std::holds_alternative<SignedIn>(give_second_factor(second, two, code, peer_)); });
    first.join();
    other.join();
    EXPECT_EQ(opened, 1);
    const auto three = std::get<NeedSecondFactor>(try_password("suzuki")).token;
    EXPECT_TRUE(refusal(give_second_factor(desk_, three, code_at(secret, office_.clock.now() - seconds(30)), peer_),
                        Reason::WrongCode))
        << "nor one from before it";
    office_.clock.advance(seconds(30));
    EXPECT_TRUE(std::holds_alternative<SignedIn>(
        give_second_factor(desk_, three, code_at(secret, office_.clock.now()), peer_)));
}

TEST_P(SignInTest, TakesCodesAsPeopleTypeThem) {
    const PersonId id = office_.add_person("suzuki");
    std::vector<std::string> recovery;
    const std::string secret = enrol(id, &recovery);
    const auto give = [&](const std::string& typed) {
        const auto token = std::get<NeedSecondFactor>(try_password("suzuki")).token;
        return std::holds_alternative<SignedIn>(give_second_factor(desk_, token, typed, peer_));
    };
    std::string wide;
    for (const char c : code_at(secret, office_.clock.now()))
        wide += std::string("\xEF\xBC") + static_cast<char>(c - '0' + 0x90);
    EXPECT_TRUE(give(wide)) << "full-width digits: " << wide;
    office_.clock.advance(seconds(30));
    const std::string code = code_at(secret, office_.clock.now());
    EXPECT_TRUE(give(code.substr(0, 3) + " " + code.substr(3)));
    std::string lower = recovery[0];
    for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    EXPECT_TRUE(give(lower));
}

TEST_P(SignInTest, TakesEachRecoveryCodeOnce) {
    const PersonId id = office_.add_person("suzuki");
    std::vector<std::string> recovery;
    enrol(id, &recovery);
    ASSERT_EQ(recovery.size(), 10U);
    EXPECT_EQ(recovery[0].size(), 19U);
    const auto give = [&](const std::string& code) {
        const auto token = std::get<NeedSecondFactor>(try_password("suzuki")).token;
        return std::holds_alternative<SignedIn>(give_second_factor(desk_, token, code, peer_));
    };
    EXPECT_TRUE(give(recovery[3]));
    EXPECT_FALSE(give(recovery[3]));
    EXPECT_TRUE(give(recovery[4]));
    EXPECT_EQ(office_.db().read([&](sys::Reader& db) { return count_recovery_codes(db, id); }), 8);
    office_.db().read([&](sys::Reader& db) {
        for (const sys::Row& row : db.query("SELECT hash FROM recovery_code"))
            for (const std::string& code : recovery) EXPECT_NE(row.text(0), code);
    });
}

TEST_P(SignInTest, SlowsGuessingOfCodesByWhoKnowsThePassword) {
    const PersonId id = office_.add_person("suzuki");
    const std::string secret = enrol(id);
    for (int i = 0; i < 5; ++i) {
        const auto token = std::get<NeedSecondFactor>(try_password("suzuki")).token;
        EXPECT_TRUE(refusal(give_second_factor(desk_, token, "000000", peer_), Reason::WrongCode)) << i;
    }
    EXPECT_TRUE(refusal(try_password("suzuki"), Reason::Waiting))
        << "the right password does not start the count again";
    office_.clock.advance(seconds(30));
    const auto token = std::get<NeedSecondFactor>(try_password("suzuki")).token;
    EXPECT_TRUE(
        std::holds_alternative<SignedIn>(give_second_factor(desk_, token, code_at(secret, office_.clock.now()), peer_)))
        << "the password alone does not make one wait again";
}

TEST_P(SignInTest, SetsASecondFactorUpOnTheWayIn) {
    desk_.policy.factor_roles = {Role::SiteAdministrator};
    const PersonId id = office_.add_person("admin", {Role::SiteAdministrator});
    const auto token = std::get<NeedEnrolment>(try_password("admin")).token;
    const auto unfinished =
        office_.db().read([&](sys::Reader& db) { return find_unfinished_session(db, token, office_.clock.now()); });
    ASSERT_TRUE(unfinished);
    EXPECT_EQ(unfinished->person, id);
    const Enrolment made = office_.db().write([&](sys::Transaction& tx) {
        return begin_second_factor(tx, id, "サンプル市", desk_.office_key, office_.by(id));
    });
    EXPECT_TRUE(made.uri.starts_with("otpauth://totp/%E3%82%B5")) << made.uri;
    EXPECT_NE(made.uri.find(":admin?secret=" + made.secret), std::string::npos) << made.uri;
    std::vector<std::string> recovery;
    EXPECT_TRUE(refusal(finish_enrolment(desk_, token, "000000", peer_, recovery), Reason::WrongCode));
    EXPECT_TRUE(recovery.empty());
    const auto result =
        finish_enrolment(desk_, token, code_at(from_base32(made.secret), office_.clock.now()), peer_, recovery);
    EXPECT_TRUE(find(std::get<SignedIn>(result).token));
    EXPECT_EQ(recovery.size(), 10U);
    EXPECT_TRUE(std::holds_alternative<NeedSecondFactor>(try_password("admin")));
    office_.db().write([&](sys::Transaction& tx) { remove_second_factor(tx, id, office_.by()); });
    EXPECT_FALSE(find(std::get<SignedIn>(result).token)) << "sessions end when it is taken away";
    // A secret that was only shown is no second factor, and the record does not say that it is.
    std::vector<std::string> acts;
    for (const auto& line : office_.db().read([](sys::Reader& db) { return ledger::find_lines(db, {}); }))
        if (line.entry.act.starts_with("person.second-factor")) acts.push_back(line.entry.act);
    EXPECT_EQ(acts, (std::vector<std::string>{"person.second-factor-remove", "person.second-factor",
                                              "person.second-factor-offer"}));
}

TEST_P(SignInTest, KeepsTheOldSecondFactorUntilTheNewOneIsConfirmed) {
    const PersonId id = office_.add_person("suzuki");
    const std::string old_secret = enrol(id);
    office_.db().write(
        [&](sys::Transaction& tx) { begin_second_factor(tx, id, "Yakuba", desk_.office_key, office_.by(id)); });
    const auto token = std::get<NeedSecondFactor>(try_password("suzuki")).token;
    EXPECT_TRUE(std::holds_alternative<SignedIn>(
        give_second_factor(desk_, token, code_at(old_secret, office_.clock.now()), peer_)));
}

TEST_P(SignInTest, KeepsSecretsSealedAndBoundToTheirPerson) {
    const PersonId one = office_.add_person("one");
    const PersonId two = office_.add_person("two");
    const std::string secret = enrol(one);
    enrol(two);
    office_.db().write([&](sys::Transaction& tx) {
        const std::string sealed =
            tx.find("SELECT secret FROM second_factor WHERE person_id = $1", {one.value})->blob(0);
        EXPECT_EQ(sealed.find(secret), std::string::npos);
        tx.execute("UPDATE second_factor SET secret = $2 WHERE person_id = $1", {two.value, sys::Blob{sealed}});
    });
    const auto token = std::get<NeedSecondFactor>(try_password("two")).token;
    try {
        give_second_factor(desk_, token, code_at(secret, office_.clock.now()), peer_);
        FAIL() << "another's secret was taken";
    } catch (const base::Error& error) {
        EXPECT_EQ(error.kind(), base::Kind::Damaged);
    }
}

TEST_P(SignInTest, ProvesAgainForSensitiveActs) {
    office_.add_person("admin", {Role::SiteAdministrator});
    const auto token = std::get<SignedIn>(try_password("admin")).token;
    EXPECT_TRUE(is_fresh(*find(token), office_.clock.now(), desk_.policy.sessions));
    office_.clock.advance(minutes(10));
    EXPECT_FALSE(is_fresh(*find(token), office_.clock.now(), desk_.policy.sessions));
    EXPECT_TRUE(refusal(prove_again(desk_, token, "wrong", peer_), Reason::Wrong));
    EXPECT_FALSE(is_fresh(*find(token), office_.clock.now(), desk_.policy.sessions));
    EXPECT_TRUE(std::holds_alternative<SignedIn>(prove_again(desk_, token, kPassword, peer_)));
    EXPECT_TRUE(is_fresh(*find(token), office_.clock.now(), desk_.policy.sessions));
    EXPECT_TRUE(refusal(prove_again(desk_, "no token", kPassword, peer_), Reason::Expired));
}

TEST_P(SignInTest, ChangesOnesOwnPasswordAndEndsTheOtherSessions) {
    office_.add_person("suzuki");
    const auto here = std::get<SignedIn>(try_password("suzuki")).token;
    const auto elsewhere = std::get<SignedIn>(try_password("suzuki")).token;
    EXPECT_TRUE(refusal(change_own_password(desk_, here, "wrong", "atarashii kotoba", peer_), Reason::Wrong));
    EXPECT_TRUE(refusal(change_own_password(desk_, here, kPassword, "suzuki-suzuki", peer_), Reason::Unfit));
    EXPECT_TRUE(refusal(change_own_password(desk_, here, kPassword, kPassword, peer_), Reason::Unfit));
    EXPECT_TRUE(find(elsewhere));
    EXPECT_TRUE(
        std::holds_alternative<SignedIn>(change_own_password(desk_, here, kPassword, "atarashii kotoba", peer_)));
    EXPECT_TRUE(find(here));
    EXPECT_FALSE(find(elsewhere));
    EXPECT_TRUE(std::holds_alternative<SignedIn>(try_password("suzuki", "atarashii kotoba")));
    EXPECT_EQ(count("person.password person:1"), 1);
}

TEST_P(SignInTest, TiesTheFormsTokenToTheSession) {
    office_.add_person("suzuki");
    const auto one = std::get<SignedIn>(try_password("suzuki")).token;
    const auto two = std::get<SignedIn>(try_password("suzuki")).token;
    EXPECT_TRUE(is_csrf_token(one, csrf_token(one)));
    EXPECT_FALSE(is_csrf_token(one, csrf_token(two)));
    EXPECT_FALSE(is_csrf_token(one, ""));
    EXPECT_FALSE(is_csrf_token("", csrf_token("")));
    // printf csrf | openssl dgst -sha256 -hmac key
    EXPECT_EQ(csrf_token("key"), "b16b91124d187af339b515f5f6046a55a985f32065b63e3ea9e3f0b32f05e336");
}

/// A directory that cannot be asked.
class UnreachableDirectory final : public Authenticator {
  public:
    Source source() const override { return Source::Ldap; }
    ProofResult prove(std::string_view, std::string_view, std::string_view) override {
        return {Proof::Unreachable, "no route to host"};
    }
};

TEST_P(SignInTest, LetsLocalAccountsInWhileTheDirectoryIsAway) {
    office_.add_person("local");
    Person made;
    made.login_name = "directory";
    made.name = "庁内";
    made.source = Source::Ldap;
    office_.db().write([&](sys::Transaction& tx) { add_person(tx, made, "", office_.by()); });
    EXPECT_TRUE(refusal(try_password("directory"), Reason::Unavailable)) << "no directory is set up";
    desk_.authenticators.push_back(std::make_unique<UnreachableDirectory>());
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(refusal(try_password("directory"), Reason::Unavailable)) << "not counted";
    EXPECT_TRUE(std::holds_alternative<SignedIn>(try_password("local")));
}

TEST_P(SignInTest, RenewsAHashOfWeakerSettings) {
    const PersonId id = office_.add_person("suzuki");
    const auto stored = [&] {
        return office_.db().read([&](sys::Reader& db) {
            return db.find("SELECT password_hash FROM person WHERE id = $1", {id.value})->text(0);
        });
    };
    const std::string strong = stored();
    EXPECT_TRUE(std::holds_alternative<SignedIn>(try_password("suzuki")));
    EXPECT_EQ(stored(), strong) << "a good one stays";

    char weak[crypto_pwhash_STRBYTES] = {};
    ASSERT_EQ(crypto_pwhash_str_alg(weak, kPassword.data(), kPassword.size(), crypto_pwhash_OPSLIMIT_MIN,
                                    crypto_pwhash_MEMLIMIT_MIN, crypto_pwhash_ALG_ARGON2ID13),
              0);
    office_.db().write([&](sys::Transaction& tx) { set_password(tx, id, weak, false, office_.by()); });
    EXPECT_TRUE(std::holds_alternative<SignedIn>(try_password("suzuki")));
    EXPECT_NE(stored(), weak);
    EXPECT_FALSE(sys::is_password_hash_old(stored()));
    EXPECT_TRUE(std::holds_alternative<SignedIn>(try_password("suzuki"))) << "and it is the same password";
}

TEST(LoadOfficeKey, MakesTheKeyOnceAndRefusesADamagedOne) {
    const sys::TemporaryFolder folder;
    const auto file = folder.path() / "keys" / "office.key";
    const std::string key = load_office_key(file);
    EXPECT_EQ(key.size(), 32U);
    EXPECT_EQ(load_office_key(file), key);
    EXPECT_EQ(std::filesystem::status(file).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    sys::write_file(file, "short");
    EXPECT_THROW(load_office_key(file), base::Error);
}

}  // namespace
}  // namespace people
