// The tables of visits, proposals and news.
#include "office/visits/store.h"

namespace visits {

namespace {

constexpr sys::Migration kMigrations[] = {{"visits/0001_visit", R"(
-- Visits to the client with their record, what was proposed, and what watched sources have said.
CREATE TABLE visit (
    id {id},
    starts_at BIGINT NOT NULL,
    place TEXT NOT NULL,
    visitors TEXT NOT NULL,
    hosts TEXT NOT NULL,
    purpose TEXT NOT NULL,
    minutes TEXT NOT NULL,
    state {key} NOT NULL CHECK (state IN ('planned', 'done', 'cancelled')),
    done_at BIGINT,
    figures TEXT NOT NULL,
    version BIGINT NOT NULL
);
CREATE TABLE proposal (
    id {id},
    visit_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    answer {key} NOT NULL CHECK (answer IN ('open', 'accepted', 'declined', 'later')),
    decided_on {key},
    decided_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    version BIGINT NOT NULL
);
CREATE TABLE watched_source (
    id {id},
    name TEXT NOT NULL,
    url {key} NOT NULL UNIQUE,
    fetched_at BIGINT,
    tried_at BIGINT NOT NULL,
    problem TEXT NOT NULL
);
CREATE TABLE watched_item (
    source_id BIGINT NOT NULL REFERENCES watched_source (id),
    item_key {key} NOT NULL,
    title TEXT NOT NULL,
    url TEXT NOT NULL,
    published_on {key},
    found_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    is_first BIGINT NOT NULL CHECK (is_first IN (0, 1)),
    PRIMARY KEY (source_id, item_key)
);
CREATE INDEX watched_item_found ON watched_item (found_at);
)"},
                                          {"visits/0002_once", R"(
-- What a form has made: a second press of its button does nothing.
ALTER TABLE visit ADD COLUMN once_key {key};
CREATE UNIQUE INDEX visit_once ON visit (once_key);
ALTER TABLE proposal ADD COLUMN once_key {key};
CREATE UNIQUE INDEX proposal_once ON proposal (once_key);
)"}};

}  // namespace

std::span<const sys::Migration> migrations() {
    return kMigrations;
}

}  // namespace visits
