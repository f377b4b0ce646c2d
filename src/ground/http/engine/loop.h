// One I/O thread: its listening socket, its connections, its clock of deadlines. Loops share nothing but the counters
// and the workers, so that nothing in them is locked.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

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
    Response run_guarded(const std::function<Response()>& work, const Request& request) const;
    /// Counts a connection from `address`; false when it has too many.
    bool add_peer(const std::string& address);
    void remove_peer(const std::string& address);

  private:
    std::mutex peers_mutex_;
    std::map<std::string, std::size_t> peers_;
};

class Loop {
  public:
    Loop(Shared& shared, sys::Descriptor listener);
    ~Loop();
    /// Serves until drained or cut.
    void run();
    /// From any thread: no new connections, close idle ones, end when the last request has been answered.
    void drain();
    /// From any thread: close everything and end.
    void cut();

    struct State;  ///< loop.cc's own business

  private:
    std::unique_ptr<State> state_;
};

}  // namespace http
