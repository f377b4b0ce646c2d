#include "ground/http/engine/loop.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <list>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/socket.h>

#include "ground/http/conditional.h"
#include "ground/http/engine/outgoing.h"
#include "ground/sys/log.h"

namespace http {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<Tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<Tcp, Executor>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
using Clock = std::chrono::steady_clock;
using Code = boost::system::error_code;

constexpr auto kSweep = std::chrono::seconds(1);
constexpr auto kAcceptPause = std::chrono::milliseconds(100);
constexpr auto kLinger = std::chrono::seconds(2);
constexpr std::size_t kLingerBytes = 4U << 20;
constexpr std::size_t kReadAtOnce = 64U << 10;
constexpr int kMostInARow = 16;  ///< pipelined requests answered before other connections get their turn

class Connection;
using Connections = std::list<std::shared_ptr<Connection>>;

}  // namespace

struct Loop::State {
    State(Shared& with, sys::Descriptor listener);
    void accept();
    void on_accept(const Code& ec, Socket socket);
    void sweep();
    bool make_room();
    void drain();
    void cut();
    void end_if_empty();
    std::string_view date();

    Shared& shared;
    asio::io_context context{1};
    Acceptor acceptor;
    Timer sweep_timer;
    Timer accept_timer;
    asio::executor_work_guard<Executor> guard;
    Connections idle;  ///< between requests, longest first
    Connections busy;  ///< the others
    const std::size_t limit;
    bool is_draining = false;
    std::string scratch = std::string(kReadAtOnce, '\0');
    std::time_t date_at = 0;
    std::string date_line;
};

