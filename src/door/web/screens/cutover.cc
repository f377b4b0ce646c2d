// 切替: how far the move from the old server to this one has come, stage by stage: the plan, the comparison of every
// page, what has to be ready, the paper for the domain's manager, the switch, and watching until the old server is
// silent. What takes long is done by the watch in the background; this screen asks for it and shows how far it is.

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/screens/ledger/sentence.h"
#include "door/web/words.h"
#include "flow/cutover_ready.h"
#include "flow/watch_desk.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using ::cutover::Stage;
using flow::CutoverBoard;

constexpr int kRows = 20;

::cutover::By by_of(const Context& context) {
    return {fmt::format("person:{}", context.person.id.value), context.now()};
}

tmpl::Value time_of(const std::optional<base::Instant>& at, base::Instant now) {
    return at ? short_time(*at, now) : tmpl::Value();
}

/// What a person does now.
std::string_view next_step(const CutoverBoard& board) {
    switch (board.stage) {
        case Stage::Plan:
            return "はじめに、旧サーバと新サーバ、ページの一覧を入れて、計画を作ります。";
        case Stage::Check:
            return "すべてのページを新旧のサーバで見比べます。違いがあれば、直すか、差し支えないことを記録します。";
        case Stage::Prepare:
            return "切替の前に整えることを、一つずつ確かめます。";
        case Stage::Request:
            return "DNS切替申請書を作り、ドメインの管理者に出します。";
        case Stage::Switch:
            return "ドメインの管理者がレコードを変えたら、切り替えた日時を記録します。";
        case Stage::Watch:
            return "新しいアドレスが行き渡り、旧サーバへの要求が止まるまで見守ります。";
        case Stage::Done:
            break;
    }
    return board.state.rolled_back_at ? "切戻しを記録しました。次の切替は、新しい計画から始めます。"
                                      : "切替は完了しました。旧サーバは、切戻しの必要がなくなってから止めてください。";
}

tmpl::List stage_values(const CutoverBoard& board) {
    tmpl::List stages;
    for (int i = 0; i <= static_cast<int>(Stage::Done); ++i) {
        const auto stage = static_cast<Stage>(i);
        const bool is_over = stage < board.stage || (stage == Stage::Done && board.stage == Stage::Done);
        const bool was_undone = stage == Stage::Done && board.state.rolled_back_at;
        stages.push_back(tmpl::Map{{"name", say(was_undone ? "切戻し済み" : ::cutover::stage_wording(stage))},
                                   {"is_over", is_over},
                                   {"is_now", stage == board.stage && !is_over}});
    }
    return stages;
}

/// "あと約12分": by how fast the round has been so far.
std::string time_left(const CutoverBoard& board, base::Instant now) {
    const auto& counts = board.counts;
    if (!board.state.is_checking() || counts.checked == 0 || counts.checked >= counts.total) return {};
    const double minutes = static_cast<double>((now - *board.state.began_at).count()) / 60'000;
    const double left =
        minutes / static_cast<double>(counts.checked) * static_cast<double>(counts.total - counts.checked);
    return left < 1 ? say("あと1分以内") : say(fmt::format("あと約{}分", static_cast<std::int64_t>(left + 0.5)));
}

tmpl::Map row_of(const ::cutover::Finding& one) {
    std::string what = say(one.problem);
    tmpl::List kinds;
    for (const auto& difference : one.differences)
        kinds.push_back(chip(::cutover::kind_weight(difference.kind) >= 80 ? "returned" : "submitted",
                             say(::cutover::kind_wording(difference.kind))));
    if (one.outcome == "failed") kinds.push_back(chip("expired", say("照合できません")));
    const auto decoded = base::percent_decode(one.path);
    http::Fields fields;
    fields.add("path", one.path);
    return {{"path", decoded && base::is_utf8(*decoded) ? *decoded : one.path},
            {"link", address_of("/cutover/difference", fields)},
            {"hits", one.hits},
            {"kinds", std::move(kinds)},
            {"what", what},
            {"reason", one.reason}};
}

