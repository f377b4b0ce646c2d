// The tables of the registers.
#include "office/registers/store.h"

namespace registers {

namespace {

constexpr sys::Migration kMigrations[] = {{"registers/0001_register", R"(
-- Licences, ends of support, terminals, things lent, subcontractors, contacts: one table, since they differ in their
-- fields only. place tells two entries of one name apart (the version of a product).
CREATE TABLE register_entry (
    id {id},
    kind {key} NOT NULL,
    name {key} NOT NULL,
    place {key} NOT NULL,
    due_on {key},
    ended_on {key},
    fields TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX register_entry_name ON register_entry (kind, name, place) WHERE ended_on IS NULL;
CREATE TABLE terminal_state (
    entry_id BIGINT PRIMARY KEY REFERENCES register_entry (id),
    token_hash {key} NOT NULL,
    reported_at BIGINT,
    recorded_at BIGINT,
    signatures_at BIGINT,
    product TEXT NOT NULL,
    is_on BIGINT NOT NULL CHECK (is_on IN (0, 1)),
    is_fresh BIGINT NOT NULL CHECK (is_fresh IN (0, 1)),
    detections BIGINT NOT NULL
);
)"}};

}  // namespace

std::span<const sys::Migration> migrations() {
    return kMigrations;
}

}  // namespace registers
