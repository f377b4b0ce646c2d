#include "ground/sys/crypto.h"

#include <set>

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace sys {
namespace {

std::string bytes(std::string_view hex) {
    return base::from_hex(hex).value();
}

TEST(Sha256, GivesTheValuesOfTheStandard) {
    // FIPS 180-4 examples.
    EXPECT_EQ(sha256("abc").hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256("").hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256(std::string(1'000'000, 'a')).hex(),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, IsTheSameInPieces) {
    Hasher hasher;
    hasher.add("a");
    hasher.add("");
    hasher.add("bc");
    EXPECT_EQ(hasher.finish(), sha256("abc"));
    EXPECT_EQ(hasher.finish(), sha256(""));  // empty again
}

TEST(Ed25519, GivesTheValuesOfTheStandard) {
    // RFC 8032 section 7.1, tests 1 and 2.
    struct Case {
        std::string_view seed, public_key, message, signature;
    };
    constexpr Case kCases[] = {{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39"
                                "701cf9b46bd25bf5f0595bbe24"
                                "655141438e7a100b"},
                               {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f36"
                                "13d0f11d8c387b2eaeb4302aee"
                                "b00d291612bb0c00"}};
    for (const Case& known : kCases) {
        const auto key = SigningKey::from_seed(bytes(known.seed));
        EXPECT_EQ(base::to_hex(key.public_key()), known.public_key);
        EXPECT_EQ(base::to_hex(key.sign(bytes(known.message))), known.signature);
        EXPECT_TRUE(is_signed(bytes(known.message), bytes(known.signature), bytes(known.public_key)));
    }
}

TEST(Ed25519, RefusesWhatWasNotSigned) {
    const auto key = SigningKey::make();
    const auto other = SigningKey::make();
    const std::string signature = key.sign("release 1");
    EXPECT_TRUE(is_signed("release 1", signature, key.public_key()));
    EXPECT_FALSE(is_signed("release 2", signature, key.public_key()));
    EXPECT_FALSE(is_signed("release 1", signature, other.public_key()));
    EXPECT_FALSE(is_signed("release 1", signature.substr(1), key.public_key()));
    EXPECT_FALSE(is_signed("release 1", "", key.public_key()));
    EXPECT_FALSE(is_signed("release 1", signature, ""));
    for (std::size_t i = 0; i < signature.size(); ++i) {
        std::string bent = signature;
        bent[i] = static_cast<char>(bent[i] ^ 1);
        EXPECT_FALSE(is_signed("release 1", bent, key.public_key())) << i;
    }
    EXPECT_THROW(SigningKey::from_seed("short"), base::Error);
}

TEST(Random, IsDifferentEachTime) {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) seen.insert(random_token());
    EXPECT_EQ(seen.size(), 100U);
    EXPECT_EQ(random_bytes(33).size(), 33U);
    EXPECT_EQ(random_token(24).size(), 32U);
    EXPECT_EQ(random_token(64).find_first_of("+/="), std::string::npos);
}

TEST(SameSecret, ComparesWholeValues) {
    EXPECT_TRUE(is_same_secret("abc", "abc"));
    EXPECT_TRUE(is_same_secret("", ""));
    EXPECT_FALSE(is_same_secret("abc", "abd"));
    EXPECT_FALSE(is_same_secret("abc", "abcd"));
}

TEST(Password, IsKnownByItsHashAlone) {
    const std::string stored = hash_password("合言葉 horse");
    EXPECT_TRUE(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$")) << stored;
    EXPECT_TRUE(is_password("合言葉 horse", stored));
    EXPECT_FALSE(is_password("合言葉 Horse", stored));
    EXPECT_FALSE(is_password("", stored));
    EXPECT_FALSE(is_password("x", "no hash"));
    EXPECT_NE(stored, hash_password("合言葉 horse"));
    EXPECT_FALSE(is_password_hash_old(stored));
    EXPECT_TRUE(
        is_password_hash_old("$argon2id$v=19$m=4096,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
                             "RdescudvJCsgt3ub+b+dWRWJTmaaJObG"));
}

TEST(Encryption, GivesBackThePlainTextWithTheKeyOnly) {
    const std::string key = random_bytes(32);
    for (const std::string& plain : {std::string(), std::string("secret"), std::string(1000, '\0')}) {
        const std::string sealed = encrypt(plain, key);
        EXPECT_EQ(decrypt(sealed, key), plain);
        EXPECT_NE(sealed, encrypt(plain, key));
        EXPECT_THROW(decrypt(sealed, random_bytes(32)), base::Error);
        for (const std::size_t at : {std::size_t{0}, sealed.size() / 2, sealed.size() - 1}) {
            std::string bent = sealed;
            bent[at] = static_cast<char>(bent[at] ^ 1);
            EXPECT_THROW(decrypt(bent, key), base::Error);
        }
    }
    EXPECT_THROW(decrypt("", key), base::Error);
    EXPECT_THROW(encrypt("x", "short"), base::Error);
}

}  // namespace
}  // namespace sys