tmpl::List point_values(Context& context, Names& names, const CutoverBoard& board) {
    tmpl::List points;
    for (const auto& point : board.points)
        points.push_back(tmpl::Map{{"id", std::string(point.row->id)},
                                   {"name", say(point.row->wording)},
                                   {"hint", say(point.row->hint)},
                                   {"is_done", point.is_done},
                                   {"is_tick", point.row->proof == ::cutover::Proof::Ticked},
                                   {"text", point.by.empty() ? say(point.text) : point.text},
                                   {"by", point.by.empty() ? std::string() : who_of(names, point.by)},
                                   {"at", time_of(point.at, context.now())}});
    return points;
}

tmpl::List resolver_values(const CutoverBoard& board, base::Instant now) {
    constexpr std::pair<std::string_view, std::pair<std::string_view, std::string_view>> kStates[] = {
        {"new", {"live", "新しいアドレス"}},
        {"old", {"submitted", "旧アドレスのまま"}},
        {"mixed", {"submitted", "新旧が混ざっている"}},
        {"other", {"returned", "別のアドレス"}},
        {"silent", {"expired", "答えません"}}};
    tmpl::List rows;
    for (const auto& each : board.resolvers)
        for (const auto& [id, shown] : kStates)
            if (id == each.state)
                rows.push_back(tmpl::Map{{"address", each.address},
                                         {"chip", chip(shown.first, say(shown.second))},
                                         {"answer", say(each.answer)},
                                         {"since", short_time(each.since, now)},
                                         {"seen", short_time(each.seen_at, now)}});
    return rows;
}

tmpl::List paper_values(Names& names, const CutoverBoard& board, base::Instant now) {
    tmpl::List rows;
    for (const auto& paper : board.papers)
        rows.push_back(tmpl::Map{{"path", fmt::format("/cutover/papers/{}", paper.id)},
                                 {"name", say(paper.kind == "request" ? "DNS切替申請書" : "DNS切戻し申請書")},
                                 {"version", paper.plan_version},
                                 {"is_old", paper.plan_version != board.state.plan_version},
                                 {"at", short_time(paper.made_at, now)},
                                 {"by", who_of(names, paper.made_by)}});
    return rows;
}

std::string percent(std::int64_t part, std::int64_t whole) {
    return whole == 0 ? "0" : std::to_string(part * 100 / whole);
}

http::Response show(Context& context, std::string_view problem, int status) {
    context.require(people::Act::CutoverRun);
    const base::Instant now = context.now();
    sys::Database& watch = context.site().watch();
    const CutoverBoard board = flow::load_cutover_board(watch, now);
    tmpl::Map values{{"problem", say(problem)},
                     {"stage", std::string(::cutover::stage_id(board.stage))},
                     {"next_step", say(next_step(board))},
                     {"stages", stage_values(board)},
                     {"has_plan", board.plan.has_value()},
                     {"needs_password", !context.is_fresh()}};
    const auto beat = flow::find_watch_beat(context.site().folders, now);
    values.set("is_watch_alive", beat && now - *beat < flow::kGap);
    if (!board.plan) return context.page({"screens/cutover/board.html", "切替", {}, status}, std::move(values));

    const auto& counts = board.counts;
    const auto& state = board.state;
    tmpl::List open;
    for (const auto& one : watch.read([](sys::Reader& db) { return ::cutover::list_findings(db, "open", kRows); }))
        open.push_back(row_of(one));
    std::int64_t are_new = 0;
    for (const auto& each : board.resolvers) are_new += each.state == "new" ? 1 : 0;
    Names names(context.db());
    values.set("points", point_values(context, names, board)).set("papers", paper_values(names, board, now));
    values.set("plan", tmpl::Map{{"version", board.plan->version},
                                 {"at", short_time(board.plan->made_at, now)},
                                 {"by", who_of(names, board.plan->made_by)},
                                 {"names", base::join(board.plan->names, "、")},
                                 {"old", board.plan->old_server.text()},
                                 {"new", board.plan->new_server.text()},
                                 {"addresses", base::join(board.plan->new_addresses, "、")},
                                 {"moment", board.plan->moment ? long_time(*board.plan->moment) : tmpl::Value()}});
    values.set("switched_by", state.switched_by.empty() ? std::string() : who_of(names, state.switched_by));
    values.set("total", counts.total).set("checked", counts.checked).set("equal", counts.equal);
    values.set("accepted", counts.accepted).set("missing", counts.missing).set("open_count", counts.open());
    values.set("open", std::move(open)).set("has_more", counts.open() > kRows);
    values.set("percent", percent(counts.checked, counts.total)).set("left", time_left(board, now));
    values.set("is_checking", state.is_checking() && state.problem.empty());
    values.set("is_wanted", state.wanted_at.has_value()).set("check_problem", state.problem);
    values.set("began", time_of(state.began_at, now)).set("ended", time_of(state.ended_at, now));
    values.set("open_points", static_cast<std::int64_t>(board.open_points));
    values.set("is_looking", state.look_wanted_at.has_value());
    values.set("switched", time_of(state.switched_at, now));
    values.set("is_watching", state.switched_at && !state.finished_at && !state.rolled_back_at);
    values.set("finished", time_of(state.finished_at, now)).set("rolled_back", time_of(state.rolled_back_at, now));
    values.set("resolvers", resolver_values(board, now)).set("are_new", are_new);
    values.set("resolver_count", static_cast<std::int64_t>(board.resolvers.size()));
    values.set("has_resolvers", !board.plan->resolvers.empty());
    values.set("share", percent(are_new, static_cast<std::int64_t>(board.resolvers.size())));
    values.set("has_old_count", state.old_requests.has_value());
    values.set("old_requests", state.old_requests.value_or(0)).set("old_heard", time_of(state.old_heard_at, now));
    values.set("silent", time_of(state.silent_since, now)).set("new_problem", state.new_problem);
    values.set("is_looked", state.old_asked_at.has_value() || !board.resolvers.empty());
    values.set("now_input", local_input(now));
    return context.page({"screens/cutover/board.html", "切替", {}, status}, std::move(values));
}

