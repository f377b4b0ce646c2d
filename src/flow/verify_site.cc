#include "flow/verify_site.h"

#include <thread>

#include "flow/site.h"
#include "ground/base/error.h"
#include "ground/release/follow.h"
#include "ground/release/head.h"

namespace flow {

namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 10s;
constexpr auto kPause = 20ms;

/// The paths that releases after `placed` change: what is being placed.
std::set<std::string> moving_paths(const PublicSide& side, std::int64_t placed, std::int64_t newest) {
    std::set<std::string> paths;
    for (const std::int64_t number : side.log.list_numbers())
        if (number > placed && number <= newest)
            for (const release::Change& change : release::parse_record(side.log.read(number)).record.changes)
                paths.insert(change.path());
    return paths;
}

/// Whether placing one of `moving` can be why `path` (a deviation's) is as it is.
bool is_touched(const std::set<std::string>& moving, const std::string& path) {
    if (moving.empty()) return false;
    if (moving.contains(path)) return true;
    if (path.ends_with('/')) {  // a folder that comes or goes with a file below it
        const auto below = moving.lower_bound(path);
        if (below != moving.end() && below->starts_with(path)) return true;
    }
    for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
        if (moving.contains(path.substr(0, slash))) return true;  // a file that becomes a folder, or the reverse
    return false;
}

/// The number that the head names: all up to it is placed.
std::int64_t placed_number(const PublicSide& side) {
    try {
        const auto head = side.log.find_head(side.keys);
        return head ? head->number : 0;
    } catch (const base::Error&) {
        return release::kHighestNumber;  // a damaged head excuses nothing; the log's own check reports it
    }
}

/// Of what deviated from release `number`, what really does.
std::vector<guard::Deviation> settle(const PublicSide& side, std::int64_t number,
                                     const std::vector<guard::Deviation>& deviations, const base::Clock& clock) {
    const auto start = clock.monotonic();
    std::set<std::string> suspects;
    for (const guard::Deviation& one : deviations) suspects.insert(one.path);
    std::vector<guard::Deviation> real;
    release::Follower follower(side.log, side.keys, number);
    while (!suspects.empty()) {
        const std::int64_t placed = placed_number(side);
        while (follower.step(release::Follower::Look::Thorough)) {
        }
        const auto moving = moving_paths(side, placed, follower.number());
        const auto found =
            guard::recheck(follower.manifest(), side.folders.document_root, suspects, guard::AskHeld::Yes);
        const bool is_late = clock.monotonic() - start > kPatience;
        const bool has_grown = side.log.newest() != follower.number();
        suspects.clear();
        for (const guard::Deviation& one : found) {
            if (is_late || (!has_grown && !is_touched(moving, one.path)))
                real.push_back(one);
            else
                suspects.insert(one.path);
        }
        if (!suspects.empty()) std::this_thread::sleep_for(kPause);
    }
    std::sort(real.begin(), real.end());
    real.erase(std::unique(real.begin(), real.end()), real.end());
    return real;
}

/// The log's own faults. A first release has no head until it is placed.
release::Report verify_log(const PublicSide& side, const base::Clock& clock) {
    const auto start = clock.monotonic();
    for (;;) {
        // Before the log is listed: it is never ahead of it.
        const auto seen = release::find_seen(side.folders.run / "seen");
        const bool had_head = std::filesystem::exists(side.log.head_file());
        auto report = side.log.verify(side.keys, release::VerifyFrom::NewestCheckpoint, seen);
        const bool is_first_under_way = !seen && !had_head && report.newest > 0;
        if (!is_first_under_way || clock.monotonic() - start > kPatience) return report;
        std::this_thread::sleep_for(kPause);
    }
}

}  // namespace

Verified verify_site(const std::filesystem::path& folder, const guard::CompareOptions& options,
                     const base::Clock& clock) {
    const auto start = clock.monotonic();
    const PublicSide side = open_public_side(folder);
    Verified result;
    const release::Report report = verify_log(side, clock);
    result.log_problems = report.problems;
    result.release = report.newest;
    if (report.newest == 0 && report.problems.empty())
        throw base::Error(base::Kind::NotFound, "nothing has been published yet; run `yakuba site publish` first");
    const release::Manifest manifest = side.log.manifest_at(report.newest, side.keys);
    result.tree = guard::compare(manifest, side.folders.document_root, options);
    if (!result.tree.deviations.empty())
        result.tree.deviations = settle(side, report.newest, result.tree.deviations, clock);
    result.seconds = std::chrono::duration<double>(clock.monotonic() - start).count();
    return result;
}

}  // namespace flow
