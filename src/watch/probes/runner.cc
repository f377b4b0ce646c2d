#include "watch/probes/runner.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/sys/log.h"
#include "watch/probes/plan.h"

namespace probes {

using base::Instant;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

namespace {

constexpr auto kLongestSpread = std::chrono::seconds(10);
constexpr milliseconds kLongestRest{200}, kRestAtWork{10};

/// One probe at work.
struct Watched {
    Plan plan;
    std::unique_ptr<Probe> probe;  ///< made at its first run, by its thread
    nanoseconds due{0};
    bool is_running = false;
    bool is_overdue = false;  ///< this run was told to have no data already
    nanoseconds started{0};
    Result last;
};

/// What a thread brings back.
struct Returned {
    Watched* watched = nullptr;
    Reading reading;
    nanoseconds took{0};
};

Reading without_data(std::string text) {
    return {probes::State::NoData, std::move(text), {}};
}

}  // namespace

struct Runner::State {
    World world;
    Take take;
    std::vector<std::unique_ptr<Watched>> watched;
    std::vector<std::unique_ptr<Watched>> retired;  ///< no longer planned, and still at work
    std::atomic<double> lateness{0};                ///< worst of the last minute or so, in seconds

    std::mutex mutex;
    std::condition_variable work_has_come, work_is_done;
    std::deque<Watched*> waiting;
    std::deque<Returned> returned;
    bool is_ending = false;
    int next_worker = 0;
    std::map<int, std::jthread> workers;
    std::vector<int> ended;  ///< workers that only wait to be joined

    State(std::vector<Plan> plans, World given, Take taker) : world(std::move(given)), take(std::move(taker)) {
        world.lateness = [this] { return lateness.load(); };
        set_plans(std::move(plans));
    }

    /// The lock is held, or nobody else is there yet.
    void set_plans(std::vector<Plan> plans) {
        std::vector<std::unique_ptr<Watched>> before = std::exchange(watched, {});
        const nanoseconds now = world.clock->monotonic();
        std::size_t number = 0;
        for (Plan& plan : plans) {
            if (!plan.is_on) continue;
            const auto same = std::find_if(before.begin(), before.end(), [&](const auto& one) {
                return one && one->plan.id == plan.id && one->plan.kind == plan.kind &&
                       line_of(plan, &one->plan).empty();
            });
            if (same != before.end()) {
                watched.push_back(std::move(*same));
                continue;
            }
            auto one = std::make_unique<Watched>();
            one->plan = std::move(plan);
            const auto every = nanoseconds(static_cast<std::int64_t>(one->plan.rhythm.every * 1e9));
            // Fast probes begin at once; of the slow ones each next has its place by the golden ratio.
            const double place = static_cast<double>(number++) * 0.618033988749895;
            const auto spread = std::min<nanoseconds>(every, kLongestSpread);
            one->due = now + (every <= std::chrono::seconds(5)
                                  ? nanoseconds(0)
                                  : nanoseconds(static_cast<std::int64_t>(
                                        (place - static_cast<double>(static_cast<std::int64_t>(place))) *
                                        static_cast<double>(spread.count()))));
            one->last.id = one->plan.id;
            one->last.plan = &one->plan;
            one->last.at = world.clock->now();
            one->last.reading = without_data("まだ調べていません。");
            watched.push_back(std::move(one));
        }
        for (auto& gone : before) {
            if (!gone) continue;
            std::erase(waiting, gone.get());
            const auto is_its = [&](const Returned& one) { return one.watched == gone.get(); };
            const bool has_returned = std::erase_if(returned, is_its) > 0;
            if (gone->is_running && gone->started.count() != 0 && !has_returned) retired.push_back(std::move(gone));
        }
    }

    void work(int worker) {
        std::unique_lock lock(mutex);
        for (;;) {
            work_has_come.wait(lock, [&] { return is_ending || !waiting.empty(); });
            if (is_ending) return;
            Watched& one = *waiting.front();
            waiting.pop_front();
            one.started = world.clock->monotonic();
            lock.unlock();
            Returned back{&one, look(one), world.clock->monotonic() - one.started};
            lock.lock();
            returned.push_back(std::move(back));
            work_is_done.notify_all();
            if (one.is_overdue) {  // another thread has been started in this one's place
                ended.push_back(worker);
                return;
            }
        }
    }

