// Every file of the log is looked at in the order in which they were last written, each from where it was read to. So
// it does not matter which of them is "the" log, how many were rotated meanwhile, and by whom.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/files.h"
#include "watch/log_archive/packing.h"
#include "watch/log_archive/source.h"
#include "watch/logs/follow.h"

namespace log_archive {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostKnown = 64, kMostFiles = 400;
constexpr std::size_t kMarked = 256;       // bytes before a place by which it is known again
constexpr std::uint64_t kLeastKnown = 64;  // bytes that a file must have for that
constexpr std::uint64_t kMostUnpacked = 8ULL << 30;
constexpr std::size_t kEndless = 1U << 20;  // a line that has not ended by then is taken, cut
constexpr std::int64_t kQuiet = 60;         // seconds after which an unfinished line of an old file is taken

/// Up to where a file was read.
struct Known {
    std::uint64_t device = 0, inode = 0, offset = 0, mark = 0;
    int is_in_line = 0;      ///< the rest of the line at `offset` is left out
    std::uint64_t size = 0;  ///< of a packed file that was taken whole, as is the next
    std::int64_t written = 0;
};

struct LogFile {
    fs::path path;
    std::uint64_t device = 0, inode = 0;
    std::int64_t written = 0;  ///< nanoseconds
    std::uint64_t size = 0;
    bool is_packed = false;
};

std::vector<Known> read_position(const std::string& text) {
    std::vector<Known> known;
    for (const std::string_view line : base::split(text, '\n')) {
        unsigned long long device = 0, inode = 0, offset = 0, mark = 0, size = 0;
        long long written = 0;
        int is_in_line = 0;
        if (std::sscanf(std::string(line).c_str(), "%llu %llu %llu %llu %d %llu %lld", &device, &inode, &offset, &mark,
                        &is_in_line, &size, &written) >= 5)  // the last two came later
            known.push_back({device, inode, offset, mark, is_in_line, size, written});
    }
    return known;
}

std::string write_position(const std::vector<Known>& known) {
    std::string text;
    for (const Known& one : known)
        text += fmt::format("{} {} {} {} {} {} {}\n", one.device, one.inode, one.offset, one.mark, one.is_in_line,
                            one.size, one.written);
    return text;
}

/// ".1", "-20261122", ".2.gz" and the like.
bool is_rotation(std::string_view suffix) {
    if (suffix.ends_with(".gz")) suffix.remove_suffix(3);
    if (suffix.empty()) return true;
    return (suffix.front() == '.' || suffix.front() == '-') && suffix.size() > 1 &&
           suffix.find_first_not_of("0123456789.-_T", 1) == suffix.npos;
}

bool is_part(const fs::path& pattern, const std::string& name) {
    const std::string wanted = pattern.filename();
    if (wanted.find('*') != wanted.npos) return ::fnmatch(wanted.c_str(), name.c_str(), FNM_PERIOD) == 0;
    return name.starts_with(wanted) && is_rotation(std::string_view(name).substr(wanted.size()));
}

/// Oldest first. `problem`: errno of what could not be looked at.
std::vector<LogFile> list_files(const fs::path& pattern, int& problem) {
    std::vector<LogFile> files;
    std::error_code error;
    for (fs::directory_iterator at(pattern.parent_path(), error), end; !error && at != end; at.increment(error)) {
        struct stat about {};
        if (!is_part(pattern, at->path().filename())) continue;
        // No link: who may write where logs lie must not have other files read by it.
        if (::lstat(at->path().c_str(), &about) != 0 || !S_ISREG(about.st_mode)) continue;
        files.push_back({at->path(), about.st_dev, about.st_ino,
                         about.st_mtim.tv_sec * 1'000'000'000LL + about.st_mtim.tv_nsec,
                         static_cast<std::uint64_t>(about.st_size), at->path().extension() == ".gz"});
    }
    problem = error.value();
    std::sort(files.begin(), files.end(), [](const LogFile& a, const LogFile& b) {
        return std::tie(a.written, b.path) < std::tie(b.written, a.path);  // of two alike, .2 before .1
    });
    if (files.size() > kMostFiles) files.erase(files.begin(), files.end() - kMostFiles);
    return files;
}

/// A regular file, and not by a link; nothing, with errno, when it is none.
sys::Descriptor open_plain(const fs::path& path) {
    sys::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
    struct stat about {};
    if (!file || ::fstat(file.get(), &about) != 0 || S_ISREG(about.st_mode)) return file;
    errno = EINVAL;
    return {};
}

/// FNV-1a over the bytes before `offset`; nothing when they are not there.
std::optional<std::uint64_t> mark_before(int file, std::uint64_t offset) {
    char bytes[kMarked];
    const std::size_t wanted = std::min<std::uint64_t>(offset, kMarked);
    if (::pread(file, bytes, wanted, static_cast<off_t>(offset - wanted)) != static_cast<ssize_t>(wanted))
        return std::nullopt;
    std::uint64_t sum = 14695981039346656037U;
    for (std::size_t at = 0; at < wanted; ++at) sum = (sum ^ static_cast<unsigned char>(bytes[at])) * 1099511628211U;
    return sum;
}

/// What is packed, in a file without a name.
sys::Descriptor unpacked(const fs::path& path) {
    sys::Descriptor made(::open(fs::temp_directory_path().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!made) throw base::Error(base::Kind::Unavailable, "一時ファイルを作れません。");
    Pieces pieces(path, true);
    std::uint64_t bytes = 0;
    for (std::string_view piece; !(piece = pieces.next()).empty();) {
        if ((bytes += piece.size()) > kMostUnpacked)
            throw base::Error(base::Kind::Damaged, fmt::format("{}が大きすぎます。", path.string()));
        while (!piece.empty()) {
            const ssize_t gone = ::write(made.get(), piece.data(), piece.size());
            if (gone < 0 && errno == EINTR) continue;
            if (gone <= 0)
                throw base::Error(base::Kind::Unavailable,
                                  "一時ファイルに書けません。ディスクの空きを確かめてください。");
            piece.remove_prefix(static_cast<std::size_t>(gone));
        }
    }
    return made;
}

/// Where to go on in `file`: at what was read of it, or of one with the same bytes.
Known start_in(int file, const LogFile& about, const std::vector<Known>& known) {
    Known start{about.device, about.inode, 0, 0, 0, 0, 0};
    for (const Known& one : known) {
        const bool is_it = one.device == about.device && one.inode == about.inode;
        if ((!is_it && one.offset < kLeastKnown) || one.offset < start.offset) continue;
        if (mark_before(file, one.offset) != one.mark) continue;
        start.offset = one.offset;
        start.is_in_line = one.is_in_line;
    }
    return start;
}

/// Hands out the lines of one file from `at` on, and moves it. `is_final`: its last line will not be finished.
void read_lines(int file, Known& at, bool is_final, const TakeLine& take, std::size_t& left) {
    std::string line;  // what was read of the line at at.offset
    std::uint64_t read_to = at.offset;
    std::string piece(256U << 10, '\0');
    const auto give = [&](std::uint64_t end, bool is_ended) {
        if (!at.is_in_line) {
            if (line.ends_with('\r')) line.pop_back();
            take(std::string_view(line).substr(0, logs::kLongestLine));
        }
        line.clear();
        at.offset = end;
        at.is_in_line = is_ended ? 0 : 1;
    };
    while (left > 0) {
        const ssize_t got = ::pread(file, piece.data(), piece.size(), static_cast<off_t>(read_to));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        std::string_view rest(piece.data(), static_cast<std::size_t>(got));
        for (std::size_t end = 0; (end = rest.find('\n')) != rest.npos; rest.remove_prefix(end + 1)) {
            line.append(rest.substr(0, end));
            give(read_to + static_cast<std::uint64_t>(got) - rest.size() + end + 1, true);
        }
        line.append(rest);
        read_to += static_cast<std::uint64_t>(got);
        left -= std::min(left, static_cast<std::size_t>(got));
        if (line.size() > kEndless) give(read_to, false);
    }
    if (is_final && left > 0 && !line.empty()) give(read_to, true);
    at.mark = mark_before(file, at.offset).value_or(0);
}

Taken read_files(const fs::path& pattern, const std::string& position, const TakeLine& take, std::size_t most) {
    Taken taken;
    int problem = 0;
    const std::vector<LogFile> files = list_files(pattern, problem);
    const std::vector<Known> known = read_position(position);
    std::vector<Known> now;
    std::size_t left = most;
    const std::int64_t second = ::time(nullptr);
    std::size_t opened = 0;
    for (const LogFile& each : files) {
        const auto before = std::find_if(known.begin(), known.end(), [&](const Known& one) {
            return one.device == each.device && one.inode == each.inode;
        });
        try {
            if (left == 0) throw base::Error(base::Kind::Conflict, "");  // the next read's turn
            if (each.is_packed && before != known.end() && before->size == each.size &&
                before->written == each.written) {  // its number alone may be that of another, which is gone
                now.push_back(*before);             // taken whole
                ++opened;
                continue;
            }
            const sys::Descriptor file = each.is_packed ? unpacked(each.path) : open_plain(each.path);
            if (!file)
                throw base::Error(base::Kind::Unavailable,
                                  fmt::format("{}を開けません（{}）。", each.path.string(), std::strerror(errno)));
            ++opened;
            Known at = start_in(file.get(), each, known);
            const bool is_old = &each != &files.back() && second - each.written / 1'000'000'000 > kQuiet;
            read_lines(file.get(), at, is_old || each.is_packed, take, left);
            if (each.is_packed && left == 0) {
                // The rest of it is found again by its bytes: kept under no file's number.
                at.device = at.inode = 0;
            }
            if (each.is_packed && left > 0) {
                at.size = each.size;
                at.written = each.written;
            }
            now.push_back(at);
        } catch (const base::Error& error) {
            if (before != known.end()) now.push_back(*before);
            if (error.kind() != base::Kind::Conflict) taken.problem = error.message();
        }
    }
    taken.is_more = left == 0;
    taken.is_missing = opened == 0 && left > 0;
    if (taken.is_missing && taken.problem.empty())
        taken.problem = problem == 0 ? fmt::format("{}がありません。", pattern.string())
                                     : fmt::format("{}を開けません（{}）。", pattern.parent_path().string(),
                                                   std::strerror(problem));
    // Those that are gone may come back, packed: known by their bytes only, since their numbers are given out anew.
    for (Known one : known) {
        if (now.size() >= kMostKnown + files.size()) break;
        const bool is_there = std::any_of(files.begin(), files.end(), [&](const LogFile& each) {
            return each.device == one.device && each.inode == one.inode;
        });
        if (is_there || one.offset < kLeastKnown) continue;
        one.device = one.inode = 0;
        now.push_back(one);
    }
    taken.position = write_position(now);
    return taken;
}

}  // namespace

Source file_source(fs::path pattern) {
    return [pattern = std::move(pattern)](const std::string& position, const TakeLine& take, std::size_t most) {
        return read_files(pattern, position, take, most);
    };
}

}  // namespace log_archive
