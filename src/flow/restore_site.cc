#include "flow/restore_site.h"

#include <thread>

#include <boost/json.hpp>

#include "flow/backup_site.h"
#include "flow/restore/build.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "ground/sys/files.h"
#include "ground/sys/log.h"
#include "ground/sys/step.h"

namespace flow {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

namespace {

constexpr std::uintmax_t kTimesItsSize = 2;
constexpr std::chrono::milliseconds kLookAgain{50};  // whether the repositories are free

/// Where a site is built: a hidden folder beside the target, on its file system.
class Workshop {
  public:
    explicit Workshop(const fs::path& target) {
        const fs::path absolute = fs::absolute(target).lexically_normal();
        wanted_ = absolute.has_filename() ? absolute : absolute.parent_path();
        if (fs::exists(fs::symlink_status(wanted_)) && (!fs::is_directory(wanted_) || !fs::is_empty(wanted_)))
            throw Error(Kind::Conflict,
                        fmt::format("{} is there already and not empty; choose another folder", wanted_.string()));
        folder_ = wanted_.parent_path() / fmt::format(".{}.restoring", wanted_.filename().string());
        sys::make_folders(folder_, 0700);
        lock_ = sys::FileLock::find(folder_ / "lock");
        if (!lock_) throw Error(Kind::Conflict, fmt::format("another restore to {} is under way", wanted_.string()));
        clear();
        sys::make_folders(unpacked(), 0700);
    }
    ~Workshop() {
        try {
            clear();
            std::error_code ignored;
            fs::remove_all(folder_, ignored);
        } catch (const std::exception&) {
            // The next restore to this folder clears it.
        }
    }
    Workshop(const Workshop&) = delete;
    Workshop& operator=(const Workshop&) = delete;

    const fs::path& wanted() const { return wanted_; }
    fs::path unpacked() const { return folder_ / "unpacked"; }
    fs::path site() const { return folder_ / "site"; }

    /// From here on the site is there, whole.
    void bring_out() {
        sys::sync_filesystem(folder_);
        // First: nobody may ever clear the tables of a site that is there. A cut in between leaves tables without a
        // site.
        restoring::keep_database(folder_);
        YAKUBA_STEP("restore.before_rename");
        if (fs::exists(wanted_)) fs::remove(wanted_);
        fs::rename(site(), wanted_);
        sys::sync_folder(wanted_.parent_path());
        YAKUBA_STEP("restore.after_rename");
    }

  private:
    void clear() {
        restoring::clear_left_over_database(folder_);
        for (const auto& entry : fs::directory_iterator(folder_))
            if (entry.path().filename() != "lock") restoring::remove_unpacked(entry.path());
    }

    fs::path wanted_, folder_;
    std::optional<sys::FileLock> lock_;
};

class Stopwatch {
  public:
    Stopwatch(const base::Clock& clock, Restored& result, const RestoreOptions& options)
        : clock_(clock), result_(result), options_(options), start_(clock.monotonic()) {}
    template <class Work>
    void phase(const char* name, Work&& work) {
        if (options_.progress) options_.progress(name);
        const auto start = clock_.monotonic();
        work();
        result_.phases.push_back({name, seconds_since(start)});
    }
    double seconds() const { return seconds_since(start_); }

