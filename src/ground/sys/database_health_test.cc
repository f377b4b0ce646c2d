#include "ground/sys/database_health.h"

#include <fstream>

#include <gtest/gtest.h>

#include "ground/sys/files.h"
#include "ground/sys/testing/databases.h"

namespace sys {

TEST(DatabaseHealth, IsToldByBothEngines) {
    for (const std::string& engine : testing::engines()) {
        SCOPED_TRACE(engine);
        testing::TestDatabase store;
        const DatabaseOptions options = store.make_empty(engine);
        const auto database = Database::open(options);
        database->write([](Transaction& tx) { tx.execute("CREATE TABLE thing (id BIGINT)"); });
        const DatabaseHealth health = look_at(*database, options.file, true);
        EXPECT_EQ(health.problem, "");
        EXPECT_GT(health.bytes, 0U);
        EXPECT_TRUE(health.engine.starts_with(engine == "sqlite" ? "SQLite" : "PostgreSQL 1")) << health.engine;
        EXPECT_EQ(health.oldest_transaction_seconds.has_value(), engine != "sqlite");
    }
}

TEST(DatabaseHealth, FindsADamagedPageOfSqlite) {
    const TemporaryFolder folder;
    const DatabaseOptions options{.url = "", .file = folder.path() / "a.db"};
    {
        const auto database = Database::open(options);
        database->write([](Transaction& tx) {
            tx.execute("CREATE TABLE thing (id BIGINT, words TEXT)");
            for (int row = 0; row < 500; ++row)
                tx.execute("INSERT INTO thing (id, words) VALUES ($1, $2)", {std::int64_t{row}, std::string(200, 'x')});
        });
    }
    {
        std::fstream file(options.file, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(4096 * 5);
        file << std::string(4096, '\x55');
    }
    const auto database = Database::open(options);
    EXPECT_EQ(look_at(*database, options.file, false).problem, "");
    std::string found;
    try {
        found = look_at(*database, options.file, true).problem;
    } catch (const std::exception& error) {
        found = error.what();
    }
    EXPECT_NE(found, "");
}

}  // namespace sys
