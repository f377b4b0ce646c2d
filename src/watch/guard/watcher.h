// Which files of the document root were touched just now, and by whom. One mark on each folder and one on each file, so
// that what happens elsewhere on the file system costs nothing: fanotify where the kernel permits it (it names the
// process), else inotify (it does not). A folder that appears is marked first and read afterwards, so nothing in it is
// missed. The file's own mark tells of a second name that it gets elsewhere, and of what is written through that. It
// leaves out judging: a touched path may be as it should be.
//
// What no mark sees: a write through a mapping before it is unmapped. So it is told, too, who holds a file open for
// writing (inside/leases.h). For files that the kernel permits neither for, the sweep looks at every file's change time
// (sweep.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace guard {

/// A process that touched a file. One that has ended by the time it is looked at leaves only its number.
struct Writer {
    std::int64_t process = 0;
    std::int64_t user = -1;  ///< its effective user id; -1 = it has ended
    std::string program;     ///< where its executable stands
    std::string command;     ///< its arguments, spaces between them, at most 1 KB
};
Writer look_at_process(std::int64_t process);

/// A file that somebody holds open for writing, whatever stands at its path by now.
struct HeldFile {
    std::uint64_t device = 0, inode = 0;
    auto operator<=>(const HeldFile&) const = default;
};

struct Touches {
    /// Below the root, as deviations name them: a folder's ends in '/', the root's is "./".
    std::map<std::string, std::optional<Writer>> paths;
    /// Of these paths, which are held open for writing; told again while they are. Nobody holds the others any more.
    std::map<std::string, HeldFile> held;
    std::set<std::string> let_go;
    /// Folders that came or went whole: everything that should be below them is touched.
    std::set<std::string> folders;
    std::set<std::filesystem::path> beside;  ///< in the folders beside the root
    bool is_overflown = false;               ///< more happened than could be kept: everything may be touched
    bool is_root_moved = false;              ///< the root, or a folder beside it, may be another now, or gone
    bool are_mounts_changed = false;
    bool empty() const {
        return paths.empty() && folders.empty() && beside.empty() && !is_overflown && !is_root_moved &&
               !are_mounts_changed;
    }
};

class Watcher {
  public:
    enum class Means { Fanotify, Inotify };
    enum class Marks { FoldersAndFiles, Folders };

    /// Watches all below `root` and, without what is below them, the folders `beside` (absolute; those that are not
    /// there are left out). Without `wanted` the best means that the kernel permits. Where it permits no more marks,
    /// those of files are given up for those of folders.
    /// Throws Error(Unavailable) when the root cannot be watched.
    Watcher(std::filesystem::path root, std::vector<std::filesystem::path> beside, std::optional<Means> wanted = {},
            Marks marks = Marks::FoldersAndFiles);
    ~Watcher();
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

    Means means() const;
    /// Why it is not fanotify, and all that it cannot tell, a line each; empty when all is as good as can be.
    std::string remark() const;
    std::size_t count_folders() const;
    std::size_t count_files() const;
    std::size_t count_leases() const;

    /// What was touched since the last call; waits up to `patience` for something, and then a moment for what comes
    /// with it. Bounded: beyond 50,000 paths it is an overflow.
    Touches wait(std::chrono::milliseconds patience);
    /// Ends a wait in another thread.
    void wake();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace guard
