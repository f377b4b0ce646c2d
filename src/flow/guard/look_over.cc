// The slow ways: everything by bytes at each start and once in a while, by change times each minute (the files alone
// more often, as often as it costs next to nothing), the objects behind the public files, the release log and the keys.
// At the lowest priority, in short turns.
#include "flow/guard/engine.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "press/delivery/quarantine.h"

namespace flow {

using namespace std::chrono_literals;
using guard::Sweep;
using signals::Severity;

namespace {

constexpr auto kListen = 500ms;
constexpr auto kLook = 60s;        ///< between two looks by change times
constexpr int kGlanceShare = 200;  ///< a glance may cost one part in so many of a processor
constexpr std::chrono::nanoseconds kShortestGlance = 1s;
constexpr auto kFaultCalm = 10min;   ///< a fault of a thread that has not come back for so long is over
constexpr auto kLogRest = 1s;        ///< between two checks of a log that somebody keeps touching
constexpr auto kSecondLook = 300ms;  ///< a fault that a press at work has left is gone by then
constexpr auto kKeyRest = 500ms;
constexpr auto kKeyPatience = 4s;  ///< a key file comes a moment before the release that introduces it
constexpr auto kTurnRest = 1ms;
constexpr std::size_t kPortion = 256;

}  // namespace

void GuardEngine::look_over() {
    guard::lower_priority_of_thread();
    const auto now = [&] { return clock_.monotonic(); };
    std::optional<std::chrono::nanoseconds> last_full;
    base::Day full_day;
    bool is_settled = false;
    auto last_look = now(), next_glance = now();
    while (!is_stopping_) {
        std::optional<Sweep::Depth> wanted;
        bool wants_log = false, wants_keys = false;
        {
            std::unique_lock lock(queue_mutex_);
            sweep_wanted_.wait_for(lock, kListen, [&] { return is_stopping_ || is_anything_due(); });
            wanted = std::exchange(wants_sweep_, std::nullopt);
            if (now() >= next_keys_) wants_keys = std::exchange(wants_key_check_, false);
            if (now() >= next_log_) wants_log = std::exchange(wants_log_check_, false);
        }
        if (is_stopping_) return;
        if (wants_log) {
            check_log(release::VerifyFrom::NewestCheckpoint);
            next_log_ = now() + kLogRest;
        }
        if (wants_keys) {
            check_keys();
            next_keys_ = now() + kKeyRest;
        }
        {
            const std::lock_guard lock(view_mutex_);
            if (!view_ || view_->number() == 0) continue;
        }
        // Each calendar day has one: an hour that drifts would leave a day out.
        const base::Day today = base::local_day(clock_.now());
        const bool is_daily =
            last_full &&
            (now() - *last_full > std::chrono::minutes(options_.settings.verify_minutes) || today != full_day);
        if (!last_full || is_daily || wanted == Sweep::Depth::Bytes) {
            if (is_daily) check_log(release::VerifyFrom::FirstRecord);
            if (sweep(Sweep::Depth::Bytes)) {
                last_full = now();
                full_day = base::local_day(clock_.now());
            }
            last_look = now();
            check_objects(true);
            check_keys();
            if (!std::exchange(is_settled, true)) settle();
        } else if (wanted || now() - last_look > kLook) {
            sweep(Sweep::Depth::ChangeTimes);
            last_look = now();
            check_keys();
            settle_objects();
        } else if (now() >= next_glance) {
            next_glance = now() + std::max(kShortestGlance, kGlanceShare * glance());
        }
    }
}

void GuardEngine::settle() {
    check_log(release::VerifyFrom::FirstRecord);
    for (int tries = 0; tries < 100; ++tries) {  // what the sweep has found is judged on another thread
        {
            const std::lock_guard lock(queue_mutex_);
            if (pending_.empty()) break;
        }
        if (!sleep(50ms)) return;
    }
    std::set<Raised::Key> held;
    {
        const std::lock_guard lock(case_mutex_);
        for (const auto& [path, one] : cases_.list())
            for (const auto& [kind, detail] : one.kinds)
                held.insert({fmt::format("tree.{}", guard::deviance_name(kind)),
                             path == "./" ? "/" : "/" + base::percent_encode(path)});
    }
    std::vector<signals::Signal> said;
    {
        const std::lock_guard lock(say_mutex_);
        for (const auto& [kind, subject] : raised_.all()) {
            const bool is_ours = kind.starts_with("tree.") || kind.starts_with("log.") || kind.starts_with("guard.");
            if (!is_ours || held.contains({kind, subject}) || conditions_.contains(kind)) continue;
            said.push_back({.source = "guard",
                            .kind = kind,
                            .subject = subject,
                            .state = signals::State::Clear,
                            .observed_at = clock_.now(),
                            .text = "起動のときの照合で、異常がないことを確かめました。"});
        }
    }
    say(std::move(said));
    settle_objects();
}

void GuardEngine::settle_objects() {
    std::vector<std::string> damaged;
    {
        const std::lock_guard lock(say_mutex_);
        for (const auto& [kind, subject] : raised_.all())
            if (kind == "object.damaged") damaged.push_back(subject);
    }
    for (const std::string& subject : damaged) {
        const auto hash = base::Hash::find_hex(subject);
        const auto size = hash ? objects_->find_size(*hash) : std::nullopt;
        if (!size || !objects_->is_whole(*hash, *size)) continue;
        say({{.source = "guard",
              .kind = "object.damaged",
              .subject = subject,
              .state = signals::State::Clear,
              .observed_at = clock_.now(),
              .text = "保管ファイルは元どおりです。"}});
    }
}

bool GuardEngine::rest() {
    return sleep(kTurnRest);
}

Sweep::Result GuardEngine::run_sweep(Sweep::Depth depth) {
    Sweep::Plan plan;
    plan.entries = [&](const std::string& after, std::size_t limit) {
        const std::lock_guard lock(view_mutex_);
        return view_ ? view_->manifest().list_after(after, limit) : std::vector<release::Entry>();
    };
    plan.unknown = [&](std::vector<std::string> paths) {
        const std::lock_guard lock(view_mutex_);
        std::erase_if(paths, [&](const std::string& path) {
            if (path.ends_with('/'))
                return view_->manifest().holds_files(std::string_view(path).substr(0, path.size() - 1));
            const auto entry = view_->manifest().find(path);
            return entry && entry->has_body();
        });
        return paths;
    };
    return sweep_.run(
        depth, folders_.document_root, plan,
        [&](const std::string& path) {
            if (depth == Sweep::Depth::Glance) {  // of what deviates already it brings nothing new
                const std::lock_guard lock(case_mutex_);
                if (cases_.contains(path)) return;
            }
            const std::lock_guard lock(queue_mutex_);
            pending_.try_emplace(path);
            queue_.notify_one();
        },
        [&] {
            if (depth == Sweep::Depth::Glance) {  // nothing waits for it
                const std::lock_guard lock(queue_mutex_);
                if (is_anything_due()) return false;
            }
            return rest();
        });
}

/// To be asked under the queue's lock.
bool GuardEngine::is_anything_due() const {
    const auto now = clock_.monotonic();
    return wants_sweep_ || (wants_log_check_ && now >= next_log_) || (wants_key_check_ && now >= next_keys_);
}

/// What it took of the processor.
std::chrono::nanoseconds GuardEngine::glance() {
    try {
        return run_sweep(Sweep::Depth::Glance).work;
    } catch (const base::Error&) {
        return 0ns;  // the root is gone for a moment, which the watcher tells
    }
}

/// False when it was broken off.
bool GuardEngine::sweep(Sweep::Depth depth) {
    const auto start = clock_.monotonic();
    const Sweep::Result result = run_sweep(depth);
    if (!result.is_whole) return false;
    set_condition("guard.overflow", Severity::Warning, "公開領域の全体の照合", "");
    set_condition("tree.root", Severity::Serious, "公開領域のフォルダの入替え", "");
    const std::string lack = delivery::find_lack_of_room(folders_.quarantine);
    set_condition("quarantine.full", Severity::Warning,
                  "隔離した証拠の置き場所がいっぱいのため、ハッシュと記録だけを残しています", lack);
    // One thread's fault is not over because another thread works: it is when it has not come back for a while.
    if (clock_.monotonic() - std::chrono::nanoseconds(faulted_at_.load()) >= kFaultCalm)
        set_condition("guard.fault", Severity::Serious, "改ざんの監視の異常", "");
    if (options_.round)
        options_.round(
            {depth == Sweep::Depth::Bytes ? "tree.bytes" : "tree.times", clock_.now(), 1, result.files, result.bytes});
    const std::lock_guard lock(status_mutex_);
    Swept swept{clock_.now(), std::chrono::duration<double>(clock_.monotonic() - start).count(), result};
    (depth == Sweep::Depth::Bytes ? last_full_ : last_look_) = swept;
    return true;
}

void GuardEngine::check_log(release::VerifyFrom from) {
    release::Report report = verify_log(site_, from);
    if (!report.problems.empty() && sleep(kSecondLook)) report = verify_log(site_, from);
    std::string rolled_back, damaged;
    for (const release::Problem& one : report.problems) {
        const bool is_back = one.fault == release::Fault::RolledBack || one.fault == release::Fault::Forked;
        std::string& list = is_back ? rolled_back : damaged;
        if (list.size() < 2000) list += (list.empty() ? "" : "; ") + one.message;
    }
    set_condition("log.rollback", Severity::Emergency, "公開記録が古い状態に戻されました", rolled_back);
    set_condition("log.damaged", Severity::Emergency, "公開記録が壊れているか、書き換えられています", damaged);
    if (report.problems.empty()) return;
    const std::lock_guard lock(queue_mutex_);  // it is looked at again until it is whole
    wants_log_check_ = true;
}

void GuardEngine::check_keys() {
    std::string fault;
    {
        const std::lock_guard lock(view_mutex_);
        if (view_) fault = view_->find_key_fault();
    }
    const auto now = clock_.monotonic();
    if (fault.empty()) key_fault_since_.reset();
    if (!fault.empty() && !key_fault_since_) key_fault_since_ = now;
    if (!key_fault_since_ || now - *key_fault_since_ >= kKeyPatience)
        set_condition("log.key", Severity::Emergency, "公開記録の検証鍵が変えられました", fault);
    if (fault.empty()) return;
    const std::lock_guard lock(queue_mutex_);  // it is looked at again until it is well
    wants_key_check_ = true;
}

void GuardEngine::check_objects(bool is_deep) {
    std::string after;
    while (!is_stopping_) {
        std::vector<release::Entry> entries;
        {
            const std::lock_guard lock(view_mutex_);
            if (view_) entries = view_->manifest().list_after(after, kPortion);
        }
        if (entries.empty()) return;
        after = entries.back().path;
        for (const release::Entry& entry : entries) {
            if (!entry.has_body() || is_stopping_) continue;
            const bool is_well =
                is_deep ? objects_->is_whole(entry.hash, entry.size) : objects_->find_size(entry.hash) == entry.size;
            if (!is_well) want_object(entry.path, false);
        }
        if (!rest()) return;
    }
}

}  // namespace flow
