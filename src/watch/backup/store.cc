// The only file with SQL on backup_run, backup_verification and backup_repository.
#include "watch/backup/store.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"

namespace backup {

namespace json = boost::json;
using base::Error;
using base::Instant;
using sys::Value;

namespace {

// A run is a row before the engine starts, and a snapshot that is to go is marked before the engine is told: what a
// program that dies leaves behind can then be told from what somebody else did to the repository.
constexpr std::string_view kBackups = R"sql(
CREATE TABLE backup_run (
    id {id},
    repository {key} NOT NULL,
    kind {key} NOT NULL CHECK (kind IN ('data', 'system')),
    why {key} NOT NULL CHECK (why IN ('daily', 'extra', 'monthly', 'change', 'asked')),
    due_at BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    outcome {key} NOT NULL CHECK (outcome IN ('running', 'made', 'failed', 'stopped')),
    snapshot {key} NOT NULL DEFAULT '',
    taken_at BIGINT NOT NULL DEFAULT 0,
    day {key} NOT NULL,
    release_number BIGINT NOT NULL DEFAULT 0,
    files BIGINT NOT NULL DEFAULT 0,
    bytes BIGINT NOT NULL DEFAULT 0,
    added_bytes BIGINT NOT NULL DEFAULT 0,
    seconds {real} NOT NULL DEFAULT 0,
    fingerprint {key} NOT NULL DEFAULT '',
    problem TEXT NOT NULL DEFAULT '',
    proof {key} NOT NULL DEFAULT '' CHECK (proof IN ('', 'whole', 'damaged')),
    verified_at BIGINT,
    pruning_at BIGINT,
    gone_at BIGINT,
    is_lost BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX backup_run_started ON backup_run (repository, started_at);
CREATE UNIQUE INDEX backup_run_snapshot ON backup_run (repository, snapshot) WHERE snapshot <> '';
CREATE TABLE backup_verification (
    id {id},
    repository {key} NOT NULL,
    at BIGINT NOT NULL,
    seconds {real} NOT NULL,
    proof {key} NOT NULL CHECK (proof IN ('whole', 'damaged')),
    part {key} NOT NULL,
    packs BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    problems TEXT NOT NULL
);
CREATE INDEX backup_verification_at ON backup_verification (repository, at);
CREATE TABLE backup_repository (
    name {key} PRIMARY KEY,
    standing BIGINT NOT NULL,
    problem TEXT NOT NULL,
    looked_at BIGINT,
    read_at BIGINT,
    pruned_at BIGINT,
    next_part BIGINT NOT NULL,
    has_damage BIGINT NOT NULL
);
)sql";

// Rows stay for years, and with further points through the day they become many: each question that is asked at every
// turn or view has an index that leads to its few rows.
constexpr std::string_view kManyRuns = R"sql(
DROP INDEX backup_run_started;
CREATE INDEX backup_run_newest ON backup_run (started_at);
CREATE INDEX backup_run_kind ON backup_run (repository, kind, started_at);
CREATE INDEX backup_run_taken ON backup_run (repository, kind, taken_at);
CREATE INDEX backup_run_day ON backup_run (repository, day);
CREATE INDEX backup_run_held ON backup_run (repository, taken_at) WHERE snapshot <> '' AND gone_at IS NULL;
CREATE INDEX backup_run_lost ON backup_run (repository) WHERE is_lost = 1;
CREATE INDEX backup_run_running ON backup_run (repository) WHERE outcome = 'running';
)sql";

constexpr std::string_view kColumns =
    "id, repository, kind, why, due_at, started_at, ended_at, outcome, snapshot, taken_at, day, release_number, files, "
    "bytes, added_bytes, seconds, fingerprint, problem, proof, verified_at, pruning_at, gone_at, is_lost";
constexpr std::string_view kOutcomes[] = {"running", "made", "failed", "stopped"};
constexpr std::string_view kProofs[] = {"", "whole", "damaged"};
constexpr int kMostProblems = 50;

template <class Enum, std::size_t Count>
Enum find_word(const std::string_view (&words)[Count], std::string_view word) {
    for (std::size_t i = 0; i < Count; ++i)
        if (words[i] == word) return static_cast<Enum>(i);
    throw Error(base::Kind::Damaged, "watch.db: a word in the table of backups is unknown");
}

std::optional<Instant> maybe_instant(const sys::Row& row, std::size_t column) {
    const auto value = row.maybe_integer(column);
    return value ? std::optional(Instant{*value}) : std::nullopt;
}

Value maybe(const std::optional<Instant>& at) {
    return at ? Value(at->milliseconds) : Value(nullptr);
}

Run read_run(const sys::Row& row) {
    Run run;
    run.id = row.integer(0);
    run.repository = row.text(1);
    run.kind = find_kind(row.text(2)).value_or(Kind::Data);
    run.why = find_why(row.text(3)).value_or(Why::Asked);
    run.due_at = {row.integer(4)};
    run.started_at = {row.integer(5)};
    run.ended_at = maybe_instant(row, 6);
    run.outcome = find_word<Outcome>(kOutcomes, row.text(7));
    run.snapshot = row.text(8);
    run.taken_at = {row.integer(9)};
    run.day = base::parse_day(row.text(10)).value_or(base::Day{});
    run.release = row.integer(11);
    run.files = row.integer(12);
    run.bytes = row.integer(13);
    run.added_bytes = row.integer(14);
    run.seconds = row.real(15);
    run.fingerprint = row.text(16);
    run.problem = row.text(17);
    run.proof = find_word<Proof>(kProofs, row.text(18));
    run.verified_at = maybe_instant(row, 19);
    run.pruning_at = maybe_instant(row, 20);
    run.gone_at = maybe_instant(row, 21);
    run.is_lost = row.flag(22);
    return run;
}

std::vector<Run> read_runs(const std::vector<sys::Row>& rows) {
    std::vector<Run> runs;
    for (const sys::Row& row : rows) runs.push_back(read_run(row));
    return runs;
}

void append(sys::Transaction& tx, Instant now, std::string_view by, std::string_view act, std::string subject,
            const json::object& detail) {
    ledger::append(tx, {now, std::string(by), std::string(act), std::move(subject), json::serialize(detail)},
                   ledger::kWatch);
}

json::object figures_of(const Run& run) {
    json::object detail{{"repository", run.repository},
                        {"kind", kind_id(run.kind)},
                        {"why", why_id(run.why)},
                        {"outcome", outcome_id(run.outcome)},
                        {"day", base::format_day(run.day)}};
    if (!run.snapshot.empty())
        detail.insert({{"snapshot", run.snapshot},
                       {"taken_at", base::format_utc(run.taken_at)},
                       {"release", run.release},
                       {"files", run.files},
                       {"bytes", run.bytes},
                       {"added_bytes", run.added_bytes},
                       {"seconds", run.seconds}});
    if (!run.problem.empty()) detail["problem"] = run.problem;
    return detail;
}

void write_end(sys::Transaction& tx, const Run& run) {
    tx.execute(
        "UPDATE backup_run SET ended_at = $2, outcome = $3, snapshot = $4, taken_at = $5, day = $6, release_number = "
        "$7, files = $8, bytes = $9, added_bytes = $10, seconds = $11, problem = $12, fingerprint = $13 WHERE id = $1",
        {run.id, maybe(run.ended_at), std::string(outcome_id(run.outcome)), run.snapshot, run.taken_at.milliseconds,
         base::format_day(run.day), run.release, run.files, run.bytes, run.added_bytes, run.seconds, run.problem,
         run.fingerprint});
}

std::int64_t insert(sys::Transaction& tx, const Run& run) {
    return tx.insert(
        "INSERT INTO backup_run (repository, kind, why, due_at, started_at, outcome, day, fingerprint) VALUES ($1, $2, "
        "$3, $4, $5, 'running', $6, $7) RETURNING id",
        {run.repository, std::string(kind_id(run.kind)), std::string(why_id(run.why)), run.due_at.milliseconds,
         run.started_at.milliseconds, base::format_day(run.day), run.fingerprint});
}

json::array ids(std::span<const std::int64_t> runs) {
    json::array all;
    for (const std::int64_t each : runs) all.emplace_back(each);
    return all;
}

}  // namespace

