#include "flow/watch_backup.h"

#include <algorithm>

#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/ledger/store.h"
#include "ground/sys/log.h"

namespace flow {

namespace {

using namespace std::chrono_literals;

constexpr auto kRest = 20s;
constexpr auto kReadAgain = 23h;  // between two readings of a part of what is old
constexpr auto kSetUpWithin = 24h;
constexpr auto kTryAgain = 30min;  // after a reading that could not be made

}  // namespace

std::unique_ptr<BackupDesk> BackupDesk::open(const std::filesystem::path& folder, const settings::Settings& settings,
                                             const base::Clock& clock, sys::Database& watch, std::string program,
                                             Tell tell) {
    if (!is_backup_configured(settings))
        sys::log(sys::Level::Warning, "no backups are made: run `yakuba backup key` to set them up");
    return std::unique_ptr<BackupDesk>(
        new BackupDesk(folder, settings, clock, watch, std::move(program), std::move(tell)));
}

BackupDesk::BackupDesk(const std::filesystem::path& folder, const settings::Settings& settings,
                       const base::Clock& clock, sys::Database& watch, std::string program, Tell tell)
    : folders_(folders_of(std::filesystem::absolute(folder))),
      settings_(settings),
      clock_(clock),
      watch_(watch),
      program_(std::move(program)),
      tell_(std::move(tell)),
      policy_(backup_policy(settings)) {}

BackupPlace BackupDesk::place() const {
    return {folders_, settings_, clock_, watch_, program_};
}

/// A site that has just been set up has a day until somebody is told.
signals::Signal BackupDesk::judge_set_up() const {
    const base::Instant now = clock_.now();
    ledger::Search first;
    first.stream = std::string(ledger::kWatch);
    first.before = 2;
    first.limit = 1;
    const auto oldest = watch_.read([&](sys::Reader& db) { return ledger::find_lines(db, first); });
    const bool is_new = oldest.empty() || now - oldest.front().entry.at < kSetUpWithin;
    const bool is_unset = !is_backup_configured(settings_) && !is_new;
    signals::Signal signal;
    signal.source = "backup";
    signal.kind = "backup.unset";
    signal.subject = "site";
    signal.state = is_unset ? signals::State::Raise : signals::State::Clear;
    signal.severity = is_unset ? signals::Severity::Serious : signals::Severity::Note;
    signal.observed_at = now;
    signal.text = is_unset ? "バックアップを取っていません。復旧キーか保存先が設定されていないためです。yakuba backup "
                             "key で復旧キーを作り、サーバの外に保管してください。"
                           : "バックアップの設定に、足りないものはありません。";
    return signal;
}

std::chrono::milliseconds BackupDesk::turn(const std::function<bool()>& is_stopped) {
    if (is_drill_site(folders_)) return kRest;
    const signals::Signal set_up = judge_set_up();
    tell_(std::span(&set_up, 1));
    if (!is_backup_configured(settings_)) return kRest;
    if (is_restored_beside(folders_)) {  // that no backups come is told in time, as anywhere
        if (!is_told_)
            sys::log(sys::Level::Warning,
                     "this restored site makes no backups: put it in the place of the one that runs with `yakuba "
                     "backup switch`, or run `yakuba backup adopt` where there is no other one any more",
                     {{"site", folders_.site.string()}});
        is_told_ = true;
        tell_(judge_backups(place()));
        return kRest;
    }
    const auto try_to = [&](const std::function<void()>& work) {
        try {
            work();
        } catch (const std::exception& error) {  // it is in the run, and in what is told below
            sys::log(sys::Level::Warning, "a backup did not come to its end", {{"problem", error.what()}});
        }
    };
    try_to([&] { make_due(is_stopped); });
    try_to([&] { verify_due(is_stopped); });
    try_to([&] { drills_.turn(place(), is_stopped, tell_); });
    tell_(judge_backups(place()));
    return kRest;
}

void BackupDesk::make_due(const std::function<bool()>& is_stopped) {
    const base::Instant now = clock_.now();
    const std::string fingerprint = backup_fingerprint(place());
    // What is due alike in several repositories is made of one moment.
    std::vector<BackupWish> wishes;
    for (const std::string& repository : settings_.backup.repositories) {
        const auto history = watch_.read([&](sys::Reader& db) { return backup::history_of(db, repository, now); });
        for (const backup::Due& due : backup::list_due(policy_, history, fingerprint, now)) {
            if (due.begin > now) continue;
            const auto same = std::find_if(wishes.begin(), wishes.end(), [&](const BackupWish& wish) {
                return wish.kind == due.kind && wish.why == due.why;
            });
            if (same != wishes.end()) {
                same->repositories.push_back(repository);
                continue;
            }
            BackupWish wish;
            wish.kind = due.kind;
            wish.why = due.why;
            wish.due_at = due.at;
            wish.repositories = {repository};
            // An extra backup needs no window; whatever needs one stops with it.
            const base::Instant end =
                due.why == backup::Why::Extra ? now + policy_.longest : backup::must_end(policy_, now);
            wish.is_stopped = [this, end, is_stopped] { return is_stopped() || clock_.now() >= end; };
            wishes.push_back(std::move(wish));
        }
    }
    for (const BackupWish& wish : wishes) {
        if (is_stopped()) return;
        try {
            back_up(place(), wish);
        } catch (const std::exception& error) {
            sys::log(sys::Level::Warning, "a backup did not come to its end", {{"problem", error.what()}});
        }
    }
}

void BackupDesk::verify_due(const std::function<bool()>& is_stopped) {
    const base::Instant now = clock_.now();
    for (const std::string& repository : settings_.backup.repositories) {
        if (is_stopped()) return;
        const auto [held, state] = watch_.read([&](sys::Reader& db) {
            return std::pair(backup::list_held(db, repository), backup::load_state(db, repository));
        });
        if (held.empty()) continue;
        const bool is_new = std::any_of(held.begin(), held.end(), [](const backup::Run& run) {
            return run.outcome == backup::Outcome::Made && run.proof == backup::Proof::None;
        });
        const bool is_old_due = !state.read_at || *state.read_at + kReadAgain <= now || *state.read_at > now;
        // Reading is as heavy as writing: in the window, unless further backups do no harm anyway.
        const bool is_any_time = policy_.extra.count() > 0;
        if (!(is_new || is_old_due) || !(is_any_time || backup::is_allowed(policy_, now))) continue;
        if (const auto tried = tried_.find(repository);
            tried != tried_.end() && tried->second + kTryAgain > now && tried->second <= now)
            continue;
        VerifyWish wish;
        wish.repositories = {repository};
        const base::Instant end = is_any_time ? now + policy_.longest : backup::must_end(policy_, now);
        wish.is_stopped = [this, end, is_stopped] { return is_stopped() || clock_.now() >= end; };
        const auto done = verify_backups(place(), wish);
        const bool is_made = done.front().proof != backup::Proof::None;
        if (is_made) tried_.erase(repository);
        if (!is_made) tried_[repository] = now;
        if (done.front().is_data_whole) prune_backups(place(), repository, "system:backup", is_stopped);
    }
}

probes::Duties::Backup backup_duty(const settings::Settings& settings, sys::Database* watch) {
    probes::Duties::Backup duty;
    duty.is_configured = is_backup_configured(settings);
    if (!duty.is_configured || watch == nullptr) return duty;
    watch->read([&](sys::Reader& db) {
        duty.newest = backup::find_newest_verified(db, settings.backup.repositories);
        for (const std::string& repository : settings.backup.repositories) {
            const backup::RepositoryState state = backup::load_state(db, repository);
            if (state.has_damage) duty.problem += repository + "：壊れたデータがあります。";
            if (!state.problem.empty()) duty.problem += repository + "：" + state.problem + "。";
        }
    });
    return duty;
}

}  // namespace flow