  private:
    double seconds_since(std::chrono::nanoseconds start) const {
        return std::chrono::duration<double>(clock_.monotonic() - start).count();
    }
    const base::Clock& clock_;
    Restored& result_;
    const RestoreOptions& options_;
    std::chrono::nanoseconds start_;
};

void build_site(Workshop& shop, const fs::path& unpacked, const RestoreOptions& options, Restored& result,
                Stopwatch& watch, base::Instant called_at, const base::Clock& clock) {
    restoring::Build build{restoring::find_point(unpacked, options.point), folders_of(shop.site()), options, clock,
                           result};
    result.folder = shop.wanted();
    result.snapshot = options.snapshot;
    result.taken_at = build.point.manifest.taken_at;
    result.last_edit = build.point.manifest.last_edit;
    if (result.last_edit) result.newest = result.last_edit->at;
    watch.phase("check", [&] { restoring::check_point(build.point, [&] { build.between(); }); });
    YAKUBA_STEP("restore.after_check");
    watch.phase("database", [&] {
        restoring::place_settings(build);
        restoring::place_releases(build);
        restoring::place_database(build);
    });
    YAKUBA_STEP("restore.after_database");
    watch.phase("objects", [&] { restoring::place_files(build); });
    YAKUBA_STEP("restore.after_objects");
    watch.phase("public", [&] { restoring::place_public(build); });
    YAKUBA_STEP("restore.after_public");
    result.loss = std::max(std::chrono::milliseconds(0), called_at - result.newest);  // for the ledger, as far as known
    result.seconds = watch.seconds();
    watch.phase("prove", [&] { restoring::prove_and_mark(build); });
    YAKUBA_STEP("restore.after_prove");
    result.loss = std::max(std::chrono::milliseconds(0), called_at - result.newest);
    shop.bring_out();
    result.seconds = watch.seconds();
}

/// 0: the tag is not there, or is no number.
std::int64_t number_in(const backup::Snapshot& snapshot, std::string_view tag) {
    const std::string text = snapshot.tag(tag);
    const bool is_number = text.size() < 16 && text.find_first_not_of("0123456789") == std::string::npos;
    return is_number ? std::strtoll(text.c_str(), nullptr, 10) : 0;
}

std::string point_of(const backup::Snapshot& snapshot) {
    for (const std::string& path : snapshot.paths)
        if (path.ends_with(backup::kPointFolder)) return path;
    return {};
}

/// Objects are named by their hash, and the manifest has that of each file of the point. Of what else a snapshot holds
/// nobody but the engine knows one.
backup::Restic::Proof proof_of(const backup::Snapshot& snapshot) {
    const std::string point = point_of(snapshot);
    const std::string objects = point.substr(0, point.size() - backup::kPointFolder.size()) + "objects";
    const bool is_ours = std::all_of(snapshot.paths.begin(), snapshot.paths.end(),
                                     [&](const std::string& path) { return path == point || path == objects; });
    return is_ours ? backup::Restic::Proof::Caller : backup::Restic::Proof::Engine;
}

/// What a snapshot holds: as its maker counted it, else as the engine lists it. Nothing when that is damaged, which is
/// told by the fetching.
std::optional<std::uintmax_t> find_size(const backup::Restic& repository, const backup::Snapshot& snapshot) {
    if (const std::int64_t noted = number_in(snapshot, "bytes"); noted > 0) return static_cast<std::uintmax_t>(noted);
    std::uintmax_t bytes = 0;
    try {
        for (const backup::Node& node : repository.list_files(snapshot.id))
            bytes += static_cast<std::uintmax_t>(std::max<std::int64_t>(0, node.size));
    } catch (const base::Interrupted&) {
        throw;
    } catch (const Error& error) {
        sys::log(sys::Level::Warning, "the size of a backup is not known", {{"problem", error.message()}});
        return std::nullopt;
    }
    return bytes;
}

/// Unpacked, and once more for what becomes public; asked for before anything is fetched.
void check_room(const backup::Restic& repository, const backup::Snapshot& snapshot, const fs::path& folder) {
    const auto found = find_size(repository, snapshot);
    if (!found) return;
    const std::uintmax_t bytes = *found;
    std::error_code unknown;
    const fs::space_info space = fs::space(folder, unknown);
    if (!unknown && space.available / kTimesItsSize < bytes)
        throw Error(Kind::Unavailable,
                    fmt::format("{} has {} MB left, and this backup needs {} MB to be restored; make room there, or "
                                "name a folder on another disk; nothing was fetched",
                                folder.parent_path().string(), space.available >> 20U, bytes * kTimesItsSize >> 20U));
}

sys::FileLock lock_when_free(const RestoreOptions& options) {
    const Folders folders = folders_of(options.locked);
    const auto until = std::chrono::steady_clock::now() + options.patience;
    for (;;) {
        try {
            return lock_backups(folders);
        } catch (const Error& error) {
            if (error.kind() != Kind::Conflict || std::chrono::steady_clock::now() >= until) throw;
        }
        if (options.is_stopped && options.is_stopped()) throw base::Interrupted("the restore was stopped");
        std::this_thread::sleep_for(kLookAgain);
    }
}

/// The moment of the data; the engine's own time is that at which it began.
base::Instant taken_at(const backup::Snapshot& snapshot) {
    const std::int64_t taken = number_in(snapshot, "taken");
    return taken > 0 ? base::Instant{taken} : snapshot.time;
}

}  // namespace

Restored restore_unpacked(const fs::path& unpacked, const RestoreOptions& options, const base::Clock& clock) {
    const base::Instant called_at = clock.now();
    Restored result;
    Stopwatch watch(clock, result, options);
    Workshop shop(options.to);
    build_site(shop, unpacked, options, result, watch, called_at, clock);
    return result;
}

std::span<const PhaseKind> all_phases() {
    static constexpr PhaseKind kAll[] = {
        {"fetch", "保存先から取り出す"},         {"check", "1つずつ照合する"},
        {"database", "データベースを戻す"},      {"objects", "ファイルを戻す"},
        {"public", "公開ページを並べる"},        {"prove", "全体を確かめる"},
        {"start", "サーバを起動する", true},     {"sign-in", "ログインする", true},
        {"compare", "全ページを照合する", true}, {"publish", "1ページを公開する", true}};
    return kAll;
}

std::vector<backup::Snapshot> list_restorable(const backup::Restic& repository, std::string_view site) {
    std::vector<backup::Snapshot> found;
    std::set<std::string> sites;
    for (backup::Snapshot& each : repository.list_snapshots()) {
        if (each.tag("yakuba").empty() || point_of(each).empty()) continue;
        if (!site.empty() && each.host != site) continue;
        sites.insert(each.host);
        found.push_back(std::move(each));
    }
    if (found.empty())
        throw Error(Kind::NotFound, fmt::format("{} holds no backup made by yakuba{}", repository.access().repository,
                                                site.empty() ? "" : fmt::format(" of the site {}", site)));
    if (sites.size() > 1)
        throw Error(Kind::Conflict,
                    fmt::format("{} holds backups of several sites: {}; name one", repository.access().repository,
                                base::join(std::vector<std::string>(sites.begin(), sites.end()), ", ")));
    return found;
}

backup::Snapshot choose_snapshot(const std::vector<backup::Snapshot>& all, const Wanted& wanted) {
    if (!wanted.snapshot.empty()) {
        std::vector<const backup::Snapshot*> found;
        for (const backup::Snapshot& each : all)
            if (each.id.starts_with(wanted.snapshot)) found.push_back(&each);
        if (found.size() == 1) return *found.front();
        throw Error(found.empty() ? Kind::NotFound : Kind::BadInput,
                    fmt::format("{} backup begins with {}; see `yakuba backup list`",
                                found.empty() ? "no" : "more than one", wanted.snapshot));
    }
    const backup::Snapshot* newest = nullptr;
    for (const backup::Snapshot& each : all) {
        if (wanted.unfit.contains(each.id) || (wanted.at && taken_at(each) > *wanted.at)) continue;
        if (newest == nullptr || taken_at(each) >= taken_at(*newest)) newest = &each;
    }
    if (newest != nullptr) return *newest;
    if (!wanted.at || taken_at(all.front()) <= *wanted.at)
        throw Error(Kind::NotFound,
                    "every backup of that time is noted as damaged, or as lacking something; see `yakuba backup list`, "
                    "and name one with --snapshot");
    throw Error(Kind::NotFound, fmt::format("there is no backup from {} or before; the oldest is of {}",
                                            base::format_local(*wanted.at), base::format_local(taken_at(all.front()))));
}

std::set<std::string> list_unfit(sys::Database& watch) {
    const auto unfit = watch.read([](sys::Reader& db) { return backup::list_unfit(db); });
    return {unfit.begin(), unfit.end()};
}

Restored restore_site(const backup::Restic& repository, const Wanted& wanted, std::string_view site,
                      RestoreOptions options, const base::Clock& clock) {
    const base::Instant called_at = clock.now();
    Restored result;
    Stopwatch watch(clock, result, options);
    const std::vector<backup::Snapshot> all = list_restorable(repository, site);
    const backup::Snapshot chosen = choose_snapshot(all, wanted);
    for (const backup::Snapshot& each : all)
        options.highest_seen = std::max(options.highest_seen, number_in(each, "release"));
    options.snapshot = chosen.id;
    options.point = point_of(chosen);
    Workshop shop(options.to);
    watch.phase("fetch", [&] {
        check_room(repository, chosen, shop.unpacked());
        std::optional<sys::FileLock> lock;  // or what is fetched could be pruned meanwhile
        if (!options.locked.empty()) lock = lock_when_free(options);
        repository.restore(chosen.id, shop.unpacked(), proof_of(chosen));
    });
    YAKUBA_STEP("restore.after_fetch");
    build_site(shop, shop.unpacked(), options, result, watch, called_at, clock);
    return result;
}

std::string figures_of(const Restored& restored) {
    boost::json::object phases;
    for (const Phase& phase : restored.phases) phases[phase.name] = phase.seconds;
    return boost::json::serialize(
        boost::json::object{{"snapshot", restored.snapshot},
                            {"taken_at", base::format_utc(restored.taken_at)},
                            {"newest", base::format_utc(restored.newest)},
                            {"release", restored.release},
                            {"next_release", restored.next_release},
                            {"tables", restored.tables},
                            {"rows", restored.rows},
                            {"objects", restored.objects},
                            {"files", restored.files},
                            {"bytes", restored.bytes},
                            {"has_keys", restored.has_keys},
                            {"missing", restored.missing.size()},
                            {"unexpected", restored.unexpected},
                            {"seconds", restored.seconds},
                            {"rpo_seconds", static_cast<double>(restored.loss.count()) / 1000},
                            {"phases", std::move(phases)}});
}

}  // namespace flow