std::span<const sys::Migration> migrations() {
    static constexpr sys::Migration kAll[] = {{"backup/0001_backups", kBackups}, {"backup/0002_many_runs", kManyRuns}};
    return kAll;
}

std::string_view outcome_id(Outcome outcome) {
    return kOutcomes[static_cast<std::size_t>(outcome)];
}

std::string_view proof_id(Proof proof) {
    return kProofs[static_cast<std::size_t>(proof)];
}

std::int64_t add_run(sys::Transaction& tx, const Run& run) {
    fail_running(tx, run.repository, run.started_at, "プログラムが途中で終わりました。");
    return insert(tx, run);
}

void finish_run(sys::Transaction& tx, const Run& run, std::string_view by) {
    write_end(tx, run);
    append(tx, run.ended_at.value_or(run.started_at), by, "backup.run", fmt::format("backup:{}", run.id),
           figures_of(run));
}

void adopt_run(sys::Transaction& tx, const Run& run, std::string_view by) {
    Run made = run;
    made.id = insert(tx, run);
    finish_run(tx, made, by);
}

int fail_running(sys::Transaction& tx, std::string_view repository, Instant now, std::string_view problem) {
    return static_cast<int>(tx.execute(
        "UPDATE backup_run SET outcome = 'failed', ended_at = $2, problem = $3 WHERE repository = $1 AND outcome = "
        "'running'",
        {std::string(repository), now.milliseconds, std::string(problem)}));
}

