#include "ground/jobs/migrations.h"

namespace jobs {
namespace {

// job_key carries the idempotence: whoever adds the same work twice adds it once. ready_at and lease_until are apart
// from due_at, so that neither a failure nor a dead worker makes a job look less late than it is.
constexpr std::string_view kJobs = R"(
CREATE TABLE job (
    id {id},
    job_key {key} NOT NULL UNIQUE CHECK (job_key <> ''),
    kind {key} NOT NULL CHECK (kind <> ''),
    payload TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    ready_at BIGINT NOT NULL,
    missed {key} NOT NULL CHECK (missed IN ('once', 'each', 'skip')),
    grace_ms BIGINT NOT NULL,
    attempt BIGINT NOT NULL DEFAULT 0,
    most_attempts BIGINT NOT NULL,
    lease_owner {key} NOT NULL DEFAULT '',
    lease_until BIGINT,
    last_error TEXT NOT NULL DEFAULT '',
    outcome {key} NOT NULL DEFAULT 'open' CHECK (outcome IN ('open', 'done', 'skipped', 'failed')),
    done_at BIGINT,
    lateness_ms BIGINT NOT NULL DEFAULT 0,
    CHECK ((outcome = 'open') = (done_at IS NULL)),
    CHECK ((lease_owner = '') = (lease_until IS NULL))
);
CREATE INDEX job_open ON job (due_at, id) WHERE outcome = 'open';
CREATE INDEX job_failed ON job (due_at, id) WHERE outcome = 'failed';
CREATE INDEX job_done ON job (done_at) WHERE outcome IN ('done', 'skipped');
CREATE INDEX job_kind ON job (kind, due_at);
)";

}  // namespace

std::span<const sys::Migration> migrations() {
    static constexpr sys::Migration kSteps[] = {{"jobs/0001_jobs", kJobs}};
    return kSteps;
}

}  // namespace jobs
