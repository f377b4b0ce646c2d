#include "office/helpdesk/migrations.h"

namespace helpdesk {

namespace {

constexpr sys::Migration kMigrations[] = {{"helpdesk/0001_helpdesk", R"(
-- Questions of every channel with their messages and links; mails that came (also those that became no question);
-- the roster; answered questions for all to read; texts for answers; who may ask beside the site administrators.
CREATE TABLE desk_question (
    id {id},
    number {key} NOT NULL UNIQUE,
    token {key} NOT NULL UNIQUE,
    kind {key} NOT NULL CHECK (kind IN ('question', 'correction', 'consultation', 'fault', 'request')),
    is_urgent BIGINT NOT NULL CHECK (is_urgent IN (0, 1)),
    channel {key} NOT NULL CHECK (channel IN ('web', 'mail', 'phone', 'form')),
    state {key} NOT NULL CHECK (state IN ('open', 'waiting', 'closed')),
    title TEXT NOT NULL,
    asker_id BIGINT NOT NULL,
    asker_name TEXT NOT NULL,
    asker_address TEXT NOT NULL,
    asker_phone TEXT NOT NULL,
    is_referred BIGINT NOT NULL CHECK (is_referred IN (0, 1)),
    assignee_id BIGINT NOT NULL DEFAULT 0,
    received_at BIGINT NOT NULL,
    accepted_at BIGINT,
    answered_at BIGINT,
    closed_at BIGINT,
    waiting_since BIGINT,
    waited_minutes BIGINT NOT NULL DEFAULT 0,
    was_told BIGINT NOT NULL DEFAULT 0,
    fee {key} NOT NULL DEFAULT 'undecided' CHECK (fee IN ('undecided', 'inside', 'separate')),
    fee_why TEXT NOT NULL DEFAULT '',
    fee_by {key} NOT NULL DEFAULT '',
    fee_at BIGINT,
    minutes BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL DEFAULT 1,
    CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CHECK ((state = 'waiting') = (waiting_since IS NOT NULL))
);
CREATE INDEX desk_question_open ON desk_question (received_at) WHERE state <> 'closed';
CREATE INDEX desk_question_received ON desk_question (received_at);
CREATE INDEX desk_question_asker ON desk_question (asker_id, id);
CREATE TABLE desk_message (
    id {id},
    question_id BIGINT NOT NULL REFERENCES desk_question (id),
    what {key} NOT NULL CHECK (what IN ('asked', 'answered', 'called', 'note')),
    channel {key} NOT NULL CHECK (channel IN ('web', 'mail', 'phone', 'form')),
    made_by {key} NOT NULL,
    name TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    minutes BIGINT NOT NULL DEFAULT 0,
    is_automatic BIGINT NOT NULL CHECK (is_automatic IN (0, 1)),
    mail_id TEXT NOT NULL DEFAULT ''
);
CREATE INDEX desk_message_question ON desk_message (question_id, id);
CREATE INDEX desk_message_mail ON desk_message (mail_id) WHERE mail_id <> '';
CREATE INDEX desk_message_automatic ON desk_message (made_at) WHERE is_automatic = 1;
CREATE TABLE desk_link (
    question_id BIGINT NOT NULL REFERENCES desk_question (id),
    subject {key} NOT NULL,
    PRIMARY KEY (question_id, subject)
);
CREATE TABLE desk_mail (
    mail_key {key} PRIMARY KEY,
    question_id BIGINT NOT NULL,
    came_at BIGINT NOT NULL,
    sender TEXT NOT NULL,
    subject TEXT NOT NULL,
    outcome {key} NOT NULL,
    problem TEXT NOT NULL DEFAULT ''
);
CREATE INDEX desk_mail_came ON desk_mail (came_at);
CREATE TABLE desk_fetch (
    source {key} PRIMARY KEY,
    validity BIGINT NOT NULL DEFAULT 0,
    last_uid BIGINT NOT NULL DEFAULT 0,
    tried_at BIGINT NOT NULL DEFAULT 0,
    fetched_at BIGINT NOT NULL DEFAULT 0,
    problem TEXT NOT NULL DEFAULT ''
);
CREATE TABLE desk_roster (
    month {key} PRIMARY KEY,
    version BIGINT NOT NULL,
    set_by {key} NOT NULL,
    set_at BIGINT NOT NULL
);
CREATE TABLE desk_duty (
    day {key} NOT NULL,
    part {key} NOT NULL CHECK (part IN ('charge', 'engineer')),
    name TEXT NOT NULL,
    PRIMARY KEY (day, part)
);
CREATE TABLE desk_faq (
    id {id},
    topic TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    question_id BIGINT NOT NULL DEFAULT 0,
    is_published BIGINT NOT NULL CHECK (is_published IN (0, 1)),
    changed_by {key} NOT NULL,
    changed_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE TABLE desk_text (
    id {id},
    name TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE TABLE desk_asker (
    person_id BIGINT PRIMARY KEY,
    allowed_by {key} NOT NULL,
    allowed_at BIGINT NOT NULL
);
)"}};

}  // namespace

std::span<const sys::Migration> migrations() {
    return kMigrations;
}

}  // namespace helpdesk