void add_verification(sys::Transaction& tx, const Verification& verification, std::string_view by) {
    json::array problems;
    for (const std::string& each : verification.problems)
        if (static_cast<int>(problems.size()) < kMostProblems) problems.emplace_back(each);
    tx.execute(
        "INSERT INTO backup_verification (repository, at, seconds, proof, part, packs, bytes, problems) VALUES "
        "($1, $2, $3, $4, $5, $6, $7, $8)",
        {verification.repository, verification.at.milliseconds, verification.seconds,
         std::string(proof_id(verification.proof)), verification.part, verification.packs, verification.bytes,
         json::serialize(problems)});
    for (const std::int64_t run : verification.runs)
        tx.execute("UPDATE backup_run SET proof = $2, verified_at = $3 WHERE id = $1",
                   {run, std::string(proof_id(verification.proof)), verification.at.milliseconds});
    append(tx, verification.at, by, "backup.verify", "repository:" + base::percent_encode(verification.repository),
           {{"repository", verification.repository},
            {"proof", proof_id(verification.proof)},
            {"part", verification.part},
            {"packs", verification.packs},
            {"bytes", verification.bytes},
            {"seconds", verification.seconds},
            {"runs", ids(verification.runs)},
            {"problems", problems}});
}

void mark_pruning(sys::Transaction& tx, std::span<const std::int64_t> runs, Instant now) {
    for (const std::int64_t run : runs)
        tx.execute("UPDATE backup_run SET pruning_at = $2 WHERE id = $1", {run, now.milliseconds});
}

void keep_again(sys::Transaction& tx, std::span<const std::int64_t> runs) {
    for (const std::int64_t run : runs) tx.execute("UPDATE backup_run SET pruning_at = NULL WHERE id = $1", {run});
}

