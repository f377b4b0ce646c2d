#include "flow/watch_outside.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include "flow/scan_content.h"
#include "flow/stop_service.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "ground/sys/log.h"

namespace flow {

namespace {

using namespace std::chrono_literals;

constexpr unsigned kParallel = 4;
constexpr auto kAfterDamage = 60s;
constexpr auto kWhileStopped = 10s;
constexpr auto kLeftAlone = 10min;
constexpr std::size_t kLargestFetched = 256U << 20;

std::vector<std::string> resolve(const std::string& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* raw = nullptr;
    if (::getaddrinfo(host.c_str(), nullptr, &hints, &raw) != 0) return {};
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found(raw, &::freeaddrinfo);
    std::vector<std::string> addresses;
    for (const addrinfo* at = found.get(); at != nullptr; at = at->ai_next) {
        char text[NI_MAXHOST];
        if (::getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0)
            addresses.emplace_back(text);
    }
    return addresses;
}

void follow_all(release::Follower& follower) {
    while (follower.step(release::Follower::Look::Thorough)) {
    }
}

/// A page that is to be asked, by its address below the server's.
struct Wanted {
    std::string url_path;
    release::Entry entry;
    bool is_important = false;
};

std::vector<Wanted> wanted_pages(const release::Manifest& manifest, const settings::Settings& settings) {
    std::vector<Wanted> wanted;
    for (std::string_view path : settings.outside.important) {
        while (path.starts_with('/')) path.remove_prefix(1);
        if (const auto entry = manifest.find(guard::entry_path(path)))
            wanted.push_back({std::string(path), *entry, settings.outside.several_ways});
    }
    manifest.each([&](const release::Entry& entry) {
        if (!release::is_hidden(entry.path) && (entry.status == 200 || !entry.has_body()))
            wanted.push_back({base::percent_encode(entry.path), entry, false});
        return true;
    });
    return wanted;
}

/// Asks for all of them, some at a time.
std::vector<guard::OutsideFinding> look_at_all(sys::HttpClient& client, const std::string& url,
                                               const std::vector<Wanted>& wanted, const guard::OutsideOptions& how,
                                               const VerifyOutsideOptions& options) {
    std::vector<guard::OutsideFinding> findings;
    std::atomic<std::size_t> next{0}, done{0};
    std::atomic<bool> is_away{false};
    std::mutex mutex;
    const auto work = [&] {
        for (std::size_t i = next++; i < wanted.size() && !is_away; i = next++) {
            const Wanted& one = wanted[i];
            const std::span<const guard::Way> ways =
                std::span(guard::kAllWays).first(one.is_important ? std::size(guard::kAllWays) : 1);
            auto look = guard::look_at_page(client, url, one.url_path, one.entry, ways, how);
            const std::lock_guard lock(mutex);
            for (guard::OutsideFinding& finding : look.findings) {
                // A server that is away, or cannot be trusted, is one finding and not ten thousand.
                if (finding.subject == guard::server_name(url)) is_away = true;
                findings.push_back(std::move(finding));
            }
            ++done;
        }
    };
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < kParallel; ++i) threads.emplace_back(work);
    while (done < wanted.size() && next < wanted.size() + kParallel && !is_away) {
        if (options.is_stopped && options.is_stopped()) {
            next = wanted.size();
            threads.clear();
            throw base::Interrupted("the comparison was interrupted");
        }
        if (options.progress)
            options.progress(static_cast<std::int64_t>(done), static_cast<std::int64_t>(wanted.size()));
        std::this_thread::sleep_for(10ms);
    }
    threads.clear();
    if (is_away) {
        std::erase_if(findings, [&](const auto& one) { return one.subject != guard::server_name(url); });
        findings.resize(1);
    }
    return findings;
}

}  // namespace

guard::OutsideOptions outside_options(const settings::Settings& settings, const base::Clock& clock,
                                      const signals::Take& tell) {
    const auto& given = settings.outside;
    guard::OutsideOptions options;
    options.servers = given.servers;
    if (!settings.guard.url.empty() &&
        std::find(given.servers.begin(), given.servers.end(), settings.guard.url) == given.servers.end())
        options.servers.push_back(settings.guard.url);
    options.important = given.important;
    options.important_every = std::chrono::minutes(given.important_minutes);
    options.all_within = std::chrono::hours(given.all_hours);
    options.requests_per_second = static_cast<int>(given.requests_per_second);
    options.several_ways = given.several_ways;
    options.random_paths = static_cast<int>(given.random_paths);
    options.certificate_days = static_cast<int>(given.certificate_days);
    options.addresses = given.addresses;
    options.ask.patience = std::chrono::seconds(given.timeout_seconds);
    if (!given.ca_file.empty()) options.ask.ca_file = settings.resolve(given.ca_file).string();
    options.ask.headers = settings.public_site.headers;
    options.resolve = resolve;
    if (tell)
        options.inspect = [hosts = site_hosts(settings), &clock, tell](std::string_view bytes, const std::string& url) {
            std::string path = url.substr(url.find("//") + 2);
            path = path.substr(std::min(path.find('/') + 1, path.size()));
            if (path.empty() || path.ends_with('/')) path += "index.html";
            for (signals::Signal& one : content::to_signals(content::scan(bytes, path, hosts), url, clock.now()))
                tell(std::move(one));
        };
    return options;
}

