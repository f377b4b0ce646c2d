// fanotify(7) with FAN_REPORT_DFID_NAME and FAN_REPORT_FID (Linux 5.9): an event names the folder by its file handle,
// the name in it, and the file by its handle. What happens to a marked file through a name elsewhere has the last alone
// in common.
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/fanotify.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/sys/files.h"
#include "watch/guard/inside/events.h"

namespace guard::inside {

namespace {

constexpr std::uint64_t kNames = FAN_CREATE | FAN_DELETE | FAN_MOVED_FROM | FAN_MOVED_TO | FAN_ONDIR;
constexpr std::uint64_t kAll =
    kNames | FAN_MODIFY | FAN_CLOSE_WRITE | FAN_ATTRIB | FAN_DELETE_SELF | FAN_MOVE_SELF | FAN_EVENT_ON_CHILD;
constexpr std::uint64_t kOfFile = FAN_MODIFY | FAN_CLOSE_WRITE | FAN_ATTRIB;

/// File system, handle type and handle, as both sides give them.
std::string key_of(const void* fsid, int type, const unsigned char* handle, unsigned size) {
    std::string key(static_cast<const char*>(fsid), 8);
    key.append(reinterpret_cast<const char*>(&type), sizeof type);
    key.append(reinterpret_cast<const char*>(handle), size);
    return key;
}

/// An open folder's or file's key; empty, with errno, when the file system has no handles.
std::string key_of(const sys::Descriptor& open) {
    struct statfs status {};
    alignas(file_handle) unsigned char room[sizeof(file_handle) + MAX_HANDLE_SZ]{};
    auto* handle = reinterpret_cast<file_handle*>(room);
    handle->handle_bytes = MAX_HANDLE_SZ;
    int mount = 0;
    if (::fstatfs(open.get(), &status) != 0 || ::name_to_handle_at(open.get(), "", handle, &mount, AT_EMPTY_PATH) != 0)
        return {};
    return key_of(&status.f_fsid, handle->handle_type, room + sizeof(file_handle), handle->handle_bytes);
}

std::uint64_t number_of(const std::string& key) {
    return std::hash<std::string>()(key);
}

class Fanotify final : public Source {
  public:
    explicit Fanotify(sys::Descriptor group, bool knows) : group_(std::move(group)), knows_processes_(knows) {}

    bool is_fanotify() const override { return true; }
    bool knows_processes() const override { return knows_processes_; }
    int descriptor() const override { return group_.get(); }

    std::string mark(const sys::Descriptor& folder, Marks what) override {
        std::string key = key_of(folder);
        if (key.empty() || ::fanotify_mark(group_.get(), FAN_MARK_ADD | FAN_MARK_ONLYDIR,
                                           what == Marks::All ? kAll : kNames, folder.get(), nullptr) != 0)
            throw base::Error(base::Kind::Unavailable,
                              fmt::format("fanotify cannot watch a folder here: {}", std::strerror(errno)));
        return key;
    }

    std::optional<std::uint64_t> mark_file(const sys::Descriptor& file) override {
        const std::string key = key_of(file);
        if (key.empty() || ::fanotify_mark(group_.get(), FAN_MARK_ADD, kOfFile, file.get(), nullptr) != 0)
            return std::nullopt;
        return number_of(key);
    }
    void forget_file(std::uint64_t) override {}  ///< it goes with the file, as a folder's
    std::size_t most_files() const override {
        return knows_processes_ ? SIZE_MAX : half_of_bound("fanotify/max_user_marks");
    }

    /// A mark is taken off by the folder's path alone, which may be another's by now. It goes with the folder, and
    /// until then its events have no name here.
    void forget(const std::string&) override {}

    bool read(const std::function<void(const Event&)>& take) override {
        alignas(fanotify_event_metadata) char buffer[1U << 16];
        const ssize_t got = ::read(group_.get(), buffer, sizeof buffer);
        if (got <= 0) return false;
        auto left = static_cast<std::size_t>(got);
        for (const char* at = buffer; left >= sizeof(fanotify_event_metadata);) {
            fanotify_event_metadata event{};
            std::memcpy(&event, at, sizeof event);
            if (event.event_len < event.metadata_len || event.event_len > left) break;
            hand_on(event, {at + event.metadata_len, event.event_len - event.metadata_len}, take);
            at += event.event_len;
            left -= event.event_len;
        }
        return true;
    }

  private:
    static void hand_on(const fanotify_event_metadata& event, std::string_view infos,
                        const std::function<void(const Event&)>& take) {
        Event found;
        found.process = event.pid;
        found.is_folder = (event.mask & FAN_ONDIR) != 0;
        found.has_come = (event.mask & (FAN_CREATE | FAN_MOVED_TO)) != 0;
        found.has_gone = (event.mask & (FAN_DELETE | FAN_MOVED_FROM)) != 0;
        found.is_self_gone = (event.mask & (FAN_DELETE_SELF | FAN_MOVE_SELF)) != 0;
        found.is_overflow = (event.mask & FAN_Q_OVERFLOW) != 0;
        if (found.is_overflow) return take(found);
        constexpr std::size_t kHead = sizeof(fanotify_event_info_fid) + sizeof(file_handle);
        while (infos.size() >= kHead) {
            fanotify_event_info_fid info{};
            std::memcpy(&info, infos.data(), sizeof info);
            const std::size_t size = info.hdr.len;
            if (size < kHead || size > infos.size()) return;
            file_handle handle{};
            std::memcpy(&handle, infos.data() + sizeof info, sizeof handle);
            if (handle.handle_bytes > size - kHead) return;
            const char* bytes = infos.data() + kHead;
            std::string key = key_of(&info.fsid, handle.handle_type, reinterpret_cast<const unsigned char*>(bytes),
                                     handle.handle_bytes);
            if (info.hdr.info_type == FAN_EVENT_INFO_TYPE_FID) {
                found.file = number_of(key);
            } else {
                found.mark = std::move(key);
                if (info.hdr.info_type == FAN_EVENT_INFO_TYPE_DFID_NAME) {
                    const char* name = bytes + handle.handle_bytes;
                    found.name.assign(name, ::strnlen(name, size - kHead - handle.handle_bytes));
                }
            }
            infos.remove_prefix(size);
        }
        take(found);
    }

    sys::Descriptor group_;
    bool knows_processes_;
};

}  // namespace

std::unique_ptr<Source> open_fanotify() {
    constexpr unsigned kFlags = FAN_CLASS_NOTIF | FAN_REPORT_DFID_NAME | FAN_REPORT_FID | FAN_CLOEXEC | FAN_NONBLOCK;
    // Unlimited marks are for CAP_SYS_ADMIN alone, and so is knowing the process; without it (Linux 5.13) the rest
    // works.
    sys::Descriptor group(::fanotify_init(kFlags | FAN_UNLIMITED_MARKS, O_RDONLY | O_CLOEXEC));
    const bool is_privileged = static_cast<bool>(group);
    if (!group) group = sys::Descriptor(::fanotify_init(kFlags, O_RDONLY | O_CLOEXEC));
    if (!group)
        throw base::Error(base::Kind::Unavailable,
                          fmt::format("the kernel does not permit fanotify: {}", std::strerror(errno)));
    return std::make_unique<Fanotify>(std::move(group), is_privileged);
}

}  // namespace guard::inside
