// 監視: is the public site exactly what was approved, is everything well, what was not, what is getting worse. One line
// for each watched thing with its state, since when, and the last day as a small line; behind each its chart with the
// figures as a table.

#include <boost/json.hpp>

#include "door/web/administration.h"
#include "door/web/chart.h"
#include "door/web/language.h"
#include "door/web/screens/anomalies/parts.h"
#include "door/web/words.h"
#include "flow/guard_site.h"
#include "flow/heal_tree.h"
#include "flow/stop_service.h"
#include "flow/watch_desk.h"
#include "flow/watch_probes.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/sys/log.h"
#include "office/stops/stop.h"
#include "press/delivery/evidence.h"
#include "watch/probes/board.h"
#include "watch/samples/samples.h"
#include "watch/signals/anomaly.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using namespace std::chrono_literals;

constexpr int kSparkPoints = 48;
constexpr int kChartPoints = 240;
constexpr int kRepairs = 5;
constexpr std::size_t kWorst = 5;
constexpr auto kHealPatience = 2min;

struct Span {
    std::string_view id, words;
    std::chrono::hours length;
};
constexpr Span kSpans[] = {{"1d", "24時間", 24h}, {"7d", "7日", 168h}, {"30d", "30日", 720h}, {"13m", "13か月", 9500h}};

std::string_view chip_kind(probes::State state) {
    switch (state) {
        case probes::State::Ok:
            return "live";
        case probes::State::Absent:
        case probes::State::Provider:
            return "withdrawn";
        case probes::State::Warning:
            return "submitted";
        case probes::State::NoData:
            return "expired";
        case probes::State::Failed:
            break;
    }
    return "returned";
}

std::optional<probes::Board> find_board(Context& context) {
    try {
        return probes::find_board(flow::board_file(context.site().folders.site));
    } catch (const Error&) {  // written anew within seconds; until then nothing is known
        return std::nullopt;
    }
}

std::string series_of(const probes::Standing& one) {
    return one.samples.empty() ? std::string() : fmt::format("{}.{}", one.kind, one.samples.front().name);
}

/// What is wrong now, the gravest first and of equals the oldest.
std::vector<signals::Anomaly> list_wrong(sys::Database* watch) {
    if (watch == nullptr) return {};
    signals::Filter filter;
    filter.standing = signals::Standing::Open;
    filter.limit = 1000;
    auto all = watch->read([&](sys::Reader& db) { return signals::list_anomalies(db, filter); });
    std::sort(all.begin(), all.end(), [](const signals::Anomaly& a, const signals::Anomaly& b) {
        return std::tuple(b.severity, a.id.value) < std::tuple(a.severity, b.id.value);
    });
    return all;
}

/// The anomaly that this probe opened; nothing when there is none.
const signals::Anomaly* find_wrong(const std::vector<signals::Anomaly>& wrong, const probes::Standing& one) {
    for (const signals::Anomaly& each : wrong)
        if (each.source == "probe" && each.kind == one.kind && each.subject == one.id) return &each;
    return nullptr;
}

tmpl::List probe_rows(Context& context, const probes::Board& board, const std::vector<signals::Anomaly>& wrong,
                      sys::Database* watch) {
    const base::Instant now = context.now();
    tmpl::List rows;
    std::vector<probes::Standing> standings = board.standings;  // what is wrong first
    std::stable_sort(standings.begin(), standings.end(), [](const auto& a, const auto& b) {
        return !probes::is_well(a.state) && (probes::is_well(b.state) || a.state > b.state);
    });
    const auto fill = [&](sys::Reader* db) {
        for (const probes::Standing& one : standings) {
            const std::string series = series_of(one);
            const signals::Anomaly* const anomaly = find_wrong(wrong, one);
            tmpl::Map row{
                {"id", one.id},
                {"title", say(one.title)},
                {"target", one.target},
                {"chip", chip(chip_kind(one.state), say(probes::state_wording(one.state)))},
                {"text", say(one.text)},
                {"quiet", anomaly ? say(anomaly->suppressed_why) : std::string()},
                {"since", one.since ? short_time(*one.since, now) : tmpl::Value()},
                {"value", one.samples.empty() ? std::string()
                                              : figure_text(one.samples.front().value, one.samples.front().unit)},
                {"path", series.empty() ? std::string() : "/watch/" + one.id},
                {"line", tmpl::Value()}};
            if (db != nullptr && !series.empty())
                row.set("line", sparkline(samples::read(*db, {series, one.id, now - 24h, now, kSparkPoints}),
                                          say(fmt::format("{}の24時間", one.title))));
            rows.push_back(std::move(row));
        }
    };
    if (watch == nullptr)
        fill(nullptr);
    else
        watch->read([&](sys::Reader& db) { fill(&db); });
    return rows;
}

