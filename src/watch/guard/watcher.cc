#include "watch/guard/watcher.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <unordered_map>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/sys/beneath.h"
#include "ground/sys/files.h"
#include "watch/guard/inside/events.h"
#include "watch/guard/inside/holders.h"
#include "watch/guard/inside/leases.h"

namespace guard {

namespace {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;
using inside::Event;

constexpr std::size_t kMostPaths = 50'000;
constexpr std::size_t kMostFolders = 200'000;
constexpr std::size_t kMostFiles = 200'000;  ///< a marked file keeps 1.2 KB of the kernel's memory
constexpr std::size_t kMostCommand = 1024;
constexpr std::size_t kMostWriters = 64;
constexpr int kToMark = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
constexpr auto kCompany = std::chrono::milliseconds(2);  ///< what belongs together comes within this
constexpr auto kWriterStays = std::chrono::seconds(1);   ///< a process's number is not given to another sooner
constexpr auto kHolderPatience = std::chrono::milliseconds(200);
constexpr int kMostHoldersAtOnce = 3;

std::string read_proc(const std::string& path, std::size_t most) {
    std::ifstream file(path, std::ios::binary);
    std::string text(most, '\0');
    file.read(text.data(), static_cast<std::streamsize>(most));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    return text;
}

/// What a mark is for.
struct Folder {
    enum class What { Tree, Beside, Above } what = What::Tree;
    std::string prefix;  ///< of a Tree: "" or "kurashi/"
    fs::path absolute;   ///< of the others
};

}  // namespace

Writer look_at_process(std::int64_t process) {
    Writer writer;
    writer.process = process;
    const std::string folder = fmt::format("/proc/{}", process);
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) return writer;
    writer.user = status.st_uid;
    std::error_code ignored;
    writer.program = fs::read_symlink(folder + "/exe", ignored).string();
    writer.command = read_proc(folder + "/cmdline", kMostCommand);
    while (writer.command.ends_with('\0')) writer.command.pop_back();
    std::replace(writer.command.begin(), writer.command.end(), '\0', ' ');
    return writer;
}

struct Watcher::State {
    fs::path root;
    std::unique_ptr<inside::Source> source;
    std::unique_ptr<inside::Leases> leases;
    enum class Lack { Means, Process, Folders, AllFiles, SomeFiles };
    std::map<Lack, std::string> remarks;
    std::set<std::string> names_above;  ///< the root's, and those of the folders beside it
    sys::Descriptor root_folder, waker, mounts;
    std::unordered_map<std::string, Folder> folders;  ///< by mark
    struct Tree {
        std::string mark;
        std::map<std::string, std::uint64_t> files;  ///< by name
    };
    std::map<std::string, Tree> marks;  ///< of the tree's folders, by prefix
    struct FileAt {
        const std::string *prefix, *name;  ///< keys of the maps above, which stay where they are
        std::string path() const { return *prefix + *name; }
    };
    std::unordered_map<std::uint64_t, FileAt> files;
    std::size_t most_files = 0;
    bool are_files_marked = true;
    struct Looked {
        Writer writer;
        std::chrono::steady_clock::time_point at;
    };
    std::unordered_map<std::int64_t, Looked> writers;
    std::set<std::string> told_held;  ///< of which it has been told

    void start(const std::vector<fs::path>& beside, std::optional<Means> wanted, Marks which);
    void open(const std::vector<fs::path>& beside, std::unique_ptr<inside::Source> (*open_source)());
    void forget_marks();
    void mark_all(const std::vector<fs::path>& beside);
    void add_tree(const std::string& prefix, Touches* touched);
    void drop_tree(const std::string& prefix);
    void mark_file(const std::string& prefix, const std::string& name, const sys::Descriptor& file);
    void drop_file(const std::string& prefix, const std::string& name);
    void drop_file(std::uint64_t file, const std::string& name);
    void take(const Event& event, Touches& touched);
    void touch(Touches& touched, const std::string& path, std::int64_t process);
    void read_all(Touches& touched);
    void take_held(Touches& touched);
    std::optional<Writer> find_writer(std::int64_t process);
};

