#include "flow/backup_site.h"

#include <algorithm>
#include <future>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "flow/backup/repository.h"
#include "flow/office_hours.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "ground/sys/log.h"
#include "ground/sys/step.h"

namespace flow {

namespace fs = std::filesystem;
using backup::Outcome;
using backup::Run;
using base::Error;
using base::Kind;

namespace {

constexpr int kAtOnce = 2;  // repositories

double seconds_since(const base::Clock& clock, std::chrono::nanoseconds start) {
    return std::chrono::duration<double>(clock.monotonic() - start).count();
}

/// Another program's area may lose a file while it is read; anything else that is lacking is a failure.
bool is_of_others(const BackupPlace& place, const SnapshotPoint& point, const std::string& said) {
    const auto names = [&](const std::string& folder) { return said.find(folder + "/") != std::string::npos; };
    return names(place.folders.others.string()) ||
           std::any_of(point.manifest.areas.begin(), point.manifest.areas.end(), names);
}

/// Also what the file system itself says, which is no Error of ours.
void fail(Run& run, const std::exception& error) {
    const bool is_stop = dynamic_cast<const base::Interrupted*>(&error) != nullptr;
    run.outcome = is_stop ? Outcome::Stopped : Outcome::Failed;
    const auto* ours = dynamic_cast<const Error*>(&error);
    run.problem = base::to_valid_utf8(ours != nullptr ? ours->message() : error.what());
}

void bring(const BackupPlace& place, const BackupWish& wish, const SnapshotPoint& point, Run& run) {
    const backing_up::Opened opened =
        backing_up::open(place, run.repository, wish.by, backing_up::Purpose::Backup, wish.is_stopped);
    if (!opened.standing.is_ready())
        throw Error(Kind::Unavailable, fmt::format("{}: {}", run.repository, opened.standing.problem));
    run.id = place.watch.write([&](sys::Transaction& tx) { return backup::add_run(tx, run); });
    YAKUBA_STEP("backup-run-begun");
    const auto& manifest = point.manifest;
    std::vector<std::string> tags{"yakuba=1",
                                  "site=" + manifest.site,
                                  fmt::format("kind={}", backup::kind_id(run.kind)),
                                  fmt::format("why={}", backup::why_id(run.why)),
                                  "day=" + base::format_day(run.day),
                                  fmt::format("release={}", manifest.release),
                                  fmt::format("taken={}", manifest.taken_at.milliseconds),
                                  "fingerprint=" + run.fingerprint};
    if (const std::int64_t bytes = manifest.count_bytes(); bytes > 0) tags.push_back(fmt::format("bytes={}", bytes));
    const auto made = backing_up::use(place, run.repository, opened, [&] {
        return opened.restic.backup(
            {.paths = point.sources, .excluded = point.excluded, .tags = std::move(tags), .host = manifest.site});
    });
    YAKUBA_STEP("backup-snapshot-made");
    run.snapshot = made.snapshot;
    run.files = made.files;
    run.bytes = made.bytes;
    run.added_bytes = made.added_bytes;
    run.outcome = Outcome::Made;
    std::vector<std::string> remarks = point.problems;
    for (const std::string& each : made.unread) {
        if (!is_of_others(place, point, each)) run.outcome = Outcome::Failed;
        remarks.push_back("読めませんでした：" + each);
    }
    if (remarks.size() > 20) remarks.resize(20);
    run.problem = base::join(remarks, "\n");
}

/// Never throws: what goes wrong for one repository is in its run.
void bring_and_note(const BackupPlace& place, const BackupWish& wish, const SnapshotPoint& point, Run& run) {
    const auto start = place.clock.monotonic();
    try {
        try {
            bring(place, wish, point, run);
        } catch (const std::exception& error) {
            fail(run, error);
        }
        run.ended_at = place.clock.now();
        run.seconds = seconds_since(place.clock, start);
        place.watch.write([&](sys::Transaction& tx) {
            if (run.id == 0) run.id = backup::add_run(tx, run);
            backup::finish_run(tx, run, wish.by);
        });
        YAKUBA_STEP("backup-run-noted");
    } catch (const std::exception& error) {  // watch.db itself
        fail(run, error);
        sys::log(sys::Level::Error, "a backup cannot be noted", {{"problem", run.problem}});
    }
}

void at_once(std::size_t count, const std::function<void(std::size_t)>& work) {
    std::mutex mutex;
    std::size_t next = 0;
    const auto worker = [&] {
        for (;;) {
            std::size_t mine = 0;
            {
                const std::scoped_lock lock(mutex);
                if (next == count) return;
                mine = next++;
            }
            work(mine);
        }
    };
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < std::min<std::size_t>(kAtOnce, count); ++i) threads.emplace_back(worker);
    worker();
}

/// On a thread of its own, as low as the engine runs: copying and counting must not hold up those who serve pages.
SnapshotPoint make_point_quietly(const BackupPlace& place, const BackupWish& wish) {
    return std::async(std::launch::async,
                      [&] {
                          ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 19);
                          return make_point(place, wish.kind, wish.is_stopped);
                      })
        .get();
}