/// The guard's own word; what it cannot say is absent.
tmpl::Map guard_values(Context& context) {
    const base::Instant now = context.now();
    const flow::GuardStatus status = flow::find_guard_status(context.site().folders.site);
    tmpl::Map values{{"is_running", status.is_running},
                     {"is_known", false},
                     {"open", 0},
                     {"rows", tmpl::List()},
                     {"release", 0},
                     {"last_full", {}},
                     {"last_look", {}},
                     {"files", 0},
                     {"repair", ""},
                     {"is_lacking", false},
                     {"conditions", tmpl::List()},
                     {"is_well", false}};
    boost::system::error_code problem;
    const boost::json::value parsed = boost::json::parse(status.document, problem);
    if (problem || !parsed.is_object()) return values;
    const boost::json::object& document = parsed.as_object();
    const auto number = [](const boost::json::object& from, std::string_view name) {
        const auto* found = from.if_contains(name);
        return found != nullptr && found->is_int64() ? found->as_int64() : std::int64_t{0};
    };
    const auto text = [](const boost::json::object& from, std::string_view name) {
        const auto* found = from.if_contains(name);
        return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
    };
    const auto time_of = [&](std::string_view name) -> tmpl::Value {
        const auto* found = document.if_contains(name);
        if (found == nullptr || !found->is_object()) return {};
        const auto at = base::parse_utc(text(found->as_object(), "at"));
        return at ? short_time(*at, now) : tmpl::Value();
    };
    values.set("is_known", true).set("release", number(document, "release"));
    values.set("open", number(document, "open_count")).set("repair", text(document, "repair"));
    values.set("last_full", time_of("last_full")).set("last_look", time_of("last_look"));
    if (const auto* look = document.if_contains("last_look"); look != nullptr && look->is_object())
        values.set("files", number(look->as_object(), "files"));
    values.set("is_lacking", status.is_running && !text(document, "remark").empty());
    tmpl::List rows, conditions;
    if (const auto* open = document.if_contains("open"); open != nullptr && open->is_array())
        for (const auto& each : open->as_array()) {
            if (!each.is_object()) continue;
            const auto since = base::parse_utc(text(each.as_object(), "since"));
            rows.push_back(tmpl::Map{{"path", readable_path(text(each.as_object(), "path"))},
                                     {"problem", say(text(each.as_object(), "text"))},
                                     {"since", since ? short_time(*since, now) : tmpl::Value()}});
        }
    const auto* worded = document.if_contains("condition_words");
    if (const auto* all = document.if_contains("conditions"); all != nullptr && all->is_object())
        for (const auto& [kind, problem] : all->as_object()) {
            const std::string words =
                worded != nullptr && worded->is_object() ? text(worded->as_object(), kind) : std::string();
            const std::string found = problem.is_string() ? say(std::string_view(problem.as_string())) : std::string();
            conditions.push_back(tmpl::Map{{"words", say(words)}, {"problem", found}});
        }
    values.set("is_well",
               status.is_running && rows.empty() && conditions.empty() && number(document, "open_count") == 0);
    values.set("rows", std::move(rows)).set("conditions", std::move(conditions));
    return values;
}

/// The newest repairs that people have asked for, with who and why.
tmpl::List repairs(Context& context) {
    tmpl::List rows;
    context.db().read([&](sys::Reader& db) {
        ledger::Search search;
        search.act = "guard.heal";
        search.limit = kRepairs;
        for (const ledger::Line& line : ledger::find_lines(db, search)) {
            boost::system::error_code problem;
            const boost::json::value detail = boost::json::parse(line.entry.detail, problem);
            const auto* fields = problem ? nullptr : detail.if_object();
            const auto number = [&](std::string_view name) {
                const auto* found = fields ? fields->if_contains(name) : nullptr;
                return found != nullptr && found->is_int64() ? found->as_int64() : std::int64_t{0};
            };
            const auto* why = fields ? fields->if_contains("why") : nullptr;
            rows.push_back(
                tmpl::Map{{"at", short_time(line.entry.at, context.now())},
                          {"by", name_of_doer(db, line.entry.by)},
                          {"why", why != nullptr && why->is_string() ? std::string(why->as_string()) : std::string()},
                          {"healed", number("healed")},
                          {"quarantined", number("quarantined")},
                          {"left", number("left")}});
        }
    });
    return rows;
}