void mark_gone(sys::Transaction& tx, std::string_view repository, std::span<const std::int64_t> runs, Instant now,
               std::string_view by) {
    for (const std::int64_t run : runs)
        tx.execute("UPDATE backup_run SET gone_at = $2 WHERE id = $1", {run, now.milliseconds});
    append(tx, now, by, "backup.prune", "repository:" + base::percent_encode(repository),
           {{"repository", repository}, {"runs", ids(runs)}});
}

void mark_lost(sys::Transaction& tx, std::string_view repository, std::span<const std::int64_t> runs, Instant now,
               std::string_view by) {
    for (const std::int64_t run : runs)
        tx.execute("UPDATE backup_run SET gone_at = $2, is_lost = 1 WHERE id = $1", {run, now.milliseconds});
    append(tx, now, by, "backup.lost", "repository:" + base::percent_encode(repository),
           {{"repository", repository}, {"runs", ids(runs)}});
}

void note_found_again(sys::Transaction& tx, std::string_view repository, std::span<const std::string> snapshots,
                      Instant now, std::string_view by) {
    std::vector<std::int64_t> found;
    for (const sys::Row& row : tx.query("SELECT id, snapshot FROM backup_run WHERE repository = $1 AND is_lost = 1",
                                        {std::string(repository)}))
        if (std::find(snapshots.begin(), snapshots.end(), row.text(1)) != snapshots.end())
            found.push_back(row.integer(0));
    if (found.empty()) return;
    for (const std::int64_t run : found)
        tx.execute("UPDATE backup_run SET gone_at = NULL, is_lost = 0, proof = '', verified_at = NULL WHERE id = $1",
                   {run});
    append(tx, now, by, "backup.found", "repository:" + base::percent_encode(repository),
           {{"repository", repository}, {"runs", ids(found)}});
}

void note_refusal(sys::Transaction& tx, std::string_view repository, Kind kind, std::string_view reason, Instant now,
                  std::string_view by) {
    append(tx, now, by, "backup.refuse", "repository:" + base::percent_encode(repository),
           {{"repository", repository}, {"kind", kind_id(kind)}, {"reason", reason}});
}

void note_override(sys::Transaction& tx, std::string_view repository, Kind kind, std::string_view reason, Instant now,
                   std::string_view by) {
    append(tx, now, by, "backup.anyway", "repository:" + base::percent_encode(repository),
           {{"repository", repository}, {"kind", kind_id(kind)}, {"reason", reason}});
}

RepositoryState load_state(sys::Reader& db, std::string_view repository) {
    RepositoryState state;
    state.name = repository;
    const auto row = db.find(
        "SELECT standing, problem, looked_at, read_at, pruned_at, next_part, has_damage FROM "
        "backup_repository WHERE name = $1",
        {state.name});
    if (!row) return state;
    state.standing = static_cast<Standing::What>(row->integer(0));
    state.problem = row->text(1);
    state.looked_at = maybe_instant(*row, 2);
    state.read_at = maybe_instant(*row, 3);
    state.pruned_at = maybe_instant(*row, 4);
    state.next_part = row->integer(5);
    state.has_damage = row->flag(6);
    return state;
}

void save_state(sys::Transaction& tx, const RepositoryState& state) {
    tx.execute(
        "INSERT INTO backup_repository (name, standing, problem, looked_at, read_at, pruned_at, next_part, "
        "has_damage) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO UPDATE SET standing = "
        "excluded.standing, problem = excluded.problem, looked_at = excluded.looked_at, read_at = "
        "excluded.read_at, pruned_at = excluded.pruned_at, next_part = excluded.next_part, has_damage = "
        "excluded.has_damage",
        {state.name, static_cast<std::int64_t>(state.standing), state.problem, maybe(state.looked_at),
         maybe(state.read_at), maybe(state.pruned_at), state.next_part, std::int64_t{state.has_damage ? 1 : 0}});
}

std::vector<std::string> list_repositories(sys::Reader& db) {
    std::vector<std::string> names;
    for (const sys::Row& row : db.query("SELECT name FROM backup_repository ORDER BY name"))
        names.push_back(row.text(0));
    return names;
}

