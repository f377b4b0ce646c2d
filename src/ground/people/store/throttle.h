// Counting tries, shared by all servers. A try is counted as a failure before it is judged and given back when it was
// good. Login names stand in the table as hashes: people type their password into the wrong field.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ground/people/sign_in.h"

namespace people {

std::string throttle_key(std::string_view login_name);
/// One address, or the /64 network of an IPv6 address: a host has all of it.
std::string throttle_key(const Address& address);

struct Try {
    std::string who;
    int failures = 0;           ///< with this one
    base::Instant at;           ///< of this one
    base::Instant last_before;  ///< of the one before
};

std::optional<base::Instant> find_waiting(sys::Reader& db, const std::string& who, const Waits& waits,
                                          std::chrono::hours forget_after, base::Instant now);
/// Also removes rows that no longer count.
Try count_try(sys::Transaction& tx, const std::string& who, std::chrono::hours forget_after, base::Instant now);
/// As if it had not been.
void give_back(sys::Transaction& tx, const Try& one);
void clear_tries(sys::Transaction& tx, const std::string& who);

}  // namespace people
