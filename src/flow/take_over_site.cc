#include "flow/take_over_site.h"

#include <thread>

#include <boost/json.hpp>

#include "flow/inbound_links.h"
#include "flow/mark_changes.h"
#include "flow/others.h"
#include "flow/scan_content.h"
#include "flow/takeover_source.h"
#include "flow/watch_desk.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/base/media_type.h"
#include "ground/base/text.h"
#include "ground/html/encoding.h"
#include "ground/html/scan.h"
#include "ground/ledger/store.h"
#include "ground/sys/log.h"
#include "ground/sys/step.h"
#include "press/content/links.h"
#include "press/content/redirects.h"
#include "press/content/store.h"
#include "press/intake/store.h"
#include "press/publish/queue.h"
#include "watch/signals/pipeline.h"

namespace flow {

using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kBatchFiles = 1000;
constexpr std::int64_t kBatchBytes = 64LL << 20;
constexpr std::size_t kMostFindings = 1000;  ///< in the result; `guard scan --all` lists all

/// One file, read: what the database is told of it.
struct Arrival {
    intake::Taken file;
    html::Summary summary;
    std::set<std::string> targets;  ///< pages: where its links lead, within the site
    std::string problem;            ///< it could not be read after all
    content::Scanned scanned;
};

/// The page's links into its own site as it writes them, one a line: kept with the record of the takeover.
std::string internal_links(const html::Summary& summary) {
    std::set<std::string> addresses;
    for (const html::Link& link : summary.links)
        if (link.kind == html::LinkKind::Anchor || link.kind == html::LinkKind::Area)
            if (!link.url.empty() && link.url.front() != '#' && link.url.find(':') == std::string::npos &&
                !link.url.starts_with("//"))
                addresses.insert(link.url.substr(0, link.url.find('#')));
    std::string lines;
    for (const std::string& address : addresses) lines += address + "\n";
    return lines;
}

/// A fault of the source's disk or a file that went away is the file's own problem.
std::string read_source(const std::filesystem::path& file) {
    try {
        return sys::read_file(file);
    } catch (const Error& error) {
        throw Error(Kind::BadInput, error.message());
    }
}

/// Words of a page as the database takes them: a NUL in somebody's title must not cost the takeover.
std::string storable(std::string_view text) {
    std::string kept = base::to_valid_utf8(text);
    std::replace(kept.begin(), kept.end(), '\0', ' ');
    return kept;
}

/// Title and links. A page that cannot be understood comes in all the same, without them.
void describe(Arrival& arrival, const std::string& bytes, html::Encoding encoding) {
    try {
        arrival.summary = html::summarise(bytes, encoding);
        arrival.file.links = storable(internal_links(arrival.summary));
        arrival.targets = link_targets(base::percent_encode(arrival.file.item.path), arrival.summary.base_href,
                                       arrival.summary.links);
    } catch (const Error& error) {
        sys::log(sys::Level::Warning, "page is taken over without title and links",
                 {{"path", base::percent_encode(arrival.file.item.path)}, {"problem", error.message()}});
    }
}

Arrival read_one(objects::Store& store, const intake::Item& item, const content::SiteHosts& hosts) {
    Arrival arrival;
    arrival.file.item = item;
    try {
        arrival.file.is_page = base::is_page_path(item.path);
        if (arrival.file.is_page && item.size <= (32 << 20)) {
            const std::string bytes = read_source(item.file);
            const auto stored = store.put(bytes, sys::Durability::Later);
            const auto charset =
                item.header_charset.empty() ? std::nullopt : std::optional<std::string_view>(item.header_charset);
            const html::Detected detected = html::detect_encoding(bytes, charset);
            arrival.file.hash = stored.hash;
            arrival.file.item.size = stored.size;
            arrival.file.encoding = html::encoding_name(detected.encoding);
            arrival.file.decided_by = html::source_name(detected.decided_by);
            arrival.file.is_disputed = detected.is_disputed;
            describe(arrival, bytes, detected.encoding);
            arrival.scanned = content::scan(bytes, item.path, hosts);
        } else {
            const bool is_scanned = item.size <= static_cast<std::int64_t>(content::kLargestScan);
            const std::string bytes = is_scanned ? read_source(item.file) : "";
            const auto stored = is_scanned ? store.put(bytes, sys::Durability::Later)
                                           : store.put_file(item.file, sys::Durability::Later);
            if (is_scanned)
                arrival.scanned = content::scan(bytes, item.path, hosts);
            else
                arrival.scanned.problem = "大きなファイルのため、内容を確認していません。";
            arrival.file.hash = stored.hash;
            arrival.file.item.size = stored.size;
            arrival.file.is_page = false;
        }
    } catch (const Error& error) {
        // What is wrong with this file costs the file; what is wrong with our own disk ends the takeover.
        if (error.kind() == Kind::Unavailable || error.kind() == Kind::Damaged) throw;
        arrival.problem = error.message();
    }
    return arrival;
}

/// Reads a batch with several threads. An error of one (a full disk) ends the batch and is thrown here.
std::vector<Arrival> read_batch(objects::Store& store, std::span<const intake::Item> items,
                                const content::SiteHosts& hosts) {
    std::vector<Arrival> arrivals(items.size());
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    std::mutex mutex;
    const auto work = [&] {
        for (std::size_t i = next++; i < items.size(); i = next++) {
            try {
                arrivals[i] = read_one(store, items[i], hosts);
            } catch (...) {
                const std::lock_guard lock(mutex);
                failure = std::current_exception();
                next = items.size();
            }
        }
    };
    std::vector<std::thread> threads;
    for (unsigned i = 1; i < std::max(2U, std::thread::hardware_concurrency()); ++i) threads.emplace_back(work);
    work();
    for (std::thread& thread : threads) thread.join();
    if (failure) std::rethrow_exception(failure);
    return arrivals;
}

/// Keeps one file: a page with its first revision, live at once, or an asset. The takeover itself is the operator's act
/// of approval. A path that the site has already is left alone if it was edited here, else it gets the new bytes.
void keep(sys::Transaction& tx, std::int64_t run, const Arrival& arrival, base::Instant at) {
    const std::string path = base::percent_encode(arrival.file.item.path);
    intake::add_taken(tx, run, arrival.file);
    if (!arrival.file.is_page) {
        const std::string_view type = base::media_type(arrival.file.item.path);
        // The old server may know a text's encoding better than its bytes say.
        const auto said = base::is_text_type(type) ? html::find_encoding(arrival.file.item.header_charset)
                                                   : std::optional<html::Encoding>();
        const content::Asset asset =
            content::put_asset(tx, {path, arrival.file.hash, arrival.file.item.size, std::string(type),
                                    std::string(said ? html::charset_label(*said) : ""), at});
        publish::mark_dirty(tx, fmt::format("asset:{}", asset.id.value), at);
        return;
    }
    content::Body body;
    body.title = storable(arrival.summary.title);
    body.description = storable(arrival.summary.description);
    const content::Page page = content::add_page(tx, {path,
                                                      content::PageKind::TakenOver,
                                                      {},
                                                      arrival.file.encoding,
                                                      storable(arrival.summary.lang),
                                                      arrival.file.hash,
                                                      body,
                                                      {},
                                                      at,
                                                      "サイト引継ぎ"});
    content::set_live(tx, page.id, page.latest, at);
    content::set_links(tx, page.id, content::LinkSource::Document, arrival.targets);
    publish::mark_dirty(tx, fmt::format("page:{}", page.id.value), at);
}

constexpr std::string_view kTaken = "the site has this path already; change it in the office";

bool is_taken(sys::Reader& db, const std::string& path) {
    return content::find_page(db, path) || content::find_asset(db, path);
}

/// One transaction. A path that the office took meanwhile costs that file: it is tried again by the next takeover.
void keep_batch(Site& site, std::int64_t run, std::vector<Arrival>& arrivals) {
    const auto keep_all = [&](sys::Transaction& tx) {
        for (const Arrival& arrival : arrivals)
            if (arrival.problem.empty()) keep(tx, run, arrival, site.clock.now());
    };
    try {
        site.database->write(keep_all);
    } catch (const Error& error) {
        if (error.kind() != Kind::Conflict) throw;
        site.database->write([&](sys::Transaction& tx) {
            for (Arrival& arrival : arrivals)
                if (is_taken(tx, base::percent_encode(arrival.file.item.path))) arrival.problem = kTaken;
            keep_all(tx);
        });
    }
}

/// Without files that another system writes, and without those whose path the site has already: a second takeover
/// brings only what is new.
std::vector<intake::Item> without_known(Site& site, std::vector<intake::Item> items,
                                        std::vector<intake::Skipped>& skipped) {
    std::erase_if(items, [&](const intake::Item& item) {
        const auto area = find_area(site.settings, base::percent_encode(item.path));
        if (area)
            skipped.push_back({item.path, fmt::format("{} is written by another system ([[others]])", area->path)});
        return area.has_value();
    });
    std::vector<intake::Item> fresh;
    site.database->read([&](sys::Reader& db) {
        if (content::count_pages(db) + content::count_assets(db) == 0) {
            fresh = std::move(items);
            return;
        }
        for (intake::Item& item : items) {
            if (is_taken(db, base::percent_encode(item.path)))
                skipped.push_back({item.path, std::string(kTaken)});
            else
                fresh.push_back(std::move(item));
        }
    });
    return fresh;
}

/// What led elsewhere on the old site does so here, unless something stands there by now.
void keep_redirects(sys::Transaction& tx, intake::Survey& survey, TakenOver& result, base::Instant at) {
    for (const intake::Redirect& redirect : survey.redirects) {
        const std::string path = base::percent_encode(redirect.path);
        if (content::find_page(tx, path) || content::find_asset(tx, path) || content::find_redirect(tx, path)) continue;
        try {
            content::put_redirect(tx, {path, redirect.status, redirect.location, at});
            mark_redirect_changed(tx, path, at);
            ++result.redirects;
        } catch (const Error& error) {
            if (error.kind() != Kind::BadInput) throw;
            survey.skipped.push_back({redirect.path, error.message()});
        }
    }
}

/// What the content rules found in one file that is in now; `told` gets it for the watch.
void note_findings(const Arrival& arrival, const TakeoverOptions& options, base::Instant at, TakenOver& result,
                   std::vector<signals::Signal>& told) {
    if (!arrival.scanned.threats.empty()) ++result.suspicious;
    for (const content::Threat& threat : arrival.scanned.threats)
        if (result.findings.size() < kMostFindings) result.findings.push_back({arrival.file.item.path, threat});
    const std::string subject = base::to_valid_utf8(arrival.file.item.path);
    for (signals::Signal& one : content::to_signals(arrival.scanned, subject, at)) {
        if (options.tell) options.tell(one);
        told.push_back(std::move(one));
    }
}

/// Where there is a watch, what was found is an anomaly, and not only a line in somebody's window.
void tell_watch(Site& site, const std::vector<signals::Signal>& told) {
    if (told.empty()) return;
    try {
        if (sys::Database* watch = site.find_watch())
            signals::Pipeline(*watch, site.clock, watch_rules(site.settings)).take(told);
    } catch (const base::Error& error) {
        sys::log(sys::Level::Error, "the watch was not told what the takeover found", {{"problem", error.message()}});
    }
}

std::string summary_json(const TakenOver& result, const std::string& source, const TakeoverOptions& options) {
    boost::json::object detail{{"source", base::to_valid_utf8(source)},
                               {"files", result.files},
                               {"pages", result.pages},
                               {"assets", result.assets},
                               {"bytes", result.bytes},
                               {"redirects", result.redirects},
                               {"suspicious", result.suspicious},
                               {"skipped", result.skipped.size()}};
    if (options.ignores_robots) detail["robots"] = "ignored";
    return boost::json::serialize(detail);
}

}  // namespace

