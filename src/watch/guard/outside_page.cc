// One page, one missing page: asked, compared, and put into words.
#include <random>

#include <boost/json.hpp>

#include "ground/base/text.h"
#include "watch/guard/outside.h"

namespace guard {

namespace {

constexpr std::int64_t kSlack = 1 << 20;  ///< bytes that a body may be larger before it is given up

std::string payload_of(const Seen& seen, Way way, const release::Entry* entry) {
    boost::json::object object{{"way", way_name(way)},
                               {"status", seen.fetched.status},
                               {"sha256", seen.hash.hex()},
                               {"size", seen.size},
                               {"address", base::to_valid_utf8(seen.fetched.address)}};
    if (entry != nullptr) {
        object["expected_sha256"] = entry->hash.hex();
        object["expected_size"] = entry->size;
    }
    return boost::json::serialize(object);
}

/// What the server itself has to answer for: it is away, or its certificate is no good.
std::optional<OutsideFinding> server_fault(const Seen& seen, const std::string& server) {
    OutsideFinding finding;
    finding.subject = server_name(server);
    if (seen.fetched.failure == sys::FetchFailure::Tls) {
        finding.kind = "outside.certificate";
        finding.text =
            fmt::format("{}の証明書を確かめられません（{}）。", server, base::to_valid_utf8(seen.fetched.message));
        return finding;
    }
    const std::string reason = unreachable_reason(seen.fetched);
    if (reason.empty()) return std::nullopt;
    finding.kind = "outside.unreachable";
    finding.text = fmt::format("{}に接続できません（{}）。", server, base::to_valid_utf8(reason));
    return finding;
}

signals::Severity severity_of(std::string_view kind) {
    return kind == "outside.header" || kind == "outside.soft404" ? signals::Severity::Warning
                                                                 : signals::Severity::Serious;
}

}  // namespace

PageLook look_at_page(sys::HttpClient& client, const std::string& server, const std::string& url_path,
                      const release::Entry& entry, std::span<const Way> ways, const OutsideOptions& options) {
    const std::string url = server + url_path;
    PageLook look;
    for (const Way way : ways) {
        const Seen seen = ask(client, url, way, entry.size + kSlack, options.ask);
        if (seen.fetched.certificate_until) look.certificate_until = base::Instant{*seen.fetched.certificate_until};
        if (auto fault = server_fault(seen, server)) {
            look.findings.push_back(*fault);
            return look;
        }
        const auto fault = find_fault(entry, seen, options.ask);
        if (!fault) continue;
        OutsideFinding finding;
        finding.kind = way == Way::Plain ? fault->kind : "outside.cloaked";
        finding.subject = url;
        finding.path = entry.path;
        finding.severity = severity_of(finding.kind);
        finding.text = way == Way::Plain ? fmt::format("{}：{}", url, fault->detail)
                                         : fmt::format("{}は、{}のときだけ違う応答をします。{}", url, way_wording(way),
                                                       fault->detail);
        finding.payload = payload_of(seen, way, &entry);
        finding.status = seen.fetched.status;
        if (options.inspect && fault->kind != "outside.header") options.inspect(seen.fetched.body, url);
        look.findings.push_back(std::move(finding));
        return look;
    }
    return look;
}

std::optional<OutsideFinding> judge_certificate(base::Instant until, const std::string& server, int days,
                                                base::Instant now) {
    const auto left = std::chrono::duration_cast<std::chrono::hours>(until - now).count() / 24;
    if (left >= days) return std::nullopt;
    OutsideFinding finding;
    finding.kind = "outside.certificate";
    finding.subject = server_name(server);
    finding.severity = signals::Severity::Warning;
    finding.text =
        fmt::format("{}の証明書の期限が近づいています（{}まで、残り{}日）。", server, base::format_local(until), left);
    return finding;
}

std::vector<OutsideFinding> look_at_nothing(sys::HttpClient& client, const std::string& server,
                                            const std::string& url_path, const OutsideOptions& options) {
    const Seen seen = ask(client, server + url_path, Way::Plain, kSlack, options.ask);
    if (auto fault = server_fault(seen, server)) return {*fault};
    if (seen.fetched.status == 404 || seen.fetched.status == 410) return {};
    OutsideFinding finding;
    finding.kind = "outside.soft404";
    finding.subject = server_name(server);  // the path is another each time
    finding.severity = severity_of(finding.kind);
    finding.text = fmt::format("存在しないアドレス{}{}に、応答{}が返ります（正しくは404）。", server, url_path,
                               seen.fetched.status);
    finding.payload = payload_of(seen, Way::Plain, nullptr);
    finding.status = seen.fetched.status;
    if (options.inspect) options.inspect(seen.fetched.body, server + url_path);
    return {finding};
}

std::string server_name(std::string_view url) {
    while (url.ends_with('/')) url.remove_suffix(1);
    return std::string(url);
}

std::string random_path() {
    static constexpr std::string_view kForms[] = {"shop/item-{}.html", "products/{}.html", "{}/index.html",
                                                  "news/sale-{}.html"};
    std::random_device source;
    std::string name;
    for (int i = 0; i < 12; ++i) name += "0123456789abcdef"[source() % 16];
    return fmt::format(fmt::runtime(kForms[source() % std::size(kForms)]), name);
}

std::string entry_path(std::string_view url_path) {
    while (url_path.starts_with('/')) url_path.remove_prefix(1);
    std::string path = base::percent_decode(url_path).value_or(std::string(url_path));
    if (path.empty() || path.ends_with('/')) path += "index.html";
    return path;
}

}  // namespace guard
