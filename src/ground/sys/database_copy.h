// A whole database at one moment, while others write: SQLite by its online backup into a file that is then checked,
// PostgreSQL by pg_dump on the very snapshot that the caller reads from. And what is needed to prove later that a
// database came back: the rows of each table, counted and hashed in the order of the primary key.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/hash.h"
#include "ground/sys/database.h"

namespace sys {

/// Copies a SQLite database, also while it is open here or elsewhere; the copy is one transaction's state, checked by
/// integrity_check, and has no log beside it. `to` must not exist. Throws Error(Unavailable), Error(Damaged): the copy
/// does not check, so the original is damaged.
void copy_sqlite(const std::filesystem::path& from, const std::filesystem::path& to);
/// The first thing that SQLite's own check finds wrong in a closed database file; empty: nothing.
std::string find_sqlite_damage(const std::filesystem::path& file);

/// What libpq's programs (pg_dump, pg_restore, psql) need to reach `url`, by environment, so that no password stands
/// among the arguments.
std::map<std::string, std::string> postgres_environment(const std::string& url);

struct Dump {
    std::string url;
    std::string schema;  ///< empty: the whole database
    std::filesystem::path to;
    std::chrono::milliseconds patience{std::chrono::hours(2)};
    std::function<bool()> is_stopped = {};
};
/// Writes the state that `snapshot` reads (which must be of a PostgreSQL database), in pg_dump's custom form, not
/// compressed. Throws Error(Unavailable), base::Interrupted.
void dump_postgres(Reader& snapshot, const Dump& dump);

struct TableDigest {
    std::string name;
    std::int64_t rows = 0;
    base::Hash hash;
};
/// Of every table that holds data of its own, by name. What the engine derives by itself (indexes, text indexes) is not
/// among them. The hash is the same on every machine and version as long as columns and rows are.
std::vector<TableDigest> digest_tables(Reader& db);

}  // namespace sys
