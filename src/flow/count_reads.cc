#include "flow/count_reads.h"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

#include "flow/keep_logs.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/document.h"
#include "ground/sys/log.h"
#include "ground/words/fold.h"
#include "watch/log_archive/archive.h"
#include "watch/log_archive/export.h"
#include "watch/logs/access_line.h"

namespace flow {

namespace {

using base::Instant;
using namespace std::chrono_literals;

constexpr std::int64_t kMostKept = 512LL << 20;  // bytes of kept logs
constexpr std::size_t kMostLog = 64U << 20, kMostAddresses = 50'000;
constexpr std::size_t kMostSearches = 5000, kLongestSearch = 200, kMostLookedFor = 60;
constexpr int kMostLogs = 400;

bool is_page_address(std::string_view path) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    return name.empty() || name.find('.') == std::string_view::npos || name.ends_with(".html") ||
           name.ends_with(".htm");
}

/// Of machines that say so: counted, they would be "most read".
bool is_machine(std::string_view agent) {
    const std::string low = base::to_lower(agent);
    for (const char* word : {"bot", "crawl", "spider", "yakuba", "monitor", "curl"})
        if (low.find(word) != std::string::npos) return true;
    return agent.empty();
}

struct Period {
    Instant from, until;
};

/// What a page of search results was asked for: "/kensaku.html?q=...", by the names that search forms use. A form on a
/// page in an old encoding sends its words in that. Empty when it is no search.
std::string searched_words(std::string_view query) {
    for (const std::string_view part : base::split(query, '&')) {
        const std::size_t sign = part.find('=');
        if (sign == std::string_view::npos) continue;
        const std::string_view name = part.substr(0, sign);
        constexpr std::string_view kNames[] = {"q", "query", "keyword", "keywords", "kw", "word", "words", "search"};
        if (std::find(std::begin(kNames), std::end(kNames), name) == std::end(kNames)) continue;
        std::string typed(part.substr(sign + 1));
        std::replace(typed.begin(), typed.end(), '+', ' ');
        auto bytes = base::percent_decode(typed);
        if (!bytes || bytes->size() > kLongestSearch) return {};
        if (!base::is_utf8(*bytes)) *bytes = html::decode(*bytes, html::detect_encoding(*bytes).encoding).utf8;
        std::string words(base::trim(*bytes));
        const bool is_text = std::none_of(words.begin(), words.end(), [](unsigned char c) { return c < ' '; });
        return is_text && !words::fold_query(words).empty() ? words : std::string();
    }
    return {};
}

void count_line(std::string_view line, const Period& period, Reads& reads) {
    const auto access = logs::read_access_line(line);
    if (!access || access->at < period.from || access->at >= period.until) return;
    if (!reads.from || access->at < *reads.from) reads.from = access->at;
    if (access->method != "GET" || is_machine(access->agent)) return;
    const std::size_t mark = access->target.find('?');
    const std::string path(access->target.substr(0, mark));
    if (!is_page_address(path) || !base::is_utf8(path)) return;
    if (access->status != 404 && access->status != 200 && access->status != 304) return;
    auto& counts = access->status == 404 ? reads.missing : reads.pages;
    if (counts.size() < kMostAddresses || counts.contains(path)) ++counts[path];
    if (access->status == 404) return;
    ++reads.views;
    if (mark == std::string_view::npos) return;
    const std::string words = base::percent_encode(searched_words(access->target.substr(mark + 1)));
    if (!words.empty() && (reads.searches.size() < kMostSearches || reads.searches.contains(words)))
        ++reads.searches[words];
}

/// Title and text, folded. A page that cannot be read says nothing.
std::string words_on(const Site& site, const release::Entry& entry) {
    try {
        const std::string bytes = site.objects->load(entry.hash);
        const html::Document page = html::Document::parse(bytes, html::detect_encoding(bytes, entry.charset).encoding);
        return words::fold(page.text_of(page.html()));
    } catch (const base::Error& error) {
        sys::log(sys::Level::Warning, "a page cannot be read for the words on it",
                 {{"path", entry.path}, {"problem", error.message()}});
        return {};
    }
}

/// False: nothing is kept of that time, or it cannot be read.
bool count_kept(Site& site, const Period& period, Reads& reads) {
    sys::Database* watch = site.find_watch();
    if (watch == nullptr) return false;
    try {
        auto days = watch->read([&](sys::Reader& db) {
            return log_archive::list_days(db, {{"access"}, period.from, period.until});
        });
        if (days.empty()) return false;
        std::stable_sort(days.begin(), days.end(), [](const auto& a, const auto& b) { return b.day < a.day; });
        const log_archive::Place place = log_place(*watch, site.folders, site.clock);
        Reads kept;
        std::int64_t left = kMostKept;
        for (const log_archive::Day& day : days) {
            if (day.bytes > left) {
                kept.is_cut = true;
                break;
            }
            left -= day.bytes;
            log_archive::each_line_of(place, day, [&](std::string_view line, Instant) {
                count_line(line, period, kept);
                return true;
            });
        }
        reads = std::move(kept);
        reads.is_there = true;
        return true;
    } catch (const base::Error& error) {
        sys::log(sys::Level::Warning, "the kept access log cannot be counted; the server's own is",
                 {{"problem", error.message()}});
        return false;
    }
}

/// The newest `most` bytes of the file; false when that was not all.
bool count_tail(const std::filesystem::path& file, std::size_t& most, const Period& period, Reads& reads) {
    std::ifstream stream(file, std::ios::binary);
    stream.seekg(0, std::ios::end);
    const auto size = static_cast<std::int64_t>(stream.tellg());
    if (!stream || size < 0) return true;
    reads.is_there = true;
    const bool is_whole = static_cast<std::uint64_t>(size) <= most;
    stream.seekg(is_whole ? 0 : size - static_cast<std::int64_t>(most));
    std::string line;
    if (!is_whole) std::getline(stream, line);  // begins in its middle
    while (std::getline(stream, line)) count_line(line, period, reads);
    most -= std::min(most, static_cast<std::size_t>(size));
    return is_whole;
}

/// Newest first: access.log, access.log.1, ... as long as they may tell of the time. Packed ones are not read;
/// `from` of the reads says from when on the figures count.
void count_own(Site& site, const Period& period, Reads& reads) {
    const std::filesystem::path file = site.folders.site / site.settings.public_site.access_log;
    std::size_t left = kMostLog;
    for (int number = 0; number <= kMostLogs; ++number) {
        std::filesystem::path one = file;
        if (number > 0) one += fmt::format(".{}", number);
        std::error_code problem;
        if (!std::filesystem::is_regular_file(one, problem)) {
            if (number == 0) continue;  // rotated away just now
            break;
        }
        if (left == 0 || !count_tail(one, left, period, reads)) {
            reads.is_cut = true;
            break;
        }
        if (reads.from && *reads.from - period.from < 1min) break;
    }
}

}  // namespace

