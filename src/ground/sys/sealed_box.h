// Bytes sealed to somebody who is not here: whoever has the public half can seal, only the private half opens. Behind
// libsodium's crypto_box_seal (X25519, XSalsa20-Poly1305).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sys {

struct BoxPair {
    std::string public_key;  ///< 32 bytes
    std::string secret_key;  ///< 32 bytes
};
BoxPair make_box_pair();
/// Throws Error(BadInput) when it is not of 32 bytes.
std::string box_public_key(std::string_view secret_key);

std::string seal(std::string_view plain, std::string_view public_key);
/// Nothing when it was sealed to somebody else, or changed since.
std::optional<std::string> open_sealed(std::string_view sealed, std::string_view secret_key);

}  // namespace sys
