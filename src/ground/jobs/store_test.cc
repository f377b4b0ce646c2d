#include "ground/jobs/store.h"

#include <map>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/jobs/migrations.h"
#include "ground/sys/testing/databases.h"

namespace jobs {
namespace {

using base::Instant;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const std::vector<std::string> kKinds{"mail"};
const Instant kNow = *base::parse_instant("2027-04-01 09:00");

class JobStore : public ::testing::TestWithParam<std::string> {
  protected:
    void SetUp() override { sys::migrate(*db_, migrations()); }

    bool add_one(const std::string& key, Instant due_at, Missed missed = Missed::Once, int most_attempts = 3) {
        NewJob job{key, "mail", R"({"to":"課"})", due_at, missed};
        job.most_attempts = most_attempts;
        return db_->write([&](sys::Transaction& tx) { return add(tx, job); });
    }
    std::optional<Job> take(Instant now, const std::string& owner = "a", milliseconds lease = minutes(10)) {
        return db_->write([&](sys::Transaction& tx) {
            closed_.clear();
            return take_due(tx, kKinds, now, owner, lease, closed_);
        });
    }
    void do_finish(const Job& job, Instant now) {
        db_->write([&](sys::Transaction& tx) { finish(tx, job, now); });
    }
    std::optional<Job> find(const std::string& key) {
        return db_->read([&](sys::Reader& db) { return find_job(db, key); });
    }
    std::optional<Instant> next() {
        return db_->read([&](sys::Reader& db) { return next_due(db, kKinds); });
    }

