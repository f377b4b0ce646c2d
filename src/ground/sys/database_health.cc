#include "ground/sys/database_health.h"

namespace sys {

namespace {

std::uint64_t size_of(const std::filesystem::path& file) {
    std::error_code problem;
    const auto bytes = std::filesystem::file_size(file, problem);
    return problem ? 0 : bytes;
}

}  // namespace

DatabaseHealth look_at(Database& database, const std::filesystem::path& file, bool is_thorough) {
    DatabaseHealth health;
    database.read([&](Reader& db) {
        if (db.engine() == Engine::Sqlite) {
            health.engine = "SQLite";
            health.bytes = size_of(file);
            health.log_bytes = size_of(file.string() + "-wal");
            const auto rows = db.query(is_thorough ? "PRAGMA quick_check(1)" : "SELECT 'ok'");
            if (!rows.empty() && rows[0].text(0) != "ok") health.problem = rows[0].text(0);
            return;
        }
        const auto row = db.find(
            "SELECT current_setting('server_version'), pg_database_size(current_database()), "
            "CAST(COALESCE((SELECT max(EXTRACT(EPOCH FROM now() - xact_start)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()), 0) AS double precision)");
        health.engine = "PostgreSQL " + row->text(0).substr(0, row->text(0).find(' '));
        health.bytes = static_cast<std::uint64_t>(row->integer(1));
        health.oldest_transaction_seconds = row->real(2);
    });
    return health;
}

}  // namespace sys
