#include "watch/cutover/store.h"

namespace cutover {
namespace {

// A path is compared once a round: `is_due` says that the round has not come to it yet. What was accepted stands apart
// from the paths, since a list of the same servers may be made anew. There is one state: a site moves once at a time,
// and the ledger has what was before.
constexpr std::string_view kCutover = R"sql(
CREATE TABLE cutover_plan (
    version BIGINT PRIMARY KEY,
    document TEXT NOT NULL,
    paths BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    made_by TEXT NOT NULL
);
CREATE TABLE cutover_state (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    plan_version BIGINT NOT NULL DEFAULT 0,
    round BIGINT NOT NULL DEFAULT 0,
    wanted_at BIGINT,
    wanted_by TEXT NOT NULL DEFAULT '',
    wanted_open BIGINT NOT NULL DEFAULT 0,
    began_at BIGINT,
    ended_at BIGINT,
    problem TEXT NOT NULL DEFAULT '',
    switched_at BIGINT,
    switched_by TEXT NOT NULL DEFAULT '',
    finished_at BIGINT,
    rolled_back_at BIGINT,
    silent_since BIGINT,
    old_requests BIGINT,
    old_heard_at BIGINT,
    old_asked_at BIGINT,
    new_problem TEXT NOT NULL DEFAULT ''
);
CREATE TABLE cutover_path (
    id {id},
    path {key} NOT NULL UNIQUE,
    hits BIGINT NOT NULL,
    plan_version BIGINT NOT NULL,
    is_due BIGINT NOT NULL DEFAULT 1,
    outcome {key} NOT NULL DEFAULT '' CHECK (outcome IN ('', 'equal', 'different', 'accepted', 'failed')),
    kinds TEXT NOT NULL DEFAULT '',
    weight BIGINT NOT NULL DEFAULT 0,
    problem TEXT NOT NULL DEFAULT '',
    differences TEXT NOT NULL DEFAULT '[]',
    proposal TEXT NOT NULL DEFAULT '',
    checked_at BIGINT
);
CREATE INDEX cutover_path_due ON cutover_path (hits DESC, id) WHERE is_due = 1;
CREATE INDEX cutover_path_found ON cutover_path (outcome, hits DESC, weight DESC) WHERE outcome <> 'equal';
CREATE TABLE cutover_accepted (
    path {key} PRIMARY KEY,
    kinds TEXT NOT NULL,
    reason TEXT NOT NULL,
    accepted_by TEXT NOT NULL,
    accepted_at BIGINT NOT NULL
);
CREATE TABLE cutover_observed (
    id {key} PRIMARY KEY,
    is_well BIGINT NOT NULL,
    text TEXT NOT NULL,
    observed_at BIGINT NOT NULL
);
CREATE TABLE cutover_tick (
    id {key} PRIMARY KEY,
    note TEXT NOT NULL,
    ticked_by TEXT NOT NULL,
    ticked_at BIGINT NOT NULL
);
CREATE TABLE cutover_ttl (
    name {key} NOT NULL,
    type {key} NOT NULL,
    ttl BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (name, type, ttl)
);
CREATE TABLE cutover_paper (
    id {id},
    kind {key} NOT NULL CHECK (kind IN ('request', 'rollback')),
    plan_version BIGINT NOT NULL,
    hash {key} NOT NULL,
    html TEXT NOT NULL,
    text TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    made_by TEXT NOT NULL
);
CREATE TABLE cutover_resolver (
    address {key} PRIMARY KEY,
    state {key} NOT NULL CHECK (state IN ('new', 'old', 'mixed', 'other', 'silent')),
    answer TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    since_at BIGINT NOT NULL
);
)sql";

// The office asks for a look at what can be seen of the readiness; the watch looks.
constexpr std::string_view kLook = "ALTER TABLE cutover_state ADD COLUMN look_wanted_at BIGINT;";

}  // namespace

std::span<const sys::Migration> migrations() {
    static constexpr sys::Migration kSteps[] = {{"cutover/0001_cutover", kCutover}, {"cutover/0002_look", kLook}};
    return kSteps;
}

}  // namespace cutover