    sys::testing::TestDatabase store_;
    sys::DatabaseOptions options_ = store_.make_empty(GetParam());
    std::unique_ptr<sys::Database> db_ = sys::Database::open(options_);
    std::vector<Job> closed_;
};
INSTANTIATE_TEST_SUITE_P(Engines, JobStore, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

TEST_P(JobStore, AddsAJobOnceByItsKey) {
    EXPECT_TRUE(add_one("a", kNow));
    EXPECT_FALSE(add_one("a", kNow + hours(1)));
    const auto job = find("a");
    ASSERT_TRUE(job);
    EXPECT_EQ(job->due_at, kNow);
    EXPECT_EQ(job->payload, R"({"to":"課"})");
    do_finish(*take(kNow), kNow);
    EXPECT_FALSE(add_one("a", kNow)) << "done work is not done again";
    EXPECT_THROW(add_one("", kNow), base::Error);
    EXPECT_THROW(add_one("b", kNow, Missed::Once, 0), base::Error);
    EXPECT_THROW(db_->write([](sys::Transaction& tx) {
        add(tx, {"c", "mail", std::string(70'000, ' '), kNow});
    }),
                 base::Error);
}

TEST_P(JobStore, GivesJobsInDueOrderAndNotBeforeTheirTime) {
    add_one("late", kNow - hours(2));
    add_one("later", kNow - hours(1));
    add_one("latest", kNow - hours(3));
    add_one("future", kNow + hours(1));
    std::vector<std::string> order;
    while (const auto job = take(kNow)) {
        order.push_back(job->key);
        EXPECT_EQ(job->lateness, kNow - job->due_at);
        do_finish(*job, kNow);
    }
    EXPECT_EQ(order, (std::vector<std::string>{"latest", "late", "later"}));
    EXPECT_EQ(next(), kNow + hours(1));
    EXPECT_EQ(find("latest")->lateness, hours(3));
    EXPECT_EQ(find("latest")->outcome, Outcome::Done);
    EXPECT_EQ(find("latest")->done_at, kNow);
}

TEST_P(JobStore, LeavesOtherKindsToOthers) {
    add_one("a", kNow);
    const std::vector<std::string> others{"backup", "sweep"};
    EXPECT_FALSE(
        db_->write([&](sys::Transaction& tx) { return take_due(tx, others, kNow, "b", minutes(1), closed_); }));
    EXPECT_FALSE(db_->write([&](sys::Transaction& tx) { return take_due(tx, {}, kNow, "b", minutes(1), closed_); }));
    EXPECT_EQ(db_->read([&](sys::Reader& db) { return next_due(db, others); }), std::nullopt);
    EXPECT_TRUE(take(kNow));
}

TEST_P(JobStore, HoldsALeaseUntilItRunsOut) {
    add_one("a", kNow);
    const auto first = take(kNow, "a", minutes(10));
    ASSERT_TRUE(first);
    EXPECT_EQ(first->attempt, 1);
    EXPECT_FALSE(take(kNow + minutes(10) - milliseconds(1), "b"));
    EXPECT_EQ(next(), kNow + minutes(10));
    db_->write([&](sys::Transaction& tx) { renew(tx, *first, kNow + minutes(9), minutes(10)); });
    EXPECT_FALSE(take(kNow + minutes(15), "b"));
    const auto second = take(kNow + minutes(19), "b");
    ASSERT_TRUE(second);
    EXPECT_EQ(second->attempt, 2);
    EXPECT_EQ(second->lateness, minutes(19));

    EXPECT_THROW(do_finish(*first, kNow + minutes(20)), LeaseLost) << "the first worker was only slow";
    EXPECT_THROW(db_->write([&](sys::Transaction& tx) { renew(tx, *first, kNow, minutes(1)); }), LeaseLost);
    EXPECT_THROW(db_->write([&](sys::Transaction& tx) { fail(tx, *first, kNow, "x"); }), LeaseLost);
    do_finish(*second, kNow + minutes(21));
    EXPECT_THROW(do_finish(*second, kNow + minutes(21)), LeaseLost) << "finished twice";
}

TEST_P(JobStore, FencesAWorkerOfTheSameNameByItsAttempt) {
    add_one("a", kNow);
    const auto first = take(kNow, "same");
    const auto second = take(kNow + hours(1), "same");
    ASSERT_TRUE(first && second);
    EXPECT_THROW(do_finish(*first, kNow + hours(1)), LeaseLost);
    do_finish(*second, kNow + hours(1));
}

TEST_P(JobStore, UndoesTheEffectOfAWorkerThatLostItsLease) {
    add_one("a", kNow);
    const auto slow = take(kNow, "a");
    const auto other = take(kNow + hours(1), "b");
    ASSERT_TRUE(slow && other);
    EXPECT_THROW(db_->write([&](sys::Transaction& tx) {
        add(tx, {"effect", "mail", "{}", kNow});
        finish(tx, *slow, kNow + hours(1));
    }),
                 LeaseLost);
    EXPECT_FALSE(find("effect"));
}

TEST_P(JobStore, TriesAFailedJobAgainLaterAndInTheEndGivesUp) {
    add_one("a", kNow);
    add_one("b", kNow + seconds(1));
    Instant now = kNow + seconds(1);
    for (int attempt = 1; attempt <= 3; ++attempt) {
        const auto job = take(now);
        ASSERT_TRUE(job);
        EXPECT_EQ(job->key, "a");
        EXPECT_EQ(job->attempt, attempt);
        const Outcome outcome =
            db_->write([&](sys::Transaction& tx) { return fail(tx, *job, now, std::string("no\0 server\xFF", 11)); });
        EXPECT_EQ(outcome, attempt < 3 ? Outcome::Open : Outcome::Failed);
        if (attempt == 1) {
            const auto other = take(now);
            ASSERT_TRUE(other) << "a job that waits does not hold up the next";
            EXPECT_EQ(other->key, "b");
            do_finish(*other, now);
        }
        EXPECT_FALSE(take(now));
        EXPECT_EQ(next(), attempt < 3 ? std::optional(now + backoff(attempt)) : std::nullopt);
        now = now + backoff(attempt);
    }
    const auto failed = db_->read([](sys::Reader& db) { return list_failed(db); });
    ASSERT_EQ(failed.size(), 1U);
    EXPECT_EQ(failed[0].last_error, "no  server\xEF\xBF\xBD");
    EXPECT_EQ(failed[0].due_at, kNow);
    EXPECT_TRUE(db_->write([&](sys::Transaction& tx) { return try_again(tx, failed[0].id, now); }));
    EXPECT_FALSE(db_->write([&](sys::Transaction& tx) { return try_again(tx, failed[0].id, now); }));
    const auto again = take(now);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->attempt, 1);
    do_finish(*again, now);
    EXPECT_TRUE(db_->read([](sys::Reader& db) { return list_failed(db); }).empty());
}

TEST_P(JobStore, WaitsLongerAfterEachFailureWithinBounds) {
    EXPECT_EQ(backoff(1), seconds(10));
    EXPECT_EQ(backoff(2), seconds(20));
    for (int attempt = 0; attempt < 1000; ++attempt) {
        EXPECT_LE(backoff(attempt), backoff(attempt + 1));
        EXPECT_LE(backoff(attempt), hours(1));
    }
    EXPECT_EQ(backoff(1'000'000), hours(1));
}

TEST_P(JobStore, SkipsWhatIsTooLateAndRecordsIt) {
    add_one("old", kNow - hours(1), Missed::Skip);
    add_one("recent", kNow - minutes(9), Missed::Skip);
    const auto job = take(kNow);
    ASSERT_TRUE(job);
    EXPECT_EQ(job->key, "recent");
    ASSERT_EQ(closed_.size(), 1U);
    EXPECT_EQ(closed_[0].key, "old");
    const auto old = find("old");
    EXPECT_EQ(old->outcome, Outcome::Skipped);
    EXPECT_EQ(old->lateness, hours(1));
    EXPECT_EQ(old->done_at, kNow);
}

TEST_P(JobStore, GivesUpAJobWhoseWorkersKeepDying) {
    add_one("deadly", kNow, Missed::Once, 2);
    ASSERT_TRUE(take(kNow));
    ASSERT_TRUE(take(kNow + hours(1)));
    EXPECT_FALSE(take(kNow + hours(2)));
    ASSERT_EQ(closed_.size(), 1U);
    EXPECT_EQ(closed_[0].outcome, Outcome::Failed);
    EXPECT_EQ(find("deadly")->last_error, "its worker did not come back in 2 attempts");
}

TEST_P(JobStore, CancelsWhatNobodyWorksOn) {
    add_one("a", kNow);
    EXPECT_TRUE(db_->write([](sys::Transaction& tx) { return cancel(tx, "a"); }));
    EXPECT_FALSE(db_->write([](sys::Transaction& tx) { return cancel(tx, "a"); }));
    EXPECT_TRUE(add_one("a", kNow)) << "a cancelled job can be added anew";
    const auto job = take(kNow);
    ASSERT_TRUE(job);
    EXPECT_FALSE(db_->write([](sys::Transaction& tx) { return cancel(tx, "a"); }));
    do_finish(*job, kNow);
    EXPECT_FALSE(db_->write([](sys::Transaction& tx) { return cancel(tx, "a"); }));
}

TEST_P(JobStore, ListsWhatIsOverdueAndForgetsWhatIsDone) {
    add_one("done", kNow - hours(5));
    do_finish(*take(kNow - hours(4)), kNow - hours(4));
    add_one("overdue", kNow - hours(1));
    add_one("due", kNow - minutes(1));
    const auto overdue = db_->read([](sys::Reader& db) { return list_overdue(db, kNow, minutes(5)); });
    ASSERT_EQ(overdue.size(), 1U);
    EXPECT_EQ(overdue[0].key, "overdue");
    EXPECT_EQ(db_->read([](sys::Reader& db) { return list_open(db); }).size(), 2U);
    EXPECT_EQ(db_->write([](sys::Transaction& tx) { return forget_done(tx, kNow - hours(4)); }), 0);
    EXPECT_EQ(db_->write([](sys::Transaction& tx) { return forget_done(tx, kNow); }), 1);
    EXPECT_FALSE(find("done"));
}

TEST_P(JobStore, GivesEachJobToOneOfSeveralWorkers) {
    constexpr int kJobs = 60;
    db_->write([](sys::Transaction& tx) {
        for (int i = 0; i < kJobs; ++i) add(tx, {fmt::format("job {}", i), "mail", "{}", kNow + milliseconds(i)});
    });
    std::mutex mutex;
    std::map<std::string, int> taken;
    std::vector<std::thread> workers;
    for (int worker = 0; worker < 4; ++worker) {
        workers.emplace_back([&, worker] {
            const auto own = sys::Database::open(options_);
            for (;;) {
                std::vector<Job> closed;
                const auto job = own->write([&](sys::Transaction& tx) {
                    closed.clear();
                    return take_due(tx, kKinds, kNow + hours(1), fmt::format("worker {}", worker), hours(1), closed);
                });
                if (!job) return;
                own->write([&](sys::Transaction& tx) { finish(tx, *job, kNow + hours(1)); });
                const std::lock_guard lock(mutex);
                ++taken[job->key];
            }
        });
    }
    for (std::thread& worker : workers) worker.join();
    EXPECT_EQ(taken.size(), static_cast<std::size_t>(kJobs));
    for (const auto& [key, times] : taken) EXPECT_EQ(times, 1) << key;
}

// A real process takes the job and is killed with it.
TEST_P(JobStore, GetsBackTheJobOfAKilledProcess) {
    add_one("a", kNow);
    db_.reset();
    int ready[2];
    ASSERT_EQ(pipe(ready), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        try {
            const auto own = sys::Database::open(options_);
            std::vector<Job> closed;
            const auto job = own->write(
                [&](sys::Transaction& tx) { return take_due(tx, kKinds, kNow, "child", minutes(10), closed); });
            const char answer = job ? 'y' : 'n';
            if (write(ready[1], &answer, 1) != 1) _exit(1);
            for (;;) pause();
        } catch (...) {
            _exit(1);
        }
    }
    close(ready[1]);
    char answer = 0;
    EXPECT_EQ(read(ready[0], &answer, 1), 1);
    close(ready[0]);
    kill(child, SIGKILL);
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(answer, 'y');

    db_ = sys::Database::open(options_);
    EXPECT_FALSE(take(kNow + minutes(9)));
    const auto job = take(kNow + minutes(10));
    ASSERT_TRUE(job);
    EXPECT_EQ(job->attempt, 2);
    do_finish(*job, kNow + minutes(10));
}

}  // namespace
}  // namespace jobs