namespace {

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(Loop::State& loop, Socket socket, std::string peer)
        : loop_(loop),
          shared_(loop.shared),
          socket_(std::move(socket)),
          peer_(std::move(peer)),
          reader_(shared_.reader, peer_) {
        ++shared_.connections;
    }
    ~Connection() {
        shared_.remove_peer(peer_);
        --shared_.connections;
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    enum class Phase { Idle, Reading, Handling, Writing, Lingering, Closed };

    void start() {
        deadline_ = Clock::now() + shared_.options.header_deadline;
        wait_readable();
    }
    Phase phase() const { return phase_; }
    bool is_reading_head() const { return phase_ == Phase::Reading && !reader_.has_head(); }
    /// Open, but nothing of a request has come.
    bool is_silent() const { return is_reading_head() && inbox_.empty(); }
    Clock::time_point deadline() const { return deadline_; }

    void expire() {
        if (phase_ == Phase::Reading && !inbox_.empty())
            refuse({408, "The request took too long."});
        else if (phase_ == Phase::Reading && reader_.has_head())
            refuse({408, "The request took too long."});
        else
            close();
    }

    void close() {
        if (phase_ == Phase::Closed) return;
        phase_ = Phase::Closed;
        Code ignored;
        socket_.close(ignored);
        auto& from = is_listed_idle_ ? loop_.idle : loop_.busy;
        const auto self = shared_from_this();  // the list may hold the last reference
        from.erase(place_);
        loop_.end_if_empty();
    }

    Connections::iterator place_;
    bool is_listed_idle_ = false;

  private:
    void move_to(bool idle) {
        if (is_listed_idle_ == idle) return;
        auto& to = idle ? loop_.idle : loop_.busy;
        auto& from = idle ? loop_.busy : loop_.idle;
        to.splice(to.end(), from, place_);
        is_listed_idle_ = idle;
    }

    void wait_readable() {
        socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const Code& ec) {
            if (self->phase_ == Phase::Closed) return;
            if (ec) return self->close();
            self->on_readable();
        });
    }

    void wait_writable() {
        socket_.async_wait(Socket::wait_write, [self = shared_from_this()](const Code& ec) {
            if (self->phase_ == Phase::Closed) return;
            if (ec) return self->close();
            self->write();
        });
    }

    void on_readable() {
        const ssize_t got = ::recv(socket_.native_handle(), loop_.scratch.data(), loop_.scratch.size(), MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return wait_readable();
        if (got <= 0) return close();
        const std::string_view bytes(loop_.scratch.data(), static_cast<std::size_t>(got));
        if (phase_ == Phase::Lingering) {
            lingered_ += bytes.size();
            return lingered_ > kLingerBytes ? close() : wait_readable();
        }
        if (phase_ == Phase::Idle) {
            phase_ = Phase::Reading;
            move_to(false);
            deadline_ = Clock::now() + shared_.options.header_deadline;
        }
        inbox_.append(bytes);
        in_a_row_ = 0;
        read();
    }

    /// Looks at what has come; the next step is to wait for more, to answer or to refuse.
    void read() {
        const bool had_head = reader_.has_head();
        std::size_t used = 0;
        const auto need = reader_.take(inbox_, used);
        inbox_.erase(0, used);
        if (need == RequestReader::Need::Refusal) return refuse(reader_.refusal());
        if (reader_.has_head()) {
            if (!had_head) head_at_ = Clock::now();
            if (need == RequestReader::Need::Nothing) return dispatch();
            deadline_ = head_at_ + shared_.options.body_deadline + at_minimum_rate(reader_.body_bytes());
            if (reader_.take_expectation() && !say_continue()) return close();
        }
        wait_readable();
    }

    /// Nothing is under way to the client at this point, so that these few bytes always fit.
    bool say_continue() {
        constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        return ::send(socket_.native_handle(), kContinue.data(), kContinue.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
               static_cast<ssize_t>(kContinue.size());
    }

    std::chrono::milliseconds at_minimum_rate(std::uint64_t bytes) const {
        return std::chrono::milliseconds(bytes * 1000 / std::max<std::size_t>(shared_.options.minimum_rate, 1));
    }

    void dispatch() {
        ++shared_.requests;
        phase_ = Phase::Handling;
        deadline_ = Clock::time_point::max();
        if (shared_.fast) {
            std::optional<Response> answer;
            try {
                answer = shared_.fast(reader_.request());
            } catch (const base::Error& error) {
                answer = shared_.error_reply(error, &reader_.request());
            } catch (const std::exception& error) {
                answer = shared_.error_reply(base::Error(base::Kind::Bug, error.what()), &reader_.request());
            }
            if (answer) return respond(std::move(*answer));
        }
        // The request belongs to the worker until the answer is back: this thread does not touch it meanwhile.
        auto task = [self = shared_from_this()]() mutable {
            auto answer = std::make_shared<Response>(self->shared_.run_handler(self->reader_.request()));
            asio::io_context& context = self->loop_.context;
            asio::post(context, [self = std::move(self), answer] {
                if (self->phase_ == Phase::Handling) self->respond(std::move(*answer));
            });
        };
        if (shared_.workers.add(std::move(task))) return;
        ++shared_.refused;
        Response full = shared_.error_reply(
            base::Error(base::Kind::Unavailable, "The server is busy. Please try again in a moment."),
            &reader_.request());
        full.headers.set("Retry-After", "5");
        respond(std::move(full));
    }

    void refuse(const Refusal& refusal) {
        ++shared_.refused;
        must_close_ = true;
        const Request* request = reader_.has_head() ? &reader_.request() : nullptr;
        const auto kind = refusal.status == 503 ? base::Kind::Unavailable : base::Kind::BadInput;
        respond(shared_.error_reply(base::Error(kind, std::string(refusal.why)), request, refusal.status));
    }

    void respond(Response response) {
        phase_ = Phase::Writing;
        if (!reader_.has_head()) head_at_ = Clock::now();
        if (loop_.is_draining || !reader_.keeps_alive()) is_last_ = true;
        if (must_close_) is_last_ = true;
        if (!response.prepared)
            for (const auto& [name, value] : shared_.options.extra_headers)
                if (!response.headers.find(name)) response.headers.add(name, value);
        tail_ = loop_.date();
        if (is_last_)
            tail_ += "Connection: close\r\n";
        else if (reader_.is_http_1_0())
            tail_ += "Connection: keep-alive\r\n";
        tail_ += "\r\n";
        outgoing_.start(std::move(response), !reader_.request().is_head, tail_);
        write_at_ = Clock::now();
        write();
    }

    void write() {
        switch (outgoing_.send_some(socket_.native_handle())) {
            case Outgoing::Progress::Broken:
                return close();
            case Outgoing::Progress::Waiting:
                deadline_ = write_at_ + shared_.options.write_deadline + at_minimum_rate(outgoing_.sent());
                return wait_writable();
            case Outgoing::Progress::Done:
                return on_sent();
        }
    }

    void on_sent() {
        if (shared_.options.on_served && reader_.has_head())
            shared_.options.on_served({reader_.request(), outgoing_.status(), outgoing_.sent(),
                                       std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - head_at_)});
        outgoing_.clear();
        if (is_last_) return finish();
        reader_.reset();
        if (!inbox_.empty()) {
            phase_ = Phase::Reading;
            deadline_ = Clock::now() + shared_.options.header_deadline;
            if (++in_a_row_ < kMostInARow) return read();
            asio::post(loop_.context, [self = shared_from_this()] {
                self->in_a_row_ = 0;
                if (self->phase_ == Phase::Reading) self->read();
            });
            return;
        }
        if (loop_.is_draining) return finish();
        phase_ = Phase::Idle;
        move_to(true);
        deadline_ = Clock::now() + shared_.options.idle_deadline;
        if (inbox_.capacity() > 1024) inbox_ = {};
        wait_readable();
    }

    /// Closing with unread bytes makes the kernel reset the connection, and the client may lose the answer. So after a
    /// refusal what still comes is read and thrown away for a while.
    void finish() {
        if (!must_close_ && inbox_.empty()) return close();
        ::shutdown(socket_.native_handle(), SHUT_WR);
        phase_ = Phase::Lingering;
        deadline_ = Clock::now() + kLinger;
        wait_readable();
    }

    Loop::State& loop_;
    Shared& shared_;
    Socket socket_;
    std::string peer_;
    RequestReader reader_;
    Outgoing outgoing_;
    std::string inbox_;  ///< bytes received and not yet taken by the reader
    std::string tail_;
    Phase phase_ = Phase::Reading;
    Clock::time_point deadline_, head_at_, write_at_;
    std::size_t lingered_ = 0;
    int in_a_row_ = 0;
    bool must_close_ = false;  ///< the client's bytes can no longer be told apart
    bool is_last_ = false;
};

}  // namespace

