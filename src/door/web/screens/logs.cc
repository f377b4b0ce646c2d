// ログ: lines of every log that is kept, looked for by period, words and fields; the days with the state of their
// sealing; and the archives that are handed over: asked for here with a reason, made by the watch, which holds the key,
// and fetched here. Who asked, why, and who fetched it stands in the watch's ledger.

#include <mutex>

#include <fcntl.h>
#include <sys/stat.h>

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/words.h"
#include "flow/keep_logs.h"
#include "flow/watch_desk.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "watch/log_archive/requests.h"
#include "watch/log_archive/search.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using people::Act;
using namespace std::chrono_literals;

constexpr std::size_t kRows = 100;
constexpr int kRequests = 30;

std::mutex g_searching;  // one search at a time: others of the office must not wait for the disk

bool is_watch_alive(Context& context) {
    return flow::is_beating(flow::find_watch_beat(context.site().folders, context.now()), context.now());
}

sys::Database& need_watch(Context& context) {
    sys::Database* watch = context.site().find_watch();
    if (watch == nullptr) throw Error(Kind::NotFound, "監視がまだ一度も動いていません。");
    return *watch;
}

log_archive::Place place_of(Context& context) {
    return flow::log_place(need_watch(context), context.site().folders, context.site().clock);
}

tmpl::List kind_choices(std::string_view chosen) {
    tmpl::List list{choice("", say("すべて"), chosen)};
    for (const auto& kind : log_archive::all_kinds()) list.push_back(choice(kind.id, say(kind.wording), chosen));
    return list;
}

/// "2026-11-22T09:00" of the address; nothing when it is none.
std::optional<base::Instant> query_time(const Context& context, std::string_view name) {
    return base::parse_instant(query_words(context, name, 40));
}

base::Instant start_of_today(const Context& context) {
    return base::from_local({base::local_day(context.now())});
}

http::Response search(Context& context) {
    context.require(Act::LogsExport);
    log_archive::Search asked;
    asked.from = query_time(context, "from").value_or(start_of_today(context));
    asked.until = query_time(context, "until").value_or(start_of_today(context) + 24h);
    const std::string kind = query_words(context, "kind");
    if (!kind.empty()) asked.kinds.push_back(kind);
    asked.text = query_words(context, "q", 200);
    asked.status = query_words(context, "status", 3);
    asked.path = query_words(context, "path", 200);
    asked.address = query_words(context, "address", 45);
    asked.after = query_words(context, "after", 200);
    asked.limit = kRows;
    const bool is_asked = context.request.query.has("from");
    tmpl::List rows;
    log_archive::Found found;
    std::string problem;
    if (is_asked && asked.until <= asked.from) {
        problem = "期間の終わりは、始まりより後にしてください。";
    } else if (is_asked) {
        const std::unique_lock lock(g_searching, std::try_to_lock);
        if (!lock)
            problem = "ほかの人がログをさがしています。少し待ってから、もう一度「さがす」を押してください。";
        else
            found = log_archive::search(place_of(context), asked);
    }
    for (const log_archive::Hit& hit : found.hits)
        rows.push_back(tmpl::Map{{"time", short_time(hit.at, context.now())},
                                 {"kind", say(log_archive::kind_wording(hit.kind))},
                                 {"series", hit.series},
                                 {"line", hit.line}});
    http::Fields fields;
    for (const std::string_view name : {"from", "until", "kind", "q", "status", "path", "address"})
        fields.add(std::string(name), query_words(context, name, 200));
    http::Fields next = fields, period;
    next.add("after", found.after);
    period.add("from", local_input(asked.from));
    period.add("until", local_input(asked.until));
    period.add("kind", kind);
    return context.page({"screens/logs/search.html", "ログ"},
                        {{"kinds", kind_choices(kind)},
                         {"words", asked.text},
                         {"status", asked.status},
                         {"path", asked.path},
                         {"address", asked.address},
                         {"from", local_input(asked.from)},
                         {"until", local_input(asked.until)},
                         {"rows", std::move(rows)},
                         {"count", static_cast<std::int64_t>(found.hits.size())},
                         {"looked_at", found.lines},
                         {"is_asked", is_asked && problem.empty()},
                         {"is_cut", found.is_cut},
                         {"is_first", asked.after.empty()},
                         {"reached", short_time(found.reached, context.now())},
                         {"unread", say(found.problem)},
                         {"problem", say(problem)},
                         {"is_watched", is_watch_alive(context)},
                         {"first", address_of("/logs", fields)},
                         {"export", address_of("/logs/exports", period)},
                         {"next", found.after.empty() ? std::string() : address_of("/logs", next)}});
}

