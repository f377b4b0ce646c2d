#include "door/metrics/metrics_server.h"

#include "flow/watch_probes.h"
#include "ground/base/error.h"
#include "ground/http/server.h"
#include "ground/sys/crypto.h"
#include "watch/probes/metrics.h"

namespace door {

namespace {

bool is_loopback(std::string_view address) {
    const std::string_view host = address.substr(0, address.rfind(':'));
    return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

}  // namespace

struct MetricsServer::State {
    std::filesystem::path board;
    std::string token;
    const base::Clock& clock;
    http::Server server;

    State(const std::filesystem::path& site, const settings::Settings& settings, const base::Clock& time)
        : board(flow::board_file(site)),
          token(settings.monitor.metrics_token),
          clock(time),
          server(options(settings), [this](http::Request& request) { return answer(request); }) {}

    static http::ServerOptions options(const settings::Settings& settings) {
        http::ServerOptions options;
        options.address = settings.monitor.metrics_address;
        options.threads = 1;
        options.workers = 1;
        options.connections = 32;
        options.body_limit = 0;
        return options;
    }

    http::Response answer(const http::Request& request) const {
        if (request.path != "/metrics") throw base::Error(base::Kind::NotFound, "only /metrics is served here");
        if (request.method != "GET" && request.method != "HEAD") throw base::Error(base::Kind::BadInput, "GET only");
        if (!token.empty()) {
            const auto shown = request.headers.find("Authorization");
            constexpr std::string_view kScheme = "Bearer ";
            if (!shown || !shown->starts_with(kScheme) || !sys::is_same_secret(shown->substr(kScheme.size()), token))
                throw base::Error(base::Kind::NotAllowed, "a bearer token is needed (monitor.metrics_token)");
        }
        http::Response response;
        response.headers.set("Content-Type", std::string(probes::kOpenMetricsType));
        response.body = probes::open_metrics(probes::find_board(board), clock.now());
        return response;
    }
};

MetricsServer::MetricsServer(const std::filesystem::path& site, const settings::Settings& settings,
                             const base::Clock& clock) {
    if (settings.monitor.metrics_token.empty() && !is_loopback(settings.monitor.metrics_address))
        throw base::Error(base::Kind::BadInput,
                          "monitor.metrics_address is open beyond this machine; set monitor.metrics_token too");
    state_ = std::make_unique<State>(site, settings, clock);
}

MetricsServer::~MetricsServer() = default;

void MetricsServer::start() {
    state_->server.start();
}

std::string MetricsServer::url() const {
    return state_->server.url();
}

void MetricsServer::stop() {
    state_->server.stop();
}

}  // namespace door
