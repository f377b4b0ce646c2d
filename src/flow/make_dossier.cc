#include "flow/make_dossier.h"

#include <algorithm>
#include <map>
#include <optional>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "flow/check_page.h"
#include "flow/count_reads.h"
#include "flow/inbound_links.h"
#include "flow/make_document.h"
#include "flow/watch_registers.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "office/visits/store.h"
#include "press/content/store.h"

namespace flow {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostPages = 20'000, kMostChecked = 300, kMostShown = 15, kMostNews = 30;
constexpr auto kFirstSpan = 24h * 120;  // without an earlier visit
constexpr auto kPatience = 30s;         // for the checks; links and searches have their own

struct Stale {
    std::string title, path;
    base::Instant changed;
};

struct Seen {
    std::int64_t live = 0, published = 0, changed = 0, stale = 0;
    std::vector<Stale> oldest;
    struct Changed {
        base::Instant at;
        base::PageId page;
        base::RevisionId live;
    };
    std::vector<Changed> newest;                   ///< changed since, to be checked; newest first
    std::map<std::string, std::int64_t> findings;  ///< pages by message
    std::int64_t checked = 0, faulty = 0;
};

void look_at_pages(Site& site, base::Instant since, base::Instant stale_before, Seen& seen) {
    content::PageFilter filter;
    filter.is_live = true;
    filter.limit = 500;
    std::size_t count = 0;
    do {
        const content::PageList list =
            site.database->read([&](sys::Reader& db) { return content::list_pages(db, filter); });
        for (const content::Page& page : list.pages) {
            ++seen.live;
            seen.published += page.live_since >= since ? 1 : 0;
            seen.changed += page.changed_at >= since ? 1 : 0;
            if (page.changed_at < stale_before) {
                ++seen.stale;
                seen.oldest.push_back({page.title.empty() ? page.path : page.title, page.path, page.changed_at});
            }
            if (page.changed_at >= since) seen.newest.push_back({page.changed_at, page.id, page.live});
        }
        count += list.pages.size();
        filter.after = list.next;
    } while (!filter.after.empty() && count < kMostPages);
    std::sort(seen.oldest.begin(), seen.oldest.end(),
              [](const Stale& a, const Stale& b) { return a.changed < b.changed; });
    if (seen.oldest.size() > kMostShown) seen.oldest.resize(kMostShown);
    std::sort(seen.newest.begin(), seen.newest.end(),
              [](const Seen::Changed& a, const Seen::Changed& b) { return a.at > b.at; });
    if (seen.newest.size() > kMostChecked) seen.newest.erase(seen.newest.begin() + kMostChecked, seen.newest.end());
}

void check_pages(Site& site, Seen& seen) {
    const auto end = site.clock.monotonic() + kPatience;
    for (const Seen::Changed& changed : seen.newest) {
        if (site.clock.monotonic() >= end) break;
        std::map<std::string, bool> of_page;
        for (const base::Finding& one : check_page(site, changed.page, changed.live)) of_page[one.rule] = true;
        for (const auto& [rule, found] : of_page) ++seen.findings[rule];
        seen.faulty += of_page.empty() ? 0 : 1;
        ++seen.checked;
    }
}

tmpl::List most(const std::map<std::string, std::int64_t>& counts) {
    tmpl::List rows;
    for (const auto& [path, count] : most_frequent(counts, kMostShown))
        rows.push_back(tmpl::Map{{"path", path}, {"count", count}});
    return rows;
}

std::int64_t sum_of(const std::map<std::string, std::int64_t>& counts) {
    std::int64_t sum = 0;
    for (const auto& [what, count] : counts) sum += count;
    return sum;
}

boost::json::object figures_of(const Seen& seen, const Reads& read, const BrokenLinks& broken) {
    return {{"live", seen.live},
            {"published", seen.published},
            {"changed", seen.changed},
            {"stale", seen.stale},
            {"checked", seen.checked},
            {"faulty", seen.faulty},
            {"broken", broken.targets},
            {"views", read.views},
            {"missing", sum_of(read.missing)},
            {"searches", sum_of(read.searches)}};
}

/// Each figure beside that of the last visit.
tmpl::List compared(const boost::json::object& now, const std::string& before_text) {
    constexpr std::pair<const char*, const char*> kFigures[] = {{"live", "公開中のページ"},
                                                                {"published", "新しく公開したページ"},
                                                                {"changed", "変更したページ"},
                                                                {"stale", "長く見直していないページ"},
                                                                {"checked", "検査したページ"},
                                                                {"faulty", "指摘のあるページ"},
                                                                {"broken", "リンク切れのリンク先"},
                                                                {"views", "ページの閲覧"},
                                                                {"missing", "見つからなかったアドレスへの閲覧"},
                                                                {"searches", "サイト内検索"}};
    boost::system::error_code none;
    const auto before = boost::json::parse(before_text, none);
    tmpl::List rows;
    for (const auto& [id, label] : kFigures) {
        const std::int64_t value = now.at(id).as_int64();
        const auto* old = !none && before.is_object() ? before.get_object().if_contains(id) : nullptr;
        const bool is_known = old != nullptr && old->is_int64();
        rows.push_back(
            tmpl::Map{{"label", label},
                      {"now", value},
                      {"before", is_known ? std::to_string(old->get_int64()) : std::string("—")},
                      {"change", is_known ? fmt::format("{:+}", value - old->get_int64()) : std::string("—")}});
    }
    return rows;
}

}  // namespace