http::Response show(Context& context, std::string_view fault, int status) {
    context.require(people::Act::MonitorRead);
    const base::Instant now = context.now();
    sys::Database* watch = context.site().find_watch();
    const auto board = find_board(context);
    const auto beat = flow::find_watch_beat(context.site().folders, now);
    signals::Counts counts;
    tmpl::List on_call;
    if (watch != nullptr) counts = watch->read([](sys::Reader& db) { return signals::count_anomalies(db); });
    for (const auto& duty : flow::calling_policy(context.site().settings).on_call.at(now, signals::Severity::Serious))
        on_call.push_back(tmpl::Map{{"name", duty.name.empty() ? duty.target : std::string(say(duty.name))},
                                    {"after", static_cast<std::int64_t>(duty.after.count())}});
    const auto anomalies = list_wrong(watch);
    tmpl::List worst;
    for (const signals::Anomaly& each : std::span(anomalies).first(std::min(kWorst, anomalies.size())))
        worst.push_back(anomaly_row(each, now));
    tmpl::List rows = board ? probe_rows(context, *board, anomalies, watch) : tmpl::List();
    std::int64_t wrong = 0;
    if (board)
        for (const auto& one : board->standings) wrong += probes::is_well(one.state) ? 0 : 1;
    tmpl::List stopped;
    for (const flow::Part part : {flow::Part::Public, flow::Part::Office})
        if (flow::find_stop(context.site().folders, part)) stopped.push_back(say(flow::part_name(part)));
    std::optional<std::size_t> evidence;
    try {
        evidence = delivery::count_evidence(context.site().folders.quarantine);
    } catch (const Error&) {
        // The screen says that it cannot be read.
    }
    const bool may_heal = context.may(people::Act::GuardHeal);
    return context.page({"screens/watch/show.html", "監視", {}, status},
                        {{"problem", say(fault)},
                         {"may_heal", may_heal},
                         {"why", context.field("why")},
                         {"repairs", repairs(context)},
                         {"needs_password", may_heal && !context.is_fresh()},
                         {"is_alive", flow::is_beating(beat, now)},
                         {"beat", beat ? short_time(*beat, now) : tmpl::Value()},
                         {"is_board_alive", board && board->is_alive(now)},
                         {"guard", guard_values(context)},
                         {"evidence", evidence.value_or(0)},
                         {"is_evidence_refused", !evidence},
                         {"open", counts.open},
                         {"unanswered", counts.unanswered},
                         {"suppressed", counts.suppressed},
                         {"wrong", wrong},
                         {"worst", std::move(worst)},
                         {"stopped", std::move(stopped)},
                         {"on_call", std::move(on_call)},
                         {"rows", std::move(rows)}});
}

http::Response look(Context& context) {
    return show(context, "", 200);
}

/// Puts right what deviates, now: also the confirmation that "after-confirmation" waits for.
http::Response heal(Context& context) {
    context.require(people::Act::GuardHeal);
    return run_act(
        context,
        [&] {
            const std::string why(base::trim(context.field("why")));
            if (why.empty() || base::count_code_points(why) > 200)
                throw Error(Kind::BadInput, "理由を200文字以内で入れてください。");
            if (context.field("sure") != "yes")
                throw Error(Kind::BadInput, "「承認された内容に戻すことを確かめました」に印を付けてください。");
            need_proof(context);
            flow::Site& site = context.site();
            guard::CompareOptions options;
            const auto start = site.clock.monotonic();
            options.is_stopped = [&] { return site.clock.monotonic() - start > kHealPatience; };
            flow::Cure cure;
            const auto record = [&] { flow::record_heal(site, cure, why, {context.person.id, context.now()}); };
            const auto record_part = [&] {
                if (!cure.healed.empty()) record();
            };
            try {
                flow::heal_site(site.folders.site, options, site.clock, cure);
            } catch (const base::Interrupted&) {
                record_part();
                throw Error(Kind::Conflict,
                            "時間内に終わりませんでした。サーバで「yakuba guard heal」を実行してください。");
            } catch (const Error& error) {
                record_part();
                sys::log(sys::Level::Error, "putting right failed", {{"problem", error.what()}});
                throw Error(Kind::Conflict, error.kind() == Kind::NotFound
                                                ? "まだ何も公開していないため、照合できません。"
                                                : "元に戻せませんでした。運用担当者に連絡してください。");
            }
            record();
            const flow::HealCounts counts = flow::count(cure);
            if (!cure.is_well())
                return context.go("/watch", Flash{Flash::Kind::Danger,
                                                  fmt::format("{}件を元に戻しましたが、{}件の差異が残っています。"
                                                              "運用担当者に連絡してください。",
                                                              counts.healed, cure.after.tree.deviations.size())});
            return context.go(
                "/watch",
                Flash{Flash::Kind::Good,
                      counts.healed == 0
                          ? std::string("差異はありません。すべて承認された内容です。")
                          : fmt::format("{}件を元に戻し、{}件を証拠として隔離しました。すべて承認された内容です。",
                                        counts.healed, counts.quarantined)});
        },
        [&](std::string_view problem, int status) { return show(context, problem, status); });
}

