// The logs that are kept: each log a series, each Japanese day of it one file, collected line by line as the log grows,
// sealed when the day is over, packed some days later, and removed when the policy says so. Sealing, packing and
// removing stand in the ledger (stream "watch") in the transaction that does them, so a day that is missing or was
// changed shows. docs/format/logs.md is the format.
//
// Bytes first, then the row that names them: what was appended and not committed is cut off by the next turn, which
// reads it again from the position that the last commit named. So no line is lost, and none is there twice.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/hash.h"
#include "ground/base/time.h"
#include "ground/sys/database.h"
#include "ground/sys/extract.h"
#include "watch/log_archive/source.h"

namespace log_archive {

std::span<const sys::Migration> migrations();
std::span<const sys::Extract> extracts();

struct KindRow {
    std::string_view id;       ///< "access": in commands, records and file names
    std::string_view wording;  ///< "アクセスログ"
};
/// access, office, audit, system, security, other.
std::span<const KindRow> all_kinds();
std::string_view kind_wording(std::string_view id);

/// One log.
struct Series {
    std::string name;   ///< 1 to 64 of a-z 0-9 . - : a folder's name
    std::string kind;   ///< of all_kinds()
    std::string place;  ///< where its lines come from, for people
    Source source;
    bool must_be_there = true;  ///< false: a log that may never begin is no fault
};

enum class State { Open, Sealed, Packed, Removed };
std::string_view state_id(State state);       ///< "open", "sealed", "packed", "removed"
std::string_view state_wording(State state);  ///< 収集中, 封印済み, 圧縮済み, 保存期間終了

/// One day of one log.
struct Day {
    std::string series, kind;
    base::Day day;
    State state = State::Open;
    std::int64_t lines = 0, bytes = 0;         ///< before packing
    std::optional<base::Instant> first, last;  ///< of the times that its lines name; nothing while there is no line
    std::optional<base::Instant> tail;         ///< of its newest line
    std::optional<base::Instant> sealed_at;
    base::Hash sha256;  ///< once sealed: of the bytes before packing
    std::int64_t packed_bytes = 0;
    base::Hash packed_sha256;  ///< once packed: of the gzip file
    std::uint32_t crc = 0;     ///< once packed: CRC-32 of the bytes before packing
    std::string fault;         ///< "", "missing" or "changed", as the last verification found it
};

struct Policy {
    int keep_days = 400;
    int compress_days = 1;
};

/// Where the archive stands. All must outlive what works with it.
struct Place {
    sys::Database& database;
    std::filesystem::path folder;
    const base::Clock& clock;
};
std::filesystem::path file_of(const Place& place, const Day& day);  ///< of its bytes, packed or not
std::filesystem::path lock_file(const Place& place);

/// What became of one log in a turn.
struct Collected {
    std::string series;
    std::int64_t lines = 0;
    bool is_whole = false;     ///< all that there was, was taken
    bool is_missing = false;   ///< the log is not there
    std::string problem = {};  ///< Japanese; empty = none
};

/// Takes what is new of each log into its days: one turn, about `most` bytes of each. What names a day before the last
/// `keep_days` goes to today's. The caller holds lock_file().
std::vector<Collected> collect(const Place& place, std::span<const Series> all, std::size_t most = 32U << 20,
                               int keep_days = 400);

/// A day is closed so long after its end: lines come a little late.
constexpr std::chrono::minutes kGrace{10};

struct Fault {
    std::string series;
    base::Day day;
    std::string what;     ///< "missing" or "changed"
    std::string message;  ///< Japanese: what is wrong, where
};
struct Sealed {
    std::int64_t days = 0;  ///< sealed, packed or removed
    std::vector<Fault> faults;
};

/// Seals the days that are over, of logs that were taken whole in this turn (`collected`), also those without a line;
/// then packs and removes what is due by `policy`. Asks `is_stopped` between days.
/// A day whose bytes are no longer those that were collected is sealed as it is, the record saying so; one whose bytes
/// are no longer those that were sealed is not packed. Both are among the faults.
Sealed seal(const Place& place, std::span<const Collected> collected, const Policy& policy,
            const std::function<bool()>& is_stopped = {});

struct Verified {
    std::int64_t days = 0, bytes = 0;  ///< that were read
    std::vector<Fault> faults;
};
/// Compares the days with the ledger: every sealed one that was not removed by policy has a file, and its bytes are
/// those of the record. `is_read` chooses the days whose bytes are read; of the others, existence and size are looked
/// at. Marks what it found in the days.
Verified verify(const Place& place, const std::function<bool(const Day&)>& is_read = {},
                const std::function<bool()>& is_stopped = {});

struct Filter {
    std::vector<std::string> kinds;            ///< kinds or names of series; empty = all
    std::optional<base::Instant> from, until;  ///< by the times that the lines name; until is exclusive
    bool has_removed = false;                  ///< also days that are no longer kept
};
/// By series and day.
std::vector<Day> list_days(sys::Reader& db, const Filter& filter = {});
/// Throws Error(BadInput) when a word is neither a kind nor a log that is kept.
void check_kinds(sys::Reader& db, const std::vector<std::string>& kinds);
/// When the lines of each log were last taken.
struct Newest {
    std::string series, kind;
    base::Instant collected_at;
};
std::vector<Newest> list_series(sys::Reader& db);

}  // namespace log_archive
