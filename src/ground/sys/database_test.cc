#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/sys/process.h"
#include "ground/sys/testing/databases.h"

namespace sys {
namespace {

using base::Error;
using base::Kind;

/// What kind of Error `work` throws; nothing when it does not.
template <class Work>
std::optional<Kind> kind_thrown(const Work& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.kind();
    }
    return std::nullopt;
}

class Store : public ::testing::TestWithParam<std::string> {
  protected:
    void SetUp() override {
        static constexpr Migration kTables[] = {
            {"0001_thing",
             "CREATE TABLE thing (id {id}, number BIGINT, size {real}, name {key} UNIQUE, bytes {blob}, "
             "CHECK (number <> -13));\n"
             "CREATE TABLE part (id {id}, thing_id BIGINT NOT NULL REFERENCES thing(id));"}};
        migrate(*db, kTables);
    }
    std::int64_t count() {
        return db->read([](Reader& reader) { return reader.find("SELECT count(*) FROM thing")->integer(0); });
    }
    static void add(Transaction& tx, std::int64_t number, const std::string& name) {
        tx.execute("INSERT INTO thing (number, name) VALUES ($1, $2)", {number, name});
    }

    testing::TestDatabase store;
    DatabaseOptions options = store.make_empty(GetParam());
    std::unique_ptr<Database> db = Database::open(options);
};
INSTANTIATE_TEST_SUITE_P(Engines, Store, ::testing::ValuesIn(testing::engines()), testing::engine_name);

TEST_P(Store, GivesBackEveryTypeAsItWasPut) {
    std::string all_bytes;
    for (int i = 0; i < 256; ++i) all_bytes += static_cast<char>(i);
    const std::string text = "役場 \xF0\xA0\xAE\x9F \"quoted\" 'too' \\ $1 \n\t";
    constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
    constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
    db->write([&](Transaction& tx) {
        tx.execute("INSERT INTO thing (bytes, name, size, number) VALUES ($4, $3, $2, $1)",
                   {kMost, 0.1, text, Blob{all_bytes}});
        tx.execute("INSERT INTO thing (number, size, name, bytes) VALUES ($1, $2, $3, $4)",
                   {kLeast, -1.5e300, std::string(), Blob{}});
        tx.execute("INSERT INTO thing (number, size, name, bytes) VALUES ($1, $2, $3, $4)",
                   {nullptr, nullptr, nullptr, nullptr});
    });
    const auto rows = db->read(
        [](Reader& reader) { return reader.query("SELECT number, size, name, bytes FROM thing ORDER BY id"); });
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].integer(0), kMost);
    EXPECT_EQ(rows[0].real(1), 0.1);
    EXPECT_EQ(rows[0].text(2), text);
    EXPECT_EQ(rows[0].blob(3), all_bytes);
    EXPECT_EQ(rows[1].integer(0), kLeast);
    EXPECT_EQ(rows[1].real(1), -1.5e300);
    EXPECT_EQ(rows[1].text(2), "");
    EXPECT_FALSE(rows[1].is_null(3));
    EXPECT_EQ(rows[1].blob(3), "");
    for (std::size_t column = 0; column < 4; ++column) EXPECT_TRUE(rows[2].is_null(column));
    EXPECT_EQ(rows[2].maybe_integer(0), std::nullopt);
    EXPECT_EQ(rows[2].maybe_text(2), std::nullopt);
}

TEST_P(Store, GivesTheSameTypesForComputedColumns) {
    db->write([](Transaction& tx) {
        add(tx, 2, "b");
        add(tx, 3, "a");
    });
    db->read([](Reader& reader) {
        const auto row = reader.find(
            "SELECT count(*), sum(number), max(number), number_of.n > 1, COALESCE(avg(number), 0), $1, $2 "
            "FROM thing, (SELECT count(*) AS n FROM thing) AS number_of GROUP BY number_of.n",
            {std::int64_t{1} << 40, std::string("x")});
        EXPECT_EQ(row->integer(0), 2);
        EXPECT_EQ(row->integer(1), 5);
        EXPECT_EQ(row->integer(2), 3);
        EXPECT_TRUE(row->flag(3));
        EXPECT_EQ(row->real(4), 2.5);
        EXPECT_EQ(row->integer(5), std::int64_t{1} << 40);
        EXPECT_EQ(row->text(6), "x");
    });
}

