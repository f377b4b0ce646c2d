// The databases: the office's into its file or into an empty PostgreSQL schema, the watch's into its file. Each passes
// its engine's own check, and each table has the rows and the hash that were noted when the backup was made.
#include "flow/restore/build.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "ground/release/store.h"
#include "ground/sys/database_copy.h"
#include "ground/sys/files.h"
#include "ground/sys/process.h"

namespace flow::restoring {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

namespace {

constexpr auto kRestorePatience = std::chrono::hours(6);
constexpr std::string_view kLeftOver = "postgresql";  // in the workshop: what to clear if this is cut off

[[noreturn]] void fail(std::string_view what) {
    throw Error(Kind::Damaged,
                fmt::format("this backup is damaged: {}; restore another one, and verify this one", what));
}

/// As the settings that are in place already say: the names of the backup, unless others were asked for.
sys::DatabaseOptions postgres_options(const Build& build) {
    const settings::Settings settings = settings::load(build.folders.site / "yakuba.toml");
    return {
        .url = settings.database.url, .file = {}, .is_durable = true, .readers = 1, .schema = settings.database.schema};
}

std::string in_quotes(const std::string& name) {
    std::string quoted = "\"";
    for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

std::int64_t count_tables(sys::Reader& db, const std::string& schema) {
    return db.find("SELECT count(*) FROM information_schema.tables WHERE table_schema = $1", {schema})->integer(0);
}

void drop_tables(const sys::DatabaseOptions& options, const std::string& schema) {
    sys::DatabaseOptions outside = options;
    outside.schema.clear();
    const auto database = sys::Database::open(outside);
    database->write([&](sys::Transaction& tx) {
        tx.execute_script(fmt::format("DROP SCHEMA IF EXISTS {} CASCADE", in_quotes(schema)));
        if (schema == "public") tx.execute_script("CREATE SCHEMA public");
    });
}

/// SQLite's own check of the whole file, and of what refers to what.
void check_sqlite(const fs::path& file) {
    if (const std::string damage = sys::find_sqlite_damage(file); !damage.empty())
        fail(fmt::format("{}: {}", file.filename().string(), damage));
}

void check_references(sys::Database& database, std::string_view file) {
    const auto broken = database.read([](sys::Reader& db) { return db.query("PRAGMA foreign_key_check"); });
    if (!broken.empty())
        fail(fmt::format("{}: a row of {} refers to one that is not there", file, broken.front().text(0)));
}

void check_tables(Build& build, sys::Database& database, std::string_view name) {
    std::map<std::string, const backup::TableFigures*> noted;
    for (const backup::TableFigures& one : build.point.manifest.tables)
        if (one.database == name) noted.emplace(one.name, &one);
    for (const sys::TableDigest& table : database.read([](sys::Reader& db) { return sys::digest_tables(db); })) {
        const auto found = noted.find(table.name);
        if (found == noted.end()) fail(fmt::format("the table {} of {} is not in the manifest", table.name, name));
        if (table.rows != found->second->rows)
            fail(fmt::format("the table {} of {} has {} rows instead of {}", table.name, name, table.rows,
                             found->second->rows));
        if (table.hash != found->second->hash)
            fail(fmt::format("the table {} of {} does not hold what was backed up", table.name, name));
        ++build.result.tables;
        build.result.rows += table.rows;
        noted.erase(found);
    }
    if (!noted.empty()) fail(fmt::format("the table {} of {} is missing", noted.begin()->first, name));
}

void check_release(const Build& build, sys::Database& database) {
    const auto newest = database.read([](sys::Reader& db) { return release::find_newest(db); });
    const std::int64_t number = newest ? newest->number : 0;
    if (number != build.point.manifest.release || (newest && newest->record_hash != build.point.manifest.release_hash))
        fail(
            fmt::format("its database ends at release {}, its manifest says {}", number, build.point.manifest.release));
    // One that was committed and not written to the log yet.
    if (!newest) return;
    release::Log log(build.folders.releases);
    for (const std::int64_t each : database.read([](sys::Reader& db) { return release::list_unplaced(db); }))
        log.append(database.read([&](sys::Reader& db) { return release::load_record(db, each); }));
}

void load_dump(const Build& build) {
    const sys::DatabaseOptions options = postgres_options(build);
    sys::DatabaseOptions outside = options;
    outside.schema.clear();
    const auto or_public = [](const std::string& name) { return name.empty() ? std::string("public") : name; };
    const std::string made = or_public(settings::load(build.point.folder / "yakuba.toml").database.schema);
    const std::string wanted = or_public(options.schema);
    const auto database = sys::Database::open(outside);
    for (const std::string& schema : {made, wanted})
        if (database->read([&](sys::Reader& db) { return count_tables(db, schema); }) > 0)
            throw Error(Kind::Conflict,
                        fmt::format("the schema {} of that database holds tables already; make an empty "
                                    "database and name it with --database",
                                    schema));
    sys::write_file(build.folders.site.parent_path() / kLeftOver, options.url + "\n" + made, sys::Durability::Now,
                    0600);
    sys::Command command;
    command.environment = sys::postgres_environment(options.url);
    command.environment["LC_ALL"] = "C.UTF-8";
    // In one transaction: all or nothing. A name alone is what it connects to; the rest comes by the environment.
    command.arguments = {"pg_restore",
                         "--no-owner",
                         "--no-privileges",
                         "--no-password",
                         "--exit-on-error",
                         "--clean",
                         "--if-exists",
                         "--single-transaction",
                         "--dbname=" + command.environment["PGDATABASE"],
                         (build.point.folder / build.point.manifest.database).string()};
    command.patience = kRestorePatience;
    command.is_stopped = build.options.is_stopped;
    command.dies_with_us = true;
    const sys::Outcome outcome = sys::run(command);
    if (outcome.was_stopped) build.between();
    if (outcome.exit_code == 127)
        throw Error(Kind::Unavailable, "pg_restore is not installed; apt install postgresql-client");
    if (outcome.timed_out) throw Error(Kind::Unavailable, "pg_restore took longer than six hours");
    if (outcome.exit_code != 0)
        fail(fmt::format("pg_restore says: {}", base::trim(std::string_view(outcome.errors).substr(0, 500))));
    if (made == wanted) return;
    sys::write_file(build.folders.site.parent_path() / kLeftOver, options.url + "\n" + wanted, sys::Durability::Now,
                    0600);
    database->write([&](sys::Transaction& tx) {
        tx.execute_script(fmt::format("DROP SCHEMA IF EXISTS {}", in_quotes(wanted)));
        tx.execute_script(fmt::format("ALTER SCHEMA {} RENAME TO {}", in_quotes(made), in_quotes(wanted)));
    });
}

void place_sqlite(Build& build, const std::string& from, std::string_view name) {
    const fs::path file = build.folders.site / fmt::format("{}.db", name);
    fs::rename(build.point.folder / from, file);
    check_sqlite(file);
    const auto database =
        sys::Database::open({.url = {}, .file = file, .is_durable = true, .readers = 1, .schema = {}});
    check_references(*database, from);
    check_tables(build, *database, name);
    if (name == "yakuba") check_release(build, *database);
}

}  // namespace

void clear_left_over_database(const fs::path& workshop) {
    const auto note = sys::find_file(workshop / kLeftOver, 16384);
    if (!note) return;
    const auto newline = note->find('\n');
    if (newline == std::string::npos) return;
    const std::string schema = note->substr(newline + 1);
    drop_tables({.url = note->substr(0, newline), .file = {}, .is_durable = true, .readers = 1, .schema = {}}, schema);
    keep_database(workshop);
}

void keep_database(const fs::path& workshop) {
    sys::remove_file(workshop / kLeftOver);
}

void place_database(Build& build) {
    const backup::Manifest& manifest = build.point.manifest;
    if (manifest.engine == "postgresql") {
        load_dump(build);
        const auto database = sys::Database::open(postgres_options(build));
        check_tables(build, *database, "yakuba");
        check_release(build, *database);
    } else {
        place_sqlite(build, manifest.database, "yakuba");
    }
    if (fs::exists(build.point.folder / "watch.db")) place_sqlite(build, "watch.db", "watch");
}

}  // namespace flow::restoring
