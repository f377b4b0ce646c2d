// Releases in the database: the signed bytes (their row is the commit point of a publication), which of them are
// placed, and the current tree, so that sealing a release costs what it touches. The log folder is written from here,
// afterwards.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/hash.h"
#include "ground/base/time.h"
#include "ground/release/record.h"
#include "ground/release/tree.h"
#include "ground/sys/database.h"

namespace release {

/// The tables; sys::migrate wants them together with those of the other rooms of the same database.
std::span<const sys::Migration> migrations();

/// A release's row without its bytes.
struct Row {
    std::int64_t number = 0;
    base::Hash record_hash;
    RecordKind kind = RecordKind::Publish;
    base::Instant made_at;
    Summary tree;
    std::optional<base::Instant> placed_at, checked_at;
};

/// What a new release is to say; number, previous and tree follow from the database.
struct Draft {
    std::string site;
    RecordKind kind = RecordKind::Publish;
    base::Instant at;
    LedgerHead office, watch;
    std::string note;
    std::vector<Change> changes;
    std::int64_t lowest_number = 1;  ///< Restored: one above the highest number that anybody has seen
};

/// A database that came back from a backup owes a `restored` record before anything else is published: what was public
/// after the backup was made has taken its numbers.
struct Owed {
    std::int64_t lowest_number = 1;  ///< one above the highest release that anybody has seen
    base::Instant restored_at;
    std::string note;  ///< for the record: from which backup
};

struct Sealed {
    Record record;
    std::string bytes;
    base::Hash hash;
};

/// Makes the next release: brings the tree up to date, signs, and adds the row. `next` as in write_record.
/// Throws Error(BadInput) or Error(Conflict) when the changes do not fit the tree.
Sealed seal(sys::Transaction& tx, const Draft& draft, const sys::SigningKey& key,
            const sys::SigningKey* next = nullptr);

void note_owed(sys::Transaction& tx, const Owed& owed);
/// Nothing once a release with that number or a higher one is there.
std::optional<Owed> find_owed(sys::Reader& db);

/// Adds a record that was sealed elsewhere (a log that is newer than the restored database). It must follow the newest
/// row; the caller has checked its signature. Throws Error(Damaged) when it does not follow or its root is another.
void add_release(sys::Transaction& tx, std::string_view bytes);

/// Placed: every file of it is in `public/`, and safe on the disk. Marking again keeps the first moment.
void mark_placed(sys::Transaction& tx, std::int64_t number, base::Instant at);
/// Checked: what is served was compared with it.
void mark_checked(sys::Transaction& tx, std::int64_t number, base::Instant at);

std::optional<Row> find_newest(sys::Reader& db);
std::optional<Row> find_release(sys::Reader& db, std::int64_t number);
/// The newest release that is placed.
std::optional<Row> find_newest_placed(sys::Reader& db);
/// All after the newest placed one, oldest first: what a start must redo.
std::vector<std::int64_t> list_unplaced(sys::Reader& db);
/// Newest first, from below `before` (0 = from the newest).
std::vector<Row> list_releases(sys::Reader& db, std::int64_t before = 0, int limit = 50);
/// The newest release made at or before `at`.
std::optional<std::int64_t> find_number_at(sys::Reader& db, base::Instant at);
/// The signed bytes. Throws Error(NotFound).
std::string load_record(sys::Reader& db, std::int64_t number);

/// What is public after the newest release.
std::optional<Entry> find_entry(sys::Reader& db, std::string_view path);
/// Everything below `folder` ("" = all), one by one in no particular order; `take` returns false to stop.
void each_entry(sys::Reader& db, std::string_view folder, const std::function<bool(const Entry&)>& take);
/// The same as a list sorted by path bytes.
std::vector<Entry> list_entries(sys::Reader& db, std::string_view folder);

}  // namespace release
