#include "watch/antivirus/connection.h"

#include <cerrno>
#include <cstring>
#include <memory>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace antivirus {

namespace {

constexpr std::size_t kLongestAnswer = 4096;

struct FreeAddresses {
    void operator()(addrinfo* found) const { ::freeaddrinfo(found); }
};

}  // namespace

Connection::Connection(const std::string& address, std::chrono::milliseconds patience)
    : end_(std::chrono::steady_clock::now() + patience) {
    if (address.starts_with('/'))
        connect_unix(address);
    else
        connect_tcp(address);
}

void Connection::connect_unix(const std::string& path) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    if (path.size() >= sizeof to.sun_path) {
        problem_ = "ソケットの名前が長すぎます。";
        return;
    }
    std::memcpy(to.sun_path, path.c_str(), path.size() + 1);
    socket_ = sys::Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    finish_connect(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to));
}

void Connection::connect_tcp(const std::string& address) {
    const auto colon = address.rfind(':');
    std::string host = address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* raw = nullptr;
    const std::string port = colon == std::string::npos ? "3310" : address.substr(colon + 1);
    if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &raw) != 0) {
        problem_ = fmt::format("「{}」という名前が見つかりません。", host);
        return;
    }
    const std::unique_ptr<addrinfo, FreeAddresses> found(raw);
    for (const addrinfo* at = found.get(); at != nullptr; at = at->ai_next) {
        problem_.clear();
        socket_ = sys::Descriptor(::socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        finish_connect(::connect(socket_.get(), at->ai_addr, at->ai_addrlen));
        if (problem_.empty()) return;
    }
}

void Connection::finish_connect(int result) {
    int error = result == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
        socklen_t length = sizeof error;
        if (!wait(POLLOUT)) return;
        ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    }
    if (error != 0) problem_ = fmt::format("接続できません（{}）。", std::strerror(error));
}

bool Connection::wait(short events) {
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
        pollfd one{socket_.get(), events, 0};
        const int ready = left.count() > 0 ? ::poll(&one, 1, static_cast<int>(left.count())) : 0;
        if (ready > 0) return true;
        if (ready < 0 && errno == EINTR) continue;
        problem_ = "時間内に応答がありません。";
        return false;
    }
}

bool Connection::write(std::string_view bytes) {
    while (problem_.empty() && !bytes.empty()) {
        // Never SIGPIPE: clamd closes in the middle of a file that is too large for it.
        const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        } else if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            if (!wait(POLLOUT)) return false;
        } else if (errno != EINTR) {
            return false;
        }
    }
    return problem_.empty();
}

std::optional<std::string> Connection::read_answer() {
    std::string answer;
    while (problem_.empty() && answer.size() <= kLongestAnswer) {
        char buffer[1024];
        const ssize_t got = ::recv(socket_.get(), buffer, sizeof buffer, 0);
        if (got > 0) {
            answer.append(buffer, static_cast<std::size_t>(got));
            if (const auto end = answer.find('\0'); end != std::string::npos) return answer.substr(0, end);
        } else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            if (!wait(POLLIN)) return std::nullopt;
        } else if (got == 0 || errno != EINTR) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

}  // namespace antivirus