TakenOver take_over_site(Site& site, const std::string& source, const TakeoverOptions& options) {
    const auto start = site.clock.monotonic();
    TakeoverSource opened(site, source, options);
    intake::Survey& survey = opened.survey;
    const std::string& source_name = opened.name;

    TakenOver result;
    result.requests = opened.requests;
    const auto finished = site.database->read([&](sys::Reader& db) { return intake::list_finished(db, source_name); });
    std::vector<intake::Item> waiting;
    for (intake::Item& item : survey.items) {
        const auto known = finished.find(item.path);
        if (known == finished.end() || known->second.size != item.size || known->second.changed_at != item.changed_at) {
            waiting.push_back(std::move(item));
            continue;
        }
        ++result.resumed;
        result.bytes += known->second.size;
        if (known->second.is_page)
            ++result.pages, ++result.encodings[known->second.encoding];
        else
            ++result.assets;
    }
    waiting = without_known(site, std::move(waiting), survey.skipped);
    const auto total = static_cast<std::int64_t>(waiting.size());
    const intake::Run run = site.database->write([&](sys::Transaction& tx) {
        if (auto unfinished = intake::find_unfinished(tx, source_name)) return std::move(*unfinished);
        return intake::start_run(tx, source_name, site.clock.now());
    });

    const content::SiteHosts hosts = site_hosts(site.settings, source);
    for (std::size_t at = 0; at < waiting.size();) {
        if (options.is_stopped && options.is_stopped()) throw base::Interrupted("the takeover was interrupted");
        std::size_t end = at;
        for (std::int64_t bytes = 0; end < waiting.size() && end - at < kBatchFiles && bytes < kBatchBytes; ++end)
            bytes += waiting[end].size;
        std::vector<Arrival> arrivals = read_batch(*site.objects, std::span(waiting).subspan(at, end - at), hosts);
        YAKUBA_STEP("takeover.before_sync");
        site.objects->sync();
        YAKUBA_STEP("takeover.after_sync");
        keep_batch(site, run.id, arrivals);
        YAKUBA_STEP("takeover.after_batch");
        std::vector<signals::Signal> told;
        for (const Arrival& arrival : arrivals) {
            if (!arrival.problem.empty()) {
                survey.skipped.push_back({arrival.file.item.path, arrival.problem});
                continue;
            }
            ++result.read;
            note_findings(arrival, options, site.clock.now(), result, told);
            result.bytes += arrival.file.item.size;
            if (arrival.file.is_page) {
                ++result.pages;
                ++result.encodings[arrival.file.encoding];
                if (arrival.file.is_disputed) ++result.disputed;
            } else {
                ++result.assets;
            }
        }
        tell_watch(site, told);
        at = end;
        if (options.progress) options.progress(static_cast<std::int64_t>(at), total);
    }
    result.files = result.pages + result.assets;
    result.empty_folders = survey.empty_folders;
    const intake::Survey found = survey;
    site.database->write([&](sys::Transaction& tx) {
        survey = found;  // a transaction may run again
        result.redirects = 0;
        keep_redirects(tx, survey, result, site.clock.now());
        result.skipped = survey.skipped;
        intake::finish_run(tx, run.id, site.clock.now(), survey);
        publish::mark_dirty(tx, fmt::format("takeover:{}", run.id), site.clock.now());
        ledger::append(tx, {site.clock.now(), options.by, "takeover.finish", fmt::format("takeover:{}", run.id),
                            summary_json(result, source_name, options)});
    });
    YAKUBA_STEP("takeover.finished");
    opened.discard();
    result.seconds = std::chrono::duration<double>(site.clock.monotonic() - start).count();
    return result;
}

}  // namespace flow
