#include "flow/watch_desk.h"

#include <fmt/format.h>

#include "flow/mail_server.h"
#include "flow/notify.h"
#include "flow/office_hours.h"
#include "flow/stop_service.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "ground/mail/mail.h"
#include "ground/release/head.h"
#include "ground/release/log.h"
#include "ground/release/record.h"
#include "ground/sys/files.h"
#include "ground/sys/http_client.h"
#include "ground/sys/log.h"
#include "watch/signals/seen_release.h"

namespace flow {

using base::Instant;
using signals::Signal;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMostKept = 10'000;
constexpr int kPingsBeforeAlarm = 3;
constexpr auto kSeenRest = 1min;
constexpr auto kRoundsRest = 1min;

std::filesystem::path beat_file(const Folders& folders) {
    return folders.run / "watch.beat";
}

std::string secret_of(const settings::Settings& settings, std::string_view file) {
    return std::string(base::trim(sys::read_file(settings.resolve(file), 64U << 10)));
}

/// A row that cannot be used costs itself: the others count, and `bad` says what is wrong with it.
std::vector<std::string> good_rows(const std::vector<std::string>& rows, std::vector<std::string>& bad,
                                   const std::function<void(const std::string&)>& parse) {
    std::vector<std::string> good;
    for (const std::string& row : rows) {
        try {
            parse(row);
            good.push_back(row);
        } catch (const base::Error& error) {
            bad.push_back(error.message());
        }
    }
    return good;
}

}  // namespace

std::vector<std::string> find_bad_rows(const settings::Settings& settings) {
    std::vector<std::string> bad;
    good_rows(settings.watch.on_call, bad, [](const std::string& row) { telling::parse_duty(row); });
    good_rows(settings.watch.rules, bad, [](const std::string& row) { signals::parse_rule(row); });
    return bad;
}

telling::Policy calling_policy(const settings::Settings& settings) {
    std::vector<std::string> bad;
    const auto rows = good_rows(settings.watch.on_call, bad, [](const std::string& row) { telling::parse_duty(row); });
    return {.on_call = telling::OnCall(rows, helpdesk_hours_of(settings)),
            .group_wait = std::chrono::seconds(settings.watch.group_seconds),
            .bundle = std::chrono::minutes(settings.watch.bundle_minutes),
            .repeat = std::chrono::minutes(settings.watch.repeat_minutes),
            .site_name = settings.site.name,
            .office_url = office_url_of(settings)};
}

