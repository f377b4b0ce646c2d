#include "flow/guard/engine.h"

#include <boost/json.hpp>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/log.h"

namespace flow {

namespace json = boost::json;
using namespace std::chrono_literals;
using signals::Severity;
using signals::Signal;
using signals::State;

namespace {

constexpr int kMostListed = 100;
constexpr auto kTellAgain = 1s;

}  // namespace

GuardEngine::GuardEngine(std::filesystem::path site, GuardOptions options, const base::Clock& clock, signals::Take take)
    : site_(std::filesystem::absolute(site)),
      options_(std::move(options)),
      clock_(clock),
      take_(std::move(take)),
      folders_(folders_of(site_)),
      own_(guard_folder_of(site_)),
      desk_(site_),
      started_at_(clock.now()),
      cases_(options_.settings.flood_per_minute),
      raised_(own_.raised()) {
    sys::make_folders(own_.folder, 0750);
    for (int tries = 0; !lock_ && tries < 20; ++tries) {  // who asks for the status holds it for a moment
        if (tries > 0) std::this_thread::sleep_for(50ms);
        lock_ = sys::FileLock::find(own_.lock());
    }
    if (!lock_) throw base::Error(base::Kind::Conflict, "another guard watches this site already");
    objects_ = objects::open_folder(folders_.objects);
    teller_ = std::jthread([this] { tell(); });
    for (const auto thread : {&GuardEngine::collect, &GuardEngine::judge, &GuardEngine::mend, &GuardEngine::look_over,
                              &GuardEngine::fetch_objects, &GuardEngine::watch_areas})
        threads_.emplace_back([this, thread] {
            while (!is_stopping_) {
                try {
                    (this->*thread)();
                } catch (const std::exception& error) {
                    sys::log(sys::Level::Error, "the guard goes on after a fault", {{"problem", error.what()}});
                    note_fault(error.what());
                    if (!sleep(1s)) return;
                }
            }
        });
}

GuardEngine::~GuardEngine() {
    {
        const std::scoped_lock lock(stop_mutex_, queue_mutex_, lost_mutex_);
        is_stopping_ = true;
    }
    for (std::condition_variable* one : {&stop_, &queue_, &mend_wanted_, &sweep_wanted_, &lost_wanted_})
        one->notify_all();
    threads_.clear();
    {
        const std::lock_guard lock(say_mutex_);
        is_telling_over_ = true;
    }
    said_.notify_one();
    teller_.join();
    try {
        write_status();
    } catch (const std::exception&) {
        // The status is for reading only.
    }
}

bool GuardEngine::sleep(std::chrono::milliseconds time) {
    std::unique_lock lock(stop_mutex_);
    stop_.wait_for(lock, time, [&] { return is_stopping_.load(); });
    return !is_stopping_;
}

void GuardEngine::set_condition(const std::string& kind, Severity severity, const std::string& wording,
                                const std::string& problem) {
    Signal signal;
    {
        const std::lock_guard lock(say_mutex_);
        const auto known = conditions_.find(kind);
        const bool is_raised = known != conditions_.end();
        if (is_raised && !problem.empty()) known->second = {wording, problem};
        if (problem.empty() != is_raised) return;  // as it was
        if (problem.empty())
            conditions_.erase(known);
        else
            conditions_[kind] = {wording, problem};
    }
    signal.source = "guard";
    signal.kind = kind;
    signal.subject = "/";
    signal.state = problem.empty() ? State::Clear : State::Raise;
    signal.severity = severity;
    signal.observed_at = clock_.now();
    signal.text = problem.empty() ? wording + "（解消しました）" : wording;
    signal.payload = json::serialize(json::object{{"problem", problem}});
    say({std::move(signal)});
}

void GuardEngine::note_fault(const std::string& problem) {
    faulted_at_ = clock_.monotonic().count();
    set_condition("guard.fault", Severity::Serious, "改ざんの監視に異常がありました", problem);
}

void GuardEngine::say(std::vector<Signal> said) {
    const std::lock_guard lock(say_mutex_);
    for (Signal& one : said) {
        raised_.note(one);
        unsaid_.add(std::move(one));
    }
    said_.notify_one();
}

void GuardEngine::tell() {
    std::unique_lock lock(say_mutex_);
    for (;;) {
        said_.wait(lock, [&] { return is_telling_over_ || !unsaid_.is_empty(); });
        if (unsaid_.is_empty()) return;
        const Signal signal = unsaid_.take();
        lock.unlock();
        bool is_taken = true;
        try {
            take_(signal);
        } catch (const std::exception& error) {
            is_taken = false;
            sys::log(sys::Level::Error, "a signal of the guard waits", {{"problem", error.what()}});
        }
        lock.lock();
        if (is_taken) {
            if (auto loss = unsaid_.take_loss(clock_.now())) unsaid_.put_back(std::move(*loss));
            continue;
        }
        unsaid_.put_back(signal);
        if (is_telling_over_) return;
        said_.wait_for(lock, kTellAgain, [&] { return is_telling_over_; });
    }
}

void GuardEngine::say_cases() {
    std::vector<Signal> said;
    {
        const std::lock_guard lock(case_mutex_);
        said = cases_.take_signals();
    }
    if (!said.empty()) say(std::move(said));
}

/// Every half second: pauses, the end of floods, the status.
void GuardEngine::tick() {
    const auto pause = look_for_pause();
    if (pause) {
        set_condition("guard.paused", Severity::Note,
                      fmt::format("作業中のため、改ざんの復旧を止めています：{}", pause->reason),
                      fmt::format("until {} by {}: {}", base::format_utc(pause->until), pause->by, pause->reason));
    } else {
        set_condition("guard.paused", Severity::Note, "改ざんの復旧の停止", "");
        if (is_paused_) look_again({});
    }
    is_paused_ = pause.has_value();
    {
        const std::lock_guard lock(case_mutex_);
        cases_.tick(clock_.now(), clock_.monotonic());
    }
    say_cases();
    write_status();
}

void GuardEngine::write_status() {
    json::object document;
    {
        const std::lock_guard lock(view_mutex_);
        document["release"] = view_ ? view_->number() : 0;
    }
    {
        const std::lock_guard lock(case_mutex_);
        json::array open;
        for (const auto& [path, one] : cases_.list()) {
            if (open.size() == kMostListed) break;
            json::array kinds;
            std::string text;
            for (const auto& [kind, detail] : one.kinds) {
                kinds.push_back(json::string(guard::deviance_name(kind)));
                text += fmt::format("{}。", deviance_wording(kind));
            }
            if (!one.problem.empty()) text += "復旧できていません。";
            open.push_back({{"path", base::percent_encode(path)},
                            {"kinds", kinds},
                            {"since", base::format_utc(one.since)},
                            {"text", text},
                            {"problem", one.problem}});
        }
        document["open"] = open;
        document["open_count"] = cases_.open();
        document["flood"] = cases_.is_flood();
        document["raised"] = cases_.raised();
        document["cleared"] = cases_.cleared();
    }
    {
        const std::lock_guard lock(say_mutex_);
        json::object conditions, words;
        for (const auto& [kind, one] : conditions_) {
            conditions[kind] = base::to_valid_utf8(one.problem);
            words[kind] = base::to_valid_utf8(one.wording);
        }
        document["conditions"] = conditions;
        document["condition_words"] = words;
    }
    const std::lock_guard lock(status_mutex_);
    document["since"] = base::format_utc(started_at_);
    document["means"] = means_;
    document["remark"] = remark_;
    document["folders"] = folder_count_;
    document["marked_files"] = file_count_;
    document["leased_files"] = lease_count_;
    document["repair"] = options_.settings.repair;
    document["paused"] = is_paused_.load();
    const auto describe = [](const std::optional<Swept>& swept) -> json::value {
        if (!swept) return nullptr;
        return {{"at", base::format_utc(swept->at)}, {"seconds", swept->seconds},
                {"files", swept->result.files},      {"hashed", swept->result.hashed},
                {"bytes", swept->result.bytes},      {"suspects", swept->result.suspects}};
    };
    document["last_look"] = describe(last_look_);
    document["last_full"] = describe(last_full_);
    std::string text = json::serialize(document);
    if (text == last_status_) return;
    sys::write_file(own_.status(), text, sys::Durability::Later, 0640);
    last_status_ = std::move(text);
}

struct SiteGuard::State : GuardEngine {
    using GuardEngine::GuardEngine;
};

SiteGuard::SiteGuard(const std::filesystem::path& site, GuardOptions options, const base::Clock& clock,
                     signals::Take take)
    : state_(std::make_unique<State>(site, std::move(options), clock, std::move(take))) {}

SiteGuard::~SiteGuard() = default;

}  // namespace flow