http::Response look(Context& context) {
    return show(context, "", 200);
}

struct Done {
    std::string text, place;  ///< the sentence, and the part of the page that it is about
    Flash::Kind kind = Flash::Kind::Good;
};

Done run(Context& context) {
    const std::string act = context.field("do");
    const ::cutover::By by = by_of(context);
    sys::Database& watch = context.site().watch();
    const auto write = [&](const auto& work) { watch.write([&](sys::Transaction& tx) { work(tx); }); };
    if (act == "check" || act == "check-open") {
        write([&](sys::Transaction& tx) {
            ::cutover::want_check(tx, act == "check" ? ::cutover::Scope::All : ::cutover::Scope::Open, by);
        });
        return {"照合を受け付けました。監視の役割が、数秒で始めます。", "check", Flash::Kind::Info};
    }
    if (act == "look") {
        write([&](sys::Transaction& tx) { ::cutover::want_look(tx, by.at); });
        return {"いまの状態を調べています。数秒たってから、この画面を開き直してください。", "ready", Flash::Kind::Info};
    }
    if (act == "tick" || act == "untick") {
        const std::string point = context.field("point");
        ::cutover::need_tickable(point);
        write([&](sys::Transaction& tx) {
            if (act == "tick")
                ::cutover::tick(tx, point, context.field("note"), by);
            else
                ::cutover::untick(tx, point, by);
        });
        return {act == "tick" ? "確認を記録しました。" : "確認を取り消しました。", "ready"};
    }
    if (act == "request") {
        flow::make_cutover_request(watch, by);
        return {"DNS切替申請書を作りました。内容を確かめてから、ドメインの管理者に出してください。", "papers"};
    }
    if (act == "way-back") {
        flow::make_cutover_rollback(watch, context.site().folders, by);
        return {"DNS切戻し申請書を作りました。", "papers"};
    }
    need_proof(context);
    if (act == "switch") {
        const auto at = context.time_field("at", "切り替えた日時");
        write([&](sys::Transaction& tx) { ::cutover::record_switch(tx, at.value_or(by.at), by); });
        return {"切り替えたことを記録しました。見守りを始めます。", "watch"};
    }
    if (act == "finish") {
        write([&](sys::Transaction& tx) { ::cutover::record_finish(tx, by); });
        return {"切替の完了を記録しました。", "watch"};
    }
    if (act == "roll-back") {
        write([&](sys::Transaction& tx) { ::cutover::record_rollback(tx, context.field("reason"), by); });
        return {"切り戻したことを記録しました。", "watch", Flash::Kind::Caution};
    }
    throw Error(Kind::BadInput, "何をするかを選んでください。");
}

