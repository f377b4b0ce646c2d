#include "ground/sys/dial.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace sys {

namespace {

struct FreeAddresses {
    void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

}  // namespace

int Deadline::left_ms() const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now()).count();
    return static_cast<int>(std::clamp<long long>(left, 0, 3'600'000));
}

Target read_target(std::string_view text, std::string_view usual_port) {
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        const std::string host(text.substr(1, end == std::string_view::npos ? end : end - 1));
        const bool has_port = end != std::string_view::npos && text.substr(end + 1).starts_with(':');
        return {host, std::string(has_port ? text.substr(end + 2) : usual_port)};
    }
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || text.find(':') != colon) return {std::string(text), std::string(usual_port)};
    return {std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

bool wait_for(int socket, short events, const Deadline& deadline) {
    for (;;) {
        pollfd waiting{socket, events, 0};
        const int ready = ::poll(&waiting, 1, deadline.left_ms());
        if (ready > 0) return true;
        if (ready == 0 || errno != EINTR) return false;
    }
}

namespace {

void finish(Dialled& dialled, Descriptor socket, const sockaddr* to, socklen_t size, const Deadline& deadline) {
    int error = ::connect(socket.get(), to, size) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
        if (!wait_for(socket.get(), POLLOUT, deadline)) {
            dialled.step = Step::Timeout;
            dialled.problem = "timed out";
            return;
        }
        socklen_t length = sizeof error;
        ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    }
    dialled.step = error == 0 ? Step::Done : Step::Connect;
    dialled.problem = error == 0 ? std::string() : std::strerror(error);
    if (error == 0) dialled.socket = std::move(socket);
}

}  // namespace

Dialled dial(const Target& target, const Deadline& deadline) {
    const auto start = std::chrono::steady_clock::now();
    Dialled dialled;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int problem = ::getaddrinfo(target.host.c_str(), target.port.c_str(), &hints, &found); problem != 0) {
        dialled.step = Step::Name;
        dialled.problem = ::gai_strerror(problem);
        return dialled;
    }
    const std::unique_ptr<addrinfo, FreeAddresses> addresses(found);
    dialled.step = Step::Connect;
    for (const addrinfo* at = addresses.get(); at != nullptr; at = at->ai_next) {
        Descriptor socket(::socket(at->ai_family, at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, at->ai_protocol));
        if (!socket) continue;
        finish(dialled, std::move(socket), at->ai_addr, at->ai_addrlen, deadline);
        if (dialled.step == Step::Done) break;
    }
    dialled.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return dialled;
}

Dialled dial(const std::filesystem::path& path, const Deadline& deadline) {
    Dialled dialled;
    dialled.step = Step::Connect;
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    const std::string& name = path.native();
    if (name.size() >= sizeof to.sun_path) {
        dialled.problem = std::strerror(ENAMETOOLONG);
        return dialled;
    }
    std::memcpy(to.sun_path, name.c_str(), name.size() + 1);
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket)
        dialled.problem = std::strerror(errno);
    else
        finish(dialled, std::move(socket), reinterpret_cast<const sockaddr*>(&to), sizeof to, deadline);
    return dialled;
}

}  // namespace sys