std::string_view state_chip(const log_archive::Day& day) {
    if (!day.fault.empty()) return "returned";
    return day.state == log_archive::State::Open      ? "submitted"
           : day.state == log_archive::State::Removed ? "withdrawn"
                                                      : "live";
}

std::string state_words(const log_archive::Day& day) {
    if (day.fault == "missing") return say("保存場所にない");
    if (day.fault == "changed") return say("封印後に変わっている");
    return say(log_archive::state_wording(day.state));
}

http::Response days(Context& context) {
    context.require(Act::LogsExport);
    const std::string chosen = query_words(context, "series");
    std::vector<log_archive::Day> all;
    std::vector<log_archive::Newest> series;
    if (sys::Database* watch = context.site().find_watch())
        watch->read([&](sys::Reader& db) {
            series = log_archive::list_series(db);
            all = log_archive::list_days(db, {{}, {}, {}, true});
        });
    tmpl::List logs, rows;
    for (const auto& one : series) {
        std::int64_t count = 0, lines = 0, faults = 0;
        std::optional<base::Day> first;
        for (const auto& day : all) {
            if (day.series != one.series || day.state == log_archive::State::Removed) continue;
            if (!first) first = day.day;
            ++count;
            lines += day.lines;
            faults += day.fault.empty() ? 0 : 1;
        }
        logs.push_back(tmpl::Map{{"name", one.series},
                                 {"kind", say(log_archive::kind_wording(one.kind))},
                                 {"path", "/logs/days?series=" + base::percent_encode(one.series)},
                                 {"is_chosen", one.series == chosen},
                                 {"first", first ? day_text(*first) : std::string()},
                                 {"days", count},
                                 {"lines", lines},
                                 {"faults", faults},
                                 {"collected", short_time(one.collected_at, context.now())}});
    }
    for (auto day = all.rbegin(); day != all.rend(); ++day) {
        if (day->series != chosen) continue;
        const bool is_kept = day->state == log_archive::State::Packed;
        rows.push_back(
            tmpl::Map{{"day", day_text(day->day)},
                      {"state", chip(state_chip(*day), state_words(*day))},
                      {"lines", day->lines},
                      {"size", size_text(is_kept ? day->packed_bytes : day->bytes)},
                      {"sha256", day->state == log_archive::State::Open ? std::string() : day->sha256.hex()}});
    }
    return context.page({"screens/logs/days.html", "ログの保存の状態", {{say("ログ"), "/logs"}}},
                        {{"logs", std::move(logs)},
                         {"rows", std::move(rows)},
                         {"chosen", chosen},
                         {"keep_days", context.site().settings.log_archive.keep_days},
                         {"is_watched", is_watch_alive(context)}});
}

