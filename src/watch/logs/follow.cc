#include "watch/logs/follow.h"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace logs {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kPiece = 64U << 10;
constexpr std::size_t kMarked = 64;

}  // namespace

Follower::Follower(fs::path file, std::string_view position, Start start) : file_(std::move(file)), start_(start) {
    unsigned long long device = 0, inode = 0, offset = 0, mark = 0;
    if (std::sscanf(std::string(position).c_str(), "%llu %llu %llu %llu", &device, &inode, &offset, &mark) == 4) {
        device_ = device;
        inode_ = inode;
        offset_ = offset;
        mark_ = mark;
        is_resumed_ = true;
    }
}

std::string Follower::position() const {
    const std::uint64_t begin = offset_ - tail_.size();  // the unfinished line is read again
    return fmt::format("{} {} {} {}", device_, inode_, begin, mark_before(begin));
}

/// FNV-1a over the last bytes before `offset`.
std::uint64_t Follower::mark_before(std::uint64_t offset) const {
    char bytes[kMarked];
    const std::size_t wanted = std::min<std::uint64_t>(offset, kMarked);
    if (!open_ || wanted == 0) return 0;
    const ssize_t got = ::pread(open_.get(), bytes, wanted, static_cast<off_t>(offset - wanted));
    std::uint64_t sum = 14695981039346656037U;
    for (ssize_t at = 0; at < got; ++at) sum = (sum ^ static_cast<unsigned char>(bytes[at])) * 1099511628211U;
    return got == static_cast<ssize_t>(wanted) ? sum : 0;
}

bool Follower::open_at(const fs::path& path) {
    sys::Descriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat about {};
    if (!opened || ::fstat(opened.get(), &about) != 0) return false;
    if (!S_ISREG(about.st_mode)) {
        errno = EINVAL;
        return false;
    }
    open_ = std::move(opened);
    device_ = about.st_dev;
    inode_ = about.st_ino;
    return true;
}

/// Opens the file in which the last reader stopped, which may have been renamed since, at its place there.
void Follower::restore() {
    const std::uint64_t device = device_, inode = inode_, offset = offset_, mark = mark_;
    is_resumed_ = false;
    for (const char* suffix : {"", ".1", "-1", ".0"}) {
        fs::path path = file_;
        path += suffix;
        struct stat about {};
        if (::stat(path.c_str(), &about) != 0 || about.st_ino != inode || about.st_dev != device) continue;
        if (!open_at(path)) continue;
        const bool is_same = static_cast<std::uint64_t>(about.st_size) >= offset && mark_before(offset) == mark;
        offset_ = is_same ? offset : 0;
        return;
    }
    open_ = {};
    offset_ = 0;
    start_ = Start::Beginning;  // it was rotated away while nobody read: all that is there is new
}

bool Follower::is_replaced() const {
    struct stat about {};
    return ::stat(file_.c_str(), &about) == 0 && (about.st_ino != inode_ || about.st_dev != device_);
}

void Follower::read_open(const std::function<void(std::string_view)>& take, std::size_t most, Turn& turn) {
    struct stat about {};
    if (::fstat(open_.get(), &about) == 0 && static_cast<std::uint64_t>(about.st_size) < offset_) {
        offset_ = 0;  // cut to nothing and begun anew
        tail_.clear();
        is_in_long_line_ = false;
    }
    std::string piece(kPiece, '\0');
    while (turn.bytes < most) {
        const ssize_t got = ::pread(open_.get(), piece.data(), piece.size(), static_cast<off_t>(offset_));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return;
        offset_ += static_cast<std::uint64_t>(got);
        turn.bytes += static_cast<std::uint64_t>(got);
        std::string_view rest(piece.data(), static_cast<std::size_t>(got));
        for (std::size_t end = 0; (end = rest.find('\n')) != std::string_view::npos; rest.remove_prefix(end + 1)) {
            const std::string_view part = rest.substr(0, end);
            if (!is_in_long_line_) {
                tail_.append(part.substr(0, kLongestLine - std::min(kLongestLine, tail_.size())));
                if (tail_.ends_with('\r')) tail_.pop_back();
                take(tail_);
                ++turn.lines;
            }
            tail_.clear();
            is_in_long_line_ = false;
        }
        if (is_in_long_line_) continue;
        tail_.append(rest);
        if (tail_.size() > kLongestLine) {
            tail_.resize(kLongestLine);
            take(tail_);
            ++turn.lines;
            tail_.clear();
            is_in_long_line_ = true;
        }
    }
    turn.is_more = true;
}

Follower::Turn Follower::read(const std::function<void(std::string_view)>& take, std::size_t most) {
    Turn turn;
    if (is_resumed_) restore();
    if (!open_) {
        if (!open_at(file_)) {
            turn.is_missing = true;
            turn.problem = errno;
            start_ = Start::Beginning;  // once it comes, all of it is new
            return turn;
        }
        struct stat about {};
        const bool is_known = ::fstat(open_.get(), &about) == 0;
        offset_ = start_ == Start::End && is_known ? static_cast<std::uint64_t>(about.st_size) : 0;
    }
    read_open(take, most, turn);
    // To the end of the old one first, then on with the new one.
    for (int files = 0; files < 3 && !turn.is_more && is_replaced(); ++files) {
        if (!tail_.empty()) {
            take(tail_);
            ++turn.lines;
        }
        tail_.clear();
        is_in_long_line_ = false;
        if (!open_at(file_)) break;
        offset_ = 0;
        read_open(take, most, turn);
    }
    return turn;
}

}  // namespace logs
