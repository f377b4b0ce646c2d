#include "press/content/store.h"

namespace content {

std::span<const sys::Migration> migrations() {
    static constexpr sys::Migration kMigrations[] = {{"content/0001_pages", R"(
-- Pages point at immutable revisions: one may be live, one is the latest. A live page stays as it is while its next
-- revision is written.
CREATE TABLE section (
    id {id},
    path {key} NOT NULL UNIQUE,
    title TEXT NOT NULL,
    parent_id BIGINT REFERENCES section (id),
    department_id BIGINT,
    position BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX section_by_parent ON section (parent_id, position, path);
CREATE TABLE page (
    id {id},
    path {key} NOT NULL UNIQUE,
    section_id BIGINT NOT NULL REFERENCES section (id),
    kind TEXT NOT NULL CHECK (kind IN ('taken-over', 'composed')),
    title TEXT NOT NULL,
    department_id BIGINT,
    latest_revision_id BIGINT,
    live_revision_id BIGINT,
    encoding TEXT NOT NULL,
    language TEXT NOT NULL,
    document_hash TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    live_since BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX page_by_section ON page (section_id, path);
CREATE INDEX page_by_change ON page (changed_at, id);
CREATE INDEX page_by_title ON page (title, id);
CREATE INDEX page_by_department ON page (department_id, path);
CREATE INDEX page_by_live ON page (section_id, live_since);
CREATE TABLE revision (
    id {id},
    page_id BIGINT NOT NULL REFERENCES page (id),
    number BIGINT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    hash TEXT NOT NULL,
    author_id BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    based_on BIGINT,
    note TEXT NOT NULL DEFAULT '',
    UNIQUE (page_id, number)
);
CREATE TABLE page_region (
    page_id BIGINT NOT NULL REFERENCES page (id),
    name TEXT NOT NULL,
    begin_at BIGINT NOT NULL,
    end_at BIGINT NOT NULL,
    context TEXT NOT NULL,
    PRIMARY KEY (page_id, name)
);
CREATE TABLE asset (
    id {id},
    path {key} NOT NULL UNIQUE,
    hash TEXT NOT NULL,
    size BIGINT NOT NULL,
    type TEXT NOT NULL,
    charset TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
)"}};
    return kMigrations;
}

}  // namespace content
