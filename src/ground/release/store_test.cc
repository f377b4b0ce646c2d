#include "ground/release/store.h"

#include <random>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/release/log.h"
#include "ground/release/manifest.h"
#include "ground/release/testing/sample.h"
#include "ground/sys/testing/databases.h"

namespace release {

namespace {

using base::Error;
using base::Kind;

class ReleaseStore : public ::testing::TestWithParam<std::string> {
  protected:
    ReleaseStore() { sys::migrate(*db_, migrations()); }

    Sealed seal(std::vector<Change> changes, RecordKind kind = RecordKind::Publish, std::int64_t lowest = 1) {
        Draft draft;
        draft.site = "test";
        draft.kind = kind;
        draft.at = {1'700'000'000'000 + 1000 * ++sealed_};
        draft.changes = std::move(changes);
        draft.lowest_number = lowest;
        return db_->write([&](sys::Transaction& tx) { return release::seal(tx, draft, testing::first_key()); });
    }
    template <class Read>
    auto read(const Read& how) {
        return db_->read([&](sys::Reader& reader) { return how(reader); });
    }

    sys::testing::TestDatabase store_;
    std::unique_ptr<sys::Database> db_ = store_.open_empty(GetParam());
    int sealed_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Engines, ReleaseStore, ::testing::ValuesIn(sys::testing::engines()),
                         [](const auto& engine) { return engine.param; });

Change put(std::string path, std::string_view body = "x") {
    return Change::put(testing::page(std::move(path), body));
}

}  // namespace

TEST_P(ReleaseStore, SealsALogThatVerifies) {
    const sys::TemporaryFolder folder;
    Log log(folder.path());
    const auto append = [&](const Sealed& sealed) {
        log.append(sealed.bytes);
        log.put_head(
            write_head({"test", sealed.record.number, sealed.hash, sealed.record.at, {}}, testing::first_key()));
    };
    append(seal({put("index.html"), put("a/b.html"), put("\x82\xA0/c.html")}, RecordKind::Takeover));
    append(seal({put("index.html", "y"), Change::remove("a/b.html")}));
    const auto last = seal({}, RecordKind::Restored, 7);
    append(last);
    EXPECT_EQ(last.record.number, 7);
    const auto report = log.verify(testing::trusted());
    EXPECT_TRUE(report.is_whole()) << report.problems.at(0).message;
    EXPECT_EQ(read([](sys::Reader& db) { return find_newest(db); })->tree, report.tree);
    EXPECT_EQ(read([](sys::Reader& db) { return load_record(db, 7); }), last.bytes);
}

TEST_P(ReleaseStore, KeepsTheTreeOfTheManifest) {
    std::mt19937 random(7);
    std::set<std::string> there;
    Manifest whole;
    for (int step = 0; step < 12; ++step) {
        std::map<std::string, Change> changes;
        for (int i = 0; i < 150; ++i) {
            const auto number = random() % 900;
            const std::string path = fmt::format("{}p{}", number % 3 == 0 ? "a/" : "a/b/", number);
            const bool is_deletion = step > 7 && there.contains(path);
            changes.insert_or_assign(path,
                                     is_deletion ? Change::remove(path) : put(path, std::to_string(random() % 3)));
        }
        if (step == 11) {
            changes.clear();
            for (const auto& path : there) changes.insert_or_assign(path, Change::remove(path));
        }
        std::vector<Change> list;
        for (const auto& [path, change] : changes) {
            if (change.what == Change::What::Put) there.insert(path);
            if (change.what == Change::What::Delete) there.erase(path);
            list.push_back(change);
        }
        whole.apply(list);
        const auto sealed = seal(list);
        ASSERT_EQ((Summary{sealed.record.root, sealed.record.files, sealed.record.bytes}), whole.summary()) << step;
        ASSERT_EQ(read([](sys::Reader& db) { return list_entries(db, ""); }), whole.list());
    }
    EXPECT_EQ(whole.size(), 0U);
    EXPECT_EQ(read([](sys::Reader& db) { return db.query("SELECT 1 FROM release_tree_node").size(); }), 0U);
}

TEST_P(ReleaseStore, FindsEntries) {
    Entry moved;
    moved.path = "a/old";
    moved.status = 301;
    moved.location = "/a/new";
    seal({put("a.html"), put("a/b.html"), put("a/c/d.html"), put("a0"), put("a-b/x"), Change::put(moved),
          put("\xFF/\x82")});
    const auto paths = [&](std::string folder) {
        std::vector<std::string> found;
        for (const auto& entry : read([&](sys::Reader& db) { return list_entries(db, folder); }))
            found.push_back(entry.path);
        return found;
    };
    EXPECT_EQ(paths("a"), (std::vector<std::string>{"a/b.html", "a/c/d.html", "a/old"}));
    EXPECT_EQ(paths("a/c"), (std::vector<std::string>{"a/c/d.html"}));
    EXPECT_EQ(paths("\xFF"), (std::vector<std::string>{"\xFF/\x82"}));
    EXPECT_EQ(paths("").size(), 7U);
    EXPECT_EQ(read([](sys::Reader& db) { return find_entry(db, "a/old"); }), moved);
    EXPECT_EQ(read([](sys::Reader& db) { return find_entry(db, "a.html"); }), testing::page("a.html", "x"));
    EXPECT_FALSE(read([](sys::Reader& db) { return find_entry(db, "a/c"); }));
    EXPECT_FALSE(read([](sys::Reader& db) { return find_entry(db, "nowhere"); }));
}

TEST_P(ReleaseStore, KnowsWhatIsNotPlacedYet) {
    for (int i = 0; i < 4; ++i) seal({put("a", std::to_string(i))});
    const auto unplaced = [&] { return read([](sys::Reader& db) { return list_unplaced(db); }); };
    EXPECT_EQ(unplaced(), (std::vector<std::int64_t>{1, 2, 3, 4}));
    EXPECT_FALSE(read([](sys::Reader& db) { return find_newest_placed(db); }));
    db_->write([](sys::Transaction& tx) {
        mark_placed(tx, 2, {5});
        mark_placed(tx, 2, {6});
        mark_checked(tx, 2, {7});
    });
    EXPECT_EQ(unplaced(), (std::vector<std::int64_t>{3, 4}));
    const auto placed = read([](sys::Reader& db) { return find_newest_placed(db); });
    EXPECT_EQ(placed->number, 2);
    EXPECT_EQ(placed->placed_at, base::Instant{5});
    EXPECT_EQ(placed->checked_at, base::Instant{7});
    EXPECT_THROW(db_->write([](sys::Transaction& tx) { mark_placed(tx, 9, {5}); }), Error);
}

TEST_P(ReleaseStore, FindsTheReleaseOfAMoment) {
    for (int i = 0; i < 3; ++i) seal({put("a", std::to_string(i))});
    const auto number_at = [&](std::int64_t at) {
        return read([&](sys::Reader& db) { return find_number_at(db, {1'700'000'000'000 + at}); });
    };
    EXPECT_EQ(number_at(999), std::nullopt);
    EXPECT_EQ(number_at(1000), 1);
    EXPECT_EQ(number_at(2999), 2);
    EXPECT_EQ(number_at(99'999), 3);
    const auto list = read([](sys::Reader& db) { return list_releases(db, 3, 1); });
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].number, 2);
}

TEST_P(ReleaseStore, AChangeThatDoesNotFitLeavesNoTrace) {
    seal({put("a/b")});
    const auto before = read([](sys::Reader& db) { return find_newest(db); });
    EXPECT_THROW(seal({put("a/c"), put("a")}), Error);
    EXPECT_THROW(seal({put("a/c"), Change::remove("missing")}), Error);
    EXPECT_THROW(seal({put("a/../c")}), Error);
    EXPECT_THROW(seal({put("a/c")}, RecordKind::Publish, 9), Error);
    EXPECT_EQ(read([](sys::Reader& db) { return find_newest(db); })->tree, before->tree);
    EXPECT_FALSE(read([](sys::Reader& db) { return find_entry(db, "a/c"); }));
}

TEST_P(ReleaseStore, TakesUpRecordsOfALogThatIsNewerThanItself) {
    const auto sample = testing::make_sample();
    db_->write([&](sys::Transaction& tx) {
        for (const auto& [name, bytes] : sample.releases)
            if (name.starts_with("log/")) add_release(tx, bytes);
    });
    EXPECT_EQ(read([](sys::Reader& db) { return find_newest(db); })->number, 5);
    EXPECT_EQ(read([](sys::Reader& db) { return find_release(db, 3); })->kind, RecordKind::Rekey);
    // Not twice, not out of order, and not with a tree that is not its own.
    for (const auto& [name, bytes] : sample.releases) {
        if (name == "head") continue;
        const std::string& record = bytes;
        EXPECT_THROW(db_->write([&](sys::Transaction& tx) { add_release(tx, record); }), Error) << name;
    }
    Record lying;
    lying.site = "sakura-city";
    lying.number = 6;
    lying.previous = read([](sys::Reader& db) { return find_newest(db); })->record_hash;
    lying.root = sys::sha256("something else");
    EXPECT_THROW(db_->write([&](sys::Transaction& tx) { add_release(tx, write_record(lying, testing::second_key())); }),
                 Error);
}

TEST_P(ReleaseStore, GivesEachNumberOnce) {
    // Two presses that read the same newest release: one of them must lose, not both win.
    const auto first = seal({put("a")});
    Record rival = first.record;
    EXPECT_THROW(db_->write([&](sys::Transaction& tx) { add_release(tx, write_record(rival, testing::first_key())); }),
                 Error);
    EXPECT_THROW(db_->write([&](sys::Transaction& tx) {
        tx.execute(
            "INSERT INTO release (number, record, record_hash, kind, made_at, root, files, bytes) "
            "SELECT number, record, record_hash, kind, made_at, root, files, bytes FROM release WHERE number = 1");
    }),
                 Error);
}

}  // namespace release
