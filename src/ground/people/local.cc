#include "ground/people/authenticator.h"
#include "ground/people/passwords.h"

namespace people {

ProofResult LocalAuthenticator::prove(std::string_view, std::string_view password, std::string_view stored_hash) {
    if (is_right_password(password, stored_hash)) return {Proof::Right, {}};
    return {Proof::Wrong, stored_hash.empty() ? "no password is stored for the account" : "wrong password"};
}

}  // namespace people
