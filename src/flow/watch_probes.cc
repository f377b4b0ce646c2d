#include "flow/watch_probes.h"

#include <algorithm>
#include <map>
#include <mutex>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "flow/change_setting.h"
#include "flow/notify.h"
#include "flow/stop_service.h"
#include "flow/timetable.h"
#include "flow/watch_backup.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/mail/outbox.h"
#include "ground/release/store.h"
#include "ground/sys/database_health.h"
#include "ground/sys/log.h"
#include "press/publish/queue.h"

namespace flow {

namespace {

using base::Instant;
using std::chrono::nanoseconds;
using namespace std::chrono_literals;

constexpr auto kBoardRest = 5s;    // between two writings of the board when nothing changes
constexpr auto kFigureRest = 10s;  // between two batches of figures
constexpr auto kPlanRest = 1s;     // between two looks at the settings file
constexpr auto kSteadyRest = 20s;  // between two signals of a probe that is well and was
constexpr std::size_t kMostFigures = 10'000;
constexpr int kLongQueue = 1001;
constexpr std::string_view kPublicSite = "http.public";  // of the standard plan

/// "0.0.0.0:80" as somebody on this machine reaches it.
std::string url_of(const std::string& address, bool is_tls) {
    if (address.empty()) return {};
    const auto colon = address.rfind(':');
    std::string host = address.substr(0, colon);
    if (host == "0.0.0.0" || host == "*") host = "127.0.0.1";
    if (host == "[::]") host = "[::1]";
    return fmt::format("{}://{}{}/", is_tls ? "https" : "http", host,
                       colon == std::string::npos ? "" : address.substr(colon));
}

/// "8081" of "127.0.0.1:8081" or "http://127.0.0.1:8081/"; "" when it names none.
std::string port_of(std::string_view address) {
    if (address.ends_with('/')) address.remove_suffix(1);
    const std::string_view port = address.substr(std::min(address.rfind(':'), address.size() - 1) + 1);
    return port == "0" || port.find_first_not_of("0123456789") != std::string_view::npos ? "" : std::string(port);
}

std::vector<probes::Duties::Late> late_jobs(Site& site) {
    return site.database->read([&](sys::Reader& db) {
        std::vector<probes::Duties::Late> late;
        for (const DutyState& one : list_troubled_duties(db, site.clock.now()))
            late.push_back({one.name, one.problem, one.due_at, one.was_given_up});
        return late;
    });
}

/// Since when a queue that keeps no times has not been seen empty.
class NeverEmpty {
  public:
    std::optional<Instant> look(const std::string& queue, std::int64_t waiting, Instant now) {
        const std::scoped_lock lock(mutex_);
        if (waiting == 0) {
            since_.erase(queue);
            return std::nullopt;
        }
        return since_.try_emplace(queue, now).first->second;
    }