    Reading look(Watched& one) const {
        try {
            if (!one.probe) one.probe = one.plan.kind->make(one.plan, world);
            return one.probe->run();
        } catch (const base::Error& error) {
            return without_data(fmt::format("調べられませんでした（{}）。", error.message()));
        } catch (const std::exception& error) {
            return without_data(fmt::format("調べられませんでした（{}）。", error.what()));
        }
    }

    void start_thread() {
        const int worker = next_worker++;
        workers.emplace(worker, std::jthread([this, worker] { work(worker); }));
    }

    /// Hands one over to the threads. The lock is held.
    void start(Watched& one) {
        one.is_running = true;
        one.is_overdue = false;
        one.started = nanoseconds(0);  // waits for a thread
        one.last.at = world.clock->now();
        waiting.push_back(&one);
        work_has_come.notify_one();
    }

    Watched* find(std::string_view id) {
        for (const auto& one : watched)
            if (one->plan.id == id) return one.get();
        return nullptr;
    }

    /// Hands a reading out.
    void take_in(Watched& one, Reading reading, nanoseconds took) {
        Result& last = one.last;
        last.took = std::chrono::duration_cast<std::chrono::microseconds>(took);
        last.has_changed = !last.since || reading.state != last.reading.state;
        if (last.has_changed) last.since = last.at;
        last.reading = std::move(reading);
        // What it stands behind is looked at at once, so that the cause is known as soon as the effect.
        if (Watched* before = is_well(last.reading.state) ? nullptr : find(one.plan.behind))
            before->due = std::min(before->due, world.clock->monotonic());
        if (take) take(last);
    }

