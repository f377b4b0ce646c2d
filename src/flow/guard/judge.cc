// What was touched, and whether that is wrong. A path that deviates from the newest release known here may be a newer
// one's: the log is asked again before anything is said, and what a placement is about to change waits for its end.
#include <sys/stat.h>
#include <unistd.h>

#include "flow/guard/engine.h"
#include "ground/base/error.h"
#include "press/delivery/quarantine.h"
#include "watch/guard/compare.h"
#include "watch/guard/mounts.h"
#include "watch/guard/seen.h"

namespace flow {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Look = release::Follower::Look;
using signals::Severity;

namespace {

constexpr std::size_t kBatch = 200;
constexpr std::size_t kMostWaiting = 200'000;  ///< paths in a queue; beyond it the sweep finds the rest
constexpr auto kListen = 500ms;
constexpr auto kTick = 500ms;
constexpr std::chrono::milliseconds kHeadLook = 25ms;
constexpr std::chrono::milliseconds kStalledLook = 1000ms;  ///< when the placer has died on the way
constexpr auto kKeepingTakes = 60s;                         ///< at most, from evidence.json to the right bytes
constexpr auto kClocksDiffer = 60s;                         ///< at most, the placer's and this one
constexpr std::string_view kBlind = "公開領域を監視できません";

}  // namespace

void GuardEngine::collect() {
    std::unique_ptr<guard::Watcher> watcher;
    while (!is_stopping_) {
        if (wants_rewatch_.exchange(false)) watcher.reset();
        if (!watcher) {
            try {
                watcher =
                    std::make_unique<guard::Watcher>(folders_.document_root,
                                                     std::vector{folders_.releases, folders_.releases / "log",
                                                                 folders_.releases / "checkpoints", folders_.keys},
                                                     options_.means);
                set_condition("guard.blind", Severity::Emergency, std::string(kBlind), "");
            } catch (const base::Error& error) {
                set_condition("guard.blind", Severity::Emergency, std::string(kBlind), error.message());
                mend_some({{"./", {}}});  // the root is gone, or is no folder
                if (!sleep(100ms)) return;
                continue;
            }
            const std::lock_guard lock(queue_mutex_);  // what happened before the marks is found by looking
            for (const auto& [path, file] : std::exchange(held_, {})) pending_.try_emplace(path);
            wants_sweep_ = guard::Sweep::Depth::ChangeTimes;
            wants_log_check_ = wants_key_check_ = true;
            sweep_wanted_.notify_one();
        }
        guard::Touches touched = watcher->wait(kListen);
        note_watcher(*watcher);
        if (touched.empty()) continue;
        if (touched.is_overflown)
            set_condition("guard.overflow", Severity::Warning, "変更が多いため、公開領域の全体を照合し直します",
                          "more was touched at once than the kernel's queue holds");
        if (touched.is_root_moved)
            set_condition("tree.root", Severity::Serious, "公開領域のフォルダが入れ替えられました",
                          "the document root, or a folder that is watched with it, was moved or replaced");
        if (touched.is_overflown || touched.is_root_moved) watcher.reset();
        merge(std::move(touched));
    }
}

/// What is put right is written, too, and never what somebody else has done.
bool GuardEngine::is_ours(const guard::Writer& writer) const {
    if (writer.process == ::getpid()) return true;
    struct stat root {};
    return writer.command.ends_with(" serve --role placer") && ::lstat(folders_.document_root.c_str(), &root) == 0 &&
           writer.user == root.st_uid;
}

void GuardEngine::note_watcher(const guard::Watcher& watcher) {
    const std::lock_guard lock(status_mutex_);
    means_ = watcher.means() == guard::Watcher::Means::Fanotify ? "fanotify" : "inotify";
    remark_ = watcher.remark();
    folder_count_ = watcher.count_folders();
    file_count_ = watcher.count_files();
    lease_count_ = watcher.count_leases();
}

void GuardEngine::merge(guard::Touches touched) {
    bool is_log_touched = false, are_keys_touched = false;
    if (!touched.beside.empty()) {
        const std::lock_guard lock(view_mutex_);
        for (const fs::path& file : touched.beside) {
            const bool is_key = file == folders_.keys || file.parent_path() == folders_.keys;
            are_keys_touched |= is_key;
            if (file == folders_.releases / "log" || file == folders_.releases / "checkpoints") wants_rewatch_ = true;
            is_log_touched |= !is_key && file.parent_path() != folders_.releases.parent_path() &&
                              (!view_ || view_->is_suspicious(file));
        }
    }
    if (touched.are_mounts_changed) {
        for (const std::string& mount : guard::list_mounts_below(folders_.document_root))
            for (const std::string& path : {mount, mount + "/"}) touched.paths.try_emplace(path);
        const std::lock_guard lock(case_mutex_);
        for (const auto& [path, one] : cases_.list()) touched.paths.try_emplace(path);
    }
    const std::lock_guard lock(queue_mutex_);
    for (auto& [path, writer] : touched.paths) {
        if (pending_.size() >= kMostWaiting) {
            wants_sweep_ = guard::Sweep::Depth::ChangeTimes;
            break;
        }
        auto& known = pending_[path];
        if (!known && writer && !is_ours(*writer)) known = std::move(writer);
    }
    pending_folders_.merge(touched.folders);
    for (const auto& [path, file] : touched.held) held_[path] = file;
    for (const std::string& path : touched.let_go) held_.erase(path);
    wants_log_check_ |= is_log_touched;
    wants_key_check_ |= are_keys_touched;
    if (is_log_touched || are_keys_touched) sweep_wanted_.notify_one();
    queue_.notify_one();
}

void GuardEngine::look_again(const std::vector<std::string>& paths) {
    Paths all;
    for (const std::string& path : paths) all.try_emplace(path);
    if (paths.empty()) {
        const std::lock_guard lock(case_mutex_);
        for (const auto& [path, one] : cases_.list()) all.try_emplace(path);
    }
    const std::lock_guard lock(queue_mutex_);
    pending_.merge(all);
    queue_.notify_one();
}

/// False while the log cannot be relied on.
bool GuardEngine::open_view() {
    {
        const std::lock_guard lock(view_mutex_);
        if (view_) return true;
    }
    try {
        auto view = std::make_unique<ReleaseView>(site_, clock_);
        const std::lock_guard lock(view_mutex_);
        view_ = std::move(view);
    } catch (const base::Error& error) {
        set_condition("guard.view", Severity::Emergency, "公開記録を信用できないため、公開ファイルを照合できません",
                      error.message());
        const std::lock_guard lock(queue_mutex_);
        wants_log_check_ = wants_key_check_ = true;
        sweep_wanted_.notify_one();
        return false;
    }
    set_condition("guard.view", Severity::Emergency, "公開記録の読み取り", "");
    const std::lock_guard lock(queue_mutex_);
    wants_sweep_ = guard::Sweep::Depth::Bytes;
    sweep_wanted_.notify_one();
    return true;
}

void GuardEngine::judge() {
    auto next_tick = clock_.monotonic(), next_head = next_tick;
    while (!is_stopping_) {
        if (clock_.monotonic() >= next_tick) {
            tick();
            next_tick = clock_.monotonic() + kTick;
        }
        if (!open_view()) {
            if (!sleep(500ms)) return;
            continue;
        }
        bool is_moving = false;
        {
            const std::lock_guard lock(view_mutex_);
            is_moving = view_->is_anything_moving();
        }
        if (is_moving && clock_.monotonic() >= next_head) {
            const bool has_stalled = watch_what_moves();
            next_head = clock_.monotonic() + (has_stalled ? kStalledLook : kHeadLook);
        }
        Paths batch = take_batch();
        follow(Look::Next);
        if (!batch.empty()) {
            look(batch);
            continue;
        }
        std::unique_lock lock(queue_mutex_);
        queue_.wait_for(lock, is_moving ? kHeadLook : 250ms,
                        [&] { return is_stopping_ || !pending_.empty() || !pending_folders_.empty(); });
    }
}

GuardEngine::Paths GuardEngine::take_batch() {
    std::set<std::string> folders;
    {
        const std::lock_guard lock(queue_mutex_);
        folders = std::exchange(pending_folders_, {});
    }
    Paths below;
    for (const std::string& folder : folders) {  // came or went whole: nothing tells of each file in it
        const std::lock_guard lock(view_mutex_);
        view_->manifest().each(std::string_view(folder).substr(0, folder.size() - 1), [&](const release::Entry& entry) {
            if (entry.has_body()) below.try_emplace(entry.path);
            return below.size() < kMostWaiting;
        });
    }
    const std::lock_guard lock(queue_mutex_);
    pending_.merge(below);
    Paths batch;
    while (!pending_.empty() && batch.size() < kBatch) batch.insert(pending_.extract(pending_.begin()));
    return batch;
}

/// True when a newer release is known now.
bool GuardEngine::follow(Look look) {
    try {
        const std::lock_guard lock(view_mutex_);
        const bool was_empty = view_->number() == 0;
        if (!view_->follow(look)) return false;
        if (!was_empty) return true;
    } catch (const base::Error&) {
        const std::lock_guard lock(queue_mutex_);
        if (!std::exchange(wants_log_check_, true)) sweep_wanted_.notify_one();
        return false;
    }
    wants_rewatch_ = true;  // the first release: now there is a log to watch
    return true;
}

/// The placer gives what it keeps as evidence a second name, until the right bytes take its place a moment later.
void GuardEngine::leave_out_what_is_being_kept(std::vector<guard::Deviation>& found) const {
    std::map<std::string, struct stat> twice;  // have one other name each
    std::erase_if(found, [&](const guard::Deviation& one) {
        struct stat status {};
        if (one.kind != guard::Deviance::HardLink || ::lstat((folders_.document_root / one.path).c_str(), &status) != 0)
            return false;
        if (status.st_nlink == 2) twice.emplace(one.path, status);
        return status.st_nlink == 1;
    });
    if (twice.empty()) return;  // the evidence may be thousands of pieces
    const base::Instant now = clock_.now();
    const auto kept = delivery::list_kept(folders_.quarantine, now - kKeepingTakes, now + kClocksDiffer);
    std::erase_if(found, [&](const guard::Deviation& one) {
        const auto status = twice.find(one.path);
        return one.kind == guard::Deviance::HardLink && status != twice.end() &&
               kept.contains({status->second.st_dev, status->second.st_ino});
    });
}

/// Whoever holds a file open for writing may write at any time, and through a mapping unseen: its bytes are replaced by
/// those of another file, whatever they are now. Until then they are looked at again and again.
void GuardEngine::add_what_is_held(const Paths& batch, std::vector<guard::Deviation>& found) {
    std::map<std::string, guard::HeldFile> held;
    {
        const std::lock_guard lock(queue_mutex_);
        if (held_.empty()) return;
        for (const auto& [path, writer] : batch)
            if (const auto one = held_.find(path); one != held_.end()) held.insert(*one);
    }
    for (const auto& [path, file] : held) {
        struct stat status {};
        if (::lstat((folders_.document_root / path).c_str(), &status) == 0 &&
            file == guard::HeldFile{status.st_dev, status.st_ino})
            found.push_back({path, guard::Deviance::Held, std::string(guard::seen::kHeld)});
    }
}

void GuardEngine::look(const Paths& batch) {
    std::set<std::string> names;
    for (const auto& [path, writer] : batch) names.insert(path);
    std::vector<guard::Deviation> found;
    std::int64_t release = 0;
    try {
        const std::lock_guard lock(view_mutex_);
        release = view_->number();
        if (release == 0) return;  // nothing is public yet
        for (const auto& [path, writer] : batch) view_->note_progress(path);
        found = guard::recheck(view_->manifest(), folders_.document_root, names);
    } catch (const base::Error& error) {
        set_condition("guard.blind", Severity::Emergency, std::string(kBlind), error.message());
        {
            const std::lock_guard lock(queue_mutex_);
            pending_.insert(batch.begin(), batch.end());
        }
        wants_rewatch_ = true;
        sleep(100ms);
        return;
    }
    add_what_is_held(batch, found);
    if (!found.empty() && follow(Look::Thorough)) {
        const std::lock_guard lock(queue_mutex_);
        pending_.insert(batch.begin(), batch.end());
        return;
    }
    leave_out_what_is_being_kept(found);
    Paths waiting, again;
    std::map<std::string, Cases::Look> looks;
    for (const auto& [path, writer] : batch) looks[path] = {path, {}, writer};
    {
        const std::lock_guard lock(view_mutex_);
        std::set<std::string> moving;
        for (const guard::Deviation& one : found)
            if (view_->is_moving(one.path)) moving.insert(one.path);
        if (!moving.empty()) view_->look_at_head();
        for (guard::Deviation& one : found) {
            const auto writer = batch.contains(one.path) ? batch.at(one.path) : std::nullopt;
            if (view_->is_moving(one.path))
                waiting.try_emplace(one.path, writer);
            else if (moving.contains(one.path))  // placed since: what was seen is what stood there before
                again.try_emplace(one.path, writer);
            else
                looks.try_emplace(one.path, Cases::Look{one.path, {}, {}}).first->second.found.push_back(one);
        }
    }
    const bool is_paused = !found.empty() && is_pausing();
    bool is_sick = false;
    {
        const std::lock_guard lock(case_mutex_);
        for (const auto& [path, one] : looks)
            if (!waiting.contains(path) && !again.contains(path))
                cases_.note(one, release, is_paused, clock_.now(), clock_.monotonic());
        is_sick = cases_.has_sick(clock_.monotonic());
    }
    {
        const std::lock_guard lock(queue_mutex_);
        deferred_.merge(waiting);
        pending_.merge(again);
        wants_mend_ |= is_sick;
        if (is_sick) mend_wanted_.notify_one();
    }
    say_cases();
}

/// A placement goes on: when the head says that it is done, or nothing comes any more, what waited for it is due. True
/// in the latter case.
bool GuardEngine::watch_what_moves() {
    bool is_over = false, has_stalled = false;
    {
        const std::lock_guard lock(view_mutex_);
        view_->look_at_head();
        has_stalled = view_->has_stalled();
        is_over = !view_->is_anything_moving() || has_stalled;
    }
    if (!is_over) return false;
    const std::lock_guard lock(queue_mutex_);
    pending_.merge(deferred_);
    deferred_.clear();
    return has_stalled;
}

}  // namespace flow
