// Planned and emergency stops, followed by the clock. What is told is recorded only with its proof: the release that
// made the notice public, the mail server's word for each letter.
#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "flow/notify.h"
#include "flow/plan_stop.h"
#include "flow/report_incident.h"
#include "flow/watch_work.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "ground/ledger/store.h"
#include "ground/mail/mail.h"
#include "ground/mail/outbox.h"
#include "ground/people/accounts.h"
#include "ground/sys/log.h"
#include "press/content/store.h"
#include "press/publish/receipt.h"
#include "watch/signals/anomaly.h"

namespace flow {

namespace {

using base::Instant;
using stops::Audience;
using stops::PlannedStop;
using stops::State;

constexpr std::string_view kBy = "service:watch";
constexpr int kMostPeople = 5000;
constexpr auto kFollowedFor = std::chrono::hours(24 * 30);  // what is over is followed until that was told, or so long
constexpr auto kNoticeLate = std::chrono::hours(24);        // what was set to come down has time to

stops::By by_watch(Instant at) {
    return {std::string(kBy), at};
}

bool is_told(const std::vector<stops::Told>& told, const PlannedStop& stop, Audience audience) {
    return std::any_of(told.begin(), told.end(),
                       [&](const stops::Told& each) { return each.round == stop.round && each.audience == audience; });
}

/// The notice is public when a revision that is no older than it was placed by a release.
std::optional<stops::Told> find_public(sys::Reader& db, const PlannedStop& stop) {
    if (!stop.page || stop.revision == 0) return std::nullopt;
    const auto page = content::find_page(db, stop.page);
    if (!page || page->live.value < stop.revision) return std::nullopt;
    std::optional<stops::Told> first;
    for (const publish::Receipt& each : publish::list_receipts(db, stop.page, 50))
        if (each.placed_at && each.revision.value >= stop.revision && (!first || *each.placed_at < first->at))
            first = stops::Told{stop.round, Audience::Residents, *each.placed_at,
                                fmt::format("公開記録 第{}号　/{}", each.release, page->path), std::string(kBy)};
    return first;
}

std::string letter_prefix(const PlannedStop& stop) {
    return fmt::format("stop:{}:{}:", stop.id.value, stop.round);
}

/// A letter to each who works here and has an address; each once, whatever becomes of this process.
void queue_letters(Site& site, const PlannedStop& stop, Instant now) {
    people::PeopleQuery query;
    query.state = people::PersonState::Active;
    query.on = base::local_day(now);
    query.limit = 200;
    const std::string title = staff_title(stop), text = staff_letter(site.settings, stop);
    for (int looked = 0; looked < kMostPeople; looked += query.limit) {
        const auto page = site.database->read([&](sys::Reader& db) { return people::list_people(db, query); });
        if (page.empty()) return;
        query.after = page.back().id;
        site.database->write([&](sys::Transaction& tx) {
            for (const people::Person& person : page) {
                if (!mail::is_address(person.mail)) continue;
                mail::NewLetter letter;
                letter.key = fmt::format("{}{}", letter_prefix(stop), person.id.value);
                letter.person = person.id;
                letter.name = person.name;
                letter.address = person.mail;
                letter.subject = fmt::format("【{}】{}", site.settings.site.name, title);
                letter.text = fmt::format("{}さん\n\n{}", person.name, text);
                mail::queue(tx, letter, now);
            }
        });
    }
}

/// When every letter has found its end, and at least one was accepted.
std::optional<stops::Told> find_mailed(sys::Reader& db, const PlannedStop& stop) {
    const auto letters = mail::list_keyed(db, letter_prefix(stop), kMostPeople);
    stops::Told told{stop.round, Audience::Staff, {}, "", std::string(kBy)};
    int sent = 0, failed = 0;
    for (const mail::Letter& each : letters) {
        if (each.state == mail::LetterState::Waiting) return std::nullopt;
        sent += each.state == mail::LetterState::Sent ? 1 : 0;
        failed += each.state == mail::LetterState::Failed ? 1 : 0;
        if (each.state == mail::LetterState::Sent && each.done_at) told.at = std::max(told.at, *each.done_at);
    }
    if (sent == 0) return std::nullopt;
    told.proof = fmt::format("メール{}通をメールサーバが受け付けました", sent);
    if (failed > 0) told.proof += fmt::format("（ほかに{}通は届きませんでした）", failed);
    return told;
}

/// `is_announced`: letters are written; else only what was told already is put on record.
void tell_all(Site& site, const PlannedStop& stop, bool is_announced) {
    const Instant now = site.clock.now();
    const auto told = site.database->read([&](sys::Reader& db) { return stops::list_told(db, stop.id); });
    // Staff who were told of nothing need no letter that it was called off, or is over.
    const bool is_moot = stop.is_over() && told.empty() && site.database->read([&](sys::Reader& db) {
        return mail::list_keyed(db, fmt::format("stop:{}:", stop.id.value), 1).empty();
    });
    const auto record = [&](const std::optional<stops::Told>& found) {
        if (found)
            site.database->write(
                [&](sys::Transaction& tx) { return stops::tell(tx, stop.id, *found, by_watch(found->at)); });
    };
    if (!is_told(told, stop, Audience::Residents))
        record(site.database->read([&](sys::Reader& db) { return find_public(db, stop); }));
    if (!is_moot && !is_told(told, stop, Audience::Staff) && is_mail_on(site.settings)) {
        if (is_announced) queue_letters(site, stop, now);
        record(site.database->read([&](sys::Reader& db) { return find_mailed(db, stop); }));
    }
}

/// What a stop explains: what does not answer. Never what is changed, found or waited for meanwhile. One that residents
/// do not feel is work beside their site: that this does not answer, from outside or as an emergency, is no part of it.
constexpr std::string_view kQuiet[] = {"probe", "outside"};

/// The watch's quiet spans are what the plans say: two databases, so they are compared each time.
void keep_windows(sys::Database& watch, const std::vector<PlannedStop>& all, Instant now) {
    std::vector<signals::Window> wanted;
    for (const PlannedStop& stop : all) {
        if ((stop.state != State::Planned && stop.state != State::Running) || stop.plan.ends_at <= now) continue;
        for (const std::string_view source : kQuiet) {
            if (source == "outside" && !stop.plan.stops_public) continue;
            signals::Window window;
            window.reason_kind = stop.plan.stops_public ? "planned-stop" : "operator";
            window.why = fmt::format("計画停止 第{}号：{}", stop.id.value, stop.plan.title);
            window.by = fmt::format("stop:{}", stop.id.value);
            window.from_at = stop.plan.starts_at;
            window.until_at = stop.plan.ends_at;
            window.source = source;
            wanted.push_back(std::move(window));
        }
    }
    const auto found = watch.read([&](sys::Reader& db) { return signals::list_windows(db, now); });
    const auto is_same = [](const signals::Window& a, const signals::Window& b) {
        return a.by == b.by && a.from_at == b.from_at && a.until_at == b.until_at && a.why == b.why &&
               a.source == b.source && a.reason_kind == b.reason_kind;
    };
    for (const signals::Window& each : found)
        if (each.by.starts_with("stop:") &&
            std::none_of(wanted.begin(), wanted.end(), [&](const auto& one) { return is_same(one, each); }))
            watch.write([&](sys::Transaction& tx) { signals::end_window(tx, each.id, {std::string(kBy), now}); });
    for (const signals::Window& each : wanted)
        if (std::none_of(found.begin(), found.end(), [&](const auto& one) { return is_same(one, each); }))
            watch.write([&](sys::Transaction& tx) { signals::add_window(tx, each, now); });
}

std::string text_in(const boost::json::object& detail, std::string_view name) {
    const auto* value = detail.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

void follow_stops(Site& site, sys::Database& watch, DownNotices& down, std::vector<Wrong>& wrong) {
    const Instant now = site.clock.now();
    stops::Filter filter;
    filter.limit = 200;
    auto all = site.database->read([&](sys::Reader& db) { return stops::list_stops(db, filter); });
    for (PlannedStop& stop : all) {
        const std::string subject = fmt::format("stop:{}", stop.id.value);
        const bool is_past =
            stop.is_over() && now - stop.ended_at.value_or(stop.cancelled_at.value_or(now)) > kFollowedFor;
        if (is_past && (!stop.page || down.contains(stop.page))) continue;
        try {
            if (stop.is_over() && stop.page && now > stop.notice_until() + kNoticeLate) {
                const auto page =
                    site.database->read([&](sys::Reader& db) { return content::find_page(db, stop.page); });
                if (page && page->live)
                    wrong.push_back({"stop.notice", subject,
                                     fmt::format("計画停止「{}」は{}しましたが、お知らせ（/{}）がまだ公開されています。"
                                                 "公開を終了してください。",
                                                 stop.plan.title, stops::state_wording(stop.state), page->path),
                                     signals::Severity::Minor});
                else if (is_past)
                    down.insert(stop.page);
            }
            if (is_past) continue;
            if (stop.state == State::Planned && now >= stop.plan.starts_at)
                stop = site.database->write([&](sys::Transaction& tx) {
                    return stops::start(tx, stop.id, stop.plan.starts_at, by_watch(now), stop.version);
                });
            // Once it runs it is not announced any more; that it takes longer is.
            tell_all(site, stop, stop.state != State::Running || stop.round > 1);
        } catch (const base::Error& error) {
            if (error.kind() == base::Kind::Conflict) continue;  // somebody changed it meanwhile: the next turn sees it
            wrong.push_back({"desk.failed", subject,
                             fmt::format("計画停止 第{}号の処理ができません。{}", stop.id.value, error.message()),
                             signals::Severity::Serious});
        }
        if (stop.is_overdue(now))
            wrong.push_back(
                {"stop.late", subject,
                 fmt::format("計画停止「{}」が、終了予定（{}）を過ぎています。終わったら終了を記録してください。"
                             "続くときは、終了予定を変えて、利用者と職員に知らせてください。",
                             stop.plan.title, calendar::format_era_moment(stop.plan.ends_at)),
                 signals::Severity::Serious});
    }
    keep_windows(watch, all, now);
}

void follow_emergencies(Site& site, FailedDrafts& failed, std::vector<Wrong>& wrong) {
    std::vector<ledger::Line> lines;
    site.database->read([&](sys::Reader& db) {
        ledger::Search search;
        search.limit = 50;
        for (const std::string_view act : {"service.stop", "service.resume"}) {
            search.act = std::string(act);
            const auto found = ledger::find_lines(db, search);
            lines.insert(lines.end(), found.begin(), found.end());
        }
    });
    if (lines.empty()) return;
    std::sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.sequence < b.sequence; });
    auto known = site.database->read([](sys::Reader& db) { return stops::list_emergencies(db, 1000); });
    std::map<std::string, std::string> stopped;  // by part: the subject of its newest stop
    for (const ledger::Line& line : lines) {
        const auto parts = base::split(line.entry.subject, ':');  // "service:public:3f..."
        if (parts.size() != 3) continue;
        const std::string part(parts[1]);
        const auto detail = boost::json::parse(line.entry.detail).as_object();
        if (line.entry.act == "service.stop") {
            stopped[part] = line.entry.subject;
            if (std::any_of(known.begin(), known.end(),
                            [&](const auto& each) { return each.subject == line.entry.subject; }))
                continue;
            const stops::EmergencyReport made{line.entry.subject,
                                              line.entry.at,
                                              {},
                                              part,
                                              line.entry.by,
                                              text_in(detail, "second"),
                                              text_in(detail, "reason"),
                                              text_in(detail, "notice")};
            site.database->write([&](sys::Transaction& tx) { return stops::add_emergency(tx, made); });
        } else if (const auto of = stopped.find(part); of != stopped.end()) {
            const auto entry =
                std::find_if(known.begin(), known.end(), [&](const auto& each) { return each.subject == of->second; });
            if (entry == known.end() || !entry->resumed_at)
                site.database->write([&](sys::Transaction& tx) { stops::set_resumed(tx, of->second, line.entry.at); });
            stopped.erase(of);
        }
    }
    known = site.database->read([](sys::Reader& db) { return stops::list_emergencies(db, 1000); });
    for (const stops::EmergencyReport& each : known) {
        if (each.document != 0) continue;
        const Instant now = site.clock.now();
        if (const auto last = failed.find(each.subject); last == failed.end() || now - last->second >= kDraftAgain)
            try {
                make_stop_report(site, each.subject, kBy);
                failed.erase(each.subject);
                continue;
            } catch (const std::exception& error) {  // a template that an administrator has broken throws its own kind
                failed[each.subject] = now;
                sys::log(sys::Level::Error, "the report of an emergency stop cannot be drafted",
                         {{"problem", error.what()}});
            }
        wrong.push_back(
            {"stop.report", each.subject,
             "緊急停止報告書の下書きを作れません。「計画停止」の画面で緊急停止の記録を見て、手で報告してください。",
             signals::Severity::Serious});
    }
}

}  // namespace flow
