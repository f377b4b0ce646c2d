// quarantine/<time>-<token>/evidence.json and thing: the very inode where possible, so that owner and times stay.
#include "press/delivery/quarantine.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "ground/sys/step.h"

namespace delivery {

namespace {

namespace fs = std::filesystem;

std::string_view type_of(mode_t mode) {
    if (S_ISREG(mode)) return "file";
    if (S_ISDIR(mode)) return "folder";
    if (S_ISLNK(mode)) return "link";
    return "special";
}

base::Instant instant_of(const timespec& time) {
    return {time.tv_sec * 1000 + time.tv_nsec / 1'000'000};
}

std::string name_of(const std::string& path) {
    return fs::path(path).filename().string();
}

/// Only numbers, times, percent form and what is JSON already stand in it, so nothing needs escaping.
std::string describe(const sys::Descriptor& parent, const std::string& path, const Found& found, base::Instant now,
                     const std::string& writer) {
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

}  // namespace

fs::path Quarantine::prepare(const sys::Descriptor& parent, const std::string& path, const Found& found) {
    std::string stamp = base::format_utc(now_);
    std::erase_if(stamp, [](char c) { return c == ':' || c == '.'; });
    const fs::path folder = folder_ / fmt::format("{}-{}", stamp, base::to_hex(sys::random_bytes(6)));
    sys::make_folders(folder, 0750);
    sys::write_file(folder / "evidence.json", describe(parent, path, found, now_, writer_), sys::Durability::Now, 0640);
    ++count_;
    last_ = folder.filename().string();
    return folder / "thing";
}

std::string Quarantine::keep(const sys::Descriptor& parent, const std::string& path, const Found& found) {
    YAKUBA_STEP("quarantine.before_keep");
    const fs::path thing = prepare(parent, path, found);
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
    YAKUBA_STEP("quarantine.after_take");
    return last_;
}

}  // namespace delivery
