// Runs the site: all roles in one process, or one of them. Each role is a loop that ends when the process is told to;
// what one turn of it throws never ends the process (ground/jobs/loop.h).

#include <boost/json.hpp>
#include <malloc.h>

#include "door/cli/command.h"
#include "door/cli/watch_role.h"
#include "door/public/public_server.h"
#include "door/web/office.h"
#include "flow/activate_due.h"
#include "flow/edit_page.h"
#include "flow/fetch_news.h"
#include "flow/guard_site.h"
#include "flow/host_training.h"
#include "flow/init_demo.h"
#include "flow/keep_logs.h"
#include "flow/keep_nginx_config.h"
#include "flow/make_variants.h"
#include "flow/notify.h"
#include "flow/object_copies.h"
#include "flow/publish_site.h"
#include "flow/read_back.h"
#include "flow/spool_question.h"
#include "flow/stop_service.h"
#include "flow/switch_site.h"
#include "flow/take_desk_mail.h"
#include "flow/timetable.h"
#include "flow/training_site.h"
#include "flow/upgrade_site.h"
#include "flow/watch_outside.h"
#include "flow/watch_silence.h"
#include "ground/base/error.h"
#include "ground/jobs/loop.h"
#include "ground/release/store.h"
#include "ground/sys/log.h"
#include "ground/sys/log_copy.h"
#include "press/publish/queue.h"
#include "watch/logs/access_log.h"

namespace cli {

namespace {

using namespace std::chrono_literals;

constexpr auto kSiteAgain = 3s;      // between two tries to open what could not be opened at the start
constexpr auto kTrimRest = 10s;      // between two times of giving back memory that is free
constexpr auto kStopPatience = 20s;  // then the next start finishes what is under way

/// Publishes what becomes due and renews the signed head each minute.
class PressTurn {
  public:
    explicit PressTurn(flow::Site& site) : site_(site), variants_(site), nginx_(site) {}

    std::chrono::milliseconds operator()() {
        if (!press_) {
            press_ = flow::Press::find(site_);
            if (!press_) return 100ms;  // a `site publish` holds the lock for a moment
            press_->finish_interrupted();
        }
        auto rest = 30ms;
        if (is_due()) {
            press_->publish({false, {}, "service:press"});
            if (is_due()) rest = 1000ms;  // more came meanwhile, or what cannot be done waits: never spin
        } else {
            nginx_.work();
            variants_.work(50ms);
        }
        if (site_.clock.monotonic() - head_renewed_ > 1min) {
            press_->finish_interrupted();  // also what waits for an object that was missing
            press_->renew_head();
            flow::refresh_requests(site_);  // people, absences and the day change: who is asked does too
            head_renewed_ = site_.clock.monotonic();
        }
        return rest;
    }

  private:
    bool is_due() {
        return site_.database->read([&](sys::Reader& db) {
            const auto has_come = [&](const std::optional<base::Instant>& at) {
                return at && *at <= site_.clock.now();
            };
            return publish::is_anything_dirty(db) || has_come(publish::next_change(db)) ||
                   has_come(flow::next_activation(db));
        });
    }

    flow::Site& site_;
    std::unique_ptr<flow::Press> press_;
    flow::VariantMaker variants_;
    flow::NginxConfigKeeper nginx_;
    std::chrono::nanoseconds head_renewed_ = site_.clock.monotonic() - 1h;
};

/// Makes notices of what happens, and does the jobs of the timetable.
class ClerkTurn {
  public:
    ClerkTurn(flow::Site& site, const std::stop_token& stop)
        : site_(site), stop_(stop), runner_(*site.database, site.clock, flow::timetable(site, is_stopped())) {
        runner_.plan();
    }

    std::chrono::milliseconds operator()() {
        flow::record_stops(site_);
        flow::gather_notices(site_);
        if (site_.clock.monotonic() - requests_seen_ > 1min) {
            flow::gather_requests(site_);
            flow::record_watch_silence(site_, began_at_);
            requests_seen_ = site_.clock.monotonic();
        }
        flow::write_letters(site_);
        if (const auto due = runner_.next_due(); due && *due <= site_.clock.now())
            for (const jobs::Receipt& receipt : runner_.run_due(is_stopped()))
                if (!receipt.error.empty())
                    sys::log(sys::Level::Error, "a job failed",
                             {{"job", receipt.key},
                              {"attempt", std::to_string(receipt.attempt)},
                              {"problem", receipt.error}});
        return 1000ms;
    }