std::vector<Run> list_runs(sys::Reader& db, int most) {
    return read_runs(
        db.query(fmt::format("SELECT {} FROM backup_run ORDER BY started_at DESC, id DESC LIMIT $1", kColumns),
                 {std::int64_t{most}}));
}

std::vector<Run> list_runs(sys::Reader& db, std::string_view repository, Kind kind, int most) {
    return read_runs(db.query(fmt::format("SELECT {} FROM backup_run WHERE repository = $1 AND kind = $2 ORDER BY "
                                          "started_at DESC, id DESC LIMIT $3",
                                          kColumns),
                              {std::string(repository), std::string(kind_id(kind)), std::int64_t{most}}));
}

std::vector<Run> list_runs(sys::Reader& db, std::string_view repository, base::Day from, base::Day before) {
    return read_runs(db.query(fmt::format("SELECT {} FROM backup_run WHERE repository = $1 AND day >= $2 AND day < $3 "
                                          "ORDER BY day DESC, started_at DESC, id DESC",
                                          kColumns),
                              {std::string(repository), base::format_day(from), base::format_day(before)}));
}

std::map<base::Day, std::int64_t> list_sizes(sys::Reader& db, std::string_view repository, base::Day from) {
    std::map<base::Day, std::int64_t> sizes;
    for (const sys::Row& row : db.query("SELECT day, bytes FROM backup_run WHERE repository = $1 AND day >= $2 AND "
                                        "kind = 'data' AND outcome = 'made' ORDER BY day, started_at, id",
                                        {std::string(repository), base::format_day(from)}))
        if (const auto day = base::parse_day(row.text(0))) sizes[*day] = row.integer(1);
    return sizes;
}

std::optional<Instant> find_first_start(sys::Reader& db, std::string_view repository) {
    std::optional<Instant> first;
    for (const Kind kind : {Kind::Data, Kind::System}) {
        const auto row = db.find("SELECT min(started_at) FROM backup_run WHERE repository = $1 AND kind = $2",
                                 {std::string(repository), std::string(kind_id(kind))});
        if (const auto at = maybe_instant(*row, 0); at && (!first || *at < *first)) first = at;
    }
    return first;
}

bool was_ever_used(sys::Reader& db, std::string_view repository) {
    return db
        .find("SELECT id FROM backup_run WHERE repository = $1 AND snapshot <> '' LIMIT 1", {std::string(repository)})
        .has_value();
}

std::vector<std::string> list_unfit(sys::Reader& db) {
    std::vector<std::string> snapshots;
    for (const sys::Row& row : db.query("SELECT snapshot FROM backup_run WHERE snapshot <> '' AND gone_at IS NULL AND "
                                        "(outcome = 'failed' OR proof = 'damaged')"))
        snapshots.push_back(row.text(0));
    return snapshots;
}

std::optional<Run> find_run(sys::Reader& db, std::int64_t id) {
    const auto row = db.find(fmt::format("SELECT {} FROM backup_run WHERE id = $1", kColumns), {id});
    if (!row) return std::nullopt;
    return read_run(*row);
}

std::vector<Run> list_held(sys::Reader& db, std::string_view repository) {
    return read_runs(db.query(fmt::format("SELECT {} FROM backup_run WHERE repository = $1 AND snapshot <> '' AND "
                                          "gone_at IS NULL ORDER BY taken_at DESC, id DESC",
                                          kColumns),
                              {std::string(repository)}));
}

std::vector<Run> list_lost(sys::Reader& db, std::string_view repository) {
    return read_runs(db.query(
        fmt::format("SELECT {} FROM backup_run WHERE repository = $1 AND is_lost = 1 ORDER BY taken_at DESC, id DESC",
                    kColumns),
        {std::string(repository)}));
}

