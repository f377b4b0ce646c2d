#include "office/incidents/incident.h"

namespace incidents {

namespace {

constexpr sys::Migration kMigrations[] = {{"incidents/0001_incident", R"(
-- An incident, its steps as they were recorded, what it says (a row a field), the anomalies in it (each in one incident
-- only), what people added, measures, ticked steps of the incident manual, and the reports handed over. once_key keeps a
-- form that was sent twice from doing its work twice.
CREATE TABLE incident (
    id {id},
    number {key} NOT NULL UNIQUE,
    title TEXT NOT NULL,
    severity BIGINT NOT NULL CHECK (severity BETWEEN 0 AND 4),
    cause {key} NOT NULL,
    state {key} NOT NULL CHECK (state IN ('detected', 'received', 'investigating', 'restored', 'fixed', 'prevented', 'closed')),
    level BIGINT NOT NULL CHECK (level BETWEEN 0 AND 2),
    occurred_at BIGINT NOT NULL,
    detected_at BIGINT NOT NULL,
    found {key} NOT NULL CHECK (found IN ('watch', 'call', 'check')),
    reporter TEXT NOT NULL,
    made_by {key} NOT NULL,
    made_at BIGINT NOT NULL,
    state_at BIGINT NOT NULL,
    closed_at BIGINT,
    once_key {key} NOT NULL UNIQUE,
    version BIGINT NOT NULL DEFAULT 1,
    CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
CREATE INDEX incident_detected ON incident (detected_at);
CREATE INDEX incident_cause ON incident (cause, id) WHERE state <> 'closed';
CREATE TABLE incident_step (
    id {id},
    incident_id BIGINT NOT NULL REFERENCES incident (id),
    state {key} NOT NULL,
    at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    by_whom {key} NOT NULL,
    note TEXT NOT NULL,
    is_skipped BIGINT NOT NULL CHECK (is_skipped IN (0, 1))
);
CREATE INDEX incident_step_of ON incident_step (incident_id, id);
CREATE TABLE incident_value (
    incident_id BIGINT NOT NULL REFERENCES incident (id),
    field {key} NOT NULL,
    value TEXT NOT NULL,
    changed_by {key} NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (incident_id, field)
);
CREATE TABLE incident_anomaly (
    anomaly_id BIGINT PRIMARY KEY,
    incident_id BIGINT NOT NULL REFERENCES incident (id),
    text TEXT NOT NULL,
    first_at BIGINT NOT NULL,
    added_at BIGINT NOT NULL,
    added_by {key} NOT NULL
);
CREATE INDEX incident_anomaly_of ON incident_anomaly (incident_id, anomaly_id);
CREATE TABLE incident_entry (
    id {id},
    incident_id BIGINT NOT NULL REFERENCES incident (id),
    at BIGINT NOT NULL,
    kind {key} NOT NULL CHECK (kind IN ('note', 'contact')),
    whom TEXT NOT NULL,
    how TEXT NOT NULL,
    text TEXT NOT NULL,
    by_whom {key} NOT NULL,
    made_at BIGINT NOT NULL,
    once_key {key} NOT NULL,
    UNIQUE (incident_id, once_key)
);
CREATE TABLE incident_measure (
    id {id},
    incident_id BIGINT NOT NULL REFERENCES incident (id),
    is_preventive BIGINT NOT NULL CHECK (is_preventive IN (0, 1)),
    text TEXT NOT NULL,
    owner TEXT NOT NULL,
    due_on {key} NOT NULL,
    done_on {key},
    effect TEXT NOT NULL,
    similar_places TEXT NOT NULL,
    by_whom {key} NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    once_key {key} NOT NULL,
    UNIQUE (incident_id, once_key)
);
CREATE TABLE incident_tick (
    incident_id BIGINT NOT NULL REFERENCES incident (id),
    runbook {key} NOT NULL,
    step {key} NOT NULL,
    note TEXT NOT NULL,
    by_whom {key} NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (incident_id, runbook, step)
);
CREATE TABLE incident_report (
    delivery_id BIGINT PRIMARY KEY,
    incident_id BIGINT NOT NULL REFERENCES incident (id),
    stage {key} NOT NULL CHECK (stage IN ('first', 'interim', 'final')),
    document_id BIGINT NOT NULL,
    whom TEXT NOT NULL,
    how {key} NOT NULL,
    happened_at BIGINT NOT NULL
);
CREATE INDEX incident_report_of ON incident_report (incident_id, delivery_id);
CREATE TABLE runbook (
    id {id},
    slug {key} NOT NULL,
    number BIGINT NOT NULL,
    title TEXT NOT NULL,
    about TEXT NOT NULL,
    body TEXT NOT NULL,
    steps TEXT NOT NULL,
    by_whom {key} NOT NULL,
    at BIGINT NOT NULL,
    UNIQUE (slug, number)
);
)"}};

}  // namespace

std::span<const sys::Migration> migrations() {
    return kMigrations;
}

}  // namespace incidents
