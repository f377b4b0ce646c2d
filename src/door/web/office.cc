#include "door/web/office.h"

#include "door/web/context.h"
#include "door/web/errors.h"
#include "door/web/preview.h"
#include "flow/keep_logs.h"
#include "flow/sign_in_desk.h"
#include "flow/training_site.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/http/router.h"
#include "ground/http/server.h"
#include "ground/sys/log.h"
#include "watch/logs/access_log.h"

namespace web {

using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kSmallBody = 1U << 20;
constexpr std::size_t kSecretLength =
    30;  // segments of a path from this length on may be tokens and stay out of the log

std::string without_slash(std::string url) {
    while (url.ends_with('/')) url.pop_back();
    return url;
}

/// A path for the log: without what might be a token.
std::string loggable(std::string_view path) {
    std::vector<std::string> parts;
    for (const std::string_view part : base::split(path.substr(0, 300), '/'))
        parts.emplace_back(part.size() >= kSecretLength ? "..." : part);
    return base::join(parts, "/");
}

void log_request(std::string_view door, const http::ServerOptions::Served& served) {
    if (served.request.path.starts_with("/static/")) return;
    sys::log(sys::Level::Info, "request",
             {{"door", std::string(door)},
              {"peer", served.request.peer},
              {"method", served.request.method},
              {"path", loggable(served.request.path)},
              {"status", std::to_string(served.status)},
              {"bytes", std::to_string(served.bytes)},
              {"microseconds", std::to_string(served.time.count())}});
}

/// In the form of an access log, without what stands behind "?": the screens' own figures and words.
void keep_request(logs::AccessLog& log, const http::ServerOptions::Served& served) {
    if (served.request.path.starts_with("/static/")) return;
    const std::string path = loggable(served.request.path);
    logs::Access access;
    access.address = served.request.peer;
    access.at = base::SystemClock().now();
    access.method = served.request.method;
    access.target = path;
    access.status = served.status;
    access.bytes = served.bytes;
    access.agent = served.request.headers.get("User-Agent");
    access.seconds = std::chrono::duration<double>(served.time).count();
    log.add(access);
}

bool is_loopback_name(std::string_view host) {
    return host == "localhost" || host.starts_with("localhost:") || host.starts_with("127.0.0.1") ||
           host.starts_with("[::1]");
}

/// Passwords and sessions travel in TLS, or on this machine only. The host's name is looked at because a foreign page
/// may have its own name point here.
void refuse_unsafe_transport(const http::Request& request) {
    if (request.is_secure) return;
    if (request.headers.find("X-Forwarded-Proto") || request.headers.find("X-Forwarded-For"))
        throw Error(Kind::NotAllowed,
                    "中継サーバを通った接続ですが、その中継サーバが設定の office.trusted_proxies "
                    "にありません。運用担当者にご連絡ください。");
    if (!is_loopback_name(request.host))
        throw Error(Kind::NotAllowed,
                    "この画面はHTTPSで開いてください。アドレスの先頭を https:// に変えてお試しください。");
}

void refuse_forgery(const Context& context) {
    const http::Request& request = context.request;
    const std::string_view site = request.headers.get("Sec-Fetch-Site");
    const std::string_view header = request.headers.get("X-CSRF-Token");
    const std::string given = header.empty() ? context.field("csrf") : std::string(header);
    if ((!site.empty() && site != "same-origin" && site != "none") || !context.is_own_form(given)) throw StaleForm();
}

void add_security(http::Response& response, const std::string& preview_origin) {
    if (response.prepared) return;
    auto& headers = response.headers;
    if (!headers.get("Content-Security-Policy").starts_with("sandbox;"))  // a paper's is stricter than a screen's
        headers.set("Content-Security-Policy",
                    fmt::format("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                                "connect-src 'self'; font-src 'self'; "
                                "frame-src {}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
                                preview_origin));
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("X-Frame-Options", "DENY");
    headers.set("Referrer-Policy", "same-origin");
    headers.set("Cross-Origin-Opener-Policy", "same-origin");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.set("Permissions-Policy", "camera=(), microphone=(), geolocation=()");
    if (!headers.find("Cache-Control")) headers.set("Cache-Control", "no-store");
}

/// While the office is stopped, those who may end the stop are its only users.
std::optional<flow::Stop> find_stop_for(const Context& context, const Screen& screen) {
    if (screen.access == Access::Anyone || people::may_somewhere(context.actor, people::Act::EmergencyStop))
        return std::nullopt;
    return flow::find_stop(context.site().folders, flow::Part::Office);
}

}  // namespace

