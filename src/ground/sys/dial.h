// Plain sockets with an absolute end to every wait, for what speaks something other than HTTP.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include "ground/sys/files.h"

namespace sys {

/// The moment by which an exchange has to be done.
class Deadline {
  public:
    explicit Deadline(std::chrono::milliseconds patience) : end_(std::chrono::steady_clock::now() + patience) {}
    explicit Deadline(std::chrono::steady_clock::time_point end) : end_(end) {}
    int left_ms() const;  ///< for poll; 0 when it is over

  private:
    std::chrono::steady_clock::time_point end_;
};

/// "host:80", "[::1]:80" or "host" with `usual_port`.
struct Target {
    std::string host, port;
};
Target read_target(std::string_view text, std::string_view usual_port);

enum class Step { Done, Name, Connect, Timeout };
struct Dialled {
    Step step = Step::Done;
    Descriptor socket;  ///< connected, non-blocking
    std::string problem;
    double seconds = 0;
};
/// Tries each address of the host in turn.
Dialled dial(const Target& target, const Deadline& deadline);
/// A Unix socket.
Dialled dial(const std::filesystem::path& path, const Deadline& deadline);

/// False when the deadline is over. `events` as of poll(2).
bool wait_for(int socket, short events, const Deadline& deadline);

}  // namespace sys
