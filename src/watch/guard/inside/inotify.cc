// inotify(7): an event names the watch, and the name in its folder. It does not tell who.
#include <cerrno>
#include <cstring>
#include <fstream>

#include <sys/inotify.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/sys/files.h"
#include "watch/guard/inside/events.h"

namespace guard::inside {

namespace {

constexpr std::uint32_t kNames = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR;
constexpr std::uint32_t kAll =
    kNames | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_EXCL_UNLINK;
constexpr std::uint32_t kOfFile = IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB;

class Inotify final : public Source {
  public:
    explicit Inotify(sys::Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

    bool is_fanotify() const override { return false; }
    bool knows_processes() const override { return false; }
    int descriptor() const override { return descriptor_.get(); }

    std::string mark(const sys::Descriptor& folder, Marks what) override {
        const int watch = add(folder, what == Marks::All ? kAll : kNames);
        if (watch < 0)
            throw base::Error(base::Kind::Unavailable,
                              errno == ENOSPC
                                  ? "inotify permits no more watches: raise fs.inotify.max_user_watches by sysctl"
                                  : fmt::format("inotify cannot watch a folder here: {}", std::strerror(errno)));
        return std::to_string(watch);
    }

    void forget(const std::string& mark) override { ::inotify_rm_watch(descriptor_.get(), std::stoi(mark)); }

    std::optional<std::uint64_t> mark_file(const sys::Descriptor& file) override {
        const int watch = add(file, kOfFile);
        if (watch < 0) return std::nullopt;
        return static_cast<std::uint64_t>(watch);
    }
    void forget_file(std::uint64_t file) override { ::inotify_rm_watch(descriptor_.get(), static_cast<int>(file)); }
    std::size_t most_files() const override { return half_of_bound("inotify/max_user_watches"); }

    bool read(const std::function<void(const Event&)>& take) override {
        alignas(inotify_event) char buffer[1U << 16];
        const ssize_t got = ::read(descriptor_.get(), buffer, sizeof buffer);
        if (got <= 0) return false;
        auto left = static_cast<std::size_t>(got);
        for (const char* at = buffer; left >= sizeof(inotify_event);) {
            inotify_event event{};
            std::memcpy(&event, at, sizeof event);
            if (event.len > left - sizeof event) break;
            if ((event.mask & IN_IGNORED) == 0) {
                Event found;
                found.mark = std::to_string(event.wd);
                found.file = static_cast<std::uint64_t>(event.wd);  // one count for both; from 1 on
                if (event.len > 0) found.name.assign(at + sizeof event, ::strnlen(at + sizeof event, event.len));
                found.is_folder = (event.mask & IN_ISDIR) != 0;
                found.has_come = (event.mask & (IN_CREATE | IN_MOVED_TO)) != 0;
                found.has_gone = (event.mask & (IN_DELETE | IN_MOVED_FROM)) != 0;
                found.is_self_gone = (event.mask & (IN_DELETE_SELF | IN_MOVE_SELF)) != 0;
                found.is_overflow = (event.mask & IN_Q_OVERFLOW) != 0;
                take(found);
            }
            at += sizeof event + event.len;
            left -= sizeof event + event.len;
        }
        return true;
    }

  private:
    int add(const sys::Descriptor& open, std::uint32_t events) const {
        const std::string path = fmt::format("/proc/self/fd/{}", open.get());
        return ::inotify_add_watch(descriptor_.get(), path.c_str(), events);
    }

    sys::Descriptor descriptor_;
};

}  // namespace

std::size_t half_of_bound(const std::string& name) {
    std::size_t most = 0;
    std::ifstream("/proc/sys/fs/" + name) >> most;
    return most / 2;
}

std::unique_ptr<Source> open_inotify() {
    sys::Descriptor descriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!descriptor)
        throw base::Error(base::Kind::Unavailable, fmt::format("inotify cannot be used: {}", std::strerror(errno)));
    return std::make_unique<Inotify>(std::move(descriptor));
}

}  // namespace guard::inside
