// Two habits of nginx shape the text. A map compares its strings without regard to case, so an exception counts only
// after a second map has seen that the path is the very one (two that differ by case alone are written as regular
// expressions). And a "$" cannot be escaped, so it comes from a variable. Compressed twins are named by hash and so are
// of no use to gzip_static: nginx compresses text itself. Nothing is cached between requests: a page is public with the
// rename that places it.
#include "flow/nginx_config.h"

#include <set>

#include "flow/stop_service.h"
#include "ground/base/error.h"
#include "ground/base/media_type.h"
#include "ground/base/text.h"

namespace flow {

namespace {

constexpr std::size_t kLongestPath = 900;  // four times that, as a regular expression, fits nginx's 4,096
constexpr std::size_t kLongestValue = 3'000;
constexpr std::size_t kLongestTarget = 8'000;  // as the embedded server
constexpr std::string_view kUnknownType = "application/octet-stream";

/// A token as it is.
std::string quote(std::string_view bytes) {
    std::string quoted = "\"";
    for (const char c : bytes) {
        if (c == '"' || c == '\\')
            (quoted += '\\') += c;
        else if (c == '\n')
            quoted += "\\n";
        else if (c == '\r')
            quoted += "\\r";
        else
            quoted += c;
    }
    return quoted + '"';
}

/// A token in which nginx looks for variables.
std::string quote_text(std::string_view bytes) {
    std::string quoted;
    for (const char c : quote(bytes)) c == '$' ? quoted += "${yakuba_dollar}" : quoted += c;
    return quoted;
}

/// A regular expression that matches these bytes.
std::string as_expression(std::string_view bytes) {
    std::string expression;
    for (const char c : bytes) {
        const bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '/';
        expression += is_plain ? std::string(1, c) : "\\x" + base::to_hex({&c, 1});
    }
    return expression;
}

std::string ending_of(std::string_view path) {
    const auto dot = path.rfind('.');
    const auto slash = path.rfind('/');
    if (dot == std::string_view::npos || (slash != std::string_view::npos && dot < slash)) return "";
    return base::to_lower(path.substr(dot + 1));
}

std::string content_type_of(const release::Entry& entry) {
    return entry.charset.empty() ? entry.type : entry.type + "; charset=" + entry.charset;
}

bool has_control_character(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// A map over the public path: what it is by default, and for which paths else.
struct Exceptions {
    std::string variable;
    std::string fallback;                                   ///< as written, quotes included
    std::vector<std::pair<std::string, std::string>> rows;  ///< path with leading slash, value
};

class Writer {
  public:
    Writer(const settings::Settings& settings, const Folders& folders, const release::Manifest& manifest)
        : settings_(settings), folders_(folders), manifest_(manifest) {}
    NginxConfig write(const std::string& listen);

  private:
    void gather();
    void gather_types();
    void add(Exceptions& to, const std::string& path, const std::string& value);
    Exceptions& headers_of(const std::string& name);
    void write_path_maps();
    void write_type_maps();
    void write_exceptions(const Exceptions& exceptions);
    void write_request_maps();
    void write_server(const std::string& listen);
    void write_areas();
    void write_error_page(int status, std::string_view location, std::string_view text);
    std::string headers(std::string_view indent) const;
    std::string area_path(const settings::OtherArea& area) const;
    template <class... Arguments>
    void line(fmt::format_string<Arguments...> form, Arguments&&... arguments) {
        result_.text += fmt::format(form, std::forward<Arguments>(arguments)...) + '\n';
    }

    const settings::Settings& settings_;
    const Folders& folders_;
    const release::Manifest& manifest_;
    NginxConfig result_;

    std::map<std::string, std::string> type_of_ending_;
    Exceptions types_{"yakuba_type", "$yakuba_usual_type", {}};
    Exceptions gone_{"yakuba_gone", "\"\"", {}};
    Exceptions shown_{"yakuba_shown", "\"\"", {}};
    std::map<int, Exceptions> redirects_;
    std::map<std::string, Exceptions> headers_;  // by lower-case name; the variable is numbered
    std::map<int, release::Entry> error_pages_;
    std::map<std::string, std::set<std::string>> by_lower_case_;  // all excepted paths
};

std::string Writer::area_path(const settings::OtherArea& area) const {
    return base::percent_decode(area.path).value_or(area.path);
}

void Writer::add(Exceptions& to, const std::string& path, const std::string& value) {
    if (path.size() > kLongestPath || value.size() > kLongestValue || has_control_character(value)) {
        result_.left_out.push_back(path);
        return;
    }
    to.rows.emplace_back(path, value);
    by_lower_case_[base::to_lower(path)].insert(path);
}

Exceptions& Writer::headers_of(const std::string& name) {
    const auto [at, is_new] = headers_.try_emplace(base::to_lower(name));
    if (is_new) at->second = {fmt::format("yakuba_header_{}", headers_.size()), "\"\"", {}};
    return at->second;
}

/// The usual type of each ending: of a release's files the most frequent, of others what the table says.
void Writer::gather_types() {
    std::map<std::string, std::map<std::string, int>> counts;
    manifest_.each([&](const release::Entry& entry) {
        if (entry.has_body()) ++counts[ending_of(entry.path)][content_type_of(entry)];
        return true;
    });
    for (const auto& [ending, types] : counts) {
        const auto most = std::max_element(types.begin(), types.end(),
                                           [](const auto& a, const auto& b) { return a.second < b.second; });
        if (!has_control_character(ending) && ending.size() <= kLongestPath) type_of_ending_[ending] = most->first;
    }
}

void Writer::gather() {
    gather_types();
    for (const auto& [name, value] : settings_.public_site.headers) headers_of(name).fallback = quote_text(value);
    manifest_.each([&](const release::Entry& entry) {
        const std::string path = "/" + entry.path;
        for (const settings::OtherArea& area : settings_.others)
            if (path.starts_with(area_path(area))) return true;
        if (!entry.location.empty()) {
            const auto [to, is_new] = redirects_.try_emplace(entry.status);
            if (is_new) to->second = {fmt::format("yakuba_to_{}", entry.status), "\"\"", {}};
            add(to->second, path, entry.location);
        } else if (!entry.has_body()) {
            if (entry.status == 410) add(gone_, path, "1");
        } else {
            const auto usual = type_of_ending_.find(ending_of(path));
            if (usual == type_of_ending_.end() || usual->second != content_type_of(entry))
                add(types_, path, content_type_of(entry));
            for (const auto& [name, value] : entry.headers) add(headers_of(name), path, value);
            if (entry.path.starts_with(".well-known/") && !release::is_hidden(entry.path)) add(shown_, path, "1");
            if (entry.status != 200) error_pages_.try_emplace(entry.status, entry);
        }
        return true;
    });
}

void Writer::write_path_maps() {
    std::size_t longest = 64, count = 64;
    for (const auto& [lower, paths] : by_lower_case_) {
        longest = std::max(longest, lower.size());
        count += paths.size();
    }
    std::size_t bucket = 256, buckets = 2048;
    while (bucket < 4 * (longest + 32)) bucket *= 2;
    while (buckets < 4 * count) buckets *= 2;
    line("map_hash_bucket_size {};\nmap_hash_max_size {};\n", bucket, buckets);
    line("geo $yakuba_dollar {{ default \"$\"; }}\n");
    line("# The file that answers, as the release names it.");
    line("map $uri $yakuba_path {{\n    default $uri;\n    \"~/\\z\" \"${{uri}}index.html\";\n}}\n");
    line("# \"=\" before a path with an exception of its own: maps alone would not tell A from a.");
    line("map $yakuba_path $yakuba_known {{\n    default \"\";");
    for (const auto& [lower, paths] : by_lower_case_)
        if (paths.size() == 1 && !has_control_character(lower))
            line("    {} {};", quote(*paths.begin()), quote_text(*paths.begin()));
    line(
        "}}\nmap \"$yakuba_known\\n$yakuba_path\" $yakuba_is {{\n    default \"\";\n    \"~^(/[^\\n]*)\\n\\1\\z\" "
        "\"=\";\n}}\n");
}

void Writer::write_exceptions(const Exceptions& exceptions) {
    line("map \"$yakuba_is$yakuba_path\" ${} {{\n    default {};", exceptions.variable, exceptions.fallback);
    for (const auto& [path, value] : exceptions.rows) {
        const std::string lower = base::to_lower(path);
        const bool is_plain = by_lower_case_.at(lower).size() == 1 && !has_control_character(path);
        line("    {} {};", is_plain ? quote("=" + path) : fmt::format("\"~^{}\\z\"", as_expression(path)),
             quote_text(value));
    }
    line("}}\n");
}

void Writer::write_type_maps() {
    line(
        "map $yakuba_path $yakuba_ending {{\n    default \"\";\n    \"~\\.(?<yakuba_last>[^./]*)\\z\" "
        "$yakuba_last;\n}}");
    line("map $uri $yakuba_area {{\n    default \"\";");
    for (const settings::OtherArea& area : settings_.others)
        line("    \"~^{}\" \"other\";", as_expression(area_path(area)));
    line("}}");
    line("map \"$yakuba_area.$yakuba_ending\" $yakuba_usual_type {{\n    default {};", quote(kUnknownType));
    for (const auto& [ending, type] : type_of_ending_) line("    {} {};", quote("." + ending), quote_text(type));
    if (!settings_.others.empty())
        for (const std::string_view ending : base::known_endings()) {
            std::string type(base::media_type("x." + std::string(ending)));
            if (type.starts_with("text/")) type += "; charset=utf-8";
            line("    {} {};", quote(fmt::format("other.{}", ending)), quote(type));
        }
    line("}}");
    write_exceptions(types_);
    line("# Redirects and errors have types of their own.");
    line(
        "map $status $yakuba_content_type {{\n    default \"\";\n    200 $yakuba_type;\n    206 $yakuba_type;\n"
        "    304 $yakuba_type;\n}}\n");
}

void Writer::write_request_maps() {
    line("# Addresses that two programs could read in two ways.");
    line("map $request_uri $yakuba_refused {{\n    default \"\";");
    line("    \"~(?s)^.{{{}}}\" 414;", kLongestTarget + 1);
    line("    \"~[\\x00-\\x20\\x7f-\\xff\\x22#<>]\" 400;");
    line("    \"~*^[^?]*/(?:\\.|%2e){{1,2}}(?:[/?]|\\z)\" 400;");
    line("    \"~*%(?![0-9a-f][0-9a-f])\" 400;\n    \"~%00\" 400;\n}}");
    line("map $request $yakuba_foreign {{\n    default \"\";\n    \"~^[^ ]+ [^/]\" 1;\n}}");
    line("map $request_method $yakuba_allow {{\n    default \"GET, HEAD\";\n    GET \"\";\n    HEAD \"\";\n}}");
    line("map $request_uri $yakuba_has_coded_slash {{\n    default \"\";\n    \"~*^[^?]*%2f\" 1;\n}}\n");
    line("# Hidden files, but for those that a release has below .well-known, and names that no release can have.");
    write_exceptions(shown_);
    line(
        "map \"$yakuba_shown$yakuba_path\" $yakuba_absent {{\n    default $yakuba_has_coded_slash;\n"
        "    \"~(?s)^/(?:.*/)?\\.\" 1;\n    \"~//\" 1;\n}}\n");
}

std::string Writer::headers(std::string_view indent) const {
    std::string text = fmt::format(
        "{0}add_header Content-Type $yakuba_content_type;\n{0}add_header Allow $yakuba_allow always;\n", indent);
    for (const auto& [name, exceptions] : headers_) {
        std::string written = name;
        for (const auto& [spelled, value] : settings_.public_site.headers)
            if (base::equals_ignoring_case(spelled, name)) written = spelled;
        text += fmt::format("{}add_header {} ${} always;\n", indent, written, exceptions.variable);
    }
    return text;
}

void Writer::write_areas() {
    for (const settings::OtherArea& area : settings_.others) {
        const std::string path = area_path(area);
        if (path == "/")
            throw base::Error(base::Kind::BadInput, "[[others]] with the path / leaves nothing for the site itself");
        const std::string folder = settings_.resolve(area.folder).lexically_normal().string();
        line("    # Written by another system.");
        line("    location = {} {{ return 301 {}$is_args$args\"; }}", quote(path.substr(0, path.size() - 1)), [&] {
            std::string to = quote_text(base::percent_encode(path));
            to.pop_back();
            return to;
        }());
        line("    location ^~ {} {{\n        alias {};\n    }}", quote(path),
             quote_text(folder.ends_with('/') ? folder : folder + "/"));
    }
}

void Writer::write_error_page(int status, std::string_view location, std::string_view text) {
    line("    location {} {{", location);
    const auto page = error_pages_.find(status);
    if (page == error_pages_.end()) {
        line("        default_type \"text/plain; charset=utf-8\";\n        return {} \"{}\\n\";\n    }}", status, text);
        return;
    }
    line("        default_type {};\n        etag off;\n        max_ranges 0;\n        gzip off;",
         quote(content_type_of(page->second)));
    line("{}        add_header Last-Modified \"\";", headers("        "));
    line("        try_files {} ={};\n    }}", quote_text("/" + page->second.path), status);
}

void Writer::write_server(const std::string& listen) {
    const auto& site = settings_.public_site;
    const bool has_tls = !site.tls_certificate.empty();
    line(
        "limit_conn_zone $binary_remote_addr zone=yakuba_peers:10m;\nlimit_conn_zone $server_port "
        "zone=yakuba_all:1m;\n");
    line("server {{\n    listen {}{};", listen, has_tls ? " ssl http2" : "");
    std::string host = settings_.site.url.substr(settings_.site.url.find("://") + 3);
    host = host.substr(0, host.find_first_of(":/?#"));
    line("    server_name {};", host.empty() || host.starts_with('[') ? std::string("_") : quote(host));
    if (has_tls)
        line("    ssl_certificate {};\n    ssl_certificate_key {};\n    ssl_protocols TLSv1.2 TLSv1.3;",
             quote_text(settings_.resolve(site.tls_certificate).string()),
             quote_text(settings_.resolve(site.tls_key).string()));
    for (const std::string& proxy : site.trusted_proxies) line("    set_real_ip_from {};", quote(proxy));
    if (!site.trusted_proxies.empty()) line("    real_ip_header X-Forwarded-For;\n    real_ip_recursive on;");
    line("    root {};\n    index index.html;\n    types {{ }}\n    default_type \"\";",
         quote_text(folders_.document_root.string()));
    line(R"(    server_tokens off;
    absolute_redirect off;
    merge_slashes off;
    autoindex off;
    disable_symlinks on from=$document_root;
    open_file_cache off;
    log_not_found off;
    sendfile on;
    tcp_nopush on;

    # Slow clients and floods.
    client_header_timeout 10s;
    client_body_timeout 15s;
    send_timeout 30s;
    keepalive_timeout 60s;
    keepalive_requests 1000;
    reset_timedout_connection on;
    client_max_body_size 1k;
    client_header_buffer_size 1k;
    large_client_header_buffers 4 16k;
    limit_conn yakuba_peers 200;
    limit_conn yakuba_all {};
    limit_conn_status 503;

    # Conditional and partial requests; one range only, because many small ones of a large file are an amplifier.
    etag on;
    if_modified_since before;
    max_ranges 1;

    gzip off;
    gzip_types *;
    gzip_vary on;
    gzip_proxied any;
    gzip_http_version 1.0;
    gzip_min_length 256;
)",
         site.connections);
    result_.text += headers("    ") + "\n";
    line("    # An emergency stop is a file; 598 is nobody's status, and tells it from a server that is busy.");
    line("    if (-f {}) {{ return 598; }}", quote_text(notice_file(folders_, Part::Public).string()));
    line("    if ($yakuba_refused = 414) {{ return 414; }}\n    if ($yakuba_refused) {{ return 400; }}");
    line(
        "    if ($yakuba_foreign) {{ return 400; }}\n    if ($yakuba_allow) {{ return 405; }}\n    if ($yakuba_absent) "
        "{{ return 404; }}");
    for (const auto& [status, exceptions] : redirects_)
        line("    if (${0}) {{ return {1} ${0}; }}", exceptions.variable, status);
    line("    if ($yakuba_gone) {{ return 410; }}\n");

    std::set<std::string> compressible;
    for (const auto& [ending, type] : type_of_ending_)
        if (!ending.empty() && base::is_text_type(type.substr(0, type.find(';'))) &&
            ending.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string::npos)
            compressible.insert(ending);
    line("    location / {{ }}");
    if (!compressible.empty()) line("    location ~* \"\\.(?:{})\\z\" {{ gzip on; }}", fmt::join(compressible, "|"));
    write_areas();
    // A release without a page for 410 answers it with that for 404; one without either says a line of its own.
    const bool has_gone = error_pages_.contains(410) || !error_pages_.contains(404);
    line(
        "\n    error_page 403 =404 @yakuba_missing;\n    error_page 404 @yakuba_missing;\n    error_page 410 {};\n"
        "    error_page 503 @yakuba_unavailable;",
        has_gone ? "@yakuba_gone" : "@yakuba_missing");
    line(
        "    error_page 598 =503 @yakuba_stopped;\n    location @yakuba_stopped {{\n        root {};\n"
        "        default_type \"text/html; charset=utf-8\";\n        etag off;\n        max_ranges 0;\n        gzip "
        "off;",
        quote_text(folders_.stopped.string()));
    line("        add_header Retry-After {} always;\n        add_header Cache-Control no-store always;",
         kRetryAfter.count());
    line("{}        add_header Last-Modified \"\";\n        try_files /public.html =503;\n    }}", headers("        "));
    write_error_page(404, "@yakuba_missing",
                     "お探しのページは見つかりません。アドレスを確かめるか、トップページからおさがしください。");
    if (has_gone)
        write_error_page(410, "@yakuba_gone", "このページは掲載を終了しました。トップページからおさがしください。");
    write_error_page(503, "@yakuba_unavailable",
                     "ただいま混み合っています。しばらくしてから、もう一度お試しください。");
    line("}}");
}

NginxConfig Writer::write(const std::string& listen) {
    gather();
    line("# Written by `yakuba site nginx-config`; belongs into nginx's http context. Write it anew after a change of");
    line("# redirects, charsets, header fields, error pages or settings, and let nginx reload it.\n");
    write_path_maps();
    write_type_maps();
    write_request_maps();
    for (const auto& [status, exceptions] : redirects_) write_exceptions(exceptions);
    write_exceptions(gone_);
    for (const auto& [name, exceptions] : headers_) write_exceptions(exceptions);
    write_server(listen);
    return std::move(result_);
}

}  // namespace

NginxConfig nginx_config(const settings::Settings& settings, const Folders& folders, const release::Manifest& manifest,
                         const std::string& listen) {
    const bool is_address = !listen.empty() && listen.find_first_not_of(
                                                   "0123456789abcdefghijklmnopqrstuvwxyz"
                                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ.:[]*-") == std::string::npos;
    if (!is_address)
        throw base::Error(base::Kind::BadInput,
                          fmt::format("{} is no address to listen on; write 80, 127.0.0.1:8081 or [::]:80", listen));
    return Writer(settings, folders, manifest).write(listen);
}

}  // namespace flow
