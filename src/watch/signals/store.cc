// Watched rows, anomalies and signals as rows. Nothing changes or deletes a signal but `forget`.
#include "ground/ledger/store.h"

#include <charconv>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "watch/signals/inside/store.h"
#include "watch/signals/pipeline.h"
#include "watch/signals/seen_release.h"

namespace signals {

using base::Error;
using base::Instant;
using base::Kind;
using std::chrono::milliseconds;
using sys::Value;

namespace {

constexpr std::string_view kWatchedColumns =
    "fingerprint, source, kind, subject, rule, standing, bad_run, good_run, bad_since, good_since, observed_at, "
    "seen_at, due_at, is_silent, severity, flips, anomaly_id";
constexpr std::string_view kJudged[] = {"well", "pending", "wrong"};

constexpr std::string_view kAnomalyColumns =
    "id, fingerprint, source, kind, subject, rule, group_key, severity, standing, is_no_data, is_flapping, is_storm, "
    "storm_id, suppressed_by, suppressed_why, first_at, last_at, opened_at, cleared_at, closed_at, signals, members, "
    "text, acknowledged_by, acknowledged_at, decision, answer_who, answer_why, answer_due_at, answer_by, answered_at, "
    "version";

std::optional<Instant> instant(const sys::Row& row, std::size_t column) {
    if (row.is_null(column)) return std::nullopt;
    return Instant{row.integer(column)};
}
Value value(const std::optional<Instant>& at) {
    if (at) return Value(at->milliseconds);
    return Value(nullptr);
}
template <class Id>
Value reference(Id id) {
    if (id) return Value(id.value);
    return Value(nullptr);
}
Value flag(bool is) {
    return Value(std::int64_t{is});
}

base::Hash hash_of(const std::string& hex) {
    const auto hash = base::Hash::find_hex(hex);
    if (!hash) throw Error(Kind::Damaged, "a hash in watch.db is damaged; restore it from a backup");
    return *hash;
}

Watched read_watched(const sys::Row& row) {
    Watched watched;
    watched.fingerprint = hash_of(row.text(0));
    watched.source = row.text(1);
    watched.kind = row.text(2);
    watched.subject = row.text(3);
    watched.rule = row.text(4);
    for (int i = 0; i < 3; ++i)
        if (row.text(5) == kJudged[i]) watched.standing = static_cast<Judged>(i);
    watched.bad_run = row.integer(6);
    watched.good_run = row.integer(7);
    watched.bad_since = {row.integer(8)};
    watched.good_since = {row.integer(9)};
    watched.observed_at = {row.integer(10)};
    watched.seen_at = {row.integer(11)};
    watched.due_at = instant(row, 12);
    watched.is_silent = row.flag(13);
    watched.severity = static_cast<Severity>(row.integer(14));
    for (const auto part : base::split(row.text(15), ' ')) {
        std::int64_t at = 0;
        if (std::from_chars(part.data(), part.data() + part.size(), at).ec == std::errc{}) watched.flips.push_back(at);
    }
    watched.anomaly = {row.maybe_integer(16).value_or(0)};
    return watched;
}

}  // namespace

std::optional<Watched> find_watched(sys::Reader& db, const base::Hash& fingerprint) {
    const auto row =
        db.find(fmt::format("SELECT {} FROM watched WHERE fingerprint = $1", kWatchedColumns), {fingerprint.hex()});
    if (!row) return std::nullopt;
    return read_watched(*row);
}

void save(sys::Transaction& tx, const Watched& watched) {
    std::string flips;
    for (const auto at : watched.flips) flips += fmt::format("{}{}", flips.empty() ? "" : " ", at);
    tx.execute(
        fmt::format("INSERT INTO watched ({}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, "
                    "$15, $16, $17) ON CONFLICT (fingerprint) DO UPDATE SET standing = $6, bad_run = $7, "
                    "good_run = $8, bad_since = $9, good_since = $10, observed_at = $11, seen_at = $12, due_at = $13, "
                    "is_silent = $14, severity = $15, flips = $16, anomaly_id = $17",
                    kWatchedColumns),
        {watched.fingerprint.hex(), watched.source, watched.kind, watched.subject, watched.rule,
         std::string(kJudged[static_cast<int>(watched.standing)]), watched.bad_run, watched.good_run,
         watched.bad_since.milliseconds, watched.good_since.milliseconds, watched.observed_at.milliseconds,
         watched.seen_at.milliseconds, value(watched.due_at), flag(watched.is_silent),
         static_cast<std::int64_t>(watched.severity), flips, reference(watched.anomaly)});
}

std::vector<Watched> list_due(sys::Reader& db, Instant now, int limit) {
    std::vector<Watched> due;
    for (const auto& row :
         db.query(fmt::format("SELECT {} FROM watched WHERE due_at <= $1 ORDER BY due_at LIMIT $2", kWatchedColumns),
                  {now.milliseconds, std::int64_t{limit}}))
        due.push_back(read_watched(row));
    return due;
}

std::int64_t count_wrong(sys::Reader& db, AnomalyId anomaly) {
    return db.find("SELECT COUNT(*) FROM watched WHERE anomaly_id = $1 AND standing = 'wrong'", {anomaly.value})
        ->integer(0);
}

void shift_times(sys::Transaction& tx, milliseconds by, Instant now) {
    tx.execute("UPDATE watched SET due_at = due_at + $1 WHERE due_at IS NOT NULL", {by.count()});
    tx.execute("UPDATE watched SET seen_at = seen_at + $1", {by.count()});
    for (const std::string_view column : {"observed_at", "bad_since", "good_since"})
        tx.execute(fmt::format("UPDATE watched SET {0} = $1 WHERE {0} > $1", column), {now.milliseconds});
}

Anomaly read_anomaly(const sys::Row& row) {
    Anomaly anomaly;
    anomaly.id = {row.integer(0)};
    anomaly.fingerprint = hash_of(row.text(1));
    anomaly.source = row.text(2);
    anomaly.kind = row.text(3);
    anomaly.subject = row.text(4);
    anomaly.rule = row.text(5);
    anomaly.group = row.text(6);
    anomaly.severity = static_cast<Severity>(row.integer(7));
    anomaly.standing = find_standing(row.text(8)).value();
    anomaly.is_no_data = row.flag(9);
    anomaly.is_flapping = row.flag(10);
    anomaly.is_storm = row.flag(11);
    anomaly.storm = {row.maybe_integer(12).value_or(0)};
    anomaly.suppressed_by = row.text(13);
    anomaly.suppressed_why = row.text(14);
    anomaly.first_at = {row.integer(15)};
    anomaly.last_at = {row.integer(16)};
    anomaly.opened_at = {row.integer(17)};
    anomaly.cleared_at = instant(row, 18);
    anomaly.closed_at = instant(row, 19);
    anomaly.signals = row.integer(20);
    anomaly.members = row.integer(21);
    anomaly.text = row.text(22);
    anomaly.acknowledged_by = row.text(23);
    anomaly.acknowledged_at = instant(row, 24);
    anomaly.answer = {find_decision(row.text(25)).value(),
                      row.text(26),
                      row.text(27),
                      instant(row, 28),
                      row.text(29),
                      instant(row, 30)};
    anomaly.version = row.integer(31);
    return anomaly;
}

std::vector<Anomaly> query_anomalies(sys::Reader& db, std::string_view rest, std::span<const Value> values) {
    std::vector<Anomaly> found;
    for (const auto& row : db.query(fmt::format("SELECT {} FROM anomaly {}", kAnomalyColumns, rest), values))
        found.push_back(read_anomaly(row));
    return found;
}

AnomalyId add(sys::Transaction& tx, const Anomaly& anomaly) {
    return {tx.insert(
        "INSERT INTO anomaly (fingerprint, source, kind, subject, rule, group_key, severity, standing, is_storm, "
        "first_at, last_at, opened_at, cleared_at, signals, text) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING id",
        {anomaly.fingerprint.hex(), anomaly.source, anomaly.kind, anomaly.subject, anomaly.rule, anomaly.group,
         static_cast<std::int64_t>(anomaly.severity), std::string(standing_id(anomaly.standing)),
         flag(anomaly.is_storm), anomaly.first_at.milliseconds, anomaly.last_at.milliseconds,
         anomaly.opened_at.milliseconds, value(anomaly.cleared_at), anomaly.signals, anomaly.text})};
}

void save(sys::Transaction& tx, const Anomaly& anomaly) {
    const Answer& answer = anomaly.answer;
    tx.execute(
        "UPDATE anomaly SET severity = $2, standing = $3, is_no_data = $4, is_flapping = $5, storm_id = $6, "
        "suppressed_by = $7, suppressed_why = $8, first_at = $9, last_at = $10, cleared_at = $11, closed_at = $12, "
        "signals = $13, members = $14, text = $15, acknowledged_by = $16, acknowledged_at = $17, decision = $18, "
        "answer_who = $19, answer_why = $20, answer_due_at = $21, answer_by = $22, answered_at = $23, version = $24 "
        "WHERE id = $1",
        {anomaly.id.value,
         static_cast<std::int64_t>(anomaly.severity),
         std::string(standing_id(anomaly.standing)),
         flag(anomaly.is_no_data),
         flag(anomaly.is_flapping),
         reference(anomaly.storm),
         anomaly.suppressed_by,
         anomaly.suppressed_why,
         anomaly.first_at.milliseconds,
         anomaly.last_at.milliseconds,
         value(anomaly.cleared_at),
         value(anomaly.closed_at),
         anomaly.signals,
         anomaly.members,
         anomaly.text,
         anomaly.acknowledged_by,
         value(anomaly.acknowledged_at),
         std::string(decision_id(answer.decision)),
         answer.who,
         answer.why,
         value(answer.due_at),
         answer.by,
         value(answer.at),
         anomaly.version});
}

std::vector<Anomaly> list_open(sys::Reader& db, int limit) {
    const Value values[] = {std::int64_t{limit}};
    return query_anomalies(db, "WHERE standing = 'open' ORDER BY id LIMIT $1", values);
}

std::int64_t count_open(sys::Reader& db, std::string_view group) {
    return db
        .find("SELECT COUNT(*) FROM anomaly WHERE standing = 'open' AND group_key = $1 AND is_storm = 0",
              {std::string(group)})
        ->integer(0);
}

std::optional<Anomaly> find_open_storm(sys::Reader& db, std::string_view group) {
    const Value values[] = {std::string(group)};
    const auto found = query_anomalies(db, "WHERE standing = 'open' AND group_key = $1 AND is_storm = 1", values);
    if (found.empty()) return std::nullopt;
    return found.front();
}

void gather(sys::Transaction& tx, std::string_view group, AnomalyId storm) {
    tx.execute("UPDATE anomaly SET storm_id = $2 WHERE standing = 'open' AND group_key = $1 AND is_storm = 0",
               {std::string(group), storm.value});
}

bool is_taken(sys::Reader& db, const Signal& signal) {
    return !signal.external_id.empty() &&
           db.find("SELECT 1 FROM signal WHERE source = $1 AND external_id = $2 AND state = $3",
                   {signal.source, signal.external_id, std::string(state_id(signal.state))});
}

void add(sys::Transaction& tx, const Signal& signal, const base::Hash& fingerprint, Instant received_at, bool is_late,
         AnomalyId anomaly, Payload payload) {
    Value evidence(nullptr);
    if (!signal.payload.empty() && payload == Payload::Keep) {
        const std::string hash = sys::sha256(signal.payload).hex();
        tx.execute("INSERT INTO evidence (hash, payload, made_at) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING",
                   {hash, signal.payload, received_at.milliseconds});
        evidence = hash;
    }
    tx.execute(
        "INSERT INTO signal (source, external_id, state, severity, fingerprint, observed_at, received_at, is_late, "
        "text, evidence, anomaly_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        {signal.source, signal.external_id.empty() ? Value(nullptr) : Value(signal.external_id),
         std::string(state_id(signal.state)), static_cast<std::int64_t>(signal.severity), fingerprint.hex(),
         signal.observed_at.milliseconds, received_at.milliseconds, flag(is_late), signal.text, std::move(evidence),
         reference(anomaly)});
}

