#include "flow/watch_intrusion.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
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
constexpr auto kRotation = 60s;  // for which a log may be away between its old and its new file
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

/// A followed log whose place survives a restart, and that is missed once it has been there.
struct Followed {
    std::filesystem::path file, note;
    logs::Follower follower;
    std::string_view kind;
    std::string subject, name;   ///< of the signal; what it is to people
    bool must_be_there = false;  ///< it was read once, now or before the restart
    std::optional<bool> is_missing = {};
    std::optional<std::chrono::nanoseconds> gone_since = {};

    Followed(const std::filesystem::path& path, const std::filesystem::path& memory, std::string_view of_kind,
             std::string about, std::string called)
        : file(path),
          note(memory / sys::sha256(file.string()).hex().substr(0, 16)),
          follower(file, sys::find_file(note, 4096).value_or("")),
          kind(of_kind),
          subject(std::move(about)),
          name(std::move(called)) {
        must_be_there = !follower.position().starts_with("0 0 ");  // no device, no inode: never read
    }

    /// What is to be told, after a turn, of the log's being there. It may be gone for a moment while it is rotated.
    std::optional<signals::Signal> judge(bool was_unreadable, const base::Clock& clock) {
        const bool is_gone = was_unreadable || ::access(file.c_str(), R_OK) != 0;
        if (is_gone && !must_be_there) return std::nullopt;
        must_be_there = true;
        if (!is_gone) gone_since.reset();
        if (is_gone && !gone_since) gone_since = clock.monotonic();
        const bool is_missed = is_gone && (!is_missing.has_value() || clock.monotonic() - *gone_since >= kRotation);
        if ((is_gone && !is_missed) || is_missing == is_missed) return std::nullopt;
        is_missing = is_missed;
        return signals::Signal{.source = "intrusion",
                               .kind = std::string(kind),
                               .subject = subject,
                               .state = is_missed ? signals::State::Raise : signals::State::Clear,
                               .observed_at = clock.now(),
                               .text = is_missed ? fmt::format("{}を読めないため、攻撃の有無を確かめられません。", name)
                                                 : fmt::format("{}を読めるようになりました。", name)};
    }
    void keep() const {
        if (must_be_there) sys::write_file(note, follower.position(), sys::Durability::Later, 0640);
    }
};

}  // namespace

struct IntrusionDesk::State {
    Site* site;
    const base::Clock& clock;
    Take take;
    signals::TakeRound round;
    std::vector<signals::Signal> told;  ///< of this turn
    intrusion::Crawlers crawlers;
    intrusion::AccessWatch access;
    intrusion::SignInWatch sign_ins;
    intrusion::KernelWatch kernel;
    intrusion::Blocker blocker;
    std::vector<Followed> access_logs;
    std::unique_ptr<Followed> eve;
    std::int64_t ledger_seen = -1;
    std::chrono::nanoseconds kernel_at{-1h}, kept_at{0};

    State(Site* given, const std::filesystem::path& folder, const settings::Settings& settings, bool has_public_server,
          const base::Clock& time, Take taker, signals::TakeRound rounds)
        : site(given),
          clock(time),
          take(std::move(taker)),
          round(std::move(rounds)),
          crawlers(intrusion::system_names(), time),
          access(limits_of(settings), allowed_of(settings), note(), &time),
          sign_ins({}, note()),
          kernel({},
                 networks_of({&settings.office.town_hall_networks, &settings.intrusion.allowed_networks,
                              &settings.public_site.trusted_proxies}),
                 "/proc", note()),
          blocker(blocking_of(settings), note()) {
        const auto memory = folders_of(folder).run / "intrusion";
        sys::make_folders(memory, 0750);
        const auto follow = [&](const std::string& name) {
            const std::string file = base::to_valid_utf8(settings.resolve(name).string());
            access_logs.emplace_back(settings.resolve(name), memory, "access-log.missing", file,
                                     fmt::format("アクセスログ{}", file));
        };
        if (has_public_server && !settings.public_site.access_log.empty()) follow(settings.public_site.access_log);
        for (const std::string& file : settings.monitor.access_logs) {
            follow(file);
            access_logs.back().must_be_there = true;  // somebody said that it is there
        }
        if (settings.intrusion.eve_log.empty()) return;
        eve = std::make_unique<Followed>(settings.resolve(settings.intrusion.eve_log), memory, "suricata.missing",
                                         "Suricata", "Suricataの記録（EVEログ）");
        if (settings.intrusion.eve_log != settings::Settings::Intrusion{}.eve_log) eve->must_be_there = true;
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
        std::int64_t lines = 0;
        for (Followed& log : access_logs) {
            const auto turn = log.follower.read([&](std::string_view line) {
                const auto seen = logs::read_access_line(line);
                if (!seen) return;
                access.see(*seen);
                ++lines;
            });
            if (auto news = log.judge(turn.is_missing, clock)) told.push_back(std::move(*news));
        }
        if (round && lines > 0) round({"intrusion", clock.now(), 0, lines, 0});
    }

    void read_eve() {
        if (!eve) return;
        const auto turn = eve->follower.read([&](std::string_view line) {
            if (const auto alert = intrusion::read_eve_line(line)) told.push_back(intrusion::signal_of(*alert));
        });
        if (auto news = eve->judge(turn.is_missing, clock)) told.push_back(std::move(*news));
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
                             bool has_public_server, const base::Clock& clock, Take take, signals::TakeRound round)
    : state_(std::make_unique<State>(site, folder, settings, has_public_server, clock, std::move(take),
                                     std::move(round))) {}

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
