// Runs the site: all roles in one process, or one of them. Each role is a loop that ends when the process is told to.

#include <boost/json.hpp>
#include <thread>

#include "door/cli/command.h"
#include "door/public/public_server.h"
#include "door/web/office.h"
#include "flow/activate_due.h"
#include "flow/edit_page.h"
#include "flow/publish_site.h"
#include "flow/read_back.h"
#include "ground/base/error.h"
#include "ground/release/store.h"
#include "ground/sys/log.h"
#include "press/publish/queue.h"

namespace cli {

namespace {

using namespace std::chrono_literals;

/// Publishes what becomes due, reads it back from `public_url`, and renews the signed head each minute.
void run_press(flow::Site& site, const std::string& public_url) {
    std::unique_ptr<flow::Press> press;
    sys::HttpClient client;
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
            else if (site.settings.publish.readback) flow::read_back(site, client, public_url);
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
    if (!is_all && role != "office" && role != "press" && role != "placer" && role != "public")
        throw base::Error(base::Kind::BadInput,
                          fmt::format("there is no role {}; the roles are all, office, press, placer, public", role));
    settings::Settings settings = settings::load(invocation.site() / "yakuba.toml");
    if (invocation.has("--public")) settings.public_site.address = invocation.text("--public");
    if (invocation.has("--office")) settings.office.address = invocation.text("--office");
    if (invocation.has("--preview")) settings.office.preview_address = invocation.text("--preview");

    std::unique_ptr<flow::PlacerService> placer;
    if (is_all || role == "placer") placer = std::make_unique<flow::PlacerService>(invocation.site());
    std::unique_ptr<door::PublicServer> server;
    boost::json::object addresses;
    if (is_all || role == "public") {
        server = std::make_unique<door::PublicServer>(invocation.site(), settings);
        server->start();
        addresses["public"] = server->url() + "/";
        if (invocation.has("--public")) settings.site.url = server->url() + "/";  // where the office's links to the public site lead
    }
    std::unique_ptr<flow::Site> site;
    std::unique_ptr<web::OfficeServer> office;
    std::thread press;
    if (is_all || role == "office" || role == "press") site = flow::Site::open(invocation.site(), invocation.clock());
    if (is_all || role == "office") {
        office = std::make_unique<web::OfficeServer>(*site, settings);
        office->start();
        addresses["office"] = office->url() + "/";
        addresses["preview"] = office->preview_url() + "/";
    }
    if (is_all || role == "press") {
        const std::string public_url = server ? server->url() + "/" : settings.site.url;
        press = std::thread([&site, public_url] { run_press(*site, public_url); });
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
    if (press.joinable()) press.join();
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
