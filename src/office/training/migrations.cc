// The tables of the training room.
#include "office/training/store.h"

namespace training {

namespace {

constexpr sys::Migration kMigrations[] = {{"training/0001_training", R"(
-- Training sessions with who came, what was agreed with the client, said by trainees, and handed over. On a training
-- site only training_answer is used, with session 0.
CREATE TABLE training_course (
    course {key} PRIMARY KEY CHECK (course IN ('author', 'approver', 'administrator')),
    people BIGINT NOT NULL,
    sessions BIGINT NOT NULL,
    seats BIGINT NOT NULL,
    minutes BIGINT NOT NULL,
    contents TEXT NOT NULL,
    version BIGINT NOT NULL
);
CREATE TABLE training_session (
    id {id},
    course {key} NOT NULL CHECK (course IN ('author', 'approver', 'administrator')),
    starts_at BIGINT NOT NULL,
    minutes BIGINT NOT NULL,
    seats BIGINT NOT NULL,
    place TEXT NOT NULL,
    teacher TEXT NOT NULL,
    note TEXT NOT NULL,
    makes_up_for BIGINT NOT NULL,
    state {key} NOT NULL CHECK (state IN ('planned', 'open', 'held', 'cancelled')),
    opened_at BIGINT,
    held_at BIGINT,
    is_open BIGINT NOT NULL CHECK (is_open IN (0, 1)),
    reason TEXT NOT NULL,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX training_session_open ON training_session (is_open) WHERE is_open = 1;
CREATE TABLE training_attendee (
    id {id},
    session_id BIGINT NOT NULL REFERENCES training_session (id),
    name TEXT NOT NULL,
    department TEXT NOT NULL,
    seat BIGINT NOT NULL,
    presence {key} NOT NULL CHECK (presence IN ('expected', 'came', 'absent'))
);
CREATE INDEX training_attendee_session ON training_attendee (session_id);
CREATE TABLE training_answer (
    session_id BIGINT NOT NULL,
    seat BIGINT NOT NULL,
    understood BIGINT NOT NULL CHECK (understood BETWEEN 1 AND 5),
    useful BIGINT NOT NULL CHECK (useful BETWEEN 1 AND 5),
    pace BIGINT NOT NULL CHECK (pace BETWEEN 1 AND 5),
    words TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (session_id, seat)
);
CREATE TABLE training_agreement (
    fiscal_year BIGINT PRIMARY KEY,
    agreed_on {key} NOT NULL,
    agreed_with TEXT NOT NULL,
    method TEXT NOT NULL
);
CREATE TABLE training_delivery (
    id {id},
    session_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    version TEXT NOT NULL,
    medium TEXT NOT NULL,
    hash {key} NOT NULL,
    delivered_at BIGINT NOT NULL,
    received_by TEXT NOT NULL,
    received_at BIGINT
);
)"},
                                          {"training/0002_once", R"(
-- What a form has made: a second press of its button does nothing.
ALTER TABLE training_session ADD COLUMN once_key {key};
CREATE UNIQUE INDEX training_session_once ON training_session (once_key);
ALTER TABLE training_delivery ADD COLUMN once_key {key};
CREATE UNIQUE INDEX training_delivery_once ON training_delivery (once_key);
)"}};

}  // namespace

std::span<const sys::Migration> migrations() {
    return kMigrations;
}

}  // namespace training
