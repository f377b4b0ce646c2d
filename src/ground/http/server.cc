#include "ground/http/server.h"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <thread>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "ground/base/text.h"
#include "ground/http/engine/loop.h"
#include "ground/sys/log.h"

namespace http {
namespace {

struct Address {
    sockaddr_storage name{};
    socklen_t size = 0;
    std::string host;
};

base::Error cannot_listen(const std::string& address, std::string_view why) {
    return {base::Kind::Unavailable,
            fmt::format("cannot listen on {}: {}. Name a free address such as 127.0.0.1:8080.", address, why)};
}

/// Numeric addresses only: a name could mean another interface tomorrow.
Address parse_address(const std::string& address) {
    const std::size_t colon = address.rfind(':');
    if (colon == std::string::npos) throw cannot_listen(address, "there is no port");
    std::string host = address.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int failed = ::getaddrinfo(host.c_str(), address.c_str() + colon + 1, &hints, &found); failed != 0)
        throw cannot_listen(address, ::gai_strerror(failed));
    Address made;
    std::memcpy(&made.name, found->ai_addr, found->ai_addrlen);
    made.size = found->ai_addrlen;
    made.host = found->ai_family == AF_INET6 ? "[" + host + "]" : host;
    ::freeaddrinfo(found);
    return made;
}

enum class Sharing { Alone, WithOurThreads };

sys::Descriptor listen_on(const Address& address, Sharing sharing, const std::string& shown) {
    const auto* name = reinterpret_cast<const sockaddr*>(&address.name);
    sys::Descriptor socket(::socket(name->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    if (!socket) throw cannot_listen(shown, std::strerror(errno));
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (name->sa_family == AF_INET6) ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (sharing == Sharing::WithOurThreads) ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (::bind(socket.get(), name, address.size) != 0 || ::listen(socket.get(), SOMAXCONN) != 0)
        throw cannot_listen(shown, std::strerror(errno));
    return socket;
}

int port_of(const sockaddr_storage& name) {
    return ntohs(name.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6*>(&name)->sin6_port
                                            : reinterpret_cast<const sockaddr_in*>(&name)->sin_port);
}

/// The client's address and scheme as the nearest trusted proxy reports them.
void believe_proxy(const ServerOptions& options, Request& request) {
    const auto is_trusted = [&](std::string_view address) {
        return std::find(options.trusted_proxies.begin(), options.trusted_proxies.end(), address) !=
               options.trusted_proxies.end();
    };
    if (!is_trusted(request.peer)) return;
    request.is_secure = base::equals_ignoring_case(base::trim(request.headers.get("X-Forwarded-Proto")), "https");
    std::vector<std::string_view> hops;
    for (const auto& [name, value] : request.headers)
        if (base::equals_ignoring_case(name, "X-Forwarded-For"))
            for (const std::string_view hop : base::split(value, ',')) hops.push_back(base::trim(hop));
    // From the right, each hop was written by the proxy after it: go on while that one is ours.
    for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
        in6_addr scratch;
        const std::string text(*hop);
        if (::inet_pton(AF_INET, text.c_str(), &scratch) != 1 && ::inet_pton(AF_INET6, text.c_str(), &scratch) != 1)
            return;
        request.peer = text;
        if (!is_trusted(text)) return;
    }
}

Response plain_error(const base::Error& error, int status) {
    if (status == 500)
        return text("サーバの中で問題が起きました。しばらくしてから、もう一度お試しください。\n", status);
    return text(error.message() + "\n", status);
}

}  // namespace

int status_of(base::Kind kind) {
    switch (kind) {
        case base::Kind::BadInput:
            return 400;
        case base::Kind::NotAllowed:
            return 403;
        case base::Kind::NotFound:
            return 404;
        case base::Kind::Conflict:
            return 409;
        case base::Kind::Unavailable:
            return 503;
        case base::Kind::Damaged:
        case base::Kind::Bug:
            break;
    }
    return 500;
}

Shared::Shared(ServerOptions given, Handler handler_given, FastHandler fast_given)
    : options(std::move(given)),
      handler(std::move(handler_given)),
      fast(std::move(fast_given)),
      workers(handler ? options.workers : 0, options.queue) {
    reader.header_limit = options.header_limit;
    reader.form = options.form;
    reader.body_limit_of =
        options.body_limit_of ? options.body_limit_of : [limit = options.body_limit](const Request&) { return limit; };
    reader.complete_head = [this](Request& request) { believe_proxy(options, request); };
}

Response Shared::error_reply(const base::Error& error, const Request* request, int status) const {
    if (status == 0) status = status_of(error.kind());
    if (status == 500)
        sys::log(sys::Level::Error, "request failed",
                 {{"path", request ? request->path : ""},
                  {"error", error.message()},
                  {"trail", base::join(error.trail(), "; ")}});
    Response made;
    try {
        made = options.error_page ? options.error_page(error, status, request) : plain_error(error, status);
    } catch (const std::exception& second) {
        sys::log(sys::Level::Error, "the error page failed", {{"error", second.what()}});
        made = plain_error(error, status);
    }
    made.status = status;
    return made;
}

Response Shared::run_handler(Request& request) const {
    try {
        return handler(request);
    } catch (const base::Error& error) {
        return error_reply(error, &request);
    } catch (const std::exception& error) {
        return error_reply(base::Error(base::Kind::Bug, error.what()), &request);
    }
}

std::optional<Response> Shared::run_fast(const Request& request) const {
    try {
        return fast(request);
    } catch (const base::Error& error) {
        return error_reply(error, &request);
    } catch (const std::exception& error) {
        return error_reply(base::Error(base::Kind::Bug, error.what()), &request);
    }
}

bool Shared::add_peer(const std::string& address) {
    if (options.connections_per_address == 0) return true;
    const std::lock_guard lock(peers_mutex_);
    std::size_t& count = peers_[address];
    if (count >= options.connections_per_address) return false;
    ++count;
    return true;
}

void Shared::remove_peer(const std::string& address) {
    if (options.connections_per_address == 0) return;
    const std::lock_guard lock(peers_mutex_);
    const auto found = peers_.find(address);
    if (found != peers_.end() && --found->second == 0) peers_.erase(found);
}

struct Server::State {
    State(ServerOptions options, Handler handler, FastHandler fast)
        : shared(std::move(options), std::move(handler), std::move(fast)) {}

