#include "flow/watch_advisories.h"

#include <algorithm>

#include <fmt/format.h>

#include "flow/office_hours.h"
#include "flow/take_inventory.h"
#include "ground/base/error.h"
#include "ground/calendar/era.h"
#include "ground/ledger/store.h"
#include "office/vulnerabilities/inspections.h"

namespace flow {

namespace fs = std::filesystem;
using base::Error;
using signals::Signal;
using vulnerabilities::By;
using namespace std::chrono_literals;

namespace {

constexpr auto kRest = 60s;
constexpr auto kJudgeEvery = 1h;
constexpr auto kInventoryEvery = 24h;
constexpr auto kSetUpWithin = 24h;
constexpr auto kFolderPatience = 24h * 14;  // for which nothing new may come in the folder
constexpr std::string_view kBy = "service:watch";
constexpr auto kKeepTold = std::chrono::hours{24 * 400};

/// For how long a list may stay as it is: longer than its publisher ever pauses. Zero: it may for ever.
std::chrono::hours patience_with(const FeedSource& source) {
    constexpr std::pair<std::string_view, int> kDays[] = {{"jvndb-rss", 14}, {"jvn-rss", 14}, {"jpcert-rss", 21},
                                                          {"ipa-rss", 60},   {"dsa-rss", 14}, {"debian", 7},
                                                          {"kev", 21}};
    if (source.address.find("/years/") != std::string::npos) return {};  // a year that is over
    for (const auto& [format, days] : kDays)
        if (source.format == format) return std::chrono::hours{24} * days;
    return {};
}

}  // namespace

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
    if (!judged_at_) {  // the calendar may be another than when they came
        const calendar::OfficeCalendar office = office_hours_of(site_.settings);
        site_.database->write([&](sys::Transaction& tx) { vulnerabilities::renew_deadlines(tx, office, by); });
    }
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
        if (source.is_for_details()) continue;
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
        for (const std::string_view kind : {"advisory.feed", "advisory.gap", "advisory.stale", "advisory.shrunk"})
            to.push_back(
                signal(kind, feed.name, false, fmt::format("脆弱性情報「{}」は、設定から外されています。", feed.name)));
    }
}

/// A list that stands still or has lost half of its entries comes, and says nothing.
void AdvisoryDesk::judge_feeds(const std::vector<FeedSource>& sources, std::vector<Signal>& to) const {
    const base::Instant now = site_.clock.now();
    for (const FeedSource& source : sources) {
        const auto feed =
            site_.database->read([&](sys::Reader& db) { return vulnerabilities::find_feed(db, source.name); });
        if (!feed || !feed->good_at) continue;
        const auto patience = patience_with(source);
        const bool is_stale = patience > 0h && feed->changed_at && now - *feed->changed_at >= patience;
        to.push_back(signal("advisory.stale", source.name, is_stale,
                            is_stale ? fmt::format("脆弱性情報「{}」の内容が、{}日より長く変わっていません。情報源の"
                                                   "アドレスが変わっていないか確かめてください。",
                                                   source.name, patience / 24h)
                                     : fmt::format("脆弱性情報「{}」は更新されています。", source.name)));
        const bool is_shrunk = feed->is_shrunk();
        to.push_back(signal("advisory.shrunk", source.name, is_shrunk,
                            is_shrunk ? fmt::format("脆弱性情報「{}」の件数が、いつもの半分より少なくなりました"
                                                    "（いつもは約{}件、いまは{}件）。情報源を確かめてください。",
                                                    source.name, feed->usual, feed->items)
                                      : fmt::format("脆弱性情報「{}」の件数は、いつもどおりです。", source.name)));
    }
}

/// Once an hour: what the settings name, and the folder.
void AdvisoryDesk::judge_sources(std::vector<Signal>& to) const {
    const base::Instant now = site_.clock.now();
    const auto& settings = site_.settings.advisories;
    const By by{std::string(kBy), now};
    std::string faulty;
    try {
        const auto sources = list_feed_sources(site_.settings);
        clear_removed(sources, to);
        judge_feeds(sources, to);
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
    to.push_back(signal("inspection.next", "inspections", unplanned.has_value(),
                        unplanned ? fmt::format("次の脆弱性検査（期日{}）が、まだ登録されていません。",
                                                calendar::format_era(*unplanned))
                                  : "登録していない脆弱性検査はありません。"));
    to.push_back(signal("vulnerability.review", "vulnerabilities", review > 0,
                        review > 0 ? fmt::format("見直す日が来た脆弱性が{}件あります。", review)
                                   : "見直す日が来た脆弱性はありません。"));
}

}  // namespace flow
