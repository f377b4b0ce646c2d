#include <gtest/gtest.h>

#include "ground/people/second_factor.h"

namespace people {
namespace {

constexpr std::string_view kSecret = "12345678901234567890";  // RFC 6238 appendix B

base::Instant second(std::int64_t seconds) {
    return {seconds * 1000};
}

TEST(CodeAt, GivesTheVectorsOfRfc6238) {
    // The RFC prints eight digits; six are their end.
    const std::pair<std::int64_t, std::string_view> kVectors[] = {
        {59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
        {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"},
    };
    for (const auto& [at, code] : kVectors) EXPECT_EQ(code_at(kSecret, second(at)), code) << at;
}

TEST(FindStep, TakesOneStepToEitherSideAndNoMore) {
    const std::int64_t now = 1'800'000'000;  // begins a step
    for (const int offset : {-2, -1, 0, 1, 2}) {
        const std::string code = code_at(kSecret, second(now + offset * 30));
        const auto step = find_step(kSecret, code, second(now));
        if (offset >= -1 && offset <= 1)
            EXPECT_EQ(step, now / 30 + offset) << offset;
        else
            EXPECT_FALSE(step) << offset;
    }
}

TEST(FindStep, RefusesWhatIsNoCode) {
    for (const std::string_view code : {"", "1", "28708", "2870820", "28708a", " 287082"})
        EXPECT_FALSE(find_step(kSecret, code, second(59))) << code;
    EXPECT_TRUE(find_step(kSecret, "287082", second(59)));
    EXPECT_FALSE(find_step("another secret here!", "287082", second(59)));
}

}  // namespace
}  // namespace people
