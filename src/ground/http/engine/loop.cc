#include "ground/http/engine/loop.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/http/conditional.h"
#include "ground/http/engine/connection.h"

namespace http {
namespace {

using namespace std::chrono_literals;

constexpr auto kSweep = 1s;
constexpr auto kAcceptPause = 100ms;
constexpr std::size_t kReadAtOnce = 64U << 10;
constexpr int kAcceptAtOnce = 64;

std::string address_text(const sockaddr_storage& name) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* address = name.ss_family == AF_INET6
                              ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(&name)->sin6_addr)
                              : static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(&name)->sin_addr);
    ::inet_ntop(name.ss_family, address, text.data(), text.size());
    return text.data();
}

std::uint32_t events_of(Loop::Interest interest) {
    switch (interest) {
        case Loop::Interest::Readable:
            return EPOLLIN;
        case Loop::Interest::Writable:
            return EPOLLOUT;
        case Loop::Interest::None:
            break;
    }
    return 0;
}

}  // namespace

Loop::Loop(Shared& with, sys::Descriptor listener)
    : shared(with),
      scratch(kReadAtOnce, '\0'),
      limit_(std::max<std::size_t>(
          1, with.options.connections / static_cast<std::size_t>(std::max(1, with.options.threads)))),
      poll_(::epoll_create1(EPOLL_CLOEXEC)),
      listener_(std::move(listener)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!poll_ || !wake_)
        throw base::Error(base::Kind::Unavailable, "the server cannot start: no more files can be opened");
    watch_listener(true);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &wake_;
    ::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, wake_.get(), &event);
}

Loop::~Loop() {
    for (Connections* list : {&idle, &busy})
        for (const auto& connection : *list) connection->end();
}

void Loop::watch_listener(bool on) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &listener_;
    ::epoll_ctl(poll_.get(), on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, listener_.get(), &event);
}

void Loop::watch(int socket, Connection& connection, Interest interest, bool is_new) {
    epoll_event event{};
    event.events = events_of(interest);
    event.data.ptr = &connection;
    ::epoll_ctl(poll_.get(), is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event);
}

void Loop::move_to(Connections& to, Connection& connection) {
    if (connection.listed_in == &to) return;
    to.splice(to.end(), *connection.listed_in, connection.place);
    connection.listed_in = &to;
}

void Loop::close(Connection& connection) {
    if (connection.is_closed()) return;
    closed_.push_back(connection.shared_from_this());
    connection.listed_in->erase(connection.place);
    connection.end();
}

void Loop::run() {
    std::array<epoll_event, 256> events;
    while (!is_over_) {
        const auto until = accept_again_ ? std::min(*accept_again_, next_sweep_) : next_sweep_;
        const auto wait = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
        const int count = ::epoll_wait(poll_.get(), events.data(), static_cast<int>(events.size()),
                                       static_cast<int>(std::clamp<std::int64_t>(wait, 0, 1000)));
        now_ = Clock::now();
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            if (event.data.ptr == &listener_) {
                accept_some();
            } else if (event.data.ptr == &wake_) {
                std::uint64_t ignored = 0;
                [[maybe_unused]] const ssize_t got = ::read(wake_.get(), &ignored, sizeof ignored);
            } else {
                auto& connection = *static_cast<Connection*>(event.data.ptr);
                // An error with nobody waiting for bytes (a worker has the request): only closing ends the event.
                const bool has_failed =
                    (event.events & (EPOLLERR | EPOLLHUP)) != 0 && (event.events & (EPOLLIN | EPOLLOUT)) == 0;
                if (has_failed)
                    close(connection);
                else
                    connection.on_event((event.events & EPOLLIN) != 0);
            }
        }
        run_posted();
        if (accept_again_ && now_ >= *accept_again_ && !is_draining_) {
            accept_again_.reset();
            watch_listener(true);
        }
        if (now_ >= next_sweep_) sweep();
        closed_.clear();
        if (is_draining_ && idle.empty() && busy.empty()) is_over_ = true;
    }
}

void Loop::accept_some() {
    for (int i = 0; i < kAcceptAtOnce && !is_draining_; ++i) {
        sockaddr_storage name{};
        socklen_t size = sizeof name;
        sys::Descriptor socket(
            ::accept4(listener_.get(), reinterpret_cast<sockaddr*>(&name), &size, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!socket) {
            if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) return;
            // The waiting connection stays in the queue, so asking again at once would spin.
            make_room();
            watch_listener(false);
            accept_again_ = now_ + kAcceptPause;
            return;
        }
        const int on = 1;
        ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        std::string peer = address_text(name);
        const bool has_room = idle.size() + busy.size() < limit_ || make_room();
        if (!has_room || !shared.add_peer(peer)) {
            constexpr std::string_view kFull =
                "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            ::send(socket.get(), kFull.data(), kFull.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            ++shared.refused;
            continue;
        }
        busy.push_back(std::make_shared<Connection>(*this, std::move(socket), std::move(peer)));
        busy.back()->listed_in = &busy;
        busy.back()->place = std::prev(busy.end());
        busy.back()->start();
    }
}

/// Closes the connection that is missed least: the longest idle one, else the oldest that has not even sent a whole
/// head.
bool Loop::make_room() {
    const auto victim =
        idle.empty() ? std::find_if(busy.begin(), busy.end(), [](const auto& one) { return one->is_reading_head(); })
                     : idle.begin();
    if (victim == busy.end()) return false;
    ++shared.evicted;
    close(**victim);
    return true;
}

void Loop::sweep() {
    next_sweep_ = now_ + kSweep;
    std::vector<std::shared_ptr<Connection>> expired;
    for (const Connections* list : {&idle, &busy})
        for (const auto& connection : *list)
            if (connection->deadline() < now_) expired.push_back(connection);
    for (const auto& connection : expired) connection->expire();
}

void Loop::post(std::function<void()> task) {
    {
        const std::lock_guard lock(posted_mutex_);
        posted_.push_back(std::move(task));
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t gone = ::write(wake_.get(), &one, sizeof one);
}

void Loop::run_posted() {
    std::vector<std::function<void()>> tasks;
    {
        const std::lock_guard lock(posted_mutex_);
        tasks.swap(posted_);
    }
    for (const auto& task : tasks) task();
}

void Loop::begin_drain() {
    if (is_draining_) return;
    is_draining_ = true;
    listener_ = {};
    while (!idle.empty()) close(*idle.front());
    std::vector<std::shared_ptr<Connection>> silent;
    for (const auto& connection : busy)
        if (connection->is_silent()) silent.push_back(connection);
    for (const auto& connection : silent) close(*connection);
}

void Loop::close_all() {
    begin_drain();
    for (Connections* list : {&idle, &busy})
        while (!list->empty()) close(*list->front());
}

void Loop::drain() {
    post([this] { begin_drain(); });
}

void Loop::cut() {
    post([this] { close_all(); });
}

std::string_view Loop::date() {
    const std::time_t at = std::time(nullptr);
    if (at != date_at_) {
        date_at_ = at;
        date_line_ = "Date: " + format_http_date({static_cast<std::int64_t>(at) * 1000}) + "\r\n";
    }
    return date_line_;
}

}  // namespace http
