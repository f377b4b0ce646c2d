// One I/O thread: its listening socket, its connections, its clock of deadlines. Loops share nothing but the counters
// and the workers, so that nothing in them is locked. Directly on epoll, level-triggered: a request on a kept
// connection costs epoll_wait, recv and sendmsg and no more. (Asio re-arms each wait with epoll_ctl, or relies on edges
// that are lost when data and the end of the stream arrive together.)
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ground/http/engine/request_reader.h"
#include "ground/http/engine/workers.h"
#include "ground/http/server.h"
#include "ground/sys/files.h"

namespace http {

/// What all loops of a server have in common.
struct Shared {
    ServerOptions options;
    Handler handler;
    FastHandler fast;
    ReaderSettings reader;
    Workers workers;
    std::atomic<std::size_t> connections{0};
    std::atomic<std::uint64_t> requests{0}, refused{0}, evicted{0};

    Shared(ServerOptions given, Handler handler_given, FastHandler fast_given);
    /// The reply to an error, with the status of its kind unless `status` says otherwise.
    Response error_reply(const base::Error& error, const Request* request, int status = 0) const;
    /// Runs the handler; what it throws becomes a reply.
    Response run_handler(Request& request) const;
    /// The same for the fast one.
    std::optional<Response> run_fast(const Request& request) const;
    /// Counts a connection from `address`; false when it has too many.
    bool add_peer(const std::string& address);
    void remove_peer(const std::string& address);

  private:
    std::mutex peers_mutex_;
    std::map<std::string, std::size_t> peers_;
};

class Connection;
using Connections = std::list<std::shared_ptr<Connection>>;  // shared with the worker that answers its request

class Loop {
  public:
    using Clock = std::chrono::steady_clock;

    Loop(Shared& shared, sys::Descriptor listener);
    ~Loop();
    /// Serves until drained or cut.
    void run();
    /// From any thread: no new connections, close idle ones, end when the last request has been answered.
    void drain();
    /// From any thread: close everything and end.
    void cut();
    /// From any thread: runs `task` on this loop's; forgotten when the loop has ended.
    void post(std::function<void()> task);

    // For its connections, on its thread.
    enum class Interest { None, Readable, Writable };
    void watch(int socket, Connection& connection, Interest interest, bool is_new);
    void move_to(Connections& to, Connection& connection);
    void close(Connection& connection);
    /// When the current round of events began: fine enough for deadlines.
    Clock::time_point now() const { return now_; }
    /// The Date line, made once a second.
    std::string_view date();
    bool is_draining() const { return is_draining_; }

    Shared& shared;
    Connections idle;  ///< between requests, longest first
    Connections busy;  ///< the others, oldest first
    std::string scratch;

  private:
    void accept_some();
    void watch_listener(bool on);
    bool make_room();
    void sweep();
    void run_posted();
    void begin_drain();
    void close_all();

    const std::size_t limit_;
    sys::Descriptor poll_, listener_, wake_;
    Clock::time_point now_ = Clock::now();
    Clock::time_point next_sweep_ = now_;
    std::optional<Clock::time_point> accept_again_;
    bool is_draining_ = false;
    bool is_over_ = false;
    std::vector<std::shared_ptr<Connection>> closed_;  ///< kept to the end of the round, for events may still name them
    std::time_t date_at_ = 0;
    std::string date_line_;
    std::mutex posted_mutex_;
    std::vector<std::function<void()>> posted_;
};

}  // namespace http