TEST_P(Store, RefusesAGetterOfAnotherType) {
    db->write([](Transaction& tx) { add(tx, 1, "a"); });
    const auto row = db->read([](Reader& reader) { return reader.find("SELECT number, name FROM thing"); });
    EXPECT_EQ(kind_thrown([&] { row->text(0); }), Kind::Bug);
    EXPECT_EQ(kind_thrown([&] { row->integer(1); }), Kind::Bug);
    EXPECT_EQ(kind_thrown([&] { row->blob(1); }), Kind::Bug);
    EXPECT_EQ(kind_thrown([&] { row->integer(2); }), Kind::Bug);
    EXPECT_EQ(row->real(0), 1.0);
}

TEST_P(Store, RefusesTextThatOneEngineCouldNotHold) {
    EXPECT_EQ(kind_thrown([&] { db->write([](Transaction& tx) { add(tx, 1, std::string("a\0b", 3)); }); }),
              Kind::BadInput);
    EXPECT_EQ(kind_thrown([&] { db->write([](Transaction& tx) { add(tx, 1, "\xFF"); }); }), Kind::BadInput);
    EXPECT_EQ(kind_thrown([&] { db->write([](Transaction& tx) { add(tx, 1, "\xED\xA0\x80"); }); }), Kind::BadInput);
    EXPECT_EQ(kind_thrown([&] {
                  db->write([](Transaction& tx) { tx.execute("UPDATE thing SET size = $1", {std::nan("")}); });
              }),
              Kind::Bug);
    EXPECT_EQ(count(), 0);
}

TEST_P(Store, TellsHowManyRowsChangedAndTheNewNumber) {
    db->write([](Transaction& tx) {
        const auto first = tx.insert("INSERT INTO thing (name) VALUES ($1) RETURNING id", {std::string("a")});
        const auto second = tx.insert("INSERT INTO thing (name) VALUES ($1) RETURNING id", {std::string("b")});
        EXPECT_GT(second, first);
        EXPECT_EQ(tx.execute("UPDATE thing SET number = 1"), 2);
        EXPECT_EQ(tx.execute("UPDATE thing SET number = 2 WHERE name = $1", {std::string("c")}), 0);
        EXPECT_EQ(tx.execute("CREATE TABLE other (id BIGINT)"), 0);
        EXPECT_EQ(tx.execute("DELETE FROM thing WHERE id = $1", {second}), 1);
        // A number that was given out is not given out again.
        EXPECT_GT(tx.insert("INSERT INTO thing (name) VALUES ($1) RETURNING id", {std::string("c")}), second);
    });
    EXPECT_EQ(kind_thrown([&] {
                  db->write([](Transaction& tx) {
                      tx.insert("INSERT INTO thing (name) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id",
                                {std::string("a")});
                  });
              }),
              Kind::Conflict);
}

TEST_P(Store, RollsBackWhenTheWorkThrows) {
    EXPECT_THROW(db->write([](Transaction& tx) {
        add(tx, 1, "a");
        throw std::runtime_error("no");
    }),
                 std::runtime_error);
    EXPECT_EQ(count(), 0);
    db->write([](Transaction& tx) { add(tx, 1, "a"); });
    EXPECT_EQ(count(), 1);
}

TEST_P(Store, AnswersAViolatedConstraintWithConflict) {
    db->write([](Transaction& tx) { add(tx, 1, "a"); });
    EXPECT_EQ(kind_thrown([&] { db->write([](Transaction& tx) { add(tx, 2, "a"); }); }), Kind::Conflict);
    EXPECT_EQ(kind_thrown([&] { db->write([](Transaction& tx) { add(tx, -13, "b"); }); }), Kind::Conflict);
    EXPECT_EQ(kind_thrown(
                  [&] { db->write([](Transaction& tx) { tx.execute("INSERT INTO part (thing_id) VALUES (999)"); }); }),
              Kind::Conflict);
    EXPECT_EQ(count(), 1);
}

