#include "flow/drill_backup.h"

#include <boost/json.hpp>

#include "flow/drill/rehearse.h"
#include "flow/restore/point.h"
#include "flow/restore/scratch_database.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/sys/crypto.h"
#include "ground/sys/log.h"

namespace flow {

namespace fs = std::filesystem;
namespace json = boost::json;
using base::Error;
using base::Kind;

namespace {

constexpr auto kLate = std::chrono::hours(24 * 35);
constexpr auto kAgain = std::chrono::hours(20);  // after one that failed
constexpr auto kLookAgain = std::chrono::minutes(10);
constexpr auto kLongest = std::chrono::hours(12);
constexpr std::string_view kAct = "backup.drill";

double seconds_between(std::chrono::nanoseconds from, std::chrono::nanoseconds to) {
    return std::chrono::duration<double>(to - from).count();
}

/// The scratch folder, alone in the site's run folder; gone with this object.
class Scratch {
  public:
    explicit Scratch(const Folders& folders) : folder_(folders.run / "drill-scratch") {
        lock_ = sys::FileLock::find(folders.run / "drill.lock");
        if (!lock_) throw Error(Kind::Conflict, "another drill of this site is under way");
        restoring::remove_unpacked(folder_);
        sys::make_folders(folder_, 0700);
    }
    ~Scratch() {
        try {
            restoring::remove_unpacked(folder_);
        } catch (const std::exception& error) {
            sys::log(sys::Level::Error, "a drill's scratch folder is left over",
                     {{"folder", folder_.string()}, {"problem", error.what()}});
        }
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    fs::path site() const { return folder_ / "site"; }

  private:
    fs::path folder_;
    std::optional<sys::FileLock> lock_;
};

/// What a drill that was killed has left: a whole site, with everything that is secret in it.
void clear_left_over(const Folders& folders) {
    if (!fs::exists(folders.run / "drill-scratch")) return;
    try {
        const Scratch cleared(folders);
    } catch (const std::exception& error) {  // another one may be under way
        sys::log(sys::Level::Warning, "a drill's scratch folder stays", {{"problem", error.what()}});
    }
}

/// When backups were set up: the first run, or else the oldest line about their key.
std::optional<base::Instant> backups_began(const BackupPlace& place) {
    return place.watch.read([&](sys::Reader& db) -> std::optional<base::Instant> {
        std::optional<base::Instant> first;
        for (const std::string& repository : place.settings.backup.repositories)
            if (const auto at = backup::find_first_start(db, repository); at && (!first || *at < *first)) first = at;
        if (first) return first;
        ledger::Search search;
        search.stream = std::string(ledger::kWatch);
        search.act = "backup.key";
        search.limit = 1000;
        const auto lines = ledger::find_lines(db, search);
        return lines.empty() ? std::nullopt : std::optional(lines.back().entry.at);
    });
}

/// As in the settings, so that what is said of it is found under one name; a foreign one as it is reached.
std::string name_of(const BackupPlace& place, const std::string& reached) {
    for (const std::string& each : place.settings.backup.repositories)
        if (each == reached || (each.find(':') == std::string::npos &&
                                place.settings.resolve(each).lexically_normal().string() == reached))
            return each;
    return reached;
}

fs::path own_program() {
    return fs::read_symlink("/proc/self/exe");
}

void rehearse(const BackupPlace& site, const backup::Restic& repository, const backup::Snapshot& snapshot,
              const DrillOptions& options, const fs::path& folder, Drilled& result) {
    const base::Clock& clock = site.clock;
    const auto start = clock.monotonic();
    const auto between = [&] {
        if (options.is_stopped && options.is_stopped()) throw base::Interrupted("the drill was stopped");
    };
    const auto phase = [&](const char* name, const std::function<void()>& work) {
        if (options.progress) options.progress(name);
        between();
        const auto begin = clock.monotonic();
        work();
        result.phases.push_back({name, seconds_between(begin, clock.monotonic())});
    };
    std::optional<restoring::ScratchDatabase> database;
    RestoreOptions restoring;
    restoring.to = folder;
    restoring.key = options.key;
    if (!options.key) restoring.keys_from = site.folders.keys;
    restoring.by = options.by;
    restoring.is_stopped = options.is_stopped;
    restoring.progress = options.progress;
    restoring.database_url = options.database_url;
    restoring.locked = site.folders.site;
    restoring.patience = options.patience;
    if (!site.settings.database.url.empty() && options.database_url.empty()) {
        database.emplace(site.settings, "drill");
        restoring.database_url = database->url();
    }
    result.restored = restore_site(repository, {snapshot.id, {}}, site.settings.site.id, restoring, clock);

    if (result.restored.unexpected > 0)
        throw Error(Kind::Damaged,
                    fmt::format("the backup does not hold {} whole, of {} paths in all",
                                base::to_valid_utf8(result.restored.missing.front()), result.restored.missing.size()));

    const fs::path program = options.program.empty() ? own_program() : options.program;
    std::unique_ptr<drill::Served> office, open_side, press;
    phase("start", [&] {
        drill::quieten(folder);
        open_side = std::make_unique<drill::Served>(program, folder, "public");
        office = std::make_unique<drill::Served>(program, folder, "office");
    });
    result.rto_seconds = seconds_between(start, clock.monotonic());
    const auto scratch = Site::open(folder, clock);
    const drill::Accounts accounts = drill::make_accounts(*scratch);
    sys::HttpClient client;
    phase("sign-in", [&] { drill::sign_in(client, office->url("office"), accounts); });
    // Before anything is published: what is public now is what the backup holds.
    phase("compare", [&] { drill::compare_pages(*scratch, client, open_side->url("public"), result, between); });
    phase("publish", [&] {
        press = std::make_unique<drill::Served>(program, folder, "press");
        drill::publish_a_page(*scratch, client, open_side->url("public"), accounts, between);
    });
}

}  // namespace

bool is_drill_site(const Folders& folders) {
    return fs::exists(folders.run / "drill");
}

Drilled drill_backup(const BackupPlace& site, const backup::Restic& repository, const backup::Snapshot& snapshot,
                     const DrillOptions& options) {
    Drilled result;
    result.repository = name_of(site, repository.access().repository);
    result.restored.snapshot = snapshot.id;
    result.restored.taken_at = snapshot.time;
    result.begun_at = site.clock.now();
    const Scratch scratch(site.folders);
    try {
        rehearse(site, repository, snapshot, options, scratch.site(), result);
    } catch (const base::Interrupted&) {
        throw;
    } catch (const Error& error) {
        result.problem = error.message();
    } catch (const std::exception& error) {
        result.problem = error.what();
    }
    return result;
}

const backup::Snapshot& choose_for_drill(const std::vector<backup::Snapshot>& all, Which which) {
    if (which == Which::Newest) return all.back();
    if (which == Which::Oldest) return all.front();
    const std::string bytes = sys::random_bytes(4);
    std::size_t number = 0;
    for (const char each : bytes) number = number * 256 + static_cast<unsigned char>(each);
    return all[number % all.size()];
}

std::string figures_of(const Drilled& drilled) {
    json::object figures = json::parse(figures_of(drilled.restored)).as_object();
    for (const Phase& phase : drilled.phases) figures["phases"].as_object()[phase.name] = phase.seconds;
    figures["ok"] = drilled.is_well();
    figures["problem"] = base::to_valid_utf8(drilled.problem.substr(0, 1000));
    figures["repository"] = drilled.repository;
    figures["pages"] = drilled.pages;
    figures["differing"] = drilled.differing;
    figures["rto_seconds"] = drilled.rto_seconds;
    return json::serialize(figures);
}

std::vector<signals::Signal> record_drill(const BackupPlace& site, const Drilled& drilled, std::string_view by) {
    const base::Instant now = site.clock.now();
    const std::string figures = figures_of(drilled);
    site.watch.write([&](sys::Transaction& tx) {
        ledger::append(tx, {now, std::string(by), std::string(kAct), "snapshot:" + drilled.restored.snapshot, figures},
                       ledger::kWatch);
    });
    signals::Signal failed;
    failed.source = "backup";
    failed.kind = "backup.drill.failed";
    failed.subject = drilled.repository;
    failed.state = drilled.is_well() ? signals::State::Clear : signals::State::Raise;
    failed.severity = signals::Severity::Serious;
    failed.observed_at = now;
    failed.payload = figures;
    failed.text =
        drilled.is_well()
            ? "復元訓練を行い、バックアップから復旧できることを確かめました。"
            : fmt::format("復元訓練に失敗しました。このバックアップからは復旧できないおそれがあります。（{}）",
                          base::to_valid_utf8(drilled.problem.substr(0, 300)));
    // Of a repository that is none of the site's nobody would ever say that it is well again.
    const auto& own = site.settings.backup.repositories;
    std::vector<signals::Signal> all;
    if (std::find(own.begin(), own.end(), drilled.repository) != own.end()) all.push_back(failed);
    if (drilled.is_well()) all.push_back(judge_drill_lateness({now, now}, now, now));
    return all;
}

DrillState find_drill_state(sys::Database& watch) {
    DrillState state;
    const auto lines = watch.read([](sys::Reader& db) {
        ledger::Search search;
        search.stream = std::string(ledger::kWatch);
        search.act = std::string(kAct);
        search.limit = 200;
        return ledger::find_lines(db, search);
    });
    for (const ledger::Line& line : lines) {
        if (!state.last) state.last = line.entry.at;
        boost::system::error_code none;
        const json::value figures = json::parse(line.entry.detail, none);
        const json::value* ok = none || !figures.is_object() ? nullptr : figures.as_object().if_contains("ok");
        if (ok != nullptr && ok->is_bool() && ok->get_bool()) {
            state.last_well = line.entry.at;
            break;
        }
    }
    return state;
}

signals::Signal judge_drill_lateness(const DrillState& state, base::Instant since, base::Instant now) {
    const base::Instant well = std::max(since, state.last_well.value_or(base::Instant{}));
    const bool is_late = now - well > kLate;
    signals::Signal late;
    late.source = "backup";
    late.kind = "backup.drill.late";
    late.subject = "site";
    late.state = is_late ? signals::State::Raise : signals::State::Clear;
    late.severity = signals::Severity::Warning;
    late.observed_at = now;
    late.text = is_late ? "復元訓練が35日より長く成功していません。backup drill を実行し、結果を確認してください。"
                        : "復元訓練は予定どおり行われています。";
    return late;
}

bool is_drill_due(const DrillState& state, int day_of_month, base::Instant now) {
    if (state.last && state.last != state.last_well) return now - *state.last > kAgain || now < *state.last;
    const base::Day today = base::local_day(now);
    if (today.day < day_of_month) return false;
    if (!state.last) return true;
    const base::Day done = base::local_day(*state.last);
    return done.year != today.year || done.month != today.month;
}

DrillTurn turn_of_drill(base::Day today, std::size_t repositories) {
    constexpr Which kKinds[] = {Which::Newest, Which::Oldest, Which::Random};
    const auto month = static_cast<std::size_t>(today.year * 12 + today.month);
    return {month % repositories, kKinds[month / repositories % std::size(kKinds)]};
}

void DrillDuty::turn(const BackupPlace& place, const std::function<bool()>& is_stopped, const Tell& tell) {
    const auto clock = place.clock.monotonic();
    if (is_drill_site(place.folders) || (looked_at_ && clock - *looked_at_ < kLookAgain)) return;
    if (!looked_at_) clear_left_over(place.folders);
    looked_at_ = clock;
    const base::Instant now = place.clock.now();
    const DrillState state = find_drill_state(place.watch);
    const signals::Signal late = judge_drill_lateness(state, backups_began(place).value_or(now), now);
    tell(std::span(&late, 1));
    const auto& repositories = place.settings.backup.repositories;
    if (repositories.empty() || !is_drill_due(state, static_cast<int>(place.settings.backup.drill_day), now) ||
        !(place.settings.backup.extra_minutes > 0 || backup::is_allowed(backup_policy(place.settings), now)))
        return;
    const DrillTurn subject = turn_of_drill(base::local_day(now), repositories.size());
    backup::Access access = backup_access(place.settings, place.folders, repositories[subject.repository]);
    backup::Policy policy = backup_policy(place.settings);
    policy.longest = kLongest;
    const bool is_any_time = policy.extra.count() > 0;
    const base::Instant end = is_any_time ? now + kLongest : backup::must_end(policy, now);
    const std::function<bool()> is_over = [&] { return is_stopped() || place.clock.now() >= end; };
    access.is_stopped = is_over;
    const backup::Restic repository(std::move(access));
    DrillOptions options;
    options.by = "system:backup";
    options.is_stopped = is_over;
    options.patience = kLongest;
    Drilled drilled;
    drilled.repository = name_of(place, repository.access().repository);
    drilled.begun_at = now;
    try {
        const auto all = list_restorable(repository, place.settings.site.id);
        drilled = drill_backup(place, repository, choose_for_drill(all, subject.which), options);
    } catch (const base::Interrupted&) {
        return;  // the next start or window holds it
    } catch (const Error& error) {
        drilled.problem = error.message();  // also that there is nothing to rehearse with
    } catch (const std::exception& error) {
        drilled.problem = error.what();
    }
    tell(record_drill(place, drilled, options.by));
}

}  // namespace flow
