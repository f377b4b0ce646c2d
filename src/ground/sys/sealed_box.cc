#include "ground/sys/sealed_box.h"

#include <sodium.h>

#include "ground/base/error.h"

namespace sys {

using base::Error;
using base::Kind;

namespace {

void start() {
    if (::sodium_init() < 0) throw Error(Kind::Bug, "libsodium could not be started");
}

unsigned char* bytes(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

void check_length(std::string_view key) {
    static_assert(crypto_box_PUBLICKEYBYTES == 32 && crypto_box_SECRETKEYBYTES == 32);
    if (key.size() != 32) throw Error(Kind::BadInput, "a key for sealing has 32 bytes");
}

}  // namespace

BoxPair make_box_pair() {
    start();
    BoxPair pair{std::string(crypto_box_PUBLICKEYBYTES, '\0'), std::string(crypto_box_SECRETKEYBYTES, '\0')};
    if (::crypto_box_keypair(bytes(pair.public_key), bytes(pair.secret_key)) != 0)
        throw Error(Kind::Bug, "libsodium made no key");
    return pair;
}

std::string box_public_key(std::string_view secret_key) {
    start();
    check_length(secret_key);
    std::string key(crypto_box_PUBLICKEYBYTES, '\0');
    if (::crypto_scalarmult_base(bytes(key), bytes(secret_key)) != 0)
        throw Error(Kind::BadInput, "this is no private key");
    return key;
}

std::string seal(std::string_view plain, std::string_view public_key) {
    start();
    check_length(public_key);
    std::string sealed(plain.size() + crypto_box_SEALBYTES, '\0');
    if (::crypto_box_seal(bytes(sealed), bytes(plain), plain.size(), bytes(public_key)) != 0)
        throw Error(Kind::BadInput, "this is no public key to which anything can be sealed");
    return sealed;
}

std::optional<std::string> open_sealed(std::string_view sealed, std::string_view secret_key) {
    start();
    if (sealed.size() < crypto_box_SEALBYTES) return std::nullopt;
    const std::string public_key = box_public_key(secret_key);
    std::string plain(sealed.size() - crypto_box_SEALBYTES, '\0');
    if (::crypto_box_seal_open(bytes(plain), bytes(sealed), sealed.size(), bytes(std::string_view(public_key)),
                               bytes(secret_key)) != 0)
        return std::nullopt;
    return plain;
}

}  // namespace sys
