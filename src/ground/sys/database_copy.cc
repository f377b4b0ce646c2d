#include "ground/sys/database_copy.h"

#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <sqlite3.h>

#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "ground/sys/process.h"

namespace sys {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

namespace {

struct CloseDatabase {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
using DatabaseHandle = std::unique_ptr<sqlite3, CloseDatabase>;

struct CloseStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using StatementHandle = std::unique_ptr<sqlite3_stmt, CloseStatement>;

DatabaseHandle open_sqlite_file(const fs::path& file, int flags) {
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &opened, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    DatabaseHandle database(opened);
    if (code != SQLITE_OK)
        throw Error(Kind::Unavailable, fmt::format("{} cannot be opened ({})", file.string(), sqlite3_errstr(code)));
    sqlite3_busy_timeout(opened, 30'000);
    return database;
}

/// The first column of the first row as text; empty when there is no row.
std::string ask(sqlite3* database, const char* sql) {
    sqlite3_stmt* prepared = nullptr;
    const int code = sqlite3_prepare_v2(database, sql, -1, &prepared, nullptr);
    const StatementHandle statement(prepared);
    if (code != SQLITE_OK) return sqlite3_errmsg(database);
    switch (sqlite3_step(prepared)) {
        case SQLITE_ROW: {
            const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(prepared, 0));
            return text == nullptr ? "?" : text;
        }
        case SQLITE_DONE:
            return {};
        default:
            return sqlite3_errmsg(database);
    }
}

struct FreeOptions {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

std::string quoted_name(std::string_view name) {
    std::string text = "\"";
    for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
    return text + '"';
}

struct Columns {
    std::string row;  ///< an expression that writes the whole row as one text, no two alike
    std::string order;
};

Columns columns_of(Reader& db, const std::string& table) {
    Columns columns;
    const auto add = [](std::string& list, std::string_view between, const std::string& one) {
        if (!list.empty()) list += between;
        list += one;
    };
    std::string names;
    if (db.engine() == Engine::Sqlite) {
        std::map<std::int64_t, std::string> key;
        for (const Row& row : db.query("SELECT name, pk FROM pragma_table_info($1) ORDER BY cid", {table})) {
            add(names, ", ", quoted_name(row.text(0)));
            add(columns.row, " || ',' || ", fmt::format("quote({})", quoted_name(row.text(0))));
            if (row.integer(1) > 0) key[row.integer(1)] = quoted_name(row.text(0));
        }
        for (const auto& [at, name] : key) add(columns.order, ", ", name);
    } else {
        for (const Row& row : db.query("SELECT a.attname FROM pg_attribute a WHERE a.attrelid = CAST($1 AS regclass) "
                                       "AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
                                       {quoted_name(table)})) {
            add(names, ", ", quoted_name(row.text(0)));
            add(columns.row, " || ',' || ", fmt::format("quote_nullable(CAST({} AS text))", quoted_name(row.text(0))));
        }
        for (const Row& row :
             db.query("SELECT a.attname, CASE WHEN a.attcollation <> 0 THEN 1 ELSE 0 END FROM pg_index i JOIN "
                      "pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) "
                      "WHERE i.indrelid = CAST($1 AS regclass) AND i.indisprimary "
                      "ORDER BY array_position(CAST(i.indkey AS int2[]), a.attnum)",
                      {quoted_name(table)}))
            add(columns.order, ", ", quoted_name(row.text(0)) + (row.integer(1) != 0 ? " COLLATE \"C\"" : ""));
    }
    if (columns.order.empty()) columns.order = names;
    return columns;
}

}  // namespace

void copy_sqlite(const fs::path& from, const fs::path& to) {
    if (fs::exists(to)) throw Error(Kind::Conflict, fmt::format("{} is there already", to.string()));
    {
        const DatabaseHandle source = open_sqlite_file(from, SQLITE_OPEN_READWRITE);
        const DatabaseHandle target = open_sqlite_file(to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
        sqlite3_backup* const backup = sqlite3_backup_init(target.get(), "main", source.get(), "main");
        if (backup == nullptr)
            throw Error(Kind::Unavailable,
                        fmt::format("{} cannot be copied ({})", from.string(), sqlite3_errmsg(target.get())));
        int code = SQLITE_BUSY;
        for (int tries = 0; tries < 100 && (code == SQLITE_BUSY || code == SQLITE_LOCKED); ++tries) {
            code = sqlite3_backup_step(backup, -1);  // in one read transaction: writers go on beside it (WAL)
            if (code == SQLITE_BUSY || code == SQLITE_LOCKED) sqlite3_sleep(100);
        }
        const int finished = sqlite3_backup_finish(backup);
        if (code != SQLITE_DONE || finished != SQLITE_OK)
            throw Error(code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? Kind::Damaged : Kind::Unavailable,
                        fmt::format("{} cannot be copied ({})", from.string(),
                                    sqlite3_errstr(finished != SQLITE_OK ? finished : code)));
    }
    if (const std::string damage = find_sqlite_damage(to); !damage.empty())
        throw Error(Kind::Damaged, fmt::format("the copy of {} does not check ({}), so the database is damaged",
                                               from.string(), damage));
}

std::string find_sqlite_damage(const fs::path& file) {
    const DatabaseHandle database = open_sqlite_file(file, SQLITE_OPEN_READWRITE);
    const std::string said = ask(database.get(), "PRAGMA integrity_check(1)");
    if (said != "ok") return said.empty() ? "it holds nothing" : said;
    const std::string dangling = ask(database.get(), "PRAGMA foreign_key_check");
    if (!dangling.empty()) return fmt::format("a row of {} refers to one that is not there", dangling);
    return {};
}

std::map<std::string, std::string> postgres_environment(const std::string& url) {
    char* problem = nullptr;
    const std::unique_ptr<PQconninfoOption, FreeOptions> options(PQconninfoParse(url.c_str(), &problem));
    if (!options) {
        PQfreemem(problem);  // names parts of the URL
        throw Error(Kind::BadInput, "settings: database.url is no PostgreSQL URL");
    }
    std::map<std::string, std::string> variables;
    for (const PQconninfoOption* each = options.get(); each->keyword != nullptr; ++each)
        if (each->val != nullptr && each->envvar != nullptr) variables[each->envvar] = each->val;
    return variables;
}

void dump_postgres(Reader& snapshot, const Dump& dump) {
    const auto row = snapshot.find("SELECT pg_export_snapshot()");
    Command command;
    command.arguments = {"nice",
                         "-n",
                         "19",
                         "pg_dump",
                         "--format=custom",
                         "--compress=0",
                         "--no-password",
                         "--snapshot=" + row->text(0),
                         "--file=" + dump.to.string()};
    if (!dump.schema.empty()) command.arguments.push_back("--schema=" + dump.schema);
    command.environment = postgres_environment(dump.url);
    command.environment["LC_ALL"] = "C.UTF-8";
    command.patience = dump.patience;
    command.is_stopped = dump.is_stopped;
    command.dies_with_us = true;
    command.output_limit = 64U << 10;
    const Outcome outcome = run(command);
    if (outcome.was_stopped) throw base::Interrupted("the dump of the database was stopped");
    if (outcome.exit_code == 127)
        throw Error(Kind::Unavailable, "pg_dump is not installed; apt install postgresql-client");
    std::error_code none;
    if (outcome.timed_out || outcome.exit_code != 0 || fs::file_size(dump.to, none) < 100)
        throw Error(
            Kind::Unavailable,
            fmt::format("pg_dump failed: {}", outcome.timed_out ? "it took too long" : outcome.errors.substr(0, 500)));
}

std::vector<TableDigest> digest_tables(Reader& db) {
    std::vector<TableDigest> tables;
    for (const Row& row : db.query(
             db.engine() == Engine::Sqlite
                 ? "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND "
                   "substr(name, 1, 7) <> 'sqlite_' ORDER BY name"
                 : "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = "
                   "current_schema() AND c.relkind = 'r' ORDER BY c.relname COLLATE \"C\""))
        tables.push_back({row.text(0), 0, {}});
    for (TableDigest& table : tables) {
        const Columns columns = columns_of(db, table.name);
        Hasher hasher;
        std::string buffer;
        db.each(fmt::format("SELECT {} FROM {} ORDER BY {}", columns.row, quoted_name(table.name), columns.order), {},
                [&](const Row& row) {
                    buffer += row.text(0);
                    buffer += '\n';
                    ++table.rows;
                    if (buffer.size() > 65536) {
                        hasher.add(buffer);
                        buffer.clear();
                    }
                    return true;
                });
        hasher.add(buffer);
        table.hash = hasher.finish();
    }
    return tables;
}

}  // namespace sys
