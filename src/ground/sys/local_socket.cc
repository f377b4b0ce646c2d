#include "ground/sys/local_socket.h"

#include <cerrno>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/sys/files.h"
#include "ground/sys/log.h"

namespace sys {

namespace {

using base::Error;
using base::Kind;
using Clock = std::chrono::steady_clock;

constexpr auto kRequestPatience = std::chrono::seconds(5);

/// Unix socket addresses hold 107 bytes; a longer path is reached through its folder's descriptor.
struct Address {
    sockaddr_un value{};
    Descriptor folder;
};

Address address_of(const std::filesystem::path& path) {
    Address address;
    address.value.sun_family = AF_UNIX;
    std::string name = path.string();
    if (name.size() >= sizeof address.value.sun_path) {
        address.folder = Descriptor(::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        name = fmt::format("/proc/self/fd/{}/{}", address.folder.get(), path.filename().string());
    }
    if (name.size() >= sizeof address.value.sun_path)
        throw Error(Kind::BadInput, fmt::format("the name of the socket {} is too long", path.string()));
    std::memcpy(address.value.sun_path, name.c_str(), name.size() + 1);
    return address;
}

Descriptor new_socket() {
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) throw Error(Kind::Unavailable, fmt::format("no socket can be made: {}", std::strerror(errno)));
    return socket;
}

bool connects(const Descriptor& socket, const Address& address) {
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address.value), sizeof address.value) == 0;
}

bool wait_for(int descriptor, short events, Clock::time_point until) {
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
        if (left <= 0) return false;
        pollfd one{descriptor, events, 0};
        const int ready = ::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
    }
}

/// Up to the new line, without it; nothing when the other side ends, is silent for too long or sends too much.
std::optional<std::string> read_line(const Descriptor& socket, Clock::time_point until) {
    std::string line;
    char piece[4096];
    while (wait_for(socket.get(), POLLIN, until)) {
        const ssize_t got = ::recv(socket.get(), piece, sizeof piece, 0);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got <= 0) return std::nullopt;
        line.append(piece, static_cast<std::size_t>(got));
        if (const auto end = line.find('\n'); end != std::string::npos) return line.substr(0, end);
        if (line.size() > kLocalLineLimit) return std::nullopt;
    }
    return std::nullopt;
}

bool write_line(const Descriptor& socket, std::string line, Clock::time_point until) {
    line += '\n';
    std::string_view rest = line;
    while (!rest.empty()) {
        const ssize_t sent = ::send(socket.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent > 0)
            rest.remove_prefix(static_cast<std::size_t>(sent));
        else if (errno == EAGAIN) {
            if (!wait_for(socket.get(), POLLOUT, until)) return false;
        } else if (errno != EINTR)
            return false;
    }
    return true;
}

}  // namespace

struct LocalServer::State {
    std::filesystem::path path;
    Descriptor listener;
    Descriptor stop{::eventfd(0, EFD_CLOEXEC)};
    std::function<std::string(const std::string&)> answer;
    std::thread thread;

    void serve() {
        for (;;) {
            pollfd both[2] = {{listener.get(), POLLIN, 0}, {stop.get(), POLLIN, 0}};
            if (::poll(both, 2, -1) < 0 && errno != EINTR) return;
            if (both[1].revents != 0) return;
            const Descriptor asker(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
            if (!asker) continue;
            const auto line = read_line(asker, Clock::now() + kRequestPatience);
            if (!line) continue;
            try {
                write_line(asker, answer(*line), Clock::now() + kRequestPatience);
            } catch (const std::exception& problem) {
                log(Level::Error, "local request", {{"problem", problem.what()}});
            }
        }
    }
};

LocalServer::LocalServer(const std::filesystem::path& path, std::function<std::string(const std::string&)> answer)
    : state_(std::make_unique<State>()) {
    state_->path = path;
    state_->answer = std::move(answer);
    const Address address = address_of(path);
    if (connects(new_socket(), address))
        throw Error(Kind::Conflict, fmt::format("another process answers at {} already", path.string()));
    ::unlink(path.c_str());
    state_->listener = new_socket();
    if (::bind(state_->listener.get(), reinterpret_cast<const sockaddr*>(&address.value), sizeof address.value) != 0 ||
        ::chmod(path.c_str(), 0660) != 0 || ::listen(state_->listener.get(), 64) != 0)
        throw Error(Kind::Unavailable, fmt::format("{} cannot be made: {}", path.string(), std::strerror(errno)));
    state_->thread = std::thread([this] { state_->serve(); });
}

LocalServer::~LocalServer() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto told = ::write(state_->stop.get(), &one, sizeof one);
    state_->thread.join();
    ::unlink(state_->path.c_str());
}

std::optional<std::string> ask_local(const std::filesystem::path& path, const std::string& line,
                                     std::chrono::milliseconds patience) {
    const Descriptor socket = new_socket();
    if (!connects(socket, address_of(path))) return std::nullopt;
    const auto until = Clock::now() + patience;
    if (write_line(socket, line, until))
        if (auto answer = read_line(socket, until)) return answer;
    throw Error(Kind::Unavailable, fmt::format("{} does not answer; see its log", path.string()));
}

}  // namespace sys
