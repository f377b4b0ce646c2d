#include "flow/nginx_office.h"

#include <algorithm>

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

}  // namespace

std::string nginx_office_config(const settings::Settings& settings, const std::string& address) {
    const auto& office = settings.office;
    const auto need = [](bool is_well, std::string_view what) {
        if (!is_well) throw Error(Kind::BadInput, std::string(what));
    };
    need(is_address(address), "--office takes an address of this machine: 192.0.2.10, [2001:db8::10]");
    need(!office.tls_certificate.empty(), "set office.tls_certificate and office.tls_key first");
    need(office.base_url.starts_with("https://"),
         "set office.base_url to the address that staff type, such as https://office.city.example.jp/");
    const auto proxy = reached(office.address).substr(0, reached(office.address).rfind(':'));
    need(std::find(office.trusted_proxies.begin(), office.trusted_proxies.end(), proxy) !=
                 office.trusted_proxies.end() ||
             std::find(office.trusted_proxies.begin(), office.trusted_proxies.end(), "127.0.0.0/8") !=
                 office.trusted_proxies.end(),
         fmt::format("set office.trusted_proxies = [\"{}\"]: otherwise the screens do not believe nginx that the "
                     "connection is encrypted, and nobody can sign in",
                     proxy));
    std::string host = office.base_url.substr(8);
    host = host.substr(0, host.find_first_of("/?#"));
    std::string port = "443";
    if (const auto colon = host.rfind(':'); colon != std::string::npos && host.find(']', colon) == std::string::npos) {
        port = host.substr(colon + 1);
        host.resize(colon);
    }
    std::string text =
        "# Written by `yakuba site nginx-config --office`; belongs into nginx's http context. Write it anew after a "
        "change of\n# [office] in yakuba.toml, and let nginx reload it.\n";
    for (const auto& [listen, upstream] : {std::pair(port, reached(office.address)),
                                           std::pair(port_of(office.preview_address), reached(office.preview_address))})
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
                            address, listen, host.starts_with('[') ? "_" : token("office.base_url", host),
                            token("office.tls_certificate", settings.resolve(office.tls_certificate).string()),
                            token("office.tls_key", settings.resolve(office.tls_key).string()),
                            settings.storage.largest_upload_mb + 1, upstream);
    return text;
}

}  // namespace flow
