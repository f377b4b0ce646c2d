// The course of an incident (経過): what its anomalies, the calls, the releases, healings, restores and stops of its
// span have left in watch.db and in the ledger, and what people added between. Computed each time; nothing is copied.
#include <algorithm>

#include <fmt/format.h>

#include "flow/handle_incident.h"
#include "flow/stop_service.h"
#include "ground/ledger/acts.h"
#include "ground/ledger/store.h"
#include "office/documents/store.h"
#include "office/incidents/runbooks.h"
#include "press/content/store.h"
#include "watch/telling/calls.h"

namespace flow {

namespace {

using incidents::Incident;
using Source = Moment::Source;

constexpr std::size_t kMostMembers = 50;  // whose own timelines are read; the others stand with their first moment
constexpr int kMostOfAct = 100;
/// Acts of both streams that belong to the course when they fall into its span.
constexpr std::string_view kActs[] = {"release.seal",     "release.place",  "release.restore",        "guard.heal",
                                      "guard.quarantine", "backup.restore", "backup.switch",          "backup.mend",
                                      "service.stop",     "service.resume", "page.publish-emergency", "block"};

/// What a line is about, as a report says it; nothing for what only the ledger has a name for.
std::string thing_of(sys::Reader& db, std::string_view subject) {
    const std::size_t colon = subject.find(':');
    if (colon == std::string_view::npos) return std::string(subject);  // a path
    const std::string_view kind = subject.substr(0, colon), rest = subject.substr(colon + 1);
    if (kind == "release") return fmt::format("公開記録 第{}号", rest);
    if (kind == "service")
        if (const auto part = find_part(rest.substr(0, rest.find(':')))) return std::string(part_name(*part));
    if (kind == "page")
        if (const auto page =
                content::find_page(db, base::PageId{std::strtoll(std::string(rest).c_str(), nullptr, 10)}))
            return "/" + page->path;
    return {};
}

void add_watch(sys::Database& watch, const std::vector<incidents::Member>& members, const Incident& incident,
               base::Instant until, std::vector<Moment>& to) {
    watch.read([&](sys::Reader& db) {
        std::vector<std::int64_t> calls;
        for (std::size_t at = 0; at < std::min(members.size(), kMostMembers); ++at) {
            const signals::AnomalyId id{members[at].anomaly};
            const std::string path = fmt::format("/anomalies/{}", id.value);
            const auto events = signals::list_events(db, id);
            for (const signals::Event& event : events)
                to.push_back({event.at, fmt::format("異常 第{}号：{}", id.value, signals::event_wording(event.what)),
                              event.by, event.text, path, Source::Watch});
            // What opened or ended it is there already.
            for (const signals::KeptSignal& signal : signals::list_signals(db, id, 10))
                if (std::none_of(events.begin(), events.end(),
                                 [&](const signals::Event& event) { return event.text == signal.text; }))
                    to.push_back({signal.observed_at,
                                  fmt::format("監視の通知（{}）", signals::state_wording(signal.state)), "",
                                  signal.text, path, Source::Watch});
            if (const auto call = telling::find_call_of(db, id))
                if (std::find(calls.begin(), calls.end(), call->value) == calls.end()) calls.push_back(call->value);
        }
        for (const std::int64_t call : calls)
            for (const telling::Message& message : telling::list_messages(db, {call}))
                to.push_back({message.done_at.value_or(message.made_at),
                              fmt::format("呼出し（{}）：{}", telling::message_kind_wording(message.kind),
                                          message.standing == "sent"     ? "届けました"
                                          : message.standing == "failed" ? "届きませんでした"
                                                                         : "送信待ち"),
                              message.name, message.reply, "", Source::Watch});
        ledger::Search search;
        search.stream = std::string(ledger::kWatch);
        search.from = incident.occurred_at - std::chrono::minutes(10);
        search.until = until;
        search.limit = kMostOfAct;
        for (const std::string_view act : kActs) {
            search.act = std::string(act);
            for (const ledger::Line& line : ledger::find_lines(db, search))
                to.push_back({line.entry.at, std::string(ledger::act_wording(line.entry.act)), line.entry.by,
                              line.entry.subject.starts_with("page:") ? "" : thing_of(db, line.entry.subject), "",
                              Source::Watch});
        }
    });
}

void add_office(sys::Reader& db, const Incident& incident, base::Instant until, std::vector<Moment>& to) {
    ledger::Search search;
    search.from = incident.occurred_at - std::chrono::minutes(10);
    search.until = until;
    search.limit = kMostOfAct;
    for (const std::string_view act : kActs) {
        search.act = std::string(act);
        for (const ledger::Line& line : ledger::find_lines(db, search))
            to.push_back({line.entry.at, std::string(ledger::act_wording(line.entry.act)), line.entry.by,
                          thing_of(db, line.entry.subject), "", Source::Office});
    }
    for (const incidents::Step& step : incidents::list_steps(db, incident.id))
        to.push_back({step.at,
                      fmt::format("{}{}", incidents::state_wording(step.state), step.is_skipped ? "（省略）" : ""),
                      step.by, step.note, "", Source::Person});
    for (const incidents::Entry& entry : incidents::list_entries(db, incident.id))
        to.push_back(
            {entry.at,
             entry.kind == "contact" ? fmt::format("連絡：{}（{}）", entry.whom, entry.how) : std::string("記入"),
             entry.by, entry.text, "", Source::Person});
    for (const incidents::Tick& tick : incidents::list_ticks(db, incident.id))
        to.push_back({tick.at, "手順の確認", tick.by,
                      tick.note.empty() ? tick.step : fmt::format("{}：{}", tick.step, tick.note),
                      "/runbooks/" + tick.runbook, Source::Person});
    for (const incidents::Report& report : incidents::list_reports(db, incident.id)) {
        std::string by;
        for (const documents::Delivery& each : documents::list_deliveries(db, report.document))
            if (each.id == report.delivery) by = each.by;
        to.push_back({report.happened_at, fmt::format("{}を渡しました", incidents::stage_wording(report.stage)), by,
                      report.whom, fmt::format("/documents/{}", report.document), Source::Person});
    }
}

}  // namespace

std::vector<Moment> list_course(Site& site, const Incident& incident) {
    std::vector<Moment> course;
    const base::Instant until = (incident.closed_at ? *incident.closed_at : site.clock.now()) + std::chrono::minutes(1);
    std::vector<incidents::Member> members;
    site.database->read([&](sys::Reader& db) {
        members = incidents::list_members(db, incident.id);
        add_office(db, incident, until, course);
    });
    if (sys::Database* watch = site.find_watch()) add_watch(*watch, members, incident, until, course);
    for (std::size_t at = kMostMembers; at < members.size(); ++at)
        course.push_back({members[at].first_at, fmt::format("異常 第{}号", members[at].anomaly), "", members[at].text,
                          fmt::format("/anomalies/{}", members[at].anomaly), Source::Watch});
    std::stable_sort(course.begin(), course.end(), [](const Moment& a, const Moment& b) { return a.at < b.at; });
    if (course.size() > kMostMoments) {
        const std::size_t rest = course.size() - kMostMoments;
        course.resize(kMostMoments);
        course.push_back(
            {course.back().at, fmt::format("ほか{}件は省きました", rest), "", "", "/ledger", Source::Office});
    }
    return course;
}

}  // namespace flow