signals::Rules watch_rules(const settings::Settings& settings, std::vector<std::string> more) {
    std::vector<std::string> bad;
    auto lines = good_rows(settings.watch.rules, bad, [](const std::string& row) { signals::parse_rule(row); });
    lines.insert(lines.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    return signals::Rules(lines);
}

samples::Keep samples_kept(const settings::Settings& settings) {
    return {std::chrono::hours(24 * settings.watch.keep_minutes_days),
            std::chrono::hours(24 * settings.watch.keep_hours_days)};
}

std::string webhook_token(const settings::Settings& settings) {
    return settings.watch.token_file.empty() ? settings.watch.token : secret_of(settings, settings.watch.token_file);
}

std::optional<Instant> find_watch_beat(const Folders& folders, Instant now) {
    const auto text = sys::find_file(beat_file(folders));
    const auto beat = text ? base::parse_utc(base::trim(*text)) : std::nullopt;
    return beat && *beat - now <= 1min ? beat : std::nullopt;
}

/// What the channels need, made once.
struct WatchDesk::Means {
    sys::HttpClient http;
    telling::Means means;
};

WatchDesk::WatchDesk(sys::Database& database, const Folders& folders, const settings::Settings& settings,
                     const base::Clock& clock, std::vector<std::string> rules)
    : database_(database),
      folders_(folders),
      settings_(settings),
      clock_(clock),
      policy_(calling_policy(settings)),
      pipeline_(database, clock, watch_rules(settings, std::move(rules))),
      means_(std::make_unique<Means>()),
      turned_at_(clock.monotonic().count()),
      beaten_at_(clock.monotonic() - 1h),
      seen_kept_at_(clock.monotonic() - 1h),
      rounds_kept_at_(clock.monotonic() - 1h) {
    telling::Means& means = means_->means;
    means.site_name = settings.site.name;
    means.site_id = settings.site.id;
    if (is_mail_on(settings)) {
        means.mail = mail_server_of(settings);
        means.from = mail::find_mailbox(settings.mail.from).value();
        if (means.from.name.empty()) means.from.name = settings.site.name;
    }
    if (!settings.watch.ca_file.empty()) means.ca_file = settings.resolve(settings.watch.ca_file).string();
    means.patience = std::chrono::seconds(settings.watch.timeout_seconds);
    means.read_secret = [&settings](std::string_view file) { return secret_of(settings, file); };
    means.http = &means_->http;
}

WatchDesk::~WatchDesk() {
    rounds_kept_at_ -= kRoundsRest;
    keep_rounds();
}

void WatchDesk::take(std::span<const Signal> all) {
    try {
        pipeline_.take(all);
        return;
    } catch (const base::Error& error) {
        sys::log(sys::Level::Error, "signals wait for watch.db", {{"problem", error.message()}});
    }
    // Whatever part of them was taken is taken again: that counts, and harms nothing.
    const std::lock_guard lock(mutex_);
    for (const Signal& signal : all) {
        if (kept_.size() >= kMostKept) {
            kept_.pop_front();
            ++dropped_;
        }
        kept_.push_back(signal);
    }
}

signals::Taken WatchDesk::take_now(std::span<const Signal> all) {
    return pipeline_.take(all);
}

void WatchDesk::set_rules(std::vector<std::string> rules) {
    pipeline_.set_rules(watch_rules(settings_, std::move(rules)));
}

void WatchDesk::take_kept() {
    std::vector<Signal> waiting;
    std::int64_t dropped = 0;
    {
        const std::lock_guard lock(mutex_);
        waiting.assign(std::make_move_iterator(kept_.begin()), std::make_move_iterator(kept_.end()));
        kept_.clear();
        dropped = std::exchange(dropped_, 0);
    }
    if (dropped > 0)
        waiting.push_back({.source = "watch",
                           .kind = "signals.lost",
                           .subject = "監視",
                           .severity = signals::Severity::Serious,
                           .observed_at = clock_.now(),
                           .text = fmt::format("記録できない間に、監視の知らせ{}件を失いました。", dropped)});
    if (!waiting.empty()) take(waiting);
}

void WatchDesk::add_samples(std::span<const samples::Sample> all) {
    try {
        database_.write(
            [&](sys::Transaction& tx) { return samples::add(tx, all, clock_.now(), samples_kept(settings_)); });
    } catch (const base::Error& error) {
        sys::log(sys::Level::Error, "samples are lost", {{"problem", error.message()}});
    }
}

void WatchDesk::add_round(const signals::Round& round) {
    const std::lock_guard lock(mutex_);
    const auto [at, is_new] = rounds_.try_emplace({base::local_day(round.at), round.kind}, round);
    if (is_new) return;
    at->second.at = std::max(at->second.at, round.at);
    at->second.runs += round.runs;
    at->second.items += round.items;
    at->second.bytes += round.bytes;
}

/// Once a minute, so that a record costs little; what cannot be written now stays for the next time.
void WatchDesk::keep_rounds() {
    if (clock_.monotonic() - rounds_kept_at_ < kRoundsRest) return;
    rounds_kept_at_ = clock_.monotonic();
    decltype(rounds_) waiting;
    {
        const std::lock_guard lock(mutex_);
        waiting.swap(rounds_);
    }
    try {
        const Instant now = clock_.now();
        if (waiting.empty() && !database_.read([&](sys::Reader& db) { return signals::has_rounds_to_settle(db, now); }))
            return;
        database_.write([&](sys::Transaction& tx) {
            for (const auto& [key, round] : waiting) signals::add_round(tx, round);
            signals::settle_rounds(tx, now);
        });
    } catch (const std::exception& error) {  // also in the destructor
        sys::log(sys::Level::Error, "what was looked at waits for watch.db", {{"problem", error.what()}});
        for (const auto& [key, round] : waiting) add_round(round);
    }
}

void WatchDesk::beat() {
    if (clock_.monotonic() - beaten_at_ < kBeat) return;
    sys::write_file(beat_file(folders_), base::format_utc(clock_.now()) + "\n", sys::Durability::Later, 0644);
    beaten_at_ = clock_.monotonic();
}

void WatchDesk::report_settings(const settings::Settings& settings) {
    const auto bad = find_bad_rows(settings);
    take(Signal{.source = "watch",
                .kind = "settings.bad",
                .subject = "監視の設定",
                .state = bad.empty() ? signals::State::Clear : signals::State::Raise,
                .observed_at = clock_.now(),
                .text = bad.empty()
                            ? "監視の設定に誤りはありません。"
                            : fmt::format("監視の設定に、使えない行が{}件あります：{}", bad.size(), bad.front())});
}

void WatchDesk::report_start() {
    database_.write([](sys::Transaction& tx) { telling::release_leases(tx); });
    report_settings(settings_);
    // The time in which nobody watched is an anomaly that is over: what happened then, nobody has seen.
    const Instant now = clock_.now();
    const auto last = find_watch_beat(folders_, now);
    if (last && now - *last >= kGap) {
        Signal gap{.source = "watch",
                   .kind = "watch.gap",
                   .subject = "監視",
                   .severity = signals::Severity::Minor,
                   .observed_at = *last,
                   .external_id = base::format_utc(*last),
                   .text = fmt::format("{}から{}まで、監視が動いていませんでした。", calendar::format_era_moment(*last),
                                       calendar::format_era_moment(now))};
        Signal back = gap;
        back.state = signals::State::Clear;
        back.observed_at = now;
        back.text = "監視が再開しました。";
        const Signal both[] = {gap, back};
        take(both);
    }
}

void WatchDesk::tidy() {
    const Instant now = clock_.now();
    const auto local = base::to_local(now);
    if (tidied_ == local.day || local.hour < 4) return;
    const auto days = [](std::int64_t count) { return std::chrono::hours(24 * count); };
    const Instant anomalies_before = now - days(settings_.watch.keep_anomalies_months * 31);
    database_.write([&](sys::Transaction& tx) {
        telling::forget(tx, anomalies_before);
        signals::forget(tx, {now - days(settings_.watch.keep_signals_days), anomalies_before, now - days(7)});
        samples::tidy(tx, now, samples_kept(settings_));
    });
    tidied_ = local.day;
}

/// An emergency stop is an anomaly from its first moment to its end, so that whoever is on call knows of it.
void WatchDesk::report_stops() {
    for (const Part part : {Part::Public, Part::Office}) {
        const auto stop = find_stop(folders_, part);
        const std::string id = stop ? stop->id + "." : std::string();  // not empty, even of a damaged note
        std::string& told = told_stops_[static_cast<std::size_t>(part)];
        if (id == told) continue;
        Signal signal{.source = "watch",
                      .kind = "service.stopped",
                      .subject = std::string(part_name(part)),
                      .severity = signals::Severity::Emergency,
                      .observed_at = clock_.now()};
        if (!stop) {
            signal.state = signals::State::Clear;
            signal.text = fmt::format("{}を再開しました。", part_name(part));
        } else {
            signal.text = fmt::format("{}を緊急停止しました。理由：{}", part_name(part),
                                      stop->reason.empty() ? "不明" : stop->reason);
        }
        take(signal);
        told = id;
    }
}

/// The on-call table is changed on the screen, often for tonight: it holds from then on, without a restart.
void WatchDesk::follow_table() {
    std::error_code problem;
    const auto changed_at = std::filesystem::last_write_time(folders_.site / "yakuba.toml", problem);
    if (problem || settings_at_ == changed_at) return;
    const bool is_first = !settings_at_;
    settings_at_ = changed_at;
    if (is_first) return;
    try {
        const settings::Settings fresh = settings::load(folders_.site / "yakuba.toml");
        policy_.on_call = calling_policy(fresh).on_call;
        report_settings(fresh);
    } catch (const base::Error& error) {
        take(
            Signal{.source = "watch",
                   .kind = "settings.bad",
                   .subject = "監視の設定",
                   .observed_at = clock_.now(),
                   .text = fmt::format("設定ファイルを読めないため、前の当番のまま続けています：{}", error.message())});
    }
}

/// A number alone is easily forged, and would stand here for ever: the log has to hold that very record, signed, or its
/// signed head has to name it.
bool is_in_log(const Folders& folders, const release::Seen& seen) {
    try {
        const PublicSide side = open_public_side(folders.site);
        const auto head = side.log.find_head(side.keys);
        if (head && head->number == seen.number && head->record == seen.record) return true;
        const std::string bytes = side.log.read(seen.number);
        const release::SignedRecord read = release::parse_record(bytes);
        return read.record.number == seen.number && read.file_hash == seen.record &&
               !release::find_signature_fault(bytes, read, side.keys);
    } catch (const base::Error& error) {
        sys::log(sys::Level::Warning, "the note of the highest release is not taken over",
                 {{"release", std::to_string(seen.number)}, {"problem", error.message()}});
        return false;
    }
}

/// The highest release stands here as well. Where the press's own note has gone back or away, it is put back, so that
/// every look at the log sees what became of it, and somebody is called.
void WatchDesk::keep_seen() {
    if (clock_.monotonic() - seen_kept_at_ < kSeenRest) return;
    seen_kept_at_ = clock_.monotonic();
    const auto file = folders_.run / "seen";
    const auto known = database_.read([](sys::Reader& db) { return signals::find_seen_release(db); });
    std::optional<release::Seen> seen;
    try {
        seen = release::find_seen(file);
    } catch (const base::Error&) {
        // A damaged note is worth as much as none.
    }
    if (seen && (!known || seen->number > known->number) && is_in_log(folders_, *seen))
        database_.write([&](sys::Transaction& tx) {
            signals::note_seen_release(tx, {seen->number, release::write_seen(*seen)});
        });
    const bool is_behind = known && (!seen || seen->number < known->number);
    if (is_seen_behind_ == is_behind && is_seen_behind_.has_value()) return;
    is_seen_behind_ = is_behind;
    take(Signal{.source = "watch",
                .kind = "release.forgotten",
                .subject = "公開記録の番号の控え",
                .state = is_behind ? signals::State::Raise : signals::State::Clear,
                .severity = signals::Severity::Emergency,
                .observed_at = clock_.now(),
                .text = is_behind
                            ? fmt::format("公開記録の最新番号の控えが、消されたか古い番号に戻されています（最新は第{}"
                                          "号）。公開記録が巻き戻されていないか確かめてください。",
                                          known->number)
                            : "公開記録の最新番号の控えが、正しい番号に戻りました。"});
    if (!is_behind) return;
    try {
        sys::write_file(file, known->note, sys::Durability::Now, 0644);  // as release::note_seen does
    } catch (const base::Error& error) {
        sys::log(sys::Level::Error, "the highest release cannot be noted again", {{"problem", error.message()}});
    }
}

std::chrono::milliseconds WatchDesk::turn() {
    if (!has_turned_) report_start();
    has_turned_ = true;
    follow_table();
    take_kept();
    keep_rounds();
    report_stops();
    keep_seen();
    pipeline_.tick();
    const Instant now = clock_.now();
    if (database_.read([&](sys::Reader& db) { return telling::has_work(db, policy_, now); }))
        database_.write([&](sys::Transaction& tx) { return telling::gather(tx, policy_, now); });
    tidy();
    turned_at_ = clock_.monotonic().count();
    beat();
    return 1000ms;
}

telling::Delivered WatchDesk::deliver(const std::function<bool()>& is_stopped) {
    means_->means.is_stopped = is_stopped;
    return telling::deliver(database_, clock_, means_->means, [this](Signal signal) { take(signal); });
}

bool WatchDesk::is_alive() const {
    return clock_.monotonic() - std::chrono::nanoseconds(turned_at_.load()) < 1min;
}

std::chrono::milliseconds WatchDesk::ping() {
    const std::chrono::seconds rest(settings_.watch.heartbeat_seconds);
    if (settings_.watch.heartbeat_url.empty()) return 1min;
    if (!is_alive()) return 1s;  // silence is the message
    sys::FetchOptions options;
    options.patience = std::chrono::seconds(settings_.watch.timeout_seconds);
    options.size_limit = 64U << 10;
    options.ca_file = means_->means.ca_file;
    const sys::Fetched fetched = means_->http.try_fetch(settings_.watch.heartbeat_url, options);
    const bool is_well = !fetched.has_failed() && fetched.status >= 200 && fetched.status < 300;
    failed_pings_ = is_well ? 0 : failed_pings_ + 1;
    if (is_well || failed_pings_ >= kPingsBeforeAlarm)
        take(Signal{.source = "watch",
                    .kind = "heartbeat.unreachable",
                    .subject = "監視の生存通知",
                    .state = is_well ? signals::State::Clear : signals::State::Raise,
                    .observed_at = clock_.now(),
                    .text = is_well ? "監視の生存通知が届きました。"
                                    : "監視の生存通知が、外部のアドレスに届きません。通信の状態を確認してください。"});
    return rest;
}

}  // namespace flow
