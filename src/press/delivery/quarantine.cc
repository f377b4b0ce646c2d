// quarantine/<time>-<token>/evidence.json and thing: the very inode where possible, so that owner and times stay.
#include "press/delivery/quarantine.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "ground/sys/step.h"
#include "ground/sys/walk.h"

namespace delivery {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostPieces = 20'000, kMostListed = 1'000;
constexpr std::size_t kLargestHashed = 64U << 20;

std::string_view type_of(mode_t mode) {
    if (S_ISREG(mode)) return "file";
    if (S_ISDIR(mode)) return "folder";
    if (S_ISLNK(mode)) return "link";
    return "special";
}

base::Instant instant_of(const timespec& time) {
    return {time.tv_sec * 1000 + time.tv_nsec / 1'000'000};
}

/// With what the name of a piece's folder begins: in the order of time.
std::string stamp_of(base::Instant at) {
    std::string stamp = base::format_utc(at);
    std::erase_if(stamp, [](char c) { return c == ':' || c == '.'; });
    return stamp;
}

std::string name_of(const std::string& path) {
    return fs::path(path).filename().string();
}

/// Only numbers, times, percent form and what is JSON already stand in it, so nothing needs escaping.
std::string describe(const sys::Descriptor& parent, const std::string& path, const Found& found, base::Instant now,
                     const std::string& writer, bool is_kept) {
    const struct stat& status = found.status;
    std::string text = fmt::format(
        "{{\n  \"path\": \"{}\",\n  \"found_at\": \"{}\",\n  \"type\": \"{}\",\n  \"size\": {},\n  \"mode\": "
        "\"{:04o}\",\n"
        "  \"uid\": {},\n  \"gid\": {},\n  \"links\": {},\n  \"inode\": {},\n  \"modified_at\": \"{}\",\n"
        "  \"changed_at\": \"{}\"",
        base::percent_encode(path), base::format_utc(now), type_of(status.st_mode), status.st_size,
        status.st_mode & 07777, status.st_uid, status.st_gid, status.st_nlink, status.st_ino,
        base::format_utc(instant_of(status.st_mtim)), base::format_utc(instant_of(status.st_ctim)));
    if (found.hash) text += fmt::format(",\n  \"sha256\": \"{}\"", found.hash->hex());
    if (S_ISLNK(status.st_mode)) {
        char target[4096];
        const ssize_t size = ::readlinkat(parent.get(), name_of(path).c_str(), target, sizeof target);
        if (size >= 0)
            text += fmt::format(",\n  \"leads_to\": \"{}\"",
                                base::percent_encode(std::string_view(target, static_cast<std::size_t>(size))));
    }
    if (!found.kinds.empty()) text += fmt::format(",\n  \"deviations\": [\"{}\"]", fmt::join(found.kinds, "\", \""));
    if (found.is_held) text += ",\n  \"open_for_writing\": true";
    if (!is_kept) text += ",\n  \"kept\": false";
    if (!writer.empty()) text += ",\n  \"writer\": " + writer;
    return text + "\n}\n";
}

[[noreturn]] void fail(const std::string& path, int problem) {
    throw base::Error(
        base::Kind::Unavailable,
        fmt::format("{} deviates and cannot be kept as evidence ({}); check that quarantine/ may be written "
                    "and is on the file system of public/",
                    base::percent_encode(path), std::strerror(problem)));
}

/// What was in a folder whose bytes do not stay: "sha256 size path" each, percent-encoded, the first of them.
std::string list_contents(const fs::path& folder) {
    std::string text;
    std::size_t listed = 0;
    for (const fs::path& file : sys::walk(folder).files) {
        if (++listed > kMostListed) return text + "and more\n";
        std::error_code unknown;
        std::string hash = "-";
        try {
            hash = sys::sha256(sys::read_file(file, kLargestHashed)).hex();
        } catch (const base::Error&) {
            // It is larger, or cannot be read.
        }
        text += fmt::format("{} {} {}\n", hash, fs::file_size(file, unknown),
                            base::percent_encode(file.lexically_relative(folder).string()));
    }
    return text;
}

}  // namespace

