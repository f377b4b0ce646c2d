// One address of a public server, asked in one of several ways, against what the release says it answers. Tampered
// sites show their true face only to some: to who comes from a search engine, to its robot, to phones (JPCERT/CC, 2021
// Q3). A static site answers everybody alike, so every way must give the same bytes.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "ground/release/record.h"
#include "ground/sys/http_client.h"

namespace guard {

enum class Way { Plain, SearchVisitor, SearchRobot, Phone };
constexpr Way kAllWays[] = {Way::Plain, Way::SearchVisitor, Way::SearchRobot, Way::Phone};
std::string_view way_name(Way way);  ///< "plain", "search-visitor", "search-robot", "phone"
std::string_view way_wording(Way way);  ///< 通常の閲覧, 検索サイト経由, 検索ロボット, スマートフォン

struct AskOptions {
    std::chrono::milliseconds patience{20'000};  ///< and more for what is above 2 MB, at 256 KB a second
    std::string ca_file;
    std::map<std::string, std::string> headers;  ///< that every answer must carry, with these values
};

/// What came back.
struct Seen {
    sys::Fetched fetched;  ///< its body is the first 256 KB, after the content encoding
    base::Hash hash;       ///< of the whole body
    std::int64_t size = 0;
};
/// `largest` bounds the body; a longer one is a failure (TooLarge), not a body. Redirects are not followed. The plain
/// way asks for the bytes as they are, the others allow compression as browsers do: so both forms are looked at.
Seen ask(sys::HttpClient& client, const std::string& url, Way way, std::int64_t largest, const AskOptions& options);

/// How an answer differs.
struct Fault {
    std::string kind;    ///< "outside.changed", "outside.status", "outside.header", "outside.redirect"
    std::string detail;  ///< Japanese: what came and what should have
};
/// Nothing when the server answered what the release says. `seen` must not have failed, but for TooLarge.
std::optional<Fault> find_fault(const release::Entry& entry, const Seen& seen, const AskOptions& options);

/// Why no answer can be compared; "" when one can. TLS faults are not among them.
std::string unreachable_reason(const sys::Fetched& fetched);

}  // namespace guard
