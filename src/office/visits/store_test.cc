#include "office/visits/store.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/testing/databases.h"

namespace visits {
namespace {

using namespace std::chrono_literals;

class Visits : public ::testing::TestWithParam<std::string> {
  protected:
    Visits() {
        std::vector<sys::Migration> all(ledger::migrations().begin(), ledger::migrations().end());
        all.insert(all.end(), migrations().begin(), migrations().end());
        sys::migrate(*db_, all);
    }
    template <class Work>
    auto write(Work&& work) {
        return db_->write(std::forward<Work>(work));
    }
    template <class Work>
    auto read(Work&& work) {
        return db_->read(std::forward<Work>(work));
    }
    std::string newest_act() {
        const auto line = read([](sys::Reader& db) { return ledger::find_lines(db, {}); }).front();
        return line.entry.act + " " + line.entry.subject;
    }

    sys::testing::TestDatabase store_;
    std::unique_ptr<sys::Database> db_ = store_.open_empty(GetParam());
    By by_{"person:1", base::parse_instant("2027-05-01 09:00").value()};
};
INSTANTIATE_TEST_SUITE_P(Engines, Visits, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

TEST_P(Visits, AreRecordedOnceAndOnlyWhenTheyHaveBegun) {
    Visit made;
    made.starts_at = base::parse_instant("2027-05-10 10:00").value();
    made.visitors = "保守管理者";
    made.purpose = "第1回 定期訪問";
    const auto id = write([&](sys::Transaction& tx) { return plan_visit(tx, made, by_); });
    const auto record = [&](base::Instant at, std::int64_t version) {
        write([&](sys::Transaction& tx) { record_visit(tx, id, version, "広報課", "話したこと", {"person:1", at}); });
    };
    EXPECT_THROW(record(by_.at, 1), base::Error);
    record(made.starts_at + 2h, 1);
    EXPECT_EQ(newest_act(), "visit.done visit:1");
    EXPECT_NE(read([](sys::Reader& db) { return ledger::find_lines(db, {}); })
                  .front()
                  .entry.detail.find("\"period\":\"2027\""),
              std::string::npos);
    EXPECT_THROW(record(made.starts_at + 2h, 1), base::Error) << "a second press of the button";
    EXPECT_THROW(record(made.starts_at + 2h, 2), base::Error);
    const auto last = read([&](sys::Reader& db) { return find_last_done(db, made.starts_at + 1h); });
    ASSERT_TRUE(last);
    EXPECT_EQ(last->minutes, "話したこと");
    EXPECT_FALSE(read([&](sys::Reader& db) { return find_last_done(db, made.starts_at); })) << "not itself";
}

TEST_P(Visits, AreMadeOnceByAFormThatIsSentTwice) {
    Visit made;
    made.starts_at = by_.at + 24h;
    made.visitors = made.purpose = "x";
    Proposal idea;
    idea.title = idea.body = "y";
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(write([&](sys::Transaction& tx) { return plan_visit(tx, made, by_, "once"); }), 1);
        EXPECT_EQ(write([&](sys::Transaction& tx) { return add_proposal(tx, idea, by_, "once"); }), 1);
    }
    EXPECT_EQ(read([](sys::Reader& db) { return ledger::find_lines(db, {}); }).size(), 2U);
}

TEST_P(Visits, FollowAProposalToItsDecision) {
    Proposal made;
    made.title = "検索の改善";
    made.body = "見つからない言葉が多い";
    made.id = write([&](sys::Transaction& tx) { return add_proposal(tx, made, by_); });
    made = read([&](sys::Reader& db) { return find_proposal(db, made.id); }).value();
    const auto decide = [&] { write([&](sys::Transaction& tx) { decide_proposal(tx, made, by_); }); };
    made.answer = Answer::Accepted;
    EXPECT_THROW(decide(), base::Error) << "nobody has decided";
    made.decided_on = base::Day{2027, 5, 20};
    made.decided_by = "広報課長";
    made.reason = "来年度の予算で行う";
    decide();
    EXPECT_EQ(newest_act(), "proposal.decide proposal:1");
    EXPECT_THROW(decide(), base::Error) << "stale";
}

TEST_P(Visits, TellOnlyWhatASourceHasNewlySaid) {
    Source made;
    made.name = "総務省";
    for (const char* url : {"ftp://a/b", "folder:../secret", "folder:", "file:///etc/passwd", "https://a b/"}) {
        SCOPED_TRACE(url);
        made.url = url;
        EXPECT_THROW(write([&](sys::Transaction& tx) { add_source(tx, made, by_); }), base::Error);
    }
    made.url = "https://soumu.example/news.rdf";
    const auto id = write([&](sys::Transaction& tx) { return add_source(tx, made, by_); });
    EXPECT_THROW(write([&](sys::Transaction& tx) { add_source(tx, made, by_); }), base::Error);
    const Item old{"https://a/1", "前からある", "https://a/1", {}},
        fresh{"https://a/2", "新しい", "https://a/2", base::Day{2027, 5, 2}};
    const auto note = [&](std::vector<Item> items, std::string_view problem, base::Instant at) {
        return write([&](sys::Transaction& tx) { return note_fetch(tx, id, items, problem, at); });
    };
    EXPECT_EQ(note({}, "つながりません", by_.at), 0);
    EXPECT_EQ(read([](sys::Reader& db) { return list_sources(db); }).at(0).problem, "つながりません");
    EXPECT_EQ(note({old}, "", by_.at + 24h), 0) << "what is there at first is no news";
    EXPECT_EQ(note({old, fresh}, "", by_.at + 48h), 1);
    EXPECT_EQ(note({old, fresh}, "", by_.at + 72h), 0);
    const auto found = read([&](sys::Reader& db) { return list_found(db, by_.at, 10); });
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].title, "新しい");
    EXPECT_EQ(found[0].source_name, "総務省");
    EXPECT_FALSE(read([&](sys::Reader& db) { return find_due_source(db, by_.at + 72h); }));
    EXPECT_TRUE(read([&](sys::Reader& db) { return find_due_source(db, by_.at + 95h); }));
    EXPECT_EQ(write([&](sys::Transaction& tx) { return forget_found(tx, by_.at + 72h); }), 0) << "still shown there";
    EXPECT_EQ(note({fresh}, "", by_.at + 96h), 0);
    EXPECT_EQ(write([&](sys::Transaction& tx) { return forget_found(tx, by_.at + 96h); }), 1);
    write([&](sys::Transaction& tx) { remove_source(tx, id, by_); });
    EXPECT_EQ(note({fresh}, "", by_.at + 97h), 0) << "removed meanwhile";
}

}  // namespace
}  // namespace visits
