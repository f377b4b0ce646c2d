#include "watch/signals/anomaly.h"

namespace signals {
namespace {

// A watched row is the pipeline's memory of one fingerprint; an anomaly is one span in which it was wrong. What people
// are told and asked is on the anomaly; the watched row goes when nothing was heard for long. `due_at` is the next
// moment at which time alone may change something.
constexpr std::string_view kSignals = R"sql(
CREATE TABLE evidence (
    hash {key} PRIMARY KEY,
    payload TEXT NOT NULL,
    made_at BIGINT NOT NULL
);
CREATE TABLE anomaly (
    id {id},
    fingerprint {key} NOT NULL,
    source {key} NOT NULL,
    kind {key} NOT NULL,
    subject TEXT NOT NULL,
    rule TEXT NOT NULL,
    group_key {key} NOT NULL,
    severity BIGINT NOT NULL CHECK (severity BETWEEN 0 AND 4),
    standing {key} NOT NULL CHECK (standing IN ('open', 'cleared', 'closed')),
    is_no_data BIGINT NOT NULL DEFAULT 0,
    is_flapping BIGINT NOT NULL DEFAULT 0,
    is_storm BIGINT NOT NULL DEFAULT 0,
    storm_id BIGINT REFERENCES anomaly (id),
    suppressed_by {key} NOT NULL DEFAULT '',
    suppressed_why TEXT NOT NULL DEFAULT '',
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    cleared_at BIGINT,
    closed_at BIGINT,
    signals BIGINT NOT NULL DEFAULT 0,
    members BIGINT NOT NULL DEFAULT 0,
    text TEXT NOT NULL,
    acknowledged_by TEXT NOT NULL DEFAULT '',
    acknowledged_at BIGINT,
    decision {key} NOT NULL DEFAULT '' CHECK (decision IN ('', 'now', 'later', 'not')),
    answer_who TEXT NOT NULL DEFAULT '',
    answer_why TEXT NOT NULL DEFAULT '',
    answer_due_at BIGINT,
    answer_by TEXT NOT NULL DEFAULT '',
    answered_at BIGINT,
    version BIGINT NOT NULL DEFAULT 0,
    CHECK ((standing = 'open') = (cleared_at IS NULL)),
    CHECK ((standing = 'closed') = (closed_at IS NOT NULL))
);
CREATE INDEX anomaly_standing ON anomaly (standing, group_key);
CREATE INDEX anomaly_first ON anomaly (first_at);
CREATE INDEX anomaly_storm ON anomaly (storm_id) WHERE storm_id IS NOT NULL;
CREATE UNIQUE INDEX anomaly_one_open ON anomaly (fingerprint) WHERE standing = 'open';
CREATE TABLE watched (
    fingerprint {key} PRIMARY KEY,
    source {key} NOT NULL,
    kind {key} NOT NULL,
    subject TEXT NOT NULL,
    rule TEXT NOT NULL,
    standing {key} NOT NULL CHECK (standing IN ('well', 'pending', 'wrong')),
    bad_run BIGINT NOT NULL,
    good_run BIGINT NOT NULL,
    bad_since BIGINT NOT NULL,
    good_since BIGINT NOT NULL,
    observed_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    due_at BIGINT,
    is_silent BIGINT NOT NULL DEFAULT 0,
    severity BIGINT NOT NULL,
    flips TEXT NOT NULL DEFAULT '',
    anomaly_id BIGINT REFERENCES anomaly (id)
);
CREATE INDEX watched_due ON watched (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX watched_anomaly ON watched (anomaly_id, standing) WHERE anomaly_id IS NOT NULL;
CREATE INDEX watched_seen ON watched (seen_at);
CREATE TABLE signal (
    id {id},
    source {key} NOT NULL,
    external_id {key},
    state {key} NOT NULL CHECK (state IN ('raise', 'clear', 'info')),
    severity BIGINT NOT NULL,
    fingerprint {key} NOT NULL,
    observed_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    is_late BIGINT NOT NULL DEFAULT 0,
    text TEXT NOT NULL,
    evidence {key} REFERENCES evidence (hash),
    anomaly_id BIGINT REFERENCES anomaly (id)
);
CREATE UNIQUE INDEX signal_once ON signal (source, external_id, state) WHERE external_id IS NOT NULL;
CREATE INDEX signal_anomaly ON signal (anomaly_id, id);
CREATE INDEX signal_fingerprint ON signal (fingerprint, id) WHERE anomaly_id IS NULL;
CREATE INDEX signal_received ON signal (received_at);
CREATE INDEX signal_evidence ON signal (evidence) WHERE evidence IS NOT NULL;
CREATE TABLE anomaly_event (
    id {id},
    anomaly_id BIGINT NOT NULL REFERENCES anomaly (id),
    at BIGINT NOT NULL,
    what {key} NOT NULL,
    actor TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX anomaly_event_anomaly ON anomaly_event (anomaly_id, id);
CREATE TABLE quiet_window (
    id {id},
    reason_kind {key} NOT NULL CHECK (reason_kind IN ('planned-stop', 'operator')),
    why TEXT NOT NULL,
    actor TEXT NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL
);
CREATE INDEX quiet_window_until ON quiet_window (until_at);
CREATE TABLE watch_clock (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    latest_at BIGINT NOT NULL
);
)sql";

// Rolled back together with the release log, the readers' small files say nothing; one more copy stands here.
constexpr std::string_view kSeenRelease = R"sql(
CREATE TABLE seen_release (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    number BIGINT NOT NULL,
    note TEXT NOT NULL
);
)sql";

// What was looked at on a day that is not over: then it is a line of the ledger, and the row goes.
constexpr std::string_view kRounds = R"sql(
CREATE TABLE watch_round (
    day {key} NOT NULL,
    kind {key} NOT NULL,
    runs BIGINT NOT NULL,
    items BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (day, kind)
);
)sql";

}  // namespace

std::span<const sys::Migration> migrations() {
    static constexpr sys::Migration kSteps[] = {{"signals/0001_signals", kSignals},
                                                {"signals/0002_seen_release", kSeenRelease},
                                                {"signals/0003_rounds", kRounds}};
    return kSteps;
}

}  // namespace signals
