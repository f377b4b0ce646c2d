// Ranges never leave the file, dates that are read are written back as the same instant, weights stay within their
// scale.
#include <cstdlib>

#include "ground/http/conditional.h"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    std::string text(reinterpret_cast<const char*>(data), size);
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    const http::Validators validators{"\"v\"", {1'000'000'000'000}};
    for (const std::uint64_t length : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000}, ~std::uint64_t{0}}) {
        const http::RangeAnswer range = http::judge_range({{"Range", text}}, validators, length);
        if (range.what == http::RangeAnswer::What::Part)
            require(range.length > 0 && range.offset < length && range.length <= length - range.offset);
        if (range.what == http::RangeAnswer::What::Whole) require(range.offset == 0 && range.length == length);
    }
    if (const auto at = http::parse_http_date(text); at && at->milliseconds > -62'000'000'000'000)
        require(http::parse_http_date(http::format_http_date(*at)) == at);
    const http::CodingWeights weights = http::parse_accept_encoding(text);
    for (const int weight : {weights.identity, weights.gzip, weights.brotli}) require(weight >= 0 && weight <= 1000);
    if (weights.gzip == 0) require(http::choose_coding(weights, true, false) == http::Coding::Identity);
    for (const char* field : {"If-None-Match", "If-Match", "If-Modified-Since", "If-Unmodified-Since"})
        (void)http::judge_conditions({{field, text}}, validators);
    return 0;
}
