#include "office/advisories/versions.h"

#include <gtest/gtest.h>

#include "ground/sys/process.h"

namespace advisories {

TEST(CompareDebian, AgreesWithDpkgItself) {
    std::string versions[] = {"1.0",   "1.0-1",     "1.0-1+deb12u1", "1.0~rc1",  "1.0~rc1-1",      "1:0.9",
                              "0:1.0", "1.0.0",     "1.0a",          "1.0+git2", "1.0-10",         "1.0-9",
                              "1.10",  "1.9",       "1.0~~a",        "1.0~",     "2.36-9+deb12u4", "007",
                              "7",     "1.0-1.1",   "1.0-1~bpo12+1", "1.2.3-4.", "1.2.3-4.a",      "20220101-1",
                              "1.0-0", "1.0+dfsg-2"};
    // Sorted by ours; if dpkg finds each neighbour where it is, it would find all of them there.
    std::sort(std::begin(versions), std::end(versions),
              [](const std::string& a, const std::string& b) { return compare_debian(a, b) < 0; });
    for (std::size_t i = 1; i < std::size(versions); ++i) {
        const std::string &a = versions[i - 1], &b = versions[i];
        SCOPED_TRACE(a + " and " + b);
        const int by = compare_debian(a, b);
        EXPECT_EQ(compare_debian(b, a), -by);
        const sys::Outcome dpkg = sys::run({.arguments = {"dpkg", "--compare-versions", a, by == 0 ? "eq" : "lt", b}});
        EXPECT_EQ(dpkg.exit_code, 0);
    }
}

TEST(ComparePlain, KnowsEarlyVersionsAndMissingNumbers) {
    const std::string rising[] = {"1.0.0-alpha", "1.0-beta2", "1.0-rc1", "1.0",  "1.0.1",
                                  "1.0.2",       "1.0.2k",    "1.2",     "1.10", "2"};
    for (std::size_t i = 0; i < std::size(rising); ++i)
        for (std::size_t j = 0; j < std::size(rising); ++j) {
            SCOPED_TRACE(rising[i] + " and " + rising[j]);
            EXPECT_EQ(compare_plain(rising[i], rising[j]), i < j ? -1 : i > j ? 1 : 0);
        }
    EXPECT_EQ(compare_plain("v1.0", "1.0.0+build9"), 0);
    EXPECT_LT(compare_plain("99999999999999999999", "100000000000000000000"), 0);
}

struct ProseCase {
    std::string_view text;
    std::vector<std::string_view> in, out;
};

TEST(ReadProse, UnderstandsHowJvnWritesVersions) {
    const ProseCase kCases[] = {
        {"0.15.0 以上 0.15.2 未満", {"0.15.0", "0.15.1"}, {"0.15.2", "0.14.9"}},
        {"2.0.3 およびそれ以前", {"2.0.3", "1.0"}, {"2.0.4"}},
        {"2.0.3 および、それ以前", {"2.0.3", "1.0"}, {"2.0.4"}},
        {"バージョン 3.2 より前", {"3.1.9"}, {"3.2"}},
        {"1.0 から 1.4 まで", {"1.0", "1.4"}, {"1.4.1", "0.9"}},
        {"1.0 から 1.4", {"1.0", "1.4"}, {"1.5", "0.9"}},
        {"２．０．３以前", {"2.0.3"}, {"2.0.4"}},
        {"4.x", {"4.0", "4.9.1"}, {"40.1", "5.0"}},
        {"5.1 系", {"5.1", "5.1.7"}, {"5.10"}},
        {"1.0、1.1", {"1.0", "1.1"}, {"1.2"}},
        {"3.0 以降", {"3.0", "9"}, {"2.9"}},
        {"prior to 2.0", {"1.9"}, {"2.0"}},
        {"1.2.3 and earlier", {"1.2.3"}, {"1.2.4"}},
        {"見本CMS 2.0 未満", {"1.9"}, {"2.0"}},
        {"1.0 以上 1.2 未満、2.0 以上 2.2 未満", {"1.1", "2.1"}, {"1.3", "2.2"}},
    };
    for (const ProseCase& one : kCases) {
        SCOPED_TRACE(one.text);
        const Versions read = read_prose(one.text);
        EXPECT_TRUE(read.is_understood);
        EXPECT_FALSE(read.is_all);
        for (const std::string_view version : one.in) EXPECT_TRUE(read.contains(version)) << version;
        for (const std::string_view version : one.out) EXPECT_FALSE(read.contains(version)) << version;
    }
}

TEST(ReadProse, MeansEveryVersionWhenItDoesNotUnderstand) {
    for (const std::string_view text :
         {"2026年3月より前に出荷したもの", "最新版を除く", "1.0 ただし修正版を除く", "Windows 10 上の 2.0 以前"}) {
        SCOPED_TRACE(text);
        const Versions read = read_prose(text);
        EXPECT_TRUE(read.is_all);
        EXPECT_FALSE(read.is_understood);
        EXPECT_TRUE(read.contains("1.0"));
    }
    EXPECT_TRUE(read_prose("").is_all);
    EXPECT_TRUE(read_prose("すべてのバージョン").is_understood);
}

TEST(ReadExpression, ReadsBoundsAndSingleVersions) {
    EXPECT_TRUE(read_expression(">=2.0|<2.0.4").contains("2.0.3"));
    EXPECT_FALSE(read_expression(">=2.0|<2.0.4").contains("2.0.4"));
    EXPECT_TRUE(read_expression(">=2.9|<=4.1").contains("4.1"));
    EXPECT_TRUE(read_expression("4.0.0").contains("4.0"));
    EXPECT_FALSE(read_expression("4.0.0").contains("4.0.1"));
    EXPECT_FALSE(read_expression("1 ??").is_understood);
}

}  // namespace advisories
