#include "watch/antivirus/connection.h"

#include <cerrno>

#include <poll.h>
#include <sys/socket.h>

namespace antivirus {

namespace {

constexpr std::size_t kLongestAnswer = 4096;
constexpr const char* kLate = "時間内に応答がありません。";

}  // namespace

Connection::Connection(const std::string& address, std::chrono::milliseconds patience) : deadline_(patience) {
    const sys::Target target = sys::read_target(address, "3310");
    sys::Dialled dialled =
        address.starts_with('/') ? sys::dial(std::filesystem::path(address), deadline_) : sys::dial(target, deadline_);
    socket_ = std::move(dialled.socket);
    if (dialled.step == sys::Step::Name) problem_ = fmt::format("「{}」という名前が見つかりません。", target.host);
    if (dialled.step == sys::Step::Timeout) problem_ = kLate;
    if (dialled.step == sys::Step::Connect) problem_ = fmt::format("接続できません（{}）。", dialled.problem);
}

bool Connection::wait(short events) {
    if (sys::wait_for(socket_.get(), events, deadline_)) return true;
    problem_ = kLate;
    return false;
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