    milliseconds turn() {
        std::deque<Returned> back;
        std::vector<Watched*> overdue;
        bool is_working = false;
        const nanoseconds now = world.clock->monotonic();
        {
            const std::scoped_lock lock(mutex);
            back.swap(returned);
            for (const int worker : std::exchange(ended, {})) workers.erase(worker);
            for (const Returned& one : back) one.watched->is_running = false;
            std::erase_if(back, [&](const Returned& one) {
                return std::erase_if(retired, [&](const auto& gone) { return gone.get() == one.watched; }) > 0;
            });
            const auto hangs = [&](const Watched& one) {
                return one.is_running && !one.is_overdue && one.started.count() != 0 &&
                       now - one.started > one.plan.patience() + std::chrono::seconds(1);
            };
            const auto replace = [&](Watched& one) {
                one.is_overdue = true;
                start_thread();
            };
            for (const auto& one : retired)
                if (hangs(*one)) replace(*one);
            for (const auto& one : watched)
                if (hangs(*one)) {
                    replace(*one);
                    overdue.push_back(one.get());
                }
        }
        for (Returned& one : back)
            if (one.watched->is_overdue)
                sys::log(sys::Level::Info, "a probe came back late", {{"probe", one.watched->plan.id}});
            else
                take_in(*one.watched, std::move(one.reading), one.took);
        for (Watched* one : overdue)
            take_in(*one,
                    without_data(fmt::format("{:g}秒待っても調べ終わりませんでした。", one->plan.rhythm.patience)),
                    now - one->started);
        nanoseconds next = now + kLongestRest;
        {
            const std::scoped_lock lock(mutex);
            double late = 0;
            for (const auto& one : watched) {
                if (one->is_running) {
                    is_working = is_working || !one->is_overdue;
                    continue;
                }
                if (one->due <= now) {
                    late = std::max(late, std::chrono::duration<double>(now - one->due).count());
                    const auto every = nanoseconds(static_cast<std::int64_t>(one->plan.rhythm.every * 1e9));
                    one->due = std::max(one->due + every, now);  // after a stop of the machine: once, not for each
                    start(*one);
                    is_working = true;
                }
                next = std::min(next, one->due);
            }
            lateness = std::max(late, lateness.load() * 0.9);
        }
        const milliseconds rest = std::chrono::duration_cast<milliseconds>(next - now);
        return is_working ? std::min(rest + kRestAtWork, kRestAtWork * 2) : std::max(rest, milliseconds(1));
    }
};

Runner::Runner(std::vector<Plan> plans, World world, Take take, int threads)
    : state_(std::make_unique<State>(std::move(plans), std::move(world), std::move(take))) {
    const std::scoped_lock lock(state_->mutex);
    for (int number = 0; number < threads; ++number) state_->start_thread();
}

Runner::~Runner() {
    {
        const std::scoped_lock lock(state_->mutex);
        state_->is_ending = true;
    }
    state_->work_has_come.notify_all();
    state_->workers.clear();
}

std::chrono::milliseconds Runner::turn() {
    return state_->turn();
}

void Runner::replan(std::vector<Plan> plans) {
    const std::scoped_lock lock(state_->mutex);
    state_->set_plans(std::move(plans));
}

std::vector<Result> Runner::run_once(const std::vector<std::string>& ids) {
    std::vector<Watched*> wanted;
    if (ids.empty())
        for (const auto& one : state_->watched) wanted.push_back(one.get());
    for (const std::string& id : ids) {
        Watched* one = state_->find(id);
        if (one == nullptr) throw base::Error(base::Kind::NotFound, fmt::format("監視項目 {} はありません。", id));
        wanted.push_back(one);
    }
    std::unique_lock lock(state_->mutex);
    for (Watched* one : wanted)
        if (!one->is_running) state_->start(*one);
    const auto is_settled = [&](const Watched* one) { return !one->is_running; };
    std::vector<Result> results;
    while (!std::all_of(wanted.begin(), wanted.end(), is_settled)) {
        if (state_->returned.empty()) state_->work_is_done.wait_for(lock, std::chrono::milliseconds(50));
        for (; !state_->returned.empty(); state_->returned.pop_front()) {
            Returned& back = state_->returned.front();
            back.watched->is_running = false;
            back.watched->last.took = std::chrono::duration_cast<std::chrono::microseconds>(back.took);
            back.watched->last.reading = std::move(back.reading);
        }
        const nanoseconds now = state_->world.clock->monotonic();
        for (Watched* one : wanted)
            if (one->is_running && one->started.count() != 0 && now - one->started > one->plan.patience() * 2) {
                one->is_running = false;
                one->is_overdue = true;
                state_->start_thread();
                one->last.reading =
                    without_data(fmt::format("{:g}秒待っても調べ終わりませんでした。", one->plan.rhythm.patience));
            }
    }
    for (Watched* one : wanted) {
        one->last.since = one->last.at;
        results.push_back(one->last);
    }
    return results;
}

std::vector<Result> Runner::results() const {
    std::vector<Result> results;
    for (const auto& one : state_->watched) results.push_back(one->last);
    return results;
}

bool Runner::is_idle() const {
    const std::scoped_lock lock(state_->mutex);
    return state_->waiting.empty() && state_->returned.empty() &&
           std::none_of(state_->watched.begin(), state_->watched.end(),
                        [](const auto& one) { return one->is_running; });
}

signals::Signal signal_of(const Result& result) {
    const State state = result.reading.state;
    const signals::Severity usual = result.plan->rhythm.severity;
    signals::Signal signal;
    signal.source = "probe";
    signal.kind = result.plan->kind->id;
    signal.subject = result.id;
    signal.observed_at = result.at;
    signal.state = is_well(state) ? signals::State::Clear : signals::State::Raise;
    signal.severity = is_well(state)           ? signals::Severity::Note
                      : state == State::Failed ? usual
                                               : std::min(usual, signals::Severity::Warning);
    signal.text = fmt::format("{}：{}", result.plan->title, result.reading.text);
    boost::json::array samples;
    for (const Sample& sample : result.reading.samples)
        samples.push_back({{"name", sample.name}, {"value", sample.value}, {"unit", sample.unit}});
    signal.payload = boost::json::serialize(boost::json::object{{"state", state_id(state)},
                                                                {"target", result.plan->target()},
                                                                {"took_ms", result.took.count() / 1000},
                                                                {"samples", std::move(samples)}});
    return signal;
}

std::chrono::seconds silent_after(const Plan& plan) {
    return std::chrono::seconds(
        static_cast<std::int64_t>(std::max(60.0, 5 * (plan.rhythm.every + plan.rhythm.patience))));
}

std::string rule_of(const Plan& plan, std::span<const Plan> plans) {
    std::string line = fmt::format("probe {} {} raise_after={} clear_after={} silent_after={}s", plan.kind->id, plan.id,
                                   plan.rhythm.raise, plan.rhythm.clear, silent_after(plan).count());
    const auto before =
        std::find_if(plans.begin(), plans.end(), [&](const Plan& one) { return one.id == plan.behind; });
    if (before != plans.end()) line += fmt::format(" behind=probe:{}:{}", before->kind->id, before->id);
    return line;
}

}  // namespace probes