  private:
    std::function<bool()> is_stopped() const {
        return [stop = stop_] { return stop.stop_requested(); };
    }

    flow::Site& site_;
    std::stop_token stop_;
    jobs::Runner runner_;
    const base::Instant began_at_ = site_.clock.now();
    std::chrono::nanoseconds requests_seen_ = site_.clock.monotonic() - 1h;
};

/// A turn whose object is made on the first call, on the loop's own thread: what fails there is tried again too.
template <class Made>
jobs::Loop::Turn made_at_first(std::function<std::unique_ptr<Made>(const std::stop_token&)> make) {
    return [make = std::move(make), made = std::shared_ptr<Made>()](const std::stop_token& stop) mutable {
        if (!made) made = make(stop);
        return (*made)();
    };
}

/// Whether `site_url`, on this machine as it comes from `site init`, leads elsewhere than to the server at `url`. A
/// name in the internet, which a proxy brings here, is no mistake.
bool is_other_place(std::string_view site_url, std::string_view url) {
    const bool is_local = site_url.starts_with("http://127.") || site_url.starts_with("http://localhost");
    return is_local && site_url != std::string(url) + "/";
}

/// Watches the document root; what it sees goes to the watch's desk, and to the log.
std::unique_ptr<flow::SiteGuard> start_guard(const Invocation& invocation, const settings::Settings& settings,
                                             signals::Take take, signals::TakeRound round) {
    const auto tell = [take = std::move(take)](const signals::Signal& signal) {
        take(signal);
        sys::log(signal.state == signals::State::Raise ? sys::Level::Error : sys::Level::Info, "the guard tells",
                 {{"kind", signal.kind},
                  {"state", std::string(signals::state_id(signal.state))},
                  {"severity", std::string(signals::severity_id(signal.severity))},
                  {"subject", signal.subject},
                  {"text", signal.text},
                  {"payload", signal.payload}});
    };
    flow::GuardOptions options{settings.guard};
    options.areas = flow::list_areas(settings);
    options.round = std::move(round);
    options.sources = flow::object_sources(flow::folders_of(std::filesystem::absolute(invocation.site())), settings,
                                           invocation.clock());
    return std::make_unique<flow::SiteGuard>(invocation.site(), std::move(options), invocation.clock(), tell);
}

/// The watch goes on watching when the office's database is away.
std::unique_ptr<flow::Site> find_site(const Invocation& invocation) {
    try {
        return flow::Site::open(invocation.site(), invocation.clock());
    } catch (const base::Error& error) {
        sys::log(sys::Level::Error, "the watch works without the office's database", {{"problem", error.message()}});
        return nullptr;
    }
}

/// The program's own log, also in a file that the log archive keeps: one for each role, since each may be a process.
class KeptLog {
  public:
    KeptLog(const std::filesystem::path& site, std::string_view role)
        : file_({.file = flow::system_log_file(flow::folders_of(std::filesystem::absolute(site)), role)}) {
        sys::copy_log_to([this](std::string_view line) { file_.add_line(line); });
    }
    ~KeptLog() { sys::copy_log_to(nullptr); }
    KeptLog(const KeptLog&) = delete;
    KeptLog& operator=(const KeptLog&) = delete;

