// Durable file operations by plain system calls. Each is told to the FileWatcher before it is done, so that tests can
// record the order of writes and play a failing disk. What holds after a crash: write_file has replaced a file whole or
// not at all; with Durability::Now it has replaced it once the call returns.
#include "ground/sys/files.h"

#include <cerrno>
#include <cstring>
#include <mutex>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/sys/crypto.h"
#include "ground/sys/step.h"

namespace sys {

using base::Error;
using base::Kind;
using std::filesystem::path;
using What = FileEvent::What;

namespace {

std::function<void(const FileEvent&)>* g_watcher = nullptr;

void tell(What what, const path& at, const path& to = {}, std::string_view bytes = {}) {
    static std::mutex one_at_a_time;
    if (g_watcher == nullptr) return;
    const std::scoped_lock lock(one_at_a_time);
    (*g_watcher)({what, at, to, std::string(bytes)});
}

std::string_view advise(int number) {
    switch (number) {
        case ENOSPC:
        case EDQUOT:
            return "the disk is full; free some space and try again";
        case EACCES:
        case EPERM:
            return "the system user that runs this has no right to; check the owner and mode";
        case EROFS:
            return "the file system is read-only; look at the system log for disk errors";
        case EIO:
            return "the disk failed; look at the system log and check the disk";
        case EMFILE:
        case ENFILE:
            return "too many files are open; raise the limit (ulimit -n) or restart";
        case EXDEV:
            return "the temporary file must be on the same file system; check the site directory's mounts";
        case ENOENT:
            return "a folder on the way to it is missing; make it";
        case ENOTDIR:
        case EISDIR:
            return "a file stands where a folder is expected, or the reverse; move it away";
        case ELOOP:
            return "a symbolic link is in the way; remove it";
        default:
            return "check the path and the disk";
    }
}

[[noreturn]] void fail(std::string_view doing, const path& at, int number) {
    throw Error(Kind::Unavailable,
                fmt::format("{} {} failed ({}): {}", doing, at.string(), std::strerror(number), advise(number)));
}

/// Calls again while a signal interrupts it.
template <class Call>
auto retry(const Call& call) {
    for (;;) {
        const auto result = call();
        if (result >= 0 || errno != EINTR) return result;
    }
}

Descriptor open_file(const path& at, int flags, mode_t mode = 0) {
    return Descriptor(retry([&] { return ::open(at.c_str(), flags | O_CLOEXEC, mode); }));
}

path folder_of(const path& at) {
    return at.has_parent_path() ? at.parent_path() : path(".");
}

void write_all(const Descriptor& file, const path& at, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = retry([&] { return ::write(file.get(), bytes.data(), bytes.size()); });
        if (count < 0) fail("writing", at, errno);
        if (count == 0) fail("writing", at, EIO);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

void sync_held(const Descriptor& folder, const path& shown) {
    tell(What::SyncFolder, shown);
    if (retry([&] { return ::fsync(folder.get()); }) != 0) fail("saving the folder", shown, errno);
}

}  // namespace

Descriptor::~Descriptor() {
    if (number_ >= 0) ::close(number_);
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        if (number_ >= 0) ::close(number_);
        number_ = other.release();
    }
    return *this;
}

int Descriptor::release() {
    return std::exchange(number_, -1);
}

std::optional<std::string> find_file(const path& at, std::size_t limit) {
    // O_NONBLOCK: a pipe with no writer must not hold us before we have seen that it is one.
    const Descriptor file = open_file(at, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!file) {
        if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
        fail("opening", at, errno);
    }
    struct stat about {};
    if (::fstat(file.get(), &about) != 0) fail("reading", at, errno);
    if (!S_ISREG(about.st_mode))
        throw Error(Kind::BadInput, fmt::format("{} is not a regular file; name a file instead", at.string()));
    const auto refuse_size = [&] {
        throw Error(Kind::BadInput,
                    fmt::format("{} is larger than {} bytes, which is the limit here", at.string(), limit));
    };
    if (static_cast<std::uintmax_t>(about.st_size) > limit) refuse_size();
    // One byte more than the size tells at once whether the file has grown.
    std::string bytes(static_cast<std::size_t>(about.st_size) + 1, '\0');
    std::size_t length = 0;
    for (;;) {
        const auto count = retry([&] { return ::read(file.get(), bytes.data() + length, bytes.size() - length); });
        if (count < 0) fail("reading", at, errno);
        if (count == 0) break;
        length += static_cast<std::size_t>(count);
        if (length > limit) refuse_size();
        if (length == bytes.size()) bytes.resize(bytes.size() * 2);
    }
    bytes.resize(length);
    return bytes;
}

std::string read_file(const path& at, std::size_t limit) {
    if (auto bytes = find_file(at, limit)) return *std::move(bytes);
    throw Error(Kind::NotFound, fmt::format("{} does not exist", at.string()));
}

StagedFile::StagedFile(path target, const path& staging, mode_t mode)
    : target_(std::move(target)),
      temporary_(staging / fmt::format(".{}.tmp", random_token(12))),
      file_(open_file(temporary_, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600)) {
    if (!file_) {
        const int problem = errno;
        temporary_.clear();
        fail("making a file in", staging, problem);
    }
    if (::fchmod(file_.get(), mode) != 0) {
        const int problem = errno;
        ::unlink(temporary_.c_str());
        fail("setting the mode of", target_, problem);
    }
}

StagedFile::~StagedFile() {
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void StagedFile::write(std::string_view bytes) {
    tell(What::Write, temporary_, target_, bytes);
    write_all(file_, target_, bytes);
}

void StagedFile::commit(Durability durability) {
    commit_into(Descriptor(), durability);
}

void StagedFile::commit_into(const Descriptor& folder, Durability durability) {
    if (durability == Durability::Now) {
        tell(What::SyncFile, temporary_, target_);
        if (retry([&] { return ::fsync(file_.get()); }) != 0) fail("saving", target_, errno);
    }
    file_ = Descriptor();
    YAKUBA_STEP("file.before_rename");
    tell(What::Rename, temporary_, target_);
    const bool is_held = static_cast<bool>(folder);
    const path name = is_held ? target_.filename() : target_;
    if (::renameat(AT_FDCWD, temporary_.c_str(), is_held ? folder.get() : AT_FDCWD, name.c_str()) != 0)
        fail("replacing", target_, errno);
    temporary_.clear();
    YAKUBA_STEP("file.after_rename");
    if (durability == Durability::Now)
        is_held ? sync_held(folder, folder_of(target_)) : sync_folder(folder_of(target_));
}

void write_file(const path& at, std::string_view bytes, const path& staging, Durability durability, mode_t mode) {
    StagedFile file(at, staging, mode);
    file.write(bytes);
    file.commit(durability);
}

void write_file(const path& at, std::string_view bytes, Durability durability, mode_t mode) {
    write_file(at, bytes, folder_of(at), durability, mode);
}

bool remove_file(const path& at, Durability durability) {
    tell(What::Remove, at);
    if (::unlink(at.c_str()) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return false;
        fail("removing", at, errno);
    }
    if (durability == Durability::Now) sync_folder(folder_of(at));
    return true;
}

bool remove_from(const Descriptor& folder, const path& at, Durability durability) {
    tell(What::Remove, at);
    if (::unlinkat(folder.get(), at.filename().c_str(), 0) != 0) {
        if (errno == ENOENT) return false;
        fail("removing", at, errno);
    }
    if (durability == Durability::Now) sync_held(folder, folder_of(at));
    return true;
}

void make_folders(const path& at, mode_t mode) {
    struct stat about {};
    if (::stat(at.c_str(), &about) == 0) {
        if (!S_ISDIR(about.st_mode)) fail("making the folder", at, ENOTDIR);
        return;
    }
    if (errno != ENOENT) fail("making the folder", at, errno);
    // "a/b/" has "a/b" as its parent, which is itself.
    if (at.filename().empty()) return make_folders(at.parent_path(), mode);
    make_folders(folder_of(at), mode);
    tell(What::MakeFolder, at);
    if (::mkdir(at.c_str(), mode) != 0) {
        if (errno == EEXIST) return make_folders(at, mode);  // another was faster; see whether it is a folder
        fail("making the folder", at, errno);
    }
    // Whatever the umask; and the group goes on being handed down where the folder above does so.
    if (::stat(at.c_str(), &about) != 0 || ::chmod(at.c_str(), mode | (about.st_mode & S_ISGID)) != 0)
        fail("setting the mode of", at, errno);
    sync_folder(folder_of(at));
}

Descriptor open_or_make_folder(const Descriptor& parent, const path& at, mode_t mode) {
    const path name = at.filename();
    const auto open = [&] {
        return Descriptor(retry(
            [&] { return ::openat(parent.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); }));
    };
    Descriptor folder = open();
    if (folder) return folder;
    if (errno == ELOOP || errno == ENOTDIR) return {};
    if (errno != ENOENT) fail("opening the folder", at, errno);
    tell(What::MakeFolder, at);
    if (::mkdirat(parent.get(), name.c_str(), mode) != 0 && errno != EEXIST) fail("making the folder", at, errno);
    folder = open();
    if (!folder) return {};
    if (::fchmod(folder.get(), mode) != 0) fail("setting the mode of", at, errno);  // whatever the umask
    sync_held(parent, folder_of(at));
    return folder;
}

void sync_filesystem(const path& at) {
    tell(What::SyncFilesystem, at);
    const Descriptor folder = open_file(at, O_RDONLY);
    if (!folder || retry([&] { return ::syncfs(folder.get()); }) != 0) fail("saving the file system of", at, errno);
}

void sync_folder(const path& at) {
    tell(What::SyncFolder, at);
    const Descriptor folder = open_file(at, O_RDONLY | O_DIRECTORY);
    if (!folder || retry([&] { return ::fsync(folder.get()); }) != 0) fail("saving the folder", at, errno);
}

std::optional<FileLock> FileLock::find(const path& at) {
    Descriptor file = open_file(at, O_RDWR | O_CREAT | O_NOFOLLOW, 0660);
    if (!file) fail("opening the lock file", at, errno);
    if (retry([&] { return ::flock(file.get(), LOCK_EX | LOCK_NB); }) != 0) {
        if (errno == EWOULDBLOCK) return std::nullopt;
        fail("locking", at, errno);
    }
    return FileLock(std::move(file));
}

/// A child that is just being started holds a copy of the descriptor until it becomes another program; to close ours
/// would leave the lock to it for that long, and somebody would be told that another is at work.
FileLock::~FileLock() {
    if (file_) ::flock(file_.get(), LOCK_UN);
}

FileWatcher::FileWatcher(std::function<void(const FileEvent&)> note) {
    if (g_watcher != nullptr) throw Error(Kind::Bug, "there is a FileWatcher already");
    g_watcher = new std::function<void(const FileEvent&)>(std::move(note));
}

FileWatcher::~FileWatcher() {
    delete std::exchange(g_watcher, nullptr);
}

TemporaryFolder::TemporaryFolder(const std::filesystem::path& parent) {
    std::string name = ((parent.empty() ? std::filesystem::temp_directory_path() : parent) / "yakuba-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) fail("making a folder like", name, errno);
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;  // a file that cannot be removed stays for the system's own cleaning
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace sys