Reads count_reads(Site& site, Instant from, Instant until) {
    Reads reads;
    const Period period{from, until};
    if (!count_kept(site, period, reads)) count_own(site, period, reads);
    return reads;
}

std::vector<std::pair<std::string, std::int64_t>> most_frequent(const std::map<std::string, std::int64_t>& counts,
                                                                std::size_t most) {
    std::vector<std::pair<std::string, std::int64_t>> all(counts.begin(), counts.end());
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    if (all.size() > most) all.resize(most);
    for (auto& [path, count] : all) path = base::percent_decode(path).value_or(path);
    return all;
}

Unanswered list_unanswered(Site& site, const Reads& reads, std::size_t most, std::chrono::seconds patience) {
    struct Wanted {
        std::pair<std::string, std::int64_t> search;
        std::vector<std::string> words;
    };
    std::vector<Wanted> wanted;
    for (auto& search : most_frequent(reads.searches, kMostLookedFor)) {
        std::vector<std::string> words = words::fold_query(search.first);
        wanted.push_back({std::move(search), std::move(words)});
    }
    Unanswered found;
    const auto end = site.clock.monotonic() + patience;
    const PublicSide side = open_public_side(site.folders.site);
    if (const std::int64_t newest = side.log.newest(); newest > 0 && !wanted.empty())
        side.log.manifest_at(newest, side.keys).each([&](const release::Entry& entry) {
            if (entry.status != 200 || entry.type != "text/html") return true;
            if (site.clock.monotonic() >= end) {
                found.is_cut = true;
                return false;
            }
            ++found.pages;
            const std::string text = words_on(site, entry);
            std::erase_if(wanted, [&](const Wanted& one) {
                return std::all_of(one.words.begin(), one.words.end(),
                                   [&](const std::string& word) { return text.find(word) != std::string::npos; });
            });
            return !wanted.empty();
        });
    for (Wanted& one : wanted)
        if (found.searches.size() < most) found.searches.push_back(std::move(one.search));
    return found;
}

}  // namespace flow
