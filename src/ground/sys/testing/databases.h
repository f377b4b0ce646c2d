// Both engines for every store test. SQLite is a file in a temporary folder; PostgreSQL a schema of its own in the
// server of YAKUBA_TEST_POSTGRES, or of tools/test_postgres, which is started when it does not run. A server that
// cannot be had fails the test: it is never skipped.
//
//     class StoreTest : public testing::TestWithParam<std::string> {
//         sys::testing::TestDatabase store_;
//         std::unique_ptr<sys::Database> db_ = store_.open_empty(GetParam());
//     };
//     INSTANTIATE_TEST_SUITE_P(Engines, StoreTest, testing::ValuesIn(sys::testing::engines()),
//     sys::testing::engine_name);
//
// or, in a plain test, `for (const auto& engine : sys::testing::engines()) { SCOPED_TRACE(engine); ... }`.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/sys/database.h"
#include "ground/sys/files.h"

namespace sys::testing {

/// "sqlite" and "postgres".
std::vector<std::string> engines();

/// Names a parameterised test's cases by their engine.
inline constexpr auto engine_name = [](const auto& info) { return std::string(info.param); };

/// Makes empty databases and removes them when it goes; it must outlive them.
class TestDatabase {
  public:
    TestDatabase() = default;
    ~TestDatabase();
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;

    /// As engines() in the class's own words.
    static std::vector<std::string> engines() { return testing::engines(); }
    /// The options of a new, empty store; open them as often as the test needs.
    DatabaseOptions make_empty(std::string_view engine);
    std::unique_ptr<Database> open_empty(std::string_view engine) { return Database::open(make_empty(engine)); }
    /// A new store for these tables. On PostgreSQL it is a database of its own that has them already: a copy of one
    /// that is filled once for a server. To make a hundred tables and drop them again for each test was most of its
    /// work.
    DatabaseOptions make_for(std::string_view engine, std::span<const Migration> migrations);

  private:
    TemporaryFolder folder_;
    std::vector<std::string> schemas_, databases_;
    int files_ = 0;
};

/// The URL of the tests' PostgreSQL server, for tests that drive it by other means.
std::string postgres_url();

}  // namespace sys::testing
