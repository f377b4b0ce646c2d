// One client's connection: reads a request, has it answered, sends the reply, and again. Knows its deadline; its loop's
// sweep enforces it. All on the loop's thread, but for the request while a worker answers it.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "ground/http/engine/loop.h"
#include "ground/http/engine/outgoing.h"
#include "ground/http/engine/request_reader.h"

namespace http {

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(Loop& loop, sys::Descriptor socket, std::string peer);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void start();
    void on_event(bool is_readable);
    /// The deadline is over: says so to one who was heard half, closes.
    void expire();
    /// Ends it at once; only Loop::close calls this.
    void end();

    Loop::Clock::time_point deadline() const { return deadline_; }
    bool is_closed() const { return phase_ == Phase::Closed; }
    bool is_reading_head() const { return phase_ == Phase::Reading && !reader_.has_head(); }
    /// Open, but nothing of a request has come.
    bool is_silent() const { return is_reading_head() && inbox_.empty(); }

    Connections* listed_in = nullptr;  ///< and where; the loop's
    Connections::iterator place;

  private:
    enum class Phase { Idle, Reading, Handling, Writing, Lingering, Closed };

    void wait_for(Loop::Interest interest);
    void receive();
    void read();
    void dispatch();
    void refuse(const Refusal& refusal);
    void respond(Response response);
    void write();
    void on_sent();
    void finish();
    bool say_continue();
    std::chrono::milliseconds at_minimum_rate(std::uint64_t bytes) const;

    Loop& loop_;
    Shared& shared_;
    sys::Descriptor socket_;
    const std::string peer_;
    RequestReader reader_;
    Outgoing outgoing_;
    std::string inbox_;  ///< bytes received and not yet taken by the reader
    Phase phase_ = Phase::Reading;
    Loop::Interest interest_ = Loop::Interest::None;
    Loop::Clock::time_point deadline_, head_at_, write_at_;
    std::size_t lingered_ = 0;
    int in_a_row_ = 0;
    bool must_close_ = false;  ///< the client's bytes can no longer be told apart
    bool is_last_ = false;
};

}  // namespace http
