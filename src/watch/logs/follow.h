// Follows a log file as it grows, over rotation and over restarts of the reader: every whole line once. A file that was
// renamed away is read to its end before the new one begins; one that was cut to nothing (copytruncate) begins anew. A
// line that never ends costs bounded memory. A line written without its end waits until the end comes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "ground/sys/files.h"

namespace logs {

constexpr std::size_t kLongestLine = 16U << 10;  ///< bytes; what is longer is handed out cut

class Follower {
  public:
    enum class Start { End, Beginning };  ///< of a file without a known position
    /// `position` as position() gave it earlier; "" or one that cannot be read: as `start` says.
    explicit Follower(std::filesystem::path file, std::string_view position = {}, Start start = Start::End);

    struct Turn {
        std::uint64_t lines = 0, bytes = 0;
        bool is_missing = false;  ///< there is no such file, or it may not be read
        bool is_more = false;     ///< `most` was reached
        int problem = 0;          ///< errno of the missing file
    };
    /// Hands out each new line, without its end, until there is no more or about `most` bytes were read.
    Turn read(const std::function<void(std::string_view)>& take, std::size_t most = 8U << 20);
    /// Where the next read goes on: to be kept and handed to the next Follower.
    std::string position() const;

  private:
    bool open_at(const std::filesystem::path& path);
    void restore();
    void read_open(const std::function<void(std::string_view)>& take, std::size_t most, Turn& turn);
    std::uint64_t mark_before(std::uint64_t offset) const;
    bool is_replaced() const;

    std::filesystem::path file_;
    Start start_;
    sys::Descriptor open_;
    std::uint64_t device_ = 0, inode_ = 0, offset_ = 0;
    std::uint64_t mark_ = 0;  ///< a sum over the bytes before offset_, by which a file that was begun anew is known
    bool is_resumed_ = false;
    bool is_in_long_line_ = false;
    std::string tail_;  ///< of an unfinished line
};

}  // namespace logs
