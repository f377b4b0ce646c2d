#include "watch/cutover/ask.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/text.h"
#include "ground/sys/crypto.h"

namespace cutover {

namespace {

constexpr int kMostHops = 10;
constexpr std::string_view kProtecting[] = {"strict-transport-security", "content-security-policy",
                                            "x-content-type-options", "x-frame-options", "referrer-policy"};

bool is_redirect(int status) {
    return status >= 300 && status < 400 && status != 304 && status != 300;
}

/// The name and path that a target of this server leads to; nothing when it leads elsewhere.
std::optional<std::pair<std::string, std::string>> find_next(std::string_view target, const std::string& name,
                                                             const std::string& path,
                                                             const std::vector<std::string>& names,
                                                             const std::string& scheme) {
    target = base::trim(target);
    const std::string lower = base::to_lower(target.substr(0, 8));
    const std::size_t start = lower.starts_with("https://")  ? 8
                              : lower.starts_with("http://") ? 7
                              : target.starts_with("//")     ? 2
                                                             : 0;
    if (start == 0) {
        if (target.empty()) return std::nullopt;
        if (target.starts_with('/')) return std::pair(name, std::string(target));
        const std::string_view folder = std::string_view(path).substr(0, path.find('?'));
        return std::pair(name, std::string(folder.substr(0, folder.rfind('/') + 1)) + std::string(target));
    }
    if (start != 2 && !lower.starts_with(scheme + "://")) return std::nullopt;  // from http to https is another way in
    const std::size_t end = std::min(target.find_first_of("/?#", start), target.size());
    std::string host = base::to_lower(target.substr(start, end - start));
    host = host.substr(0, host.find(':'));
    if (std::find(names.begin(), names.end(), host) == names.end()) return std::nullopt;
    std::string rest(target.substr(end));
    return std::pair(host, rest.starts_with('/') ? rest : "/" + rest);
}

}  // namespace

AskedServer::AskedServer(Endpoint endpoint, std::string ca_file, std::chrono::milliseconds patience)
    : endpoint_(std::move(endpoint)), ca_file_(std::move(ca_file)), patience_(patience) {}

Answer AskedServer::ask_once(std::string_view name, std::string_view path) {
    Answer answer;
    sys::Hasher hasher;
    sys::FetchOptions how;
    how.patience = patience_;
    how.connect_patience = std::min<std::chrono::milliseconds>(patience_, std::chrono::seconds(10));
    how.size_limit = std::size_t{1} << 40;  // the sink stops before: what is longer is compared as far as that
    how.ca_file = ca_file_;
    how.resolve = {endpoint_.resolve(name)};
    how.headers = {{"Host", std::string(name)}};
    how.user_agent = "Yakuba cutover check";
    how.sink = [&](std::string_view piece) {
        if (answer.size + static_cast<std::int64_t>(piece.size()) > kLargestBody) {
            piece = piece.substr(0, static_cast<std::size_t>(kLargestBody - answer.size));
            answer.is_cut = true;
        }
        hasher.add(piece);
        answer.size += static_cast<std::int64_t>(piece.size());
        if (answer.size <= static_cast<std::int64_t>(kLargestPage))
            answer.body += piece;
        else
            answer.body = {};
        return !answer.is_cut;
    };
    const sys::Fetched fetched = client_.try_fetch(endpoint_.url(name, path), how);
    answer.hash = hasher.finish();
    if (fetched.has_failed() && !answer.is_cut) {
        answer.problem = fetched.message;
        return answer;
    }
    answer.status = fetched.status;
    answer.content_type = fetched.find_header("content-type").value_or("");
    answer.location = fetched.find_header("location").value_or("");
    for (const std::string_view header : kProtecting)
        if (const auto value = fetched.find_header(header)) answer.headers.emplace(header, *value);
    return answer;
}

Answer AskedServer::ask(std::string_view name, std::string_view path, const std::vector<std::string>& names) {
    Answer first = ask_once(name, path);
    if (!is_redirect(first.status)) return first;
    std::string host(name), here(path), location = first.location;
    for (int hop = 0; hop < kMostHops; ++hop) {
        auto next = find_next(location, host, here, names, endpoint_.scheme);
        if (!next) return first;
        host = std::move(next->first);
        here = next->second.substr(0, next->second.find('#'));
        Answer answer = ask_once(host, here);
        location = answer.location;
        if (is_redirect(answer.status)) continue;
        first.landed.push_back(std::move(answer));
        first.landed_path = here;
        return first;
    }
    first.is_loop = true;
    return first;
}

AskedServer::Certificate AskedServer::look_at_certificate(std::string_view name) {
    Certificate certificate;
    if (endpoint_.scheme != "https") {
        certificate.is_asked = false;
        return certificate;
    }
    sys::HttpClient fresh;  // a new connection: only that one tells of its certificate
    sys::FetchOptions how;
    how.sink = [](std::string_view) { return false; };  // not HEAD, which some servers never answer
    how.patience = patience_;
    how.connect_patience = std::min<std::chrono::milliseconds>(patience_, std::chrono::seconds(10));
    how.ca_file = ca_file_;
    how.resolve = {endpoint_.resolve(name)};
    how.headers = {{"Host", std::string(name)}};
    how.wants_certificate = true;
    const sys::Fetched fetched = fresh.try_fetch(endpoint_.url(name, "/"), how);
    if (fetched.certificate_until) certificate.until = base::Instant{*fetched.certificate_until};
    if (fetched.has_failed() && fetched.status == 0)
        certificate.problem = fetched.failure == sys::FetchFailure::Tls
                                  ? fmt::format("この名前の証明書として認められません（{}）", fetched.message)
                                  : fetched.message;
    return certificate;
}

}  // namespace cutover
