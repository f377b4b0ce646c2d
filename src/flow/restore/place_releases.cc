// The release log as of the backup, and the document root that follows from it.
#include "flow/restore/build.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/objects/store.h"
#include "ground/release/follow.h"
#include "ground/release/head.h"
#include "ground/sys/files.h"
#include "press/delivery/placer.h"

namespace flow::restoring {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

namespace {

[[noreturn]] void fail(std::string_view what) {
    throw Error(Kind::Damaged,
                fmt::format("this backup is damaged: {}; restore another one, and verify this one", what));
}

/// The file's number, of "00000012.release".
std::int64_t number_of(const fs::path& file) {
    return std::strtoll(file.stem().c_str(), nullptr, 10);
}

/// What was published between the database's moment and that at which the log was read is not in the database: its
/// numbers count as seen, and its records go.
void cut_after(const release::Log& log, std::int64_t newest) {
    for (const auto& file : {log.record_file(newest).parent_path(), log.checkpoint_file(newest).parent_path()}) {
        std::error_code error;
        std::vector<fs::path> later;
        for (const auto& entry : fs::directory_iterator(file, error))
            if (number_of(entry.path()) > newest) later.push_back(entry.path());
        for (const fs::path& each : later) sys::remove_file(each, sys::Durability::Later);
    }
}

}  // namespace

void place_releases(Build& build) {
    const backup::Manifest& manifest = build.point.manifest;
    const fs::path from = build.point.folder / "releases";
    if (fs::exists(from))
        fs::rename(from, build.folders.releases);
    else
        sys::make_folders(build.folders.releases);
    const fs::path seen_file = build.folders.releases / "seen";
    if (const auto seen = release::find_seen(seen_file))
        build.highest_seen = std::max(build.highest_seen, seen->number);
    fs::remove(seen_file);

    const release::Log log(build.folders.releases);
    const release::PublicKeys keys = release::load_public_keys(build.folders.keys);
    try {
        if (const auto head = log.find_head(keys)) {
            build.highest_seen = std::max(build.highest_seen, head->number);
            build.result.newest = std::max(build.result.newest, head->at);
            if (head->number > manifest.release) fs::remove(log.head_file());
        }
    } catch (const Error& error) {
        fail(fmt::format("releases/head: {}", error.message()));
    }
    build.highest_seen = std::max({build.highest_seen, log.newest(), manifest.release, build.options.highest_seen});
    cut_after(log, manifest.release);
}

void place_public(Build& build) {
    const release::Log log(build.folders.releases);
    const release::PublicKeys keys = release::load_public_keys(build.folders.keys);
    build.result.release = build.point.manifest.release;
    if (build.result.release == 0) return;
    const release::Report report = log.verify(keys);
    if (!report.is_whole()) fail(fmt::format("release log: {}", report.problems.front().message));
    if (report.newest != build.result.release || report.newest_hash != build.point.manifest.release_hash)
        fail(fmt::format("its release log ends at {}, not at the release {} of its database", report.newest,
                         build.result.release));
    const release::Follower newest(log, keys);
    std::vector<release::Change> changes;
    newest.manifest().each([&](const release::Entry& entry) {
        if (!entry.has_body()) return true;
        changes.push_back(release::Change::put(entry));
        build.result.bytes += entry.size;
        return true;
    });
    const auto objects = objects::open_folder(build.folders.objects);
    const delivery::Placement placed = delivery::place(
        changes, *objects,
        {build.folders.document_root, build.folders.run / "placing", build.folders.quarantine, build.clock.now()},
        sys::Durability::Later, [&](std::int64_t) { build.between(); });
    build.result.files = placed.written;
    for (const delivery::Unplaced& one : placed.unplaced) {
        const release::Entry entry = *newest.manifest().find(one.path);
        build.miss(one.path, entry.hash);
        build.result.bytes -= entry.size;
    }
    release::note_seen(build.folders.run / "seen", {report.newest, report.newest_hash});
}

}  // namespace flow::restoring
