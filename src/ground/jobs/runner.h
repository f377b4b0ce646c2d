// Does what is due: takes jobs, calls the handler of their kind, marks them done, and plans the next run of kinds that
// come back by the clock. One bad job costs itself: it is tried again later and in the end given up, and the others go
// on.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"
#include "ground/jobs/store.h"
#include "ground/sys/database.h"

namespace jobs {

/// What a handler leaves to be written together with the done-mark; may be empty. Like every write transaction it may
/// be run again, so it has no effect outside `tx`.
using Effect = std::function<void(sys::Transaction&)>;

/// A handler's turn with one job.
struct Turn {
    const Job& job;
    const std::function<void()>&
        renew;  ///< work that may outlast the lease calls it now and then; throws when it was lost
};

struct Kind {
    std::string name;
    /// Does the slow part (files, network) and returns what belongs in the transaction. The slow part may be done twice
    /// when a worker dies, so it must be idempotent by the job's key. An exception is a failure of this job only.
    std::function<Effect(const Turn&)> run;
    /// For kinds that come back by the clock: the first time after `after`, pure and always later than it; nothing ends
    /// the series. Their jobs are planned one ahead by the runner, with the key "name@2027-04-01T12:30:00.000Z".
    std::function<std::optional<base::Instant>(base::Instant after)> next = {};
    Missed missed = Missed::Once;  ///< this and the rest: for the jobs that the runner plans
    std::chrono::milliseconds grace{std::chrono::minutes(10)};
    int most_attempts = 8;
    std::chrono::milliseconds lease{std::chrono::minutes(10)};  ///< also for jobs that others add
};

/// What became of one job; the door writes it to the log, the flow to the ledger where the contract asks for it.
struct Receipt {
    std::string key;
    std::string kind;
    base::Instant due_at;
    std::chrono::milliseconds lateness{0};
    int attempt = 0;
    enum class Result {
        Done,
        Retry,    ///< failed; it will be tried again
        Failed,   ///< failed for the last time
        Skipped,  ///< too late for its policy
        Lost      ///< another worker had taken it over: nothing was written here
    } result;
    std::string error;
};

class Runner {
  public:
    /// `owner` empty: a random name. Throws Error(Bug) on two kinds of one name.
    Runner(sys::Database& database, const base::Clock& clock, std::vector<Kind> kinds, std::string owner = "");

    /// Sees to it that each series has its next run in the table; moves one that is planned for a time that the series
    /// no longer has. Call it at start and after a change of the timetable; run_one does it for the series that it
    /// runs.
    void plan();
    /// Takes and does one due job. The receipts of jobs closed on the way (skipped, given up after their worker died)
    /// come first; empty when nothing is due. Throws only when the database itself fails.
    std::vector<Receipt> run_one();
    /// Until nothing is due, or `is_stopped` says so between two jobs.
    std::vector<Receipt> run_due(const std::function<bool()>& is_stopped = {});
    /// When to come again; nothing when no job of these kinds is open.
    std::optional<base::Instant> next_due();

  private:
    const Kind& kind_of(const Job& job) const;
    void plan_after(sys::Transaction& tx, const Kind& kind, base::Instant after);
    void plan_next(sys::Transaction& tx, const Job& closed, base::Instant now);
    Receipt work(const Job& job);

    sys::Database& database_;
    const base::Clock& clock_;
    std::vector<Kind> kinds_;
    std::vector<std::string> names_;
    std::string owner_;
};

}  // namespace jobs
