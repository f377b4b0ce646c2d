// Writes an access log without making anybody wait: lines are put together where they arise and written by a thread of
// its own, many at a time. What does not fit into the bounded buffer is dropped and counted, for delivery comes first.
// A file that has grown to its size is renamed to .1, older ones to .2 and so on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "watch/logs/access_line.h"

namespace logs {

struct AccessLogOptions {
    std::filesystem::path file;
    std::uint64_t most_bytes = 100U << 20;  ///< of one file
    int older_files = 10;
    std::size_t buffer_bytes = 4U << 20;
};

class AccessLog {
  public:
    /// Never throws for what the file system does: it is tried again with the next lines, and the log says so once.
    explicit AccessLog(AccessLogOptions options);
    /// Writes what is left.
    ~AccessLog();
    AccessLog(const AccessLog&) = delete;
    AccessLog& operator=(const AccessLog&) = delete;

    /// From any thread; takes about a microsecond and never blocks on the disk.
    void add(const Access& access);
    /// The same for a line made elsewhere, without its end: the program's own log.
    void add_line(std::string_view line);
    /// Waits until what was added is in the file; for tests.
    void flush();
    std::uint64_t dropped() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace logs