    Shared shared;
    std::vector<std::unique_ptr<Loop>> loops;
    std::vector<std::thread> threads;
    std::mutex mutex;
    std::condition_variable ended;
    std::size_t running = 0;
    std::string host;
    int port = 0;
};

Server::Server(ServerOptions options, Handler handler, FastHandler fast)
    : state_(std::make_unique<State>(std::move(options), std::move(handler), std::move(fast))) {}

Server::~Server() {
    stop(std::chrono::milliseconds(0));
}

void Server::start() {
    std::signal(SIGPIPE, SIG_IGN);  // sendfile has no MSG_NOSIGNAL
    const std::string& shown = state_->shared.options.address;
    Address address = parse_address(shown);
    // With SO_REUSEPORT a second program of the same user would share the port in silence; this bind without it finds
    // out.
    if (port_of(address.name) != 0) listen_on(address, Sharing::Alone, shown);
    std::vector<sys::Descriptor> listeners;
    for (int i = 0; i < std::max(1, state_->shared.options.threads); ++i) {
        listeners.push_back(listen_on(address, Sharing::WithOurThreads, shown));
        ::getsockname(listeners.back().get(), reinterpret_cast<sockaddr*>(&address.name), &address.size);
    }
    state_->host = address.host;
    state_->port = port_of(address.name);
    for (sys::Descriptor& listener : listeners)
        state_->loops.push_back(std::make_unique<Loop>(state_->shared, std::move(listener)));
    state_->running = state_->loops.size();
    for (const auto& loop : state_->loops)
        state_->threads.emplace_back([this, &loop = *loop] {
            loop.run();
            const std::lock_guard lock(state_->mutex);
            --state_->running;
            state_->ended.notify_all();
        });
}

int Server::port() const {
    return state_->port;
}
std::string Server::url() const {
    return fmt::format("http://{}:{}", state_->host, state_->port);
}

void Server::stop(std::chrono::milliseconds patience) {
    if (state_->threads.empty()) return;
    for (const auto& loop : state_->loops) loop->drain();
    {
        std::unique_lock lock(state_->mutex);
        state_->ended.wait_for(lock, patience, [this] { return state_->running == 0; });
    }
    for (const auto& loop : state_->loops) loop->cut();
    for (std::thread& thread : state_->threads) thread.join();
    state_->threads.clear();
    state_->shared.workers.stop();
    state_->loops.clear();  // after the workers, which hold connections
}

Server::Numbers Server::numbers() const {
    const Shared& shared = state_->shared;
    return {shared.connections, shared.requests, shared.refused, shared.evicted};
}

}  // namespace http
