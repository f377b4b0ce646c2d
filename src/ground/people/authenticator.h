// Who says whether a password is right: our own store, or the city's directory. One interface, one suite of tests for
// all.
#pragma once

#include <string>
#include <string_view>

#include "ground/people/model.h"

namespace people {

enum class Proof {
    Right,
    Wrong,
    Unknown,     ///< the directory does not know the name
    Disabled,    ///< known there and shut out there: disabled, locked, expired
    Unreachable  ///< could not be asked
};

struct ProofResult {
    Proof proof = Proof::Wrong;
    std::string why;  ///< for the log only: the person at the screen hears "wrong name or password" in each case
};

class Authenticator {
  public:
    virtual ~Authenticator() = default;
    virtual Source source() const = 0;
    /// `stored_hash` is what our store holds for the account; empty when it holds none. Bounded in time. Never throws
    /// for a wrong password or an unreachable directory.
    virtual ProofResult prove(std::string_view login_name, std::string_view password, std::string_view stored_hash) = 0;
};

/// Compares with our own argon2id hash.
class LocalAuthenticator final : public Authenticator {
  public:
    Source source() const override { return Source::Local; }
    ProofResult prove(std::string_view login_name, std::string_view password, std::string_view stored_hash) override;
};

}  // namespace people
