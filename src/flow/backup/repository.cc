#include "flow/backup/repository.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "ground/sys/step.h"

namespace flow::backing_up {

namespace fs = std::filesystem;
using backup::Standing;
using base::Error;
using base::Kind;

namespace {

void note_standing(const BackupPlace& place, const std::string& repository, const Standing& standing) {
    place.watch.write([&](sys::Transaction& tx) {
        backup::RepositoryState state = backup::load_state(tx, repository);
        state.standing = standing.what;
        state.problem = standing.problem;
        state.looked_at = place.clock.now();
        backup::save_state(tx, state);
    });
}

backup::Run run_of(const BackupPlace& place, const std::string& repository, const backup::Snapshot& snapshot) {
    backup::Run run;
    run.repository = repository;
    run.kind = backup::find_kind(snapshot.tag("kind")).value_or(backup::Kind::Data);
    run.why = backup::find_why(snapshot.tag("why")).value_or(backup::Why::Asked);
    run.outcome = backup::Outcome::Made;
    run.snapshot = snapshot.id;
    const std::string taken = snapshot.tag("taken");
    const bool is_number =
        !taken.empty() && taken.size() < 16 && taken.find_first_not_of("0123456789") == std::string::npos;
    run.taken_at = is_number ? base::Instant{std::stoll(taken)} : snapshot.time;
    run.day = base::parse_day(snapshot.tag("day")).value_or(base::local_day(run.taken_at));
    const std::string release = snapshot.tag("release");
    if (!release.empty() && release.size() < 9 && release.find_first_not_of("0123456789") == std::string::npos)
        run.release = std::stoll(release);
    run.fingerprint = snapshot.tag("fingerprint");
    run.due_at = run.started_at = run.taken_at;
    run.ended_at = place.clock.now();
    run.problem = "記録が書かれる前にプログラムが終わったため、保存先にあるものから記録しました。";
    return run;
}

/// What a kill between the engine's act and our row leaves: snapshots without a row, rows without a snapshot.
void reconcile(const BackupPlace& place, const std::string& repository, const std::string& by,
               const std::vector<backup::Snapshot>& snapshots) {
    std::set<std::string> there;
    for (const backup::Snapshot& each : snapshots) there.insert(each.id);
    const std::vector<std::string> listed(there.begin(), there.end());
    place.watch.write([&](sys::Transaction& tx) {
        const base::Instant now = place.clock.now();
        backup::fail_running(tx, repository, now, "プログラムが途中で終わりました。");
        backup::note_found_again(tx, repository, listed, now, by);
        std::vector<std::int64_t> pruned, kept, lost;
        std::set<std::string> known;
        for (const backup::Run& run : backup::list_held(tx, repository)) {
            known.insert(run.snapshot);
            const bool is_there = there.contains(run.snapshot);
            if (run.pruning_at) (is_there ? kept : pruned).push_back(run.id);
            if (!run.pruning_at && !is_there) lost.push_back(run.id);
        }
        backup::keep_again(tx, kept);
        if (!pruned.empty()) backup::mark_gone(tx, repository, pruned, now, by);
        if (!lost.empty()) backup::mark_lost(tx, repository, lost, now, by);
        for (const backup::Snapshot& each : snapshots)
            if (each.tag("yakuba") == "1" && each.tag("site") == place.settings.site.id && !known.contains(each.id) &&
                !backup::knows_snapshot(tx, repository, each.id))
                backup::adopt_run(tx, run_of(place, repository, each), by);
    });
}

/// Ready, with the names of the snapshots, when these are the very ones that we have noted.
std::optional<Standing> find_as_noted(const BackupPlace& place, const std::string& repository,
                                      const backup::Restic& restic) {
    const auto names = restic.find_snapshot_names();
    if (!names) return std::nullopt;
    return place.watch.read([&](sys::Reader& db) -> std::optional<Standing> {
        const backup::RepositoryState state = backup::load_state(db, repository);
        if (state.looked_at && state.standing != Standing::What::Ready) return std::nullopt;
        std::set<std::string> held;
        for (const backup::Run& run : backup::list_held(db, repository)) held.insert(run.snapshot);
        if (held != std::set<std::string>(names->begin(), names->end())) return std::nullopt;
        Standing standing{Standing::What::Ready, {}, {}};
        for (const std::string& name : *names) standing.snapshots.push_back({name, {}, {}, {}, {}});
        return standing;
    });
}

}  // namespace

Opened open(const BackupPlace& place, const std::string& repository, const std::string& by, Purpose purpose,
            const std::function<bool()>& is_stopped) {
    backup::Access access = backup_access(place.settings, place.folders, repository);
    access.is_stopped = is_stopped;
    Opened opened{backup::Restic(std::move(access)), {}};
    if (purpose != Purpose::Look)
        if (auto noted = find_as_noted(place, repository, opened.restic)) opened.standing = std::move(*noted);
    if (!opened.standing.is_ready()) {
        opened.was_asked = true;
        opened.standing = opened.restic.look();
    }
    if (opened.standing.what == Standing::What::Missing && purpose == Purpose::Backup &&
        !place.watch.read([&](sys::Reader& db) { return backup::was_ever_used(db, repository); })) {
        opened.restic.init();
        YAKUBA_STEP("backup-repository-made");
        opened.standing = opened.restic.look();
    }
    note_standing(place, repository, opened.standing);
    if (!opened.standing.is_ready()) return opened;
    opened.restic.clear_stale_locks(place.clock.now());
    reconcile(place, repository, by, opened.standing.snapshots);
    return opened;
}

void note_failure(const BackupPlace& place, const std::string& repository, const Opened& opened) {
    if (!opened.was_asked) note_standing(place, repository, opened.restic.look());
}

ReadBack::ReadBack(const Folders& folders, const std::string& repository)
    : file_(folders.run / "backup" / (sys::sha256(repository).hex().substr(0, 16) + ".read")) {
    const std::string text = sys::find_file(file_, 256U << 20).value_or("");
    for (std::size_t at = 0; at + 64 <= text.size(); at += 65)
        if (const auto hash = base::Hash::find_hex(std::string_view(text).substr(at, 64))) packs_.push_back(*hash);
    std::sort(packs_.begin(), packs_.end());
}

bool ReadBack::is_known(const base::Hash& pack) const {
    return std::binary_search(packs_.begin(), packs_.end(), pack);
}

void ReadBack::keep(std::vector<base::Hash> whole) {
    std::sort(whole.begin(), whole.end());
    std::string text;
    for (const base::Hash& each : whole) text += each.hex() + "\n";
    sys::make_folders(file_.parent_path(), 0750);
    sys::write_file(file_, text, sys::Durability::Now, 0640);
    packs_ = std::move(whole);
}

}  // namespace flow::backing_up
