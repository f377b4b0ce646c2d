#include "office/vulnerabilities/store.h"

namespace vulnerabilities {
namespace {

constexpr std::string_view kVulnerability = R"sql(
-- What we have, what was told, and what came of it. An advisory is kept whole as JSON, so that it can be compared anew
-- when the inventory changes; vulnerability_alias makes one record of what several sources tell.
CREATE TABLE component (
    id {id},
    kind {key} NOT NULL CHECK (kind IN ('debian', 'part', 'npm', 'script', 'manual')),
    name {key} NOT NULL,
    version {key} NOT NULL,
    source {key} NOT NULL DEFAULT '',
    source_version TEXT NOT NULL DEFAULT '',
    vendor TEXT NOT NULL DEFAULT '',
    cpe TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    places TEXT NOT NULL DEFAULT '',
    place_count BIGINT NOT NULL DEFAULT 0,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    gone_at BIGINT,
    UNIQUE (kind, name, version)
);
CREATE TABLE inventory_taken (
    kind {key} PRIMARY KEY,
    taken_at BIGINT NOT NULL
);
CREATE TABLE advisory_feed (
    name {key} PRIMARY KEY,
    etag TEXT NOT NULL DEFAULT '',
    last_modified TEXT NOT NULL DEFAULT '',
    asked_at BIGINT,
    good_at BIGINT,
    problem TEXT NOT NULL DEFAULT '',
    items BIGINT NOT NULL DEFAULT 0,
    left_out BIGINT NOT NULL DEFAULT 0,
    hash TEXT NOT NULL DEFAULT '',
    has_gap BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE vulnerability (
    id {id},
    number {key} NOT NULL UNIQUE,
    title TEXT NOT NULL,
    summary TEXT NOT NULL DEFAULT '',
    severity {key} NOT NULL,
    score {real} NOT NULL DEFAULT -1,
    score_version TEXT NOT NULL DEFAULT '',
    received_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    verdict {key} NOT NULL DEFAULT '' CHECK (verdict IN ('', 'not-ours', 'unaffected', 'act', 'watch')),
    reason TEXT NOT NULL DEFAULT '',
    action TEXT NOT NULL DEFAULT '',
    judged_by TEXT NOT NULL DEFAULT '',
    judged_at BIGINT,
    review_on {key} NOT NULL DEFAULT '',
    reported_at BIGINT,
    fixed_at BIGINT,
    is_withdrawn BIGINT NOT NULL DEFAULT 0,
    change BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX vulnerability_verdict ON vulnerability (verdict, due_at);
CREATE TABLE advisory (
    id {id},
    source {key} NOT NULL,
    external_id {key} NOT NULL,
    title TEXT NOT NULL,
    document TEXT NOT NULL,
    hash {key} NOT NULL,
    published_at BIGINT,
    modified_at BIGINT,
    received_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    is_withdrawn BIGINT NOT NULL DEFAULT 0,
    vulnerability_id BIGINT REFERENCES vulnerability (id),
    UNIQUE (source, external_id)
);
CREATE INDEX advisory_record ON advisory (vulnerability_id);
CREATE INDEX advisory_received ON advisory (received_at);
CREATE TABLE vulnerability_alias (
    alias {key} PRIMARY KEY,
    vulnerability_id BIGINT NOT NULL REFERENCES vulnerability (id)
);
CREATE TABLE vulnerability_concern (
    id {id},
    vulnerability_id BIGINT NOT NULL REFERENCES vulnerability (id),
    component_id BIGINT NOT NULL REFERENCES component (id),
    source {key} NOT NULL,
    basis TEXT NOT NULL,
    is_sure BIGINT NOT NULL,
    is_over BIGINT NOT NULL DEFAULT 0,
    seen_at BIGINT NOT NULL,
    UNIQUE (vulnerability_id, component_id, source)
);
CREATE TABLE vulnerability_judgement (
    id {id},
    vulnerability_id BIGINT NOT NULL REFERENCES vulnerability (id),
    verdict {key} NOT NULL,
    reason TEXT NOT NULL,
    action TEXT NOT NULL,
    judged_by TEXT NOT NULL,
    judged_at BIGINT NOT NULL,
    review_on TEXT NOT NULL
);
CREATE INDEX vulnerability_judgement_record ON vulnerability_judgement (vulnerability_id, id);
)sql";

constexpr std::string_view kPatch = R"sql(
-- A correction or a new version on its way into production: each step is kept with who, when and what was said.
-- patch_subject: the weaknesses and handed-over packages that it answers.
CREATE TABLE patch (
    id {id},
    kind {key} NOT NULL CHECK (kind IN ('patch', 'version')),
    title TEXT NOT NULL,
    component TEXT NOT NULL,
    version_from TEXT NOT NULL DEFAULT '',
    version_to TEXT NOT NULL DEFAULT '',
    published_at BIGINT NOT NULL,
    found_at BIGINT NOT NULL,
    state {key} NOT NULL CHECK (state IN ('found', 'examined', 'agreed', 'tested', 'applied', 'declined')),
    window_from BIGINT,
    window_to BIGINT,
    staging TEXT NOT NULL DEFAULT '',
    is_tested BIGINT NOT NULL DEFAULT 0,
    is_emergency BIGINT NOT NULL DEFAULT 0,
    applied_at BIGINT,
    change BIGINT NOT NULL DEFAULT 1
);
CREATE TABLE patch_subject (
    patch_id BIGINT NOT NULL REFERENCES patch (id),
    subject {key} NOT NULL,
    PRIMARY KEY (patch_id, subject)
);
CREATE INDEX patch_subject_subject ON patch_subject (subject);
CREATE TABLE patch_step (
    id {id},
    patch_id BIGINT NOT NULL REFERENCES patch (id),
    step {key} NOT NULL,
    text TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL
);
CREATE INDEX patch_step_patch ON patch_step (patch_id, id);
CREATE TABLE patch_test (
    id {id},
    patch_id BIGINT NOT NULL REFERENCES patch (id),
    run BIGINT NOT NULL,
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    is_good BIGINT NOT NULL,
    result TEXT NOT NULL
);
CREATE INDEX patch_test_patch ON patch_test (patch_id, run, position);
)sql";

constexpr std::string_view kInspection = R"sql(
-- The yearly inspection: who looked, how independent they are, what they found, and what the second look said.
CREATE TABLE inspection (
    id {id},
    number {key} NOT NULL UNIQUE,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    independence TEXT NOT NULL,
    scope TEXT NOT NULL,
    begins_on {key} NOT NULL,
    ends_on {key} NOT NULL DEFAULT '',
    next_on {key} NOT NULL DEFAULT '',
    reported_at BIGINT,
    reported_to TEXT NOT NULL DEFAULT '',
    made_at BIGINT NOT NULL,
    made_by TEXT NOT NULL,
    change BIGINT NOT NULL DEFAULT 1
);
CREATE TABLE inspection_finding (
    id {id},
    inspection_id BIGINT NOT NULL REFERENCES inspection (id),
    tool {key} NOT NULL,
    finding_key {key} NOT NULL,
    title TEXT NOT NULL,
    severity {key} NOT NULL,
    place TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    state {key} NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'mended', 'cleared')),
    note TEXT NOT NULL DEFAULT '',
    found_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    decided_by TEXT NOT NULL DEFAULT '',
    decided_at BIGINT,
    retested_at BIGINT,
    UNIQUE (inspection_id, tool, finding_key)
);
)sql";

