#include "ground/http/engine/connection.h"

#include <algorithm>
#include <cerrno>

#include <sys/socket.h>

#include "ground/base/error.h"

namespace http {
namespace {

using namespace std::chrono_literals;

constexpr auto kLinger = 2s;
constexpr std::size_t kLingerBytes = 4U << 20;
constexpr int kMostInARow = 16;           ///< pipelined requests answered before other connections get their turn
constexpr std::size_t kKeptInbox = 1024;  ///< what an idle connection may hold on to

}  // namespace

Connection::Connection(Loop& loop, sys::Descriptor socket, std::string peer)
    : loop_(loop),
      shared_(loop.shared),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      reader_(shared_.reader, peer_) {
    ++shared_.connections;
}

Connection::~Connection() {
    shared_.remove_peer(peer_);
    --shared_.connections;
}

void Connection::start() {
    deadline_ = loop_.now() + shared_.options.header_deadline;
    interest_ = Loop::Interest::Readable;
    loop_.watch(socket_.get(), *this, interest_, true);
}

void Connection::end() {
    phase_ = Phase::Closed;
    socket_ = {};
}

void Connection::wait_for(Loop::Interest interest) {
    if (interest == interest_) return;
    interest_ = interest;
    loop_.watch(socket_.get(), *this, interest, false);
}

void Connection::expire() {
    if (phase_ == Phase::Reading && !is_silent())
        refuse({408, "The request took too long."});
    else
        loop_.close(*this);
}

void Connection::on_event(bool is_readable) {
    switch (phase_) {
        case Phase::Idle:
        case Phase::Reading:
        case Phase::Lingering:
            return receive();
        case Phase::Writing:
            return write();
        case Phase::Handling:
            // The client sends ahead or has hung up. Either is looked at after the reply.
            if (is_readable) wait_for(Loop::Interest::None);
            return;
        case Phase::Closed:
            return;
    }
}

void Connection::receive() {
    const ssize_t got = ::recv(socket_.get(), loop_.scratch.data(), loop_.scratch.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return loop_.close(*this);
    const std::string_view bytes(loop_.scratch.data(), static_cast<std::size_t>(got));
    if (phase_ == Phase::Lingering) {
        lingered_ += bytes.size();
        if (lingered_ > kLingerBytes) loop_.close(*this);
        return;
    }
    if (phase_ == Phase::Idle) {
        phase_ = Phase::Reading;
        loop_.move_to(loop_.busy, *this);
        deadline_ = loop_.now() + shared_.options.header_deadline;
    }
    inbox_.append(bytes);
    in_a_row_ = 0;
    read();
}

/// Looks at what has come; the next step is to wait for more, to answer or to refuse.
void Connection::read() {
    const bool had_head = reader_.has_head();
    std::size_t used = 0;
    const auto need = reader_.take(inbox_, used);
    inbox_.erase(0, used);
    if (need == RequestReader::Need::Refusal) return refuse(reader_.refusal());
    if (reader_.has_head()) {
        if (!had_head) head_at_ = loop_.now();
        if (need == RequestReader::Need::Nothing) return dispatch();
        deadline_ = head_at_ + shared_.options.body_deadline + at_minimum_rate(reader_.body_bytes());
        if (reader_.take_expectation() && !say_continue()) return loop_.close(*this);
    }
    wait_for(Loop::Interest::Readable);
}

/// Nothing is under way to the client at this point, so that these few bytes always fit.
bool Connection::say_continue() {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    return ::send(socket_.get(), kContinue.data(), kContinue.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
           static_cast<ssize_t>(kContinue.size());
}

std::chrono::milliseconds Connection::at_minimum_rate(std::uint64_t bytes) const {
    return std::chrono::milliseconds(bytes * 1000 / std::max<std::size_t>(shared_.options.minimum_rate, 1));
}

void Connection::dispatch() {
    shared_.requests.fetch_add(1, std::memory_order_relaxed);
    phase_ = Phase::Handling;
    deadline_ = Loop::Clock::time_point::max();
    if (shared_.fast)
        if (auto answer = shared_.run_fast(reader_.request())) return respond(std::move(*answer));
    // The request belongs to the worker until the answer is back: this thread does not touch it meanwhile.
    auto task = [self = shared_from_this()]() mutable {
        auto answer = std::make_shared<Response>(self->shared_.run_handler(self->reader_.request()));
        Loop& loop = self->loop_;
        loop.post([self = std::move(self), answer] {
            if (self->phase_ == Phase::Handling) self->respond(std::move(*answer));
        });
    };
    if (shared_.workers.add(std::move(task))) return;
    ++shared_.refused;
    Response full = shared_.error_reply(
        base::Error(base::Kind::Unavailable, "ただいま混み合っています。しばらくしてから、もう一度お試しください。"),
        &reader_.request());
    full.headers.set("Retry-After", "5");
    respond(std::move(full));
}

void Connection::refuse(const Refusal& refusal) {
    ++shared_.refused;
    must_close_ = true;
    const Request* request = reader_.has_head() ? &reader_.request() : nullptr;
    const auto kind = refusal.status == 503 ? base::Kind::Unavailable : base::Kind::BadInput;
    respond(shared_.error_reply(base::Error(kind, std::string(refusal.why)), request, refusal.status));
}

void Connection::respond(Response response) {
    phase_ = Phase::Writing;
    write_at_ = loop_.now();
    is_last_ = must_close_ || loop_.is_draining() || !reader_.keeps_alive();
    if (!response.prepared)
        for (const auto& [name, value] : shared_.options.extra_headers)
            if (!response.headers.find(name)) response.headers.add(name, value);
    std::string_view end = "\r\n";
    if (is_last_)
        end = "Connection: close\r\n\r\n";
    else if (reader_.is_http_1_0())
        end = "Connection: keep-alive\r\n\r\n";
    outgoing_.start(std::move(response), !reader_.request().is_head, loop_.date(), end);
    write();
}

void Connection::write() {
    switch (outgoing_.send_some(socket_.get())) {
        case Outgoing::Progress::Broken:
            return loop_.close(*this);
        case Outgoing::Progress::Waiting:
            deadline_ = write_at_ + shared_.options.write_deadline + at_minimum_rate(outgoing_.sent());
            return wait_for(Loop::Interest::Writable);
        case Outgoing::Progress::Done:
            return on_sent();
    }
}

void Connection::on_sent() {
    if (shared_.options.on_served && reader_.has_head())
        shared_.options.on_served(
            {reader_.request(), outgoing_.status(), outgoing_.sent(),
             std::chrono::duration_cast<std::chrono::microseconds>(Loop::Clock::now() - head_at_)});
    outgoing_.clear();
    if (is_last_) return finish();
    reader_.reset();
    if (!inbox_.empty()) {
        phase_ = Phase::Reading;
        deadline_ = loop_.now() + shared_.options.header_deadline;
        if (++in_a_row_ < kMostInARow) return read();
        return loop_.post([self = shared_from_this()] {
            self->in_a_row_ = 0;
            if (self->phase_ == Phase::Reading) self->read();
        });
    }
    if (loop_.is_draining()) return finish();
    phase_ = Phase::Idle;
    loop_.move_to(loop_.idle, *this);
    deadline_ = loop_.now() + shared_.options.idle_deadline;
    if (inbox_.capacity() > kKeptInbox) inbox_ = {};
    wait_for(Loop::Interest::Readable);
}

/// Closing with unread bytes makes the kernel reset the connection, and the client may lose the answer. So after a
/// refusal what still comes is read and thrown away for a while.
void Connection::finish() {
    if (!must_close_ && inbox_.empty()) return loop_.close(*this);
    ::shutdown(socket_.get(), SHUT_WR);
    phase_ = Phase::Lingering;
    deadline_ = loop_.now() + kLinger;
    wait_for(Loop::Interest::Readable);
}

}  // namespace http
