// Runs the site: all roles in one process, or one of them. Each role is a loop that ends when the process is told to.

#include <thread>

#include <boost/json.hpp>

#include "door/cli/command.h"
#include "door/public/public_server.h"
#include "door/web/office.h"
#include "flow/activate_due.h"
#include "flow/edit_page.h"
#include "flow/init_demo.h"
#include "flow/make_variants.h"
#include "flow/publish_site.h"
#include "flow/read_back.h"
#include "ground/base/error.h"
#include "ground/release/store.h"
#include "ground/sys/log.h"
#include "press/publish/queue.h"

namespace cli {

namespace {

using namespace std::chrono_literals;

/// Publishes what becomes due and renews the signed head each minute.
void run_press(const std::stop_token& stop, flow::Site& site) {
    std::unique_ptr<flow::Press> press;
    flow::VariantMaker variants(site);
    auto head_renewed = site.clock.monotonic() - 1h;
    while (!stop.stop_requested()) {
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
                const auto has_come = [&](const std::optional<base::Instant>& at) {
                    return at && *at <= site.clock.now();
                };
                return publish::is_anything_dirty(db) || has_come(publish::next_change(db)) ||
                       has_come(flow::next_activation(db));
            });
            if (is_due)
                press->publish({false, {}, "service:press"});
            else
                variants.work(50ms);
            if (site.clock.monotonic() - head_renewed > 1min) {
                press->renew_head();
                flow::refresh_requests(site);  // people, absences and the day change: who is asked does too
                head_renewed = site.clock.monotonic();
            }
        } catch (const std::exception& error) {
            sys::log(sys::Level::Error, "press", {{"problem", error.what()}});
            std::this_thread::sleep_for(1s);
        }
        std::this_thread::sleep_for(30ms);
    }
}

/// Reads what was published back over HTTP, apart from the press, which never waits for a slow server.
void run_readback(const std::stop_token& stop, flow::Site& site, const std::string& public_url) {
    sys::HttpClient client;
    while (!stop.stop_requested()) {
        auto pause = 200ms;
        try {
            if (!flow::read_back(site, client, public_url, [&] { return stop.stop_requested(); })) pause = 1000ms;
        } catch (const std::exception& error) {
            sys::log(sys::Level::Error, "read-back", {{"problem", error.what()}});
            pause = 5000ms;
        }
        for (auto waited = 0ms; waited < pause && !stop.stop_requested(); waited += 100ms)
            std::this_thread::sleep_for(100ms);
    }
}

int run(const Invocation& invocation) {
    const std::string role = invocation.has("--role") ? invocation.text("--role") : "all";
    const bool is_all = role == "all";
    if (!is_all && role != "office" && role != "press" && role != "placer" && role != "public")
        throw base::Error(base::Kind::BadInput,
                          fmt::format("there is no role {}; the roles are all, office, press, placer, public", role));
    settings::Settings settings = settings::load(invocation.site() / "yakuba.toml");
    if (invocation.has("--public")) settings.public_site.address = invocation.text("--public");
    if (invocation.has("--office")) settings.office.address = invocation.text("--office");
    if (invocation.has("--preview")) settings.office.preview_address = invocation.text("--preview");
    const std::array addresses_asked{settings.public_site.address, settings.office.address,
                                     settings.office.preview_address};
    flow::check_demo_addresses(invocation.site(), addresses_asked);

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
    std::jthread press, readback;  // end, and are waited for, however this function ends
    if (is_all || role == "office" || role == "press") site = flow::Site::open(invocation.site(), invocation.clock());
    if (is_all || role == "office") {
        office = std::make_unique<web::OfficeServer>(*site, settings);
        office->start();
        addresses["office"] = office->url() + "/";
        addresses["preview"] = office->preview_url() + "/";
    }
    if (is_all || role == "press") {
        const std::string public_url = server ? server->url() + "/" : settings.site.url;
        press = std::jthread([&site](const std::stop_token& stop) { run_press(stop, *site); });
        if (settings.publish.readback)
            readback = std::jthread(
                [&site, public_url](const std::stop_token& stop) { run_readback(stop, *site, public_url); });
    }
    addresses["role"] = role;
    std::string prose = fmt::format("serving ({})", role);
    if (server) prose += fmt::format("\n  public site  {}/", server->url());
    if (office) prose += fmt::format("\n  office       {}/", office->url());
    prose += "\nCtrl+C stops it.";
    invocation.answer(addresses, prose);
    while (!is_interrupted()) {
        if (server) server->refresh();
        std::this_thread::sleep_for(200ms);
    }
    if (office) office->stop();
    if (server) server->stop();
    return kDone;
}

constexpr Option kOptions[] = {
    {"--role", "all (default), office, press, placer or public"},
    {"--office", "The address of the staff's screens, 127.0.0.1:8080"},
    {"--preview", "The address that previews come from, another port: 127.0.0.1:8082"},
    {"--public", "The public server's address, 127.0.0.1:8081"},
};

}  // namespace

extern const Command serve{"serve", "", "Run the site: publish what becomes due, and serve it", kOptions, run};

}  // namespace cli
