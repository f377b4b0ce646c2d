#include "watch/guard/compare.h"

#include <cerrno>
#include <cstring>
#include <thread>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/base/interrupted.h"
#include "ground/sys/beneath.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "ground/sys/lease.h"
#include "watch/guard/mounts.h"
#include "watch/guard/seen.h"

namespace guard {

namespace {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

constexpr unsigned kFolderMode = 0755;

std::string octal(unsigned mode) {
    return fmt::format("{:04o}", mode);
}

struct ToHash {
    std::string path;
    const release::Entry* entry = nullptr;
};

/// Walks the tree by descriptors, never following a link, and sorts what it sees into deviations and files to hash.
class Walk {
  public:
    Walk(const release::Manifest& manifest, const fs::path& folder, const struct stat& root,
         std::vector<Deviation>& deviations)
        : manifest_(manifest), root_(root), deviations_(deviations), mounts_(list_mounts_below(folder)) {}

    void folder(int parent, const std::string& name, const std::string& prefix) {
        sys::Descriptor descriptor(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!descriptor) {
            add(prefix, Deviance::Type, fmt::format(seen::kCannotOpen, std::strerror(errno)));
            return;
        }
        DIR* stream = ::fdopendir(descriptor.get());
        if (stream == nullptr) throw Error(Kind::Unavailable, "not enough memory to read a folder");
        const int number = descriptor.release();  // the stream closes it
        const std::unique_ptr<DIR, int (*)(DIR*)> closer(stream, ::closedir);
        for (;;) {
            errno = 0;
            const dirent* item = ::readdir(stream);
            if (item == nullptr) {
                if (errno != 0) add(prefix, Deviance::Type, fmt::format(seen::kCannotReadOn, std::strerror(errno)));
                break;
            }
            const std::string_view item_name = item->d_name;
            if (item_name == "." || item_name == "..") continue;
            visit(number, std::string(item_name), prefix);
        }
    }

    /// One path, named as a deviation names it, without what lies below it.
    void single(int root, std::string path) {
        if (path == "./") return check_root();
        if (path.ends_with('/')) path.pop_back();
        const auto slash = path.rfind('/');
        const std::string prefix = slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
        const sys::Descriptor parent = sys::open_beneath(root, prefix, O_RDONLY | O_DIRECTORY);
        is_deep_ = false;
        if (parent) visit(parent.get(), path.substr(prefix.size()), prefix);
        const auto entry = manifest_.find(path);
        if (entry && entry->has_body() && !seen_.contains(path)) add_missing(*entry);
    }

    void add_missing(const release::Entry& entry) {
        add(entry.path, Deviance::Missing, fmt::format(seen::kMissing, entry.size));
    }

    void check_root() { check_status("./", root_, kFolderMode); }

    std::vector<ToHash>& files() { return files_; }
    const std::set<std::string>& seen() const { return seen_; }
    std::deque<release::Entry>& entries() { return entries_; }

