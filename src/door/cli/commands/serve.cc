// Runs the site: all roles in one process, or one of them. Each role is a loop that ends when the process is told to.

#include <boost/json.hpp>
#include <thread>

#include "door/cli/command.h"
#include "door/public/public_server.h"
#include "flow/activate_due.h"
#include "flow/edit_page.h"
#include "flow/publish_site.h"
#include "ground/base/error.h"
#include "ground/release/store.h"
#include "ground/sys/log.h"
#include "press/publish/queue.h"

namespace cli {

namespace {

using namespace std::chrono_literals;

/// Publishes what becomes due, and renews the signed head each minute.
void run_press(flow::Site& site) {
    std::unique_ptr<flow::Press> press;
    auto head_renewed = site.clock.monotonic() - 1h;
    while (!is_interrupted()) {
        try {
            if (!press) {
                press = flow::Press::find(site);
                if (!press) {  // a `site publish` holds the lock for a moment
                    std::this_thread::sleep_for(100ms);
                    continue;
                }
                press->finish_interrupted();
            }
            const bool is_due = site.database->read([&](sys::Reader& db) {
                const auto has_come = [&](const std::optional<base::Instant>& at) { return at && *at <= site.clock.now(); };
                return publish::is_anything_dirty(db) || has_come(publish::next_change(db)) ||
                       has_come(flow::next_activation(db));
            });
            if (is_due) press->publish({false, {}, "service:press"});
            if (site.clock.monotonic() - head_renewed > 1min) {
                press->renew_head();
                flow::refresh_requests(site);  // people, absences and the day change: who is asked does too
                head_renewed = site.clock.monotonic();
            }
        } catch (const base::Error& error) {
            sys::log(sys::Level::Error, "press", {{"problem", error.message()}});
            std::this_thread::sleep_for(1s);
        }
        std::this_thread::sleep_for(30ms);
    }
}

int run(const Invocation& invocation) {
    const std::string role = invocation.has("--role") ? invocation.text("--role") : "all";
    const bool is_all = role == "all";
    if (!is_all && role != "press" && role != "placer" && role != "public")
        throw base::Error(base::Kind::BadInput, fmt::format("there is no role {}; the roles are all, press, placer, public", role));
    settings::Settings settings = settings::load(invocation.site() / "yakuba.toml");
    if (invocation.has("--public")) settings.public_site.address = invocation.text("--public");

    std::unique_ptr<flow::PlacerService> placer;
    if (is_all || role == "placer") placer = std::make_unique<flow::PlacerService>(invocation.site());
    std::unique_ptr<flow::Site> site;
    std::thread press;
    if (is_all || role == "press") {
        site = flow::Site::open(invocation.site(), invocation.clock());
        press = std::thread([&] { run_press(*site); });
    }
    std::unique_ptr<door::PublicServer> server;
    boost::json::object addresses;
    if (is_all || role == "public") {
        server = std::make_unique<door::PublicServer>(invocation.site(), settings);
        server->start();
        addresses["public"] = server->url() + "/";
    }
    addresses["role"] = role;
    std::string prose = fmt::format("serving ({})", role);
    if (server) prose += fmt::format("\n  public site  {}/", server->url());
    prose += "\nCtrl+C stops it.";
    invocation.answer(addresses, prose);
    while (!is_interrupted()) {
        if (server) server->refresh();
        std::this_thread::sleep_for(200ms);
    }
    if (server) server->stop();
    if (press.joinable()) press.join();
    return kDone;
}

constexpr Option kOptions[] = {
    {"--role", "all (default), press, placer or public"},
    {"--public", "The public server's address, 127.0.0.1:8081"},
};

}  // namespace

extern const Command serve{"serve", "", "Run the site: publish what becomes due, and serve it", kOptions, run};

}  // namespace cli
