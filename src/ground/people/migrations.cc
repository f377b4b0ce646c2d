#include "ground/people/migrations.h"

namespace people {

namespace {

// Days are ISO dates and compared as such; instants are UTC milliseconds. A person or department is never deleted: the
// ledger and the pages name it.
constexpr std::string_view kAccounts = R"(
CREATE TABLE department (
    id {id},
    parent_id BIGINT REFERENCES department(id),
    code {key} NOT NULL UNIQUE,
    name TEXT NOT NULL CHECK (name <> ''),
    kana TEXT NOT NULL,
    phone TEXT NOT NULL,
    mail TEXT NOT NULL,
    place TEXT NOT NULL,
    valid_from {key} NOT NULL,
    valid_until {key},
    successor_id BIGINT REFERENCES department(id),
    version BIGINT NOT NULL
);
CREATE TABLE person (
    id {id},
    login_name {key} NOT NULL UNIQUE,
    name TEXT NOT NULL CHECK (name <> ''),
    kana TEXT NOT NULL,
    mail TEXT NOT NULL,
    state {key} NOT NULL CHECK (state IN ('active', 'locked', 'left')),
    source {key} NOT NULL CHECK (source IN ('local', 'ldap')),
    password_hash TEXT NOT NULL,
    must_change_password BIGINT NOT NULL CHECK (must_change_password IN (0, 1)),
    successor_id BIGINT REFERENCES person(id),
    version BIGINT NOT NULL
);
CREATE TABLE membership (
    person_id BIGINT NOT NULL REFERENCES person(id),
    department_id BIGINT NOT NULL REFERENCES department(id),
    valid_from {key} NOT NULL,
    valid_until {key},
    PRIMARY KEY (person_id, department_id, valid_from)
);
CREATE INDEX membership_by_department ON membership (department_id);
CREATE TABLE role_grant (
    id {id},
    person_id BIGINT NOT NULL REFERENCES person(id),
    role {key} NOT NULL CHECK (role IN ('author', 'approver', 'site-administrator', 'operator', 'maintenance-manager',
                                        'maintenance-lead', 'auditor')),
    department_id BIGINT REFERENCES department(id),
    section {key} NOT NULL
);
CREATE INDEX role_grant_by_person ON role_grant (person_id);
CREATE TABLE absence (
    id {id},
    person_id BIGINT NOT NULL REFERENCES person(id),
    deputy_id BIGINT NOT NULL REFERENCES person(id),
    from_on {key} NOT NULL,
    until_on {key} NOT NULL,
    reason TEXT NOT NULL,
    CHECK (person_id <> deputy_id),
    CHECK (from_on <= until_on)
);
CREATE INDEX absence_by_deputy ON absence (deputy_id);
)";

// A session's id is the SHA-256 of its token. A throttle row's failures count from 0 again once its last one is a day
// old. `pending` is a second factor's secret that no code has confirmed yet.
constexpr std::string_view kSignIn = R"(
CREATE TABLE person_session (
    id {key} NOT NULL PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person(id),
    stage {key} NOT NULL CHECK (stage IN ('factor', 'enrol', 'password', 'open')),
    made_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    proved_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL
);
CREATE INDEX person_session_by_person ON person_session (person_id);
CREATE TABLE sign_in_throttle (
    who {key} NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);
CREATE INDEX sign_in_throttle_by_time ON sign_in_throttle (last_at);
CREATE TABLE second_factor (
    person_id BIGINT NOT NULL PRIMARY KEY REFERENCES person(id),
    secret {blob},
    pending {blob},
    last_step BIGINT NOT NULL
);
CREATE TABLE recovery_code (
    person_id BIGINT NOT NULL REFERENCES person(id),
    hash {key} NOT NULL,
    PRIMARY KEY (person_id, hash)
);
)";

// Roles hold for a time (a project, a substitute), and lists of people are read in the order of their names.
constexpr std::string_view kTerms = R"(
ALTER TABLE role_grant ADD COLUMN valid_from {key};
ALTER TABLE role_grant ADD COLUMN valid_until {key};
CREATE INDEX role_grant_by_role ON role_grant (role, person_id);
CREATE INDEX role_grant_by_department ON role_grant (department_id);
CREATE INDEX person_by_kana ON person (kana, id);
CREATE INDEX department_by_parent ON department (parent_id);
)";

}  // namespace

std::span<const sys::Migration> migrations() {
    static constexpr sys::Migration kSteps[] = {
        {"people/0001_accounts", kAccounts}, {"people/0002_sign_in", kSignIn}, {"people/0003_terms", kTerms}};
    return kSteps;
}

}  // namespace people
