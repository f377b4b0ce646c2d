// The watch at work: detectors hand it their signals, it makes anomalies of them, calls people, and shows that it is
// alive. It needs the settings file and watch.db alone, so it works while the office's database is away.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "flow/site.h"
#include "watch/samples/samples.h"
#include "watch/signals/pipeline.h"
#include "watch/signals/rounds.h"
#include "watch/telling/calls.h"

namespace flow {

/// What is wrong with rows of watch.on_call and watch.rules; such rows are left out, and the watch works on.
std::vector<std::string> find_bad_rows(const settings::Settings& settings);
/// The on-call table and the rest that settings say of calling.
telling::Policy calling_policy(const settings::Settings& settings);
/// The rules of the settings, then `more` (such as the probes' own), then the built-in ones.
signals::Rules watch_rules(const settings::Settings& settings, std::vector<std::string> more = {});
samples::Keep samples_kept(const settings::Settings& settings);
/// What a sender of webhooks must know; empty = none is set, and nobody is let in. Throws when its file cannot be read.
std::string webhook_token(const settings::Settings& settings);

/// When the watch last said that it was alive; nothing when it never did, or when that is more than a minute ahead of
/// `now`. For screens and for the office, which stays when the watch has died.
std::optional<base::Instant> find_watch_beat(const Folders& folders, base::Instant now);
/// A minute without a beat: the watch is taken for dead.
inline bool is_beating(const std::optional<base::Instant>& beat, base::Instant now) {
    return beat && now - *beat <= std::chrono::minutes(1);
}
constexpr std::chrono::seconds kBeat{10};
constexpr std::chrono::minutes kGap{2};  ///< without a beat: it was not there

class WatchDesk {
  public:
    /// All must outlive it. `rules`: those of the probes.
    WatchDesk(sys::Database& database, const Folders& folders, const settings::Settings& settings,
              const base::Clock& clock, std::vector<std::string> rules = {});
    ~WatchDesk();

    /// For detectors, from any thread: never throws. What the database does not take now is kept (the newest 10,000)
    /// and taken with the next turn.
    void take(std::span<const signals::Signal> all);
    void take(const signals::Signal& signal) { take(std::span(&signal, 1)); }
    /// For senders that try again: throws when it is not safely in the database.
    signals::Taken take_now(std::span<const signals::Signal> all);
    void add_samples(std::span<const samples::Sample> all);
    /// What was looked at, for the record; from any thread. Written with the next turn.
    void add_round(const signals::Round& round);
    /// The probes' rules, when their plan has changed. From any thread.
    void set_rules(std::vector<std::string> rules);

    /// Once a second: time, calls, heartbeat, and each night what is too old; the first one reports the time in which
    /// nobody watched. Returns how long to rest.
    std::chrono::milliseconds turn();
    /// On a thread of its own, since receivers are slow.
    telling::Delivered deliver(const std::function<bool()>& is_stopped);
    /// Tells the address outside that the watch is alive, when it is time to, and it is. Also on a thread of its own.
    std::chrono::milliseconds ping();

    const telling::Policy& policy() const { return policy_; }
    /// The newest turn was not long ago.
    bool is_alive() const;

  private:
    struct Means;
    void beat();
    void report_settings(const settings::Settings& settings);
    void report_start();
    void tidy();
    void take_kept();
    void keep_rounds();
    void follow_table();
    void keep_seen();
    void report_stops();

    sys::Database& database_;
    Folders folders_;
    const settings::Settings& settings_;
    const base::Clock& clock_;
    telling::Policy policy_;
    signals::Pipeline pipeline_;
    std::unique_ptr<Means> means_;
    std::mutex mutex_;  // of the three below
    std::deque<signals::Signal> kept_;
    std::int64_t dropped_ = 0;
    std::map<std::pair<base::Day, std::string>, signals::Round> rounds_;  ///< by day and kind, not written yet
    std::atomic<std::int64_t> turned_at_;                                 // monotonic nanoseconds
    std::chrono::nanoseconds beaten_at_{0};
    std::optional<base::Day> tidied_;
    bool has_turned_ = false;
    std::chrono::nanoseconds seen_kept_at_{0};
    std::chrono::nanoseconds rounds_kept_at_;
    std::optional<bool> is_seen_behind_;  ///< nothing: not told in this run
    std::optional<std::filesystem::file_time_type> settings_at_;
    int failed_pings_ = 0;
    std::string told_stops_[2] = {"?", "?"};  ///< the act that was told of, by part; empty: that it is in service
};

}  // namespace flow
