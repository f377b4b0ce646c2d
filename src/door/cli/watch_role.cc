#include "door/cli/watch_role.h"

#include "door/metrics/metrics_server.h"
#include "door/watch/desk_form.h"
#include "door/watch/intake_server.h"
#include "flow/answer_backups.h"
#include "flow/cutover_watch.h"
#include "flow/keep_logs.h"
#include "flow/watch_advisories.h"
#include "flow/watch_backup.h"
#include "flow/watch_contract.h"
#include "flow/watch_desk.h"
#include "flow/watch_helpdesk.h"
#include "flow/watch_intrusion.h"
#include "flow/watch_outside.h"
#include "flow/watch_scanners.h"
#include "flow/watch_work.h"
#include "ground/jobs/loop.h"

namespace cli {

using namespace std::chrono_literals;

struct WatchRole::State {
    State(flow::Site* site, const std::filesystem::path& folder, const settings::Settings& settings,
          const flow::Served& served, const base::Clock& clock)
        : own(site == nullptr ? flow::open_watch(flow::folders_of(folder)) : nullptr),
          desk(site == nullptr ? *own : site->watch(), flow::folders_of(folder), settings, clock,
               flow::probe_rules(flow::plan_probes(settings, served))),
          probes(site, folder, settings, served, clock, takers()),
          cutover(site == nullptr ? *own : site->watch(), flow::folders_of(folder), settings, clock, takers().signals),
          logs(site, site == nullptr ? *own : site->watch(), folder, settings, clock, takers().signals),
          contract(site, site == nullptr ? *own : site->watch(), folder, settings, clock, takers().signals),
          work(site, site == nullptr ? *own : site->watch(), clock, takers().signals) {}

    flow::ProbeDesk::Takers takers() {
        return {[this](std::span<const signals::Signal> all) { desk.take(all); },
                [this](std::span<const samples::Sample> all) { desk.add_samples(all); },
                [this](std::vector<std::string> rules) { desk.set_rules(std::move(rules)); }};
    }

