#include "press/publish/unplaced.h"

#include <set>

namespace publish {

namespace {

constexpr std::string_view kReceiptProblem =
    "公開したファイルの一部が、元データの破損のため公開領域に置けていません。運用担当者に連絡してください。";

}  // namespace

void note_unplaced(sys::Transaction& tx, std::string_view path, std::int64_t release, std::string_view problem,
                   base::Instant at) {
    tx.execute(
        "INSERT INTO unplaced_path (path, release_number, problem, since, last_at, attempts) "
        "VALUES ($1, $2, $3, $4, $4, 1) ON CONFLICT (path) DO UPDATE SET release_number = excluded.release_number, "
        "problem = excluded.problem, last_at = excluded.last_at, attempts = unplaced_path.attempts + 1",
        {std::string(path), release, std::string(problem), at.milliseconds});
    tx.execute("UPDATE receipt SET state = 'failed', problem = $1 WHERE release_number = $2 AND state = 'placed'",
               {std::string(kReceiptProblem), release});
}

void forget_unplaced(sys::Transaction& tx, std::span<const std::string> paths) {
    std::set<std::int64_t> releases;
    for (const std::string& path : paths) {
        const auto row = tx.find("SELECT release_number FROM unplaced_path WHERE path = $1", {path});
        if (!row) continue;
        releases.insert(row->integer(0));
        tx.execute("DELETE FROM unplaced_path WHERE path = $1", {path});
    }
    for (const std::int64_t release : releases) {
        if (tx.find("SELECT path FROM unplaced_path WHERE release_number = $1 LIMIT 1", {release})) continue;
        tx.execute(
            "UPDATE receipt SET state = 'placed', problem = '' WHERE release_number = $1 AND state = 'failed' AND "
            "problem = $2",
            {release, std::string(kReceiptProblem)});
    }
}

std::vector<UnplacedPath> list_unplaced_paths(sys::Reader& db, int limit) {
    std::vector<UnplacedPath> all;
    for (const sys::Row& row :
         db.query("SELECT path, release_number, problem, since, last_at, attempts FROM unplaced_path "
                  "ORDER BY since, path LIMIT $1",
                  {std::int64_t{limit}}))
        all.push_back({row.text(0), row.integer(1), row.text(2), {row.integer(3)}, {row.integer(4)}, row.integer(5)});
    return all;
}

}  // namespace publish
