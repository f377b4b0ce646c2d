#include "watch/guard/outside_answer.h"

#include <algorithm>

#include "ground/base/text.h"
#include "ground/sys/crypto.h"

namespace guard {

namespace {

constexpr std::size_t kKeptBody = 256 << 10;
constexpr std::int64_t kSmall = 2 << 20;    ///< bytes that the usual patience is enough for
constexpr std::int64_t kSlowestRate = 256;  ///< bytes in a millisecond; a server that is slower does not serve

struct Manner {
    Way way;
    std::string_view name, wording, agent, referrer;
};
constexpr Manner kManners[] = {
    {Way::Plain, "plain", "通常の閲覧",
     "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36", ""},
    {Way::SearchVisitor, "search-visitor", "検索サイト経由",
     "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36",
     "https://www.google.com/search?q=%E5%B8%82%E5%BD%B9%E6%89%80"},
    {Way::SearchRobot, "search-robot", "検索ロボット",
     "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", ""},
    {Way::Phone, "phone", "スマートフォン",
     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 "
     "Mobile/15E148 Safari/604.1",
     "https://search.yahoo.co.jp/"},
};

const Manner& manner_of(Way way) {
    return kManners[static_cast<std::size_t>(way)];
}

std::string shown(std::string_view value) {
    return value.empty() ? "なし" : std::string(base::first_code_points(base::to_valid_utf8(value), 120));
}

/// "text/html; charset=UTF-8" means what "text/html;charset=utf-8" does.
std::string plain_type(std::string_view value) {
    std::string type = base::to_lower(value);
    std::erase_if(type, [](char c) { return c == ' ' || c == '"'; });
    return type;
}

std::optional<Fault> wrong_header(std::string_view name, std::string_view wanted, std::string_view got) {
    if (wanted == got) return std::nullopt;
    return Fault{"outside.header",
                 fmt::format("ヘッダ{}が「{}」です。正しくは「{}」です。", name, shown(got), shown(wanted))};
}

}  // namespace

std::string_view way_name(Way way) {
    return manner_of(way).name;
}

std::string_view way_wording(Way way) {
    return manner_of(way).wording;
}

Seen ask(sys::HttpClient& client, const std::string& url, Way way, std::int64_t largest, const AskOptions& options) {
    const Manner& manner = manner_of(way);
    Seen seen;
    sys::Hasher hasher;
    sys::FetchOptions wanted;
    wanted.patience =
        options.patience + std::chrono::milliseconds(std::max<std::int64_t>(0, largest - kSmall) / kSlowestRate);
    wanted.connect_patience = std::min<std::chrono::milliseconds>(options.patience, std::chrono::seconds(10));
    wanted.size_limit = static_cast<std::size_t>(largest);
    wanted.may_compress = way != Way::Plain;
    wanted.ca_file = options.ca_file;
    wanted.wants_certificate = url.starts_with("https:");
    wanted.user_agent = manner.agent;
    if (!manner.referrer.empty()) wanted.headers.emplace_back("Referer", manner.referrer);
    std::string kept;
    wanted.sink = [&](std::string_view piece) {
        hasher.add(piece);
        seen.size += static_cast<std::int64_t>(piece.size());
        if (kept.size() < kKeptBody) kept += piece.substr(0, kKeptBody - kept.size());
        return seen.size <= largest;
    };
    seen.fetched = client.try_fetch(url, wanted);
    seen.fetched.body = std::move(kept);
    seen.hash = hasher.finish();
    return seen;
}

std::optional<Fault> find_fault(const release::Entry& entry, const Seen& seen, const AskOptions& options) {
    const sys::Fetched& fetched = seen.fetched;
    if (fetched.status != entry.status) {
        // What leads elsewhere instead of answering is told as a redirect, with where it leads.
        if (fetched.status >= 300 && fetched.status < 400 && fetched.status != 304)
            return Fault{"outside.redirect", fmt::format("{}へ転送されます（応答{}）。正しい応答は{}です。",
                                                         shown(fetched.find_header("location").value_or("")),
                                                         fetched.status, entry.status)};
        return Fault{"outside.status", fmt::format("応答が{}です。正しくは{}です。", fetched.status, entry.status)};
    }
    if (!entry.has_body()) {
        const std::string_view location = fetched.find_header("location").value_or("");
        if (entry.location.empty() || location == entry.location || location.ends_with(entry.location))
            return std::nullopt;
        return Fault{"outside.redirect",
                     fmt::format("{}へ転送されます。正しくは{}です。", shown(location), shown(entry.location))};
    }
    if (fetched.has_failed() && fetched.failure != sys::FetchFailure::TooLarge)
        return Fault{"outside.incomplete", fmt::format("応答が途中で止まりました（{}）。", shown(fetched.message))};
    if (seen.hash != entry.hash || seen.size != entry.size)
        return Fault{
            "outside.changed",
            fetched.failure == sys::FetchFailure::TooLarge
                ? fmt::format("内容が公開したものより大きくなっています（公開したものは{}バイト）。", entry.size)
                : fmt::format("内容が公開したものと違います（{}バイト。公開したものは{}バイト）。", seen.size,
                              entry.size)};
    const std::string wanted_type = entry.charset.empty() ? entry.type : entry.type + ";charset=" + entry.charset;
    if (auto fault = wrong_header("Content-Type", plain_type(wanted_type),
                                  plain_type(fetched.find_header("content-type").value_or(""))))
        return fault;
    for (const auto& [name, value] : entry.headers)
        if (auto fault = wrong_header(name, value, fetched.find_header(name).value_or(""))) return fault;
    for (const auto& [name, value] : options.headers)
        if (auto fault = wrong_header(name, value, fetched.find_header(base::to_lower(name)).value_or("")))
            return fault;
    return std::nullopt;
}

std::string unreachable_reason(const sys::Fetched& fetched) {
    if (fetched.status != 0) return "";  // it answered: what is wrong is the page's
    switch (fetched.failure) {
        case sys::FetchFailure::None:
        case sys::FetchFailure::TooLarge:
        case sys::FetchFailure::Tls:
            return "";
        default:
            return fetched.message.empty() ? std::string(sys::fetch_failure_name(fetched.failure)) : fetched.message;
    }
}

}  // namespace guard