http::Response exports(Context& context, std::string_view problem, int status) {
    context.require(Act::LogsExport);
    const bool is_form = !problem.empty();
    const std::string kind = query_words(context, "kind");
    const auto typed = [&](std::string_view name, std::string otherwise) {
        return is_form ? context.field(name) : std::move(otherwise);
    };
    tmpl::List kinds, rows;
    for (const auto& one : log_archive::all_kinds()) {
        const bool is_chosen =
            is_form ? context.has_field(fmt::format("kind.{}", one.id)) : kind.empty() || kind == one.id;
        kinds.push_back(tmpl::Map{{"id", std::string(one.id)}, {"name", say(one.wording)}, {"is_chosen", is_chosen}});
    }
    std::vector<log_archive::Request> requests;
    if (sys::Database* watch = context.site().find_watch())
        requests = watch->read([](sys::Reader& db) { return log_archive::list_requests(db, kRequests); });
    bool is_waiting = false;
    for (const auto& one : requests) {
        is_waiting = is_waiting || one.state == "waiting";
        std::string words;
        for (const std::string& id : one.kinds) {
            if (!words.empty()) words += say("、");
            words += say(log_archive::kind_wording(id));
        }
        rows.push_back(
            tmpl::Map{{"id", one.id},
                      {"path", fmt::format("/logs/exports/{}", one.id)},
                      {"from", long_time(one.from)},
                      {"until", long_time(one.until)},
                      {"kinds", words.empty() ? say("すべて") : words},
                      {"is_masked", one.is_masked},
                      {"who", context.db().read([&](sys::Reader& db) { return name_of_doer(db, one.by); })},
                      {"why", one.why},
                      {"asked", short_time(one.asked_at, context.now())},
                      {"is_ready", one.state == "ready"},
                      {"is_waiting", one.state == "waiting"},
                      {"is_failed", one.state == "failed"},
                      {"problem", say(one.problem)},
                      {"lines", one.lines},
                      {"size", size_text(one.archive_bytes)},
                      {"sha256", one.sha256},
                      {"kept_until",
                       one.done_at ? short_time(*one.done_at + log_archive::kKeptFor, context.now()) : tmpl::Value()}});
    }
    const base::Instant today = start_of_today(context);
    const auto from = query_time(context, "from").value_or(today - 24h);
    const auto until = query_time(context, "until").value_or(today);
    return context.page({"screens/logs/exports.html", "ログの書出し", {{say("ログ"), "/logs"}}, status},
                        {{"problem", say(problem)},
                         {"kinds", std::move(kinds)},
                         {"from", typed("from", local_input(from))},
                         {"until", typed("until", local_input(until))},
                         {"why", typed("why", "")},
                         {"is_masked", is_form && context.has_field("mask")},
                         {"rows", std::move(rows)},
                         {"is_waiting", is_waiting},
                         {"is_watched", is_watch_alive(context)}});
}

http::Response show_exports(Context& context) {
    return exports(context, "", 200);
}

http::Response ask(Context& context) {
    const auto run = [&]() -> http::Response {
        context.require(Act::LogsExport);
        log_archive::Request request;
        request.by = fmt::format("person:{}", context.person.id.value);
        request.why = context.field("why");
        const auto from = context.time_field("from", "期間の始まり"),
                   until = context.time_field("until", "期間の終わり");
        if (!from || !until) throw Error(Kind::BadInput, "期間の始まりと終わりを入れてください。");
        request.from = *from;
        request.until = *until;
        for (const auto& one : log_archive::all_kinds())
            if (context.has_field(fmt::format("kind.{}", one.id))) request.kinds.emplace_back(one.id);
        if (request.kinds.empty()) throw Error(Kind::BadInput, "ログの種類を1つ以上選んでください。");
        if (request.kinds.size() == log_archive::all_kinds().size()) request.kinds.clear();
        request.is_masked = context.has_field("mask");
        need_watch(context).write([&](sys::Transaction& tx) { return log_archive::ask(tx, request, context.now()); });
        return context.go("/logs/exports",
                          Flash{Flash::Kind::Good, "書出しを受け付けました。できあがると、この画面から受け取れます。"});
    };
    return run_act(context, run,
                   [&](std::string_view problem, int status) { return exports(context, problem, status); });
}

/// The archive, and the record of who fetched it.
http::Response fetch(Context& context) {
    context.require(Act::LogsExport);
    sys::Database& watch = need_watch(context);
    const std::int64_t id = context.request.number("id");
    const auto request = watch.read([&](sys::Reader& db) { return log_archive::load_request(db, id); });
    const auto path = flow::export_file(context.site().folders, id);
    auto file = std::make_shared<const sys::Descriptor>(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat about {};
    if (request.state != "ready" || !*file || ::fstat(file->get(), &about) != 0)
        throw Error(Kind::NotFound, "この書出しのファイルはもうありません。もう一度書き出してください。");
    watch.write([&](sys::Transaction& tx) {
        log_archive::note_download(tx, request, fmt::format("person:{}", context.person.id.value), context.now());
    });
    http::Response response = http::download(
        "", fmt::format("ログ{}-{}.zip", base::format_day(base::local_day(request.from)), id), "application/zip");
    response.file = {std::move(file), 0, static_cast<std::uint64_t>(about.st_size)};
    return response;
}

constexpr Route kRoutes[] = {
    {"GET", "/logs", search},       {"GET", "/logs/days", days},           {"GET", "/logs/exports", show_exports},
    {"POST", "/logs/exports", ask}, {"POST", "/logs/exports/{id}", fetch},
};

}  // namespace

extern const Screen logs_screen{"logs",       "ログ",           "/logs",         "history",
                                Place::Watch, Access::SignedIn, Act::LogsExport, kRoutes};

}  // namespace web
