// Hashes, signatures, random bytes and passwords, behind libcrypto and libsodium. SHA-256 comes from OpenSSL because it
// uses the processor's SHA instructions (measured 5 times faster than libsodium's).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "ground/base/hash.h"

namespace sys {

base::Hash sha256(std::string_view bytes);

/// SHA-256 of bytes that come in pieces.
class Hasher {
  public:
    Hasher();
    ~Hasher();
    Hasher(Hasher&&) noexcept;
    Hasher& operator=(Hasher&&) noexcept;
    void add(std::string_view bytes);
    /// The hash of all that was added; the hasher is then empty again.
    base::Hash finish();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// An Ed25519 key pair. The secret half is wiped when the object goes.
class SigningKey {
  public:
    static SigningKey make();
    /// From the 32-byte seed. Throws Error(Damaged) on any other length.
    static SigningKey from_seed(std::string_view seed);
    ~SigningKey();
    SigningKey(SigningKey&&) noexcept;
    SigningKey(const SigningKey&) = delete;
    SigningKey& operator=(const SigningKey&) = delete;

    std::string seed() const;                          ///< 32 bytes; secret
    std::string public_key() const;                    ///< 32 bytes
    std::string sign(std::string_view message) const;  ///< 64 bytes, deterministic (RFC 8032)

  private:
    SigningKey() = default;
    std::string seed_;
    std::string secret_;
    std::string public_;
};

/// True when `signature` (64 bytes) is by the holder of `public_key` (32 bytes) over `message`.
bool is_signed(std::string_view message, std::string_view signature, std::string_view public_key);

/// Bytes that nobody can guess.
std::string random_bytes(std::size_t count);
/// `count` random bytes in URL-safe base64 without padding, for tokens.
std::string random_token(std::size_t count = 24);
/// Compares without telling by its time where they differ.
bool is_same_secret(std::string_view a, std::string_view b);

/// argon2id with 19 MiB and two passes (OWASP Password Storage Cheat Sheet), in the library's own text form.
std::string hash_password(std::string_view password);
bool is_password(std::string_view password, std::string_view stored);
/// True when `stored` was made with weaker settings than today's.
bool is_password_hash_old(std::string_view stored);

/// Authenticated encryption (XChaCha20-Poly1305) of small secrets at rest. `key` has 32 bytes.
std::string encrypt(std::string_view plain, std::string_view key);
/// Throws Error(Damaged) when the text was not made with this key.
std::string decrypt(std::string_view sealed, std::string_view key);

}  // namespace sys
