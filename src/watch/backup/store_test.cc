#include "watch/backup/store.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/ledger/store.h"
#include "ground/sys/testing/databases.h"

namespace backup {
namespace {

using base::Instant;
using namespace std::chrono_literals;

class BackupStore : public ::testing::Test {
  protected:
    BackupStore() {
        std::vector<sys::Migration> all;
        for (const auto& part : {ledger::migrations(), migrations()}) all.insert(all.end(), part.begin(), part.end());
        sys::migrate(*db_, all);
    }
    std::int64_t had(Instant at, Outcome outcome, Proof proof = Proof::None, Kind kind = Kind::Data) {
        backup::Run run;
        run.repository = "disk";
        run.kind = kind;
        run.due_at = run.started_at = run.taken_at = at;
        run.ended_at = at + 1min;
        run.day = base::local_day(at);
        run.outcome = outcome;
        run.fingerprint = "1.0";
        if (outcome == Outcome::Made) run.snapshot = std::to_string(at.milliseconds);
        return db_->write([&](sys::Transaction& tx) {
            run.id = add_run(tx, run);
            finish_run(tx, run, "system:test");
            if (proof != Proof::None)
                add_verification(tx, {"disk", at + 1h, 3, proof, "all", 2, 9, {}, {run.id}}, "system:test");
            return run.id;
        });
    }
    template <class Work>
    auto read(Work&& work) {
        return db_->read(std::forward<Work>(work));
    }
    std::int64_t lines() {
        return read([](sys::Reader& db) { return ledger::load_head(db, ledger::kWatch).sequence; });
    }

