#include "flow/watch_advisories.h"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

#include "flow/take_inventory.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "ground/sys/log.h"
#include "office/advisories/readers.h"
#include "office/vulnerabilities/inspections.h"

namespace flow {

namespace fs = std::filesystem;
using advisories::Advisory;
using advisories::Reading;
using base::Error;
using base::Kind;
using signals::Signal;
using vulnerabilities::By;
using vulnerabilities::Component;
using vulnerabilities::Matcher;
using namespace std::chrono_literals;

namespace {

constexpr auto kRest = 60s;
constexpr auto kJudgeEvery = 1h;
constexpr auto kInventoryEvery = 24h;
constexpr auto kSetUpWithin = 24h;
constexpr auto kFolderPatience = 24h * 14;  // for which nothing new may come in the folder
constexpr auto kPatience = 5min;
constexpr auto kKeepTold = std::chrono::hours{24 * 400};
constexpr auto kMatchAgain = std::chrono::hours{24 * 400};
constexpr std::size_t kInOne = 200;  // advisories in one transaction
constexpr std::size_t kMostFiles = 500;
constexpr std::size_t kMostPages = 20, kMostQueries = 2000;
constexpr std::string_view kTracker = "debian";
constexpr std::string_view kBy = "service:watch";

std::vector<Component> inventory_of(Site& site) {
    return site.database->read([](sys::Reader& db) { return vulnerabilities::list_inventory(db); });
}

/// Keeps what was told. Debian's tracker tells of everything that ever was: of it only what concerns us is kept.
void keep(Site& site, const Reading& reading, const std::vector<Component>& components, FeedTaken& taken,
          bool is_tracker, const By& by) {
    const Matcher matcher(components);
    std::int64_t known = 0;
    for (std::size_t from = 0; from < reading.items.size(); from += kInOne) {
        const std::span<const Advisory> part =
            std::span(reading.items).subspan(from, std::min(kInOne, reading.items.size() - from));
        struct Sums {
            std::int64_t known = 0, made = 0, joined = 0, changed = 0;
        };
        const Sums sums = site.database->write([&](sys::Transaction& tx) {
            Sums now;
            for (const Advisory& one : part) {
                const auto matches = matcher.find(one);
                const bool is_ours =
                    std::any_of(matches.begin(), matches.end(), [](const auto& each) { return !each.is_deferred; });
                if (is_tracker && !is_ours) continue;
                using What = vulnerabilities::Received::What;
                const What what = vulnerabilities::receive(tx, one, matches, components, by).what;
                now.known += what == What::Known || what == What::Changed ? 1 : 0;
                now.made += what == What::New ? 1 : 0;
                now.joined += what == What::Joined ? 1 : 0;
                now.changed += what == What::Changed ? 1 : 0;
            }
            return now;
        });
        known += sums.known;
        taken.made += sums.made;
        taken.joined += sums.joined;
        taken.changed += sums.changed;
    }
    taken.items += static_cast<std::int64_t>(reading.items.size());
    taken.left_out += reading.left_out;
    taken.has_gap = known == 0 && !reading.items.empty();
    if (is_tracker)
        site.database->write([&](sys::Transaction& tx) { vulnerabilities::end_concerns(tx, kTracker, by.at); });
}

Reading read_tracker_file(Site& site, const fs::path& file, const std::vector<Component>& components) {
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
        release, Matcher(components).sources());
}

std::string problem_of(const Reading& reading) {
    return reading.problems.empty() ? "読めませんでした。" : reading.problems.front();
}

/// Why what came is not all that there is; "" = it is.
std::string shortfall_of(const Reading& reading) {
    if (!reading.cut.empty()) return fmt::format("{}読めた{}件は取り込みました。", reading.cut, reading.items.size());
    if (reading.items.empty() && reading.left_out > 0)
        return fmt::format("{}件のすべてを読めませんでした。{}", reading.left_out, problem_of(reading));
    return "";
}

std::string status_problem(const sys::Fetched& fetched) {
    if (fetched.has_failed()) return fetched.message;
    return fmt::format("サーバが{}を返しました。", fetched.status);
}

/// Tells whether a file has changed without reading it.
std::string mark_of(const fs::path& file) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    const auto time = fs::last_write_time(file, error).time_since_epoch().count();
    return fmt::format("{}-{}", size, time);
}

