#include "watch/signals/pipeline.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/text.h"
#include "watch/signals/inside/turns.h"

namespace signals {

using base::Instant;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kLongestWord = 200;      // of source, kind, rule, external id
constexpr std::size_t kLongestSubject = 1000;  // characters
constexpr std::size_t kLongestText = 1000;
constexpr auto kAhead = 5min;   // what was observed later than this from now has a wrong clock
constexpr auto kBackward = 2s;  // a step that is more than the clock's own trimming
constexpr auto kForward = 60s;
constexpr std::size_t kInTransaction = 500;

std::string bounded(const std::string& text, std::size_t most) {
    std::string clean = base::is_utf8(text) ? text : base::to_valid_utf8(text);
    std::erase(clean, '\0');
    return std::string(base::first_code_points(clean, most));
}

Signal bounded(const Signal& given, Instant now) {
    Signal signal = given;
    for (auto* word : {&signal.source, &signal.kind, &signal.rule, &signal.external_id})
        *word = bounded(*word, kLongestWord);
    signal.subject = bounded(given.subject, kLongestSubject);
    signal.text = bounded(given.text, kLongestText);
    if (signal.observed_at == Instant{} || signal.observed_at > now + kAhead) signal.observed_at = now;
    if (!signal.payload.empty()) {
        signal.payload = bounded(given.payload, kLongestPayload);
        boost::system::error_code error;
        const auto value = boost::json::parse(signal.payload, error);
        if (error || !value.is_object() || signal.payload.size() > kLongestPayload)
            signal.payload = boost::json::serialize(boost::json::object{
                {"cut", std::string(base::first_code_points(signal.payload, 1000))}, {"bytes", given.payload.size()}});
    }
    return signal;
}

}  // namespace

Pipeline::Pipeline(sys::Database& database, const base::Clock& clock, Rules rules)
    : database_(database),
      clock_(clock),
      rules_(std::make_shared<const Rules>(std::move(rules))),
      last_wall_(clock.now()),
      last_monotonic_(clock.monotonic()) {}

std::shared_ptr<const Rules> Pipeline::rules() const {
    const std::lock_guard lock(mutex_);
    return rules_;
}

void Pipeline::set_rules(Rules rules) {
    auto fresh = std::make_shared<const Rules>(std::move(rules));
    const std::lock_guard lock(mutex_);
    rules_ = std::move(fresh);
}

Taken Pipeline::take(std::span<const Signal> all) {
    Taken sum;
    const auto held = rules();
    for (std::size_t from = 0; from < all.size(); from += kInTransaction) {
        const auto part = all.subspan(from, std::min(kInTransaction, all.size() - from));
        const Taken taken = database_.write([&](sys::Transaction& tx) {
            Taken count;
            const Instant now = clock_.now();
            for (const Signal& given : part) {
                const Signal signal = bounded(given, now);
                if (is_taken(tx, signal)) {
                    ++count.duplicates;
                    take_again(tx, *held, signal, now);
                    continue;
                }
                take_signal(tx, *held, signal, now, count);
            }
            return count;
        });
        sum.signals += taken.signals;
        sum.duplicates += taken.duplicates;
        sum.late += taken.late;
        sum.opened += taken.opened;
        sum.cleared += taken.cleared;
    }
    return sum;
}

int Pipeline::check_clock() {
    const Instant now = clock_.now();
    const auto monotonic = clock_.monotonic();
    Instant expected = last_wall_ + std::chrono::duration_cast<milliseconds>(monotonic - last_monotonic_);
    const auto kept = database_.read([](sys::Reader& db) { return find_latest(db); });
    // After a start there is only the kept time to compare with. A step forward is then the time in which nobody
    // watched: it does not count as silence.
    const bool is_start = is_first_;
    if (is_start) expected = kept.value_or(now);
    const milliseconds step = now - expected;
    const bool is_step = step < -milliseconds(kBackward) || step > kForward;
    is_first_ = false;
    last_wall_ = now;
    last_monotonic_ = monotonic;
    if (!is_step) {
        if (!kept || now - *kept >= 1min) database_.write([&](sys::Transaction& tx) { set_latest(tx, now); });
        return 0;
    }
    database_.write([&](sys::Transaction& tx) {
        shift_times(tx, step, now);
        set_latest(tx, now);
    });
    if (is_start && step > 0ms) return 0;
    take(
        {.source = "watch",
         .kind = "clock.step",
         .subject = "このサーバの時計",
         .observed_at = now,
         .text = step < 0ms
                     ? fmt::format("サーバの時計が{}戻りました。時刻合わせの設定を確認してください。", span_text(-step))
                     : fmt::format("サーバの時計が{}飛びました。時刻合わせの設定を確認してください。", span_text(step)),
         .payload = fmt::format("{{\"step_ms\":{}}}", step.count())});
    return 1;
}

int Pipeline::tick() {
    int turns = check_clock();
    const auto held = rules();
    const Instant now = clock_.now();
    constexpr int kAtOnce = 500;
    const auto due = database_.read([&](sys::Reader& db) { return list_due(db, now, kAtOnce); });
    if (!due.empty())
        turns += database_.write([&](sys::Transaction& tx) {
            int made = 0;
            for (const Watched& watched : list_due(tx, now, kAtOnce)) made += take_time(tx, *held, watched, now);
            return made;
        });
    struct Look {
        bool has_storm = false;
        std::vector<std::pair<AnomalyId, Quiet>> changed;
    };
    const auto look = [&](sys::Reader& db) {
        Look found;
        const auto open = list_open(db, 1000);
        const auto windows = list_windows(db, now);
        for (const Anomaly& each : open) {
            found.has_storm |= each.is_storm && count_wrong(db, each.id) == 0 &&
                               (each.members < kMostMembers || now - each.last_at >= kStormEnd);
            Quiet quiet = find_quiet(each, open, windows, *held, now);
            if (quiet.by.empty() && is_settling(db, each, now)) continue;
            if (quiet.by != each.suppressed_by) found.changed.emplace_back(each.id, std::move(quiet));
        }
        return found;
    };
    const Look seen = database_.read(look);
    if (!seen.has_storm && seen.changed.empty()) return turns;
    return turns + database_.write([&](sys::Transaction& tx) {
        int made = seen.has_storm ? end_storms(tx, now) : 0;
        for (const auto& [id, quiet] : look(tx).changed) {
            Anomaly anomaly = load_anomaly(tx, id);
            anomaly.suppressed_by = quiet.by;
            anomaly.suppressed_why = quiet.why;
            record(tx, anomaly, quiet.by.empty() ? "release" : "suppress", {std::string(kWatch), now},
                   quiet.by.empty() ? "呼出しの抑止が終わりました。"
                                    : fmt::format("{}、担当者を呼び出しません。", quiet.why));
            ++made;
        }
        return made;
    });
}

}  // namespace signals
