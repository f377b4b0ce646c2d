#include "ground/jobs/runner.h"

#include <map>
#include <random>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/jobs/migrations.h"
#include "ground/sys/testing/databases.h"

namespace jobs {
namespace {

using base::Day;
using base::Instant;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using Result = Receipt::Result;

Instant at(std::string_view local) {
    return base::parse_instant(local).value();
}

// Every day at 21:30 in Japan.
std::optional<Instant> nightly(Instant after) {
    Day day = base::local_day(after);
    for (;; day = day + 1) {
        const Instant due = base::from_local({day, 21, 30});
        if (due > after) return due;
    }
}

Effect nothing(const Turn&) {
    return {};
}

class JobRunner : public ::testing::TestWithParam<std::string> {
  protected:
    void SetUp() override { sys::migrate(*db_, migrations()); }

    void add_one(const std::string& key, const std::string& kind, Instant due_at, Missed missed = Missed::Once) {
        db_->write([&](sys::Transaction& tx) { add(tx, {key, kind, "{}", due_at, missed}); });
    }
    std::vector<Job> open_jobs() {
        return db_->read([](sys::Reader& db) { return list_open(db); });
    }
    // The day of each run of a kind that writes one row a run.
    Kind nightly_kind(Missed missed) {
        return {.name = "backup",
                .run = [this](const Turn& turn) -> Effect {
                    runs_.push_back(base::local_day(turn.job.due_at));
                    return {};
                },
                .next = nightly,
                .missed = missed};
    }

