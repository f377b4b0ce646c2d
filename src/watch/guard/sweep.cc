#include "watch/guard/sweep.h"

#include <cerrno>
#include <cstring>
#include <ctime>

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/sys/beneath.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "watch/guard/mounts.h"

namespace guard {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTurn = 128;  ///< files between two rests
constexpr unsigned kFolderMode = 0755;

std::uint64_t key_of(const release::Entry& entry) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, entry.hash.bytes.data(), sizeof bytes);
    return std::hash<std::string>()(entry.path) ^ bytes;
}

std::chrono::nanoseconds processor_time_of_thread() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

struct Sweep::Turn {
    Depth depth;
    const Plan& plan;
    const std::function<void(const std::string&)>& suspect;
    const std::function<bool()>& rest;
    sys::Descriptor root;
    struct stat root_status {};
    sys::Hasher hasher;
    std::string piece;
    std::unordered_map<std::uint64_t, Stamp> known;
    Result result;

    void tell(const std::string& path) {
        ++result.suspects;
        suspect(path);
    }
    bool has_foreign_owner(const struct stat& status) const {
        return status.st_uid != root_status.st_uid || status.st_gid != root_status.st_gid;
    }
};

Sweep::Stamp Sweep::stamp_of(const struct stat& status) {
    return {status.st_ctim.tv_sec * 1'000'000'000 + status.st_ctim.tv_nsec, status.st_ino};
}

bool Sweep::is_suspect(Turn& turn, const release::Entry& entry) {
    const auto is_well = [&](const struct stat& status) {
        return S_ISREG(status.st_mode) && (status.st_mode & 07777) == entry.mode && !turn.has_foreign_owner(status) &&
               status.st_nlink == 1 && status.st_size == entry.size;
    };
    const std::uint64_t key = key_of(entry);
    struct stat status {};
    if (turn.depth != Depth::Bytes) {  // one call for what has not changed; a link on the way is found by the walk
        const auto known = known_.find(key);
        if (known != known_.end() &&
            ::fstatat(turn.root.get(), entry.path.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && is_well(status) &&
            known->second == stamp_of(status)) {
            ++turn.result.files;
            turn.known.insert(*known);
            return false;
        }
    }
    const sys::Descriptor file = sys::open_beneath(turn.root.get(), entry.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!file || ::fstat(file.get(), &status) != 0) return true;
    if (S_ISREG(status.st_mode)) ++turn.result.files;
    if (!is_well(status)) return true;
    const Stamp stamp = stamp_of(status);
    const auto before = known_.find(key);
    if (turn.depth == Depth::Bytes || before == known_.end() || before->second != stamp) {
        ++turn.result.hashed;
        for (std::int64_t size = 0; size <= entry.size;) {
            const ssize_t got = ::read(file.get(), turn.piece.data(), turn.piece.size());
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return turn.hasher.finish(), true;
            if (got == 0) break;
            turn.hasher.add({turn.piece.data(), static_cast<std::size_t>(got)});
            turn.result.bytes += got;
            size += got;
        }
        if (turn.hasher.finish() != entry.hash) return true;
    }
    turn.known[key] = stamp;
    return false;
}

/// What is on the disk and should not be, and the folders' own state.
void Sweep::walk(Turn& turn) {
    std::vector<std::string> left{""};
    while (!left.empty()) {
        if (!turn.rest()) return;
        const std::string prefix = std::move(left.back());
        left.pop_back();
        sys::Descriptor folder = sys::open_beneath(turn.root.get(), prefix, O_RDONLY | O_DIRECTORY);
        DIR* stream = folder ? ::fdopendir(folder.get()) : nullptr;
        if (stream == nullptr) {
            turn.tell(prefix.empty() ? "./" : prefix);
            continue;
        }
        const int number = folder.release();  // the stream closes it
        const std::unique_ptr<DIR, int (*)(DIR*)> closer(stream, ::closedir);
        std::vector<std::string> names;
        const auto ask = [&] {
            for (const std::string& path : turn.plan.unknown(std::exchange(names, {}))) turn.tell(path);
        };
        while (const dirent* item = ::readdir(stream)) {
            const std::string_view name = item->d_name;
            if (name == "." || name == "..") continue;
            std::string path = prefix + item->d_name;
            struct stat status {};
            if (item->d_type == DT_DIR || item->d_type == DT_UNKNOWN) {
                if (::fstatat(number, item->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
                if (S_ISDIR(status.st_mode)) {
                    path += '/';
                    if ((status.st_mode & 07777) != kFolderMode || turn.has_foreign_owner(status)) turn.tell(path);
                    left.push_back(path);
                }
            }
            names.push_back(std::move(path));
            if (names.size() == kTurn) ask();
        }
        ask();
    }
    turn.result.is_whole = true;
}

Sweep::Result Sweep::run(Depth depth, const fs::path& root, const Plan& plan,
                         const std::function<void(const std::string&)>& suspect, const std::function<bool()>& rest) {
    const auto before = processor_time_of_thread();
    Result result = look(depth, root, plan, suspect, rest);
    result.work = processor_time_of_thread() - before;
    return result;
}

Sweep::Result Sweep::look(Depth depth, const fs::path& root, const Plan& plan,
                          const std::function<void(const std::string&)>& suspect, const std::function<bool()>& rest) {
    Turn turn{depth, plan, suspect, rest, {}, {}, {}, std::string(256U << 10, '\0'), {}, {}};
    turn.root = sys::Descriptor(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!turn.root || ::fstat(turn.root.get(), &turn.root_status) != 0)
        throw base::Error(base::Kind::Unavailable,
                          fmt::format("the document root {} cannot be read: {}", root.string(), std::strerror(errno)));
    if (depth != Depth::Glance) {
        if ((turn.root_status.st_mode & 07777) != kFolderMode) turn.tell("./");
        for (const std::string& mount : list_mounts_below(root)) {
            turn.tell(mount);
            turn.tell(mount + "/");
        }
    }
    std::string after;
    for (;;) {
        const auto entries = plan.entries(after, kTurn);
        if (entries.empty()) break;
        after = entries.back().path;
        for (const release::Entry& entry : entries)
            if (entry.has_body() && is_suspect(turn, entry)) turn.tell(entry.path);
        if (!rest()) return turn.result;
    }
    known_ = std::move(turn.known);
    if (depth == Depth::Glance)
        turn.result.is_whole = true;
    else
        walk(turn);
    return turn.result;
}

void lower_priority_of_thread() {
    const auto thread = static_cast<id_t>(::syscall(SYS_gettid));
    ::setpriority(PRIO_PROCESS, thread, 19);
    constexpr int kOfProcess = 1, kIdle = 3 << 13;  // ioprio_set(2)
    ::syscall(SYS_ioprio_set, kOfProcess, 0, kIdle);
}

}  // namespace guard