std::int64_t adopt(sys::Transaction& tx, const base::Hash& fingerprint, Instant since, AnomalyId anomaly) {
    return tx.execute(
        "UPDATE signal SET anomaly_id = $3 WHERE fingerprint = $1 AND anomaly_id IS NULL AND state = 'raise' AND "
        "observed_at >= $2",
        {fingerprint.hex(), since.milliseconds, anomaly.value});
}

void record(sys::Transaction& tx, Anomaly& anomaly, std::string_view what, const By& by, std::string_view text) {
    ++anomaly.version;
    save(tx, anomaly);
    tx.execute("INSERT INTO anomaly_event (anomaly_id, at, what, actor, text) VALUES ($1, $2, $3, $4, $5)",
               {anomaly.id.value, by.at.milliseconds, std::string(what), by.who, std::string(text)});
    const boost::json::object detail{{"kind", anomaly.kind},
                                     {"severity", severity_id(anomaly.severity)},
                                     {"source", anomaly.source},
                                     {"subject", anomaly.subject},
                                     {"text", text}};
    ledger::append(tx,
                   {by.at, by.who, fmt::format("anomaly.{}", what), fmt::format("anomaly:{}", anomaly.id.value),
                    boost::json::serialize(detail)},
                   ledger::kWatch);
}

