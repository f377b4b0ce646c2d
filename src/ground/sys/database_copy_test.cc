#include "ground/sys/database_copy.h"

#include <atomic>
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/sys/process.h"
#include "ground/sys/testing/databases.h"

namespace sys {
namespace {

namespace fs = std::filesystem;

void fill(Database& db) {
    db.write([](Transaction& tx) {
        tx.execute("CREATE TABLE pair (a BIGINT PRIMARY KEY, b BIGINT NOT NULL)");
        tx.execute(tx.engine() == Engine::Sqlite
                       ? "CREATE TABLE word (w TEXT PRIMARY KEY, bytes BLOB, f REAL)"
                       : "CREATE TABLE word (w TEXT PRIMARY KEY, bytes BYTEA, f DOUBLE PRECISION)");
        for (std::int64_t i = 0; i < 200; ++i) tx.execute("INSERT INTO pair (a, b) VALUES ($1, $2)", {i, -i});
        for (const char* word : {"b", "A", "役場", "it's"})
            tx.execute("INSERT INTO word (w, bytes, f) VALUES ($1, $2, $3)",
                       {std::string(word), Blob{std::string("\0\xff", 2)}, 0.1});
    });
}

TEST(CopySqlite, TakesOneTransactionsStateWhileOthersWrite) {
    testing::TestDatabase store;
    const DatabaseOptions options = store.make_empty("sqlite");
    const auto db = Database::open(options);
    fill(*db);
    std::atomic<bool> is_over = false;
    std::thread writer([&] {
        for (std::int64_t i = 1000; !is_over; ++i)
            db->write([&](Transaction& tx) {  // the sum of b over a pair of rows is always 0
                tx.execute("INSERT INTO pair (a, b) VALUES ($1, $2)", {2 * i, i});
                tx.execute("INSERT INTO pair (a, b) VALUES ($1, $2)", {2 * i + 1, -i});
            });
    });
    const TemporaryFolder folder;
    for (int i = 0; i < 5; ++i) {
        const fs::path copy = folder.path() / fmt::format("copy{}.db", i);
        copy_sqlite(options.file, copy);
        EXPECT_FALSE(fs::exists(copy.string() + "-wal"));
        const auto copied = Database::open({.file = copy, .is_durable = false, .readers = 1});
        copied->read([](Reader& reader) {
            EXPECT_EQ(reader.find("SELECT coalesce(sum(b), 0) FROM pair WHERE a >= 2000")->integer(0), 0);
        });
    }
    is_over = true;
    writer.join();
}

TEST(CopySqlite, RefusesADamagedDatabase) {
    testing::TestDatabase store;
    const DatabaseOptions options = store.make_empty("sqlite");
    {
        const auto db = Database::open(options);
        fill(*db);
    }
    std::fstream file(options.file, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 * 2 + 100);
    file.write(std::string(3000, '\x5a').data(), 3000);
    file.close();
    const TemporaryFolder folder;
    EXPECT_THROW(copy_sqlite(options.file, folder.path() / "copy.db"), base::Error);
}

TEST(DigestTables, IsTheSameForTheSameRowsAndAnotherForOthers) {
    for (const auto& engine : testing::engines()) {
        SCOPED_TRACE(engine);
        testing::TestDatabase store;
        const auto one = store.open_empty(engine), two = store.open_empty(engine);
        fill(*one);
        fill(*two);
        const auto digest = [](Database& db) { return db.read([](Reader& r) { return digest_tables(r); }); };
        const auto before = digest(*one);
        ASSERT_EQ(before.size(), 2U);
        EXPECT_EQ(before[0].name, "pair");
        EXPECT_EQ(before[0].rows, 200);
        EXPECT_EQ(before[1].rows, 4);
        for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(digest(*two)[i].hash, before[i].hash);
        two->write([](Transaction& tx) { tx.execute("UPDATE word SET f = 0.2 WHERE w = 'A'"); });
        EXPECT_EQ(digest(*two)[0].hash, before[0].hash);
        EXPECT_NE(digest(*two)[1].hash, before[1].hash);
    }
}

TEST(DumpPostgres, HoldsTheVerySnapshotThatIsRead) {
    testing::TestDatabase store;
    const DatabaseOptions options = store.make_empty("postgres");
    const auto db = Database::open(options);
    fill(*db);
    const TemporaryFolder folder;
    const fs::path dump = folder.path() / "database.dump";
    db->read([&](Reader& reader) {
        const auto rows = reader.find("SELECT count(*) FROM pair")->integer(0);
        db->write([](Transaction& tx) { tx.execute("INSERT INTO pair (a, b) VALUES (777, 0)"); });
        dump_postgres(reader, {.url = options.url, .schema = options.schema, .to = dump});
        EXPECT_EQ(rows, 200);
    });
    Command list;
    list.arguments = {"pg_restore", "--data-only", "--table=pair", "--file=-", dump.string()};
    const std::string text = run(list).output;
    EXPECT_NE(text.find("199\t-199"), std::string::npos);
    EXPECT_EQ(text.find("777"), std::string::npos);
}

}  // namespace
}  // namespace sys