  private:
    void visit(int parent, const std::string& name, const std::string& prefix) {
        const std::string path = prefix + name;
        struct stat status {};
        if (::fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return;  // gone again: found as missing
        const auto entry = manifest_.find(path);
        const bool is_expected = entry && entry->has_body();
        if (S_ISLNK(status.st_mode)) {
            seen_.insert(path);
            add(path, Deviance::Link, std::string(is_expected ? seen::kLinkForFile : seen::kLink));
        } else if (S_ISDIR(status.st_mode)) {
            visit_folder(parent, name, path, status, is_expected);
        } else if (S_ISREG(status.st_mode)) {
            seen_.insert(path);
            if (is_mounted(path)) add(path, Deviance::Type, std::string(seen::kMountedFile));
            if (!is_expected) {
                add(path, Deviance::Extra, fmt::format(seen::kExtraFile, status.st_size));
                return;
            }
            check_status(path, status, entry->mode);
            if (status.st_nlink > 1) add(path, Deviance::HardLink, fmt::format(seen::kNames, status.st_nlink));
            entries_.push_back(*entry);
            files_.push_back({path, &entries_.back()});
        } else {
            seen_.insert(path);
            add(path, Deviance::Type, std::string(seen::kForeignType));
        }
    }

    void visit_folder(int parent, const std::string& name, const std::string& path, const struct stat& status,
                      bool is_file_expected) {
        const std::string folder_path = path + "/";
        if (is_file_expected) {
            seen_.insert(path);
            add(path, Deviance::Type, std::string(seen::kFolderForFile));
        } else if (!manifest_.holds_files(path)) {
            add(folder_path, Deviance::Extra, std::string(seen::kExtraFolder));
        } else {
            check_status(folder_path, status, kFolderMode);
        }
        if (status.st_dev != root_.st_dev || is_mounted(path))
            add(folder_path, Deviance::Type, std::string(seen::kMountedFolder));
        if (is_deep_) folder(parent, name, folder_path);
    }

    void check_status(const std::string& path, const struct stat& status, unsigned mode) {
        if ((status.st_mode & 07777) != mode)
            add(path, Deviance::Mode, fmt::format(seen::kMode, octal(status.st_mode & 07777), octal(mode)));
        if (status.st_uid != root_.st_uid || status.st_gid != root_.st_gid)
            add(path, Deviance::Owner,
                fmt::format(seen::kOwner, status.st_uid, status.st_gid, root_.st_uid, root_.st_gid));
    }

    bool is_mounted(const std::string& path) const { return std::binary_search(mounts_.begin(), mounts_.end(), path); }

    void add(const std::string& path, Deviance kind, std::string detail) {
        deviations_.push_back({path, kind, std::move(detail)});
    }

    const release::Manifest& manifest_;
    const struct stat& root_;
    std::vector<Deviation>& deviations_;
    std::vector<std::string> mounts_;
    bool is_deep_ = true;
    std::set<std::string> seen_;
    std::vector<ToHash> files_;
    std::deque<release::Entry> entries_;
};

/// One file against its entry. The size that counts is what was read, not what stat said.
struct Read {
    base::Hash hash;
    std::int64_t size = 0;
    int problem = 0;  ///< errno
    bool is_held = false;
};

constexpr auto kHeldFor = std::chrono::milliseconds(300);  ///< at least, to be said of it

/// Reads no further than one piece beyond `limit`: a file that somebody keeps growing is different already.
Read read_and_hash(int root, const std::string& path, std::int64_t limit, AskHeld ask, sys::Hasher& hasher,
                   std::string& piece) {
    const sys::Descriptor file(::openat(root, path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (!file) return {{}, 0, errno};
    Read read;
    read.is_held = ask == AskHeld::Yes && sys::find_writers(file) == sys::Writers::Some;
    while (read.size <= limit) {
        const ssize_t got = ::read(file.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) read.problem = errno;
        if (got <= 0) break;
        hasher.add({piece.data(), static_cast<std::size_t>(got)});
        read.size += got;
    }
    read.hash = hasher.finish();
    return read;
}

bool is_held(int root, const std::string& path) {
    const sys::Descriptor file = sys::open_beneath(root, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    return file && sys::find_writers(file) == sys::Writers::Some;
}

void add_held(const std::set<std::string>& paths, std::vector<Deviation>& deviations) {
    for (const std::string& path : paths) deviations.push_back({path, Deviance::Held, std::string(seen::kHeld)});
}

/// Hashes all files with several threads, each taking the next one. What is held open for writing.
std::set<std::string> hash_files(int root, const std::vector<ToHash>& files, const CompareOptions& options, AskHeld ask,
                                 Comparison& result) {
    const int threads = options.threads > 0 ? options.threads : static_cast<int>(std::thread::hardware_concurrency());
    std::atomic<std::size_t> next{0};
    std::atomic<bool> is_stopped{false};
    std::atomic<std::int64_t> bytes{0};
    std::mutex mutex;
    std::set<std::string> held;
    const auto work = [&](bool tells) {
        sys::Hasher hasher;
        std::string piece(256U << 10, '\0');
        std::vector<Deviation> found;
        std::size_t told = 0;
        for (std::size_t i = next++; i < files.size() && !is_stopped; i = next++) {
            const Read read = read_and_hash(root, files[i].path, files[i].entry->size, ask, hasher, piece);
            bytes += read.size;
            if (read.is_held) {
                const std::lock_guard lock(mutex);
                held.insert(files[i].path);
            }
            if (read.problem == ENOENT)
                found.push_back({files[i].path, Deviance::Missing, std::string(seen::kVanished)});
            else if (read.problem != 0)
                found.push_back(
                    {files[i].path, Deviance::Changed, fmt::format(seen::kCannotRead, std::strerror(read.problem))});
            else if (read.size > files[i].entry->size)
                found.push_back({files[i].path, Deviance::Changed, fmt::format(seen::kLonger, files[i].entry->size)});
            else if (read.hash != files[i].entry->hash)
                found.push_back({files[i].path, Deviance::Changed,
                                 fmt::format(seen::kOtherBytes, read.size, read.hash.hex(), files[i].entry->size,
                                             files[i].entry->hash.hex())});
            if (tells && options.progress && ++told % 64 == 1)
                options.progress(static_cast<std::int64_t>(i), static_cast<std::int64_t>(files.size()));
            if (options.is_stopped && options.is_stopped()) is_stopped = true;
        }
        const std::lock_guard lock(mutex);
        std::move(found.begin(), found.end(), std::back_inserter(result.deviations));
    };
    std::vector<std::thread> others;
    for (int i = 1; i < threads; ++i) others.emplace_back(work, false);
    work(true);
    for (std::thread& other : others) other.join();
    if (is_stopped) throw base::Interrupted("the comparison was stopped before its end");
    result.bytes = bytes;
    const auto total = static_cast<std::int64_t>(files.size());
    if (options.progress) options.progress(total, total);
    return held;
}

}  // namespace

std::string_view deviance_name(Deviance kind) {
    constexpr std::string_view kNames[] = {"changed", "missing",  "extra", "mode", "owner",
                                           "link",    "hardlink", "type",  "held"};
    return kNames[static_cast<std::size_t>(kind)];
}

namespace {

/// The document root, held open, and what the file system says of it.
struct Root {
    sys::Descriptor folder;
    struct stat status {};
};

Root open_root(const fs::path& root) {
    Root opened;
    const auto fail = [&](std::string_view why) {
        return Error(Kind::Unavailable, fmt::format("the document root {} {}", root.string(), why));
    };
    if (::lstat(root.c_str(), &opened.status) != 0) throw fail(fmt::format("cannot be read: {}", std::strerror(errno)));
    if (!S_ISDIR(opened.status.st_mode)) throw fail("is not a folder");
    opened.folder = sys::Descriptor(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.folder) throw fail(fmt::format("cannot be read: {}", std::strerror(errno)));
    return opened;
}

}  // namespace

Comparison compare(const release::Manifest& manifest, const fs::path& root, const CompareOptions& options) {
    const Root opened = open_root(root);
    Comparison result;
    Walk walk(manifest, root, opened.status, result.deviations);
    walk.check_root();
    walk.folder(opened.folder.get(), ".", "");
    manifest.each([&](const release::Entry& entry) {
        if (entry.has_body() && !walk.seen().contains(entry.path)) walk.add_missing(entry);
        return true;
    });
    auto held = hash_files(opened.folder.get(), walk.files(), options, AskHeld::Yes, result);
    // Whoever puts a file there holds it for a moment, too: only what is still held after a while counts.
    if (!held.empty()) std::this_thread::sleep_for(kHeldFor);
    std::erase_if(held, [&](const std::string& path) { return !is_held(opened.folder.get(), path); });
    add_held(held, result.deviations);
    result.files = static_cast<std::int64_t>(walk.files().size());
    std::sort(result.deviations.begin(), result.deviations.end());
    return result;
}

std::vector<Deviation> recheck(const release::Manifest& manifest, const fs::path& root,
                               const std::set<std::string>& paths, AskHeld ask) {
    const Root opened = open_root(root);
    Comparison result;
    Walk walk(manifest, root, opened.status, result.deviations);
    for (const std::string& path : paths) walk.single(opened.folder.get(), path);
    add_held(
        hash_files(opened.folder.get(), walk.files(), {.threads = 1, .progress = {}, .is_stopped = {}}, ask, result),
        result.deviations);
    std::sort(result.deviations.begin(), result.deviations.end());
    return result.deviations;
}

}  // namespace guard
