#include "ground/people/passwords.h"

#include <atomic>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/sys/crypto.h"

namespace people {
namespace {

TEST(FindFault, TakesWhatIsLongAndOnesOwn) {
    for (const std::string_view password : {"hashi no ue no neko", "なつのよるのゆめのつづき", "k3Vq-92mz-Lx7",
                                            "correct horse battery", "うさぎとかめ2027春の山"})
        EXPECT_FALSE(find_fault(password, "yamada", {})) << password;
}

TEST(FindFault, RefusesWhatIsGuessedFirst) {
    for (const std::string_view password :
         {"", "short", "123456789", "aaaaaaaaaa", "1234567890", "0987654321", "abcdefghijk", "abcabcabcabc",
          "1212121212", "password123", "P@ssw0rd2026!", "Administrator1", "qwertyuiop", "2026yakuba!!",
          "reiwa2026reiwa-yamada", "Yamada-Hanako", "0123456789", "sakura20270401"})
        EXPECT_TRUE(find_fault(password, "yamada", {})) << password;
    EXPECT_TRUE(find_fault("hanako.yam", "hanako.yamada", {})) << "a part of the login name";
}

TEST(FindFault, CountsCharactersNotBytes) {
    EXPECT_TRUE(find_fault("なつのよる", "yamada", {})) << "5 characters, 15 bytes";
    EXPECT_TRUE(find_fault(std::string(300, 'x') + "y", "yamada", {}));
}

TEST(FindFault, RefusesWhatIsNoText) {
    EXPECT_TRUE(find_fault("abc\xff\xfe defghijk", "yamada", {}));
    EXPECT_TRUE(find_fault(std::string_view("abcdefgh\0jkqrs", 14), "yamada", {}));
}

TEST(FindFault, AsksForKindsOfCharactersWhenAContractDoes) {
    const PasswordPolicy strict{10, 4};
    EXPECT_TRUE(find_fault("hashi no ue no neko", "yamada", strict));
    EXPECT_FALSE(find_fault("Hashi no ue no neko 3", "yamada", strict));
    const auto fault = find_fault("nekonekoinu", "yamada", {12, 0});
    ASSERT_TRUE(fault);
    EXPECT_NE(fault->ja.find("12文字以上"), std::string::npos);
    EXPECT_NE(fault->en.find("12 characters"), std::string::npos);
}

TEST(MakePassword, MakesOnesThatWillDoAndDiffer) {
    std::set<std::string> seen;
    for (int i = 0; i < 500; ++i) {
        const std::string password = make_password();
        EXPECT_EQ(password.size(), 19U);
        EXPECT_EQ(password.find_first_of("ilo01"), std::string::npos) << password;
        EXPECT_FALSE(find_fault(password, "yamada", {})) << password;
        EXPECT_TRUE(seen.insert(password).second);
    }
}

TEST(IsRightPassword, ComparesWithTheStoredHash) {
    const std::string hash = hash_new_password("hashi no ue no neko");
    EXPECT_TRUE(hash.starts_with("$argon2id$")) << hash;
    EXPECT_TRUE(is_right_password("hashi no ue no neko", hash));
    EXPECT_FALSE(is_right_password("hashi no ue no inu", hash));
    EXPECT_FALSE(is_right_password("", hash));
}

TEST(IsRightPassword, SaysNoWithoutAHashAndTakesItsTimeAllTheSame) {
    EXPECT_FALSE(is_right_password("", ""));
    EXPECT_FALSE(is_right_password("anything", ""));
    const std::string hash = hash_new_password("hashi no ue no neko");
    const auto seconds_of = [](const std::string& stored) {
        auto best = std::chrono::nanoseconds::max();
        for (int i = 0; i < 5; ++i) {
            const auto start = std::chrono::steady_clock::now();
            is_right_password("wrong all the same", stored);
            best = std::min(best, std::chrono::nanoseconds(std::chrono::steady_clock::now() - start));
        }
        return std::chrono::duration<double>(best).count();
    };
    const double known = seconds_of(hash);
    const double unknown = seconds_of("");
    EXPECT_GT(unknown, known / 3);
    EXPECT_LT(unknown, known * 3);
}

TEST(IsRightPassword, DoesNotCutALongPasswordShort) {
    const std::string longest(1024, 'x');
    const std::string hash = hash_new_password(longest);
    EXPECT_TRUE(is_right_password(longest, hash));
    EXPECT_FALSE(is_right_password(longest + "y", hash));
}

TEST(Gate, LetsOnlySoManyInAtOnce) {
    Gate gate(3);
    std::atomic<int> inside{0}, most{0}, served{0};
    std::vector<std::thread> crowd;
    for (int i = 0; i < 20; ++i)
        crowd.emplace_back([&] {
            const auto pass = gate.enter(std::chrono::seconds(30));
            const int now = ++inside;
            int seen = most.load();
            while (now > seen && !most.compare_exchange_weak(seen, now)) {
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
            --inside;
            ++served;
        });
    for (std::thread& one : crowd) one.join();
    EXPECT_EQ(served, 20);
    EXPECT_LE(most, 3);
    EXPECT_GT(most, 1);
}

TEST(Gate, TurnsAwayWhoWouldWaitTooLong) {
    Gate gate(1);
    const auto pass = gate.enter(std::chrono::milliseconds(1));
    try {
        gate.enter(std::chrono::milliseconds(5));
        FAIL() << "two were let in";
    } catch (const base::Error& error) {
        EXPECT_EQ(error.kind(), base::Kind::Unavailable);
    }
}

}  // namespace
}  // namespace people
