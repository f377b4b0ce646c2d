#include "flow/watch_intrusion.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/people/networks.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "watch/intrusion/access_watch.h"
#include "watch/intrusion/block.h"
#include "watch/intrusion/crawlers.h"
#include "watch/intrusion/eve.h"
#include "watch/intrusion/kernel_watch.h"
#include "watch/intrusion/sign_in_watch.h"
#include "watch/logs/follow.h"

namespace flow {

namespace {

using namespace std::chrono_literals;
using base::Error;

constexpr auto kKernelRest = 5s;
constexpr auto kKeepRest = 10s;  // between two notes of where the logs were read to
constexpr int kMostLines = 200;  // of the ledger at once
constexpr int kMostPages = 50;

std::vector<people::Network> networks_of(std::initializer_list<const settings::TextList*> lists) {
    std::vector<people::Network> networks;
    for (const settings::TextList* list : lists)
        for (const std::string& text : *list)
            if (const auto network = people::parse_network(text)) networks.push_back(*network);
    return networks;
}

/// A followed log whose place survives a restart.
struct Followed {
    std::filesystem::path note;
    logs::Follower follower;

    Followed(const std::filesystem::path& file, const std::filesystem::path& memory)
        : note(memory / sys::sha256(file.string()).hex().substr(0, 16)),
          follower(file, sys::find_file(note, 4096).value_or("")) {}
    void keep() const { sys::write_file(note, follower.position(), sys::Durability::Later, 0640); }
};

}  // namespace

struct IntrusionDesk::State {
    Site* site;
    const base::Clock& clock;
    Take take;
    std::vector<signals::Signal> told;  ///< of this turn
    intrusion::Crawlers crawlers{intrusion::system_names()};
    intrusion::AccessWatch access;
    intrusion::SignInWatch sign_ins;
    intrusion::KernelWatch kernel;
    intrusion::Blocker blocker;
    std::vector<Followed> access_logs;
    std::unique_ptr<Followed> eve;
    bool must_have_eve = false;  ///< it has been there, or the settings name another than the usual place
    bool is_eve_missing = false;
    std::int64_t ledger_seen = -1;
    std::chrono::nanoseconds kernel_at{-1h}, kept_at{0};

    State(Site* given, const std::filesystem::path& folder, const settings::Settings& settings, bool has_public_server,
          const base::Clock& time, Take taker)
        : site(given),
          clock(time),
          take(std::move(taker)),
          access(limits_of(settings), allowed_of(settings), note()),
          sign_ins({}, note()),
          kernel({},
                 networks_of({&settings.office.town_hall_networks, &settings.intrusion.allowed_networks,
                              &settings.public_site.trusted_proxies}),
                 "/proc", note()),
          blocker(blocking_of(settings), note()) {
        const auto memory = folders_of(folder).run / "intrusion";
        sys::make_folders(memory, 0750);
        const auto follow = [&](const std::string& file) { access_logs.emplace_back(settings.resolve(file), memory); };
        if (has_public_server && !settings.public_site.access_log.empty()) follow(settings.public_site.access_log);
        for (const std::string& file : settings.monitor.access_logs) follow(file);
        must_have_eve = settings.intrusion.eve_log != settings::Settings::Intrusion{}.eve_log;
        if (!settings.intrusion.eve_log.empty())
            eve = std::make_unique<Followed>(settings.resolve(settings.intrusion.eve_log), memory);
    }

    signals::Take note() {
        return [this](signals::Signal signal) { told.push_back(std::move(signal)); };
    }

    static intrusion::AccessLimits limits_of(const settings::Settings& settings) {
        intrusion::AccessLimits limits;
        limits.requests_per_minute = static_cast<double>(settings.intrusion.requests_per_minute);
        return limits;
    }

    intrusion::Allowed allowed_of(const settings::Settings& settings) {
        return {networks_of({&settings.office.town_hall_networks, &settings.intrusion.allowed_networks}),
                networks_of({&settings.public_site.trusted_proxies, &settings.office.trusted_proxies}),
                [this](const people::Address& address, std::string_view agent) {
                    return crawlers.is_verified(address, agent);
                }};
    }

