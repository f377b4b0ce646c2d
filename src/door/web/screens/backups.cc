// バックアップ: what was saved and what comes next, by day in a month; each repository with its generations, whether
// they were read back, and how they grow; what is wrong and what to do about it; and the buttons that ask the watch for
// a backup, a reading back or a drill now.
#include <boost/json.hpp>

#include "door/web/administration.h"
#include "door/web/chart.h"
#include "door/web/language.h"
#include "door/web/month.h"
#include "door/web/screens/backups/requests.h"
#include "door/web/words.h"
#include "flow/answer_backups.h"
#include "flow/drill_backup.h"
#include "ground/base/error.h"
#include "watch/signals/anomaly.h"

namespace web {

namespace {

using backup::Outcome;
using backup::Proof;
using backup::Run;
using base::Error;
using base::Kind;
using people::Act;

constexpr int kRunsShown = 20;
constexpr std::size_t kGenerationsShown = 40;
constexpr int kRequestsShown = 8;
constexpr int kChartDays = 90;
constexpr int kPlannedDays = 45;

/// What a person does about each kind of trouble.
constexpr std::pair<std::string_view, std::string_view> kAdvice[] = {
    {"backup.unset", "サーバで yakuba backup key を実行し、できた復旧キーを紙などでサーバの外に保管してください。"},
    {"backup.failed", "下の「実行の記録」で原因を確かめ、直してから「バックアップを取る」を押してください。"},
    {"backup.incomplete", "読めなかったファイルを確かめ、直してから取り直してください。"},
    {"backup.small", "消してしまったものがないかを確かめてください。消えていれば、前の世代から復元できます。"},
    {"backup.unreachable", "保存先のディスクやネットワークの接続を確かめてください。"},
    {"backup.key", "保存先のパスワードのファイルを、復旧キーから戻してください。"},
    {"backup.damaged", "新しい保存先を設定に加えて取り直し、壊れた保存先は調べるまで残してください。"},
    {"backup.prune", "保存先をほかのプログラムが使っていないか、空き容量があるかを確かめてください。"},
    {"backup.lost", "だれが消したかを確かめ、取り直した世代がそろうまで古い世代を守ってください。"},
    {"backup.clock", "サーバの時計を合わせてください。"},
    {"backup.late", "「バックアップを取る」と「検証する」を実行してください。"},
    {"backup.drill.failed", "復元訓練の記録で、止まった段階を確かめてください。"},
    {"backup.drill.late", "「復元訓練をする」を実行してください。"}};

std::string advice_of(std::string_view kind) {
    for (const auto& [id, words] : kAdvice)
        if (id == kind) return say(words);
    return {};
}

flow::BackupPlace place_of(Context& context, sys::Database& watch) {
    return {context.site().folders, context.site().settings, context.site().clock, watch, ""};
}

tmpl::Map run_chip(const Run& run) {
    if (run.is_lost) return chip("returned", say("失われた"));
    if (run.gone_at) return chip("withdrawn", say("整理済み"));
    switch (run.outcome) {
        case Outcome::Running:
            return chip("scheduled", say("実行中"));
        case Outcome::Failed:
            return chip("returned", say("失敗"));
        case Outcome::Stopped:
            return chip("submitted", say("中断"));
        case Outcome::Made:
            break;
    }
    if (run.proof == Proof::Damaged) return chip("returned", say("壊れている"));
    return run.proof == Proof::Whole ? chip("live", say("検証済み")) : chip("submitted", say("検証待ち"));
}

tmpl::Map run_values(const Run& run, base::Instant now) {
    return {{"day", day_text(run.day)},
            {"started", short_time(run.started_at, now)},
            {"repository", run.repository},
            {"kind", say(backup::kind_name(run.kind))},
            {"why", say(backup::why_name(run.why))},
            {"state", run_chip(run)},
            {"taken", run.snapshot.empty() ? tmpl::Value() : short_time(run.taken_at, now)},
            {"release", run.release},
            {"size", size_text(run.bytes)},
            {"added", size_text(run.added_bytes)},
            {"seconds", figure_text(run.seconds, "seconds")},
            {"verified", run.verified_at ? short_time(*run.verified_at, now) : tmpl::Value()},
            {"problem", say(run.problem)},
            {"snapshot", run.snapshot.substr(0, 8)}};
}

samples::Chart growth_of(const std::map<base::Day, std::int64_t>& sizes, base::Day today) {
    samples::Chart chart;
    chart.step = std::chrono::hours(24);
    for (int i = kChartDays - 1; i >= 0; --i) {
        const base::Day day = today - i;
        samples::Point point;
        point.from = base::from_local({day});
        if (const auto found = sizes.find(day); found != sizes.end())
            point.least = point.most = point.mean = static_cast<double>(found->second);
        chart.points.push_back(point);
    }
    return chart;
}

/// What a day of the calendar says, and how often: alike ones are counted, for there may be a hundred in a day.
struct DayGroup {
    bool is_planned = false;
    std::string text;
    std::string_view kind;
    auto operator<=>(const DayGroup&) const = default;
};

struct Shown {
    tmpl::List repositories, runs;
    std::map<base::Day, std::map<DayGroup, int>> days;
    std::optional<base::Instant> next, newest;
    int generations = -1;  ///< of the repository that has the fewest
};

void add_repository(Context& context, sys::Reader& db, const flow::BackupPlace& place, const std::string& name,
                    Shown& shown) {
    const base::Instant now = context.now();
    const auto held = backup::list_held(db, name);
    const auto state = backup::load_state(db, name);
    const auto generations = backup::generations_of(held);
    const int data = backup::count_generations(generations, backup::Kind::Data);
    const int system = backup::count_generations(generations, backup::Kind::System);
    shown.generations = shown.generations < 0 ? data : std::min(shown.generations, data);
    const backup::Policy policy = flow::backup_policy(place.settings);
    const auto history = backup::history_of(db, name, now);
    std::optional<base::Instant> next;
    for (const backup::Due& due : backup::list_planned(policy, history, history.fingerprint, now, kPlannedDays)) {
        if (!next) next = due.begin;
        ++shown.days[backup::day_of(policy, due.begin)]
                    [{true, say(fmt::format("予定 {}", backup::kind_name(due.kind))), "draft"}];
    }
    if (next && (!shown.next || *next < *shown.next)) shown.next = next;
    tmpl::List rows;
    for (std::size_t i = 0; i < held.size() && i < kGenerationsShown; ++i) rows.push_back(run_values(held[i], now));
    const bool is_away = state.looked_at && state.standing != backup::Standing::What::Ready;
    const bool has_trouble = is_away || state.has_damage;
    const base::Day today = base::local_day(now);
    const samples::Chart growth = growth_of(backup::list_sizes(db, name, today - kChartDays), today);
    shown.repositories.push_back(
        tmpl::Map{{"name", name},
                  {"state", !state.looked_at ? chip("draft", say("まだ使っていません"))
                            : has_trouble ? chip("returned", say(state.has_damage ? "壊れたデータがある" : "使えない"))
                                          : chip("live", say("使える"))},
                  {"problem", say(state.problem)},
                  {"looked", state.looked_at ? short_time(*state.looked_at, now) : tmpl::Value()},
                  {"read", state.read_at ? short_time(*state.read_at, now) : tmpl::Value()},
                  {"next", next ? short_time(*next, now) : tmpl::Value()},
                  {"data", fmt::format("{}／{}", data, place.settings.backup.generations)},
                  {"system", fmt::format("{}／{}", system, place.settings.backup.system_generations)},
                  {"chart", held.empty() ? tmpl::SafeHtml()
                                         : chart(growth, "bytes", say(fmt::format("{}のバックアップの大きさ", name)))},
                  {"has_rows", !rows.empty()},
                  {"more", held.size() - rows.size()},
                  {"rows", std::move(rows)}});
}

std::string_view day_kind(const Run& run) {
    if (run.proof == Proof::Damaged || run.outcome == Outcome::Failed || run.is_lost) return "returned";
    if (run.gone_at) return "withdrawn";
    return run.outcome == Outcome::Made && run.proof == Proof::Whole ? "live" : "submitted";
}

/// Also what was pruned since, and of repositories that the settings no longer have: whoever looks at a day asks
/// whether there was one.
void add_month(sys::Reader& db, const std::vector<std::string>& repositories, base::Day first, Shown& shown) {
    for (const std::string& name : repositories)
        for (const Run& run : backup::list_runs(db, name, first, next_month(first))) {
            const tmpl::Map state = run_chip(run);
            const std::string text =
                fmt::format("{} {}", say(backup::kind_name(run.kind)), *state.find("name")->as_text());
            ++shown.days[run.day][{false, text, day_kind(run)}];
        }
}

/// What was done leads to the runs of its day.
MonthEntries entries_of(const Shown& shown, base::Day first) {
    MonthEntries entries;
    for (const auto& [day, groups] : shown.days) {
        http::Fields fields;
        fields.add("month", base::format_day(first).substr(0, 7));
        fields.add("day", base::format_day(day));
        const std::string path = address_of("/backups", fields) + "#runs";
        for (const auto& [group, count] : groups)
            entries[day].push_back({count == 1 ? group.text : noted(group.text, std::to_string(count)), group.kind,
                                    group.is_planned ? "" : path});
    }
    return entries;
}

std::vector<Run> list_runs_of(sys::Reader& db, const std::vector<std::string>& repositories,
                              const std::optional<base::Day>& day) {
    if (!day) return backup::list_runs(db, kRunsShown);
    std::vector<Run> all;
    for (const std::string& name : repositories)
        for (Run& run : backup::list_runs(db, name, *day, *day + 1)) all.push_back(std::move(run));
    std::stable_sort(all.begin(), all.end(), [](const Run& a, const Run& b) { return a.started_at > b.started_at; });
    return all;
}

tmpl::List trouble_values(Context& context, sys::Database& watch) {
    signals::Filter open;
    open.standing = signals::Standing::Open;
    open.source = "backup";
    tmpl::List list;
    for (const auto& one : watch.read([&](sys::Reader& db) { return signals::list_anomalies(db, open); }))
        list.push_back(tmpl::Map{{"text", say(one.text)},
                                 {"advice", advice_of(one.kind)},
                                 {"path", fmt::format("/anomalies/{}", one.id.value)},
                                 {"since", short_time(one.first_at, context.now())}});
    return list;
}

tmpl::List repository_choices(Context& context, std::string_view first) {
    tmpl::List list;
    if (!first.empty()) list.push_back(choice("", say(first), ""));
    for (const std::string& name : context.site().settings.backup.repositories) list.push_back(choice(name, name, ""));
    return list;
}

http::Response show(Context& context, std::string_view problem, int status) {
    context.require(Act::MonitorRead);
    const base::Instant now = context.now();
    const settings::Settings& settings = context.site().settings;
    sys::Database* watch = context.site().find_watch();
    const base::Day first = asked_month(context);
    const auto day = query_day(context, "day");
    const bool is_configured = flow::is_backup_configured(settings);
    tmpl::Map values{{"problem", say(problem)},
                     {"is_watched", is_watch_at_work(context)},
                     {"is_configured", is_configured},
                     {"has_runs", false},
                     {"can_run", context.may(Act::BackupRun) && is_configured && watch != nullptr},
                     {"can_restore", context.may(Act::BackupRestore) && watch != nullptr},
                     {"troubles", tmpl::List()},
                     {"requests", tmpl::List()},
                     {"repositories", tmpl::List()},
                     {"runs", tmpl::List()},
                     {"kinds", tmpl::List{choice("data", say("データ（毎日のもの）"), ""),
                                          choice("system", say("システム（サーバの設定なども）"), "")}},
                     {"everywhere", repository_choices(context, "すべての保存先")},
                     {"anywhere", repository_choices(context, "")},
                     {"window", fmt::format("{}～{}", settings.backup.window_from, settings.backup.window_to)},
                     {"is_allowed", backup::is_allowed(flow::backup_policy(settings), now)}};
    Shown shown;
    std::optional<base::Instant> drilled;
    if (watch != nullptr) {
        const flow::BackupPlace place = place_of(context, *watch);
        drilled = flow::find_drill_state(*watch).last_well;
        values.set("troubles", trouble_values(context, *watch));
        watch->read([&](sys::Reader& db) {
            shown.newest = backup::find_newest_verified(db, settings.backup.repositories, now);
            if (is_configured)
                for (const std::string& name : settings.backup.repositories)
                    add_repository(context, db, place, name, shown);
            std::vector<std::string> all = backup::list_repositories(db);
            for (const std::string& name : settings.backup.repositories)
                if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
            add_month(db, all, first, shown);
            for (const Run& run : list_runs_of(db, all, day)) shown.runs.push_back(run_values(run, now));
        });
        values.set("requests", request_rows(context, watch->read([](sys::Reader& db) {
                       return backup::list_requests(db, kRequestsShown);
                   })));
    }
    values.set("has_runs", !shown.runs.empty() || day);
    values.set("runs_day", day ? tmpl::Value(day_text(*day)) : tmpl::Value());
    values.set("repositories", std::move(shown.repositories)).set("runs", std::move(shown.runs));
    values.set("newest", shown.newest ? short_time(*shown.newest, now) : tmpl::Value());
    values.set("next", shown.next ? short_time(*shown.next, now) : tmpl::Value());
    values.set("drilled", drilled ? short_time(*drilled, now) : tmpl::Value());
    values.set("generations", static_cast<std::int64_t>(std::max(0, shown.generations)));
    values.set("generations_kept", settings.backup.generations);
    values.set("is_short", is_configured && shown.generations < settings.backup.generations);
    values.set("month", month_values(context, first, entries_of(shown, first), "/backups", "日ごとのバックアップ"));
    return context.page({"screens/backups/list.html", "バックアップ", {}, status}, std::move(values));
}

http::Response list(Context& context) {
    return show(context, "", 200);
}

backup::Request read_wish(Context& context) {
    backup::Request request;
    request.by = fmt::format("person:{}", context.person.id.value);
    const std::string act = context.field("do");
    const auto wish = backup::find_wish(act);
    if (!wish || backup::is_restore(*wish)) throw Error(Kind::BadInput, "何をするかを選んでください。");
    request.wish = *wish;
    request.repository = context.field("repository");
    const auto& known = context.site().settings.backup.repositories;
    if (!request.repository.empty() && std::find(known.begin(), known.end(), request.repository) == known.end())
        throw Error(Kind::BadInput, "その保存先は設定にありません。");
    const std::string target = context.field("target");
    if (*wish == backup::Wish::Backup) request.target = backup::find_kind(target) ? target : "data";
    if (*wish == backup::Wish::Verify && target == "all") request.target = "all";
    if (*wish == backup::Wish::Drill) {
        request.target = target == "oldest" || target == "random" ? target : "newest";
        if (request.repository.empty() && !known.empty()) request.repository = known.front();
    }
    request.why = context.field("why");
    return request;
}

http::Response ask(Context& context) {
    context.require(Act::BackupRun);
    return run_act(
        context,
        [&] {
            if (!flow::is_backup_configured(context.site().settings))
                throw Error(Kind::Conflict, "バックアップが設定されていないため、始められません。");
            sys::Database& watch = need_watch_database(context);
            const backup::Request request = read_wish(context);
            const bool is_backup = request.wish == backup::Wish::Backup;
            const auto kind = backup::find_kind(request.target).value_or(backup::Kind::Data);
            const auto& all = context.site().settings.backup.repositories;
            const std::vector<std::string> repositories = request.repository.empty()
                                                              ? std::vector<std::string>(all.begin(), all.end())
                                                              : std::vector{request.repository};
            if (is_backup && request.why.empty()) {
                const auto from =
                    flow::check_backup_hours(place_of(context, watch), kind, repositories, "", request.by);
                if (from)
                    throw Error(Kind::BadInput,
                                fmt::format("いまはバックアップを取る時間帯ではありません（次は{}）。急ぐときは、理由を"
                                            "入れてください。",
                                            base::format_local(*from)));
            }
            const std::int64_t id = watch.write([&](sys::Transaction& tx) {
                if (is_backup && !request.why.empty())
                    flow::note_backup_override(tx, place_of(context, watch), kind, repositories, request.why,
                                               request.by);
                return backup::ask(tx, request, context.now());
            });
            return context.go(fmt::format("/backups/requests/{}", id),
                              Flash{Flash::Kind::Info, "受け付けました。監視の役割が、数秒で始めます。"});
        },
        [&](std::string_view problem, int status) { return show(context, problem, status); });
}

http::Response request_page(Context& context) {
    context.require(Act::MonitorRead);
    sys::Database& watch = need_watch_database(context);
    const backup::Request request =
        watch.read([&](sys::Reader& db) { return backup::load_request(db, context.request.number("id")); });
    if (backup::is_restore(request.wish)) throw Error(Kind::NotFound, "このバックアップの依頼はありません。");
    tmpl::Map values = request_row(context, request);
    values.set("phases", phase_values(request));
    values.set("is_watched", is_watch_at_work(context));
    values.set("is_drill", request.wish == backup::Wish::Drill);
    values.set("can_leave", context.may(Act::BackupRun) && request.stage == backup::Stage::Waiting);
    tmpl::List results;
    boost::system::error_code none;
    const auto result = boost::json::parse(request.result, none);
    if (!none && result.is_object()) {
        const auto& object = result.as_object();
        const auto text = [](const boost::json::object& from, std::string_view name) {
            const auto* found = from.if_contains(name);
            return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
        };
        for (const std::string_view key : {"runs", "verifications"})
            if (const auto* rows = object.if_contains(key); rows != nullptr && rows->is_array())
                for (const auto& row : rows->as_array()) {
                    const auto& one = row.as_object();
                    const bool is_well = text(one, "outcome") == "made" || text(one, "proof") == "whole";
                    results.push_back(tmpl::Map{
                        {"repository", text(one, "repository")},
                        {"state", is_well ? chip("live", say(key == "runs" ? "取れました" : "問題なし"))
                                          : chip("returned", say(key == "runs" ? "取れませんでした" : "問題あり"))},
                        {"problem", text(one, "problem")}});
                }
    }
    values.set("results", std::move(results));
    return context.page({"screens/backups/request.html",
                         fmt::format("{}", backup::wish_wording(request.wish)),
                         {{say("バックアップ"), "/backups"}}},
                        std::move(values));
}

http::Response leave(Context& context) {
    context.require(Act::BackupRun);
    const std::int64_t id = context.request.number("id");
    sys::Database& watch = need_watch_database(context);
    if (backup::is_restore(watch.read([&](sys::Reader& db) { return backup::load_request(db, id); }).wish))
        throw Error(Kind::NotFound, "このバックアップの依頼はありません。");
    watch.write([&](sys::Transaction& tx) {
        backup::leave(tx, id, fmt::format("person:{}", context.person.id.value), context.now());
    });
    return context.go("/backups", Flash{Flash::Kind::Good, "依頼を取りやめました。"});
}

constexpr Route kRoutes[] = {{"GET", "/backups", list},
                             {"POST", "/backups", ask},
                             {"GET", "/backups/requests/{id}", request_page},
                             {"POST", "/backups/requests/{id}/leave", leave}};

}  // namespace

extern const Screen backups_screen{"backups",    "バックアップ",   "/backups",       "history",
                                   Place::Watch, Access::SignedIn, Act::MonitorRead, kRoutes};

}  // namespace web