void Watcher::State::start(const std::vector<fs::path>& beside, std::optional<Means> wanted, Marks which) {
    root_folder = sys::Descriptor(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!root_folder)
        throw Error(Kind::Unavailable,
                    fmt::format("the document root {} cannot be watched: {}", root.string(), std::strerror(errno)));
    waker = sys::Descriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    mounts = sys::Descriptor(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
    are_files_marked = which == Marks::FoldersAndFiles;
    if (are_files_marked) leases = std::make_unique<inside::Leases>(root_folder, kMostFiles);
    if (wanted != Means::Inotify) {
        try {
            open(beside, inside::open_fanotify);
            if (!source->knows_processes())
                remarks[Lack::Process] =
                    "the kernel tells which files were touched, but not by whom: that takes CAP_SYS_ADMIN";
            return;
        } catch (const Error& error) {
            if (wanted) throw;
            forget_marks();
            remarks = {{Lack::Means, error.message()}};
        }
    }
    open(beside, inside::open_inotify);
}

/// Folders before files: a watch without the files' own marks is better than none.
void Watcher::State::open(const std::vector<fs::path>& beside, std::unique_ptr<inside::Source> (*open_source)()) {
    try {
        source = open_source();
        mark_all(beside);
        return;
    } catch (const Error& error) {
        if (files.empty()) throw;
        remarks[Lack::AllFiles] =
            fmt::format("no file has a mark of its own, second names are found by change times: {}", error.message());
    }
    are_files_marked = false;
    forget_marks();
    source.reset();  // with it the kernel drops its marks
    source = open_source();
    mark_all(beside);
}

void Watcher::State::forget_marks() {
    folders.clear();
    files.clear();
    marks.clear();
}

void Watcher::State::mark_all(const std::vector<fs::path>& beside) {
    const auto mark = [&](const fs::path& path, Folder folder, inside::Marks what) {
        const sys::Descriptor opened(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (opened) folders[source->mark(opened, what)] = std::move(folder);
    };
    most_files = std::min(kMostFiles, source->most_files());
    names_above = {root.filename().string()};
    for (const fs::path& one : beside)
        if (one.parent_path() == root.parent_path()) names_above.insert(one.filename().string());
    mark(root.parent_path(), {Folder::What::Above, {}, root.parent_path()}, inside::Marks::Names);
    for (const fs::path& one : beside) mark(one, {Folder::What::Beside, {}, one}, inside::Marks::All);
    add_tree("", nullptr);
}

/// Marks the folder and all below it; what is found there is touched.
void Watcher::State::add_tree(const std::string& prefix, Touches* touched) {
    std::vector<std::string> left{prefix};
    while (!left.empty()) {
        const std::string at = std::move(left.back());
        left.pop_back();
        if (folders.size() >= kMostFolders) {
            if (touched != nullptr) touched->is_overflown = true;
            remarks[Lack::Folders] = fmt::format("there are more than {} folders: not all are watched", kMostFolders);
            return;
        }
        sys::Descriptor folder = sys::open_beneath(root_folder.get(), at, O_RDONLY | O_DIRECTORY);
        if (!folder) continue;  // gone again, or hidden: the sweep says which
        std::string key;
        try {
            key = source->mark(folder, inside::Marks::All);
        } catch (const Error&) {
            if (touched == nullptr || files.empty()) throw;
            touched->is_overflown = true;  // whoever watches begins again, and without the files' marks if need be
            return;
        }
        folders[key] = {Folder::What::Tree, at, {}};
        marks[at].mark = std::move(key);
        DIR* stream = ::fdopendir(folder.get());
        if (stream == nullptr) continue;
        folder.release();  // the stream closes it
        const std::unique_ptr<DIR, int (*)(DIR*)> closer(stream, ::closedir);
        while (const dirent* item = ::readdir(stream)) {
            const std::string_view name = item->d_name;
            if (name == "." || name == "..") continue;
            std::string path = at + item->d_name;
            struct stat status {};
            const bool is_folder = item->d_type == DT_DIR ||
                                   (item->d_type == DT_UNKNOWN &&
                                    ::fstatat(::dirfd(stream), item->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                                    S_ISDIR(status.st_mode));
            if (is_folder) path += '/';
            if (touched != nullptr) touch(*touched, path, 0);
            if (leases && !is_folder) leases->look_at(path);
            if (are_files_marked && (item->d_type == DT_REG || item->d_type == DT_UNKNOWN))
                mark_file(at, item->d_name, sys::Descriptor(::openat(::dirfd(stream), item->d_name, kToMark)));
            if (is_folder) left.push_back(std::move(path));
        }
    }
}

void Watcher::State::drop_tree(const std::string& prefix) {
    if (leases) leases->forget_below(prefix);
    for (auto at = marks.lower_bound(prefix); at != marks.end() && at->first.starts_with(prefix);) {
        for (const auto& [name, file] : at->second.files) drop_file(file, name);
        // The same folder may have come back under another name before its going was read.
        const auto folder = folders.find(at->second.mark);
        if (folder != folders.end() && folder->second.prefix == at->first) {
            source->forget(at->second.mark);
            folders.erase(folder);
        }
        at = marks.erase(at);
    }
}

void Watcher::State::mark_file(const std::string& prefix, const std::string& name, const sys::Descriptor& file) {
    const auto tree = marks.find(prefix);
    struct stat status {};
    if (tree == marks.end() || !file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return;
    const auto marked = files.size() < most_files ? source->mark_file(file) : std::nullopt;
    const auto known = tree->second.files.find(name);
    if (known != tree->second.files.end() && known->second == marked) return;
    drop_file(prefix, name);
    if (!marked) {
        remarks[Lack::SomeFiles] = fmt::format(
            "only {} files have a mark of their own: a second name of another is found by change times", files.size());
        return;
    }
    const auto kept = tree->second.files.emplace(name, *marked).first;
    const auto [held, is_new] = files.try_emplace(*marked, FileAt{&tree->first, &kept->first});
    struct stat first {};
    const bool is_second_name =
        !is_new && ::fstatat(root_folder.get(), held->second.path().c_str(), &first, AT_SYMLINK_NOFOLLOW) == 0 &&
        first.st_ino == status.st_ino;
    if (!is_second_name) held->second = {&tree->first, &kept->first};
}

void Watcher::State::drop_file(const std::string& prefix, const std::string& name) {
    const auto tree = marks.find(prefix);
    if (tree == marks.end()) return;
    const auto known = tree->second.files.find(name);
    if (known == tree->second.files.end()) return;
    drop_file(known->second, known->first);
    tree->second.files.erase(known);
}

/// `name` is the very string that is kept. The same file may have come back under another name, as a folder may.
void Watcher::State::drop_file(std::uint64_t file, const std::string& name) {
    const auto found = files.find(file);
    if (found == files.end() || found->second.name != &name) return;
    source->forget_file(file);
    files.erase(found);
}

std::optional<Writer> Watcher::State::find_writer(std::int64_t process) {
    if (process <= 0) return std::nullopt;
    const auto now = std::chrono::steady_clock::now();
    const auto known = writers.find(process);
    if (known != writers.end() && now - known->second.at < kWriterStays) return known->second.writer;
    if (writers.size() >= kMostWriters) writers.clear();
    return (writers[process] = {look_at_process(process), now}).writer;
}

void Watcher::State::touch(Touches& touched, const std::string& path, std::int64_t process) {
    if (touched.paths.size() >= kMostPaths) {
        touched.is_overflown = true;
        return;
    }
    auto& writer = touched.paths[path];
    if (!writer) writer = find_writer(process);
}

void Watcher::State::take(const Event& event, Touches& touched) {
    if (event.is_overflow) {
        touched.is_overflown = true;
        return;
    }
    if (const auto file = files.find(event.file); file != files.end())  // whichever name it was touched by
        touch(touched, file->second.path(), event.process);
    const auto found = folders.find(event.mark);
    if (found == folders.end()) return;
    const Folder folder = found->second;
    if (folder.what == Folder::What::Above) {
        touched.is_root_moved |= names_above.contains(event.name);
        return;
    }
    if (folder.what == Folder::What::Beside) {
        touched.beside.insert(event.name.empty() ? folder.absolute : folder.absolute / event.name);
        return;
    }
    if (event.name.empty() || event.name == ".") {
        if (folder.prefix.empty() && event.is_self_gone) touched.is_root_moved = true;
        touch(touched, folder.prefix.empty() ? "./" : folder.prefix, event.process);
        return;
    }
    std::string path = folder.prefix + event.name;
    if (event.is_folder) path += '/';
    touch(touched, path, event.process);
    if (leases && !event.is_folder && (event.has_come || event.has_gone)) leases->look_at(path);
    if (!event.is_folder && event.has_gone) drop_file(folder.prefix, event.name);
    if (are_files_marked && !event.is_folder && event.has_come)
        mark_file(folder.prefix, event.name, sys::open_beneath(root_folder.get(), path, kToMark));
    if (!event.is_folder || !(event.has_come || event.has_gone)) return;
    touched.folders.insert(path);
    if (event.has_gone) drop_tree(path);
    if (event.has_come) add_tree(path, &touched);
}

void Watcher::State::read_all(Touches& touched) {
    while (source->read([&](const Event& event) { take(event, touched); }) && touched.paths.size() < kMostPaths) {
    }
}

void Watcher::State::take_held(Touches& touched) {
    inside::Leases::Told told = leases->take();
    int left = kMostHoldersAtOnce;
    for (const auto& [path, file] : told.held) {
        auto& writer = touched.paths[path];
        if (told_held.insert(path).second && !writer && left-- > 0) writer = inside::find_holder(file, kHolderPatience);
    }
    for (const std::string& path : told.let_go) {
        touch(touched, path, 0);
        told_held.erase(path);
    }
    touched.held = std::move(told.held);
    touched.let_go = std::move(told.let_go);
}

Watcher::Watcher(fs::path root, std::vector<fs::path> beside, std::optional<Means> wanted, Marks marks)
    : state_(std::make_unique<State>()) {
    while (!root.empty() && !root.has_filename()) root = root.parent_path();
    state_->root = std::move(root);
    state_->start(beside, wanted, marks);
}

Watcher::~Watcher() = default;

Watcher::Means Watcher::means() const {
    return state_->source->is_fanotify() ? Means::Fanotify : Means::Inotify;
}

std::string Watcher::remark() const {
    std::string all;
    const auto add = [&](const std::string& one) { all += (all.empty() || one.empty() ? "" : "\n") + one; };
    for (const auto& [lack, remark] : state_->remarks) add(remark);
    if (state_->leases) add(state_->leases->remark());
    return all;
}

std::size_t Watcher::count_folders() const {
    return state_->marks.size();
}

std::size_t Watcher::count_files() const {
    return state_->files.size();
}

std::size_t Watcher::count_leases() const {
    return state_->leases ? state_->leases->count() : 0;
}

Touches Watcher::wait(std::chrono::milliseconds patience) {
    Touches touched;
    pollfd all[] = {{state_->source->descriptor(), POLLIN, 0},
                    {state_->waker.get(), POLLIN, 0},
                    {state_->mounts.get(), POLLPRI, 0},  // proc(5): a change of the mounts is POLLPRI and POLLERR
                    {state_->leases ? state_->leases->descriptor() : -1, POLLIN, 0}};
    if (::poll(all, std::size(all), static_cast<int>(patience.count())) <= 0) return touched;
    if ((all[1].revents & POLLIN) != 0) {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t got = ::read(state_->waker.get(), &count, sizeof count);
    }
    touched.are_mounts_changed = (all[2].revents & (POLLPRI | POLLERR)) != 0;
    if ((all[3].revents & POLLIN) != 0) state_->take_held(touched);
    if ((all[0].revents & POLLIN) == 0) return touched;
    state_->read_all(touched);
    if (::poll(all, 1, static_cast<int>(kCompany.count())) > 0) state_->read_all(touched);
    return touched;
}

void Watcher::wake() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(state_->waker.get(), &one, sizeof one);
}

}  // namespace guard
