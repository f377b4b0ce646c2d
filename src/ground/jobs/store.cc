#include "ground/jobs/store.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/text.h"

namespace jobs {
namespace {

using base::Error;
using base::Instant;
using std::chrono::milliseconds;

constexpr std::size_t kLongestKey = 500;
constexpr std::size_t kLargestPayload = 64 << 10;
constexpr std::size_t kLongestError = 1000;
constexpr int kMostClosedAtOnce = 200;  // keeps the transaction short

constexpr std::string_view kMissedIds[] = {"once", "each", "skip"};
constexpr std::string_view kOutcomeIds[] = {"open", "done", "skipped", "failed"};

template <class Enum, std::size_t Count>
Enum from_id(const std::string_view (&ids)[Count], std::string_view id) {
    const auto at = std::find(std::begin(ids), std::end(ids), id) - std::begin(ids);
    if (at == Count) throw Error(base::Kind::Damaged, fmt::format("the table of jobs has the unknown word {}", id));
    return static_cast<Enum>(at);
}

constexpr auto kColumns =
    "id, job_key, kind, payload, due_at, ready_at, missed, grace_ms, attempt, most_attempts, lease_owner, lease_until, "
    "last_error, outcome, done_at, lateness_ms";

std::optional<Instant> maybe_instant(std::optional<std::int64_t> value) {
    if (!value) return {};
    return Instant{*value};
}

Job read_job(const sys::Row& row) {
    Job job;
    job.id = {row.integer(0)};
    job.key = row.text(1);
    job.kind = row.text(2);
    job.payload = row.text(3);
    job.due_at = {row.integer(4)};
    job.ready_at = {row.integer(5)};
    job.missed = from_id<Missed>(kMissedIds, row.text(6));
    job.grace = milliseconds(row.integer(7));
    job.attempt = static_cast<int>(row.integer(8));
    job.most_attempts = static_cast<int>(row.integer(9));
    job.lease_owner = row.text(10);
    job.lease_until = maybe_instant(row.maybe_integer(11));
    job.last_error = row.text(12);
    job.outcome = from_id<Outcome>(kOutcomeIds, row.text(13));
    job.done_at = maybe_instant(row.maybe_integer(14));
    job.lateness = milliseconds(row.integer(15));
    return job;
}

std::vector<Job> list_where(sys::Reader& db, std::string_view condition, std::initializer_list<sys::Value> parameters,
                            int most) {
    std::vector<Job> found;
    for (const sys::Row& row :
         db.query(fmt::format("SELECT {} FROM job WHERE {} ORDER BY due_at, id LIMIT {}", kColumns, condition, most),
                  parameters)) {
        found.push_back(read_job(row));
    }
    return found;
}

// "$2, $3" for the kinds, which are appended to `parameters`.
std::string place_kinds(std::span<const std::string> kinds, std::vector<sys::Value>& parameters) {
    std::vector<std::string> places;
    for (const std::string& kind : kinds) {
        parameters.emplace_back(kind);
        places.push_back(fmt::format("${}", parameters.size()));
    }
    return base::join(places, ", ");
}

std::string error_text(std::string_view error) {
    std::string text = base::to_valid_utf8(error);
    std::replace(text.begin(), text.end(), '\0', ' ');
    return std::string(base::first_code_points(text, kLongestError));
}

// Closes a job on which nobody works.
void close(sys::Transaction& tx, Job& job, Outcome outcome, Instant now, std::string error) {
    job.outcome = outcome;
    job.done_at = now;
    job.lease_owner.clear();
    job.lease_until.reset();
    job.last_error = std::move(error);
    tx.execute(
        "UPDATE job SET outcome = $2, done_at = $3, lease_owner = '', lease_until = NULL, last_error = $4, lateness_ms "
        "= $5 "
        "WHERE id = $1",
        {job.id.value, std::string(outcome_id(outcome)), now.milliseconds, job.last_error, job.lateness.count()});
}

// Only for the worker that holds the lease of this very try.
void update_held(sys::Transaction& tx, const Job& job, std::string_view assignments, std::vector<sys::Value> values) {
    values.insert(values.begin(), {job.id.value, job.lease_owner, std::int64_t{job.attempt}});
    const auto changed = tx.execute(
        fmt::format("UPDATE job SET {} WHERE id = $1 AND lease_owner = $2 AND attempt = $3 AND outcome = 'open'",
                    assignments),
        values);
    if (changed != 1) throw LeaseLost(job.key);
}

}  // namespace

LeaseLost::LeaseLost(const std::string& key)
    : Error(base::Kind::Conflict, fmt::format("another worker has taken over the job {}; nothing was written", key)) {}

std::string_view missed_id(Missed missed) {
    return kMissedIds[static_cast<std::size_t>(missed)];
}
std::string_view outcome_id(Outcome outcome) {
    return kOutcomeIds[static_cast<std::size_t>(outcome)];
}

bool add(sys::Transaction& tx, const NewJob& job) {
    if (job.key.empty() || job.kind.empty() || job.key.size() > kLongestKey || job.most_attempts < 1) {
        throw Error(base::Kind::BadInput, "a job needs a key, a kind and at least one attempt");
    }
    if (job.payload.size() > kLargestPayload) {
        throw Error(base::Kind::BadInput, fmt::format("the payload of the job {} is larger than 64 KB", job.key));
    }
    return tx.execute(
               "INSERT INTO job (job_key, kind, payload, due_at, ready_at, missed, grace_ms, most_attempts) "
               "VALUES ($1, $2, $3, $4, $4, $5, $6, $7) ON CONFLICT (job_key) DO NOTHING",
               {job.key, job.kind, job.payload, job.due_at.milliseconds, std::string(missed_id(job.missed)),
                job.grace.count(), std::int64_t{job.most_attempts}}) == 1;
}

bool cancel(sys::Transaction& tx, std::string_view key) {
    return tx.execute("DELETE FROM job WHERE job_key = $1 AND outcome = 'open' AND lease_until IS NULL",
                      {std::string(key)}) == 1;
}

std::optional<Job> take_due(sys::Transaction& tx, std::span<const std::string> kinds, Instant now,
                            std::string_view owner, milliseconds lease, std::vector<Job>& closed) {
    if (kinds.empty()) return {};
    std::vector<sys::Value> parameters{now.milliseconds};
    const std::string places = place_kinds(kinds, parameters);
    const std::string sql = fmt::format(
        "SELECT {} FROM job WHERE outcome = 'open' AND ready_at <= $1 AND (lease_until IS NULL OR lease_until <= $1) "
        "AND kind IN ({}) ORDER BY due_at, id LIMIT 1",
        kColumns, places);
    for (int looked = 0; looked < kMostClosedAtOnce; ++looked) {
        const auto rows = tx.query(sql, parameters);
        if (rows.empty()) return {};
        Job job = read_job(rows[0]);
        job.lateness = std::max(milliseconds(0), now - job.due_at);
        if (job.missed == Missed::Skip && job.attempt == 0 && job.lateness > job.grace) {
            close(tx, job, Outcome::Skipped, now, "");
            closed.push_back(std::move(job));
        } else if (job.attempt >= job.most_attempts) {
            close(tx, job, Outcome::Failed, now,
                  fmt::format("its worker did not come back in {} attempts", job.attempt));
            closed.push_back(std::move(job));
        } else {
            job.attempt += 1;
            job.lease_owner = owner;
            job.lease_until = now + lease;
            tx.execute(
                "UPDATE job SET attempt = $2, lease_owner = $3, lease_until = $4, lateness_ms = $5 WHERE id = $1",
                {job.id.value, std::int64_t{job.attempt}, job.lease_owner, job.lease_until->milliseconds,
                 job.lateness.count()});
            return job;
        }
    }
    return {};
}

void renew(sys::Transaction& tx, const Job& job, Instant now, milliseconds lease) {
    update_held(tx, job, "lease_until = $4", {(now + lease).milliseconds});
}

void finish(sys::Transaction& tx, const Job& job, Instant now) {
    update_held(tx, job, "outcome = 'done', done_at = $4, lease_owner = '', lease_until = NULL, last_error = ''",
                {now.milliseconds});
}

Outcome fail(sys::Transaction& tx, const Job& job, Instant now, std::string_view error) {
    if (job.attempt >= job.most_attempts) {
        update_held(tx, job, "outcome = 'failed', done_at = $4, lease_owner = '', lease_until = NULL, last_error = $5",
                    {now.milliseconds, error_text(error)});
        return Outcome::Failed;
    }
    update_held(tx, job, "ready_at = $4, lease_owner = '', lease_until = NULL, last_error = $5",
                {(now + backoff(job.attempt)).milliseconds, error_text(error)});
    return Outcome::Open;
}

milliseconds backoff(int attempt) {
    constexpr milliseconds kFirst = std::chrono::seconds(10);
    constexpr milliseconds kLongest = std::chrono::hours(1);
    return attempt > 9 ? kLongest : std::min(kLongest, kFirst * (1 << std::max(0, attempt - 1)));
}

bool try_again(sys::Transaction& tx, base::JobId id, Instant now) {
    return tx.execute(
               "UPDATE job SET outcome = 'open', done_at = NULL, attempt = 0, ready_at = $2 WHERE id = $1 AND outcome "
               "= 'failed'",
               {id.value, now.milliseconds}) == 1;
}

std::optional<Instant> next_due(sys::Reader& db, std::span<const std::string> kinds) {
    if (kinds.empty()) return {};
    std::vector<sys::Value> parameters;
    const std::string places = place_kinds(kinds, parameters);
    const auto rows =
        db.query(fmt::format("SELECT MIN(CASE WHEN lease_until > ready_at THEN lease_until ELSE ready_at END) FROM job "
                             "WHERE outcome = 'open' AND kind IN ({})",
                             places),
                 parameters);
    return maybe_instant(rows.at(0).maybe_integer(0));
}

std::optional<Job> find_job(sys::Reader& db, std::string_view key) {
    const auto row = db.find(fmt::format("SELECT {} FROM job WHERE job_key = $1", kColumns), {std::string(key)});
    if (!row) return {};
    return read_job(*row);
}

std::vector<Job> list_overdue(sys::Reader& db, Instant now, milliseconds patience, int most) {
    return list_where(db, "outcome = 'open' AND due_at < $1", {(now - patience).milliseconds}, most);
}

std::vector<Job> list_failed(sys::Reader& db, int most) {
    return list_where(db, "outcome IN ('failed', 'open') AND last_error <> ''", {}, most);
}

std::vector<Job> list_open(sys::Reader& db, int most) {
    return list_where(db, "outcome = 'open'", {}, most);
}

// 'A' follows '@': the range holds the keys that start with "kind@".
std::vector<Job> list_planned(sys::Reader& db, std::string_view kind) {
    return list_where(db, "outcome = 'open' AND kind = $1 AND job_key >= $2 AND job_key < $3",
                      {std::string(kind), fmt::format("{}@", kind), fmt::format("{}A", kind)}, 1000);
}

std::optional<Instant> find_last_planned(sys::Reader& db, std::string_view kind) {
    const auto row =
        db.find("SELECT MAX(due_at) FROM job WHERE outcome <> 'open' AND kind = $1 AND job_key >= $2 AND job_key < $3",
                {std::string(kind), fmt::format("{}@", kind), fmt::format("{}A", kind)});
    return row ? maybe_instant(row->maybe_integer(0)) : std::nullopt;
}

std::optional<Instant> find_last_done(sys::Reader& db, std::string_view kind) {
    const auto row =
        db.find("SELECT MAX(due_at) FROM job WHERE outcome = 'done' AND kind = $1 AND job_key >= $2 AND job_key < $3",
                {std::string(kind), fmt::format("{}@", kind), fmt::format("{}A", kind)});
    return row ? maybe_instant(row->maybe_integer(0)) : std::nullopt;
}

std::int64_t forget_done(sys::Transaction& tx, Instant before) {
    return tx.execute("DELETE FROM job WHERE outcome IN ('done', 'skipped') AND done_at < $1", {before.milliseconds});
}

}  // namespace jobs
