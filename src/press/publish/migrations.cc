#include "press/publish/queue.h"

namespace publish {

std::span<const sys::Migration> migrations() {
    static constexpr sys::Migration kMigrations[] = {{"publish/0001_queue", R"(
-- What must be rendered again, what each source yielded and what it read, and the receipts of publications.
CREATE TABLE dirty_key (
    sequence {id},
    key {key} NOT NULL,
    marked_at BIGINT NOT NULL,
    cause BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE source (
    source {key} PRIMARY KEY,
    changes_at BIGINT
);
CREATE INDEX source_by_change ON source (changes_at);
CREATE TABLE output (
    path {key} PRIMARY KEY,
    source {key} NOT NULL
);
CREATE INDEX output_by_source ON output (source);
CREATE TABLE dependency (
    source {key} NOT NULL,
    key {key} NOT NULL,
    PRIMARY KEY (source, key)
);
CREATE INDEX dependency_by_key ON dependency (key, source);
CREATE TABLE receipt (
    id {id},
    kind TEXT NOT NULL,
    page_id BIGINT,
    revision_id BIGINT,
    person_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'placed', 'checked', 'failed')),
    release_number BIGINT,
    changes TEXT NOT NULL DEFAULT '',
    placed_at BIGINT,
    checked_at BIGINT,
    problem TEXT NOT NULL DEFAULT ''
);
CREATE INDEX receipt_by_page ON receipt (page_id, id);
CREATE INDEX receipt_by_state ON receipt (state, id);
CREATE INDEX receipt_by_release ON receipt (release_number);
)"},
                                                     {"publish/0002_failed", R"(
-- Sources that could not be rendered, until they can; and texts to compare with the next time.
CREATE TABLE failed_source (
    source {key} PRIMARY KEY,
    problem TEXT NOT NULL,
    since BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL
);
CREATE TABLE publish_note (
    name {key} PRIMARY KEY,
    text TEXT NOT NULL
);
)"},
                                                     {"publish/0003_unplaced", R"(
-- Paths of a placed release whose object is missing or damaged, until it is back.
CREATE TABLE unplaced_path (
    path {key} PRIMARY KEY,
    release_number BIGINT NOT NULL,
    problem TEXT NOT NULL,
    since BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL
);
CREATE INDEX unplaced_path_by_release ON unplaced_path (release_number);
)"}};
    return kMigrations;
}

}  // namespace publish
