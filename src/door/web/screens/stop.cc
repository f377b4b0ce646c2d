// One planned stop: its times and words, what was told to whom with the proof, and what is done with it.
#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/screens/ledger/sentence.h"
#include "door/web/screens/stop/words.h"
#include "door/web/words.h"
#include "flow/notify.h"
#include "flow/plan_stop.h"
#include "ground/base/error.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using people::Act;
using stops::PlannedStop;
using stops::State;

stops::StopId id_of(const Context& context) {
    return {context.request.number("id")};
}

PlannedStop load(Context& context) {
    return context.db().read([&](sys::Reader& db) { return stops::load_stop(db, id_of(context)); });
}

stops::By doer(const Context& context) {
    return {fmt::format("person:{}", context.person.id.value), context.now()};
}

tmpl::List audience_rows(Context& context, const PlannedStop& stop) {
    const auto told = context.db().read([&](sys::Reader& db) { return stops::list_told(db, stop.id); });
    tmpl::List rows;
    for (const stops::Audience each : stops::kAudiences) {
        tmpl::Map row{{"id", stops::audience_id(each)}, {"name", say(stops::audience_wording(each))}};
        if (const auto& last = stop.limits.of(each))
            row.set("last", short_time(*last, context.now())).set("is_late", context.now() >= *last);
        tmpl::List done;
        for (const stops::Told& one : told)
            if (one.audience == each) {
                done.push_back(
                    tmpl::Map{{"round", one.round}, {"time", short_time(one.at, context.now())}, {"proof", one.proof}});
                if (one.round == stop.round) row.set("is_told", true);
            }
        rows.push_back(std::move(row.set("told", std::move(done))));
    }
    return rows;
}

/// For everybody who works here: the letter about a stop leads to it.
http::Response show(Context& context, std::string_view problem, int status) {
    const base::Instant now = context.now();
    const PlannedStop stop = load(context);
    Names names(context.db());
    const auto time = [&](const std::optional<base::Instant>& at) { return at ? short_time(*at, now) : tmpl::Value(); };
    const auto paper = context.db().read(
        [&](sys::Reader& db) { return documents::find_document(db, "notice", fmt::format("stop:{}", stop.id.value)); });
    tmpl::List audiences;
    for (const stops::Audience each : stops::kAudiences)
        audiences.push_back(
            choice(stops::audience_id(each), say(stops::audience_wording(each)), context.field("audience")));
    tmpl::Map values{{"problem", say(problem)},
                     {"path", fmt::format("/stops/{}", stop.id.value)},
                     {"number", stop.number},
                     {"version", stop.version},
                     {"state", chip(stop_state_kind(stop.state), say(stops::state_wording(stop.state)))},
                     {"is_planned", stop.state == State::Planned},
                     {"is_running", stop.state == State::Running},
                     {"is_cancelled", stop.state == State::Cancelled},
                     {"has_ended", stop.state == State::Ended},
                     {"is_overdue", stop.is_overdue(now)},
                     {"made_by", who_of(names, stop.made_by)},
                     {"made", short_time(stop.made_at, now)},
                     {"starts", long_time(stop.plan.starts_at)},
                     {"ends", long_time(stop.plan.ends_at)},
                     {"rollback", stop.plan.rollback_at ? long_time(*stop.plan.rollback_at) : tmpl::Value()},
                     {"started", time(stop.started_at)},
                     {"ended", time(stop.ended_at)},
                     {"cancelled_why", stop.cancelled_why},
                     {"round", stop.round},
                     {"page_path", stop.page ? fmt::format("/pages/{}", stop.page.value) : std::string()},
                     {"is_written", stop.revision != 0},
                     {"may_plan", context.may(Act::NoticeEdit)},
                     {"may_contract", context.may(Act::ContractRead)},
                     {"may_report", context.may(Act::NoticeEdit) && context.may(Act::ReportMake)},
                     {"paper", paper ? fmt::format("/documents/{}", paper->id) : std::string()},
                     {"may_write", people::may_somewhere(context.actor, Act::PageCreate)},
                     {"is_mail_on", flow::is_mail_on(context.site().settings)},
                     {"letter", flow::staff_letter(context.site().settings, stop)},
                     {"now", local_input(now)},
                     {"ends_input", status == 200 || context.field("act") != "extend" ? local_input(stop.plan.ends_at)
                                                                                      : context.field("at")},
                     {"note", status == 200 ? std::string() : context.field("note")},
                     {"why", status == 200 ? std::string() : context.field("why")},
                     {"proof", status == 200 ? std::string() : context.field("proof")}};
    put_plan(context, values, stop.plan, false);
    values.set("audiences", audience_rows(context, stop)).set("choices", std::move(audiences));
    std::vector<Crumb> above;
    if (context.may(Act::ContractRead)) above.push_back({say("計画停止"), "/stops"});
    return context.page({"screens/stop/show.html", stop.plan.title, std::move(above), status}, std::move(values));
}

http::Response look(Context& context) {
    return show(context, "", 200);
}

http::Response show_form(Context& context, std::string_view problem, int status) {
    context.require(Act::NoticeEdit);
    const PlannedStop stop = load(context);
    const std::string path = fmt::format("/stops/{}", stop.id.value);
    const bool is_typed = status != 200;
    tmpl::Map values{{"problem", say(problem)},
                     {"is_new", false},
                     {"action", path + "/edit"},
                     {"back", path},
                     {"once", ""},
                     {"version", is_typed ? context.field("version") : std::to_string(stop.version)}};
    put_plan(context, values, stop.plan, is_typed);
    const auto at = is_typed ? base::parse_instant(context.field("starts_at")) : std::optional(stop.plan.starts_at);
    if (at) values.set("limits", limit_rows(context, flow::stop_limits(context.site(), *at), context.now()));
    return context.page(
        {"screens/stop/form.html", "計画を変える", {{say("計画停止"), "/stops"}, {stop.plan.title, path}}, status},
        std::move(values));
}

