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
)"},
                                                     {"content/0002_templates", R"(
-- What pages are made from, and what is public as lists read it: a row for each live page and for each list it is in.
ALTER TABLE section ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE section ADD COLUMN list_size BIGINT NOT NULL DEFAULT 20;
ALTER TABLE section ADD COLUMN archive TEXT NOT NULL DEFAULT 'none' CHECK (archive IN ('none', 'month', 'count'));
ALTER TABLE section ADD COLUMN archive_size BIGINT NOT NULL DEFAULT 50;
ALTER TABLE section ADD COLUMN has_feed BIGINT NOT NULL DEFAULT 0 CHECK (has_feed IN (0, 1));
CREATE TABLE template (
    id {id},
    kind TEXT NOT NULL CHECK (kind IN ('layout', 'page', 'part', 'menu', 'list', 'style')),
    name {key} NOT NULL UNIQUE,
    title TEXT NOT NULL,
    is_listed BIGINT NOT NULL CHECK (is_listed IN (0, 1)),
    live_id BIGINT,
    latest_id BIGINT,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE TABLE template_revision (
    id {id},
    template_id BIGINT NOT NULL REFERENCES template (id),
    number BIGINT NOT NULL,
    source TEXT NOT NULL,
    hash TEXT NOT NULL,
    state {key} NOT NULL CHECK (state IN ('draft', 'submitted', 'returned', 'live', 'replaced')),
    author_id BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    submitted_by BIGINT NOT NULL DEFAULT 0,
    submitted_at BIGINT NOT NULL DEFAULT 0,
    approved_by BIGINT NOT NULL DEFAULT 0,
    approved_at BIGINT NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    UNIQUE (template_id, number)
);
CREATE INDEX template_revision_by_state ON template_revision (state, id);
CREATE TABLE category (
    name {key} PRIMARY KEY,
    title TEXT NOT NULL,
    parent {key} NOT NULL,
    position BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX category_by_parent ON category (parent, position, name);
CREATE TABLE live_page (
    page_id BIGINT PRIMARY KEY REFERENCES page (id),
    path {key} NOT NULL UNIQUE,
    kind {key} NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    revision_id BIGINT NOT NULL,
    published_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX live_page_by_kind ON live_page (kind, page_id);
CREATE TABLE listing (
    list {key} NOT NULL,
    published_at BIGINT NOT NULL,
    page_id BIGINT NOT NULL REFERENCES page (id),
    place BIGINT,
    PRIMARY KEY (list, published_at, page_id)
);
CREATE INDEX listing_by_page ON listing (page_id, list);
CREATE INDEX listing_by_place ON listing (list, place);
CREATE TABLE redirect (
    path {key} PRIMARY KEY,
    status BIGINT NOT NULL CHECK (status IN (301, 302, 410)),
    location TEXT NOT NULL,
    made_at BIGINT NOT NULL
);
)"},
                                                     {"content/0003_not_live", R"(
-- On a grown site nearly all pages are live; the list of the others must not read past those.
CREATE INDEX page_not_live ON page (path) WHERE live_revision_id IS NULL;
CREATE INDEX page_not_live_by_change ON page (changed_at, id) WHERE live_revision_id IS NULL;
)"},
                                                     {"content/0004_presence", R"(
-- Who has which page's editing form open; a row means something for two minutes after it was renewed.
CREATE TABLE editing (
    page_id BIGINT NOT NULL REFERENCES page (id),
    person_id BIGINT NOT NULL,
    since BIGINT NOT NULL,
    renewed_at BIGINT NOT NULL,
    PRIMARY KEY (page_id, person_id)
);
)"},
                                                     {"content/0005_words_and_links", R"(
-- Any part of a title or path is found without reading every page, and who links to a page without reading every text.
{sqlite} CREATE VIRTUAL TABLE page_words USING fts5 (tokens, tokenize = 'ascii');
{postgres} CREATE TABLE page_words (page_id BIGINT PRIMARY KEY REFERENCES page (id), tokens TEXT NOT NULL);
{postgres} CREATE INDEX page_words_by_token ON page_words USING gin (string_to_array(tokens, ' ')) WITH (fastupdate = off);
CREATE TABLE page_link (
    page_id BIGINT NOT NULL REFERENCES page (id),
    source BIGINT NOT NULL CHECK (source IN (0, 1)),
    target BIGINT NOT NULL,
    PRIMARY KEY (page_id, source, target)
);
CREATE INDEX page_link_by_target ON page_link (target, page_id, source);
CREATE TABLE unfilled (
    what {key} PRIMARY KEY,
    after_page BIGINT NOT NULL
);
INSERT INTO unfilled (what, after_page) SELECT 'words', 0 WHERE EXISTS (SELECT 1 FROM page);
INSERT INTO unfilled (what, after_page) SELECT 'links', 0 WHERE EXISTS (SELECT 1 FROM page);
)"}};
    return kMigrations;
}

}  // namespace content