    sys::testing::TestDatabase store_;
    sys::DatabaseOptions options_ = store_.make_empty(GetParam());
    std::unique_ptr<sys::Database> db_ = sys::Database::open(options_);
    base::FixedClock clock_{at("2027-04-01 09:00")};
    std::vector<Day> runs_;
};
INSTANTIATE_TEST_SUITE_P(Engines, JobRunner, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

TEST_P(JobRunner, DoesWhatIsDueInOrderAndWritesTheEffectWithTheDoneMark) {
    add_one("second", "mail", clock_.now() - hours(1));
    add_one("first", "mail", clock_.now() - hours(2));
    add_one("tomorrow", "mail", clock_.now() + hours(24));
    std::vector<std::string> done;
    Runner runner(*db_, clock_, {{"mail", [&](const Turn& turn) -> Effect {
                                      done.push_back(turn.job.key);
                                      return [key = turn.job.key](sys::Transaction& tx) {
                                          add(tx, {"effect of " + key, "other", "{}", {}});
                                      };
                                  }}});
    const auto receipts = runner.run_due();
    EXPECT_EQ(done, (std::vector<std::string>{"first", "second"}));
    ASSERT_EQ(receipts.size(), 2U);
    EXPECT_EQ(receipts[0].lateness, hours(2));
    EXPECT_EQ(receipts[0].result, Result::Done);
    EXPECT_TRUE(db_->read([](sys::Reader& db) { return find_job(db, "effect of second"); }));
    EXPECT_EQ(runner.next_due(), clock_.now() + hours(24));
    EXPECT_TRUE(runner.run_due().empty());
}

TEST_P(JobRunner, LetsOneBadJobCostOnlyItself) {
    for (int i = 0; i < 5; ++i) add_one(fmt::format("{}", i), "mail", clock_.now() - minutes(5 - i));
    Runner runner(*db_, clock_, {{"mail", [&](const Turn& turn) -> Effect {
                                      if (turn.job.key == "1")
                                          throw base::Error(base::Kind::Unavailable, "the mail server does not answer");
                                      if (turn.job.key == "2") throw 42;
                                      if (turn.job.key == "3")
                                          return [](sys::Transaction& tx) {
                                              add(tx, {"half done", "other", "{}", {}});
                                              throw std::runtime_error("the effect failed");
                                          };
                                      return {};
                                  }}});
    std::map<std::string, Receipt> by_key;
    for (const Receipt& receipt : runner.run_due()) by_key.emplace(receipt.key, receipt);
    ASSERT_EQ(by_key.size(), 5U);
    EXPECT_EQ(by_key.at("0").result, Result::Done);
    EXPECT_EQ(by_key.at("1").result, Result::Retry);
    EXPECT_EQ(by_key.at("1").error, "the mail server does not answer");
    EXPECT_EQ(by_key.at("2").result, Result::Retry);
    EXPECT_EQ(by_key.at("3").error, "the effect failed");
    EXPECT_EQ(by_key.at("4").result, Result::Done);
    EXPECT_FALSE(db_->read([](sys::Reader& db) { return find_job(db, "half done"); }));
    EXPECT_EQ(open_jobs().size(), 3U);
    for (int attempt = 2; attempt <= 8; ++attempt) {
        clock_.set(runner.next_due().value());
        for (const Receipt& receipt : runner.run_due()) {
            EXPECT_EQ(receipt.attempt, attempt);
            EXPECT_EQ(receipt.result, attempt < 8 ? Result::Retry : Result::Failed);
        }
    }
    EXPECT_EQ(runner.next_due(), std::nullopt);
    EXPECT_EQ(db_->read([](sys::Reader& db) { return list_failed(db); }).size(), 3U);
}

TEST_P(JobRunner, WritesNothingWhenItsLeaseWasLost) {
    add_one("a", "mail", clock_.now());
    Runner thief(*db_, clock_, {{"mail", nothing}});
    Runner slow(*db_, clock_, {{"mail", [&](const Turn& turn) -> Effect {
                                    turn.renew();
                                    clock_.advance(hours(1));
                                    EXPECT_EQ(thief.run_due().size(), 1U);
                                    EXPECT_THROW(turn.renew(), LeaseLost);
                                    return [](sys::Transaction& tx) { add(tx, {"effect", "other", "{}", {}}); };
                                }}});
    const auto receipts = slow.run_due();
    ASSERT_EQ(receipts.size(), 1U);
    EXPECT_EQ(receipts[0].result, Result::Lost);
    EXPECT_FALSE(db_->read([](sys::Reader& db) { return find_job(db, "effect"); }));
}

TEST_P(JobRunner, KeepsALongJobByRenewing) {
    add_one("a", "mail", clock_.now());
    Runner other(*db_, clock_, {{"mail", nothing}});
    Runner runner(*db_, clock_, {{"mail", [&](const Turn& turn) -> Effect {
                                      for (int i = 0; i < 12; ++i) {
                                          clock_.advance(minutes(9));
                                          EXPECT_TRUE(other.run_due().empty());
                                          turn.renew();
                                      }
                                      return {};
                                  }}});
    EXPECT_EQ(runner.run_due().at(0).result, Result::Done);
}

TEST_P(JobRunner, RunsASeriesForThreeYearsWithoutGapOrDouble) {
    std::mt19937 random(31);
    Runner runner(*db_, clock_, {nightly_kind(Missed::Once)});
    runner.plan();
    const Instant end = at("2030-04-01 09:00");
    while (clock_.now() < end) {
        clock_.set(runner.next_due().value());
        clock_.advance(milliseconds(random() % 120'000));  // the timetable is never sharp
        if (random() % 50 == 0) runner.plan();             // a restart
        for (const Receipt& receipt : runner.run_due()) {
            EXPECT_EQ(receipt.result, Result::Done);
            EXPECT_LT(receipt.lateness, minutes(2));
        }
        ASSERT_EQ(open_jobs().size(), 1U);
    }
    ASSERT_EQ(runs_.size(), 3U * 365 + 1 + 1);  // 2028 is a leap year; the last loop runs one past the end
    for (std::size_t i = 0; i < runs_.size(); ++i) EXPECT_EQ(runs_[i], (Day{2027, 4, 1} + static_cast<int>(i)));
}

TEST_P(JobRunner, MakesUpForEveryMissedRunWhenAskedTo) {
    std::mt19937 random(8);
    const Instant end = at("2028-04-01 09:00");
    while (clock_.now() < end) {
        Runner runner(*db_, clock_, {nightly_kind(Missed::Each)});  // started after up to two weeks of silence
        runner.plan();
        runner.run_due();
        clock_.advance(minutes(random() % (14 * 24 * 60)));
    }
    Runner(*db_, clock_, {nightly_kind(Missed::Each)}).run_due();
    const std::set<Day> days(runs_.begin(), runs_.end());
    EXPECT_EQ(days.size(), runs_.size());
    EXPECT_TRUE(std::is_sorted(runs_.begin(), runs_.end()));
    EXPECT_EQ(base::day_number(runs_.back()) - base::day_number(runs_.front()) + 1,
              static_cast<std::int64_t>(runs_.size()));
    EXPECT_GE(runs_.size(), 365U);
}

TEST_P(JobRunner, RunsOnceForAllMissedRunsWithTheLatenessOfTheFirst) {
    Runner(*db_, clock_, {nightly_kind(Missed::Once)}).plan();
    clock_.set(at("2027-04-05 08:00"));
    Runner runner(*db_, clock_, {nightly_kind(Missed::Once)});
    runner.plan();
    const auto receipts = runner.run_due();
    ASSERT_EQ(receipts.size(), 1U);
    EXPECT_EQ(receipts[0].due_at, at("2027-04-01 21:30"));
    EXPECT_EQ(receipts[0].lateness, at("2027-04-05 08:00") - at("2027-04-01 21:30"));
    EXPECT_EQ(runner.next_due(), at("2027-04-05 21:30"));
}

TEST_P(JobRunner, SkipsMissedRunsAndGoesOnWithTheNext) {
    Runner(*db_, clock_, {nightly_kind(Missed::Skip)}).plan();
    clock_.set(at("2027-04-05 08:00"));
    Runner runner(*db_, clock_, {nightly_kind(Missed::Skip)});
    const auto receipts = runner.run_due();
    ASSERT_EQ(receipts.size(), 1U);
    EXPECT_EQ(receipts[0].result, Result::Skipped);
    EXPECT_TRUE(runs_.empty());
    EXPECT_EQ(runner.next_due(), at("2027-04-05 21:30"));
    clock_.set(at("2027-04-05 21:35"));
    EXPECT_EQ(runner.run_due().at(0).result, Result::Done);
}

TEST_P(JobRunner, DoesNotRunASeriesTwiceWhenTheClockIsSetBack) {
    Runner runner(*db_, clock_, {nightly_kind(Missed::Once)});
    runner.plan();
    clock_.set(at("2027-04-01 21:30"));
    EXPECT_EQ(runner.run_due().size(), 1U);
    clock_.set(at("2027-04-01 20:00"));
    runner.plan();
    clock_.set(at("2027-04-01 21:30"));
    EXPECT_TRUE(runner.run_due().empty());
    EXPECT_EQ(runner.next_due(), at("2027-04-02 21:30"));
}

TEST_P(JobRunner, MovesThePlannedRunWhenTheTimetableChanges) {
    Runner(*db_, clock_, {nightly_kind(Missed::Once)}).plan();
    Kind later = nightly_kind(Missed::Once);
    later.next = [](Instant after) -> std::optional<Instant> {
        return nightly(after - minutes(90)).value() + minutes(90);
    };
    Runner runner(*db_, clock_, {later});
    runner.plan();
    ASSERT_EQ(open_jobs().size(), 1U);
    EXPECT_EQ(runner.next_due(), at("2027-04-01 23:00"));
}

TEST_P(JobRunner, GoesOnWithASeriesAfterARunWasGivenUp) {
    Kind bad = nightly_kind(Missed::Once);
    bad.run = [](const Turn&) -> Effect { throw std::runtime_error("disk full"); };
    bad.most_attempts = 2;
    Runner runner(*db_, clock_, {bad});
    runner.plan();
    clock_.set(at("2027-04-01 21:30"));
    EXPECT_EQ(runner.run_due().at(0).result, Result::Retry);
    clock_.set(runner.next_due().value());
    EXPECT_EQ(runner.run_due().at(0).result, Result::Failed);
    EXPECT_EQ(runner.next_due(), at("2027-04-02 21:30"));
}

TEST_P(JobRunner, SurvivesASeriesThatStandsStill) {
    Kind stuck = nightly_kind(Missed::Each);
    stuck.next = [](Instant after) -> std::optional<Instant> { return after; };
    Kind thrower{.name = "thrower", .run = nothing, .next = [](Instant) -> std::optional<Instant> {
                     throw std::runtime_error("x");
                 }};
    Runner runner(*db_, clock_, {stuck, thrower, {"mail", nothing}});
    runner.plan();
    add_one("backup@" + base::format_utc(clock_.now()), "backup", clock_.now());
    add_one("mail", "mail", clock_.now());
    EXPECT_EQ(runner.run_due().size(), 2U);
    EXPECT_THROW(Runner(*db_, clock_, {{"a", nothing}, {"a", nothing}}), base::Error);
}

TEST_P(JobRunner, StopsBetweenTwoJobs) {
    for (int i = 0; i < 5; ++i) add_one(fmt::format("{}", i), "mail", clock_.now());
    int done = 0;
    Runner runner(*db_, clock_, {{"mail", [&](const Turn&) -> Effect {
                                      ++done;
                                      return {};
                                  }}});
    runner.run_due([&] { return done == 2; });
    EXPECT_EQ(open_jobs().size(), 3U);
}

}  // namespace
}  // namespace jobs