bool knows_snapshot(sys::Reader& db, std::string_view repository, std::string_view snapshot) {
    return db
        .find("SELECT id FROM backup_run WHERE repository = $1 AND snapshot = $2",
              {std::string(repository), std::string(snapshot)})
        .has_value();
}

std::vector<Generation> generations_of(const std::vector<Run>& held) {
    std::vector<Generation> all;
    for (const Run& run : held)
        all.push_back(
            {run.snapshot, run.kind, run.taken_at, run.day, run.outcome == Outcome::Made && run.proof == Proof::Whole});
    return all;
}

History history_of(sys::Reader& db, std::string_view repository, Instant now) {
    const Instant latest = now + std::chrono::minutes(10);
    History history;
    for (const Kind kind : {Kind::Data, Kind::System}) {
        History::Series& series = kind == Kind::Data ? history.data : history.system;
        // What is damaged is made anew.
        for (const sys::Row& row : db.query(
                 "SELECT taken_at, seconds, fingerprint FROM backup_run WHERE repository = $1 AND kind = $2 AND "
                 "outcome = 'made' AND proof <> 'damaged' AND is_lost = 0 AND taken_at <= $3 ORDER BY taken_at DESC "
                 "LIMIT 1",
                 {std::string(repository), std::string(kind_id(kind)), latest.milliseconds})) {
            series.newest = Instant{row.integer(0)};
            if (kind == Kind::Data) history.seconds = row.real(1);
            if (kind == Kind::System) history.fingerprint = row.text(2);
        }
        const auto failed = db.find(
            "SELECT count(*), max(ended_at) FROM backup_run WHERE repository = $1 AND kind = $2 AND outcome IN "
            "('failed', 'stopped') AND started_at > $3 AND started_at <= $4",
            {std::string(repository), std::string(kind_id(kind)), series.newest ? series.newest->milliseconds : 0,
             latest.milliseconds});
        series.failures = static_cast<int>(failed->integer(0));
        series.failed_at = maybe_instant(*failed, 1);
        const auto damaged = db.find(
            "SELECT max(verified_at) FROM backup_run WHERE repository = $1 AND kind = $2 AND outcome = 'made' AND "
            "proof = 'damaged' AND taken_at > $3 AND verified_at <= $4",
            {std::string(repository), std::string(kind_id(kind)), series.newest ? series.newest->milliseconds : 0,
             latest.milliseconds});
        series.damaged_at = maybe_instant(*damaged, 0);
    }
    return history;
}

std::optional<Instant> find_newest_verified(sys::Reader& db, std::span<const std::string> names, Instant now) {
    std::optional<Instant> newest;
    for (const std::string& name : names) {
        const auto row = db.find(
            "SELECT taken_at FROM backup_run WHERE repository = $1 AND kind = 'data' AND outcome = 'made' AND "
            "proof = 'whole' AND is_lost = 0 AND taken_at <= $2 ORDER BY taken_at DESC LIMIT 1",
            {name, now.milliseconds});
        if (row && (!newest || row->integer(0) > newest->milliseconds)) newest = Instant{row->integer(0)};
    }
    return newest;
}

std::vector<Verification> list_verifications(sys::Reader& db, std::string_view repository, int most) {
    std::vector<Verification> all;
    for (const sys::Row& row :
         db.query("SELECT repository, at, seconds, proof, part, packs, bytes, problems FROM backup_verification WHERE "
                  "repository = $1 ORDER BY at DESC, id DESC LIMIT $2",
                  {std::string(repository), std::int64_t{most}})) {
        Verification one{row.text(0), {row.integer(1)}, row.real(2),    find_word<Proof>(kProofs, row.text(3)),
                         row.text(4), row.integer(5),   row.integer(6), {},
                         {}};
        const json::value problems = json::parse(row.text(7));
        for (const json::value& each : problems.as_array())
            one.problems.emplace_back(std::string_view(each.as_string()));
        all.push_back(std::move(one));
    }
    return all;
}

}  // namespace backup
