// Conditional and partial requests and content coding (RFC 9110 sections 8.8, 12.5.3, 13 and 14), as pure functions
// over header fields. One range only: a list of ranges is answered with the whole, because many small ranges of one
// large file are an amplifier.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ground/base/time.h"
#include "ground/http/message.h"

namespace http {

/// "Sun, 06 Nov 1994 08:49:37 GMT"; milliseconds are dropped.
std::string format_http_date(base::Instant at);
/// That form and the two obsolete ones that RFC 9110 section 5.6.7 wants read. Two-digit years mean 1970-2069.
std::optional<base::Instant> parse_http_date(std::string_view text);

/// What identifies one representation.
struct Validators {
    std::string etag;  ///< with its quotes, strong: "\"abc\""
    base::Instant modified;
};

enum class Condition { Proceed, NotModified, Failed };
/// For GET and HEAD: If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since, in RFC 9110 section 13.2.2's
/// order.
Condition judge_conditions(const Headers& request, const Validators& current);

struct RangeAnswer {
    enum class What { Whole, Part, Unsatisfiable } what = What::Whole;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};
/// Range and If-Range of a GET. Ill-formed or several ranges, or a failed If-Range: Whole.
RangeAnswer judge_range(const Headers& request, const Validators& current, std::uint64_t size);
/// "bytes 0-99/1234", or "bytes */1234" for Unsatisfiable.
std::string format_content_range(const RangeAnswer& range, std::uint64_t size);

enum class Coding { Identity, Gzip, Brotli };
/// "", "gzip", "br".
std::string_view coding_name(Coding coding);
/// How much the client likes each coding, 0 (refused) to 1000. No field at all, or an ill-formed one: identity only.
struct CodingWeights {
    int identity = 1000;
    int gzip = 0;
    int brotli = 0;
};
CodingWeights parse_accept_encoding(std::optional<std::string_view> field);
/// The most liked of what there is; at equal weight brotli, then gzip, then identity. Identity when all are refused.
Coding choose_coding(const CodingWeights& weights, bool has_gzip, bool has_brotli);

}  // namespace http