Office::Office(flow::Site& opened, const settings::Settings& settings)
    : site(opened),
      desk(flow::open_sign_in_desk(opened, settings)),
      public_url(without_slash(settings.site.url)),
      is_training(flow::is_training(opened.folders.site)) {}

struct OfficeServer::State {
    Office office;
    logs::AccessLog access_log;  // outlives the server that writes it
    http::Router router;
    http::Server server;
    http::Server preview;

    State(flow::Site& site, const settings::Settings& settings, const OfficeOptions& options)
        : office(site, settings),
          access_log({.file = flow::office_log_file(site.folders)}),
          router(kSmallBody),
          server(
              server_options(settings), [this](http::Request& request) { return answer(request); },
              [this](const http::Request& request) { return office.statics.find(request); }),
          preview(preview_options(settings),
                  [this](http::Request& request) { return answer_preview(office, request); }) {
        office.views.shows_warnings = options.shows_warnings;
        const std::size_t files = static_cast<std::size_t>(settings.storage.largest_upload_mb) << 20;
        for (const Screen* screen : all_screens())
            for (const Route& route : screen->routes)
                router.add(
                    std::string(route.method), std::string(route.pattern),
                    [this, screen, &route](const http::Request& request) { return run(*screen, route, request); },
                    route.body == Route::Body::Small  ? kSmallBody
                    : route.body == Route::Body::Text ? kMostTextBytes
                                                      : files);
    }

    http::ServerOptions server_options(const settings::Settings& settings) {
        http::ServerOptions options;
        options.address = settings.office.address;
        options.threads = 1;
        options.workers = static_cast<int>(settings.office.threads);
        options.body_limit_of = [this](const http::Request& head) { return router.body_limit(head); };
        options.form.file_size = static_cast<std::uint64_t>(settings.storage.largest_upload_mb) << 20;
        options.form.field_size = kMostTextBytes;
        options.trusted_proxies = settings.office.trusted_proxies;
        options.error_page = [this](const Error& error, int status, const http::Request* request) {
            http::Response response = plain_error_page(office, error, status, request);
            add_security(response, "'none'");
            return response;
        };
        options.on_served = [this](const auto& served) {
            log_request("office", served);
            keep_request(access_log, served);
        };
        return options;
    }

    static http::ServerOptions preview_options(const settings::Settings& settings) {
        http::ServerOptions options;
        options.address = settings.office.preview_address;
        options.threads = 1;
        options.workers = 2;
        options.body_limit = 0;
        options.trusted_proxies = settings.office.trusted_proxies;
        options.on_served = [](const auto& served) { log_request("preview", served); };
        return options;
    }

    http::Response answer(http::Request& request) {
        refuse_unsafe_transport(request);
        return router.answer(request);
    }

    http::Response run(const Screen& screen, const Route& route, const http::Request& request) {
        Context context(office, request, screen);
        const Speaking speaking(context.language());
        http::Response response;
        try {
            if (screen.access == Access::SignedIn && !context.is_signed_in()) {
                response = sign_in_first(context);
            } else if (const auto stop = find_stop_for(context, screen)) {
                response = stopped_page(context, *stop);
            } else {
                const bool is_machine =
                    screen.id == "terminal-report";  // comes with a token of its own, without cookies
                if (request.method != "GET" && request.method != "HEAD" && !is_machine) refuse_forgery(context);
                if (screen.right && !people::may_somewhere(context.actor, *screen.right))
                    context.require(*screen.right);
                response = route.answer(context);
            }
        } catch (const Error& error) {
            response = error_page(context, error);
        } catch (const std::exception& error) {
            response = error_page(context, Error(Kind::Bug, error.what()));
        }
        add_security(response, context.preview_origin());
        return response;
    }
};

OfficeServer::OfficeServer(flow::Site& site, const settings::Settings& settings, const OfficeOptions& options)
    : state_(std::make_unique<State>(site, settings, options)) {}

OfficeServer::~OfficeServer() = default;

void OfficeServer::start() {
    try {
        state_->preview.start();
    } catch (const Error& error) {
        throw Error(
            error.kind(),
            error.message() + " Previews come from there: set office.preview_address, or --preview for this time.");
    }
    state_->office.preview_port = state_->preview.port();
    state_->server.start();
}

std::string OfficeServer::url() const {
    return state_->server.url();
}

std::string OfficeServer::preview_url() const {
    return state_->preview.url();
}

void OfficeServer::stop() {
    state_->server.stop();
    state_->preview.stop();
}

}  // namespace web