std::string find_lack_of_room(const fs::path& folder) {
    struct statvfs about {};
    if (::statvfs(folder.c_str(), &about) != 0) return {};  // it is made with the first piece
    const auto size = static_cast<std::uint64_t>(about.f_blocks) * about.f_frsize;
    const auto free = static_cast<std::uint64_t>(about.f_bavail) * about.f_frsize;
    if (free < size / 20) return "ディスクの空きが5%を切りました";
    std::uint64_t held = 0;
    std::size_t seen = 0;
    std::error_code problem, unknown;
    fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, problem);
    for (; !problem && at != fs::recursive_directory_iterator(); at.increment(problem)) {
        if (++seen > 3 * kMostPieces) return fmt::format("証拠が{}件を超えました", kMostPieces);  // folder, JSON, thing
        const auto bytes = at->is_regular_file(unknown) ? at->file_size(unknown) : 0;
        if (!unknown) held += bytes;
    }
    return held > size / 10 ? "証拠がディスクの1割を超えました" : "";
}

std::set<std::pair<dev_t, ino_t>> list_kept(const fs::path& folder, base::Instant since, base::Instant until) {
    std::set<std::pair<dev_t, ino_t>> kept;
    const std::string first = stamp_of(since), last = stamp_of(until);
    std::error_code problem;
    for (fs::directory_iterator at(folder, problem); !problem && at != fs::directory_iterator();
         at.increment(problem)) {
        const std::string name = at->path().filename().string();
        struct stat status {};
        if (name >= first && name < last && ::lstat((at->path() / "thing").c_str(), &status) == 0)
            kept.emplace(status.st_dev, status.st_ino);
    }
    return kept;
}

bool Quarantine::has_room() {
    if (!has_room_) has_room_ = find_lack_of_room(folder_).empty();
    return *has_room_;
}

fs::path Quarantine::prepare(const sys::Descriptor& parent, const std::string& path, const Found& found) {
    const fs::path folder = folder_ / fmt::format("{}-{}", stamp_of(now_), base::to_hex(sys::random_bytes(6)));
    sys::make_folders(folder, 0750);
    sys::write_file(folder / "evidence.json", describe(parent, path, found, now_, writer_, has_room()),
                    sys::Durability::Now, 0640);
    ++count_;
    last_ = folder.filename().string();
    return folder / "thing";
}

std::string Quarantine::keep(const sys::Descriptor& parent, const std::string& path, const Found& found) {
    YAKUBA_STEP("quarantine.before_keep");
    const fs::path thing = prepare(parent, path, found);
    if (!has_room()) return last_;  // the bytes go when the right ones take their place
    if (::linkat(parent.get(), name_of(path).c_str(), AT_FDCWD, thing.c_str(), 0) != 0) {
        // Of somebody else's file the kernel may refuse a second name; then the visitor waits for the new one a moment.
        if (errno != EPERM && errno != EMLINK) fail(path, errno);
        if (::renameat(parent.get(), name_of(path).c_str(), AT_FDCWD, thing.c_str()) != 0) fail(path, errno);
    }
    YAKUBA_STEP("quarantine.after_keep");
    return last_;
}

std::string Quarantine::take(const sys::Descriptor& parent, const std::string& path, const Found& found) {
    YAKUBA_STEP("quarantine.before_take");
    const fs::path thing = prepare(parent, path, found);
    if (::renameat(parent.get(), name_of(path).c_str(), AT_FDCWD, thing.c_str()) != 0 && errno != ENOENT)
        fail(path, errno);
    if (!has_room()) {
        std::error_code left;
        if (S_ISDIR(found.status.st_mode))
            sys::write_file(thing.parent_path() / "contents.txt", list_contents(thing), sys::Durability::Now, 0640);
        fs::remove_all(thing, left);  // what cannot be removed stays as evidence
    }
    YAKUBA_STEP("quarantine.after_take");
    return last_;
}

}  // namespace delivery
