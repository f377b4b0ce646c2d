#include "office/stops/stop.h"

namespace stops {

namespace {

constexpr sys::Migration kMigrations[] = {{"stops/0001_stop", R"(
-- Planned stops; `round` counts what has to be told (the plan, each change, the cancellation), and planned_stop_told has
-- one row for each round and audience that was. emergency_report follows each emergency stop to its report.
CREATE TABLE planned_stop (
    id {id},
    number {key} NOT NULL UNIQUE,
    title TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    stops_public BIGINT NOT NULL CHECK (stops_public IN (0, 1)),
    freezes BIGINT NOT NULL CHECK (freezes IN (0, 1)),
    what TEXT NOT NULL,
    works TEXT NOT NULL,
    reason TEXT NOT NULL,
    contact TEXT NOT NULL,
    work TEXT NOT NULL,
    decider TEXT NOT NULL,
    tree TEXT NOT NULL,
    rollback_at BIGINT,
    unavoidable TEXT NOT NULL,
    state {key} NOT NULL CHECK (state IN ('planned', 'running', 'ended', 'cancelled')),
    residents_by BIGINT,
    staff_by BIGINT,
    round BIGINT NOT NULL DEFAULT 1,
    page_id BIGINT NOT NULL DEFAULT 0,
    revision_id BIGINT NOT NULL DEFAULT 0,
    cancelled_why TEXT NOT NULL DEFAULT '',
    started_at BIGINT,
    ended_at BIGINT,
    cancelled_at BIGINT,
    made_by {key} NOT NULL,
    made_at BIGINT NOT NULL,
    once_key {key} NOT NULL UNIQUE,
    version BIGINT NOT NULL DEFAULT 1,
    CHECK (ends_at > starts_at)
);
CREATE INDEX planned_stop_open ON planned_stop (starts_at) WHERE state IN ('planned', 'running');
CREATE TABLE planned_stop_told (
    stop_id BIGINT NOT NULL REFERENCES planned_stop (id),
    round BIGINT NOT NULL,
    audience {key} NOT NULL CHECK (audience IN ('residents', 'staff')),
    at BIGINT NOT NULL,
    proof TEXT NOT NULL,
    by_whom {key} NOT NULL,
    PRIMARY KEY (stop_id, round, audience)
);
CREATE TABLE emergency_report (
    subject {key} PRIMARY KEY,
    stopped_at BIGINT NOT NULL,
    resumed_at BIGINT,
    part {key} NOT NULL,
    by_whom {key} NOT NULL,
    second_whom {key} NOT NULL,
    reason TEXT NOT NULL,
    notice TEXT NOT NULL,
    document_id BIGINT NOT NULL DEFAULT 0,
    delivery_id BIGINT NOT NULL DEFAULT 0,
    reported_at BIGINT
);
)"}};

}  // namespace

std::span<const sys::Migration> migrations() {
    return kMigrations;
}

}  // namespace stops
