#include "flow/advisories/fetcher.h"

#include <fstream>

#include <fmt/format.h>

#include "flow/take_inventory.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "office/advisories/myjvn.h"
#include "office/vulnerabilities/match.h"

namespace flow {

namespace fs = std::filesystem;
using advisories::Reading;
using base::Error;
using base::Kind;
using vulnerabilities::Component;

namespace {

constexpr auto kPatience = std::chrono::minutes{5};
constexpr std::size_t kMostPages = 40, kMostQueries = 2000;

std::string status_problem(const sys::Fetched& fetched) {
    if (fetched.has_failed()) return fetched.message;
    return fmt::format("サーバが{}を返しました。", fetched.status);
}

/// The address with one more parameter.
std::string with_parameter(const std::string& address, std::string_view name, std::int64_t value) {
    return fmt::format("{}{}{}={}", address, address.find('?') == std::string::npos ? "?" : "&", name, value);
}

void note_headers(vulnerabilities::Feed& feed, const sys::Fetched& fetched) {
    feed.etag = fetched.find_header("etag").value_or("");
    feed.last_modified = fetched.find_header("last-modified").value_or("");
}

void note_bytes(vulnerabilities::Feed& feed, std::string hash, base::Instant now) {
    if (feed.hash != hash || !feed.changed_at) feed.changed_at = now;
    feed.hash = std::move(hash);
}

/// A name as a JSON string: names are bounded and valid UTF-8 already.
std::string json_string(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (static_cast<unsigned char>(c) >= 0x20) out += c;
    }
    return out + "\"";
}

}  // namespace

std::string problem_of(const Reading& reading) {
    return reading.problems.empty() ? "読めませんでした。" : reading.problems.front();
}

Reading read_tracker_file(Site& site, const fs::path& file, std::span<const Component> components) {
    std::string release = site.settings.advisories.debian_release;
    if (release.empty()) release = debian_release();
    if (release.empty())
        throw Error(Kind::BadInput,
                    "Debianの版がわかりません。設定のadvisories.debian_releaseに「bookworm」のように入れてください。");
    std::ifstream in(file, std::ios::binary);
    if (!in) throw Error(Kind::Unavailable, fmt::format("{}を開けません。", file.filename().string()));
    std::string piece(256U << 10, '\0');
    return advisories::read_debian(
        [&] {
            in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
            return std::string_view(piece).substr(0, static_cast<std::size_t>(in.gcount()));
        },
        release, vulnerabilities::Matcher(components).sources());
}

Fetcher::Fetcher(Site& site, const FeedSource& source, sys::HttpClient& client)
    : site_(site), source_(source), client_(client) {
    options_.patience = kPatience;
    options_.redirects = 3;
    options_.may_compress = true;
    options_.size_limit = advisories::kLargestFeed;
    options_.ca_file = site.settings.advisories.ca_file;
    options_.proxy = site.settings.advisories.proxy;
}

std::optional<Reading> Fetcher::fetch(vulnerabilities::Feed& feed, std::span<const Component> components,
                                      base::Day since, base::Instant now) {
    if (source_.format == kTracker) return fetch_tracker(feed, components, now);
    if (source_.format == "osv" && source_.address.ends_with("/query")) return ask_osv(components);
    const auto& format = *advisories::find_format(source_.format);
    if (source_.is_entry()) {
        const std::string address = source_.format == "myjvn-alerts"
                                        ? advisories::alerts_question(source_.address)
                                        : advisories::overview_question(source_.address, source_.format == "myjvn-json",
                                                                        since, base::local_day(now));
        return read_pages(address, format, format.read(ask(address, nullptr)->body));
    }
    const auto fetched = ask(source_.address, &feed);
    if (!fetched) return std::nullopt;
    note_bytes(feed, sys::sha256(fetched->body).hex(), now);
    Reading reading = format.read(fetched->body);
    if (reading.is_feed) {
        sys::make_folders(kept_file().parent_path(), 0750);
        sys::write_file(kept_file(), fetched->body);
    }
    return read_pages(source_.address, format, std::move(reading));
}

/// MyJVN tells its answer in pages.
Reading Fetcher::read_pages(const std::string& address, const advisories::Format& format, Reading reading) {
    for (std::size_t page = 1;
         page < kMostPages && reading.is_feed && reading.total > 0 && reading.returned > 0 && reading.cut.empty();
         ++page) {
        const std::int64_t next = reading.first + reading.returned;
        if (next > reading.total) break;
        Reading further = format.read(ask(with_parameter(address, "startItem", next), nullptr)->body);
        if (!further.is_feed) throw Error(Kind::Unavailable, fmt::format("{}件目から：{}", next, problem_of(further)));
        reading.cut = further.cut;
        if (further.returned <= 0 || further.first != next) break;
        std::move(further.items.begin(), further.items.end(), std::back_inserter(reading.items));
        reading.left_out += further.left_out;
        reading.first = further.first;
        reading.returned = further.returned;
    }
    const std::int64_t last = reading.first + reading.returned - 1;
    if (reading.is_feed && reading.cut.empty() && reading.total > 0 && last < reading.total)
        reading.cut = fmt::format(
            "MyJVNの{}件のうち、{}件目までしか届きません。情報源のアドレスで期間などを狭めるか、"
            "回答を確かめてください。",
            reading.total, last);
    return reading;
}

