#include "door/watch/intake_server.h"

#include <boost/json.hpp>

#include "ground/base/error.h"
#include "ground/http/router.h"
#include "ground/http/server.h"
#include "ground/sys/crypto.h"
#include "watch/intake/alertmanager.h"

namespace door {

namespace json = boost::json;

struct IntakeServer::State {
    State(flow::WatchDesk& watch, std::string secret, std::string address, const base::Clock& time)
        : desk(watch), token(std::move(secret)), clock(time) {
        router.post(
            "/alertmanager", [this](const http::Request& request) { return take(request); }, intake::kLargestWebhook);
        router.get("/alive", [this](const http::Request&) {
            return desk.is_alive() ? http::text("alive\n") : http::text("the watch does not turn\n", 503);
        });
        http::ServerOptions options;
        options.address = std::move(address);
        options.threads = 1;
        options.workers = 2;
        options.connections = 64;
        options.body_limit_of = [this](const http::Request& head) { return router.body_limit(head); };
        server = std::make_unique<http::Server>(std::move(options),
                                                [this](http::Request& request) { return router.answer(request); });
    }

    http::Response take(const http::Request& request) {
        constexpr std::string_view kBearer = "Bearer ";
        const std::string_view given = request.headers.get("Authorization");
        if (!given.starts_with(kBearer) || !sys::is_same_secret(given.substr(kBearer.size()), token)) {
            http::Response refused = http::text("a token is needed: Authorization: Bearer ...\n", 401);
            refused.headers.set("WWW-Authenticate", "Bearer");
            return refused;
        }
        const intake::Webhook webhook = intake::read_alertmanager(request.body, clock.now());
        // What throws here becomes 503: Alertmanager hands it in again.
        const signals::Taken taken = desk.take_now(webhook.signals);
        if (webhook.truncated > 0 || webhook.skipped > 0)
            desk.take(signals::Signal{.source = "watch",
                                      .kind = "alerts.cut",
                                      .subject = "alertmanager",
                                      .state = signals::State::Raise,
                                      .observed_at = clock.now(),
                                      .text = fmt::format("Alertmanagerの知らせのうち{}件を読み取れませんでした。",
                                                          webhook.truncated + webhook.skipped)});
        return http::json(json::serialize(
            json::object{{"taken", taken.signals}, {"duplicates", taken.duplicates}, {"skipped", webhook.skipped}}));
    }

    flow::WatchDesk& desk;
    std::string token;
    const base::Clock& clock;
    http::Router router;
    std::unique_ptr<http::Server> server;
};

IntakeServer::IntakeServer(flow::WatchDesk& desk, const settings::Settings& settings, const base::Clock& clock) {
    std::string token = flow::webhook_token(settings);
    if (token.size() < 16)
        throw base::Error(base::Kind::BadInput,
                          "watch.address is set, but watch.token has less than 16 characters; make one with `openssl "
                          "rand -hex 16` and put it into watch.token or the file that watch.token_file names");
    state_ = std::make_unique<State>(desk, std::move(token), settings.watch.address, clock);
}

IntakeServer::~IntakeServer() = default;

void IntakeServer::start() {
    state_->server->start();
}

std::string IntakeServer::url() const {
    return state_->server->url();
}

void IntakeServer::stop() {
    state_->server->stop();
}

}  // namespace door