    static intrusion::Blocker::Options blocking_of(const settings::Settings& settings) {
        intrusion::Blocker::Options options;
        options.mode = intrusion::find_blocking(settings.intrusion.block);
        options.span = std::chrono::minutes(settings.intrusion.block_minutes);
        options.never = networks_of({&settings.office.town_hall_networks, &settings.intrusion.allowed_networks,
                                     &settings.public_site.trusted_proxies, &settings.office.trusted_proxies});
        return options;
    }

    void read_access_logs() {
        for (Followed& log : access_logs)
            log.follower.read([&](std::string_view line) {
                if (const auto seen = logs::read_access_line(line)) access.see(*seen);
            });
    }

    void read_eve() {
        if (!eve) return;
        const auto turn = eve->follower.read([&](std::string_view line) {
            if (const auto alert = intrusion::read_eve_line(line)) told.push_back(intrusion::signal_of(*alert));
        });
        if (turn.is_missing && !must_have_eve) return;
        must_have_eve = true;
        if (turn.is_missing == is_eve_missing) return;
        is_eve_missing = turn.is_missing;
        told.push_back({.source = "intrusion",
                        .kind = "suricata.missing",
                        .subject = "Suricata",
                        .state = is_eve_missing ? signals::State::Raise : signals::State::Clear,
                        .observed_at = clock.now(),
                        .text = is_eve_missing
                                    ? "Suricataの記録（EVEログ）を読めないため、侵入検知の結果がわかりません。"
                                    : "Suricataの記録（EVEログ）を読めるようになりました。"});
    }

    void read_sign_ins() {
        if (site == nullptr) return;
        std::vector<ledger::Line> lines;  // newest first
        site->database->read([&](sys::Reader& db) {
            if (ledger_seen < 0) ledger_seen = ledger::load_head(db).sequence;
            ledger::Search search;
            search.act = "person";
            search.limit = kMostLines;
            for (int page = 0; page < kMostPages; ++page) {
                const auto found = ledger::find_lines(db, search);
                for (const ledger::Line& line : found)
                    if (line.sequence > ledger_seen) lines.push_back(line);
                if (static_cast<int>(found.size()) < kMostLines || found.back().sequence <= ledger_seen) break;
                search.before = found.back().sequence;
            }
        });
        for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
            ledger_seen = std::max(ledger_seen, line->sequence);
            const bool is_success = line->entry.act == "person.sign-in";
            if (!is_success && line->entry.act != "person.sign-in-refused") continue;
            boost::system::error_code problem;
            const boost::json::value detail = boost::json::parse(line->entry.detail, problem);
            const auto* fields = problem ? nullptr : detail.if_object();
            const auto* address = fields ? fields->if_contains("address") : nullptr;
            if (address == nullptr || !address->is_string()) continue;
            sign_ins.see({line->entry.at, std::string(address->get_string()), line->entry.subject, is_success});
        }
    }

    void hand_on() {
        const base::Instant now = clock.now();
        // What the blocker tells is added while it looks; it never answers its own.
        const std::size_t seen = told.size();
        for (std::size_t at = 0; at < seen; ++at) {
            const signals::Signal signal = told[at];
            blocker.see(signal, now);
        }
        if (!told.empty()) take(told);
        told.clear();
        if (clock.monotonic() - kept_at < kKeepRest) return;
        kept_at = clock.monotonic();
        for (const Followed& log : access_logs) log.keep();
        if (eve) eve->keep();
    }
};

IntrusionDesk::IntrusionDesk(Site* site, const std::filesystem::path& folder, const settings::Settings& settings,
                             bool has_public_server, const base::Clock& clock, Take take)
    : state_(std::make_unique<State>(site, folder, settings, has_public_server, clock, std::move(take))) {}

IntrusionDesk::~IntrusionDesk() = default;

std::chrono::milliseconds IntrusionDesk::turn() {
    State& state = *state_;
    state.read_access_logs();
    state.read_eve();
    if (state.clock.monotonic() - state.kernel_at >= kKernelRest) {
        state.kernel_at = state.clock.monotonic();
        state.kernel.look(state.clock.now());
    }
    try {
        state.read_sign_ins();
    } catch (...) {
        state.hand_on();
        throw;
    }
    state.hand_on();
    return 1000ms;
}

}  // namespace flow