std::vector<advisories::Advisory> Fetcher::fetch_details(std::span<const std::string> ids, std::string& problem) {
    const bool is_json = source_.format == "myjvn-csaf";
    const auto& format = *advisories::find_format(source_.format);
    std::vector<advisories::Advisory> all;
    const std::size_t in_one = is_json ? 1 : advisories::kMostDetails;
    for (std::size_t from = 0; from < ids.size(); from += in_one) {
        try {
            const std::string address = advisories::detail_question(
                source_.address, is_json, ids.subspan(from, std::min(in_one, ids.size() - from)));
            Reading reading = format.read(ask(address, nullptr)->body);
            if (!reading.is_feed || reading.items.empty()) problem = problem_of(reading);
            std::move(reading.items.begin(), reading.items.end(), std::back_inserter(all));
        } catch (const Error& error) {
            problem = error.message();
            break;  // the others would wait as long, and fail as well
        }
    }
    return all;
}

std::optional<sys::Fetched> Fetcher::ask(const std::string& address, vulnerabilities::Feed* feed) {
    sys::FetchOptions options = options_;
    if (feed && !feed->etag.empty()) options.headers.emplace_back("If-None-Match", feed->etag);
    if (feed && !feed->last_modified.empty()) options.headers.emplace_back("If-Modified-Since", feed->last_modified);
    sys::Fetched fetched = client_.try_fetch(address, options);
    if (feed && fetched.status == 304 && !fetched.has_failed()) return std::nullopt;
    if (fetched.has_failed() || fetched.status != 200) throw Error(Kind::Unavailable, status_problem(fetched));
    if (feed) note_headers(*feed, fetched);
    return fetched;
}

std::optional<Reading> Fetcher::fetch_tracker(vulnerabilities::Feed& feed, std::span<const Component> components,
                                              base::Instant now) {
    const sys::TemporaryFolder scratch(site_.folders.run);
    const fs::path file = scratch.path() / "tracker.json";
    std::ofstream out(file, std::ios::binary);
    sys::Hasher hasher;
    sys::FetchOptions options = options_;
    options.size_limit = advisories::kLargestTracker;
    options.sink = [&](std::string_view piece) {
        out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
        hasher.add(piece);
        return out.good();
    };
    if (!feed.etag.empty()) options.headers.emplace_back("If-None-Match", feed.etag);
    const sys::Fetched fetched = client_.try_fetch(source_.address, options);
    out.close();
    if (fetched.status == 304 && !fetched.has_failed()) return std::nullopt;
    if (fetched.has_failed() || fetched.status != 200 || !out) throw Error(Kind::Unavailable, status_problem(fetched));
    note_headers(feed, fetched);
    note_bytes(feed, hasher.finish().hex(), now);
    Reading reading = read_tracker_file(site_, file, components);
    if (reading.is_feed) {
        sys::make_folders(kept_file().parent_path(), 0750);
        fs::rename(file, kept_file());
    }
    return reading;
}

/// One question for each package of npm and each script library whose version is known.
Reading Fetcher::ask_osv(std::span<const Component> components) {
    Reading all;
    std::size_t asked = 0;
    for (const Component& one : components) {
        if ((one.kind != "npm" && one.kind != "script") || one.version.empty() || one.gone) continue;
        if (++asked > kMostQueries)
            throw Error(Kind::Unavailable, "npmパッケージが多すぎて、すべては問い合わせできません。");
        std::string page;
        for (std::size_t pages = 0; pages == 0 || !page.empty(); ++pages) {
            if (pages >= kMostPages) {
                all.cut = fmt::format("{}の回答が長すぎて、すべては受け取れません。", one.name);
                break;
            }
            Reading reading = ask_osv_page(one, page);
            std::move(reading.items.begin(), reading.items.end(), std::back_inserter(all.items));
            all.left_out += reading.left_out;
            page = reading.next_page;
        }
    }
    return all;
}

Reading Fetcher::ask_osv_page(const Component& one, const std::string& page) {
    sys::FetchOptions options = options_;
    options.method = "POST";
    options.headers.emplace_back("Content-Type", "application/json");
    options.body =
        fmt::format(R"({{"version":{},"package":{{"name":{},"ecosystem":"npm"}}{}}})", json_string(one.version),
                    json_string(one.name), page.empty() ? "" : R"(,"page_token":)" + json_string(page));
    const sys::Fetched fetched = client_.try_fetch(source_.address, options);
    if (fetched.has_failed() || fetched.status != 200) throw Error(Kind::Unavailable, status_problem(fetched));
    Reading reading = advisories::read_osv(fetched.body);
    if (!reading.is_feed) throw Error(Kind::Unavailable, problem_of(reading));
    return reading;
}

/// By the hash of its name, which the settings leave free.
fs::path Fetcher::kept_file() const {
    return site_.folders.run / "feeds" / sys::sha256(source_.name).hex().substr(0, 16);
}

}  // namespace flow