std::optional<Instant> find_latest(sys::Reader& db) {
    const auto row = db.find("SELECT latest_at FROM watch_clock WHERE id = 1");
    if (!row) return std::nullopt;
    return Instant{row->integer(0)};
}

void set_latest(sys::Transaction& tx, Instant at) {
    tx.execute("INSERT INTO watch_clock (id, latest_at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET latest_at = $1",
               {at.milliseconds});
}

std::int64_t forget(sys::Transaction& tx, const Before& before) {
    std::int64_t rows = 0;
    constexpr std::string_view kOld = "SELECT id FROM anomaly WHERE standing = 'closed' AND closed_at < $1";
    // A storm stays as long as a member of it.
    const std::string old = fmt::format(
        "({} AND NOT EXISTS (SELECT 1 FROM anomaly AS other WHERE other.storm_id = anomaly.id AND "
        "(other.closed_at IS NULL OR other.closed_at >= $1)))",
        kOld);
    tx.execute(fmt::format("UPDATE watched SET anomaly_id = NULL WHERE anomaly_id IN {}", old),
               {before.anomalies.milliseconds});
    rows += tx.execute(fmt::format("DELETE FROM signal WHERE anomaly_id IN {}", old), {before.anomalies.milliseconds});
    rows += tx.execute(fmt::format("DELETE FROM anomaly_event WHERE anomaly_id IN {}", old),
                       {before.anomalies.milliseconds});
    rows += tx.execute(fmt::format("DELETE FROM anomaly WHERE storm_id IS NOT NULL AND id IN {}", old),
                       {before.anomalies.milliseconds});
    rows += tx.execute(fmt::format("DELETE FROM anomaly WHERE id IN {}", old), {before.anomalies.milliseconds});
    // Signals of what is not closed stay: they are its evidence.
    rows += tx.execute(
        "DELETE FROM signal WHERE received_at < $1 AND (anomaly_id IS NULL OR anomaly_id IN (SELECT id FROM anomaly "
        "WHERE standing = 'closed'))",
        {before.signals.milliseconds});
    rows += tx.execute("DELETE FROM watched WHERE seen_at < $1 AND standing = 'well' AND due_at IS NULL",
                       {before.watched.milliseconds});
    rows += tx.execute(
        "DELETE FROM evidence WHERE made_at < $1 AND NOT EXISTS (SELECT 1 FROM signal WHERE evidence = hash)",
        {before.signals.milliseconds});
    rows += tx.execute("DELETE FROM quiet_window WHERE until_at < $1", {before.anomalies.milliseconds});
    return rows;
}

std::optional<SeenRelease> find_seen_release(sys::Reader& db) {
    const auto row = db.find("SELECT number, note FROM seen_release WHERE id = 1");
    if (!row) return std::nullopt;
    return SeenRelease{row->integer(0), row->text(1)};
}

void note_seen_release(sys::Transaction& tx, const SeenRelease& seen) {
    tx.execute(
        "INSERT INTO seen_release (id, number, note) VALUES (1, $1, $2) ON CONFLICT (id) DO UPDATE SET number = $1, "
        "note = $2 WHERE seen_release.number < $1",
        {seen.number, seen.note});
}

}  // namespace signals
