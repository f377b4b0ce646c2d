// The HTTP/1.1 server: listens, reads requests strictly, runs handlers on a bounded pool and sends their replies. TLS
// and HTTP/2 are left to the proxy in front. Nobody can lock others out: every wait has an absolute deadline, every
// queue an end. What is full evicts the idle first, then answers 503. SIGPIPE must be ignored in the process (start()
// does it).
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ground/base/error.h"
#include "ground/http/message.h"

namespace http {

/// Runs on a worker thread and may block. What it throws becomes a reply by `status_of` and `error_page`.
using Handler = std::function<Response(Request&)>;
/// Runs on the I/O thread: must not block. Nothing = hand the request to the pool.
using FastHandler = std::function<std::optional<Response>(const Request&)>;

struct ServerOptions {
    std::string address = "127.0.0.1:8080";  ///< or "[::1]:0"; port 0 takes a free one
    int threads = 2;                         ///< I/O threads, each with its own listening socket
    int workers = 8;
    std::size_t queue = 256;  ///< requests waiting for a worker; above it 503 with Retry-After

    std::size_t header_limit = 16U << 10;
    std::size_t body_limit = 1U << 20;
    /// The limit for one request, judged by its head; overrides body_limit. Runs on the I/O thread. See
    /// Router::body_limit.
    std::function<std::size_t(const Request&)> body_limit_of;
    FormLimits form;

    std::size_t connections = 4096;           ///< shared out evenly among the threads
    std::size_t connections_per_address = 0;  ///< of one peer; 0 = no limit (behind a proxy all come from one)
    std::chrono::milliseconds idle_deadline{60'000};
    std::chrono::milliseconds header_deadline{10'000};  ///< for the whole head
    std::chrono::milliseconds body_deadline{15'000};    ///< plus the time that the bytes take at minimum_rate
    std::chrono::milliseconds write_deadline{30'000};   ///< likewise
    std::size_t minimum_rate = 8U << 10;                ///< bytes a second, both ways

    std::vector<std::string> trusted_proxies;  ///< addresses whose X-Forwarded-For and X-Forwarded-Proto are believed
    Headers extra_headers;                     ///< on every reply that does not set them itself
    /// Makes the page of an error; the status is set afterwards. Runs on any thread. Default: the message as plain
    /// text. For 500 the default says nothing of the inside; the error goes to the log.
    std::function<Response(const base::Error&, int status, const Request*)> error_page;
    /// Told after each reply, on the I/O thread (must not block): method, path, status, bytes, time from head to last
    /// byte.
    struct Served {
        const Request& request;
        int status;
        std::uint64_t bytes;
        std::chrono::microseconds time;
    };
    std::function<void(const Served&)> on_served;
};

/// BadInput 400, NotAllowed 403, NotFound 404, Conflict 409, Unavailable 503, Damaged and Bug 500.
int status_of(base::Kind kind);

class Server {
  public:
    Server(ServerOptions options, Handler handler, FastHandler fast = {});
    ~Server();  ///< stops at once when stop() was not called
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Listens; replies are served from now on. Throws Error(Unavailable) when the address cannot be had.
    void start();
    /// The port that was taken.
    int port() const;
    std::string url() const;  ///< "http://127.0.0.1:8080"
    /// Takes no new connections, closes idle ones, lets requests under way end within `patience`, then cuts.
    /// Returns when all threads have ended. May be called once, from any thread but the server's own.
    void stop(std::chrono::milliseconds patience = std::chrono::seconds(10));

    struct Numbers {
        std::size_t connections;  ///< open now
        std::uint64_t requests, refused, evicted;
    };
    Numbers numbers() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace http
