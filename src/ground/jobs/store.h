// Work that is due, in one table, so that it survives a crash, is done once, and can be shared by several processes on
// either engine. A worker takes a job under a lease; the job's effect and its done-mark are one transaction, fenced by
// the lease, so that a worker that was thought dead cannot finish what another has taken over. What was due while
// nobody worked is taken in due order, and its lateness is kept. Times come in; nothing here looks at a clock.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/error.h"
#include "ground/base/ids.h"
#include "ground/base/time.h"
#include "ground/sys/database.h"

namespace jobs {

/// What becomes of runs that fell due while nobody worked.
enum class Missed {
    Once,  ///< one late run stands for all that were missed
    Each,  ///< every missed run is made up for, in order
    Skip   ///< a run that is later than its grace is not made, only recorded
};
std::string_view missed_id(Missed missed);  ///< "once", "each", "skip"

enum class Outcome {
    Open,  ///< waiting, being worked on, or to be tried again
    Done,
    Skipped,  ///< too late for its policy
    Failed    ///< given up after its attempts; `try_again` opens it
};
std::string_view outcome_id(Outcome outcome);  ///< "open", "done", "skipped", "failed"

struct NewJob {
    std::string key;   ///< names the work, not the try: "publish:page:12:rev:34"; a second add with it does nothing
    std::string kind;  ///< who does it
    std::string payload = "{}";  ///< JSON; at most 64 KB
    base::Instant due_at;
    Missed missed = Missed::Once;
    std::chrono::milliseconds grace{std::chrono::minutes(10)};  ///< Missed::Skip: later than this is skipped
    int most_attempts = 8;
};

struct Job {
    base::JobId id;
    std::string key;
    std::string kind;
    std::string payload;
    base::Instant due_at;
    base::Instant ready_at;  ///< not taken before; due_at, or later after a failure
    Missed missed = Missed::Once;
    std::chrono::milliseconds grace{0};
    int attempt = 0;  ///< tries begun so far
    int most_attempts = 0;
    std::string lease_owner;  ///< empty: nobody works on it
    std::optional<base::Instant> lease_until;
    std::string last_error;
    Outcome outcome = Outcome::Open;
    std::optional<base::Instant> done_at;   ///< set unless open
    std::chrono::milliseconds lateness{0};  ///< from due_at to the beginning of the last try
};

/// Another worker has taken the job over, or it is closed: whoever catches this has nothing more to write about it.
class LeaseLost : public base::Error {
  public:
    explicit LeaseLost(const std::string& key);
};

/// False when a job with this key is there already, whatever its outcome. Throws Error(BadInput) on an empty key or
/// kind, or a payload that is too large.
bool add(sys::Transaction& tx, const NewJob& job);
/// Removes an open job on which nobody works; false when there is none such.
bool cancel(sys::Transaction& tx, std::string_view key);

/// Leases the job that has been due for longest among those of `kinds` that are ready: nothing when there is none.
/// Jobs beyond their grace become Skipped, and jobs whose last lease ran out on the last attempt become Failed, on the
/// way; both are appended to `closed`. `owner` names this worker among all processes.
std::optional<Job> take_due(sys::Transaction& tx, std::span<const std::string> kinds, base::Instant now,
                            std::string_view owner, std::chrono::milliseconds lease, std::vector<Job>& closed);
/// Keeps a job for longer. Throws LeaseLost.
void renew(sys::Transaction& tx, const Job& job, base::Instant now, std::chrono::milliseconds lease);
/// The done-mark; call it in the transaction of the effect. Throws Error(Conflict), which undoes the effect, when
/// another worker has taken the job since.
void finish(sys::Transaction& tx, const Job& job, base::Instant now);
/// Gives the job back to be tried after backoff(job.attempt), or closes it as Failed after its last attempt; says
/// which. Throws Error(Conflict) as finish.
Outcome fail(sys::Transaction& tx, const Job& job, base::Instant now, std::string_view error);
/// How long to wait after the attempt'th failure: 10 s, doubling, at most 1 h.
std::chrono::milliseconds backoff(int attempt);
/// Opens a Failed job again with all its attempts; false when it is not Failed.
bool try_again(sys::Transaction& tx, base::JobId id, base::Instant now);

/// When take_due could next find something: what a timetable sleeps until. Nothing: the table has no open job.
std::optional<base::Instant> next_due(sys::Reader& db, std::span<const std::string> kinds);
std::optional<Job> find_job(sys::Reader& db, std::string_view key);
/// Open jobs that were due longer than `patience` ago, in due order.
std::vector<Job> list_overdue(sys::Reader& db, base::Instant now, std::chrono::milliseconds patience, int most = 1000);
/// Jobs given up, and open ones whose last try failed, in due order.
std::vector<Job> list_failed(sys::Reader& db, int most = 1000);
/// What is open, in due order.
std::vector<Job> list_open(sys::Reader& db, int most = 1000);
/// Of a series (keys "kind@..."): its open jobs in due order, and the due time of its last closed one.
std::vector<Job> list_planned(sys::Reader& db, std::string_view kind);
std::optional<base::Instant> find_last_planned(sys::Reader& db, std::string_view kind);
/// The due time of the last run of a series that went well.
std::optional<base::Instant> find_last_done(sys::Reader& db, std::string_view kind);
/// Forgets jobs that were done or skipped before `before`; failed ones stay until somebody has seen to them. Their keys
/// can be added anew from then on. Returns how many.
std::int64_t forget_done(sys::Transaction& tx, base::Instant before);

}  // namespace jobs
