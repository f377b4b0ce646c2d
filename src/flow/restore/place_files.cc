// Objects, areas of others, further files of the machine: moved where they were unpacked on the same file system.
#include "flow/restore/build.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/release/follow.h"
#include "ground/sys/files.h"

namespace flow::restoring {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

namespace {

[[noreturn]] void fail(std::string_view what) {
    throw Error(Kind::Damaged,
                fmt::format("this backup is damaged: {}; restore another one, and verify this one", what));
}

void move_folder(const fs::path& from, const fs::path& to) {
    if (!fs::exists(from)) return;
    sys::make_folders(to.parent_path());
    if (fs::exists(to) && fs::is_empty(to)) fs::remove(to);
    std::error_code error;
    fs::rename(from, to, error);
    if (error) fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
}

/// Those that a release needs are read when they are placed; here the rest, which old revisions and drafts need.
void check_objects(Build& build) {
    const backup::Manifest& manifest = build.point.manifest;
    std::set<base::Hash>& placed = build.placed;
    if (manifest.release > 0) {
        const release::Log log(build.folders.releases);
        release::Follower newest(log, release::load_public_keys(build.folders.keys));
        newest.manifest().each([&](const release::Entry& entry) {
            placed.insert(entry.hash);
            return true;
        });
    }
    std::int64_t found = 0;
    for (auto entry = fs::recursive_directory_iterator(build.folders.objects);
         entry != fs::recursive_directory_iterator(); ++entry) {
        if (entry.depth() == 0 && entry->path().filename() == "staging") {
            entry.disable_recursion_pending();
            continue;
        }
        if (entry->is_directory() && !entry->is_symlink()) continue;
        build.between();
        const std::string name = entry->path().filename().string();
        const auto hash = base::Hash::find_hex(name);
        const std::string shown =
            "objects/" + base::to_valid_utf8(entry->path().lexically_relative(build.folders.objects).string());
        if (!hash || !entry->is_regular_file() || entry->is_symlink() ||
            entry->path().parent_path().filename() != name.substr(0, 2))
            fail(shown + " is no object");
        if (!placed.contains(*hash) && hash_file(entry->path()) != *hash) build.miss(shown, *hash);
        ++found;
    }
    // More may have come while the engine read them. What is gone is named where the database is asked for it.
    if (found < manifest.objects.count)
        build.miss(fmt::format("objects/ ({} of {} files)", found, manifest.objects.count), {});
    build.result.objects = found;
}

}  // namespace

void place_files(Build& build) {
    const Point& point = build.point;
    move_folder(point.site / "objects", build.folders.objects);
    check_objects(build);
    move_folder(point.site / "others", build.folders.others);
    // Elsewhere on the machine nothing is touched: an operator moves it, with the real place before their eyes.
    std::vector<fs::path> elsewhere;
    for (const auto& paths : {point.manifest.areas, point.manifest.also})
        for (const std::string& path : paths) {
            const fs::path relative = fs::path(path).lexically_normal().relative_path();
            if (relative.empty() || *relative.begin() == "..")
                fail(fmt::format("the manifest names the path {}", path));
            if (!fs::exists(fs::symlink_status(point.root / relative))) fail(fmt::format("{} is missing", path));
            if (fs::path(path).lexically_relative(point.manifest.site_path).string().starts_with(".."))
                elsewhere.push_back(relative);
        }
    for (const fs::path& each : elsewhere)  // one may lie in another, and has moved with it
        move_folder(point.root / each, build.folders.site / "elsewhere" / each);
}

}  // namespace flow::restoring
