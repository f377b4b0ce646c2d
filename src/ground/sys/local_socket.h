// Requests between the processes of one site on one machine: a line in, a line out, over a Unix socket whose folder's
// rights say who may ask.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace sys {

constexpr std::size_t kLocalLineLimit = 1U << 20;

/// Answers requests one at a time on a thread of its own until it goes.
class LocalServer {
  public:
    /// Replaces a socket that a dead process has left. `answer` may throw: the asker then gets no line.
    /// Throws Error(Unavailable) when the socket cannot be made, Error(Conflict) when another process listens there.
    LocalServer(const std::filesystem::path& path, std::function<std::string(const std::string&)> answer);
    ~LocalServer();
    LocalServer(const LocalServer&) = delete;
    LocalServer& operator=(const LocalServer&) = delete;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// The answer; nothing when nobody listens at `path`.
/// Throws Error(Unavailable) when a listener does not answer within `patience`, or ends without an answer.
std::optional<std::string> ask_local(const std::filesystem::path& path, const std::string& line,
                                     std::chrono::milliseconds patience);

}  // namespace sys