    std::unique_ptr<sys::Database> own;
    flow::WatchDesk desk;
    flow::ProbeDesk probes;
    flow::CutoverDesk cutover;
    flow::LogDesk logs;
    flow::ContractDesk contract;
    std::unique_ptr<flow::HelpdeskDesk> helpdesk;
    flow::WorkDesk work;
    std::unique_ptr<flow::AdvisoryDesk> advisories;  ///< none without the office's database
    std::unique_ptr<flow::IntrusionDesk> intrusion;  ///< none when it is switched off
    std::unique_ptr<flow::OutsideDesk> outside;      ///< none when no server is named
    std::unique_ptr<flow::ScannerDesk> scanners;     ///< none when no scanner is named
    std::unique_ptr<flow::BackupDesk> backups;
    std::unique_ptr<flow::BackupAnswers> answers;
    std::unique_ptr<door::IntakeServer> intake;
    std::unique_ptr<door::MetricsServer> metrics;
    std::unique_ptr<door::DeskForm> form;            ///< none when no address is set
    std::vector<std::unique_ptr<jobs::Loop>> loops;  // end before what they work on
};

WatchRole::WatchRole(flow::Site* site, const std::filesystem::path& folder, const settings::Settings& settings,
                     const flow::Served& served, const base::Clock& clock)
    : state_(std::make_unique<State>(site, folder, settings, served, clock)) {
    State& state = *state_;
    if (!settings.watch.address.empty()) {
        state.intake = std::make_unique<door::IntakeServer>(state.desk, settings, clock);
        state.intake->start();
    }
    if (!settings.helpdesk.form_address.empty()) {
        state.form = std::make_unique<door::DeskForm>(folder, settings, clock);
        state.form->start();
    }
    if (!settings.monitor.metrics_address.empty()) {
        state.metrics = std::make_unique<door::MetricsServer>(folder, settings, clock);
        state.metrics->start();
    }
    if (settings.intrusion.watch)
        state.intrusion = std::make_unique<flow::IntrusionDesk>(
            site, folder, settings, !served.public_url.empty(), clock,
            [&state](std::span<const signals::Signal> all) { state.desk.take(all); }, round());
    const auto take_all = [&state](std::span<const signals::Signal> all) { state.desk.take(all); };
    state.outside = flow::OutsideDesk::open(folder, settings, clock, take_all, round());
    state.scanners = flow::ScannerDesk::open(folder, settings, clock, take_all, round());
    state.helpdesk = std::make_unique<flow::HelpdeskDesk>(site, flow::folders_of(folder), clock, settings, take_all);
    if (site != nullptr) state.advisories = std::make_unique<flow::AdvisoryDesk>(*site, take_all);
    const auto add = [&](std::string name, jobs::Loop::Turn turn) {
        state.loops.push_back(std::make_unique<jobs::Loop>(std::move(name), std::move(turn)));
    };
    add("watch", [&state](const std::stop_token&) { return state.desk.turn(); });
    add("probes", [&state](const std::stop_token&) { return state.probes.turn(); });
    if (state.intrusion) add("intrusion", [&state](const std::stop_token&) { return state.intrusion->turn(); });
    add("logs",
        [&state](const std::stop_token& stop) { return state.logs.turn([&] { return stop.stop_requested(); }); });
    add("log exports", [&state](const std::stop_token& stop) {
        return state.logs.make_exports([&] { return stop.stop_requested(); });
    });
    add("messenger", [&state](const std::stop_token& stop) {
        state.desk.deliver([&] { return stop.stop_requested(); });
        return 1000ms;
    });
    add("cutover",
        [&state](const std::stop_token& stop) { return state.cutover.turn([&] { return stop.stop_requested(); }); });
    add("work", [&state](const std::stop_token&) { return state.work.turn(); });
    add("contract", [&state](const std::stop_token&) { return state.contract.turn(); });
    add("helpdesk", [&state](const std::stop_token&) { return state.helpdesk->turn(); });
    if (state.advisories)
        add("advisories", [&state](const std::stop_token& stop) {
            return state.advisories->turn([&] { return stop.stop_requested(); });
        });
    if (state.outside) add("outside", [&state](const std::stop_token&) { return state.outside->turn(); });
    if (state.scanners)
        add("scanners", [&state](const std::stop_token& stop) {
            return state.scanners->turn([&] { return stop.stop_requested(); });
        });
    state.backups = flow::BackupDesk::open(folder, settings, clock, state.own ? *state.own : site->watch(),
                                           YAKUBA_VERSION, take_all);
    add("backups",
        [&state](const std::stop_token& stop) { return state.backups->turn([&] { return stop.stop_requested(); }); });
    state.answers = std::make_unique<flow::BackupAnswers>(
        site, folder, settings, clock, state.own ? *state.own : site->watch(), YAKUBA_VERSION, take_all);
    add("backup requests",
        [&state](const std::stop_token& stop) { return state.answers->turn([&] { return stop.stop_requested(); }); });
    add("sign of life", [&state](const std::stop_token&) { return state.desk.ping(); });
}

WatchRole::~WatchRole() {
    ask_to_stop();
    if (state_->intake) state_->intake->stop();
    if (state_->metrics) state_->metrics->stop();
}

signals::Take WatchRole::take() {
    return [this](signals::Signal signal) { state_->desk.take_now(std::span(&signal, 1)); };
}

signals::TakeRound WatchRole::round() {
    return [this](const signals::Round& round) { state_->desk.add_round(round); };
}

std::optional<std::string> WatchRole::intake_url() const {
    if (!state_->intake) return std::nullopt;
    return state_->intake->url();
}

std::optional<std::string> WatchRole::metrics_url() const {
    if (!state_->metrics) return std::nullopt;
    return state_->metrics->url();
}

void WatchRole::ask_to_stop() {
    for (const auto& loop : state_->loops) loop->ask_to_stop();
}

}  // namespace cli