constexpr std::string_view kOnce = R"sql(
-- What a form has made: a second press of its button does nothing. And on which host something was found: a second look
-- at one says nothing of another.
ALTER TABLE vulnerability ADD COLUMN once_key {key};
CREATE UNIQUE INDEX vulnerability_once ON vulnerability (once_key);
ALTER TABLE patch ADD COLUMN once_key {key};
CREATE UNIQUE INDEX patch_once ON patch (once_key);
ALTER TABLE inspection ADD COLUMN once_key {key};
CREATE UNIQUE INDEX inspection_once ON inspection (once_key);
ALTER TABLE inspection_finding ADD COLUMN host TEXT NOT NULL DEFAULT '';
)sql";

constexpr std::string_view kFeed = R"sql(
-- Feeds that come and say nothing: one that stands still, one that has lost half of what it had.
ALTER TABLE advisory_feed ADD COLUMN changed_at BIGINT;
ALTER TABLE advisory_feed ADD COLUMN usual BIGINT NOT NULL DEFAULT 0;
CREATE INDEX advisory_external ON advisory (external_id);
)sql";

constexpr sys::Migration kMigrations[] = {{"vulnerabilities/0001_vulnerability", kVulnerability},
                                          {"vulnerabilities/0002_patch", kPatch},
                                          {"vulnerabilities/0003_inspection", kInspection},
                                          {"vulnerabilities/0004_once", kOnce},
                                          {"vulnerabilities/0005_feed", kFeed}};

}  // namespace

std::span<const sys::Migration> migrations() {
    return kMigrations;
}

}  // namespace vulnerabilities
