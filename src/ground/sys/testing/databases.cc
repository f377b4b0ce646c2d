#include "ground/sys/testing/databases.h"

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "ground/sys/process.h"

namespace sys::testing {

using base::Error;
using base::Kind;

namespace {

/// The working copy, from where this file was compiled.
std::filesystem::path source_folder() {
    return std::filesystem::path(__FILE__).parent_path() / "../../../..";
}

std::string start_server() {
    Command command;
    command.arguments = {(source_folder() / "tools/test_postgres").string(), "start"};
    command.patience = std::chrono::seconds(120);
    const Outcome outcome = run(command);
    if (outcome.exit_code != 0)
        throw Error(Kind::Unavailable,
                    fmt::format("the tests' PostgreSQL server could not be started: {}", outcome.errors));
    return std::string(base::trim(outcome.output));
}

}  // namespace

std::vector<std::string> engines() {
    return {"sqlite", "postgres"};
}

std::string postgres_url() {
    if (const char* given = std::getenv("YAKUBA_TEST_POSTGRES"); given != nullptr && *given != '\0') return given;
    static const std::string url = start_server();
    return url;
}

DatabaseOptions TestDatabase::make_empty(std::string_view engine) {
    DatabaseOptions options;
    options.is_durable = false;
    if (engine == "sqlite") {
        options.file = folder_.path() / fmt::format("test{}.db", ++files_);
        return options;
    }
    if (engine != "postgres") throw Error(Kind::Bug, fmt::format("there is no engine {}", engine));
    options.url = postgres_url();
    options.schema = fmt::format("test_{}_{}", ::getpid(), base::to_hex(random_bytes(6)));
    schemas_.push_back(options.schema);
    return options;
}

TestDatabase::~TestDatabase() {
    if (schemas_.empty()) return;
    try {
        DatabaseOptions options;
        options.url = postgres_url();
        const auto database = Database::open(options);
        for (const std::string& schema : schemas_)
            database->write(
                [&](Transaction& tx) { tx.execute_script("DROP SCHEMA IF EXISTS \"" + schema + "\" CASCADE"); });
    } catch (const std::exception& error) {  // the server goes with the test run, and the schema with it
        std::fprintf(stderr, "a test's schema was not removed: %s\n", error.what());
    }
}

}  // namespace sys::testing
