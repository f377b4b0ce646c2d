#include "flow/restore/point.h"

#include <set>

#include <fcntl.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"

namespace flow::restoring {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kManifestLimit = 64U << 20;
constexpr std::size_t kPiece = 1U << 20;
constexpr int kDeepest = 40;  // folders above a site directory

[[noreturn]] void fail(const std::string& path, std::string_view how) {
    throw Error(Kind::Damaged, fmt::format("this backup is damaged: {} {}; restore another one, and verify this one",
                                           base::to_valid_utf8(path), how));
}

/// Adds every folder that has a point in it.
void find_below(const fs::path& folder, int depth, std::vector<fs::path>& found) {
    if (fs::is_regular_file(fs::symlink_status(folder / backup::kPointFolder / backup::kManifestFile))) {
        found.push_back(folder);
        return;
    }
    if (depth == 0) return;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.is_directory() && !entry.is_symlink()) find_below(entry.path(), depth - 1, found);
}

}  // namespace

void remove_unpacked(const fs::path& folder) {
    std::error_code ignored;  // what cannot be changed is told by the removal
    for (fs::recursive_directory_iterator at(folder, ignored), end; at != end; at.increment(ignored))
        if (at->is_directory(ignored) && !at->is_symlink(ignored))
            fs::permissions(at->path(), fs::perms::owner_all, fs::perm_options::add, ignored);
    fs::remove_all(folder);
}

base::Hash hash_file(const fs::path& file) {
    const sys::Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!in) throw Error(Kind::Unavailable, fmt::format("{} cannot be read", file.string()));
    sys::Hasher hasher;
    std::string piece(kPiece, '\0');
    for (;;) {
        const ssize_t got = ::read(in.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw Error(Kind::Unavailable, fmt::format("{} cannot be read", file.string()));
        if (got == 0) return hasher.finish();
        hasher.add(std::string_view(piece).substr(0, static_cast<std::size_t>(got)));
    }
}

Point find_point(const fs::path& unpacked, const fs::path& hint) {
    std::vector<fs::path> found;
    if (hint.empty())
        find_below(unpacked, kDeepest, found);
    else if (fs::exists(unpacked / hint.relative_path() / backup::kManifestFile))
        found.push_back((unpacked / hint.relative_path()).parent_path().parent_path().parent_path());
    if (found.size() > 1)  // what another system keeps in its area may look like a backup
        throw Error(Kind::Conflict, fmt::format("{} holds several backups: {} and {}", unpacked.string(),
                                                found[0].string(), found[1].string()));
    if (found.empty())
        throw Error(Kind::NotFound, fmt::format("there is no backup made by yakuba in {} (no {}/{})", unpacked.string(),
                                                backup::kPointFolder, backup::kManifestFile));
    Point point;
    point.site = found.front();
    point.folder = point.site / backup::kPointFolder;
    const std::string text = sys::read_file(point.folder / backup::kManifestFile, kManifestLimit);
    if (!text.ends_with('\n')) fail(std::string(backup::kManifestFile), "is cut");
    point.manifest = backup::parse_manifest(text);
    const fs::path at = fs::path(point.manifest.site_path).relative_path();
    point.root = point.site;
    for (auto part = at.begin(); part != at.end(); ++part) point.root = point.root.parent_path();
    if (point.root / at != point.site)
        fail(std::string(backup::kManifestFile), fmt::format("is that of {}, not of this place", at.string()));
    return point;
}

void check_point(const Point& point, const std::function<void()>& between) {
    std::set<std::string> known{std::string(backup::kManifestFile)};
    for (const backup::PointFile& file : point.manifest.files) {
        between();
        const fs::path path = point.folder / file.path;
        if (fs::path(file.path).is_absolute() || file.path.find("..") != std::string::npos)
            fail(file.path, "leaves the folder of the backup");
        if (!known.insert(file.path).second) fail(file.path, "is named twice");
        const fs::file_status status = fs::symlink_status(path);
        if (!fs::exists(status)) fail(file.path, "is missing");
        if (!fs::is_regular_file(status)) fail(file.path, "is no plain file");
        if (const auto size = static_cast<std::int64_t>(fs::file_size(path)); size != file.size)
            fail(file.path, fmt::format("has {} bytes instead of {}", size, file.size));
        if (hash_file(path) != file.hash) fail(file.path, "does not have the bytes that were backed up");
    }
    for (const auto& entry : fs::recursive_directory_iterator(point.folder))
        if (!entry.is_directory() || entry.is_symlink())
            if (const std::string path = entry.path().lexically_relative(point.folder).string(); !known.contains(path))
                fail(path, "is not in the manifest");
}

}  // namespace flow::restoring