TEST_P(Store, LosesTheTransactionAfterAFailedStatementEvenIfItWasCaught) {
    db->write([](Transaction& tx) { add(tx, 1, "a"); });
    EXPECT_EQ(kind_thrown([&] {
                  db->write([](Transaction& tx) {
                      add(tx, 2, "b");
                      EXPECT_EQ(kind_thrown([&] { add(tx, 3, "a"); }), Kind::Conflict);
                  });
              }),
              Kind::Conflict);
    EXPECT_EQ(count(), 1);
}

TEST_P(Store, AnswersAWrongStatementWithBug) {
    EXPECT_EQ(kind_thrown([&] { db->read([](Reader& reader) { reader.query("SELECT nothing FROM nowhere"); }); }),
              Kind::Bug);
    EXPECT_EQ(kind_thrown([&] { db->read([](Reader& reader) { reader.query("SELECT $1, $2", {std::int64_t{1}}); }); }),
              Kind::Bug);
    EXPECT_EQ(kind_thrown([&] { db->write([](Transaction& tx) { tx.execute("SELECT 1; SELECT 2"); }); }), Kind::Bug);
    EXPECT_EQ(
        kind_thrown([&] { db->write([](Transaction& tx) { tx.execute("SELECT \"no such column\" FROM thing"); }); }),
        Kind::Bug);
}

TEST_P(Store, DoesNotLetASnapshotWrite) {
    EXPECT_EQ(kind_thrown([&] {
                  db->read([](Reader& reader) { reader.query("INSERT INTO thing (name) VALUES ('a') RETURNING id"); });
              }),
              Kind::Bug);
    EXPECT_EQ(count(), 0);
}

TEST_P(Store, ShowsOneSnapshotForAWholeRead) {
    db->write([](Transaction& tx) { add(tx, 1, "a"); });
    db->read([&](Reader& reader) {
        EXPECT_EQ(reader.find("SELECT count(*) FROM thing")->integer(0), 1);
        std::thread([&] { db->write([](Transaction& tx) { add(tx, 2, "b"); }); }).join();
        EXPECT_EQ(reader.find("SELECT count(*) FROM thing")->integer(0), 1);
        // A read inside a read looks at the same.
        EXPECT_EQ(count(), 1);
    });
    EXPECT_EQ(count(), 2);
}

TEST_P(Store, RefusesAWriteInsideAWriteInsteadOfWaitingForItself) {
    EXPECT_EQ(kind_thrown([&] { db->write([&](Transaction&) { db->write([](Transaction&) {}); }); }), Kind::Bug);
    db->write([](Transaction& tx) { add(tx, 1, "a"); });
    EXPECT_EQ(count(), 1);
}

