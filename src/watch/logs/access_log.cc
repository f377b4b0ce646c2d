#include "watch/logs/access_log.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/sys/files.h"
#include "ground/sys/log.h"

namespace logs {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::milliseconds kPause{200};

}  // namespace

struct AccessLog::State {
    AccessLogOptions options;
    std::mutex mutex;
    std::condition_variable has_come, is_written;
    std::string filling;  ///< lines that wait; guarded by the mutex
    bool is_writing = false, is_ending = false, is_wanted_now = false;
    std::atomic<std::uint64_t> dropped{0};
    sys::Descriptor file;  ///< the writer's
    std::uint64_t size = 0;
    bool has_failed = false;
    std::jthread writer;

    explicit State(AccessLogOptions given) : options(std::move(given)), writer([this] { work(); }) {}

    void work() {
        std::string writing;
        std::unique_lock lock(mutex);
        for (;;) {
            // The pause makes one write of many lines.
            has_come.wait_for(lock, kPause, [&] { return is_ending || is_wanted_now; });
            is_wanted_now = false;
            if (filling.empty()) {
                is_written.notify_all();
                if (is_ending) return;
                continue;
            }
            writing.swap(filling);
            is_writing = true;
            lock.unlock();
            write(writing);
            writing.clear();
            lock.lock();
            is_writing = false;
            if (filling.empty()) is_written.notify_all();
        }
    }

    bool open() {
        try {
            sys::make_folders(options.file.parent_path(), 0750);
        } catch (const base::Error&) {
            return false;
        }
        file = sys::Descriptor(
            ::open(options.file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640));
        struct stat about {};
        if (!file || ::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode)) {
            file = {};
            return false;
        }
        size = static_cast<std::uint64_t>(about.st_size);
        return true;
    }

    /// Also opens anew a file that somebody else has moved away.
    void prepare() {
        struct stat there {
        }, ours{};
        if (file && (::stat(options.file.c_str(), &there) != 0 || ::fstat(file.get(), &ours) != 0 ||
                     there.st_ino != ours.st_ino || there.st_dev != ours.st_dev))
            file = {};
        if (!file) open();
        if (file && size >= options.most_bytes) {
            file = {};
            std::error_code problem;
            const auto numbered = [&](int number) {
                return fs::path(fmt::format("{}.{}", options.file.string(), number));
            };
            for (int number = options.older_files; number > 1; --number)
                fs::rename(numbered(number - 1), numbered(number), problem);
            fs::rename(options.file, numbered(1), problem);
            open();
        }
    }

    void write(std::string_view lines) {
        prepare();
        const std::string_view all = lines;
        while (file && !lines.empty()) {
            const ssize_t gone = ::write(file.get(), lines.data(), lines.size());
            if (gone < 0 && errno == EINTR) continue;
            if (gone <= 0) break;
            size += static_cast<std::uint64_t>(gone);
            lines.remove_prefix(static_cast<std::size_t>(gone));
        }
        if (!lines.empty()) {
            dropped += static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
            // A line that was cut is ended, so that the next one stays whole.
            if (file && lines.size() < all.size() && ::write(file.get(), "\n", 1) == 1) ++size;
        }
        if (!lines.empty() != has_failed) {
            has_failed = !lines.empty();
            sys::log(has_failed ? sys::Level::Error : sys::Level::Info,
                     has_failed ? "the access log cannot be written" : "the access log is written again",
                     {{"file", options.file.string()}, {"problem", has_failed ? std::strerror(errno) : ""}});
        }
    }
};

AccessLog::AccessLog(AccessLogOptions options) : state_(std::make_unique<State>(std::move(options))) {}

AccessLog::~AccessLog() {
    {
        const std::scoped_lock lock(state_->mutex);
        state_->is_ending = true;
    }
    state_->has_come.notify_all();
    state_->writer.join();
}

void AccessLog::add(const Access& access) {
    thread_local std::string line;
    line.clear();
    append_access_line(line, access);
    add_line(line);
}

void AccessLog::add_line(std::string_view line) {
    const std::scoped_lock lock(state_->mutex);
    if (state_->filling.size() + line.size() + 1 > state_->options.buffer_bytes) {
        ++state_->dropped;
        return;
    }
    state_->filling += line;
    state_->filling += '\n';
    if (state_->filling.size() > state_->options.buffer_bytes / 4 && !state_->is_wanted_now) {
        state_->is_wanted_now = true;
        state_->has_come.notify_one();
    }
}

void AccessLog::flush() {
    std::unique_lock lock(state_->mutex);
    state_->is_wanted_now = true;
    state_->has_come.notify_one();
    state_->is_written.wait(lock, [&] { return state_->filling.empty() && !state_->is_writing; });
}

std::uint64_t AccessLog::dropped() const {
    return state_->dropped;
}

}  // namespace logs