std::vector<std::pair<std::string, ObjectSource>> outside_sources(const settings::Settings& settings,
                                                                  const base::Clock& clock) {
    const guard::OutsideOptions how = outside_options(settings, clock, {});
    sys::FetchOptions options;
    options.ca_file = how.ask.ca_file;
    options.size_limit = kLargestFetched;
    const auto client = std::make_shared<sys::HttpClient>();  // shared by the sources, which are asked by one thread
    std::vector<std::pair<std::string, ObjectSource>> sources;
    for (std::string url : how.servers) {
        if (!url.ends_with('/')) url += '/';
        std::string name = fmt::format("server {}", guard::server_name(url));
        sources.emplace_back(
            std::move(name),
            [url = std::move(url), options, client, &clock, left_alone_until = std::chrono::nanoseconds(0)](
                const base::Hash& hash, const std::string& path) mutable -> std::optional<std::string> {
                if (path.empty() || clock.monotonic() < left_alone_until) return std::nullopt;
                sys::Fetched fetched = client->try_fetch(url + base::percent_encode(path), options);
                if (fetched.status == 0) left_alone_until = clock.monotonic() + kLeftAlone;
                if (fetched.has_failed() || sys::sha256(fetched.body) != hash) return std::nullopt;
                return std::move(fetched.body);
            });
    }
    return sources;
}

std::unique_ptr<OutsideDesk> OutsideDesk::open(const std::filesystem::path& folder, const settings::Settings& settings,
                                               const base::Clock& clock, Tell tell, signals::TakeRound round) {
    // What an earlier run has raised is ended even when nothing is asked any more.
    if (settings.outside.servers.empty() && settings.guard.url.empty() && settings.outside.addresses.empty() &&
        !std::filesystem::exists(folders_of(folder).run / "outside"))
        return nullptr;
    return std::unique_ptr<OutsideDesk>(new OutsideDesk(folder, settings, clock, std::move(tell), std::move(round)));
}

OutsideDesk::OutsideDesk(const std::filesystem::path& folder, const settings::Settings& settings,
                         const base::Clock& clock, Tell tell, signals::TakeRound round)
    : side_(open_public_side(folder)),
      tell_([tell = std::move(tell)](signals::Signal one) { tell(std::span(&one, 1)); }),
      look_(
          [&] {
              guard::OutsideOptions options = outside_options(settings, clock, tell_);
              options.round = std::move(round);
              return options;
          }(),
          client_, clock, side_.folders.run / "outside") {}

std::chrono::milliseconds OutsideDesk::turn() {
    if (find_stop(side_.folders, Part::Public)) return kWhileStopped;  // told by itself; every page answers the notice
    try {
        if (!follower_) follower_.emplace(side_.log, side_.keys);
        follow_all(*follower_);
    } catch (const base::Error& error) {
        // The guard reports a damaged log; there is nothing to compare with while it lasts.
        sys::log(sys::Level::Warning, "the look from outside waits for the release log",
                 {{"problem", error.message()}});
        follower_.reset();
        return kAfterDamage;
    }
    return look_.step(follower_->manifest(), tell_);
}

OutsideVerified verify_outside(const std::filesystem::path& folder, const settings::Settings& settings, std::string url,
                               const VerifyOutsideOptions& options, const base::Clock& clock) {
    const auto start = clock.monotonic();
    if (!url.ends_with('/')) url += '/';
    const PublicSide side = open_public_side(folder);
    release::Follower follower(side.log, side.keys);
    if (follower.number() == 0)
        throw base::Error(base::Kind::NotFound, "nothing has been published yet; run `yakuba site publish` first");
    sys::HttpClient client;
    const guard::OutsideOptions how = outside_options(settings, clock, {});
    std::vector<Wanted> wanted = wanted_pages(follower.manifest(), settings);
    OutsideVerified result;
    result.files = static_cast<std::int64_t>(wanted.size());
    for (const Wanted& one : wanted) result.bytes += one.entry.size;
    result.findings = look_at_all(client, url, wanted, how, options);
    const auto is_of_server = [&](const auto& one) { return one.subject == guard::server_name(url); };
    if (!result.findings.empty() && !std::any_of(result.findings.begin(), result.findings.end(), is_of_server)) {
        // It may have been published between two requests: once more, against what is newest then.
        std::this_thread::sleep_for(options.second_look);
        follow_all(follower);
        std::set<std::string> paths;
        for (const auto& one : result.findings) paths.insert(one.subject);
        std::vector<Wanted> again = wanted_pages(follower.manifest(), settings);
        std::erase_if(again, [&](const Wanted& one) { return !paths.contains(url + one.url_path); });
        result.findings = look_at_all(client, url, again, how, {nullptr, options.is_stopped, {}});
    }
    for (int i = 0; i < how.random_paths && !std::any_of(result.findings.begin(), result.findings.end(), is_of_server);
         ++i) {
        for (auto& one : guard::look_at_nothing(client, url, guard::random_path(), how))
            result.findings.push_back(std::move(one));
        ++result.files;
    }
    std::sort(result.findings.begin(), result.findings.end(),
              [](const auto& a, const auto& b) { return a.subject < b.subject; });
    result.release = follower.number();
    result.seconds = std::chrono::duration<double>(clock.monotonic() - start).count();
    return result;
}

}  // namespace flow
