#include "ground/sys/crypto.h"

#include <openssl/evp.h>
#include <sodium.h>

#include "ground/base/error.h"
#include "ground/sys/password_cost.h"

namespace sys {

namespace {

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

void need_sodium() {
    static const int ready = sodium_init();
    if (ready < 0) throw base::Error(base::Kind::Bug, "libsodium could not be initialised");
}

/// Fetched once: looking the algorithm up on each call costs more than hashing a small file.
const EVP_MD* sha256_method() {
    static EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    if (method == nullptr) throw base::Error(base::Kind::Bug, "libcrypto has no SHA-256");
    return method;
}

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using ContextHandle = std::unique_ptr<EVP_MD_CTX, FreeContext>;

void check(int result) {
    if (result != 1) throw base::Error(base::Kind::Bug, "libcrypto failed while hashing");
}

}  // namespace

base::Hash sha256(std::string_view bytes) {
    base::Hash hash;
    check(EVP_Digest(bytes.data(), bytes.size(), hash.bytes.data(), nullptr, sha256_method(), nullptr));
    return hash;
}

struct Hasher::State {
    ContextHandle context{EVP_MD_CTX_new()};
};

Hasher::Hasher() : state_(std::make_unique<State>()) {
    check(EVP_DigestInit_ex2(state_->context.get(), sha256_method(), nullptr));
}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::add(std::string_view bytes) {
    check(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()));
}

base::Hash Hasher::finish() {
    base::Hash hash;
    check(EVP_DigestFinal_ex(state_->context.get(), hash.bytes.data(), nullptr));
    check(EVP_DigestInit_ex2(state_->context.get(), sha256_method(), nullptr));
    return hash;
}

SigningKey SigningKey::make() {
    return from_seed(random_bytes(crypto_sign_SEEDBYTES));
}

SigningKey SigningKey::from_seed(std::string_view seed) {
    need_sodium();
    if (seed.size() != crypto_sign_SEEDBYTES)
        throw base::Error(base::Kind::Damaged, "the signing key has the wrong length; restore it from its escrow copy");
    SigningKey key;
    key.seed_ = seed;
    key.secret_.resize(crypto_sign_SECRETKEYBYTES);
    key.public_.resize(crypto_sign_PUBLICKEYBYTES);
    crypto_sign_seed_keypair(bytes_of(key.public_), bytes_of(key.secret_), bytes_of(seed));
    return key;
}

SigningKey::~SigningKey() {
    sodium_memzero(seed_.data(), seed_.size());
    sodium_memzero(secret_.data(), secret_.size());
}
SigningKey::SigningKey(SigningKey&&) noexcept = default;

std::string SigningKey::seed() const {
    return seed_;
}
std::string SigningKey::public_key() const {
    return public_;
}

std::string SigningKey::sign(std::string_view message) const {
    std::string signature(crypto_sign_BYTES, '\0');
    crypto_sign_detached(bytes_of(signature), nullptr, bytes_of(message), message.size(), bytes_of(secret_));
    return signature;
}

bool is_signed(std::string_view message, std::string_view signature, std::string_view public_key) {
    need_sodium();
    return signature.size() == crypto_sign_BYTES && public_key.size() == crypto_sign_PUBLICKEYBYTES &&
           crypto_sign_verify_detached(bytes_of(signature), bytes_of(message), message.size(), bytes_of(public_key)) ==
               0;
}

std::string random_bytes(std::size_t count) {
    need_sodium();
    std::string bytes(count, '\0');
    randombytes_buf(bytes.data(), bytes.size());
    return bytes;
}

std::string random_token(std::size_t count) {
    const std::string bytes = random_bytes(count);
    constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::string token(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
    sodium_bin2base64(token.data(), token.size(), bytes_of(bytes), bytes.size(), kVariant);
    token.resize(token.size() - 1);  // the C string's end
    return token;
}

bool is_same_secret(std::string_view a, std::string_view b) {
    need_sodium();
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string hash_password(std::string_view password) {
    need_sodium();
    const PasswordCost cost = password_cost();
    std::string stored(crypto_pwhash_STRBYTES, '\0');
    if (crypto_pwhash_str_alg(stored.data(), password.data(), password.size(), cost.passes, cost.memory,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        throw base::Error(base::Kind::Unavailable, "not enough memory to hash a password; try again");
    stored.resize(stored.find('\0'));
    return stored;
}

bool is_password(std::string_view password, std::string_view stored) {
    need_sodium();
    const std::string text(stored);
    return crypto_pwhash_str_verify(text.c_str(), password.data(), password.size()) == 0;
}

bool is_password_hash_old(std::string_view stored) {
    need_sodium();
    const std::string text(stored);
    const PasswordCost cost = password_cost();
    return crypto_pwhash_str_needs_rehash(text.c_str(), cost.passes, cost.memory) != 0;
}

std::string encrypt(std::string_view plain, std::string_view key) {
    need_sodium();
    if (key.size() != crypto_aead_xchacha20poly1305_ietf_KEYBYTES)
        throw base::Error(base::Kind::Bug, "an encryption key must have 32 bytes");
    std::string sealed = random_bytes(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
    const std::string nonce = sealed;
    sealed.resize(nonce.size() + plain.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES);
    unsigned long long length = 0;
    crypto_aead_xchacha20poly1305_ietf_encrypt(bytes_of(sealed) + nonce.size(), &length, bytes_of(plain), plain.size(),
                                               nullptr, 0, nullptr, bytes_of(nonce), bytes_of(key));
    sealed.resize(nonce.size() + length);
    return sealed;
}

std::string decrypt(std::string_view sealed, std::string_view key) {
    need_sodium();
    constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
    constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
    if (key.size() != crypto_aead_xchacha20poly1305_ietf_KEYBYTES || sealed.size() < kNonce + kTag)
        throw base::Error(base::Kind::Damaged, "a stored secret is damaged, or its key is another one");
    std::string plain(sealed.size() - kNonce - kTag, '\0');
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(bytes_of(plain), nullptr, nullptr, bytes_of(sealed) + kNonce,
                                                   sealed.size() - kNonce, nullptr, 0, bytes_of(sealed),
                                                   bytes_of(key)) != 0)
        throw base::Error(base::Kind::Damaged, "a stored secret is damaged, or its key is another one");
    return plain;
}

}  // namespace sys
