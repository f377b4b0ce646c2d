#include "press/workflow/store.h"

namespace workflow {

std::span<const sys::Migration> migrations() {
    static constexpr sys::Migration kMigrations[] = {{"workflow/0001_standing", R"(
-- Where each page stands, what people said about which revision, and who is asked. A page without a row stands at 'none'.
-- due_at and ends_at are set only while the clock has something to do with the page.
CREATE TABLE standing (
    page_id BIGINT PRIMARY KEY REFERENCES page (id),
    state {key} NOT NULL CHECK (state IN ('none', 'draft', 'submitted', 'returned', 'approved', 'scheduled')),
    matter TEXT NOT NULL CHECK (matter IN ('publish', 'withdraw')),
    owner_id BIGINT NOT NULL,
    is_autosaved BIGINT NOT NULL CHECK (is_autosaved IN (0, 1)),
    revision_id BIGINT REFERENCES revision (id),
    revision_hash TEXT NOT NULL,
    submitted_by BIGINT NOT NULL,
    submitted_at BIGINT NOT NULL,
    round BIGINT NOT NULL,
    steps TEXT NOT NULL,
    step BIGINT NOT NULL,
    publish_at BIGINT NOT NULL,
    is_by_hand BIGINT NOT NULL CHECK (is_by_hand IN (0, 1)),
    withdraw_at BIGINT NOT NULL,
    end_reason TEXT NOT NULL,
    end_target TEXT NOT NULL,
    end_words TEXT NOT NULL,
    state_before TEXT NOT NULL,
    comment TEXT NOT NULL,
    problem TEXT NOT NULL,
    receipt_id BIGINT NOT NULL,
    live_until BIGINT NOT NULL,
    ended TEXT NOT NULL CHECK (ended IN ('never', 'expired', 'withdrawn')),
    ended_reason TEXT NOT NULL,
    ended_target TEXT NOT NULL,
    ended_words TEXT NOT NULL,
    ended_at BIGINT NOT NULL,
    last_live BIGINT NOT NULL,
    due_at BIGINT,
    ends_at BIGINT,
    changed_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX standing_by_owner ON standing (owner_id, state, changed_at, page_id);
CREATE INDEX standing_by_state ON standing (state, changed_at, page_id);
CREATE INDEX standing_by_due ON standing (due_at);
CREATE INDEX standing_by_end ON standing (ends_at);
CREATE TABLE approval (
    id {id},
    page_id BIGINT NOT NULL REFERENCES page (id),
    revision_id BIGINT NOT NULL REFERENCES revision (id),
    revision_hash TEXT NOT NULL,
    matter TEXT NOT NULL,
    round BIGINT NOT NULL,
    step BIGINT NOT NULL,
    groups_said BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    on_behalf_of BIGINT NOT NULL,
    said TEXT NOT NULL CHECK (said IN ('approve', 'return', 'approve-afterwards')),
    comment TEXT NOT NULL,
    said_at BIGINT NOT NULL
);
CREATE INDEX approval_by_page ON approval (page_id, id);
CREATE TABLE emergency (
    id {id},
    page_id BIGINT NOT NULL REFERENCES page (id),
    revision_id BIGINT NOT NULL REFERENCES revision (id),
    revision_hash TEXT NOT NULL,
    person_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    writers TEXT NOT NULL,
    findings TEXT NOT NULL,
    approved_by BIGINT NOT NULL DEFAULT 0,
    approved_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX emergency_by_page ON emergency (page_id, id);
CREATE INDEX emergency_by_approval ON emergency (approved_by, id);
CREATE TABLE asked (
    page_id BIGINT NOT NULL REFERENCES page (id),
    person_id BIGINT NOT NULL,
    on_behalf_of BIGINT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (page_id, person_id)
);
CREATE INDEX asked_by_person ON asked (person_id, page_id);
CREATE TABLE claimed_path (
    path {key} PRIMARY KEY,
    page_id BIGINT NOT NULL REFERENCES page (id)
);
CREATE INDEX claimed_path_by_page ON claimed_path (page_id);
CREATE TABLE approval_route (
    id {id},
    name TEXT NOT NULL,
    section {key} NOT NULL,
    department_id BIGINT NOT NULL,
    kind {key} NOT NULL CHECK (kind IN ('', 'taken-over', 'composed')),
    steps TEXT NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (section, department_id, kind)
);
)"},
                                                     {"workflow/0002_stuck", R"(
-- Pages that were to go public or come down and could not for a fault of the program or the database, until they can.
CREATE TABLE stuck (
    page_id BIGINT PRIMARY KEY REFERENCES page (id),
    problem TEXT NOT NULL,
    since BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    retry_at BIGINT NOT NULL
);
)"},
                                                     {"workflow/0003_wanted_path", R"(
-- Paths of the attachments of what is asked for or planned, so that who comes second hears of it when asking, not at
-- the approval.
CREATE TABLE wanted_path (
    path {key} PRIMARY KEY,
    page_id BIGINT NOT NULL REFERENCES page (id)
);
CREATE INDEX wanted_path_by_page ON wanted_path (page_id);
)"}};
    return kMigrations;
}

}  // namespace workflow
