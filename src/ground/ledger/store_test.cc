#include "ground/ledger/store.h"

#include <thread>

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/sys/crypto.h"
#include "ground/sys/testing/databases.h"

namespace ledger {

namespace {

class LedgerStore : public ::testing::TestWithParam<std::string> {
  protected:
    LedgerStore() { sys::migrate(*db_, migrations()); }

    Head add(std::string act, std::string subject = "page:1", std::string by = "person:1",
             std::string_view stream = kOffice) {
        const Entry entry{
            {1'700'000'000'000 + 1000 * ++added_}, std::move(by), std::move(act), std::move(subject), "{}"};
        return db_->write([&](sys::Transaction& tx) { return append(tx, entry, stream); });
    }
    Report check(std::vector<Witness> witnesses = {}) {
        return db_->read([&](sys::Reader& db) { return verify(db, kOffice, witnesses); });
    }
    bool finds(Fault fault, std::vector<Witness> witnesses = {}) {
        const auto report = check(std::move(witnesses));
        return std::any_of(report.problems.begin(), report.problems.end(),
                           [&](const Problem& one) { return one.fault == fault; });
    }
    void tamper(std::string_view sql) {
        db_->write([&](sys::Transaction& tx) { EXPECT_GT(tx.execute(sql), 0) << sql; });
    }
    std::vector<std::int64_t> search(const Search& what) {
        std::vector<std::int64_t> found;
        for (const auto& line : db_->read([&](sys::Reader& db) { return find_lines(db, what); }))
            found.push_back(line.sequence);
        return found;
    }

    sys::testing::TestDatabase store_;
    std::unique_ptr<sys::Database> db_ = store_.open_empty(GetParam());
    int added_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Engines, LedgerStore, ::testing::ValuesIn(sys::testing::engines()),
                         [](const auto& engine) { return engine.param; });

}  // namespace

TEST_P(LedgerStore, ChainsWhatIsAppended) {
    EXPECT_EQ(db_->read([](sys::Reader& db) { return load_head(db); }), Head{});
    EXPECT_TRUE(check().is_whole());
    add("page.save");
    add("page.submit");
    add("guard.heal", "", "system:placer", kWatch);
    const auto head = add("page.approve", "page:1", "person:2");
    EXPECT_EQ(head.sequence, 3);
    EXPECT_EQ(db_->read([](sys::Reader& db) { return load_head(db); }), head);
    EXPECT_EQ(db_->read([](sys::Reader& db) { return load_head(db, kWatch).sequence; }), 1);
    const auto report = check({{1, head}});
    EXPECT_TRUE(report.is_whole()) << report.problems.at(0).message;
    EXPECT_EQ(report.entries, 3);
    EXPECT_EQ(report.last_hash, head.hash);
}

TEST_P(LedgerStore, ForgetsTheLineOfAnActThatWasRolledBack) {
    const auto head = add("page.save");
    EXPECT_THROW(db_->write([&](sys::Transaction& tx) {
        append(tx, {{1}, "person:1", "page.submit", "page:1", "{}"});
        throw base::Error(base::Kind::Conflict, "refused");
    }),
                 base::Error);
    EXPECT_EQ(db_->read([](sys::Reader& db) { return load_head(db); }), head);
    EXPECT_EQ(add("page.submit").sequence, 2);
    EXPECT_TRUE(check().is_whole());
}

TEST_P(LedgerStore, KeepsOneChainUnderConcurrentWriters) {
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 4; ++writer)
        writers.emplace_back([this, writer] {
            for (int i = 0; i < 15; ++i)
                db_->write([&](sys::Transaction& tx) {
                    append(tx, {{1'700'000'000'000}, "person:" + std::to_string(writer), "page.save", "page:1", "{}"});
                });
        });
    for (auto& writer : writers) writer.join();
    const auto report = check();
    EXPECT_TRUE(report.is_whole()) << report.problems.at(0).message;
    EXPECT_EQ(report.entries, 60);
}

