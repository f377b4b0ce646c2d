// What signing in needs of an account beyond the Person that everybody sees, and the rule that keeps somebody in
// charge.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ground/people/accounts.h"

namespace people {

struct Account {
    Person person;
    std::string password_hash;
};
std::optional<Account> find_account(sys::Reader& db, std::string_view login_name);

/// The same password under today's settings of argon2id. No act, so no ledger line.
void renew_hash(sys::Transaction& tx, PersonId person, std::string_view old_hash, std::string_view new_hash);

/// Throws Error(NotAllowed) when `person` is the only active site administrator for the whole site.
void need_another_administrator(sys::Reader& db, PersonId person);

}  // namespace people
