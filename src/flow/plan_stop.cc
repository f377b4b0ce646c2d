#include "flow/plan_stop.h"

#include <algorithm>

#include "flow/contract_status.h"
#include "flow/notify.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "ground/html/escape.h"
#include "office/contract/due.h"
#include "press/content/store.h"

namespace flow {

using base::Error;
using base::Instant;
using base::Kind;
using stops::PlannedStop;
using stops::State;

namespace {

constexpr std::string_view kTemplate = "article";
constexpr std::string_view kBegin = "<h2>日時</h2>";  // by which such a page is known again

std::string time_words(Instant at) {
    const base::LocalTime local = base::to_local(at);
    return fmt::format("{}{}時{}", calendar::format_era_weekday(local.day), local.hour,
                       local.minute == 0 ? std::string() : fmt::format("{}分", local.minute));
}
std::string span_words(const stops::Plan& plan) {
    return fmt::format("{}から{}まで", time_words(plan.starts_at), time_words(plan.ends_at));
}

std::string paragraphs(std::string_view text) {
    std::string html;
    for (const std::string_view line : base::split(text, '\n'))
        if (!base::trim(line).empty()) html += "<p>" + html::escape_text(base::trim(line)) + "</p>\n";
    return html;
}

/// Before a title: what has become of the plan.
std::string_view mark_of(const PlannedStop& stop) {
    if (stop.state == State::Cancelled) return "【中止】";
    if (stop.state == State::Ended) return "【終了】";
    return stop.round > 1 ? "【変更】" : "";
}

bool has_fitting(const std::vector<contract::Pattern>& patterns, const contract::Line& line) {
    return contract::fits_any(patterns, line);
}

}  // namespace

stops::Limits stop_limits(Site& site, Instant starts_at) {
    const auto read = find_contract(site.folders, site.settings);
    if (!read) return {};
    if (!read->is_usable())
        throw Error(Kind::BadInput,
                    "contract.tomlに誤りがあるため、周知の期限を計算できません。契約の画面で確かめて直してください。");
    const base::Day today = base::local_day(site.clock.now());
    stops::Limits limits;
    for (const contract::Obligation& each : read->contract.obligations) {
        const contract::InForce force = contract::in_force(read->contract, each);
        if (each.kind != contract::Kind::Ahead || today < force.first || today > force.last) continue;
        contract::Line planned;
        planned.act = "stop.plan";
        planned.subject = "stop:1";
        planned.data = {{"unavoidable", "false"}};
        if (!has_fitting(each.event, planned)) continue;
        const Instant last = contract::due_ahead(read->contract, each, starts_at);
        for (const stops::Audience audience : stops::kAudiences) {
            contract::Line told = planned;
            told.act = "stop.tell";
            told.data = {{"audience", std::string(stops::audience_id(audience))}};
            if (!has_fitting(each.evidence, told)) continue;
            auto& limit = audience == stops::Audience::Residents ? limits.residents : limits.staff;
            limit = limit ? std::min(*limit, last) : last;
        }
    }
    return limits;
}

PlannedStop plan_stop(Site& site, const stops::Plan& plan, std::string_view once, const stops::By& by) {
    const stops::Limits limits = stop_limits(site, plan.starts_at);
    return site.database->write([&](sys::Transaction& tx) { return stops::plan(tx, plan, limits, once, by); });
}

PlannedStop change_stop(Site& site, stops::StopId id, const stops::Plan& plan, const stops::By& by,
                        std::int64_t version) {
    const stops::Limits limits = stop_limits(site, plan.starts_at);
    return site.database->write([&](sys::Transaction& tx) { return stops::change(tx, id, plan, limits, by, version); });
}

PlannedStop cancel_stop(Site& site, stops::StopId id, std::string_view why, const stops::By& by, std::int64_t version) {
    return site.database->write([&](sys::Transaction& tx) { return stops::cancel(tx, id, why, by, version); });
}

std::string notice_title(const PlannedStop& stop) {
    return fmt::format("{}{}のお知らせ", mark_of(stop),
                       stop.plan.stops_public ? "ホームページの停止" : "システムの停止");
}

std::string notice_body(const PlannedStop& stop) {
    const stops::Plan& plan = stop.plan;
    std::string body = std::string(kBegin) + "\n";
    if (stop.state == State::Cancelled)
        return body + fmt::format(
                          "<p>{}に予定していた停止は、中止しました。</p>\n<h2>中止の理由</h2>\n{}"
                          "<h2>問合せ先</h2>\n{}",
                          span_words(plan), paragraphs(stop.cancelled_why), paragraphs(plan.contact));
    if (stop.state == State::Ended)
        return body + fmt::format(
                          "<p>予定していた停止は、{}に終わりました。いつもどおりお使いいただけます。</p>\n"
                          "<p>予定していた時間：{}</p>\n<h2>問合せ先</h2>\n{}",
                          time_words(stop.ended_at.value_or(plan.ends_at)), span_words(plan), paragraphs(plan.contact));
    if (stop.round > 1) body += "<p>予定を変更しました。</p>\n";
    return body + fmt::format(
                      "<p>{}</p>\n<p>作業の進み具合により、時間が前後することがあります。</p>\n"
                      "<h2>使えなくなるもの</h2>\n{}<h2>そのまま使えるもの</h2>\n{}<h2>理由</h2>\n{}"
                      "<h2>問合せ先</h2>\n{}",
                      span_words(plan), paragraphs(plan.what), paragraphs(plan.works), paragraphs(plan.reason),
                      paragraphs(plan.contact));
}

Outcome write_stop_notice(Site& site, stops::StopId id, base::DepartmentId department, const Doer& doer) {
    bool was_told = false;
    const PlannedStop stop = site.database->read([&](sys::Reader& db) {
        was_told = !stops::list_told(db, id).empty();
        return stops::load_stop(db, id);
    });
    if (stop.is_over() && !was_told && !stop.page)
        throw Error(Kind::Conflict, stop.state == State::Ended ? "知らせる前に終わったので、お知らせは要りません。"
                                                               : "知らせる前に中止したので、お知らせは要りません。");
    const std::string path = fmt::format("oshirase/teishi-{}.html", id.value);
    content::Body body;
    body.title = notice_title(stop);
    body.template_name = kTemplate;
    body.parts["body"] = notice_body(stop);
    const auto known = site.database->read([&](sys::Reader& db) {
        if (stop.page)
            if (auto page = content::find_page(db, stop.page)) return page;
        return content::find_page(db, path);
    });
    Outcome made;
    if (!known) {
        made = create_page(site, {path, body, department, {}, "ja"}, doer);
    } else {
        const Outcome now = look_at(site, known->id);
        const content::Body before =
            site.database->read([&](sys::Reader& db) { return content::load_revision(db, now.revision).body; });
        const auto text = before.parts.find("body");
        if (before.template_name != kTemplate || text == before.parts.end() || !text->second.starts_with(kBegin))
            throw Error(Kind::Conflict, fmt::format("/{} には、計画停止のお知らせではないページがあります。そのページの"
                                                    "場所を変えてから、もう一度操作してください。",
                                                    known->path));
        body.description = before.description;
        body.categories = before.categories;
        body.attachments = before.attachments;
        made = save_draft(
            site, {known->id, body, now.revision, now.version(), Saving::ByHand, false, "計画停止のお知らせ"}, doer);
    }
    if (made.refusal) return made;
    site.database->write(
        [&](sys::Transaction& tx) { stops::set_page(tx, id, made.page.id, made.revision, stop.round); });
    return made;
}

documents::Version make_stop_paper(Site& site, stops::StopId id, std::string_view by) {
    std::vector<stops::Told> told;
    const PlannedStop stop = site.database->read([&](sys::Reader& db) {
        told = stops::list_told(db, id);
        return stops::load_stop(db, id);
    });
    const stops::Plan& plan = stop.plan;
    const bool is_off = stop.state == State::Cancelled, has_ended = stop.state == State::Ended;
    NewDocument made;
    made.kind = "notice";
    made.subject = fmt::format("stop:{}", id.value);
    made.title = fmt::format("{}計画停止のお知らせ", mark_of(stop));
    made.data.set("paragraphs", tmpl::List{is_off      ? "次の計画停止は、中止しました。"
                                           : has_ended ? "次の計画停止は、終わりました。"
                                           : stop.round > 1 ? "計画停止の予定を、次のとおり変更しました。"
                                                            : "次のとおり、システムを停止します。"});
    tmpl::List rows;
    const auto add = [&](std::string_view label, std::string text) {
        if (!text.empty()) rows.push_back(tmpl::Map{{"label", label}, {"text", std::move(text)}});
    };
    add("番号", stop.number);
    add("件名", plan.title);
    add("日時", span_words(plan));
    if (is_off) add("中止の理由", stop.cancelled_why);
    if (stop.started_at) add("実際の開始", time_words(*stop.started_at));
    if (stop.ended_at) add("実際の終了", time_words(*stop.ended_at));
    add("止まるもの", plan.what);
    add("使えるもの", plan.works);
    add("理由", plan.reason);
    add("作業の内容", plan.work);
    add("ページの保存と承認", plan.freezes ? "この間はできません" : "いつもどおりできます");
    if (plan.rollback_at) add("切戻しの期限", time_words(*plan.rollback_at));
    add("実施の判断をする人", plan.decider);
    add("連絡網", plan.tree);
    add("問合せ先", plan.contact);
    add("やむを得ない理由", plan.unavoidable);
    for (const stops::Audience audience : stops::kAudiences) {
        std::string text, proofs;
        if (const auto& last = stop.limits.of(audience)) text = fmt::format("期限：{}\n", time_words(*last));
        for (const stops::Told& one : told)
            if (one.audience == audience)
                proofs += fmt::format("{}{}回目：{}（{}）", proofs.empty() ? "" : "\n", one.round, time_words(one.at),
                                      one.proof);
        add(fmt::format("{}への周知", stops::audience_wording(audience)), text + (proofs.empty() ? "まだ" : proofs));
    }
    made.data.set("rows", std::move(rows));
    return make_document(site, made, by);
}

std::string staff_title(const PlannedStop& stop) {
    const std::string_view what = stop.state == State::Cancelled ? "計画停止の中止"
                                  : stop.state == State::Ended   ? "計画停止の終了"
                                  : stop.round > 1               ? "計画停止の変更"
                                                                 : "計画停止";
    return fmt::format("{}：{}", what, stop.plan.title);
}

std::string staff_letter(const settings::Settings& settings, const PlannedStop& stop) {
    const stops::Plan& plan = stop.plan;
    std::string text;
    if (stop.state == State::Cancelled) {
        text = fmt::format("次の計画停止は、中止しました。\n\n日時：{}\n中止の理由：{}\n", span_words(plan),
                           stop.cancelled_why);
    } else if (stop.state == State::Ended) {
        text = fmt::format("次の計画停止は、終わりました。{}\n\n終了：{}\n予定していた時間：{}\n",
                           plan.freezes ? "ページの保存と承認を再開できます。" : "",
                           time_words(stop.ended_at.value_or(plan.ends_at)), span_words(plan));
    } else {
        text = fmt::format("{}\n\n日時：{}\n止まるもの：{}\n使えるもの：{}\n理由：{}\n作業の内容：{}\n",
                           stop.round > 1 ? "計画停止の予定を変更しました。" : "次のとおり、システムを停止します。",
                           span_words(plan), plan.what, plan.works, plan.reason, plan.work);
        if (plan.freezes)
            text +=
                "編集：この間、ページの保存と承認はできません。急ぐお知らせは、緊急公開ができる人に頼んでください。\n";
        if (plan.rollback_at) text += fmt::format("切戻しの期限：{}\n", time_words(*plan.rollback_at));
        text += fmt::format("実施の判断をする人：{}\n", plan.decider);
        if (!plan.tree.empty()) text += fmt::format("連絡網：{}\n", plan.tree);
    }
    return text +
           fmt::format("問合せ先：{}\n\n画面：{}/stops/{}\n", plan.contact, office_url_of(settings), stop.id.value);
}

}  // namespace flow