/// The address with one more parameter.
std::string with_parameter(const std::string& address, std::string_view name, std::int64_t value) {
    return fmt::format("{}{}{}={}", address, address.find('?') == std::string::npos ? "?" : "&", name, value);
}

class Fetcher {
  public:
    Fetcher(Site& site, const FeedSource& source, sys::HttpClient& client)
        : site_(site), source_(source), client_(client) {
        options_.patience = kPatience;
        options_.redirects = 3;
        options_.may_compress = true;
        options_.size_limit = advisories::kLargestFeed;
        options_.ca_file = site.settings.advisories.ca_file;
        options_.proxy = site.settings.advisories.proxy;
    }

    /// Nothing when it has not changed. Throws Error(Unavailable) for what did not come.
    std::optional<Reading> fetch(vulnerabilities::Feed& feed, const std::vector<Component>& components) {
        if (source_.format == kTracker) return fetch_tracker(feed, components);
        if (source_.format == "osv" && source_.address.ends_with("/query")) return ask_osv(components);
        const auto* format = advisories::find_format(source_.format);
        const auto fetched = ask(source_.address, &feed);
        if (!fetched) return std::nullopt;
        feed.hash = sys::sha256(fetched->body).hex();
        Reading reading = format->read(fetched->body);
        // MyJVN tells its answer in pages.
        for (std::size_t page = 1; page < kMostPages && reading.is_feed && reading.total > 0 && reading.returned > 0;
             ++page) {
            const std::int64_t next = reading.first + reading.returned;
            if (next > reading.total || !reading.cut.empty()) break;
            const auto more = ask(with_parameter(source_.address, "startItem", next), nullptr);
            Reading further = format->read(more->body);
            if (!further.is_feed)
                throw Error(Kind::Unavailable, fmt::format("{}件目から：{}", next, problem_of(further)));
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

  private:
    std::optional<sys::Fetched> ask(const std::string& address, vulnerabilities::Feed* feed) {
        sys::FetchOptions options = options_;
        if (feed && !feed->etag.empty()) options.headers.emplace_back("If-None-Match", feed->etag);
        if (feed && !feed->last_modified.empty())
            options.headers.emplace_back("If-Modified-Since", feed->last_modified);
        sys::Fetched fetched = client_.try_fetch(address, options);
        if (feed && fetched.status == 304 && !fetched.has_failed()) return std::nullopt;
        if (fetched.has_failed() || fetched.status != 200) throw Error(Kind::Unavailable, status_problem(fetched));
        if (feed) note_headers(*feed, fetched);
        return fetched;
    }

    static void note_headers(vulnerabilities::Feed& feed, const sys::Fetched& fetched) {
        feed.etag = fetched.find_header("etag").value_or("");
        feed.last_modified = fetched.find_header("last-modified").value_or("");
    }

    std::optional<Reading> fetch_tracker(vulnerabilities::Feed& feed, const std::vector<Component>& components) {
        const sys::TemporaryFolder scratch(site_.folders.run);
        const fs::path file = scratch.path() / "tracker.json";
        std::ofstream out(file, std::ios::binary);
        sys::FetchOptions options = options_;
        options.size_limit = advisories::kLargestTracker;
        options.sink = [&](std::string_view piece) {
            out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
            return out.good();
        };
        if (!feed.etag.empty()) options.headers.emplace_back("If-None-Match", feed.etag);
        const sys::Fetched fetched = client_.try_fetch(source_.address, options);
        out.close();
        if (fetched.status == 304 && !fetched.has_failed()) return std::nullopt;
        if (fetched.has_failed() || fetched.status != 200 || !out)
            throw Error(Kind::Unavailable, status_problem(fetched));
        note_headers(feed, fetched);
        return read_tracker_file(site_, file, components);
    }

    /// One question for each package of npm and each script library whose version is known.
    Reading ask_osv(const std::vector<Component>& components) {
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

    Reading ask_osv_page(const Component& one, const std::string& page) {
        sys::FetchOptions options = options_;
        options.method = "POST";
        options.headers.emplace_back("Content-Type", "application/json");
        options.body =
            fmt::format(R"({{"version":{},"package":{{"name":{},"ecosystem":"npm"}}{}}})", quoted(one.version),
                        quoted(one.name), page.empty() ? "" : R"(,"page_token":)" + quoted(page));
        const sys::Fetched fetched = client_.try_fetch(source_.address, options);
        if (fetched.has_failed() || fetched.status != 200) throw Error(Kind::Unavailable, status_problem(fetched));
        Reading reading = advisories::read_osv(fetched.body);
        if (!reading.is_feed) throw Error(Kind::Unavailable, problem_of(reading));
        return reading;
    }

    /// A name as a JSON string: names are bounded and valid UTF-8 already.
    static std::string quoted(std::string_view text) {
        std::string out = "\"";
        for (const char c : text) {
            if (c == '"' || c == '\\') out += '\\';
            if (static_cast<unsigned char>(c) >= 0x20) out += c;
        }
        return out + "\"";
    }

    Site& site_;
    const FeedSource& source_;
    sys::HttpClient& client_;
    sys::FetchOptions options_;
};

}  // namespace

std::vector<FeedSource> list_feed_sources(const settings::Settings& settings) {
    std::vector<FeedSource> all;
    for (const auto& [name, value] : settings.advisories.feeds) {
        const std::string_view text = base::trim(value);
        const auto blank = text.find(' ');
        const std::string format(text.substr(0, blank));
        const std::string address(blank == std::string_view::npos ? std::string_view()
                                                                  : base::trim(text.substr(blank)));
        if (format != kTracker && !advisories::find_format(format))
            throw Error(Kind::BadInput,
                        fmt::format("advisories.feedsの「{}」：「{}」という形式はありません。", name, format));
        if (!address.starts_with("https://") && !address.starts_with("http://"))
            throw Error(
                Kind::BadInput,
                fmt::format("advisories.feedsの「{}」：形式の後に、https://で始まるアドレスを書いてください。", name));
        all.push_back({name, format, address});
    }
    return all;
}

FeedTaken fetch_feed(Site& site, const FeedSource& source, sys::HttpClient& client, const By& by) {
    FeedTaken taken;
    taken.name = source.name;
    vulnerabilities::Feed feed =
        site.database->read([&](sys::Reader& db) { return vulnerabilities::find_feed(db, source.name); })
            .value_or(vulnerabilities::Feed{});
    const bool had_one = feed.good_at.has_value();
    feed.name = source.name;
    feed.asked_at = by.at;
    vulnerabilities::Feed asked = feed;
    try {
        const auto components = inventory_of(site);
        const auto reading = Fetcher(site, source, client).fetch(asked, components);
        taken.is_unchanged = !reading;
        if (reading && !reading->is_feed) throw Error(Kind::Unavailable, problem_of(*reading));
        if (reading) {
            keep(site, *reading, components, taken, source.format == kTracker, by);
            // Only lists of the newest overlap; and the first one has nothing before it.
            taken.has_gap = taken.has_gap && had_one && source.format.ends_with("-rss");
            if (std::string shortfall = shortfall_of(*reading); !shortfall.empty()) {
                taken.has_gap = false;
                throw Error(Kind::Unavailable, std::move(shortfall));
            }
            asked.items = taken.items;
            asked.left_out = taken.left_out;
            asked.has_gap = taken.has_gap;
        }
        asked.good_at = by.at;
        asked.problem.clear();
        feed = asked;
    } catch (const Error& error) {
        taken.problem = error.message();
        feed.problem = error.message();  // and the next one is asked for as a whole
        feed.etag.clear();
        feed.last_modified.clear();
    }
    site.database->write([&](sys::Transaction& tx) { vulnerabilities::note_feed(tx, feed); });
    return taken;
}

FeedTaken import_feed(Site& site, const fs::path& file, std::string_view format, const By& by) {
    FeedTaken taken;
    taken.name = "file:" + base::to_valid_utf8(file.filename().string());
    vulnerabilities::Feed feed;
    feed.name = taken.name;
    feed.asked_at = by.at;
    try {
        const auto components = inventory_of(site);
        const std::string head = sys::find_file(file, advisories::kLargestTracker).value_or("");
        if (head.empty()) throw Error(Kind::NotFound, fmt::format("{}がないか、空です。", file.string()));
        feed.hash = sys::sha256(head).hex();
        const auto* reader = format.empty() ? advisories::guess_format(head) : advisories::find_format(format);
        const bool is_tracker = format == kTracker || (format.empty() && !reader && base::trim(head).starts_with('{'));
        if (!reader && !is_tracker) throw Error(Kind::BadInput, "どの形式にも当てはまりません。");
        const Reading reading = is_tracker ? read_tracker_file(site, file, components) : reader->read(head);
        if (!reading.is_feed) throw Error(Kind::BadInput, problem_of(reading));
        keep(site, reading, components, taken, is_tracker, by);
        taken.has_gap = false;
        taken.is_cut = !shortfall_of(reading).empty();
        if (taken.is_cut) throw Error(Kind::BadInput, shortfall_of(reading));
        feed.good_at = by.at;
        feed.items = taken.items;
        feed.left_out = taken.left_out;
    } catch (const Error& error) {
        taken.problem = error.message();
        feed.problem = error.message();
    }
    site.database->write([&](sys::Transaction& tx) { vulnerabilities::note_feed(tx, feed); });
    return taken;
}

std::vector<FeedTaken> import_folder(Site& site, const fs::path& folder, const By& by) {
    std::vector<FeedTaken> all;
    std::vector<fs::path> files;
    for (const auto& one : fs::directory_iterator(folder)) {
        if (one.is_symlink() || !one.is_regular_file() || one.path().filename().string().starts_with('.')) continue;
        files.push_back(one.path());
        if (files.size() > kMostFiles)
            throw Error(Kind::BadInput,
                        fmt::format("{}にファイルが{}件より多くあります。読み終えたものを片付けてください。",
                                    folder.string(), kMostFiles));
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
        const std::string name = "file:" + base::to_valid_utf8(file.filename().string());
        const auto known = site.database->read([&](sys::Reader& db) { return vulnerabilities::find_feed(db, name); });
        const std::string mark = mark_of(file);
        if (known && known->etag == mark) continue;
        all.push_back(import_feed(site, file, "", by));
        auto read = site.database->read([&](sys::Reader& db) { return vulnerabilities::find_feed(db, name); });
        if (!read || all.back().is_cut) continue;
        read->etag = mark;
        site.database->write([&](sys::Transaction& tx) { vulnerabilities::note_feed(tx, *read); });
    }
    return all;
}

std::int64_t match_again(Site& site, const By& by) {
    const auto components = inventory_of(site);
    const Matcher matcher(components);
    // What is not ours yet, but matches now. Written apart from the reading.
    std::vector<Advisory> ours;
    site.database->read([&](sys::Reader& db) {
        vulnerabilities::each_told(db, by.at - kMatchAgain, [&](const Advisory& one) {
            const auto matches = matcher.find(one);
            if (std::any_of(matches.begin(), matches.end(), [](const auto& each) { return !each.is_deferred; }))
                ours.push_back(one);
            return ours.size() < advisories::kMostItems;
        });
    });
    std::int64_t made = 0;
    for (std::size_t from = 0; from < ours.size(); from += kInOne)
        made += site.database->write([&](sys::Transaction& tx) {
            std::int64_t now = 0;
            for (const Advisory& one : std::span(ours).subspan(from, std::min(kInOne, ours.size() - from)))
                now += vulnerabilities::receive(tx, one, matcher.find(one), components, by).what ==
                               vulnerabilities::Received::What::New
                           ? 1
                           : 0;
            return now;
        });
    for (const std::string_view source : {"jvndb", "jvn", "jpcert", "ipa", "dsa", "osv"})
        site.database->write([&](sys::Transaction& tx) { vulnerabilities::end_concerns(tx, source, by.at); });
    return made;
}

AdvisoryDesk::AdvisoryDesk(Site& site, Tell tell) : site_(site), tell_(std::move(tell)), begun_at_(site.clock.now()) {}

Signal AdvisoryDesk::signal(std::string_view kind, std::string subject, bool is_wrong, std::string text) const {
    Signal one;
    one.source = "advisories";
    one.kind = std::string(kind);
    one.subject = std::move(subject);
    one.state = is_wrong ? signals::State::Raise : signals::State::Clear;
    one.severity = is_wrong ? signals::Severity::Minor : signals::Severity::Note;
    one.observed_at = site_.clock.now();
    one.text = std::move(text);
    return one;
}

std::chrono::milliseconds AdvisoryDesk::turn(const std::function<bool()>& is_stopped) {
    std::vector<Signal> found;
    const By by{std::string(kBy), site_.clock.now()};
    const auto counts = site_.database->read([](sys::Reader& db) { return vulnerabilities::count_inventory(db); });
    const bool is_old = std::any_of(counts.begin(), counts.end(), [&](const auto& one) {
        return one.kind != "manual" && (!one.taken || by.at - *one.taken >= kInventoryEvery);
    });
    bool has_looked = false;
    if (is_old && (!judged_at_ || site_.clock.monotonic() - *judged_at_ >= kJudgeEvery)) {
        const InventoryTaken taken = take_inventory(site_, by, is_stopped);
        for (const auto& one : taken.kinds)
            found.push_back(
                signal("inventory.taken", one.kind, !one.problem.empty(),
                       one.problem.empty()
                           ? fmt::format("構成の一覧（{}）を作りました。", vulnerabilities::kind_wording(one.kind))
                           : fmt::format("構成の一覧（{}）を作れません。{}", vulnerabilities::kind_wording(one.kind),
                                         one.problem)));
        match_again(site_, by);
        site_.database->write([&](sys::Transaction& tx) { vulnerabilities::forget_told(tx, by.at - kKeepTold); });
        has_looked = true;
    }
    const bool is_time = has_looked || !judged_at_ || site_.clock.monotonic() - *judged_at_ >= kJudgeEvery;
    take_feeds(is_stopped, found);
    if (is_time) {
        if (!is_stopped()) judge_sources(found);
        judge_records(found);
        judged_at_ = site_.clock.monotonic();
    }
    if (!found.empty()) tell_(found);
    return kRest;
}

void AdvisoryDesk::take_feeds(const std::function<bool()>& is_stopped, std::vector<Signal>& to) {
    const base::Instant now = site_.clock.now();
    const auto& settings = site_.settings.advisories;
    const By by{std::string(kBy), now};
    std::vector<FeedSource> sources;
    try {
        sources = list_feed_sources(site_.settings);
    } catch (const Error&) {
        return;  // judge_sources tells it
    }
    const auto every = std::chrono::hours{settings.hours};
    for (const FeedSource& source : sources) {
        if (is_stopped()) return;
        const auto before =
            site_.database->read([&](sys::Reader& db) { return vulnerabilities::find_feed(db, source.name); });
        const auto rest = before && !before->problem.empty() ? std::min<std::chrono::milliseconds>(every, 1h) : every;
        if (before && before->asked_at && now - *before->asked_at < rest) continue;
        const FeedTaken taken = fetch_feed(site_, source, client_, by);
        // One turn that fails is the network's. Without any for the time of two, or from the first on, it is an
        // anomaly.
        const auto since = before && before->good_at ? now - *before->good_at : now - begun_at_;
        const bool is_wrong = !taken.problem.empty() && (since >= every * 2 || !before || !before->good_at);
        if (is_wrong || taken.problem.empty())
            to.push_back(signal("advisory.feed", source.name, is_wrong,
                                is_wrong
                                    ? fmt::format("脆弱性情報「{}」を受け取れません。{}", source.name, taken.problem)
                                    : fmt::format("脆弱性情報「{}」を受け取りました。", source.name)));
        if (taken.problem.empty() && !taken.is_unchanged)
            to.push_back(signal(
                "advisory.gap", source.name, taken.has_gap,
                taken.has_gap
                    ? fmt::format(
                          "脆弱性情報「{}」に、前回と重なる項目がありません。間の項目が抜けている可能性があります。",
                          source.name)
                    : fmt::format("脆弱性情報「{}」は、前回から続いています。", source.name)));
    }
}

/// What was told of a feed that the settings do not name any more is nobody's work.
void AdvisoryDesk::clear_removed(const std::vector<FeedSource>& sources, std::vector<Signal>& to) const {
    for (const auto& feed : site_.database->read([](sys::Reader& db) { return vulnerabilities::list_feeds(db); })) {
        const bool is_there = std::any_of(sources.begin(), sources.end(),
                                          [&](const FeedSource& source) { return source.name == feed.name; });
        if (is_there || feed.name.starts_with("file:")) continue;
        for (const std::string_view kind : {"advisory.feed", "advisory.gap"})
            to.push_back(
                signal(kind, feed.name, false, fmt::format("脆弱性情報「{}」は、設定から外されています。", feed.name)));
    }
}

/// Once an hour: what the settings name, and the folder.
void AdvisoryDesk::judge_sources(std::vector<Signal>& to) const {
    const base::Instant now = site_.clock.now();
    const auto& settings = site_.settings.advisories;
    const By by{std::string(kBy), now};
    std::string faulty;
    try {
        clear_removed(list_feed_sources(site_.settings), to);
    } catch (const Error& error) {
        faulty = error.message();
    }
    to.push_back(signal("advisory.settings", "feeds", !faulty.empty(),
                        faulty.empty() ? "脆弱性情報の情報源の設定を読めました。" : faulty));
    // Since when somebody could have set it up: a service that is started anew each day would never be late.
    ledger::Search first;
    first.stream = std::string(ledger::kWatch);
    first.before = 2;
    first.limit = 1;
    const auto oldest = site_.watch().read([&](sys::Reader& db) { return ledger::find_lines(db, first); });
    const base::Instant since = oldest.empty() ? begun_at_ : std::min(begun_at_, oldest.front().entry.at);
    const bool is_set_up = !settings.feeds.empty() || !settings.folder.empty();
    to.push_back(signal(
        "advisory.unset", "feeds", !is_set_up && now - since >= kSetUpWithin,
        is_set_up ? "脆弱性情報の情報源が設定されています。"
                  : "脆弱性情報を、どこからも受け取っていません。設定のadvisories.feedsに情報源を入れてください。"));
    if (settings.folder.empty()) {
        to.push_back(signal("advisory.folder", "folder", false, "脆弱性情報のフォルダは設定されていません。"));
        return;
    }
    const fs::path folder = site_.settings.resolve(settings.folder);
    std::string problem;
    try {
        import_folder(site_, folder, by);
    } catch (const std::exception& error) {
        problem = fmt::format("脆弱性情報のフォルダ{}を読めません。{}", folder.string(), error.what());
    }
    std::optional<base::Instant> newest;
    for (const auto& feed : site_.database->read([](sys::Reader& db) { return vulnerabilities::list_feeds(db); })) {
        if (!feed.name.starts_with("file:")) continue;
        if (feed.good_at) newest = std::max(newest, feed.good_at);
        // For as long as it lies there; whoever takes it away has seen it.
        if (problem.empty() && !feed.problem.empty() && fs::exists(folder / feed.name.substr(5)))
            problem = fmt::format("脆弱性情報のファイル{}を読めません。{}", feed.name.substr(5), feed.problem);
    }
    const bool is_silent = now - newest.value_or(since) >= kFolderPatience;
    if (problem.empty() && is_silent)
        problem =
            fmt::format("脆弱性情報のフォルダ{}に、14日より長く新しいファイルが届いていません。", folder.string());
    to.push_back(signal("advisory.folder", "folder", !problem.empty(),
                        problem.empty() ? "脆弱性情報のフォルダを読めました。" : problem));
}

/// What a person has to do and has not: told once an hour, cleared when it is done.
void AdvisoryDesk::judge_records(std::vector<Signal>& to) const {
    const base::Instant now = site_.clock.now();
    constexpr auto kSoon = std::chrono::hours{24 * 8};
    std::int64_t soon = 0, review = 0, late = 0;
    site_.database->read([&](sys::Reader& db) {
        const auto counts = vulnerabilities::count_records(db, now);
        review = counts.review;
        late = counts.late;
        // Whatever the judgement was: also "not ours" is reported.
        vulnerabilities::RecordFilter filter;
        filter.is_unreported = true;
        filter.limit = 10'000;
        for (const auto& one : vulnerabilities::list_records(db, filter, now))
            soon += now <= one.due_at && one.due_at - now <= kSoon ? 1 : 0;
    });
    Signal due =
        signal("vulnerability.due", "vulnerabilities", soon + late > 0,
               soon + late > 0
                   ? fmt::format("報告していない脆弱性のうち、期限を過ぎたものが{}件、8日以内のものが{}件あります。",
                                 late, soon)
                   : "報告の期限が迫った脆弱性はありません。");
    if (late > 0)
        due.severity = signals::Severity::Serious;
    else if (soon > 0)
        due.severity = signals::Severity::Warning;
    to.push_back(std::move(due));
    const auto unplanned = site_.database->read(
        [&](sys::Reader& db) { return vulnerabilities::find_unplanned(db, base::local_day(now)); });
    to.push_back(signal(
        "inspection.next", "inspections", unplanned.has_value(),
        unplanned ? fmt::format("次の脆弱性検査（期日{}）が、まだ登録されていません。", base::format_day(*unplanned))
                  : "登録していない脆弱性検査はありません。"));
    to.push_back(signal("vulnerability.review", "vulnerabilities", review > 0,
                        review > 0 ? fmt::format("見直す日が来た脆弱性が{}件あります。", review)
                                   : "見直す日が来た脆弱性はありません。"));
}

}  // namespace flow