    sys::testing::TestDatabase store_;
    std::unique_ptr<sys::Database> db_ = store_.open_empty("sqlite");
    Instant now_{1'800'000'000'000};
};

TEST_F(BackupStore, TellsThePlanWhatWasDone) {
    had(now_ - 48h, Outcome::Made, Proof::Whole);
    had(now_ - 20h, Outcome::Failed);
    had(now_ - 19h, Outcome::Stopped);
    had(now_ - 30h, Outcome::Made, Proof::Whole, Kind::System);
    const History history = read([&](sys::Reader& db) { return history_of(db, "disk", now_); });
    EXPECT_EQ(history.data.newest, now_ - 48h);
    EXPECT_EQ(history.data.failures, 2);
    EXPECT_EQ(history.data.failed_at, now_ - 19h + 1min);
    EXPECT_EQ(history.system.newest, now_ - 30h);
    EXPECT_EQ(history.fingerprint, "1.0");
    EXPECT_EQ(read([&](sys::Reader& db) { return history_of(db, "other", now_); }).data.newest, std::nullopt);
    EXPECT_EQ(lines(), 6) << "each act has its line";
}

TEST_F(BackupStore, MakesANewBackupOfWhatWasFoundDamaged) {
    had(now_ - 30h, Outcome::Made, Proof::Whole);
    had(now_ - 2h, Outcome::Made, Proof::Damaged);
    const History history = read([&](sys::Reader& db) { return history_of(db, "disk", now_); });
    EXPECT_EQ(history.data.newest, now_ - 30h);
    EXPECT_EQ(history.data.damaged_at, now_ - 1h) << "so that it is not made again at each turn";
    const std::string names[] = {"disk"};
    EXPECT_EQ(read([&](sys::Reader& db) { return find_newest_verified(db, names); }), now_ - 30h);
}

TEST_F(BackupStore, DoesNotBelieveAClockThatWasSetBackSince) {
    had(now_ - 1h, Outcome::Made, Proof::Whole);
    had(now_ + 24h * 365, Outcome::Made, Proof::Whole);
    had(now_ + 24h * 366, Outcome::Failed);
    const History history = read([&](sys::Reader& db) { return history_of(db, "disk", now_); });
    EXPECT_EQ(history.data.newest, now_ - 1h) << "or a backup would be made at every turn for a year";
    EXPECT_EQ(history.data.failures, 0);
    const std::string names[] = {"disk"};
    EXPECT_EQ(read([&](sys::Reader& db) { return find_newest_verified(db, names, now_); }), now_ - 1h);
}

TEST_F(BackupStore, TellsWhatADeadProgramLeftFromWhatSomebodyElseRemoved) {
    const std::int64_t kept = had(now_ - 50h, Outcome::Made, Proof::Whole);
    const std::int64_t pruned = had(now_ - 70h, Outcome::Made, Proof::Whole);
    const std::int64_t lost = had(now_ - 60h, Outcome::Made, Proof::Whole);
    db_->write([&](sys::Transaction& tx) {
        mark_pruning(tx, std::vector{pruned}, now_);
        mark_gone(tx, "disk", std::vector{pruned}, now_, "system:test");
        mark_lost(tx, "disk", std::vector{lost}, now_, "system:test");
    });
    const auto held = read([](sys::Reader& db) { return list_held(db, "disk"); });
    ASSERT_EQ(held.size(), 1U);
    EXPECT_EQ(held[0].id, kept);
    EXPECT_FALSE(read([&](sys::Reader& db) { return find_run(db, pruned); })->is_lost);
    EXPECT_TRUE(read([&](sys::Reader& db) { return find_run(db, lost); })->is_lost);
    EXPECT_TRUE(
        read([&](sys::Reader& db) { return knows_snapshot(db, "disk", std::to_string((now_ - 60h).milliseconds)); }));
}

TEST_F(BackupStore, HoldsAgainWhatWasLostAndCameBackButNothingThatWasPruned) {
    const std::int64_t pruned = had(now_ - 70h, Outcome::Made, Proof::Whole);
    const std::int64_t lost = had(now_ - 60h, Outcome::Made, Proof::Whole);
    const std::vector<std::string> there{std::to_string((now_ - 70h).milliseconds),
                                         std::to_string((now_ - 60h).milliseconds)};
    const auto look = [&] {
        db_->write([&](sys::Transaction& tx) { note_found_again(tx, "disk", there, now_, "system:test"); });
    };
    db_->write([&](sys::Transaction& tx) {
        mark_gone(tx, "disk", std::vector{pruned}, now_, "system:test");
        mark_lost(tx, "disk", std::vector{lost}, now_, "system:test");
    });
    look();
    const auto held = read([](sys::Reader& db) { return list_held(db, "disk"); });
    ASSERT_EQ(held.size(), 1U);
    EXPECT_EQ(held[0].id, lost);
    EXPECT_FALSE(held[0].is_lost);
    EXPECT_EQ(held[0].proof, Proof::None) << "it is to be read back again";
    const std::int64_t before = lines();
    look();
    EXPECT_EQ(lines(), before) << "nothing is found twice";
}

TEST_F(BackupStore, FailsWhatWasRunningWhenTheNextRunBegins) {
    backup::Run first;
    first.repository = "disk";
    first.started_at = now_;
    const auto id = db_->write([&](sys::Transaction& tx) { return add_run(tx, first); });
    had(now_ + 1h, Outcome::Made);
    EXPECT_EQ(read([&](sys::Reader& db) { return find_run(db, id); })->outcome, Outcome::Failed);
}

TEST_F(BackupStore, FindsADayAKindAndTheFirstOfThousandsOfRuns) {
    constexpr int kDays = 60, kADay = 48;
    const base::Day first{2027, 4, 1};
    db_->write([&](sys::Transaction& tx) {
        const auto add = [&](Instant at, Kind kind, Outcome outcome) {
            backup::Run run;
            run.repository = "disk";
            run.kind = kind;
            run.due_at = run.started_at = run.taken_at = at;
            run.day = base::local_day(at);
            run.outcome = outcome;
            run.bytes = at.milliseconds;
            if (outcome == Outcome::Made) run.snapshot = std::to_string(at.milliseconds);
            adopt_run(tx, run, "system:test");
        };
        add(base::from_local({first}), Kind::System, Outcome::Made);
        for (int i = 1; i < kDays * kADay; ++i) add(base::from_local({first}) + i * 30min, Kind::Data, Outcome::Failed);
        add(base::from_local({first + 1}) + 1min, Kind::Data, Outcome::Made);
    });
    read([&](sys::Reader& db) {
        EXPECT_EQ(list_runs(db, "disk", first + 1, first + 2).size(), kADay + 1U);
        EXPECT_EQ(list_runs(db, "disk", first, first + 30).size(), 30U * kADay + 1);
        EXPECT_EQ(list_runs(db, "disk", Kind::System, 5).size(), 1U);
        EXPECT_EQ(list_runs(db, 7).size(), 7U);
        EXPECT_EQ(
            list_sizes(db, "disk", first),
            (std::map<base::Day, std::int64_t>{{first + 1, (base::from_local({first + 1}) + 1min).milliseconds}}));
        EXPECT_EQ(find_first_start(db, "disk"), base::from_local({first}));
        EXPECT_TRUE(was_ever_used(db, "disk")) << "though thousands failed since";
        EXPECT_FALSE(was_ever_used(db, "other"));
        for (const char* question :
             {"SELECT id FROM backup_run ORDER BY started_at DESC, id DESC LIMIT 20",
              "SELECT id FROM backup_run WHERE repository = 'disk' AND day >= '2027-04-01' AND day < '2027-05-01'",
              "SELECT id FROM backup_run WHERE repository = 'disk' AND snapshot <> '' AND gone_at IS NULL",
              "SELECT taken_at FROM backup_run WHERE repository = 'disk' AND kind = 'data' AND taken_at <= 9 ORDER BY "
              "taken_at DESC LIMIT 1"}) {
            std::string plan;
            for (const sys::Row& row : db.query(fmt::format("EXPLAIN QUERY PLAN {}", question))) plan += row.text(3);
            EXPECT_NE(plan.find("USING "), std::string::npos) << question << ": " << plan;
            EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << question << ": " << plan;
        }
    });
}

TEST_F(BackupStore, NamesWhatIsHeldAndNotFitToRestoreFrom) {
    had(now_ - 50h, Outcome::Made, Proof::Whole);
    had(now_ - 40h, Outcome::Made, Proof::Damaged);
    const std::int64_t gone = had(now_ - 60h, Outcome::Made, Proof::Damaged);
    const std::int64_t lost = had(now_ - 70h, Outcome::Made, Proof::Whole);
    db_->write([&](sys::Transaction& tx) {
        mark_gone(tx, "disk", std::vector{gone}, now_, "system:test");
        mark_lost(tx, "disk", std::vector{lost}, now_, "system:test");
    });
    read([&](sys::Reader& db) {
        EXPECT_EQ(list_unfit(db), std::vector{std::to_string((now_ - 40h).milliseconds)});
        ASSERT_EQ(list_lost(db, "disk").size(), 1U);
        EXPECT_EQ(list_lost(db, "disk")[0].id, lost);
    });
}

TEST_F(BackupStore, KeepsTheStandingOfARepository) {
    RepositoryState state = read([](sys::Reader& db) { return load_state(db, "disk"); });
    EXPECT_EQ(state.next_part, 1);
    state.standing = Standing::What::WrongKey;
    state.problem = "x";
    state.has_damage = true;
    state.read_at = now_;
    for (int i = 0; i < 2; ++i) db_->write([&](sys::Transaction& tx) { save_state(tx, state); });
    const RepositoryState read_back = read([](sys::Reader& db) { return load_state(db, "disk"); });
    EXPECT_EQ(read_back.standing, Standing::What::WrongKey);
    EXPECT_TRUE(read_back.has_damage);
    EXPECT_EQ(read_back.read_at, now_);
    EXPECT_EQ(read_back.looked_at, std::nullopt);
}

}  // namespace
}  // namespace backup