fs::path beside_mark(const Folders& folders) {
    return folders.run / "restored-beside";
}

void refuse_beside(const Folders& folders) {
    if (is_restored_beside(folders))
        throw Error(Kind::Conflict,
                    fmt::format("{} was restored from a backup and makes none itself, since the site that runs makes "
                                "them; put it in that one's place with `yakuba backup switch`, or, where there is no "
                                "other one any more, run `yakuba backup adopt`",
                                folders.site.string()));
}

struct PointGuard {
    const Folders& folders;
    ~PointGuard() {
        try {
            remove_point(folders);
        } catch (const Error& error) {
            sys::log(sys::Level::Error, "the snapshot point is left over", {{"problem", error.message()}});
        }
    }
};

}  // namespace

bool is_backup_configured(const settings::Settings& settings) {
    return !settings.backup.repositories.empty() && !settings.backup.recovery_key.empty();
}

backup::Access backup_access(const settings::Settings& settings, const Folders& folders,
                             const std::string& repository) {
    backup::Access access;
    const bool is_folder = repository.starts_with('/') || repository.find(':') == std::string::npos;
    backup::check_repository(repository, is_folder);
    access.repository = is_folder ? settings.resolve(repository).lexically_normal().string() : repository;
    access.password_file = settings.resolve(settings.backup.password_file);
    if (!settings.backup.environment_file.empty())
        access.environment = backup::read_environment_file(settings.resolve(settings.backup.environment_file));
    if (!is_folder) access.cache = folders.run / "backup" / "cache";
    access.upload_kilobytes = is_folder ? 0 : settings.backup.upload_kilobytes;
    access.patience = std::chrono::minutes(settings.backup.longest_minutes) + std::chrono::minutes(5);
    return access;
}

std::string find_repository(const settings::Settings& settings, std::string_view asked) {
    const auto& all = settings.backup.repositories;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (asked == all[i] || asked == std::to_string(i + 1)) return all[i];
    std::string list;
    for (std::size_t i = 0; i < all.size(); ++i) list += fmt::format("\n{}: {}", i + 1, all[i]);
    throw Error(Kind::NotFound, fmt::format("there is no repository {}; settings: backup.repositories has{}", asked,
                                            all.empty() ? " none" : list));
}

backup::Policy backup_policy(const settings::Settings& settings) {
    return backup::policy_of(settings, office_hours_of(settings));
}

backup::Keep backup_keep(const settings::Settings& settings) {
    return {static_cast<int>(settings.backup.generations), static_cast<int>(settings.backup.system_generations)};
}

bool is_restored_beside(const Folders& folders) {
    return fs::exists(beside_mark(folders));
}

void mark_restored_beside(const Folders& folders, std::string_view snapshot) {
    sys::make_folders(folders.run, 0750);
    sys::write_file(beside_mark(folders), fmt::format("{}\n", snapshot), sys::Durability::Now, 0640);
}

bool adopt_restored(const Folders& folders) {
    if (!is_restored_beside(folders)) return false;
    sys::remove_file(beside_mark(folders));
    return true;
}

