// Logs that somebody asked for at a screen: asked for there, made by the watch, which holds the key, and kept for some
// days to be fetched. Who asked for what, why, and who fetched it stands in the ledger (stream "watch").
#pragma once

#include "watch/log_archive/export.h"

namespace log_archive {

struct Request {
    std::int64_t id = 0;
    std::string by, why;  ///< "person:12"
    base::Instant asked_at, from, until;
    std::vector<std::string> kinds;
    bool is_masked = false;
    std::string state = "waiting";  ///< "waiting", "ready", "failed", "removed"
    std::string problem;            ///< Japanese, of a failed one
    std::optional<base::Instant> done_at;
    std::int64_t lines = 0, archive_bytes = 0;
    std::string sha256;  ///< of the archive
};

constexpr std::chrono::hours kKeptFor{7 * 24};  ///< for which an archive waits to be fetched
constexpr int kMostWaiting = 20;
constexpr std::size_t kLongestWhy = 500;  ///< characters

/// Throws Error(BadInput): no reason, an empty period, one above 400 days, an unknown kind; Error(Conflict): too many
/// wait already.
std::int64_t ask(sys::Transaction& tx, const Request& request, base::Instant now);
std::optional<Request> find_waiting(sys::Reader& db);  ///< the oldest
/// Throws Error(NotFound).
Request load_request(sys::Reader& db, std::int64_t id);
std::vector<Request> list_requests(sys::Reader& db, int limit);  ///< newest first
void finish(sys::Transaction& tx, const Request& request, const Exported& made, base::Instant now);
void fail(sys::Transaction& tx, const Request& request, std::string_view problem, base::Instant now);
/// The ledger line of an archive: what was handed out to whom, and why.
void note_export(sys::Transaction& tx, const Order& order, const Exported& made, std::string_view subject,
                 base::Instant now);
void note_download(sys::Transaction& tx, const Request& request, const std::string& by, base::Instant now);
/// Marks those whose time is over, with their ledger lines, and returns them: their files may go.
std::vector<Request> expire(sys::Transaction& tx, base::Instant now);

std::span<const sys::Migration> request_migrations();

}  // namespace log_archive