http::Response form(Context& context) {
    return show_form(context, "", 200);
}

http::Response change(Context& context) {
    return run_act(
        context,
        [&] {
            context.require(Act::NoticeEdit);
            const std::int64_t version = context.number_field("version");
            if (version <= 0) throw Error(Kind::BadInput, "どの操作かがわかりません。画面を開き直してください。");
            flow::change_stop(context.site(), id_of(context), typed_plan(context), doer(context), version);
            return context.go(
                fmt::format("/stops/{}", id_of(context).value),
                Flash{Flash::Kind::Good,
                      "計画を変えました。利用者へのお知らせを書き直してください。職員にはメールで知らせます。"});
        },
        [&](std::string_view problem, int status) { return show_form(context, problem, status); });
}

http::Response write_notice(Context& context) {
    base::DepartmentId department;
    for (const people::Membership& each : context.person.memberships)
        if (!department && each.is_valid_on(base::local_day(context.now()))) department = each.department;
    const flow::Outcome made = flow::write_stop_notice(context.site(), id_of(context), department, context.doer());
    if (made.refusal) throw Error(Kind::BadInput, made.refusal->ja);
    return context.go(fmt::format("/pages/{}", made.page.id.value),
                      Flash{Flash::Kind::Good,
                            "お知らせの下書きを作りました。プレビューで確かめて、承認を依頼してください。公開されると、"
                            "周知が記録されます。"});
}

http::Response act(Context& context) {
    return run_act(
        context,
        [&]() -> http::Response {
            context.require(Act::NoticeEdit);
            const std::string asked = context.field("act");
            if (asked == "notice") return write_notice(context);
            const stops::StopId id = id_of(context);
            if (asked == "paper") {
                context.require(Act::ReportMake);
                flow::make_stop_paper(context.site(), id, doer(context).who);
                return context.go(fmt::format("/stops/{}", id.value),
                                  Flash{Flash::Kind::Good, "文書を作りました。中身を確かめてから渡してください。"});
            }
            const std::int64_t version = context.number_field("version");
            if (version <= 0) throw Error(Kind::BadInput, "どの操作かがわかりません。画面を開き直してください。");
            const auto at = context.time_field("at", "日時");
            const auto need_time = [&] {
                if (!at) throw Error(Kind::BadInput, "日時を入れてください。");
                return *at;
            };
            std::string done;
            if (asked == "cancel") {
                flow::cancel_stop(context.site(), id, context.field("why"), doer(context), version);
                done = "中止しました。知らせた後のときは、お知らせを書き直してください。職員にはメールで知らせます。";
            } else if (asked == "start") {
                context.db().write(
                    [&](sys::Transaction& tx) { return stops::start(tx, id, need_time(), doer(context), version); });
                done = "開始を記録しました。";
            } else if (asked == "end") {
                const PlannedStop ended = context.db().write([&](sys::Transaction& tx) {
                    // The form has whole minutes; a stop that has begun within this one ends with it.
                    const PlannedStop stop = stops::load_stop(tx, id);
                    return stops::end(tx, id,
                                      std::max(need_time(), std::min(stop.started_at.value_or(need_time()),
                                                                     need_time() + std::chrono::seconds(59))),
                                      context.field("note"), doer(context), version);
                });
                done = ended.page && ended.revision == 0
                           ? "終了を記録しました。編集を再開できます。利用者へのお知らせを書き直して、終わったことを"
                             "知らせてください。"
                           : "終了を記録しました。編集を再開できます。";
            } else if (asked == "extend") {
                const PlannedStop stop = context.db().write([&](sys::Transaction& tx) {
                    return stops::extend(tx, id, need_time(), context.field("why"), doer(context), version);
                });
                done =
                    stop.plan.freezes
                        ? "終了予定を変えました。利用者へのお知らせを書き直してください。職員にはメールで知らせます。"
                          "編集を止めているあいだは承認できないため、お知らせは緊急公開で知らせてください。"
                        : "終了予定を変えました。利用者へのお知らせを書き直してください。職員にはメールで知らせます。";
            } else if (asked == "tell") {
                const auto audience = stops::find_audience(context.field("audience"));
                if (!audience) throw Error(Kind::BadInput, "だれに知らせたかを選んでください。");
                context.db().write([&](sys::Transaction& tx) {
                    const PlannedStop stop = stops::load_stop(tx, id);
                    if (stop.version != version)
                        throw Error(Kind::Conflict,
                                    "計画が変わりました。いまの内容を確かめて、もう一度操作してください。");
                    return stops::tell(tx, id,
                                       {stop.round, *audience, need_time(), context.field("proof"), doer(context).who},
                                       doer(context));
                });
                done = "知らせたことを記録しました。";
            } else {
                throw Error(Kind::BadInput, "どの操作かがわかりません。画面を開き直してください。");
            }
            return context.go(fmt::format("/stops/{}", id.value), Flash{Flash::Kind::Good, done});
        },
        [&](std::string_view problem, int status) { return show(context, problem, status); });
}

constexpr Route kRoutes[] = {
    {"GET", "/stops/{id}", look},
    {"POST", "/stops/{id}", act},
    {"GET", "/stops/{id}/edit", form},
    {"POST", "/stops/{id}/edit", change},
};

}  // namespace

extern const Screen stop_screen{"stop", "計画停止", "/stops", "calendar", Place::None, Access::SignedIn, {}, kRoutes};

}  // namespace web
