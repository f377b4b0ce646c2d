// What an engine says of its own condition, for the watch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "ground/sys/database.h"

namespace sys {

struct DatabaseHealth {
    std::string engine;   ///< "SQLite", "PostgreSQL 15.6"
    std::string problem;  ///< the first damage that its own check found; empty: none, or it was not asked
    std::uint64_t bytes = 0;
    std::uint64_t log_bytes = 0;                       ///< SQLite: the write-ahead log beside the file
    std::optional<double> oldest_transaction_seconds;  ///< PostgreSQL
};
/// `file`: SQLite's. Thorough: with quick_check, which reads the whole file. Throws Error(Unavailable), as any read.
DatabaseHealth look_at(Database& database, const std::filesystem::path& file, bool is_thorough);

}  // namespace sys