http::Response act(Context& context) {
    context.require(people::Act::CutoverRun);
    return run_act(
        context,
        [&] {
            const Done done = run(context);
            return context.go("/cutover#" + done.place, Flash{done.kind, done.text});
        },
        [&](std::string_view problem, int status) { return show(context, problem, status); });
}

http::Response list(Context& context) {
    context.require(people::Act::CutoverRun);
    std::string outcome = query_words(context, "outcome");
    constexpr std::pair<std::string_view, std::string_view> kOutcomes[] = {{"open", "判断を待つもの"},
                                                                           {"accepted", "差し支えないとしたもの"},
                                                                           {"failed", "照合できなかったもの"},
                                                                           {"equal", "同じもの"}};
    if (std::none_of(std::begin(kOutcomes), std::end(kOutcomes), [&](const auto& one) { return one.first == outcome; }))
        outcome = "open";
    const auto page = std::clamp<std::int64_t>(query_number(context, "page"), 0, 1'000'000);
    constexpr int kPage = 100;
    auto found = context.site().watch().read([&](sys::Reader& db) {
        return ::cutover::list_findings(db, outcome, kPage + 1, static_cast<int>(page) * kPage);
    });
    const bool has_more = found.size() > kPage;
    if (has_more) found.pop_back();
    tmpl::List rows, outcomes;
    for (const auto& one : found) rows.push_back(row_of(one));
    for (const auto& [id, words] : kOutcomes) outcomes.push_back(choice(id, say(words), outcome));
    const auto at = [&](std::int64_t number) {
        http::Fields fields;
        fields.add("outcome", outcome);
        fields.add("page", std::to_string(number));
        return address_of("/cutover/differences", fields);
    };
    return context.page({"screens/cutover/list.html", "新旧の照合の結果", {{say("切替"), "/cutover"}}},
                        {{"rows", std::move(rows)},
                         {"outcomes", std::move(outcomes)},
                         {"next", has_more ? at(page + 1) : std::string()},
                         {"previous", page > 0 ? at(page - 1) : std::string()}});
}

::cutover::Paper load_paper(Context& context) {
    context.require(people::Act::CutoverRun);
    const std::int64_t id = std::strtoll(context.request.parameter("id").c_str(), nullptr, 10);
    auto paper = context.site().watch().read([&](sys::Reader& db) { return ::cutover::find_paper(db, id); });
    if (!paper) throw Error(Kind::NotFound, "この書類はありません。");
    return std::move(*paper);
}

http::Response show_paper(Context& context) {
    const ::cutover::Paper paper = load_paper(context);
    const std::string_view title = paper.kind == "request" ? "DNS切替申請書" : "DNS切戻し申請書";
    return context.page({"screens/cutover/paper.html", std::string(title), {{say("切替"), "/cutover"}}},
                        {{"heading", say(title)},
                         {"text", paper.text},
                         {"hash", paper.hash},
                         {"at", long_time(paper.made_at)},
                         {"download", fmt::format("/cutover/papers/{}/file", paper.id)}});
}

http::Response send_paper(Context& context) {
    const ::cutover::Paper paper = load_paper(context);
    return http::download(
        paper.html, fmt::format("{}-{}.html", paper.kind == "request" ? "DNS切替申請書" : "DNS切戻し申請書", paper.id),
        "text/html; charset=utf-8");
}

constexpr Route kRoutes[] = {
    {"GET", "/cutover", look},
    {"POST", "/cutover", act},
    {"GET", "/cutover/differences", list},
    {"GET", "/cutover/papers/{id}", show_paper},
    {"GET", "/cutover/papers/{id}/file", send_paper},
};

}  // namespace

extern const Screen cutover_board{
    "cutover", "切替", "/cutover", "route", Place::Watch, Access::SignedIn, people::Act::CutoverRun, kRoutes};

}  // namespace web