  private:
    logs::AccessLog file_;
};

int run(const Invocation& invocation) {
    // Some thirty threads that mostly wait: by default each would get an arena, and keep what it once used (at 10,000
    // pages 111 MB at rest, where two arenas that give back what is free need 60).
    ::mallopt(M_ARENA_MAX, 2);
    const std::string role = invocation.has("--role") ? invocation.text("--role") : "all";
    const bool is_training = role == "training";
    const bool is_all = role == "all" || is_training;
    if (!is_all && role != "office" && role != "press" && role != "placer" && role != "public" && role != "watch")
        throw base::Error(
            base::Kind::BadInput,
            fmt::format("there is no role {}; the roles are all, office, press, placer, public, watch, training",
                        role));
    std::optional<sys::FileLock> serving;  // no restored site takes this one's place meanwhile
    if (role != "public" && role != "placer") {
        flow::need_no_upgrade(invocation.site());  // before anything is opened
        serving = flow::hold_serving(invocation.site(), role);
        flow::need_no_upgrade(invocation.site());  // and with the lock, which an upgrade looks at
        flow::finish_switch(invocation.site(), invocation.clock());
    }
    const KeptLog kept_log(invocation.site(), role);
    settings::Settings settings = settings::load(invocation.site() / "yakuba.toml");
    if (is_training && !flow::is_training(invocation.site()))
        throw base::Error(base::Kind::BadInput, "this is no training site; `yakuba training open` makes one");
    if (invocation.has("--public")) settings.public_site.address = invocation.text("--public");
    if (invocation.has("--office")) settings.office.address = invocation.text("--office");
    if (invocation.has("--preview")) settings.office.preview_address = invocation.text("--preview");
    const std::string configured_url = settings.site.url;
    const std::array addresses_asked{settings.public_site.address, settings.office.address,
                                     settings.office.preview_address};
    flow::check_demo_addresses(invocation.site(), addresses_asked);

    jobs::StopLimit limit;  // outlives all that has to stop
    std::unique_ptr<flow::PlacerService> placer;
    if (is_all || role == "placer") placer = std::make_unique<flow::PlacerService>(invocation.site());
    std::unique_ptr<door::PublicServer> server;
    boost::json::object addresses;
    if (is_all || role == "public") {
        server = std::make_unique<door::PublicServer>(invocation.site(), settings);
        server->start();
        addresses["public"] = server->url() + "/";
        if (invocation.has("--public"))
            settings.site.url = server->url() + "/";  // where the office's links to the public site lead
    }
    std::unique_ptr<flow::Site> site;
    std::unique_ptr<web::OfficeServer> office;
    std::vector<std::unique_ptr<jobs::Loop>> loops;  // end, and are waited for, however this function ends
    std::unique_ptr<WatchRole> watch;
    std::unique_ptr<flow::SiteGuard> guard;  // ends before the desk to which it speaks
    if (is_all || role == "office" || role == "press") site = flow::Site::open(invocation.site(), invocation.clock());
    if (is_all || role == "office") {
        office = std::make_unique<web::OfficeServer>(*site, settings);
        office->start();
        addresses["office"] = office->url() + "/";
        addresses["preview"] = office->preview_url() + "/";
    }
    if (is_all || role == "office") {
        loops.push_back(
            std::make_unique<jobs::Loop>("clerk", made_at_first<ClerkTurn>([&](const std::stop_token& stop) {
                                             return std::make_unique<ClerkTurn>(*site, stop);
                                         })));
        if (!is_training)
            loops.push_back(std::make_unique<jobs::Loop>(
                "training", [host = flow::TrainingHost(*site, std::filesystem::read_symlink("/proc/self/exe"))](
                                const std::stop_token& stop) mutable { return host.turn(stop); }));
        // Apart from the clerk, who waits for no other server.
        if (!is_training)
            loops.push_back(std::make_unique<jobs::Loop>("news", [&](const std::stop_token& stop) {
                return flow::fetch_news(*site, [&] { return stop.stop_requested(); }) ? 1000ms : 600'000ms;
            }));
        // The same, who never waits for a slow mail server.
        loops.push_back(std::make_unique<jobs::Loop>("postman", [&](const std::stop_token& stop) {
            const flow::Mailed mailed = flow::send_letters(*site, [&] { return stop.stop_requested(); });
            return mailed.later > 0 ? 30'000ms : 1000ms;
        }));
        loops.push_back(std::make_unique<jobs::Loop>("desk form", [&](const std::stop_token&) {
            flow::take_spooled(*site);
            return 5000ms;
        }));
        loops.push_back(std::make_unique<jobs::Loop>("desk mail", [&](const std::stop_token& stop) {
            flow::fetch_desk_mail(*site, [&] { return stop.stop_requested(); });
            return std::chrono::milliseconds(std::chrono::seconds(site->settings.helpdesk.fetch_seconds));
        }));
    }
    if (is_all || role == "press") {
        const std::string public_url = server ? server->url() + "/" : settings.site.url;
        loops.push_back(std::make_unique<jobs::Loop>("press", made_at_first<PressTurn>([&](const std::stop_token&) {
                                                         return std::make_unique<PressTurn>(*site);
                                                     })));
        // Apart from the press, which never waits for a slow server.
        if (settings.publish.readback)
            loops.push_back(std::make_unique<jobs::Loop>("read-back", [&, client = std::make_shared<sys::HttpClient>(),
                                                                       public_url](const std::stop_token& stop) {
                const bool is_more = flow::read_back(*site, *client, public_url, [&] { return stop.stop_requested(); });
                return is_more ? 200ms : 1000ms;
            }));
    }
    if (role == "watch") site = find_site(invocation);
    const auto start_watch = [&] {
        flow::Served served = flow::served_by(settings);
        if (server) served.public_url = server->url() + "/";
        if (office) served.office_url = office->url() + "/";
        watch = std::make_unique<WatchRole>(site.get(), invocation.site(), settings, served, invocation.clock());
        if (const auto url = watch->intake_url()) addresses["alerts"] = *url + "/alertmanager";
        if (const auto url = watch->metrics_url()) addresses["metrics"] = *url + "/metrics";
        guard = start_guard(invocation, settings, watch->take(), watch->round());
    };
    if ((is_all && !is_training) || role == "watch") start_watch();
    addresses["role"] = role;
    std::string prose = fmt::format("serving ({})", role);
    if (server) prose += fmt::format("\n  public site  {}/", server->url());
    if (office) prose += fmt::format("\n  office       {}/", office->url());
    // The bytes of a release do not depend on who serves them.
    if (server && is_other_place(configured_url, server->url()))
        prose += fmt::format(
            "\n  note: pages and feeds name themselves by site.url, {}, which is not where this server listens.\n"
            "        To change that, set site.url in yakuba.toml and run: yakuba site publish --full",
            configured_url);
    prose += "\nCtrl+C stops it.";
    invocation.answer(addresses, prose);
    auto watch_tried = std::chrono::steady_clock::now(), trimmed = watch_tried;
    while (!is_interrupted()) {
        if (std::chrono::steady_clock::now() - trimmed > kTrimRest) {
            trimmed = std::chrono::steady_clock::now();
            ::malloc_trim(0);
        }
        // What could not be opened at the start is tried again; from then on the watch sees all of it: it begins anew.
        if (role == "watch" && (!site || !watch) && std::chrono::steady_clock::now() - watch_tried > kSiteAgain) {
            watch_tried = std::chrono::steady_clock::now();
            try {
                if (!site) site = flow::Site::open(invocation.site(), invocation.clock());
                guard.reset();
                watch.reset();
                start_watch();
                sys::log(sys::Level::Info, "the watch has found the office's database");
            } catch (const std::exception& error) {
                if (!watch) sys::log(sys::Level::Error, "the watch cannot begin", {{"problem", error.what()}});
            }
        }
        try {
            if (server) server->refresh();
        } catch (const std::exception& error) {
            sys::log(sys::Level::Error, "the public server keeps what it serves", {{"problem", error.what()}});
            std::this_thread::sleep_for(1s);
        }
        std::this_thread::sleep_for(200ms);
    }
    limit.start(kStopPatience, kDone);
    if (watch) watch->ask_to_stop();
    for (const auto& loop : loops) loop->ask_to_stop();
    if (office) office->stop();
    if (server) server->stop();
    guard.reset();
    watch.reset();
    loops.clear();
    return kDone;
}

constexpr Option kOptions[] = {
    {"--role",
     "all (default), office, press, placer, public, watch, or training: all but the watch, for a training site"},
    {"--office", "The address of the staff's screens, 127.0.0.1:8080"},
    {"--preview", "The address that previews come from, another port: 127.0.0.1:8082"},
    {"--public", "The public server's address, 127.0.0.1:8081"},
};

}  // namespace

extern const Command serve{"serve", "", "Run the site: publish what becomes due, and serve it", kOptions, run};

}  // namespace cli
