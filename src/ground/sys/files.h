// Files that survive a crash: whole or not there. Everything that Yakuba must not lose goes through here, so that the
// tests can fail, record and drop writes in one place.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace sys {

/// A file descriptor that closes itself.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor();
    Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    int get() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }
    int release();

  private:
    int number_ = -1;
};

enum class Durability {
    Now,   ///< fsync of the file before the rename and of the folder after it
    Later  ///< the caller ends the batch with sync_filesystem
};

/// All bytes of a regular file. Throws Error(NotFound), Error(BadInput) above `limit`, Error(Unavailable).
std::string read_file(const std::filesystem::path& path, std::size_t limit = std::size_t{1} << 32);
std::optional<std::string> find_file(const std::filesystem::path& path, std::size_t limit = std::size_t{1} << 32);

/// Writes `bytes` under a temporary name in `staging` (same file system) and renames it to `path`, replacing what is
/// there. A reader sees the old file or the new one. Throws Error(Unavailable) with what to do when the disk is full.
void write_file(const std::filesystem::path& path, std::string_view bytes, const std::filesystem::path& staging,
                Durability durability = Durability::Now, mode_t mode = 0644);
/// The same with the temporary file beside `path`.
void write_file(const std::filesystem::path& path, std::string_view bytes, Durability durability = Durability::Now,
                mode_t mode = 0644);
/// The same for bytes that come in pieces: nothing appears at `target` before `commit`; without it the temporary file
/// goes.
class StagedFile {
  public:
    StagedFile(std::filesystem::path target, const std::filesystem::path& staging, mode_t mode = 0644);
    ~StagedFile();
    StagedFile(const StagedFile&) = delete;
    StagedFile& operator=(const StagedFile&) = delete;
    void write(std::string_view bytes);
    void commit(Durability durability = Durability::Now);
    /// The same, with the target's name resolved in `folder`, which the caller holds open: whatever the path to it has
    /// become meanwhile.
    void commit_into(const Descriptor& folder, Durability durability);

  private:
    std::filesystem::path target_;
    std::filesystem::path temporary_;
    Descriptor file_;
};

/// Removes a file; false when it was not there. Does not follow links.
bool remove_file(const std::filesystem::path& path, Durability durability = Durability::Now);
/// The same for the name `path` ends in, in `folder`, which the caller holds open.
bool remove_from(const Descriptor& folder, const std::filesystem::path& path, Durability durability);
/// Makes the folder and its parents, durably.
void make_folders(const std::filesystem::path& path, mode_t mode = 0755);
/// Opens the folder `path` ends in, in `parent`, which the caller holds open; makes it, durably, when it is not there.
/// An empty descriptor when something else (a link, a file) stands there.
Descriptor open_or_make_folder(const Descriptor& parent, const std::filesystem::path& path, mode_t mode = 0755);
/// Writes everything of the file system that holds `path` to the disk (syncfs).
void sync_filesystem(const std::filesystem::path& path);
/// fsync of one folder.
void sync_folder(const std::filesystem::path& path);

/// An exclusive lock on a file, held until the object goes or the process dies. Nothing when another holds it.
class FileLock {
  public:
    static std::optional<FileLock> find(const std::filesystem::path& path);
    ~FileLock();
    FileLock(FileLock&&) = default;
    FileLock& operator=(FileLock&&) = default;

  private:
    explicit FileLock(Descriptor file) : file_(std::move(file)) {}
    Descriptor file_;
};

/// True for NFS, SMB and other file systems on which SQLite's locks cannot be trusted.
bool is_network_filesystem(const std::filesystem::path& path);

/// What the durable functions did, for tests that cut the power: each call in order, with the bytes.
struct FileEvent {
    enum class What { Write, SyncFile, Rename, Remove, MakeFolder, SyncFolder, SyncFilesystem } what;
    std::filesystem::path path;
    std::filesystem::path to;  ///< Rename: the new name; Write and SyncFile: what the file will be renamed to
    std::string bytes;         ///< Write only
};
/// While one exists, every durable operation of the process is told to `note` before it is done; `note` may throw to
/// play a failing disk. For tests; not thread-safe against a second watcher.
class FileWatcher {
  public:
    explicit FileWatcher(std::function<void(const FileEvent&)> note);
    ~FileWatcher();
};

/// A new folder, removed with all that is in it.
class TemporaryFolder {
  public:
    /// Below the system's temporary folder, or below `parent`.
    explicit TemporaryFolder(const std::filesystem::path& parent = {});
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace sys
