#include "press/intake/store.h"

#include "ground/base/text.h"

namespace intake {

std::span<const sys::Migration> migrations() {
    static constexpr sys::Migration kMigrations[] = {{"intake/0001_runs", R"(
-- Each takeover with every file that it brought, every one that it could not, and every empty folder.
CREATE TABLE takeover_run (
    id {id},
    source TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX takeover_run_by_source ON takeover_run (source, id);
CREATE TABLE takeover_file (
    run_id BIGINT NOT NULL REFERENCES takeover_run (id),
    path {key} NOT NULL,
    hash TEXT NOT NULL,
    size BIGINT NOT NULL,
    mode BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    is_page BIGINT NOT NULL,
    encoding TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    is_disputed BIGINT NOT NULL,
    link_target TEXT NOT NULL,
    links TEXT NOT NULL,
    PRIMARY KEY (run_id, path)
);
CREATE TABLE takeover_remark (
    id {id},
    run_id BIGINT NOT NULL REFERENCES takeover_run (id),
    path {key} NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('skipped', 'empty-folder')),
    reason TEXT NOT NULL
);
CREATE INDEX takeover_remark_by_run ON takeover_remark (run_id, path);
)"}};
    return kMigrations;
}

namespace {

constexpr std::size_t kLongestRemark = 2000;

Run read_run(const sys::Row& row) {
    Run run{row.integer(0), row.text(1), {row.integer(2)}, {}};
    if (const auto finished = row.maybe_integer(3)) run.finished_at = base::Instant{*finished};
    return run;
}

void add_remark(sys::Transaction& tx, std::int64_t run, std::string_view path, std::string_view kind,
                std::string_view reason) {
    // An index entry of PostgreSQL holds some 2,700 bytes; addresses and over-long names come from outside.
    tx.execute("INSERT INTO takeover_remark (run_id, path, kind, reason) VALUES ($1, $2, $3, $4)",
               {run, std::string(path.substr(0, kLongestRemark)), std::string(kind), base::to_valid_utf8(reason)});
}

std::string reason_of(const Skipped& one) {
    if (one.linked_from.empty()) return one.reason;
    std::string reason = one.reason + " (linked from";
    for (const std::string& page : one.linked_from) reason += " " + base::percent_encode(page);
    return reason + ")";
}

}  // namespace

std::optional<Run> find_unfinished(sys::Reader& db, std::string_view source) {
    const auto row = db.find(
        "SELECT id, source, started_at, finished_at FROM takeover_run WHERE source = $1 AND finished_at IS NULL "
        "ORDER BY id DESC LIMIT 1",
        {std::string(source)});
    if (!row) return std::nullopt;
    return read_run(*row);
}

std::optional<Run> find_newest_finished(sys::Reader& db) {
    const auto row = db.find(
        "SELECT id, source, started_at, finished_at FROM takeover_run WHERE finished_at IS NOT NULL "
        "ORDER BY id DESC LIMIT 1");
    if (!row) return std::nullopt;
    return read_run(*row);
}

Run start_run(sys::Transaction& tx, std::string_view source, base::Instant at) {
    const std::int64_t id = tx.insert("INSERT INTO takeover_run (source, started_at) VALUES ($1, $2) RETURNING id",
                                      {std::string(source), at.milliseconds});
    return {id, std::string(source), at, {}};
}

void finish_run(sys::Transaction& tx, std::int64_t run, base::Instant at, const Survey& survey) {
    for (const Skipped& one : survey.skipped)
        add_remark(tx, run, one.address.empty() ? base::percent_encode(one.path) : one.address, "skipped",
                   reason_of(one));
    for (const std::string& folder : survey.empty_folders)
        add_remark(tx, run, base::percent_encode(folder), "empty-folder", "");
    tx.execute("UPDATE takeover_run SET finished_at = $1 WHERE id = $2", {at.milliseconds, run});
}

void add_taken(sys::Transaction& tx, std::int64_t run, const Taken& file) {
    tx.execute(
        "INSERT INTO takeover_file (run_id, path, hash, size, mode, changed_at, is_page, encoding, decided_by, "
        "is_disputed, link_target, links) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
        "ON CONFLICT (run_id, path) DO UPDATE SET hash = excluded.hash, size = excluded.size, mode = excluded.mode, "
        "changed_at = excluded.changed_at, is_page = excluded.is_page, encoding = excluded.encoding, "
        "decided_by = excluded.decided_by, is_disputed = excluded.is_disputed, link_target = excluded.link_target, "
        "links = excluded.links",
        {run, base::percent_encode(file.item.path), file.hash.hex(), file.item.size, std::int64_t{file.item.mode},
         file.item.changed_at, std::int64_t{file.is_page}, file.encoding, file.decided_by,
         std::int64_t{file.is_disputed}, base::to_valid_utf8(file.item.link_target), file.links});
}

std::unordered_map<std::string, Finished> list_finished(sys::Reader& db, std::string_view source) {
    std::unordered_map<std::string, Finished> files;
    db.each(
        "SELECT path, size, changed_at, is_page, encoding FROM takeover_file "
        "WHERE run_id IN (SELECT id FROM takeover_run WHERE source = $1)",
        {std::string(source)}, [&](const sys::Row& row) {
            files.emplace(base::percent_decode(row.text(0)).value_or(row.text(0)),
                          Finished{row.integer(1), row.integer(2), row.flag(3), row.text(4)});
            return true;
        });
    return files;
}

std::string find_links(sys::Reader& db, std::string_view path) {
    const auto row = db.find(
        "SELECT links FROM takeover_file WHERE path = $1 AND is_page = 1 "
        "AND run_id IN (SELECT id FROM takeover_run WHERE finished_at IS NOT NULL) ORDER BY run_id DESC LIMIT 1",
        {std::string(path)});
    return row ? row->text(0) : std::string();
}

}  // namespace intake
