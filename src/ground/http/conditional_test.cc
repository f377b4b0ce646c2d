#include "ground/http/conditional.h"

#include <gtest/gtest.h>

namespace http {
namespace {

constexpr base::Instant kDate{784111777'000};  // RFC 9110 section 5.6.7's example

TEST(HttpDate, IsReadInItsThreeFormsAndWrittenInOne) {
    EXPECT_EQ(format_http_date(kDate), "Sun, 06 Nov 1994 08:49:37 GMT");
    for (const char* text :
         {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
        EXPECT_EQ(parse_http_date(text), kDate) << text;
    for (const char* text :
         {"", "Sun, 06 Nov 1994 08:49:37", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
          "Xyz, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 JST", "784111777"})
        EXPECT_FALSE(parse_http_date(text)) << text;
    EXPECT_EQ(format_http_date({-1}), "Wed, 31 Dec 1969 23:59:59 GMT");
}

TEST(JudgeConditions, PrefersTagsToDates) {
    const Validators page{"\"v1\"", kDate};
    const std::string date = format_http_date(kDate);
    const std::string older = format_http_date(kDate - std::chrono::seconds(1));
    EXPECT_EQ(judge_conditions({}, page), Condition::Proceed);
    EXPECT_EQ(judge_conditions({{"If-None-Match", "\"v0\", W/\"v1\""}}, page), Condition::NotModified);
    EXPECT_EQ(judge_conditions({{"If-None-Match", "*"}}, page), Condition::NotModified);
    EXPECT_EQ(judge_conditions({{"If-None-Match", "\"v0\""}, {"If-Modified-Since", date}}, page), Condition::Proceed);
    EXPECT_EQ(judge_conditions({{"If-None-Match", "v1"}}, page), Condition::Proceed);
    EXPECT_EQ(judge_conditions({{"If-Modified-Since", date}}, page), Condition::NotModified);
    EXPECT_EQ(judge_conditions({{"If-Modified-Since", older}}, page), Condition::Proceed);
    EXPECT_EQ(judge_conditions({{"If-Modified-Since", "yesterday"}}, page), Condition::Proceed);
    EXPECT_EQ(judge_conditions({{"If-Match", "W/\"v1\""}}, page), Condition::Failed);
    EXPECT_EQ(judge_conditions({{"If-Match", "\"v1\""}}, page), Condition::Proceed);
    EXPECT_EQ(judge_conditions({{"If-Unmodified-Since", older}}, page), Condition::Failed);
}

TEST(JudgeRange, GivesOneRangeOrTheWhole) {
    const Validators file{"\"v1\"", kDate};
    const auto judged = [&](const std::string& range, std::uint64_t size = 1000, const std::string& condition = "") {
        Headers headers{{"Range", range}};
        if (!condition.empty()) headers.add("If-Range", condition);
        const RangeAnswer answer = judge_range(headers, file, size);
        if (answer.what == RangeAnswer::What::Whole) return std::string("whole");
        return format_content_range(answer, size);
    };
    EXPECT_EQ(judged("bytes=0-99"), "bytes 0-99/1000");
    EXPECT_EQ(judged("bytes=999-"), "bytes 999-999/1000");
    EXPECT_EQ(judged("bytes=-1"), "bytes 999-999/1000");
    EXPECT_EQ(judged("bytes=-5000"), "bytes 0-999/1000");
    EXPECT_EQ(judged("bytes=10-5000"), "bytes 10-999/1000");
    EXPECT_EQ(judged("bytes=1000-"), "bytes */1000");
    EXPECT_EQ(judged("bytes=-0"), "bytes */1000");
    EXPECT_EQ(judged("bytes=0-", 0), "bytes */0");
    EXPECT_EQ(judged("bytes=0-1", 1000, "\"v1\""), "bytes 0-1/1000");
    for (const char* range : {"bytes=0-1,5-6", "bytes=5-4", "bytes=", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=+1-2",
                              "bytes=0-99999999999999999999999", "bytes=1 - 2"})
        EXPECT_EQ(judged(range), "whole") << range;
    EXPECT_EQ(judged("bytes=0-1", 1000, "\"v0\""), "whole");
    EXPECT_EQ(judged("bytes=0-1", 1000, "W/\"v1\""), "whole");
}

TEST(AcceptEncoding, IsNegotiatedByWeight) {
    const auto chosen = [](std::string_view field, bool gzip = true, bool brotli = true) {
        return coding_name(choose_coding(parse_accept_encoding(field), gzip, brotli));
    };
    EXPECT_EQ(chosen("gzip, deflate, br"), "br");
    EXPECT_EQ(chosen("gzip, deflate, br", true, false), "gzip");
    EXPECT_EQ(chosen("gzip, deflate, br", false, false), "");
    EXPECT_EQ(chosen("br;q=0.5, gzip"), "gzip");
    EXPECT_EQ(chosen("br;q=0, gzip;q=0"), "");
    EXPECT_EQ(chosen("gzip;q=0.5, identity"), "");
    EXPECT_EQ(chosen("*"), "br");
    EXPECT_EQ(chosen("*;q=0.1, br;q=0"), "gzip");
    EXPECT_EQ(chosen("identity;q=0, gzip;q=0.001"), "gzip");
    EXPECT_EQ(chosen("gzip;q=2"), "");
    EXPECT_EQ(chosen("gzip;level=9"), "");
    EXPECT_EQ(chosen(""), "");
    EXPECT_EQ(coding_name(choose_coding(parse_accept_encoding(std::nullopt), true, true)), "");
}

}  // namespace
}  // namespace http