TEST_P(LedgerStore, FindsEachKindOfTampering) {
    std::vector<Head> heads;
    const auto fill = [&] {
        db_->write([](sys::Transaction& tx) {
            tx.execute("DELETE FROM ledger_line");
            tx.execute("DELETE FROM ledger_head");
        });
        heads.clear();
        for (const auto* act : {"page.save", "page.submit", "page.approve", "page.publish"}) heads.push_back(add(act));
        ASSERT_TRUE(check().is_whole());
    };
    const auto shows = [&](Fault fault, std::initializer_list<std::string_view> statements) {
        fill();
        for (const auto sql : statements) tamper(sql);
        EXPECT_TRUE(finds(fault)) << fault_name(fault);
    };
    shows(Fault::Changed, {"UPDATE ledger_line SET line = replace(line, 'person:1', 'person:2') WHERE sequence = 2"});
    shows(Fault::Changed, {"UPDATE ledger_line SET hash = 'x' WHERE sequence = 2"});
    shows(Fault::Malformed, {"UPDATE ledger_line SET line = '{}' WHERE sequence = 2"});
    shows(Fault::Missing, {"DELETE FROM ledger_line WHERE sequence = 2"});
    shows(Fault::Missing, {"DELETE FROM ledger_line WHERE sequence = 1"});
    shows(Fault::Reordered, {"UPDATE ledger_line SET sequence = 9 WHERE sequence = 2",
                             "UPDATE ledger_line SET sequence = 2 WHERE sequence = 3",
                             "UPDATE ledger_line SET sequence = 3 WHERE sequence = 9"});
    shows(Fault::CutTail, {"DELETE FROM ledger_line WHERE sequence = 4"});
    shows(Fault::CutTail, {"DELETE FROM ledger_line"});
    shows(Fault::WrongHead, {"UPDATE ledger_head SET sequence = 3"});
    shows(Fault::WrongHead, {"UPDATE ledger_head SET hash = 'x'"});
    shows(Fault::WrongHead, {"DELETE FROM ledger_head"});
    shows(Fault::WrongIndex, {"UPDATE ledger_line SET actor = 'person:2' WHERE sequence = 2"});
    shows(Fault::WrongIndex, {"UPDATE ledger_line SET at = 1 WHERE sequence = 2"});
    shows(Fault::WrongIndex, {"UPDATE ledger_line SET act_group = 'x' WHERE sequence = 2"});
}

TEST_P(LedgerStore, ACutTailIsFoundByWhatTheReleasesHaveSigned) {
    add("page.save");
    const auto kept = add("page.submit");
    const auto lost = add("page.approve");
    const std::vector<Witness> witnesses{{8, lost}, {7, kept}};
    EXPECT_TRUE(check(witnesses).is_whole());
    // Lines and head are cut alike, as a clever intruder would.
    tamper("DELETE FROM ledger_line WHERE sequence = 3");
    db_->write(
        [&](sys::Transaction& tx) { tx.execute("UPDATE ledger_head SET sequence = 2, hash = $1", {kept.hash.hex()}); });
    EXPECT_TRUE(check().is_whole());
    EXPECT_TRUE(finds(Fault::CutTail, witnesses));
    // Written anew from there, the chain is whole, but not the one that was signed.
    add("page.return");
    EXPECT_TRUE(check().is_whole());
    EXPECT_TRUE(finds(Fault::Changed, witnesses));
}

TEST_P(LedgerStore, ExportsARangeThatVerifiesOffline) {
    for (const auto* act : {"page.save", "page.submit", "page.approve", "page.publish"}) add(act);
    const auto head = db_->read([](sys::Reader& db) { return load_head(db); });
    const auto text = [&](std::int64_t from, std::int64_t to) {
        std::string all;
        db_->read(
            [&](sys::Reader& db) { export_lines(db, kOffice, from, to, [&](std::string_view line) { all += line; }); });
        return all;
    };
    const auto whole = verify_export(text(1, 0), head);
    EXPECT_TRUE(whole.is_whole());
    EXPECT_EQ(whole.entries, 4);
    const auto range = verify_export(text(2, 3));
    EXPECT_TRUE(range.is_whole());
    EXPECT_EQ(range.first, 2);
    EXPECT_EQ(range.last, 3);
}

