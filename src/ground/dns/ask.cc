#include "ground/dns/ask.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"

namespace dns {

namespace {

using Steady = std::chrono::steady_clock;

/// False when `end` has come.
bool wait_for(int socket, short events, Steady::time_point end) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Steady::now()).count();
        pollfd waiting{socket, events, 0};
        const int ready = ::poll(&waiting, 1, static_cast<int>(std::clamp<long long>(left, 0, 600'000)));
        if (ready > 0) return true;
        if (ready == 0 || errno != EINTR) return false;
    }
}

/// One conversation with one server.
class Conversation {
  public:
    Conversation(const addrinfo& to, std::uint16_t id, std::string_view name, Type type, const std::string& query)
        : to_(to), id_(id), name_(name), type_(type), query_(query) {}

    std::string problem;

    std::optional<Answer> by_datagram(Steady::time_point end) {
        const sys::Descriptor socket = open(SOCK_DGRAM);
        if (!socket) return std::nullopt;
        // Datagrams get lost: asked again at a third and at two thirds of the time.
        const auto third = (end - Steady::now()) / 3;
        for (int attempt = 0; attempt < 3; ++attempt) {
            const auto until = Steady::now() + third;
            if (::send(socket.get(), query_.data(), query_.size(), MSG_NOSIGNAL) < 0) problem = std::strerror(errno);
            while (wait_for(socket.get(), POLLIN, until)) {
                char bytes[4096];
                const ssize_t got = ::recv(socket.get(), bytes, sizeof bytes, 0);
                if (got < 0) {
                    problem = std::strerror(errno);
                    break;
                }
                if (auto answer = read({bytes, static_cast<std::size_t>(got)})) return answer;
            }
        }
        return std::nullopt;
    }

    std::optional<Answer> by_stream(Steady::time_point end) {
        const sys::Descriptor socket = open(SOCK_STREAM);
        if (!socket || !wait_for(socket.get(), POLLOUT, end)) return std::nullopt;
        std::string sent = {static_cast<char>(query_.size() >> 8), static_cast<char>(query_.size() & 0xFF)};
        sent += query_;
        while (!sent.empty()) {
            const ssize_t gone = ::send(socket.get(), sent.data(), sent.size(), MSG_NOSIGNAL);
            if (gone > 0)
                sent.erase(0, static_cast<std::size_t>(gone));
            else if (errno != EAGAIN || !wait_for(socket.get(), POLLOUT, end))
                return fail();
        }
        const auto head = take(socket.get(), 2, end);
        if (!head) return std::nullopt;
        const auto message = take(
            socket.get(),
            std::size_t{static_cast<unsigned char>((*head)[0])} << 8 | static_cast<unsigned char>((*head)[1]), end);
        return message ? read(*message) : std::nullopt;
    }

  private:
    std::optional<Answer> fail() {
        problem = std::strerror(errno);
        return std::nullopt;
    }
    std::optional<Answer> read(std::string_view message) const { return read_answer(message, id_, name_, type_); }

    sys::Descriptor open(int kind) {
        sys::Descriptor socket(::socket(to_.ai_family, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (!socket || (::connect(socket.get(), to_.ai_addr, to_.ai_addrlen) != 0 && errno != EINPROGRESS)) {
            problem = std::strerror(errno);
            return {};
        }
        return socket;
    }

    std::optional<std::string> take(int socket, std::size_t count, Steady::time_point end) {
        std::string bytes;
        while (bytes.size() < count) {
            char piece[4096];
            if (!wait_for(socket, POLLIN, end)) return std::nullopt;
            const ssize_t got = ::recv(socket, piece, std::min(sizeof piece, count - bytes.size()), 0);
            if (got == 0) problem = "the connection was closed";
            if (got < 0) problem = std::strerror(errno);
            if (got <= 0) return std::nullopt;
            bytes.append(piece, static_cast<std::size_t>(got));
        }
        return bytes;
    }

    const addrinfo& to_;
    std::uint16_t id_;
    std::string_view name_;
    Type type_;
    const std::string& query_;
};

}  // namespace

Server read_server(std::string_view text) {
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        const std::string host(text.substr(1, end == std::string_view::npos ? end : end - 1));
        const bool has_port = end != std::string_view::npos && text.substr(end + 1).starts_with(':');
        return {host, std::string(has_port ? text.substr(end + 2) : "53")};
    }
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || text.find(':') != colon) return {std::string(text), "53"};
    return {std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

std::string first_server(std::string_view resolv_conf) {
    for (const std::string_view each : base::split(resolv_conf, '\n')) {
        const std::string_view line = base::trim(each);
        if (!line.starts_with("nameserver ") && !line.starts_with("nameserver\t")) continue;
        std::string_view address = base::trim(line.substr(11));
        address = address.substr(0, address.find_first_of(" \t"));
        if (!address.empty()) return std::string(address);
    }
    return {};
}

Asked ask(std::string_view server, std::string_view name, Type type, std::chrono::milliseconds patience) {
    const auto start = Steady::now();
    Asked asked;
    const auto finish = [&] {
        asked.seconds = std::chrono::duration<double>(Steady::now() - start).count();
        if (!asked.answer && asked.problem.empty()) asked.problem = "timed out";
        return asked;
    };
    const std::string random = sys::random_bytes(2);
    const auto id =
        static_cast<std::uint16_t>(static_cast<unsigned char>(random[0]) << 8 | static_cast<unsigned char>(random[1]));
    const auto query = make_query(id, name, type);
    if (!query) {
        asked.problem = "this is no host name";
        return finish();
    }
    const Server to = read_server(server);
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    if (const int error = ::getaddrinfo(to.host.c_str(), to.port.c_str(), &hints, &found); error != 0) {
        asked.problem = ::gai_strerror(error);
        return finish();
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> address(found, &::freeaddrinfo);
    Conversation conversation(*found, id, name, type, *query);
    asked.answer = conversation.by_datagram(start + patience);
    if (asked.answer && asked.answer->is_cut)
        // What was cut is not the whole answer, and half of one is worse than none.
        asked.answer = conversation.by_stream(start + patience);
    if (!asked.answer) asked.problem = conversation.problem;
    return finish();
}

}  // namespace dns
