// Fetching over HTTP and HTTPS by libcurl, bounded in time and size. A server that is away, slow or too talkative is a
// result with a reason, for monitors live on that; `fetch` turns it into an Error for everybody else.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sys {

struct FetchOptions {
    std::string method = "GET";
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::chrono::milliseconds patience{30'000};          ///< for everything
    std::chrono::milliseconds connect_patience{10'000};  ///< of it, for name, connection and TLS
    std::size_t size_limit = 16U << 20;                  ///< bytes of the body, after decoding
    int redirects = 0;                                   ///< how many to follow; only to http and https
    bool may_compress = false;                           ///< ask for gzip or brotli and decode it
    std::string ca_file;                                 ///< trusted instead of the system's certificates
    std::string proxy;  ///< "http://proxy:3128"; "" = none, whatever the environment says
    std::string user_agent = "Yakuba";
    /// "host:port:address": connect there instead of asking DNS; for probing one server of several.
    std::vector<std::string> resolve;
    bool wants_certificate = false;  ///< fill Fetched::certificate_until
    /// Takes the body in pieces instead of Fetched::body; returning false ends the transfer (TooLarge).
    std::function<bool(std::string_view)> sink;
};

/// Each counted from the start of the fetch; zero when the phase did not happen (a connection was used again).
struct FetchTiming {
    std::chrono::microseconds name{0}, connect{0}, tls{0}, first_byte{0}, total{0};
};

enum class FetchFailure { None, BadUrl, Name, Connect, Tls, Timeout, TooLarge, TooManyRedirects, Broken };
/// "timeout", "tls", ...; "" for None.
std::string_view fetch_failure_name(FetchFailure failure);

struct Fetched {
    FetchFailure failure = FetchFailure::None;
    std::string message;  ///< what went wrong, fit for a person; empty when nothing
    int status = 0;       ///< 0 when no reply came
    std::vector<std::pair<std::string, std::string>> headers;  ///< of the last reply; names in lower case
    std::string body;                                          ///< up to the failure, if there was one
    std::string url;                                           ///< after redirects
    std::string address;                                       ///< that was talked to
    std::optional<std::int64_t> certificate_until;             ///< UTC milliseconds; of a new TLS connection only
    FetchTiming timing;

    bool has_failed() const { return failure != FetchFailure::None; }
    std::optional<std::string_view> find_header(std::string_view lower_case_name) const;
};

/// Keeps connections for the next fetch. Safe to use from several threads.
class HttpClient {
  public:
    HttpClient();
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// Never throws for what the other side does.
    Fetched try_fetch(const std::string& url, const FetchOptions& options = {});
    /// Throws Error(Unavailable) when no whole reply came, Error(BadInput) when the URL is none; any status is fine.
    Fetched fetch(const std::string& url, const FetchOptions& options = {});

    struct Wanted {
        std::string url;
        FetchOptions options;
    };
    /// Up to `parallel` at a time; results stand in the order of `wanted`.
    std::vector<Fetched> fetch_all(const std::vector<Wanted>& wanted, std::size_t parallel = 8);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace sys