Loop::State::State(Shared& with, sys::Descriptor listener)
    : shared(with),
      acceptor(context.get_executor()),
      sweep_timer(context.get_executor()),
      accept_timer(context.get_executor()),
      guard(context.get_executor()),
      limit(std::max<std::size_t>(
          1, shared.options.connections / static_cast<std::size_t>(std::max(1, shared.options.threads)))) {
    sockaddr_storage name{};
    socklen_t size = sizeof name;
    ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&name), &size);
    acceptor.assign(name.ss_family == AF_INET6 ? Tcp::v6() : Tcp::v4(), listener.release());
    accept();
    sweep();
}

void Loop::State::accept() {
    acceptor.async_accept([this](const Code& ec, Socket socket) { on_accept(ec, std::move(socket)); });
}

void Loop::State::on_accept(const Code& ec, Socket socket) {
    if (is_draining || ec == asio::error::operation_aborted) return;
    if (ec) {
        // Out of descriptors or memory: the waiting connection stays in the queue, so asking again at once would spin.
        if (ec == asio::error::no_descriptors || ec.value() == ENFILE || ec.value() == ENOBUFS ||
            ec.value() == ENOMEM) {
            make_room();
            accept_timer.expires_after(kAcceptPause);
            accept_timer.async_wait([this](const Code& cancelled) {
                if (!cancelled && !is_draining) accept();
            });
            return;
        }
        return accept();
    }
    Code ignored;
    socket.set_option(Tcp::no_delay(true), ignored);
    socket.native_non_blocking(true, ignored);
    const auto remote = socket.remote_endpoint(ignored);
    const std::string peer = ignored ? std::string() : remote.address().to_string();
    const bool has_room = idle.size() + busy.size() < limit || make_room();
    if (ignored || !has_room || !shared.add_peer(peer)) {
        constexpr std::string_view kFull =
            "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        if (!ignored) ::send(socket.native_handle(), kFull.data(), kFull.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        ++shared.refused;
    } else {
        busy.push_back(std::make_shared<Connection>(*this, std::move(socket), peer));
        busy.back()->place_ = std::prev(busy.end());
        busy.back()->start();
    }
    accept();
}

/// Closes the connection that is missed least: the longest idle one, else the oldest that has not even sent a whole
/// head.
bool Loop::State::make_room() {
    auto victim = idle.empty()
                      ? std::find_if(busy.begin(), busy.end(), [](const auto& c) { return c->is_reading_head(); })
                      : idle.begin();
    if (victim == busy.end()) return false;
    ++shared.evicted;
    const auto connection = *victim;
    connection->close();
    return true;
}

void Loop::State::sweep() {
    sweep_timer.expires_after(kSweep);
    sweep_timer.async_wait([this](const Code& ec) {
        if (ec) return;
        const auto now = Clock::now();
        std::vector<std::shared_ptr<Connection>> expired;
        for (const Connections* list : {&idle, &busy})
            for (const auto& connection : *list)
                if (connection->deadline() < now) expired.push_back(connection);
        for (const auto& connection : expired) connection->expire();
        sweep();
    });
}

void Loop::State::drain() {
    is_draining = true;
    Code ignored;
    acceptor.close(ignored);
    accept_timer.cancel();
    while (!idle.empty()) std::shared_ptr<Connection>(idle.front())->close();
    std::vector<std::shared_ptr<Connection>> silent;
    for (const auto& connection : busy)
        if (connection->is_silent()) silent.push_back(connection);
    for (const auto& connection : silent) connection->close();
    end_if_empty();
}

void Loop::State::cut() {
    is_draining = true;
    Code ignored;
    acceptor.close(ignored);
    while (!idle.empty()) std::shared_ptr<Connection>(idle.front())->close();
    while (!busy.empty()) std::shared_ptr<Connection>(busy.front())->close();
    context.stop();
}

void Loop::State::end_if_empty() {
    if (!is_draining || !idle.empty() || !busy.empty()) return;
    sweep_timer.cancel();
    guard.reset();
    context.stop();
}

std::string_view Loop::State::date() {
    const std::time_t now = std::time(nullptr);
    if (now != date_at) {
        date_at = now;
        date_line = "Date: " + format_http_date({static_cast<std::int64_t>(now) * 1000}) + "\r\n";
    }
    return date_line;
}

Loop::Loop(Shared& shared, sys::Descriptor listener) : state_(std::make_unique<State>(shared, std::move(listener))) {}
Loop::~Loop() = default;

void Loop::run() {
    while (!state_->context.stopped()) {
        try {
            state_->context.run();
        } catch (const std::exception& error) {
            sys::log(sys::Level::Error, "request loop caught an exception", {{"error", error.what()}});
        }
    }
}

void Loop::drain() {
    asio::post(state_->context, [this] { state_->drain(); });
}

void Loop::cut() {
    asio::post(state_->context, [this] { state_->cut(); });
}

}  // namespace http
