// What feeds tell, taken in: the details of what may concern us are asked for, an entry that is known in full is not
// overwritten by one that says less, and a list that has lost its thread is filled up from MyJVN.
#include <algorithm>

#include <fmt/format.h>

#include "flow/advisories/fetcher.h"
#include "flow/office_hours.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "office/advisories/myjvn.h"

namespace flow {

namespace fs = std::filesystem;
using advisories::Advisory;
using advisories::Reading;
using base::Error;
using base::Kind;
using vulnerabilities::By;
using vulnerabilities::Component;
using vulnerabilities::Matcher;

namespace {

constexpr auto kMatchAgain = std::chrono::hours{24 * 400};
constexpr std::size_t kInOne = 200;  // advisories in one transaction
constexpr std::size_t kMostFiles = 500;
constexpr std::size_t kMostDetails = 200;  // of one turn
constexpr int kFirstDays = 7, kLongestDays = 366;

std::vector<Component> inventory_of(Site& site) {
    return site.database->read([](sys::Reader& db) { return vulnerabilities::list_inventory(db); });
}

bool is_ours(const std::vector<vulnerabilities::Match>& matches) {
    return std::any_of(matches.begin(), matches.end(), [](const auto& each) { return !each.is_deferred; });
}

/// Whether it says of some product which versions have it. Overviews do not, details do.
bool names_versions(const Advisory& one) {
    return std::any_of(one.products.begin(), one.products.end(),
                       [](const auto& product) { return product.ecosystem.empty() && !product.told.empty(); });
}

/// Several of our feeds tell of the same entry, some with versions and some without. Of one and the same state, the one
/// with versions stays.
void prefer_known(sys::Reader& db, Advisory& one) {
    if (one.source != "jvndb" || !one.modified || names_versions(one)) return;
    auto known = vulnerabilities::find_told(db, one.source, one.id);
    if (known && advisories::is_same_state(known->modified, one.modified) && names_versions(*known))
        one = std::move(*known);
}

/// Keeps what was told. Debian's tracker tells of everything that ever was: of it only what concerns us is kept.
void keep(Site& site, const Reading& reading, std::span<const Component> components, FeedTaken& taken, bool is_tracker,
          const By& by) {
    const Matcher matcher(components);
    const calendar::OfficeCalendar office = office_hours_of(site.settings);
    std::int64_t known = 0;
    for (std::size_t from = 0; from < reading.items.size(); from += kInOne) {
        const std::span<const Advisory> part =
            std::span(reading.items).subspan(from, std::min(kInOne, reading.items.size() - from));
        struct Sums {
            std::int64_t known = 0, made = 0, joined = 0, changed = 0;
        };
        const Sums sums = site.database->write([&](sys::Transaction& tx) {
            Sums now;
            for (Advisory one : part) {
                prefer_known(tx, one);
                const auto matches = matcher.find(one);
                if (is_tracker && !is_ours(matches)) continue;
                using What = vulnerabilities::Received::What;
                const What what = vulnerabilities::receive(tx, one, matches, components, office, by).what;
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

/// Why what came is not all that there is; "" = it is.
std::string shortfall_of(const Reading& reading) {
    if (!reading.cut.empty()) return fmt::format("{}読めた{}件は取り込みました。", reading.cut, reading.items.size());
    if (reading.items.empty() && reading.left_out > 0)
        return fmt::format("{}件のすべてを読めませんでした。{}", reading.left_out, problem_of(reading));
    return "";
}

/// Tells whether a file has changed without reading it.
std::string mark_of(const fs::path& file) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    const auto time = fs::last_write_time(file, error).time_since_epoch().count();
    return fmt::format("{}-{}", size, time);
}

/// What a list says of a product of ours without naming versions is asked for in full, where the settings name MyJVN's
/// details: JSON first, whose versions are machine ranges, and XML for what did not come.
void ask_details(Site& site, Reading& reading, std::span<const Component> components, sys::HttpClient& client) {
    std::vector<FeedSource> sources;
    for (FeedSource& source : list_feed_sources(site.settings))
        if (source.is_for_details()) sources.push_back(std::move(source));
    if (sources.empty()) return;
    std::stable_partition(sources.begin(), sources.end(),
                          [](const FeedSource& source) { return source.format == "myjvn-csaf"; });
    const Matcher matcher(components);
    std::map<std::string, Advisory*> wanted;
    site.database->read([&](sys::Reader& db) {
        for (Advisory& one : reading.items) {
            prefer_known(db, one);
            if (one.source == "jvndb" && one.id.starts_with("JVNDB-") && !one.is_withdrawn && !names_versions(one) &&
                is_ours(matcher.find(one)))
                wanted[one.id] = &one;
        }
    });
    std::string problem;
    for (const FeedSource& source : sources) {
        std::vector<std::string> ids;
        for (const auto& [id, one] : wanted)
            if (ids.size() < kMostDetails) ids.push_back(id);
        if (ids.empty()) return;
        problem.clear();
        for (Advisory& detail : Fetcher(site, source, client).fetch_details(ids, problem)) {
            const auto found = wanted.find(detail.id);
            if (found == wanted.end()) continue;
            Advisory& to = *found->second;
            wanted.erase(found);
            if (names_versions(detail)) to.products = std::move(detail.products);
            if (!detail.solution.empty()) to.solution = std::move(detail.solution);
            for (std::string& alias : detail.aliases)
                if (std::find(to.aliases.begin(), to.aliases.end(), alias) == to.aliases.end() && alias != to.id)
                    to.aliases.push_back(std::move(alias));
        }
    }
    if (!wanted.empty() && reading.cut.empty())
        reading.cut = fmt::format("MyJVNの詳細情報を受け取れない項目が{}件あります。{}", wanted.size(), problem);
}

base::Day days_before(base::Day today, const std::optional<base::Instant>& good) {
    const base::Day since = good ? base::local_day(*good) - 1 : today - kFirstDays;
    return std::max(since, today - kLongestDays);
}

/// A list that holds only the newest has moved on further than it is long: MyJVN tells what was in between.
void fill_gap(Site& site, std::span<const Component> components, base::Day since, sys::HttpClient& client,
              FeedTaken& taken, const By& by) {
    auto sources = list_feed_sources(site.settings);
    std::stable_partition(sources.begin(), sources.end(),
                          [](const FeedSource& source) { return source.format == "myjvn-json"; });
    for (const FeedSource& source : sources) {
        if (!source.is_entry() || (source.format != "myjvn-json" && source.format != "myjvn-overview")) continue;
        try {
            vulnerabilities::Feed unused;
            auto reading = Fetcher(site, source, client).fetch(unused, components, since, by.at);
            if (!reading || !reading->is_feed) continue;
            ask_details(site, *reading, components, client);
            FeedTaken filled;
            keep(site, *reading, components, filled, false, by);
            taken.made += filled.made;
            taken.joined += filled.joined;
            taken.changed += filled.changed;
            if (!shortfall_of(*reading).empty()) continue;
            taken.filled = filled.items;
            taken.has_gap = false;
            return;
        } catch (const Error& error) {
            if (error.kind() != Kind::Unavailable) throw;
        }
    }
}

}  // namespace

bool FeedSource::is_entry() const {
    return format.starts_with("myjvn-") && advisories::is_entry(address);
}

bool FeedSource::is_for_details() const {
    return is_entry() && (format == "myjvn-detail" || format == "myjvn-csaf");
}

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
    if (source.is_for_details()) {  // only asked about what a list told
        taken.is_unchanged = true;
        return taken;
    }
    vulnerabilities::Feed feed =
        site.database->read([&](sys::Reader& db) { return vulnerabilities::find_feed(db, source.name); })
            .value_or(vulnerabilities::Feed{});
    const bool had_one = feed.good_at.has_value();
    feed.name = source.name;
    feed.asked_at = by.at;
    vulnerabilities::Feed asked = feed;
    try {
        const auto components = inventory_of(site);
        const base::Day since = days_before(base::local_day(by.at), feed.good_at);
        auto reading = Fetcher(site, source, client).fetch(asked, components, since, by.at);
        taken.is_unchanged = !reading;
        if (reading && !reading->is_feed) throw Error(Kind::Unavailable, problem_of(*reading));
        if (reading) {
            ask_details(site, *reading, components, client);
            keep(site, *reading, components, taken, source.format == kTracker, by);
            // Only lists of the newest overlap; and the first one has nothing before it.
            taken.has_gap = taken.has_gap && had_one && source.format.ends_with("-rss");
            if (taken.has_gap && source.format.starts_with("jvn")) fill_gap(site, components, since, client, taken, by);
            if (std::string shortfall = shortfall_of(*reading); !shortfall.empty()) {
                taken.has_gap = false;
                throw Error(Kind::Unavailable, std::move(shortfall));
            }
            asked.count(taken.items);
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
    const calendar::OfficeCalendar office = office_hours_of(site.settings);
    std::int64_t made = 0;
    for (std::size_t from = 0; from < ours.size(); from += kInOne)
        made += site.database->write([&](sys::Transaction& tx) {
            std::int64_t now = 0;
            for (const Advisory& one : std::span(ours).subspan(from, std::min(kInOne, ours.size() - from)))
                now += vulnerabilities::receive(tx, one, matcher.find(one), components, office, by).what ==
                               vulnerabilities::Received::What::New
                           ? 1
                           : 0;
            return now;
        });
    for (const std::string_view source : {"jvndb", "jvn", "jpcert", "ipa", "dsa", "osv", "kev"})
        site.database->write([&](sys::Transaction& tx) { vulnerabilities::end_concerns(tx, source, by.at); });
    return made;
}

}  // namespace flow
