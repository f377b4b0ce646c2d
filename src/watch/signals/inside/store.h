// The rows of the room, for its own files.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/sys/database.h"
#include "watch/signals/anomaly.h"

namespace signals {

enum class Judged { Well, Pending, Wrong };

/// The memory of one fingerprint.
struct Watched {
    base::Hash fingerprint;
    std::string source, kind, subject, rule;
    Judged standing = Judged::Well;
    std::int64_t bad_run = 0, good_run = 0;  ///< raises and clears in a row
    base::Instant bad_since, good_since;     ///< the first of each row
    base::Instant observed_at;               ///< the newest observation
    base::Instant seen_at;                   ///< when something was heard last
    std::optional<base::Instant> due_at;
    bool is_silent = false;
    Severity severity = Severity::Warning;
    std::vector<std::int64_t> flips;  ///< when it changed, the newest last
    AnomalyId anomaly;                ///< its last one, or the storm in which it is
};

std::optional<Watched> find_watched(sys::Reader& db, const base::Hash& fingerprint);
void save(sys::Transaction& tx, const Watched& watched);
std::vector<Watched> list_due(sys::Reader& db, base::Instant now, int limit);
std::int64_t count_wrong(sys::Reader& db, AnomalyId anomaly);
/// The clock was set: what is due moves with it, and nothing was observed later than `now`.
void shift_times(sys::Transaction& tx, std::chrono::milliseconds by, base::Instant now);

/// `rest` is what follows "SELECT ... FROM anomaly".
std::vector<Anomaly> query_anomalies(sys::Reader& db, std::string_view rest, std::span<const sys::Value> values);
AnomalyId add(sys::Transaction& tx, const Anomaly& anomaly);
void save(sys::Transaction& tx, const Anomaly& anomaly);
std::vector<Anomaly> list_open(sys::Reader& db, int limit);
/// Open ones of the group that stand for themselves.
std::int64_t count_open(sys::Reader& db, std::string_view group);
std::optional<Anomaly> find_open_storm(sys::Reader& db, std::string_view group);
/// Puts the open ones of the group under the storm.
void gather(sys::Transaction& tx, std::string_view group, AnomalyId storm);

bool is_taken(sys::Reader& db, const Signal& signal);
enum class Payload { Keep, Drop };
void add(sys::Transaction& tx, const Signal& signal, const base::Hash& fingerprint, base::Instant received_at,
         bool is_late, AnomalyId anomaly, Payload payload);
/// The raises that led up to it become the anomaly's.
std::int64_t adopt(sys::Transaction& tx, const base::Hash& fingerprint, base::Instant since, AnomalyId anomaly);

/// An event of the timeline, its ledger line, and the anomaly with a new version: the one way to change an anomaly.
void record(sys::Transaction& tx, Anomaly& anomaly, std::string_view what, const By& by, std::string_view text);

std::optional<base::Instant> find_latest(sys::Reader& db);
void set_latest(sys::Transaction& tx, base::Instant at);

}  // namespace signals
