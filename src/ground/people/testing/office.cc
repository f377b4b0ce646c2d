#include "ground/people/testing/office.h"

#include <algorithm>

#include "ground/ledger/store.h"
#include "ground/people/migrations.h"
#include "ground/sys/crypto.h"

namespace people::testing {

namespace {

std::vector<sys::Migration> all_of(const std::vector<sys::Migration>& more) {
    std::vector<sys::Migration> all(ledger::migrations().begin(), ledger::migrations().end());
    all.insert(all.end(), migrations().begin(), migrations().end());
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

}  // namespace

TestOffice::TestOffice(std::string_view engine, const std::vector<sys::Migration>& more)
    : options_(store_.make_for(engine, all_of(more))), db_(sys::Database::open(options_)) {
    sys::migrate(*db_, all_of(more));
}

DepartmentId TestOffice::add_department(std::string code, std::optional<DepartmentId> parent) {
    Department made;
    made.parent = parent;
    made.name = "課 " + code;
    made.code = std::move(code);
    made.valid_from = {2020, 4, 1};
    return db_->write([&](sys::Transaction& tx) { return people::add_department(tx, made, by()); });
}

PersonId TestOffice::add_person(std::string login_name, std::initializer_list<Role> roles,
                                std::optional<DepartmentId> department) {
    static const std::string hash = sys::hash_password(kPassword);
    Person made;
    made.name = "名前 " + login_name;
    made.login_name = std::move(login_name);
    if (department) made.memberships = {{*department, {2020, 4, 1}, {}}};
    return db_->write([&](sys::Transaction& tx) {
        const PersonId id = people::add_person(tx, made, hash, by());
        for (const Role role : roles) add_grant(tx, {{}, id, role, {}, {}}, by());
        return id;
    });
}

Actor TestOffice::actor(PersonId person) {
    return db_->read([&](sys::Reader& db) { return load_actor(db, person, clock.now()); });
}

SignInDesk TestOffice::desk(sys::Database& db) const {
    SignInDesk made{db, clock, {}, std::string(32, 'k'), {}};
    made.authenticators.push_back(std::make_unique<LocalAuthenticator>());
    return made;
}

Peer TestOffice::peer(std::string_view address) {
    return {parse_address(address).value(), "Mozilla/5.0 (test)"};
}

std::vector<std::string> TestOffice::ledger() {
    ledger::Search search;
    search.limit = 1000;
    std::vector<std::string> acts;
    for (const ledger::Line& line : db_->read([&](sys::Reader& db) { return ledger::find_lines(db, search); }))
        acts.push_back(line.entry.act + " " + line.entry.subject);
    std::reverse(acts.begin(), acts.end());
    return acts;
}

}  // namespace people::testing
