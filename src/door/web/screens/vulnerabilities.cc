// 脆弱性: what was received and concerns us, by where it stands, what is due first at the top; the state of the feeds;
// and what was received and concerns nothing that we have, for those who want to look. One record is vulnerability.cc.
#include "door/web/screens/vulnerabilities/parts.h"
#include "flow/office_hours.h"
#include "ground/sys/crypto.h"

namespace web {

using vulnerabilities::Record;
using vulnerabilities::Standing;

std::string days_left(base::Instant due, base::Instant now) {
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(due - now).count();
    const auto days = (minutes < 0 ? -minutes : minutes) / (24 * 60);
    if (minutes < 0) return days == 0 ? say("期限を過ぎています") : say(fmt::format("{}日超過", days));
    return days == 0 ? say("あと1日以内") : say(fmt::format("あと{}日", days));
}

tmpl::Map severity_chip(advisories::Severity severity) {
    using advisories::Severity;
    const std::string_view kind = severity >= Severity::High     ? "returned"
                                  : severity == Severity::Medium ? "submitted"
                                                                 : "draft";
    return chip(kind, say(advisories::severity_wording(severity)));
}

tmpl::Map patch_row(const calendar::OfficeCalendar& office, const vulnerabilities::Patch& patch, base::Instant now) {
    using vulnerabilities::PatchState;
    const bool is_over = patch.state >= PatchState::Applied;
    return {{"path", fmt::format("/patches/{}", patch.id)},
            {"title", patch.title},
            {"component", patch.component},
            {"versions", patch.version_from.empty() ? patch.version_to : patch.version_from + " → " + patch.version_to},
            {"is_version", patch.kind == "version"},
            {"state", chip(is_over                             ? "live"
                           : patch.state == PatchState::Tested ? "scheduled"
                                                               : "submitted",
                           say(vulnerabilities::patch_state_wording(patch.state)))},
            {"is_emergency", patch.is_emergency},
            {"left", is_over || patch.state >= PatchState::Agreed
                         ? std::string()
                         : days_left(vulnerabilities::owed_by(office, patch.published_at), now)},
            {"published", short_time(patch.published_at, now)}};
}

tmpl::Map day_value(const std::optional<base::Day>& day) {
    return {{"text", day ? day_text(*day) : std::string()}, {"iso", day_input(day)}};
}

namespace {

using base::Error;
using base::Kind;
using people::Act;

constexpr int kRows = 200;

std::string standing_kind(Standing standing) {
    constexpr std::string_view kKinds[] = {"returned", "returned", "submitted", "scheduled", "live"};
    return std::string(kKinds[static_cast<std::size_t>(standing)]);
}

tmpl::Map row_of(const Record& one, base::Instant now) {
    const Standing standing = one.standing(now);
    const bool is_clock_running = !one.reported_at;
    return {{"path", fmt::format("/vulnerabilities/{}", one.id)},
            {"title", one.title},
            {"number", one.number},
            {"severity", severity_chip(one.severity)},
            {"standing", chip(standing_kind(standing), say(vulnerabilities::standing_wording(standing)))},
            {"verdict", say(vulnerabilities::verdict_wording(one.verdict))},
            {"received", short_time(one.received_at, now)},
            {"is_withdrawn", one.is_withdrawn},
            {"is_reported", one.reported_at.has_value()},
            {"left", is_clock_running ? days_left(one.due_at, now) : std::string()},
            {"is_late", is_clock_running && now > one.due_at}};
}

tmpl::List feed_rows(const Context& context) {
    tmpl::List rows;
    for (const auto& feed : context.db().read([](sys::Reader& db) { return vulnerabilities::list_feeds(db); })) {
        const bool is_good = feed.problem.empty() && !feed.has_gap && !feed.is_shrunk();
        rows.push_back(
            tmpl::Map{{"name", feed.name},
                      {"state", chip(is_good ? "live" : "returned", say(is_good ? "受け取れています"
                                                                        : !feed.problem.empty() ? "受け取れません"
                                                                        : feed.has_gap          ? "抜けの可能性"
                                                                                       : "件数が減りました"))},
                      {"problem", say(feed.problem)},
                      {"items", feed.items},
                      {"left_out", feed.left_out},
                      {"changed", feed.changed_at ? short_time(*feed.changed_at, context.now()) : tmpl::Value()},
                      {"good", feed.good_at ? short_time(*feed.good_at, context.now()) : tmpl::Value()}});
    }
    return rows;
}

http::Response show(Context& context, std::string_view problem, int status) {
    context.require(Act::ContractRead);
    const base::Instant now = context.now();
    const std::string wanted = query_words(context, "standing"), words = query_words(context, "q");
    vulnerabilities::RecordFilter filter;
    for (int i = 0; i <= static_cast<int>(Standing::Done); ++i)
        if (vulnerabilities::standing_id(static_cast<Standing>(i)) == wanted)
            filter.standing = static_cast<Standing>(i);
    filter.words = words;
    filter.is_open = !filter.standing && words.empty();  // what is done is one click further
    filter.limit = kRows;
    struct Found {
        std::vector<Record> records;
        vulnerabilities::Counts counts;
        std::vector<vulnerabilities::Patch> patches;
    };
    const Found found = context.db().read([&](sys::Reader& db) {
        Found all;
        all.records = vulnerabilities::list_records(db, filter, now);
        all.counts = vulnerabilities::count_records(db, now);
        all.patches = vulnerabilities::list_patches(db);
        return all;
    });
    tmpl::List rows, standings, patches;
    for (const Record& one : found.records) rows.push_back(row_of(one, now));
    const std::int64_t counts[] = {found.counts.is_new, found.counts.review, found.counts.act, found.counts.watch,
                                   found.counts.done};
    for (int i = 0; i <= static_cast<int>(Standing::Done); ++i) {
        const auto standing = static_cast<Standing>(i);
        standings.push_back(
            tmpl::Map{{"name", say(vulnerabilities::standing_wording(standing))},
                      {"kind", standing_kind(standing)},
                      {"path", fmt::format("/vulnerabilities?standing={}", vulnerabilities::standing_id(standing))},
                      {"count", counts[i]},
                      {"is_chosen", filter.standing == standing}});
    }
    const calendar::OfficeCalendar office = flow::office_hours_of(context.site().settings);
    for (const auto& patch : found.patches)
        if (patch.state < vulnerabilities::PatchState::Applied) patches.push_back(patch_row(office, patch, now));
    return context.page({"screens/vulnerabilities/list.html", "脆弱性", {}, status},
                        {{"problem", say(problem)},
                         {"rows", std::move(rows)},
                         {"standings", std::move(standings)},
                         {"patches", std::move(patches)},
                         {"late", found.counts.late},
                         {"words", words},
                         {"standing", wanted},
                         {"is_filtered", !wanted.empty() || !words.empty()},
                         {"feeds", feed_rows(context)},
                         {"typed_title", context.field("title")},
                         {"source", context.field("source")},
                         {"text", context.field("text")},
                         {"once", status == 200 ? sys::random_token() : context.field("once")},
                         {"may_act", context.may(Act::InspectRun)}});
}

http::Response list(Context& context) {
    return show(context, "", 200);
}

http::Response add(Context& context) {
    context.require(Act::InspectRun);
    return run_act(
        context,
        [&] {
            const calendar::OfficeCalendar office = flow::office_hours_of(context.site().settings);
            const Record made = context.db().write([&](sys::Transaction& tx) {
                return context.field("do") == "examine"
                           ? vulnerabilities::examine(tx, context.number_field("told"), office,
                                                      vulnerability_by(context))
                           : vulnerabilities::add_record(tx, context.field("title"), context.field("source"),
                                                         context.field("text"), office, vulnerability_by(context),
                                                         context.field("once"));
            });
            return context.go(fmt::format("/vulnerabilities/{}", made.id),
                              Flash{Flash::Kind::Good, "脆弱性の記録を作りました。判定を入れてください。"});
        },
        [&](std::string_view problem, int status) { return show(context, problem, status); });
}

http::Response list_received(Context& context) {
    context.require(Act::ContractRead);
    const std::string words = query_words(context, "q");
    tmpl::List rows;
    for (const auto& told :
         context.db().read([&](sys::Reader& db) { return vulnerabilities::list_unmatched(db, words, kRows); }))
        rows.push_back(tmpl::Map{{"id", told.id},
                                 {"title", told.title},
                                 {"source", told.external_id},
                                 {"link", told.link},
                                 {"received", short_time(told.received_at, context.now())}});
    return context.page(
        {"screens/vulnerabilities/received.html", "当てはまらなかった情報", {{say("脆弱性"), "/vulnerabilities"}}},
        {{"rows", std::move(rows)}, {"words", words}, {"may_act", context.may(Act::InspectRun)}});
}

constexpr Route kRoutes[] = {{"GET", "/vulnerabilities", list},
                             {"POST", "/vulnerabilities", add},
                             {"GET", "/vulnerabilities/received", list_received}};

}  // namespace

extern const Screen vulnerabilities_screen{"vulnerabilities",
                                           "脆弱性",
                                           "/vulnerabilities",
                                           "caution",
                                           Place::Desk,
                                           Access::SignedIn,
                                           Act::ContractRead,
                                           kRoutes,
                                           [](Context& context) {
                                               const auto counts = context.db().read([&](sys::Reader& db) {
                                                   return vulnerabilities::count_records(db, context.now());
                                               });
                                               return counts.is_new + counts.review;
                                           }};

}  // namespace web