std::string make_dossier(Site& site, std::int64_t id, std::string_view by) {
    const base::Instant now = site.clock.now();
    const auto [visit, last, proposals] = site.database->read([&](sys::Reader& db) {
        visits::Visit one = visits::load_visit(db, id);
        auto before = visits::find_last_done(db, one.starts_at);
        return std::tuple(std::move(one), std::move(before), visits::list_proposals(db, 50));
    });
    const base::Instant since = last ? last->starts_at : now - kFirstSpan;
    const auto news =
        site.database->read([&](sys::Reader& db) { return visits::list_found(db, since, int{kMostNews}); });
    Seen seen;
    look_at_pages(site, since, now - 24h * 30 * site.settings.workflow.review_months, seen);
    check_pages(site, seen);
    const Reads read = count_reads(site, since, now);
    const BrokenLinks broken = find_broken_links(site, kMostShown);
    const boost::json::object figures = figures_of(seen, read, broken);
    tmpl::List dead, unanswered;
    const Unanswered vain = list_unanswered(site, read, kMostShown);
    for (const auto& [words, count] : vain.searches)
        unanswered.push_back(tmpl::Map{{"words", words}, {"count", count}});
    for (const BrokenLink& one : broken.worst)
        dead.push_back(
            tmpl::Map{{"path", one.path}, {"pages", one.pages}, {"title", one.from_title}, {"from", one.from_path}});
    tmpl::List stale, findings, told, proposed, silent;
    for (const SilentSource& one : list_silent_sources(site))
        silent.push_back(tmpl::Map{{"name", one.name}, {"since", calendar::format_era(base::local_day(one.since))}});
    for (const Stale& one : seen.oldest)
        stale.push_back(tmpl::Map{{"title", one.title},
                                  {"path", "/" + one.path},
                                  {"changed", calendar::format_era(base::local_day(one.changed))}});
    for (const auto& [rule, count] : seen.findings) findings.push_back(tmpl::Map{{"rule", rule}, {"count", count}});
    for (const visits::Found& one : news)
        told.push_back(tmpl::Map{{"source", one.source_name},
                                 {"title", one.title},
                                 {"url", one.url},
                                 {"day", calendar::format_era(one.published.value_or(base::local_day(one.found_at)))}});
    for (const visits::Proposal& one : proposals)
        proposed.push_back(tmpl::Map{{"title", one.title},
                                     {"body", one.body},
                                     {"answer", visits::answer_wording(one.answer)},
                                     {"reason", one.reason}});
    NewDocument made;
    made.kind = "visit-dossier";
    made.subject = fmt::format("visit:{}", id);
    made.title = fmt::format("訪問資料（{}）", calendar::format_era(base::local_day(visit.starts_at)));
    made.data = {
        {"since", calendar::format_era(base::local_day(since))},
        {"has_last", last.has_value()},
        {"figures", compared(figures, last ? last->figures : std::string())},
        {"stale", std::move(stale)},
        {"review_months", site.settings.workflow.review_months},
        {"findings", std::move(findings)},
        {"checked", seen.checked},
        {"is_sample", seen.changed > seen.checked},
        {"dead", std::move(dead)},
        {"is_dead_cut", broken.is_cut},
        {"dead_more", broken.targets - static_cast<std::int64_t>(broken.worst.size())},
        {"has_log", read.is_there},
        {"is_cut", read.is_cut},
        {"counted_from",
         read.from && *read.from - since > 24h ? calendar::format_era(base::local_day(*read.from)) : std::string()},
        {"silent_sources", std::move(silent)},
        {"most_read", most(read.pages)},
        {"missing", most(read.missing)},
        {"searches", sum_of(read.searches)},
        {"unanswered", std::move(unanswered)},
        {"pages_read", vain.pages},
        {"is_read_cut", vain.is_cut},
        {"news", std::move(told)},
        {"proposals", std::move(proposed)}};
    made.also = [&](sys::Transaction& tx, const documents::Document&, const documents::Version&) {
        visits::keep_figures(tx, id, boost::json::serialize(figures));
    };
    return fmt::format("/documents/{}", make_document(site, made, by).document);
}

}  // namespace flow