  private:
    std::mutex mutex_;
    std::map<std::string, Instant> since_;
};

std::vector<probes::Duties::Queue> queues(Site& site, NeverEmpty& seen) {
    const Instant now = site.clock.now();
    return site.database->read([&](sys::Reader& db) {
        std::vector<probes::Duties::Queue> all;
        if (is_mail_on(site.settings)) {
            const mail::Counts counts = mail::count(db, now);
            all.push_back({"mail", "お知らせメール", counts.waiting, counts.failed, counts.oldest});
        }
        const auto dirty = static_cast<std::int64_t>(publish::take_dirty(db, kLongQueue).keys.size());
        all.push_back({"publish", "公開待ちの変更", dirty, 0, seen.look("publish", dirty, now)});
        const auto unplaced = static_cast<std::int64_t>(release::list_unplaced(db).size());
        all.push_back({"place", "配置待ちの公開版", unplaced, 0, seen.look("place", unplaced, now)});
        return all;
    });
}

}  // namespace

Served served_by(const settings::Settings& settings) {
    return {url_of(settings.public_site.address, !settings.public_site.tls_certificate.empty()),
            url_of(settings.office.address, false)};  // nginx ends TLS before it, at an address of its own
}

std::vector<std::string> standard_probe_lines(const settings::Settings& settings, const Served& served) {
    probes::Facts facts{served.public_url, served.office_url, settings.site.url, settings.folder, {}, {},
                        {"80", "443"}};
    for (const std::string& address :
         {settings.public_site.address, settings.office.address, settings.office.preview_address,
          settings.watch.address, settings.monitor.metrics_address, served.public_url, served.office_url})
        if (const std::string port = port_of(address); !port.empty()) facts.ports.push_back(port);
    for (const std::string& file : {settings.public_site.tls_certificate, settings.office.tls_certificate})
        if (!file.empty()) facts.certificates.push_back(settings.resolve(file).string());
    if (!served.public_url.empty() && !settings.public_site.access_log.empty())
        facts.access_logs.push_back(settings.resolve(settings.public_site.access_log).string());
    for (const std::string& file : settings.monitor.access_logs)
        facts.access_logs.push_back(settings.resolve(file).string());
    return probes::standard_lines(facts);
}

probes::Plans plan_probes(const settings::Settings& settings, const Served& served) {
    return probes::make_plans(standard_probe_lines(settings, served), settings.monitor.probes);
}

std::vector<std::string> probe_rules(const probes::Plans& plans) {
    std::vector<std::string> rules;
    for (const probes::Plan& plan : plans.plans)
        if (plan.is_on) {
            rules.push_back(probes::rule_of(plan, plans.plans));
            // A site that was stopped on purpose answers 503, and those on call are told of the stop already.
            if (plan.id == kPublicSite)
                rules.back() += fmt::format(" behind=watch:service.stopped:{}", part_name(Part::Public));
        }
    return rules;
}

probes::World probe_world(Site* site, const std::filesystem::path& folder, const base::Clock& clock) {
    probes::World world;
    world.clock = &clock;
    world.memory = folders_of(folder).run / "probes";
    world.is_stopped = [folders = folders_of(folder)] { return find_stop(folders, Part::Public).has_value(); };
    if (site == nullptr) return world;
    world.duties.backup = [site] { return backup_duty(site->settings, site->find_watch()); };
    world.duties.late_jobs = [site] { return late_jobs(*site); };
    world.duties.queues = [site, seen = std::make_shared<NeverEmpty>()] { return queues(*site, *seen); };
    world.duties.database = [site](bool is_thorough) {
        const sys::DatabaseHealth health = sys::look_at(*site->database, site->folders.site / "yakuba.db", is_thorough);
        return probes::Duties::Database{health.engine, health.problem, health.bytes, health.log_bytes,
                                        health.oldest_transaction_seconds};
    };
    return world;
}

void change_probe(Site& site, std::string_view id, std::string_view line, std::string_view version,
                  const people::By& by) {
    // As the file is now; the running program read it at its start.
    const settings::Settings now = settings::parse(load_settings_file(site).text);
    change_setting(
        site, "monitor.probes",
        probes::with_line(standard_probe_lines(site.settings, served_by(site.settings)), now.monitor.probes, id, line),
        version, by);
}

void note_probe_review(Site& site, std::string_view found, const people::By& by) {
    constexpr std::size_t kLongest = 2000;
    const std::string words(base::trim(found));
    if (words.empty()) throw base::Error(base::Kind::BadInput, "見直した結果を入れてください。");
    if (base::count_code_points(words) > kLongest)
        throw base::Error(base::Kind::BadInput, "見直した結果は2,000文字以内で入れてください。");
    site.database->write([&](sys::Transaction& tx) {
        ledger::append(tx, {by.at, by.text(), "monitor.review", "monitor:probes",
                            boost::json::serialize(boost::json::object{{"text", words}})});
    });
}

std::filesystem::path board_file(const std::filesystem::path& site) {
    return folders_of(site).run / "monitor.json";
}

struct ProbeDesk::State {
    const base::Clock& clock;
    Takers takers;
    std::filesystem::path board;
    nanoseconds board_written{-1h}, figures_given{0};
    bool is_board_stale = true;
    std::vector<signals::Signal> signals;  ///< of this turn
    std::vector<samples::Sample> figures;
    struct Told {
        nanoseconds at{0};
        int well_in_a_row = 0;
    };
    std::map<std::string, Told> told;
    settings::Settings settings;  ///< as the program runs with them; the probes' lines as the file has them now
    Served served;
    std::filesystem::path settings_file;
    std::optional<std::filesystem::file_time_type> settings_at;
    nanoseconds settings_seen{0};
    std::unique_ptr<probes::Runner> runner;  ///< last: its threads end first

    State(Site* site, const std::filesystem::path& folder, const settings::Settings& given_settings,
          const Served& given_served, const base::Clock& time, Takers given)
        : clock(time),
          takers(std::move(given)),
          board(board_file(folder)),
          figures_given(time.monotonic()),
          settings(given_settings),
          served(given_served),
          settings_file(folder / "yakuba.toml"),
          settings_at(changed_at()),
          settings_seen(time.monotonic()) {
        probes::Plans plans = plan_probes(settings, served);
        tell_plan(plans, last_board());
        runner = std::make_unique<probes::Runner>(std::move(plans.plans), probe_world(site, folder, clock),
                                                  [this](const probes::Result& result) { take(result); });
    }

    std::optional<std::filesystem::file_time_type> changed_at() const {
        std::error_code problem;
        const auto at = std::filesystem::last_write_time(settings_file, problem);
        return problem ? std::nullopt : std::optional(at);
    }

