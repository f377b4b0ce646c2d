#include "ground/base/rfc3339.h"

#include <string>

#include <gtest/gtest.h>

namespace base {

TEST(Rfc3339, IsReadWithAnyFractionAndOffset) {
    for (const std::string_view text : {"2026-11-22T00:03:21.123456789Z", "2026-11-22T09:03:21.123+09:00",
                                        "2026-11-22T09:03:21.1239+0900", "2026-11-21T20:33:21.123-03:30"})
        EXPECT_EQ(find_rfc3339(text), parse_utc("2026-11-22T00:03:21.123Z")) << text;
    EXPECT_EQ(find_rfc3339("2026-11-22T00:03:21Z"), parse_utc("2026-11-22T00:03:21.000Z"));
    for (const std::string_view text :
         {"", "2026-11-22", "0001-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-22T24:00:00Z",
          "2026-11-22T00:00:00", "2026-11-22T00:00:00+09", "2026-11-22T00:00:00+9:000", "2026-11-22T00:00:00+0960",
          "2026-11-22 00:00:00Z", "2026-11-22T00:00:00Zx", "2026-11-22T-1:00:00Z"})
        EXPECT_FALSE(find_rfc3339(text)) << text;
}

}  // namespace base
