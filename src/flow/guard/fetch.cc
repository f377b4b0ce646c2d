// Objects that are damaged here, from wherever they are whole: the public file, a backup, a public server. On a thread
// of its own, since a repository may be far away: what else is tampered with meanwhile is put right at once.
#include <boost/json.hpp>

#include "flow/guard/engine.h"
#include "flow/object_copies.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "ground/sys/log.h"

namespace flow {

namespace json = boost::json;
using signals::Severity;

namespace {

constexpr std::size_t kMostLost = 2000;  // what is beyond it is met again: by the next try, or the daily look

}  // namespace

void GuardEngine::want_object(const std::string& path, bool is_public) {
    const std::lock_guard lock(lost_mutex_);
    if (lost_.size() == kMostLost || std::find(lost_.begin(), lost_.end(), path) != lost_.end()) return;
    if (is_public)
        lost_.push_front(path);
    else
        lost_.push_back(path);
    lost_wanted_.notify_one();
}

void GuardEngine::fetch_objects() {
    for (;;) {
        std::string path;
        {
            std::unique_lock lock(lost_mutex_);
            lost_wanted_.wait(lock, [&] { return is_stopping_ || !lost_.empty(); });
            if (is_stopping_) return;
            path = std::move(lost_.front());
            lost_.pop_front();
        }
        const bool is_there = restore_object(path);
        {
            const std::lock_guard lock(case_mutex_);
            if (is_there)
                cases_.try_now(path, clock_.monotonic());
            else
                cases_.note({path, delivery::Healed::Outcome::NoObject, {}, "no copy of its object is whole"},
                            clock_.now(), clock_.monotonic());
        }
        say_cases();
        const std::lock_guard lock(queue_mutex_);
        wants_mend_ = true;
        mend_wanted_.notify_one();
    }
}

/// The first copy that has the very bytes counts. False when there is none.
bool GuardEngine::restore_object(const std::string& path) {
    std::optional<release::Entry> entry;
    {
        const std::lock_guard lock(view_mutex_);
        if (view_) entry = view_->manifest().find(path);
    }
    if (!entry || !entry->has_body()) return false;
    if (objects_->is_whole(entry->hash, entry->size)) return true;  // meanwhile
    const auto copy =
        find_object_copy(folders_, options_.sources, entry->hash, &*entry, [&] { return is_stopping_.load(); });
    const bool is_restored = copy && objects_->put(copy->bytes, sys::Durability::Now).hash == entry->hash;
    signals::Signal signal;
    signal.source = "guard";
    signal.kind = "object.damaged";
    signal.subject = entry->hash.hex();
    signal.severity = Severity::Emergency;
    signal.observed_at = clock_.now();
    json::object payload{{"path", base::percent_encode(path)}, {"restored", is_restored}};
    if (is_restored) payload["copy"] = copy->place;
    signal.payload = json::serialize(payload);
    signal.text = is_restored ? "保管ファイルの破損を見つけ、別の写しから戻しました。"
                              : "保管ファイルが壊れているか、なくなっています。バックアップから戻してください。";
    std::vector<signals::Signal> said{signal};
    if (is_restored) {
        signal.state = signals::State::Clear;
        said.push_back(std::move(signal));
    }
    say(std::move(said));
    return is_restored;
}

}  // namespace flow
