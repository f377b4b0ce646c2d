#include "ground/sys/testing/databases.h"

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <libpq-fe.h>
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

/// Databases cannot be made or dropped in a transaction, so this talks to the server without sys::Database.
class Server {
  public:
    Server() : connection_(PQconnectdb(postgres_url().c_str()), PQfinish) {
        if (PQstatus(connection_.get()) != CONNECTION_OK)
            throw Error(Kind::Unavailable, PQerrorMessage(connection_.get()));
    }
    /// The number of rows.
    int run(const std::string& sql) const {
        const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection_.get(), sql.c_str()), PQclear);
        const ExecStatusType status = PQresultStatus(result.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
            throw Error(Kind::Unavailable, fmt::format("{}: {}", sql, PQerrorMessage(connection_.get())));
        return PQntuples(result.get());
    }
    bool has(const std::string& database) const {
        return run(fmt::format("SELECT 1 FROM pg_database WHERE datname = '{}'", database)) == 1;
    }

  private:
    std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
};

constexpr const char* kServersOwn = ":///postgres?";

DatabaseOptions in_database(const std::string& name) {
    DatabaseOptions options;
    options.is_durable = false;
    options.url = postgres_url();
    const auto at = options.url.find(kServersOwn);
    if (at == std::string::npos)
        throw Error(Kind::BadInput, "YAKUBA_TEST_POSTGRES must name the database postgres on a socket");
    options.url.replace(at, std::string_view(kServersOwn).size(), ":///" + name + "?");
    options.schema = "site";
    return options;
}

/// The database from which others are copied. Whoever comes first makes it; under its name it is always whole.
std::string find_template(const Server& server, std::span<const Migration> migrations) {
    std::string text;
    for (const Migration& migration : migrations) text += fmt::format("{}\n{}\n", migration.name, migration.sql);
    const std::string name = "with_" + sha256(text).hex().substr(0, 16);
    if (server.has(name)) return name;
    server.run("SELECT pg_advisory_lock(4649)");  // goes with the connection, if not before
    if (!server.has(name)) {
        const std::string made = name + "_made";
        server.run(fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", made));
        server.run("CREATE DATABASE " + made);
        migrate(*Database::open(in_database(made)), migrations);
        server.run(fmt::format("ALTER DATABASE {} RENAME TO {}", made, name));
    }
    server.run("SELECT pg_advisory_unlock(4649)");
    return name;
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

DatabaseOptions TestDatabase::make_for(std::string_view engine, std::span<const Migration> migrations) {
    if (engine != "postgres") return make_empty(engine);
    const Server server;
    const std::string name = fmt::format("test_{}_{}", ::getpid(), base::to_hex(random_bytes(6)));
    server.run(fmt::format("CREATE DATABASE {} TEMPLATE {}", name, find_template(server, migrations)));
    databases_.push_back(name);
    return in_database(name);
}

TestDatabase::~TestDatabase() {
    if (schemas_.empty() && databases_.empty()) return;
    try {
        const Server server;
        for (const std::string& name : databases_)
            server.run(fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", name));
        if (schemas_.empty()) return;
        DatabaseOptions options;
        options.url = postgres_url();
        const auto database = Database::open(options);
        for (const std::string& schema : schemas_)
            database->write(
                [&](Transaction& tx) { tx.execute_script("DROP SCHEMA IF EXISTS \"" + schema + "\" CASCADE"); });
    } catch (const std::exception& error) {  // the server goes with the test run, and the schema with it
        std::fprintf(stderr, "a test's database was not removed: %s\n", error.what());
    }
}

}  // namespace sys::testing
