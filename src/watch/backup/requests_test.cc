#include "watch/backup/requests.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/testing/databases.h"

namespace backup {
namespace {

using base::Instant;
using namespace std::chrono_literals;

class BackupRequests : public ::testing::Test {
  protected:
    BackupRequests() {
        std::vector<sys::Migration> all;
        for (const auto& part : {ledger::migrations(), request_migrations()})
            all.insert(all.end(), part.begin(), part.end());
        sys::migrate(*db_, all);
    }
    static Request wish(Wish what, std::string target = "") {
        Request one;
        one.wish = what;
        one.target = std::move(target);
        one.by = "person:7";
        if (is_restore(what)) {
            one.snapshot = "abc";
            one.why = "誤って消したため";
            one.owner = "person:5";
        }
        return one;
    }
    template <class Work>
    auto write(Work&& work) {
        return db_->write(std::forward<Work>(work));
    }
    std::int64_t ask(const Request& one) {
        return write([&](sys::Transaction& tx) { return backup::ask(tx, one, now_); });
    }
    Request load(std::int64_t id) {
        return db_->read([&](sys::Reader& db) { return load_request(db, id); });
    }
    std::optional<Request> next() {
        return db_->read([](sys::Reader& db) { return find_next(db); });
    }
    std::vector<std::string> acts() {
        std::vector<std::string> found;
        ledger::Search search;
        search.stream = std::string(ledger::kWatch);
        for (const auto& line : db_->read([&](sys::Reader& db) { return ledger::find_lines(db, search); }))
            found.push_back(line.entry.act + " " + line.entry.by);
        return found;
    }

    sys::testing::TestDatabase store_;
    std::unique_ptr<sys::Database> db_ = store_.open_empty("sqlite");
    Instant now_ = *base::parse_instant("2027-04-01 10:00");
};

TEST_F(BackupRequests, BeginsARestoreOnlyAfterSomebodyHasConfirmedWhatWasShown) {
    const auto id = ask(wish(Wish::Page, "kurashi/gomi.html"));
    EXPECT_EQ(load(id).stage, Stage::Looking);
    EXPECT_THROW(write([&](sys::Transaction& tx) { confirm(tx, id, "person:8", now_); }), base::Error);
    write([&](sys::Transaction& tx) { show(tx, load(id), R"({"release":3})"); });
    EXPECT_FALSE(next()) << "what is shown waits for a person";
    write([&](sys::Transaction& tx) { confirm(tx, id, "person:8", now_); });
    EXPECT_THROW(write([&](sys::Transaction& tx) { confirm(tx, id, "person:8", now_); }), base::Error) << "not twice";
    ASSERT_TRUE(next());
    write([&](sys::Transaction& tx) { begin(tx, id, now_); });
    EXPECT_THROW(write([&](sys::Transaction& tx) { leave(tx, id, "person:7", now_); }), base::Error);
    write([&](sys::Transaction& tx) { end(tx, load(id), R"({"pages":[]})", "", now_ + 1min); });
    EXPECT_EQ(load(id).stage, Stage::Done);
    EXPECT_EQ(acts(),
              (std::vector<std::string>{"backup.answer person:8", "backup.confirm person:8", "backup.ask person:7"}));
}

TEST_F(BackupRequests, RefusesWhatLacksAReasonATargetOrAPoint) {
    Request one = wish(Wish::Page, "a.html");
    one.why = " ";
    EXPECT_THROW(ask(one), base::Error);
    one = wish(Wish::Page);
    EXPECT_THROW(ask(one), base::Error);
    one = wish(Wish::Page, "a.html");
    one.owner.clear();
    EXPECT_THROW(ask(one), base::Error);
    one = wish(Wish::Site);
    one.snapshot.clear();
    EXPECT_THROW(ask(one), base::Error);
    EXPECT_TRUE(acts().empty());
}

TEST_F(BackupRequests, TakesTheSameWishOnceAndAtMostTen) {
    ask(wish(Wish::Verify));
    EXPECT_THROW(ask(wish(Wish::Verify)), base::Error);
    for (int i = 1; i < kMostOpenRequests; ++i) ask(wish(Wish::Page, "page" + std::to_string(i)));
    EXPECT_THROW(ask(wish(Wish::Drill)), base::Error);
}

TEST_F(BackupRequests, LetsOthersPassWhatWasPutOff) {
    const auto first = ask(wish(Wish::Backup, "data")), second = ask(wish(Wish::Page, "a.html"));
    write([&](sys::Transaction& tx) {
        begin(tx, first, now_);
        put_off(tx, load_request(tx, first));
    });
    EXPECT_EQ(next()->id, second);
    write([&](sys::Transaction& tx) { leave(tx, second, "person:7", now_); });
    EXPECT_EQ(next()->id, first);
}

TEST_F(BackupRequests, SaysThatWhatAKillLeftRunningHasFailed) {
    const auto id = ask(wish(Wish::Drill, "newest"));
    write([&](sys::Transaction& tx) { begin(tx, id, now_); });
    EXPECT_EQ(write([&](sys::Transaction& tx) { return end_left_over(tx, now_); }), 1);
    EXPECT_EQ(load(id).stage, Stage::Failed);
    EXPECT_NE(load(id).problem, "");
}

TEST_F(BackupRequests, AreNotDoneAgainInASiteThatWasRestored) {
    const auto running = ask(wish(Wish::Backup, "data")), waiting = ask(wish(Wish::Verify));
    write([&](sys::Transaction& tx) { begin(tx, running, now_); });
    write([&](sys::Transaction& tx) { leave_all(tx, now_); });
    EXPECT_EQ(load(running).stage, Stage::Left);
    EXPECT_EQ(load(waiting).stage, Stage::Left);
    EXPECT_FALSE(next());
}

TEST_F(BackupRequests, ForgetsWhatNobodyConfirmedAndNamesFilesThatMayGo) {
    const auto shown = ask(wish(Wish::Page, "a.html")), file = ask(wish(Wish::File, "a.pdf"));
    write([&](sys::Transaction& tx) {
        show(tx, load_request(tx, shown), "{}");
        show(tx, load_request(tx, file), "{}");
        confirm(tx, file, "person:7", now_);
        begin(tx, file, now_);
        end(tx, load_request(tx, file), "{}", "", now_);
        expire_shown(tx, now_ + kShownFor + 1min);
    });
    EXPECT_EQ(load(shown).stage, Stage::Left);
    const auto at = now_ + kFileFor + 1min;
    EXPECT_EQ(write([&](sys::Transaction& tx) { return expire_files(tx, at); }), std::vector<std::int64_t>{file});
    EXPECT_TRUE(write([&](sys::Transaction& tx) { return expire_files(tx, at); }).empty());
}

}  // namespace
}  // namespace backup