const probes::Standing& standing_of(const probes::Board& board, std::string_view id) {
    for (const auto& one : board.standings)
        if (one.id == id) return one;
    throw Error(Kind::NotFound, "この監視項目はありません。");
}

/// What was stopped on purpose between `from` and `until`: it explains figures that are missing or odd.
tmpl::List stops_between(Context& context, base::Instant from, base::Instant until) {
    stops::Filter newest;
    newest.limit = 100;
    tmpl::List rows;
    for (const stops::PlannedStop& stop :
         context.db().read([&](sys::Reader& db) { return stops::list_stops(db, newest); })) {
        if (!stop.started_at) continue;
        const base::Instant end = stop.ended_at.value_or(until);
        if (*stop.started_at >= until || end < from) continue;
        rows.push_back(tmpl::Map{{"name", stop.plan.title},
                                 {"path", fmt::format("/stops/{}", stop.id.value)},
                                 {"began", short_time(*stop.started_at, until)},
                                 {"ended", stop.ended_at ? short_time(*stop.ended_at, until) : tmpl::Value()}});
    }
    return rows;
}

http::Response show_chart(Context& context) {
    context.require(people::Act::MonitorRead);
    const base::Instant now = context.now();
    const auto board = find_board(context);
    if (!board) throw Error(Kind::NotFound, "監視の結果がまだありません。");
    const probes::Standing& one = standing_of(*board, context.request.parameters.find("id")->second);
    const std::string asked = query_words(context, "span");
    const Span* span = &kSpans[0];
    tmpl::List spans;
    for (const Span& each : kSpans)
        if (each.id == asked) span = &each;
    for (const Span& each : kSpans) spans.push_back(choice(each.id, say(each.words), span->id));
    sys::Database* watch = context.site().find_watch();
    const auto wrong = list_wrong(watch);
    const signals::Anomaly* const anomaly = find_wrong(wrong, one);
    tmpl::List charts;
    if (watch != nullptr)
        watch->read([&](sys::Reader& db) {
            for (const auto& [name, value, unit] : one.samples) {
                const samples::Chart drawn = samples::read(
                    db, {fmt::format("{}.{}", one.kind, name), one.id, now - span->length, now, kChartPoints});
                tmpl::List points;
                for (auto at = drawn.points.rbegin(); at != drawn.points.rend(); ++at)
                    if (at->mean)
                        points.push_back(tmpl::Map{{"time", short_time(at->from, now)},
                                                   {"least", figure_text(*at->least, unit)},
                                                   {"mean", figure_text(*at->mean, unit)},
                                                   {"most", figure_text(*at->most, unit)}});
                if (points.empty()) continue;
                charts.push_back(tmpl::Map{{"name", sample_words(name)},
                                           {"now", figure_text(value, unit)},
                                           {"picture", chart(drawn, unit,
                                                             say(fmt::format("{}の移り変わり。下に表があります",
                                                                             one.title + " " + sample_words(name))))},
                                           {"points", std::move(points)}});
            }
        });
    return context.page({"screens/watch/chart.html", one.title, {{say("監視"), "/watch"}}},
                        {{"heading", say(one.title)},
                         {"id", one.id},
                         {"target", one.target},
                         {"anomaly", anomaly ? tmpl::Value(anomaly_row(*anomaly, now)) : tmpl::Value()},
                         {"may_edit", context.may(people::Act::MonitorEdit)},
                         {"chip", chip(chip_kind(one.state), say(probes::state_wording(one.state)))},
                         {"text", say(one.text)},
                         {"since", one.since ? short_time(*one.since, now) : tmpl::Value()},
                         {"spans", std::move(spans)},
                         {"stops", stops_between(context, now - span->length, now)},
                         {"charts", std::move(charts)}});
}

constexpr Route kRoutes[] = {
    {"GET", "/watch", look},
    {"POST", "/watch/heal", heal},
    {"GET", "/watch/{id}", show_chart},
};

}  // namespace

extern const Screen watch{"watch", "監視", "/watch", "info", Place::Watch, Access::SignedIn, people::Act::MonitorRead,
                          kRoutes};

}  // namespace web
