#include "flow/nginx_office.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "ground/base/error.h"

namespace flow {

using base::Error;
using base::Kind;

namespace {

/// A path as nginx's token. nginx would take a "$" for a variable, and has no way to say that it is none.
std::string token(const std::string& key, const std::string& path) {
    for (const char c : path)
        if (static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\' || c == '$')
            throw Error(Kind::BadInput, fmt::format("{} has a character in its path that nginx cannot be told; "
                                                    "use another name",
                                                    key));
    return '"' + path + '"';
}

bool is_address(const std::string& text) {
    in_addr four{};
    in6_addr six{};
    const bool is_bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
    return is_bracketed ? ::inet_pton(AF_INET6, text.substr(1, text.size() - 2).c_str(), &six) == 1
                        : ::inet_pton(AF_INET, text.c_str(), &four) == 1;
}

std::string port_of(const std::string& address) {
    return address.substr(address.rfind(':') + 1);
}

/// Where nginx finds a listener of ours.
std::string reached(const std::string& address) {
    std::string host = address.substr(0, address.rfind(':'));
    if (host == "0.0.0.0" || host == "*" || host.empty()) host = "127.0.0.1";
    if (host == "[::]") host = "[::1]";
    return host + ":" + port_of(address);
}

void need(bool is_well, std::string_view what) {
    if (!is_well) throw Error(Kind::BadInput, std::string(what));
}

/// A host as nginx compares it with what a browser sends: an IPv6 address in its shortest form.
std::string server_name(const std::string& key, const std::string& host) {
    if (!host.starts_with('[')) return token(key, host);
    need(is_address(host), fmt::format("{} has no IPv6 address between its brackets: {}", key, host));
    in6_addr six{};
    char text[INET6_ADDRSTRLEN] = {};
    ::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &six);
    return fmt::format("\"[{}]\"", ::inet_ntop(AF_INET6, &six, text, sizeof text));
}

/// One address that people type, and the listener behind it.
struct Front {
    std::string key;  ///< the setting that says so
    std::string host, port, upstream;
};

/// The host and port of "https://host:port/..."; nothing for other addresses.
std::optional<Front> front_of(std::string key, const std::string& url, const std::string& listener) {
    if (!url.starts_with("https://")) return std::nullopt;
    Front front{std::move(key), url.substr(8), "443", reached(listener)};
    front.host = front.host.substr(0, front.host.find_first_of("/?#"));
    if (const auto colon = front.host.rfind(':');
        colon != std::string::npos && front.host.find(']', colon) == std::string::npos) {
        front.port = front.host.substr(colon + 1);
        front.host.resize(colon);
        need(!front.port.empty() && front.port.size() <= 5 &&
                 front.port.find_first_not_of("0123456789") == std::string::npos,
             fmt::format("{} has no port after its colon: {}", front.key, url));
    }
    return front;
}

/// The trainees' way, when a session is open there: screens, previews and public pages, under a name of its own.
void add_training(const settings::Settings::Training& training, std::vector<Front>& fronts) {
    if (training.url.empty()) return;  // then it is for this machine alone
    auto screens = front_of("training.url", training.url, training.address);
    need(screens.has_value(), "training.url has to begin with https://, so that nginx can end TLS before it");
    auto pages = front_of("training.public_url", training.public_url, training.public_address);
    need(pages.has_value(),
         "set training.public_url to the https:// address of the training site's public pages, such as "
         "https://kenshu.city.example.jp:8091/");
    Front previews{"training.preview_address", screens->host, port_of(training.preview_address),
                   reached(training.preview_address)};
    for (Front& front : {std::ref(*screens), std::ref(previews), std::ref(*pages)}) {
        for (const Front& other : fronts)
            need(other.host != front.host || other.port != front.port,
                 fmt::format("{} and {} are the same address, {}:{}; give the training site a host name or port of "
                             "its own",
                             front.key, other.key, front.host, front.port));
        fronts.push_back(std::move(front));
    }
}

}  // namespace

std::string nginx_office_config(const settings::Settings& settings, const std::string& address) {
    const auto& office = settings.office;
    need(is_address(address), "--office takes an address of this machine: 192.0.2.10, [2001:db8::10]");
    need(!office.tls_certificate.empty(), "set office.tls_certificate and office.tls_key first");
    const auto screens = front_of("office.base_url", office.base_url, office.address);
    need(screens.has_value(),
         "set office.base_url to the address that staff type, such as https://office.city.example.jp/");
    const auto proxy = reached(office.address).substr(0, reached(office.address).rfind(':'));
    need(std::find(office.trusted_proxies.begin(), office.trusted_proxies.end(), proxy) !=
                 office.trusted_proxies.end() ||
             std::find(office.trusted_proxies.begin(), office.trusted_proxies.end(), "127.0.0.0/8") !=
                 office.trusted_proxies.end(),
         fmt::format("set office.trusted_proxies = [\"{}\"]: otherwise the screens do not believe nginx that the "
                     "connection is encrypted, and nobody can sign in",
                     proxy));
    std::vector<Front> fronts{
        *screens,
        {"office.preview_address", screens->host, port_of(office.preview_address), reached(office.preview_address)}};
    add_training(settings.training, fronts);
    std::string text =
        "# Written by `yakuba site nginx-config --office`; belongs into nginx's http context. Write it anew after a "
        "change of\n# [office] or [training] in yakuba.toml, and let nginx reload it.\n";
    for (const Front& front : fronts)
        text += fmt::format(R"(
server {{
    listen {}:{} ssl http2;
    server_name {};
    ssl_certificate {};
    ssl_certificate_key {};
    ssl_protocols TLSv1.2 TLSv1.3;
    server_tokens off;
    add_header Strict-Transport-Security "max-age=31536000" always;
    client_header_timeout 10s;
    send_timeout 30s;
    client_max_body_size {}m;
    location / {{
        proxy_pass http://{};
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        # What a client says of itself is not believed.
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_read_timeout 300s;
    }}
}}
)",
                            address, front.port, server_name(front.key, front.host),
                            token("office.tls_certificate", settings.resolve(office.tls_certificate).string()),
                            token("office.tls_key", settings.resolve(office.tls_key).string()),
                            settings.storage.largest_upload_mb + 1, front.upstream);
    return text;
}

}  // namespace flow
