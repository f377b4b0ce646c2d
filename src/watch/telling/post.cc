#include "watch/telling/inside/post.h"

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/http_client.h"

namespace telling {

namespace {

bool is_loopback(std::string_view url) {
    for (const std::string_view start : {"http://127.0.0.1", "http://[::1]", "http://localhost"})
        if (url.starts_with(start) &&
            (url.size() == start.size() || url[start.size()] == ':' || url[start.size()] == '/'))
            return true;
    return false;
}

}  // namespace

std::string find_url_fault(std::string_view target) {
    if (target.starts_with('@')) return target.size() > 1 ? "" : "ファイル名がありません";
    if (target.starts_with("https://") && target.size() > 8) return "";
    if (is_loopback(target)) return "";
    return "https:// で始まるアドレスではありません";
}

Reply post_json(const Outgoing& message, const Means& means, std::string body) {
    std::string url = message.target;
    try {
        if (url.starts_with('@')) url = std::string(base::trim(means.read_secret(url.substr(1))));
    } catch (const base::Error& error) {
        return {Fate::Later, error.message()};
    }
    if (url.starts_with('@') || !find_url_fault(url).empty())
        return {Fate::Never, "送り先が https:// で始まるアドレスではありません。"};
    sys::FetchOptions options;
    options.method = "POST";
    options.headers = {{"Content-Type", "application/json"}, {"Idempotency-Key", message.token}};
    options.body = std::move(body);
    options.patience = means.patience;
    options.connect_patience = means.patience;
    options.size_limit = 64U << 10;
    options.ca_file = means.ca_file;
    const sys::Fetched fetched = means.http->try_fetch(url, options);
    if (fetched.has_failed() && fetched.status == 0)
        return {Fate::Later, fmt::format("届きませんでした（{}）。", sys::fetch_failure_name(fetched.failure))};
    const std::string said = base::to_valid_utf8(fetched.body.substr(0, 200));
    const std::string reply = fmt::format("HTTP {} {}", fetched.status, said);
    if (fetched.status >= 200 && fetched.status < 300) return {Fate::Sent, reply};
    const bool is_passing = fetched.status == 408 || fetched.status == 429 || fetched.status >= 500;
    return {is_passing ? Fate::Later : Fate::Never, reply};
}

}  // namespace telling
