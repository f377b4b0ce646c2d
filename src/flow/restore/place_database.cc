// The databases: the office's into its file or into an empty PostgreSQL schema, the watch's into its file. Each passes
// its engine's own check, and each table has the rows and the hash that were noted when the backup was made.
#include "flow/restore/build.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "ground/release/store.h"
#include "ground/sys/crypto.h"
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

/// What a restore that is under way says of itself: in the workshop, and as the comment on the schema. Only where both
/// agree are the tables its own: the note may have been forgotten, and the database been given to somebody else.
struct Note {
    std::string url, schema, id;
};

std::string mark_of(const Note& note) {
    return "yakuba restore " + note.id;
}

std::optional<Note> find_note(const fs::path& workshop) {
    const auto text = sys::find_file(workshop / kLeftOver, 16384);
    if (!text) return std::nullopt;
    const auto lines = base::split(*text, '\n');
    if (lines.size() != 3) return Note{};  // of another version, without an id: nothing is known to be its own
    return Note{std::string(lines[0]), std::string(lines[1]), std::string(lines[2])};
}

void write_note(const fs::path& workshop, const Note& note) {
    sys::write_file(workshop / kLeftOver, note.url + "\n" + note.schema + "\n" + note.id, sys::Durability::Now, 0600);
}

std::unique_ptr<sys::Database> open_outside(const Note& note) {
    return sys::Database::open({.url = note.url, .file = {}, .is_durable = true, .readers = 1, .schema = {}});
}

bool is_own(sys::Reader& db, const Note& note) {
    const auto row =
        db.find("SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = $1", {note.schema});
    return row && row->maybe_text(0).value_or("") == mark_of(note);
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
    const fs::path workshop = build.folders.site.parent_path();
    Note note{options.url, made, base::to_hex(sys::random_bytes(16))};
    write_note(workshop, note);
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
    // Cut off before this, the tables stay, and whoever restores next is told of them.
    database->write([&](sys::Transaction& tx) {
        tx.execute_script(fmt::format("COMMENT ON SCHEMA {} IS '{}'", in_quotes(made), mark_of(note)));
    });
    if (made == wanted) return;
    note.schema = wanted;
    write_note(workshop, note);
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
    const auto note = find_note(workshop);
    if (!note) return;
    if (!note->id.empty())
        open_outside(*note)->write([&](sys::Transaction& tx) {
            if (!is_own(tx, *note)) return;
            tx.execute_script(fmt::format("DROP SCHEMA {} CASCADE", in_quotes(note->schema)));
            if (note->schema == "public") tx.execute_script("CREATE SCHEMA public");
        });
    sys::remove_file(workshop / kLeftOver);
}

void keep_database(const fs::path& workshop) {
    const auto note = find_note(workshop);
    if (!note) return;
    if (!note->id.empty())
        open_outside(*note)->write([&](sys::Transaction& tx) {
            if (is_own(tx, *note))
                tx.execute_script(fmt::format("COMMENT ON SCHEMA {} IS NULL", in_quotes(note->schema)));
        });
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
