#include "press/frames/store.h"

namespace frames {

std::span<const sys::Migration> migrations() {
    static constexpr sys::Migration kMigrations[] = {{"frames/0001_groups", R"(
-- Taken-over pages that are laid out alike, and the region that the administrator accepted for them.
CREATE TABLE frame_group (
    id {id},
    state {key} NOT NULL CHECK (state IN ('proposed', 'accepted')),
    selector TEXT NOT NULL,
    proposed TEXT NOT NULL,
    pages BIGINT NOT NULL,
    covered BIGINT NOT NULL,
    found_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE TABLE frame_part (
    id {id},
    group_id BIGINT NOT NULL REFERENCES frame_group (id),
    position BIGINT NOT NULL,
    kind TEXT NOT NULL,
    selector TEXT NOT NULL,
    present BIGINT NOT NULL,
    same BIGINT NOT NULL,
    looked_at BIGINT NOT NULL
);
CREATE INDEX frame_part_by_group ON frame_part (group_id, position);
CREATE TABLE frame_page (
    page_id BIGINT PRIMARY KEY REFERENCES page (id),
    group_id BIGINT NOT NULL REFERENCES frame_group (id),
    is_covered BIGINT NOT NULL CHECK (is_covered IN (0, 1))
);
CREATE INDEX frame_page_by_group ON frame_page (group_id, is_covered, page_id);
)"},
                                                     {"frames/0002_places", R"(
-- Where the parts that a frame's pages share stand in each of them.
CREATE TABLE frame_place (
    page_id BIGINT NOT NULL REFERENCES page (id),
    name {key} NOT NULL,
    begin_at BIGINT NOT NULL,
    end_at BIGINT NOT NULL,
    context TEXT NOT NULL,
    PRIMARY KEY (page_id, name)
);
CREATE INDEX frame_place_by_name ON frame_place (name, page_id);
)"},
                                                     {"frames/0003_restyles", R"(
-- Requests to make a group's pages anew from a page type, and which revisions of which pages came of it.
CREATE TABLE frame_restyle (
    id {id},
    group_id BIGINT NOT NULL REFERENCES frame_group (id),
    page_type {key} NOT NULL,
    state {key} NOT NULL CHECK (state IN ('submitted', 'returned', 'live', 'taken-back')),
    hash TEXT NOT NULL,
    pages BIGINT NOT NULL,
    asked_by BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    decided_by BIGINT NOT NULL DEFAULT 0,
    decided_at BIGINT NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX frame_restyle_by_group ON frame_restyle (group_id, id);
CREATE TABLE frame_restyle_page (
    restyle_id BIGINT NOT NULL REFERENCES frame_restyle (id),
    page_id BIGINT NOT NULL REFERENCES page (id),
    before_revision BIGINT NOT NULL REFERENCES revision (id),
    after_revision BIGINT NOT NULL REFERENCES revision (id),
    PRIMARY KEY (restyle_id, page_id)
);
)"},
                                                     {"frames/0004_why", R"(
-- Why a change of page type is asked for; and what waits is found at once, for everybody's first screen.
ALTER TABLE frame_restyle ADD COLUMN note TEXT NOT NULL DEFAULT '';
CREATE INDEX frame_restyle_by_state ON frame_restyle (state, id);
)"},
                                                     {"frames/0005_folder_of_place", R"(
-- For which folder the addresses of a shared part are written: '.' = for the page's own, '' = for the top.
ALTER TABLE frame_place ADD COLUMN folder TEXT NOT NULL DEFAULT '.';
)"},
                                                     {"frames/0006_mapping", R"(
-- Which region of the old pages goes into which field of the new type: "main=body&side=notes".
ALTER TABLE frame_restyle ADD COLUMN mapping TEXT NOT NULL DEFAULT '';
)"}};
    return kMigrations;
}

}  // namespace frames
