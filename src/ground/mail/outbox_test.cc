#include "ground/mail/outbox.h"

#include <set>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/sys/testing/databases.h"

namespace mail {
namespace {

using base::Instant;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Instant kNow{1'800'000'000'000};
constexpr minutes kLease{2};

class Outbox : public ::testing::TestWithParam<std::string> {
  protected:
    void SetUp() override { sys::migrate(*db_, migrations()); }
    bool put(const std::string& key, Instant at = kNow) {
        return db_->write([&](sys::Transaction& tx) {
            return queue(tx, {key, {7}, "花子", "hanako@city.example", "件名 " + key, "本文"}, at);
        });
    }
    std::optional<Letter> take_one(Instant now) {
        return db_->write([&](sys::Transaction& tx) { return take(tx, now, kLease); });
    }
    Counts counts() {
        return db_->read([](sys::Reader& db) { return count(db, kNow - hours(1)); });
    }

    sys::testing::TestDatabase store_;
    sys::DatabaseOptions options_ = store_.make_empty(GetParam());
    std::unique_ptr<sys::Database> db_ = sys::Database::open(options_);
};
INSTANTIATE_TEST_SUITE_P(Engines, Outbox, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

TEST_P(Outbox, SendsEachLetterOnceOldestFirst) {
    EXPECT_TRUE(put("a", kNow - seconds(2)));
    EXPECT_TRUE(put("b", kNow - seconds(1)));
    EXPECT_FALSE(put("a")) << "the key names the letter";
    EXPECT_FALSE(take_one(kNow - hours(1)));
    const auto a = take_one(kNow);
    ASSERT_TRUE(a);
    EXPECT_EQ(a->key, "a");
    EXPECT_EQ(a->text, "本文");
    EXPECT_EQ(a->person, base::PersonId{7});
    EXPECT_EQ(take_one(kNow)->key, "b");
    EXPECT_FALSE(take_one(kNow));
    EXPECT_TRUE(db_->write([&](sys::Transaction& tx) { return mark_sent(tx, *a, kNow); }));
    EXPECT_FALSE(db_->write([&](sys::Transaction& tx) { return mark_sent(tx, *a, kNow); }));
    EXPECT_EQ(counts().sent, 1);
    EXPECT_EQ(counts().waiting, 1);
    EXPECT_EQ(counts().oldest, kNow - seconds(1));
    EXPECT_EQ(db_->read([](sys::Reader& db) { return find_last(db, {7}); }), kNow - seconds(1));
}

TEST_P(Outbox, GivesALetterWhoseSenderDiedOutAgainWithTheSameToken) {
    put("a");
    const auto first = take_one(kNow);
    EXPECT_FALSE(take_one(kNow + kLease - seconds(1)));
    const auto second = take_one(kNow + kLease);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->token, first->token);
    EXPECT_EQ(second->attempt, 2);
    EXPECT_FALSE(db_->write([&](sys::Transaction& tx) { return mark_failed(tx, *first, "late", kNow); }))
        << "who was thought dead has no say any more";
    EXPECT_TRUE(db_->write([&](sys::Transaction& tx) { return mark_sent(tx, *second, kNow); }));
}

TEST_P(Outbox, TriesLaterWithLongerWaitsAndGivesUpInTheEnd) {
    put("a");
    Instant now = kNow;
    for (int attempt = 1; attempt <= kMostAttempts; ++attempt) {
        const auto letter = take_one(now);
        ASSERT_TRUE(letter) << attempt;
        EXPECT_EQ(letter->attempt, attempt);
        EXPECT_TRUE(db_->write(
            [&](sys::Transaction& tx) { return mark_later(tx, *letter, std::string("busy\0\xFF", 6), now); }));
        EXPECT_EQ(counts().problem, attempt < kMostAttempts ? "busy \xEF\xBF\xBD" : "");
        EXPECT_FALSE(take_one(now + wait_after(attempt) - seconds(1)));
        now = now + wait_after(attempt);
    }
    EXPECT_GT(now - kNow, hours(24));
    EXPECT_FALSE(take_one(now));
    EXPECT_EQ(counts().failed, 1);
    const auto failed = db_->read([](sys::Reader& db) { return list(db, LetterState::Failed, 10); });
    ASSERT_EQ(failed.size(), 1U);
    EXPECT_EQ(db_->write([&](sys::Transaction& tx) { return try_again(tx, failed[0].id, now); }), 1);
    EXPECT_EQ(db_->write([&](sys::Transaction& tx) { return try_again(tx, 0, now); }), 0);
    EXPECT_EQ(take_one(now)->attempt, 1);
}

TEST_P(Outbox, TakesNoCountOfATryThatWasGivenBack) {
    put("a");
    const auto letter = take_one(kNow);
    EXPECT_TRUE(db_->write([&](sys::Transaction& tx) { return give_back(tx, *letter); }));
    EXPECT_EQ(take_one(kNow)->attempt, 1);
}

TEST_P(Outbox, ForgetsWhatIsLongOver) {
    for (const std::string key : {"sent", "failed", "waiting"}) put(key);
    for (int i = 0; i < 2; ++i) {
        const auto letter = take_one(kNow);
        db_->write([&](sys::Transaction& tx) {
            if (letter->key == "sent")
                mark_sent(tx, *letter, kNow);
            else
                mark_failed(tx, *letter, "no", kNow);
        });
    }
    const auto forget_before = [&](Instant sent, Instant failed) {
        return db_->write([&](sys::Transaction& tx) { return forget(tx, sent, failed); });
    };
    EXPECT_EQ(forget_before(kNow, kNow), 0);
    EXPECT_EQ(forget_before(kNow + seconds(1), kNow), 1);
    EXPECT_EQ(forget_before(kNow + seconds(1), kNow + seconds(1)), 1);
    EXPECT_EQ(counts().waiting, 1);
}

TEST_P(Outbox, GivesEachLetterToOneOfSeveralServers) {
    constexpr int kLetters = 40;
    for (int i = 0; i < kLetters; ++i) put(fmt::format("{}", i));
    std::mutex mutex;
    std::multiset<std::string> sent;
    std::vector<std::thread> servers;
    for (int server = 0; server < 3; ++server)
        servers.emplace_back([&] {
            const auto own = sys::Database::open(options_);
            while (const auto letter = own->write([&](sys::Transaction& tx) { return take(tx, kNow, kLease); })) {
                if (!own->write([&](sys::Transaction& tx) { return mark_sent(tx, *letter, kNow); })) continue;
                const std::lock_guard lock(mutex);
                sent.insert(letter->key);
            }
        });
    for (std::thread& server : servers) server.join();
    EXPECT_EQ(sent.size(), static_cast<std::size_t>(kLetters));
    EXPECT_EQ(std::set<std::string>(sent.begin(), sent.end()).size(), sent.size());
}

}  // namespace
}  // namespace mail