sys::FileLock lock_backups(const Folders& folders) {
    sys::make_folders(folders.run / "backup", 0750);
    auto lock = sys::FileLock::find(folders.run / "backup" / "lock");
    if (!lock)
        throw Error(Kind::Conflict,
                    "another backup, verification or restore is at work on this site; wait until it is done");
    return std::move(*lock);
}

bool BackupDone::is_well() const {
    return std::all_of(runs.begin(), runs.end(), [](const Run& run) { return run.outcome == Outcome::Made; });
}

BackupDone back_up(const BackupPlace& place, const BackupWish& wish) {
    refuse_beside(place.folders);
    const sys::FileLock lock = lock_backups(place.folders);
    const PointGuard guard{place.folders};
    BackupDone done;
    const base::Instant now = place.clock.now();
    for (const std::string& repository : wish.repositories) {
        Run run;
        run.repository = repository;
        run.kind = wish.kind;
        run.why = wish.why;
        run.due_at = wish.due_at.milliseconds == 0 ? now : wish.due_at;
        run.started_at = now;
        run.fingerprint = backup_fingerprint(place);
        run.day = backup::day_of(backup_policy(place.settings), now);
        done.runs.push_back(std::move(run));
    }
    SnapshotPoint point;
    try {
        point = make_point_quietly(place, wish);
    } catch (const std::exception& error) {
        place.watch.write([&](sys::Transaction& tx) {
            for (Run run : done.runs) {
                run.id = backup::add_run(tx, run);
                fail(run, error);
                run.ended_at = place.clock.now();
                backup::finish_run(tx, run, wish.by);
            }
        });
        throw;
    }
    for (Run& run : done.runs) {
        run.taken_at = point.manifest.taken_at;
        run.release = point.manifest.release;
        run.day = backup::day_of(backup_policy(place.settings), run.taken_at);
    }
    at_once(done.runs.size(), [&](std::size_t i) { bring_and_note(place, wish, point, done.runs[i]); });
    return done;
}

backup::Pruning find_prunable(const BackupPlace& place, const std::vector<Run>& held) {
    const auto newest =
        std::find_if(held.begin(), held.end(), [](const Run& run) { return run.outcome == Outcome::Made; });
    if (newest != held.end() && !newest->problem.empty())
        return {{}, "最新のバックアップに欠けたものがあるため、古い世代を消しません。"};
    return backup::list_prunable(backup::generations_of(held), backup_keep(place.settings), place.clock.now());
}

PruneDone prune_backups(const BackupPlace& place, const std::string& repository, const std::string& by,
                        const std::function<bool()>& is_stopped) {
    refuse_beside(place.folders);
    const sys::FileLock lock = lock_backups(place.folders);
    const backing_up::Opened opened = backing_up::open(place, repository, by, backing_up::Purpose::Prune, is_stopped);
    if (!opened.standing.is_ready())
        throw Error(Kind::Unavailable, fmt::format("{}: {}", repository, opened.standing.problem));
    PruneDone done{repository, {}, {}};
    const auto held = place.watch.read([&](sys::Reader& db) { return backup::list_held(db, repository); });
    const backup::Pruning pruning = find_prunable(place, held);
    done.refusal = pruning.refusal;
    std::vector<std::int64_t> ids;
    for (const Run& run : held)
        if (std::find(pruning.snapshots.begin(), pruning.snapshots.end(), run.snapshot) != pruning.snapshots.end()) {
            done.gone.push_back(run);
            ids.push_back(run.id);
        }
    if (ids.empty()) return done;
    place.watch.write([&](sys::Transaction& tx) { backup::mark_pruning(tx, ids, place.clock.now()); });
    YAKUBA_STEP("backup-prune-marked");
    backing_up::use(place, repository, opened, [&] { opened.restic.forget(pruning.snapshots); });
    YAKUBA_STEP("backup-pruned");
    place.watch.write([&](sys::Transaction& tx) {
        backup::mark_gone(tx, repository, ids, place.clock.now(), by);
        backup::RepositoryState state = backup::load_state(tx, repository);
        state.pruned_at = place.clock.now();
        backup::save_state(tx, state);
    });
    return done;
}

}  // namespace flow