TEST_P(LedgerStore, FindsLinesByPersonSubjectActAndTime) {
    add("page.save", "page:1", "person:1");     // 1
    add("page.submit", "page:1", "person:1");   // 2
    add("page.approve", "page:1", "person:2");  // 3
    add("person.sign-in", "", "person:2");      // 4
    add("page.save", "page:2", "person:1");     // 5
    using Found = std::vector<std::int64_t>;
    const auto with = [](auto set) {
        Search what;
        set(what);
        return what;
    };
    EXPECT_EQ(search({}), (Found{5, 4, 3, 2, 1}));
    EXPECT_EQ(search(with([](Search& s) { s.by = "person:2"; })), (Found{4, 3}));
    EXPECT_EQ(search(with([](Search& s) { s.subject = "page:1"; })), (Found{3, 2, 1}));
    EXPECT_EQ(search(with([](Search& s) { s.act = "page"; })), (Found{5, 3, 2, 1}));
    EXPECT_EQ(search(with([](Search& s) { s.act = "page.save"; })), (Found{5, 1}));
    EXPECT_EQ(search(with([](Search& s) { s.act = "pag"; })), Found{});
    EXPECT_EQ(search(with([](Search& s) {
                  s.from = base::Instant{1'700'000'002'000};
                  s.until = base::Instant{1'700'000'004'000};
              })),
              (Found{3, 2}));
    EXPECT_EQ(search(with([](Search& s) { s.limit = 2; })), (Found{5, 4}));
    EXPECT_EQ(search(with([](Search& s) {
                  s.limit = 2;
                  s.before = 4;
              })),
              (Found{3, 2}));
    EXPECT_EQ(search(with([](Search& s) { s.stream = "watch"; })), Found{});
}

TEST_P(LedgerStore, FindsADaysLinesByTheirPlaceAndNotByReadingEverything) {
    for (int i = 0; i < 40; ++i) add("page.save");
    // Line n stands at 1'700'000'000'000 + n seconds.
    Search search;
    search.from = base::Instant{1'700'000'000'000 + 11'000};
    search.until = base::Instant{1'700'000'000'000 + 15'000};
    EXPECT_EQ(this->search(search), (std::vector<std::int64_t>{14, 13, 12, 11}));
    search.before = 13;
    EXPECT_EQ(this->search(search), (std::vector<std::int64_t>{12, 11}));
    search = {};
    search.until = base::Instant{1'700'000'000'000};
    EXPECT_TRUE(this->search(search).empty());
    search = {};
    search.from = base::Instant{1'800'000'000'000};
    EXPECT_TRUE(this->search(search).empty());
    if (GetParam() != "sqlite") return;
    for (const std::string_view sql :
         {"SELECT sequence FROM ledger_line WHERE stream = 'office' AND at >= 5 ORDER BY at LIMIT 1",
          "SELECT sequence FROM ledger_line WHERE stream = 'office' AND at < 5 ORDER BY at DESC LIMIT 1",
          "SELECT line FROM ledger_line WHERE stream = 'office' AND sequence >= 3 AND at >= 5 AND sequence <= 9 AND "
          "at < 9 ORDER BY sequence DESC LIMIT 51",
          "SELECT line FROM ledger_line WHERE stream = 'office' AND actor = 'person:1' ORDER BY sequence DESC LIMIT 51",
          "SELECT line FROM ledger_line WHERE stream = 'office' AND subject = 'page:1' ORDER BY sequence DESC LIMIT 51",
          "SELECT line FROM ledger_line WHERE stream = 'office' AND act_group = 'page' AND act = 'page.save' "
          "ORDER BY sequence DESC LIMIT 51"}) {
        SCOPED_TRACE(sql);
        std::string plan;
        db_->read([&](sys::Reader& db) {
            for (const sys::Row& row : db.query("EXPLAIN QUERY PLAN " + std::string(sql))) plan += row.text(3) + "\n";
        });
        EXPECT_EQ(plan.find("SCAN"), std::string::npos) << plan;
        EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << plan;
    }
}

}  // namespace ledger
