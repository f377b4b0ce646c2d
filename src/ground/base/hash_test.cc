#include "ground/base/hash.h"

#include <unordered_set>

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(HashText, HasExactlyOneForm) {
    const std::string hex = "00ff10203040506070809000a0b0c0d0e0f0112233445566778899aabbccddee";
    const auto hash = Hash::find_hex(hex);
    ASSERT_TRUE(hash);
    EXPECT_EQ(hash->hex(), hex);
    EXPECT_EQ(hash->bytes[1], 0xFF);
    for (const std::string& bad : {std::string(), hex.substr(1), hex + "0", "0" + hex.substr(1, 62) + "G",
                                   "00FF" + hex.substr(4), " " + hex.substr(1)})
        EXPECT_FALSE(Hash::find_hex(bad)) << bad;
}

TEST(HashValue, IsOrderedAndCanBeAKey) {
    Hash small;
    Hash large;
    large.bytes[0] = 1;
    EXPECT_LT(small, large);
    const std::unordered_set<Hash, HashHasher> seen{small, large, small};
    EXPECT_EQ(seen.size(), 2U);
}

}  // namespace
}  // namespace base