TEST_P(Store, LosesNoIncrementOfEightWriters) {
    constexpr int kThreads = 8;
    constexpr int kTimes = 200;
    db->write([](Transaction& tx) { add(tx, 0, "counter"); });
    std::atomic<int> failures{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i)
        threads.emplace_back([&] {
            for (int k = 0; k < kTimes; ++k) {
                try {
                    db->write([](Transaction& tx) {
                        const auto old = tx.find("SELECT number FROM thing WHERE name = 'counter'")->integer(0);
                        tx.execute("UPDATE thing SET number = $1 WHERE name = 'counter'", {old + 1});
                    });
                } catch (const Error&) {
                    ++failures;
                }
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(db->read([](Reader& reader) { return reader.find("SELECT number FROM thing")->integer(0); }),
              kThreads * kTimes);
}

/// The process's resident memory in bytes; under the address sanitiser, which holds on to freed memory, it says
/// nothing.
std::int64_t resident_bytes() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return 0;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    return 0;
#endif
#endif
    const std::string status = read_file("/proc/self/statm");
    return std::stoll(status.substr(status.find(' '))) * 4096;
}

TEST_P(Store, StreamsManyRowsWithoutHoldingThem) {
    constexpr std::int64_t kRows = 100'000;
    db->write([&](Transaction& tx) {
        tx.execute(
            "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1) "
            "INSERT INTO thing (number, bytes) SELECT i * 20, $2 FROM n",
            {kRows, Blob{std::string(600, '\xFF')}});
    });
    std::int64_t seen = 0;
    std::int64_t most = 0;
    const std::int64_t before = resident_bytes();
    db->read([&](Reader& reader) {
        reader.each("SELECT number, bytes FROM thing WHERE number > $1 ORDER BY id", {std::int64_t{0}},
                    [&](const Row& row) {
                        EXPECT_EQ(row.integer(0), (seen + 1) * 20);
                        ++seen;
                        if (seen % 20'000 == 0) {
                            most = std::max(most, resident_bytes() - before);
                            // The taker may ask meanwhile, even the same question.
                            reader.each("SELECT number, bytes FROM thing WHERE number > $1 ORDER BY id",
                                        {std::int64_t{40}}, [](const Row& inner) {
                                            EXPECT_EQ(inner.integer(0), 60);
                                            return false;
                                        });
                        }
                        return true;
                    });
        // Held whole, the rows would take more than 60 MB.
        EXPECT_EQ(seen, kRows);
        EXPECT_LT(most, 20 << 20);
        // After stopping early the snapshot serves on.
        EXPECT_EQ(reader.find("SELECT count(*) FROM thing")->integer(0), kRows);
    });
}

TEST_P(Store, PassesOnWhatTheTakerThrows) {
    db->write([](Transaction& tx) { add(tx, 1, "a"); });
    db->write([](Transaction& tx) {
        EXPECT_THROW(tx.each("SELECT id FROM thing", {}, [](const Row&) -> bool { throw std::runtime_error("no"); }),
                     std::runtime_error);
        add(tx, 2, "b");  // that was no failure of the statement
    });
    EXPECT_EQ(count(), 2);
}

TEST_P(Store, KeepsServingManyDifferentStatements) {
    db->read([](Reader& reader) {
        for (std::int64_t i = 0; i < 600; ++i)
            EXPECT_EQ(reader.find(fmt::format("SELECT $1 + {}", i), {i})->integer(0), 2 * i);
    });
}

TEST_P(Store, ServesMoreReadersThanItHasConnections) {
    db->write([](Transaction& tx) { add(tx, 1, "a"); });
    std::atomic<int> right{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 16; ++i)
        threads.emplace_back([&] {
            for (int k = 0; k < 20; ++k)
                if (count() == 1) ++right;
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(right, 16 * 20);
}

TEST_P(Store, KeepsWhatWasWrittenWhenItIsOpenedAgain) {
    db->write([](Transaction& tx) { add(tx, 1, "a"); });
    db.reset();
    db = Database::open(options);
    EXPECT_EQ(count(), 1);
}

TEST_P(Store, ComparesKeysByteByByte) {
    db->write([](Transaction& tx) {
        add(tx, 1, "b");
        add(tx, 2, "B");
        add(tx, 3, "é");
        add(tx, 4, "_");
        add(tx, 5, "役");
    });
    std::string order;
    db->read([&](Reader& reader) {
        for (const Row& row : reader.query("SELECT name FROM thing ORDER BY name")) order += row.text(0);
    });
    EXPECT_EQ(order, "B_bé役");
}

class Climb : public ::testing::TestWithParam<std::string> {
  protected:
    testing::TestDatabase store;
    std::unique_ptr<Database> db = store.open_empty(GetParam());
};
INSTANTIATE_TEST_SUITE_P(Engines, Climb, ::testing::ValuesIn(testing::engines()), testing::engine_name);

constexpr Migration kFirst{"0001_first", "CREATE TABLE first (id {id}); INSERT INTO first DEFAULT VALUES;"};
constexpr Migration kSecond{"0002_second", "CREATE TABLE second (id {id}, first_id BIGINT REFERENCES first(id));"};

TEST_P(Climb, AppliesWhatIsMissingOnce) {
    const Migration one[] = {kFirst};
    const Migration two[] = {kFirst, kSecond};
    EXPECT_EQ(migrate(*db, one), std::vector<std::string>{"0001_first"});
    EXPECT_EQ(migrate(*db, one), std::vector<std::string>{});
    EXPECT_EQ(migrate(*db, two), std::vector<std::string>{"0002_second"});
    EXPECT_EQ(db->read([](Reader& reader) { return reader.find("SELECT count(*) FROM first")->integer(0); }), 1);
}

TEST_P(Climb, ReadsALineOfAMigrationForOneEngineOnlyThere) {
    const Migration one[] = {{"0001_each",
                              "CREATE TABLE each_one (n BIGINT);\n{sqlite} CREATE TABLE own_sqlite (n BIGINT);\n"
                              "{postgres} CREATE TABLE own_postgres (n BIGINT);\n"}};
    migrate(*db, one);
    const auto has = [&](const std::string& table) {
        try {
            db->read([&](Reader& reader) { reader.query("SELECT n FROM " + table); });
            return true;
        } catch (const Error&) {
            return false;
        }
    };
    EXPECT_TRUE(has("each_one"));
    EXPECT_EQ(has("own_sqlite"), GetParam() == "sqlite");
    EXPECT_EQ(has("own_postgres"), GetParam() == "postgres");
}

TEST_P(Climb, RefusesATextThatHasChanged) {
    const Migration before[] = {kFirst};
    const Migration after[] = {{kFirst.name, "CREATE TABLE first (id {id}, more BIGINT);"}};
    migrate(*db, before);
    EXPECT_EQ(kind_thrown([&] { migrate(*db, after); }), Kind::Damaged);
}

TEST_P(Climb, RefusesTheDatabaseOfANewerProgram) {
    const Migration newer[] = {kFirst, kSecond};
    const Migration older[] = {kFirst};
    migrate(*db, newer);
    EXPECT_EQ(kind_thrown([&] { migrate(*db, older); }), Kind::BadInput);
}

TEST_P(Climb, LeavesNothingOfAStepThatFails) {
    const Migration broken[] = {kFirst,
                                {"0002_broken", "CREATE TABLE half (id {id}); INSERT INTO nowhere VALUES (1);"}};
    migrate(*db, {broken, 1});
    EXPECT_EQ(kind_thrown([&] { migrate(*db, broken); }), Kind::Bug);
    const Migration repaired[] = {kFirst, {"0002_broken", "CREATE TABLE half (id {id});"}};
    EXPECT_EQ(migrate(*db, repaired), std::vector<std::string>{"0002_broken"});
}

TEST_P(Climb, GivesANewStoreAllOrNothing) {
    const Migration broken[] = {kFirst, {"0002_broken", "INSERT INTO nowhere VALUES (1);"}};
    EXPECT_EQ(kind_thrown([&] { migrate(*db, broken); }), Kind::Bug);
    const Migration repaired[] = {kFirst, kSecond};
    EXPECT_EQ(migrate(*db, repaired), (std::vector<std::string>{"0001_first", "0002_second"}));
}

TEST_P(Climb, LetsProgramsThatStartTogetherTakeTurns) {
    const DatabaseOptions options = store.make_empty(GetParam());
    const Migration steps[] = {kFirst, kSecond};
    std::atomic<int> applied{0};
    std::atomic<int> failures{0};
    std::vector<std::thread> programs;
    for (int i = 0; i < 4; ++i)
        programs.emplace_back([&] {
            try {
                const auto own = Database::open(options);
                applied += static_cast<int>(migrate(*own, steps).size());
            } catch (const Error& error) {
                ADD_FAILURE() << error.message();
                ++failures;
            }
        });
    for (std::thread& program : programs) program.join();
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(applied, 2);
}

TEST(SqliteStore, WaitsForAnotherProcessThatWrites) {
    testing::TestDatabase store;
    const DatabaseOptions options = store.make_empty("sqlite");
    const auto one = Database::open(options);
    const auto other = Database::open(options);
    one->write([](Transaction& tx) { tx.execute("CREATE TABLE n (i BIGINT)"); });
    std::thread late;
    one->write([&](Transaction& tx) {
        tx.execute("INSERT INTO n VALUES (1)");
        late = std::thread([&] {
            other->write([](Transaction& inner) {
                EXPECT_EQ(inner.find("SELECT count(*) FROM n")->integer(0), 1);
                inner.execute("INSERT INTO n VALUES (2)");
            });
        });
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    });
    late.join();
    EXPECT_EQ(one->read([](Reader& reader) { return reader.find("SELECT count(*) FROM n")->integer(0); }), 2);
}

TEST(SqliteStore, SurvivesAnotherProcessThatOpensAndClosesIt) {
    // The test is its own other process.
    DatabaseOptions options;
    if (const char* given = std::getenv("YAKUBA_TEST_OTHER_PROCESS"); given != nullptr) {
        options.file = given;
        Database::open(options)->write([](Transaction& tx) { tx.execute("INSERT INTO n VALUES (2)"); });
        return;
    }
    testing::TestDatabase store;
    options = store.make_empty("sqlite");
    const auto db = Database::open(options);
    db->write([](Transaction& tx) { tx.execute("CREATE TABLE n (i BIGINT)"); });
    db->read([](Reader& reader) { reader.find("SELECT count(*) FROM n"); });  // a second connection of this process
    Command other;
    other.arguments = {"/proc/self/exe", "--gtest_filter=SqliteStore.SurvivesAnotherProcessThatOpensAndClosesIt"};
    other.environment = {{"YAKUBA_TEST_OTHER_PROCESS", options.file.string()}};
    const Outcome ended = run(other);
    ASSERT_EQ(ended.exit_code, 0) << ended.output;
    EXPECT_TRUE(std::filesystem::exists(options.file.string() + "-wal")) << "the other took itself for the last";
    db->write([](Transaction& tx) { tx.execute("INSERT INTO n VALUES (3)"); });
    EXPECT_EQ(run(other).exit_code, 0);
    EXPECT_EQ(db->read([](Reader& reader) { return reader.find("SELECT count(*) FROM n")->integer(0); }), 3);
    const auto fresh = Database::open(options);
    EXPECT_EQ(fresh->read([](Reader& reader) { return reader.find("SELECT count(*) FROM n")->integer(0); }), 3);
}

TEST(SqliteStore, IsNotReadableByOthersAndWritesThrough) {
    testing::TestDatabase store;
    DatabaseOptions options = store.make_empty("sqlite");
    options.is_durable = true;
    const auto db = Database::open(options);
    EXPECT_EQ(std::filesystem::status(options.file).permissions() & std::filesystem::perms::others_all,
              std::filesystem::perms::none);
    db->write([](Transaction& tx) {
        EXPECT_EQ(tx.find("PRAGMA synchronous")->integer(0), 2);  // FULL
        EXPECT_EQ(tx.find("PRAGMA foreign_keys")->integer(0), 1);
        EXPECT_EQ(tx.find("PRAGMA trusted_schema")->integer(0), 0);
        EXPECT_EQ(tx.find("PRAGMA journal_mode")->text(0), "wal");
    });
}

TEST(SqliteStore, SaysThatTheDiskIsFullAndGoesOnAfterwards) {
    testing::TestDatabase store;
    const auto db = store.open_empty("sqlite");
    db->write([](Transaction& tx) { tx.execute("CREATE TABLE n (b BLOB)"); });
    db->write([](Transaction& tx) { tx.query("PRAGMA max_page_count = 20"); });
    try {
        db->write([](Transaction& tx) { tx.execute("INSERT INTO n VALUES ($1)", {Blob{std::string(200'000, 'x')}}); });
        FAIL() << "200 kB went into 20 pages";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::Unavailable);
        EXPECT_NE(error.message().find("full"), std::string::npos) << error.message();
    }
    db->write([](Transaction& tx) { tx.execute("INSERT INTO n VALUES ($1)", {Blob{"x"}}); });
    EXPECT_EQ(db->read([](Reader& reader) { return reader.find("SELECT count(*) FROM n")->integer(0); }), 1);
}

TEST(SqliteStore, NamesADamagedFile) {
    testing::TestDatabase store;
    const DatabaseOptions options = store.make_empty("sqlite");
    write_file(options.file, std::string(10'000, 'x'), Durability::Later);
    EXPECT_EQ(kind_thrown([&] { Database::open(options); }), Kind::Damaged);
}

TEST(SqliteStore, SaysThatItsFolderIsMissing) {
    DatabaseOptions options;
    options.file = TemporaryFolder().path() / "gone" / "yakuba.db";
    EXPECT_EQ(kind_thrown([&] { Database::open(options); }), Kind::Unavailable);
}

class Postgres : public ::testing::Test {
  protected:
    void SetUp() override {
        db->write([](Transaction& tx) { tx.execute("CREATE TABLE n (i BIGINT)"); });
    }
    /// Ends the server's side of every connection of this test but the asking one.
    void kill_backends() {
        DatabaseOptions outside;
        outside.url = testing::postgres_url();
        Database::open(outside)->write([&](Transaction& tx) {
            tx.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                "AND application_name = $1",
                {name});
        });
    }
    static std::int64_t count(Reader& reader) { return reader.find("SELECT count(*) FROM n")->integer(0); }

    testing::TestDatabase store;
    DatabaseOptions options = store.make_empty("postgres");
    std::string name = options.schema;
    std::unique_ptr<Database> db = [this] {
        options.url += "&application_name=" + name;
        return Database::open(options);
    }();
};

TEST_F(Postgres, ReplacesConnectionsThatDiedWhileIdle) {
    EXPECT_EQ(db->read(count), 0);
    kill_backends();
    EXPECT_EQ(db->read(count), 0);
    kill_backends();
    db->write([](Transaction& tx) { tx.execute("INSERT INTO n VALUES (1)"); });
    EXPECT_EQ(db->read(count), 1);
}

TEST_F(Postgres, RunsAWriteAgainWhoseConnectionDiesBeforeTheCommit) {
    int runs = 0;
    db->write([&](Transaction& tx) {
        tx.execute("INSERT INTO n VALUES (1)");
        if (++runs == 1) kill_backends();
        tx.execute("INSERT INTO n VALUES (2)");
    });
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(db->read(count), 2);
}

TEST_F(Postgres, SaysThatItIsUnknownWhetherACommitOnADyingConnectionWasDone) {
    try {
        db->write([&](Transaction& tx) {
            tx.execute("INSERT INTO n VALUES (1)");
            kill_backends();
        });
        FAIL() << "the commit had no connection";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::Unavailable);
        EXPECT_NE(error.message().find("not known"), std::string::npos) << error.message();
    }
    EXPECT_EQ(db->read(count), 0);
}

TEST_F(Postgres, GivesALockToOneAtATime) {
    const auto other = Database::open(options);
    auto held = db->find_lock("press");
    ASSERT_NE(held, nullptr);
    EXPECT_EQ(other->find_lock("press"), nullptr);
    EXPECT_NE(other->find_lock("clock"), nullptr);
    held.reset();
    for (int i = 0; i < 200; ++i) {  // whoever comes next need not wait until the server has ended the session
        const auto next = (i % 2 == 0 ? other : db)->find_lock("press");
        ASSERT_NE(next, nullptr) << i;
    }
}

TEST(PostgresStore, SaysThatTheServerCannotBeReached) {
    DatabaseOptions options;
    options.url = "postgresql://127.0.0.1:1/none";
    EXPECT_EQ(kind_thrown([&] { Database::open(options); }), Kind::Unavailable);
}

TEST(PostgresStore, RefusesASchemaNameThatIsNoName) {
    DatabaseOptions options;
    options.url = testing::postgres_url();
    options.schema = "x\"; DROP SCHEMA public";
    EXPECT_EQ(kind_thrown([&] { Database::open(options); }), Kind::BadInput);
}

}  // namespace
}  // namespace sys
