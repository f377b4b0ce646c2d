// 私の作業: what waits for this person, the urgent first.

#include "door/web/language.h"
#include "door/web/screens/contract/deadline.h"
#include "door/web/screens/today/sources.h"
#include "door/web/subject.h"
#include "door/web/waiting_designs.h"
#include "door/web/words.h"
#include "flow/contract_status.h"
#include "flow/watch_silence.h"
#include "ground/base/error.h"
#include "office/documents/kinds.h"
#include "office/documents/store.h"
#include "office/incidents/incident.h"
#include "press/frames/store.h"

namespace web {

namespace {

constexpr int kShown = 6;  // of each list; the rest is behind "すべて見る"
constexpr int kMostPapers = 1000;

struct Wanted {
    workflow::List list;
    std::string_view id;
    std::string_view title;
    std::string_view what;  ///< happened at the time shown
    std::string_view act;
    std::string_view act_path;
    std::string_view all;  ///< where the whole list is
};
constexpr Wanted kReturned{workflow::List::Returned,      "returned", "直すもの", "に差戻し", "直す", "edit",
                           "/pages?state=returned&mine=1"};
constexpr Wanted kToApprove{
    workflow::List::ToApprove, "approve", "承認するもの", "に承認依頼", "確認する", "review", "/review"};
constexpr Wanted kDrafts{workflow::List::Drafts,     "drafts", "書きかけ", "に保存", "続きを書く", "edit",
                         "/pages?state=draft&mine=1"};
constexpr Wanted kSubmitted{workflow::List::Submitted,      "submitted", "承認を待っているもの", "に承認依頼", "", "",
                            "/pages?state=submitted&mine=1"};
constexpr Wanted kApproved{workflow::List::Approved,      "approved", "承認済みで公開を待つもの", "に承認", "", "",
                           "/pages?state=approved&mine=1"};
constexpr Wanted kScheduled{workflow::List::Scheduled,      "scheduled", "公開を予約したもの", "に公開", "", "",
                            "/pages?state=scheduled&mine=1"};

/// One line of a list.
tmpl::Map item_of(Context& context, Names& names, const Wanted& wanted, const workflow::Standing& standing) {
    const content::Page page =
        context.db().read([&](sys::Reader& db) { return content::load_page(db, standing.page); });
    std::string note = readable_path(page.path);
    if (wanted.list == workflow::List::ToApprove) note = names.of(standing.submitted_by) + " ・ " + note;
    const base::Instant at = wanted.list == workflow::List::Scheduled   ? standing.publish_at
                             : wanted.list == workflow::List::ToApprove ? standing.submitted_at
                                                                        : standing.changed_at;
    const std::string path = fmt::format("/pages/{}", page.id.value);
    const bool is_withdrawal =
        standing.matter == workflow::Matter::Withdraw && standing.state == workflow::State::Submitted;
    return {{"path", path},
            {"title", title_of(page)},
            {"note", std::move(note)},
            {"time", short_time(at, context.now())},
            {"what", say(wanted.what)},
            {"quote",
             wanted.list == workflow::List::Drafts || wanted.list == workflow::List::Scheduled ? "" : standing.comment},
            {"is_back", wanted.list == workflow::List::Returned},
            {"chip", chip(workflow::state_id(standing.state),
                          is_withdrawal ? "公開終了の承認待ち" : workflow::state_name(standing.state))},
            {"act", say(wanted.act)},
            {"act_path", wanted.act.empty() ? path : path + "/" + std::string(wanted.act_path)}};
}

tmpl::Map list_of(Context& context, Names& names, const Wanted& wanted, std::int64_t count) {
    tmpl::List items;
    if (count > 0)
        for (const auto& standing : context.db()
                                        .read([&](sys::Reader& db) {
                                            return workflow::list_waiting(db, wanted.list, context.person.id, "",
                                                                          kShown);
                                        })
                                        .standings)
            items.push_back(item_of(context, names, wanted, standing));
    return {{"id", wanted.id},        {"title", say(wanted.title)}, {"items", std::move(items)},
            {"more", count > kShown}, {"all", wanted.all},          {"count", count}};
}

/// Changes of templates and page types that wait for this administrator, who did not ask for them.
tmpl::Map designs_of(Context& context, Names& names) {
    tmpl::List items;
    std::int64_t count = 0;
    for (const WaitingDesign& one : list_waiting_designs(context)) {
        if (one.is_own || ++count > kShown) continue;
        items.push_back(tmpl::Map{{"path", one.path},
                                  {"title", one.title},
                                  {"note", names.of(one.asked_by) + " ・ " + one.kind},
                                  {"time", short_time(one.asked_at, context.now())},
                                  {"what", say("に承認依頼")},
                                  {"quote", one.note},
                                  {"is_back", false},
                                  {"chip", chip("submitted", "承認待ち")},
                                  {"act", say("確認する")},
                                  {"act_path", one.path}});
    }
    return {{"id", "designs"},           {"title", say("承認するデザインの変更")},
            {"items", std::move(items)}, {"more", count > kShown},
            {"all", "/templates"},       {"count", count}};
}

tmpl::List failures_of(Context& context) {
    tmpl::List shown;
    for (const publish::Receipt& receipt : flow::list_failures_of(context.site(), context.person.id, kShown)) {
        const auto page = context.db().read([&](sys::Reader& db) { return content::find_page(db, receipt.page); });
        shown.push_back(tmpl::Map{{"title", page ? title_of(*page) : say(fmt::format("公開記録 {}", receipt.id))},
                                  {"problem", say(receipt.problem)},
                                  {"path", fmt::format("/receipts/{}", receipt.id)}});
    }
    return shown;
}

tmpl::List emergencies_of(Context& context, Names& names) {
    tmpl::List shown;
    for (const workflow::Emergency& emergency : flow::list_emergencies_for(context.site(), context.person.id, kShown)) {
        const content::Page page =
            context.db().read([&](sys::Reader& db) { return content::load_page(db, emergency.page); });
        shown.push_back(tmpl::Map{{"title", title_of(page)},
                                  {"who", names.of(emergency.person)},
                                  {"time", short_time(emergency.at, context.now())},
                                  {"reason", emergency.reason},
                                  {"path", fmt::format("/pages/{}/afterwards", page.id.value)}});
    }
    return shown;
}

/// One that was handed in.
tmpl::Map paper_item(Context& context, const documents::Document& one, const std::string& path, tmpl::Map state,
                     const std::string& act) {
    return {{"path", path},
            {"title", one.title},
            {"note", one.number},
            {"time", short_time(*one.delivered_at, context.now())},
            {"what", say("に提出")},
            {"quote", ""},
            {"is_back", false},
            {"chip", std::move(state)},
            {"act", act},
            {"act_path", path}};
}

/// Papers that were handed in and whose receipt this person may confirm.
tmpl::Map receipts_of(Context& context) {
    documents::Filter filter;
    filter.turn = documents::Turn::ToConfirm;
    filter.limit = kMostPapers;
    tmpl::List items;
    std::int64_t count = 0;
    for (const documents::Document& one :
         context.db().read([&](sys::Reader& db) { return documents::list_documents(db, filter); })) {
        if (++count > kShown) continue;
        // A month's completion is confirmed with its inspection.
        const std::string path = one.kind == "completion" ? "/reports/" + one.subject.substr(one.subject.find(':') + 1)
                                                          : fmt::format("/documents/{}", one.id);
        items.push_back(paper_item(context, one, path, chip("submitted", "受領の確認待ち"), say("確認する")));
    }
    return {{"id", "papers"},         {"title", say("受領を確認する文書")}, {"items", std::move(items)},
            {"more", count > kShown}, {"all", "/documents?turn=confirm"},   {"count", count}};
}

/// The first of today's work, for whoever runs the site.
tmpl::Map work_of(Context& context) {
    const Duties duties = list_duties(context, context.now() + kDutiesAhead);
    tmpl::List items;
    for (const Duty& duty : duties.all) {
        if (items.size() == static_cast<std::size_t>(kShown)) break;
        std::string note = say(duty.kind);
        for (const std::string& more : {duty.note, duty.who})
            if (!more.empty()) note += " ・ " + more;
        const bool is_new = duty.level == Duty::Level::New;
        items.push_back(tmpl::Map{{"path", duty.path},
                                  {"title", duty.title},
                                  {"note", std::move(note)},
                                  {"time", !duty.at           ? tmpl::Value()
                                           : duty.is_deadline ? deadline_time(*duty.at, context.now())
                                                              : short_time(*duty.at, context.now())},
                                  {"what", is_new             ? say("から対応待ち")
                                           : duty.is_deadline ? say("が期限")
                                                              : std::string()},
                                  {"quote", ""},
                                  {"is_back", false},
                                  {"chip", is_new                            ? chip("approved", "対応待ち")
                                           : duty.level == Duty::Level::Late ? chip("returned", "遅れています")
                                                                             : chip("submitted", "期限あり")},
                                  {"act", ""}});
    }
    return {{"id", "work"},
            {"title", say("今日の仕事")},
            {"items", std::move(items)},
            {"more", duties.all.size() > static_cast<std::size_t>(kShown) || !duties.unread.empty()},
            {"all", "/today"},
            {"count", duties.all.size()},
            {"is_unread", !duties.unread.empty()}};
}

/// What was handed in last, for whoever only reads.
tmpl::Map newest_papers(Context& context) {
    documents::Filter filter;
    filter.limit = kMostPapers;
    tmpl::List items;
    std::int64_t count = 0;
    for (const documents::Document& one :
         context.db().read([&](sys::Reader& db) { return documents::list_documents(db, filter); })) {
        if (!one.delivered_at || ++count > kShown) continue;
        const documents::DocumentKind* const kind = documents::find_kind(one.kind);
        const bool is_awaited = kind != nullptr && kind->is_confirmed && !one.confirmed_at;
        items.push_back(paper_item(context, one, fmt::format("/documents/{}", one.id),
                                   is_awaited         ? chip("submitted", "受領の確認待ち")
                                   : one.confirmed_at ? chip("live", "受領を確認しました")
                                                      : chip("live", "渡しました"),
                                   ""));
    }
    return {{"id", "new-papers"},     {"title", say("新しい文書")}, {"items", std::move(items)},
            {"more", count > kShown}, {"all", "/documents"},        {"count", count}};
}

/// How the promises stand, for whoever only reads: an auditor, the client's side.
void add_promises(Context& context, tmpl::List& figures) {
    const auto figure = [&](std::int64_t value, std::string label, std::string_view path) {
        figures.push_back(tmpl::Map{
            {"value", value}, {"label", std::move(label)}, {"path", path}, {"kind", value == 0 ? "none" : "danger"}});
    };
    try {
        const flow::ContractStatus status = flow::judge_contract(context.site(), context.now());
        figure(std::count_if(status.obligations.begin(), status.obligations.end(),
                             [](const contract::Judged& one) { return one.state == contract::State::Late; }),
               say("遅れている契約事項"), "/contract");
    } catch (const base::Error& error) {
        if (error.kind() != base::Kind::BadInput && error.kind() != base::Kind::NotFound) throw;  // the contract's own
    }
    figure(context.db().read([](sys::Reader& db) { return incidents::count_open(db); }), say("対応中の障害"),
           "/incidents");
}

/// After a takeover nothing can be edited before somebody has said where: the way there, for whoever may say it, until
/// but a few pages that are like no others are left. {pages, groups}
tmpl::Value undecided_frames_of(Context& context) {
    constexpr std::int64_t kFew = 20;  // one in so many
    if (!context.may(people::Act::TemplateEdit)) return {};
    std::int64_t all = 0, undecided = 0, groups = 0;
    for (const frames::StoredGroup& one : context.db().read([](sys::Reader& db) { return frames::list_groups(db); })) {
        if (one.selector.empty()) continue;  // no place to propose
        all += one.covered;
        if (one.state != frames::GroupState::Proposed) continue;
        undecided += one.covered;
        ++groups;
    }
    if (undecided * kFew <= all) return {};
    return tmpl::Map{{"pages", undecided}, {"groups", groups}};
}

/// That the watch is dead, for whoever may look at it.
tmpl::Value silence_of(Context& context) {
    if (!context.may(people::Act::MonitorRead)) return {};
    const auto silence = flow::find_watch_silence(context.site().folders, context.now());
    if (!silence) return {};
    return tmpl::Map{{"last", silence->last ? short_time(*silence->last, context.now()) : tmpl::Value()}};
}

http::Response show(Context& context) {
    Names names(context.db());
    const flow::Waiting waiting = flow::waiting_for(context.site(), context.person.id);
    const bool approves = people::may_somewhere(context.actor, people::Act::PageApprove);
    const bool writes = people::may_somewhere(context.actor, people::Act::PageEdit);
    tmpl::List figures;
    const auto figure = [&](std::int64_t value, std::string_view label, const Wanted& wanted, bool is_urgent) {
        figures.push_back(tmpl::Map{{"value", value},
                                    {"label", label},
                                    {"path", value > 0 ? fmt::format("#{}", wanted.id) : std::string(wanted.all)},
                                    {"kind", value == 0  ? "none"
                                             : is_urgent ? "danger"
                                                         : ""}});
    };
    if (writes) figure(waiting.returned, say("差戻し"), kReturned, true);
    if (approves) figure(waiting.to_approve, say("承認するもの"), kToApprove, false);
    if (writes) {
        figure(waiting.drafts, say("下書き"), kDrafts, false);
        figure(waiting.submitted, say("承認待ち"), kSubmitted, false);
        figure(waiting.scheduled, say("公開予約"), kScheduled, false);
    }
    if (!writes && !approves && context.may(people::Act::ContractRead)) add_promises(context, figures);
    tmpl::List wide, halves;
    if (context.may(people::Act::IncidentHandle)) wide.push_back(work_of(context));
    if (!writes && !approves && find_usable_screen(context, "/documents") != nullptr)
        if (tmpl::Map papers = newest_papers(context); papers.find("count")->is_true())
            wide.push_back(std::move(papers));
    if (context.may(people::Act::ReportConfirm))
        if (tmpl::Map papers = receipts_of(context); papers.find("count")->is_true()) wide.push_back(std::move(papers));
    if (writes && waiting.returned > 0) wide.push_back(list_of(context, names, kReturned, waiting.returned));
    if (approves) wide.push_back(list_of(context, names, kToApprove, waiting.to_approve));
    if (context.may(people::Act::TemplateApprove) && count_waiting_designs(context) > 0)
        wide.push_back(designs_of(context, names));
    if (waiting.approved > 0) wide.push_back(list_of(context, names, kApproved, waiting.approved));
    if (writes) {
        halves.push_back(list_of(context, names, kDrafts, waiting.drafts));
        halves.push_back(list_of(context, names, kSubmitted, waiting.submitted));
        if (waiting.scheduled > 0) wide.push_back(list_of(context, names, kScheduled, waiting.scheduled));
    }
    return context.page({"screens/home/show.html", "ホーム", {}}, {{"failures", failures_of(context)},
                                                                   {"emergencies", emergencies_of(context, names)},
                                                                   {"figures", std::move(figures)},
                                                                   {"wide", std::move(wide)},
                                                                   {"halves", std::move(halves)},
                                                                   {"silence", silence_of(context)},
                                                                   {"frames", undecided_frames_of(context)},
                                                                   {"has_role", !context.actor.standings.empty()},
                                                                   {"may_write", writes}});
}

constexpr Route kRoutes[] = {{"GET", "/", show}};

}  // namespace

extern const Screen home{"home", "ホーム", "/", "home", Place::Work, Access::SignedIn, {}, kRoutes};

}  // namespace web
