// For tests: a bare TCP client that sends exactly the bytes it is given, and a server on a free port.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ground/http/server.h"

namespace http {

struct WireReply {
    int status = 0;  ///< 0 = the connection ended without a reply
    std::string head, body;
    std::string field(const std::string& name) const {
        const std::size_t at = head.find("\r\n" + name + ": ");
        if (at == std::string::npos) return "";
        const std::size_t from = at + name.size() + 4;
        return head.substr(from, head.find("\r\n", from) - from);
    }
};

class Wire {
  public:
    explicit Wire(int port, int receive_buffer = 0) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        if (receive_buffer > 0)
            ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(port));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        is_connected_ = ::connect(socket_.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
    }
    bool is_connected() const { return is_connected_; }

    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t gone = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (gone <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(gone));
        }
        return true;
    }
    void end_sending() { ::shutdown(socket_.get(), SHUT_WR); }

    /// One whole reply; what follows it is kept for the next call.
    WireReply receive(bool to_head = false, int patience_ms = 10'000) {
        WireReply reply;
        std::size_t end = 0;
        while ((end = inbox_.find("\r\n\r\n")) == std::string::npos)
            if (!fill(patience_ms)) return reply;
        reply.head = inbox_.substr(0, end + 4);
        inbox_.erase(0, end + 4);
        reply.status = std::stoi(reply.head.substr(9, 3));
        const std::string length = reply.field("Content-Length");
        if (to_head || length.empty()) return reply;
        const std::size_t wanted = std::stoull(length);
        while (inbox_.size() < wanted && fill(patience_ms)) {
        }
        reply.body = inbox_.substr(0, wanted);
        inbox_.erase(0, reply.body.size());
        return reply;
    }
    WireReply ask(std::string_view bytes) {
        send(bytes);
        return receive();
    }
    /// True when the other side ends the connection in time; what still comes is thrown away.
    bool is_closed_within(int patience_ms) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
        while (std::chrono::steady_clock::now() < until) {
            const int left = static_cast<int>(
                std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now())
                    .count());
            pollfd waiting{socket_.get(), POLLIN, 0};
            if (::poll(&waiting, 1, std::max(left, 1)) == 0) return false;
            char scratch[4096];
            if (::recv(socket_.get(), scratch, sizeof scratch, MSG_DONTWAIT) <= 0) return true;
        }
        return false;
    }
    /// Takes up to `count` bytes off the socket; false at its end.
    bool drink(std::size_t count) {
        std::string scratch(count, '\0');
        return ::recv(socket_.get(), scratch.data(), count, 0) > 0;
    }

  private:
    bool fill(int patience_ms) {
        pollfd waiting{socket_.get(), POLLIN, 0};
        if (::poll(&waiting, 1, patience_ms) <= 0) return false;
        char scratch[65536];
        const ssize_t got = ::recv(socket_.get(), scratch, sizeof scratch, 0);
        if (got <= 0) return false;
        inbox_.append(scratch, static_cast<std::size_t>(got));
        return true;
    }

    sys::Descriptor socket_;
    bool is_connected_ = false;
    std::string inbox_;
};

inline std::string get_line(const std::string& target) {
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

}  // namespace http