    /// Takes up lines that have been changed. A file that cannot be read is told of by the watch's desk.
    void follow_settings() {
        if (clock.monotonic() - settings_seen < kPlanRest) return;
        settings_seen = clock.monotonic();
        const auto at = changed_at();
        if (!at || at == settings_at) return;
        settings_at = at;
        settings::TextList lines;
        try {
            lines = settings::load(settings_file).monitor.probes;
        } catch (const base::Error& error) {
            sys::log(sys::Level::Error, "the probes go on as they were", {{"problem", error.message()}});
            return;
        }
        if (lines == settings.monitor.probes) return;
        settings.monitor.probes = std::move(lines);
        probes::Plans plans = plan_probes(settings, served);
        if (takers.rules) takers.rules(probe_rules(plans));
        std::vector<probes::Standing> before;
        for (const probes::Result& result : runner->results()) before.push_back(probes::standing_of(result));
        tell_plan(plans, before);
        told.clear();
        is_board_stale = true;
        runner->replan(std::move(plans.plans));
    }

    /// What is wrong with the lines, and the end of what is no longer looked at: nobody would ever say that it is well.
    void tell_plan(const probes::Plans& plans, const std::vector<probes::Standing>& before) {
        std::string problems;
        for (const probes::BadLine& bad : plans.bad)
            problems += fmt::format("「{}」は使えません。{}", bad.line, bad.problem);
        signals.push_back({.source = "probe",
                           .kind = "settings",
                           .subject = "monitor.probes",
                           .state = plans.bad.empty() ? signals::State::Clear : signals::State::Raise,
                           .severity = signals::Severity::Minor,
                           .observed_at = clock.now(),
                           .text = problems.empty() ? "監視の設定は、すべて使えます。" : "監視の設定：" + problems});
        for (const probes::Plan& plan : plans.plans)
            if (!plan.is_on)
                signals.push_back({.source = "probe",
                                   .kind = std::string(plan.kind->id),
                                   .subject = plan.id,
                                   .state = signals::State::Clear,
                                   .severity = signals::Severity::Note,
                                   .observed_at = clock.now(),
                                   .text = fmt::format("{}：監視しない設定になりました。", plan.title)});
        for (const probes::Standing& gone : before)
            if (std::none_of(plans.plans.begin(), plans.plans.end(), [&](const probes::Plan& plan) {
                    return plan.id == gone.id && plan.kind->id == gone.kind;
                }))
                signals.push_back({.source = "probe",
                                   .kind = gone.kind,
                                   .subject = gone.id,
                                   .state = signals::State::Clear,
                                   .severity = signals::Severity::Note,
                                   .observed_at = clock.now(),
                                   .text = fmt::format("{}：監視の設定から外れました。", gone.title)});
    }

    /// What the run before looked at.
    std::vector<probes::Standing> last_board() const {
        try {
            if (auto before = probes::find_board(board)) return std::move(before->standings);
        } catch (const base::Error&) {
            // A damaged board is written anew; what stood on it is not known.
        }
        return {};
    }

    void take(const probes::Result& result) {
        is_board_stale = is_board_stale || result.has_changed;
        for (const probes::Sample& sample : result.reading.samples)
            if (figures.size() < kMostFigures)
                figures.push_back(
                    {fmt::format("{}.{}", result.plan->kind->id, sample.name), result.id, result.at, sample.value});
        // Every reading counts while something is wrong or has just been; a steady one is a sign of life.
        Told& last = told[result.id];
        last.well_in_a_row = is_well(result.reading.state) ? last.well_in_a_row + 1 : 0;
        const bool is_steady = last.well_in_a_row > result.plan->rhythm.clear + 1;
        if (is_steady && clock.monotonic() - last.at < kSteadyRest) return;
        last.at = clock.monotonic();
        signals.push_back(probes::signal_of(result));
    }

    void hand_on() {
        if (!signals.empty()) takers.signals(signals);
        signals.clear();
        const nanoseconds now = clock.monotonic();
        if (now - figures_given < kFigureRest) return;
        figures_given = now;
        if (takers.samples && !figures.empty()) takers.samples(figures);
        figures.clear();
    }

    void write_board() {
        const nanoseconds now = clock.monotonic();
        if (!is_board_stale && now - board_written < kBoardRest) return;
        probes::Board shown{clock.now(), {}};
        for (const probes::Result& result : runner->results()) shown.standings.push_back(probes::standing_of(result));
        board_written = now;
        is_board_stale = false;
        probes::write_board(board, shown);
    }
};

ProbeDesk::ProbeDesk(Site* site, const std::filesystem::path& folder, const settings::Settings& settings,
                     const Served& served, const base::Clock& clock, Takers takers)
    : state_(std::make_unique<State>(site, folder, settings, served, clock, std::move(takers))) {}

ProbeDesk::~ProbeDesk() = default;

std::chrono::milliseconds ProbeDesk::turn() {
    state_->follow_settings();
    const auto rest = state_->runner->turn();
    try {
        state_->write_board();
    } catch (const base::Error& error) {
        // A full disk must not keep the signal of the full disk from being told.
        sys::log(sys::Level::Error, "the board of the probes cannot be written", {{"problem", error.message()}});
    }
    state_->hand_on();
    return rest;
}

}  // namespace flow
