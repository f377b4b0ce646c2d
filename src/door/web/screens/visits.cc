// 訪問: visits planned and recorded, the dossier made from the site's own data, proposals until they are decided, and
// the sources whose news are brought along.
#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/words.h"
#include "flow/make_dossier.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "office/documents/store.h"
#include "office/visits/store.h"

namespace web {

namespace {

using namespace std::chrono_literals;
using base::Error;
using base::Kind;
using people::Act;
using visits::Answer;
using visits::State;
using visits::Visit;

constexpr std::string_view kChips[] = {"submitted", "live", "withdrawn"};
constexpr std::string_view kAnswerChips[] = {"submitted", "live", "withdrawn", "draft"};
constexpr auto kNewsSpan = 24h * 60;

visits::By by(const Context& context) {
    return {fmt::format("person:{}", context.person.id.value), context.now()};
}

std::string path_of(std::int64_t id, std::string_view rest = {}) {
    return fmt::format("/visits/{}{}", id, rest);
}

std::string text_field(const Context& context, std::string_view name) {
    return std::string(base::trim(context.field(name)));
}

/// Kept when a form comes back with what was typed.
std::string once_of(const Context& context, bool is_typed) {
    std::string typed = is_typed ? context.field("once") : std::string();
    return typed.empty() ? sys::random_token() : typed;
}

http::Response show_list(Context& context, std::string_view problem, int status) {
    const base::Instant now = context.now();
    const bool is_typed = !problem.empty();
    tmpl::List rows, proposals, sources, news;
    context.db().read([&](sys::Reader& db) {
        for (const Visit& one : visits::list_visits(db)) {
            const auto state = static_cast<std::size_t>(one.state);
            rows.push_back(tmpl::Map{{"path", path_of(one.id)},
                                     {"purpose", one.purpose},
                                     {"starts", short_time(one.starts_at, now)},
                                     {"visitors", one.visitors},
                                     {"place", one.place},
                                     {"state", chip(kChips[state], say(visits::state_wording(one.state)))}});
        }
        for (const visits::Proposal& one : visits::list_proposals(db)) {
            const auto answer = static_cast<std::size_t>(one.answer);
            proposals.push_back(
                tmpl::Map{{"path", fmt::format("/visits/proposals/{}", one.id)},
                          {"title", one.title},
                          {"made", short_time(one.made_at, now)},
                          {"answer", chip(kAnswerChips[answer], say(visits::answer_wording(one.answer)))}});
        }
        for (const visits::Source& one : visits::list_sources(db))
            sources.push_back(tmpl::Map{{"id", one.id},
                                        {"name", one.name},
                                        {"url", one.url},
                                        {"fetched", one.fetched_at ? short_time(*one.fetched_at, now) : tmpl::Value()},
                                        {"problem", say(one.problem)}});
        for (const visits::Found& one : visits::list_found(db, now - kNewsSpan, 50))
            news.push_back(tmpl::Map{{"title", one.title},
                                     {"url", one.url},
                                     {"source", one.source_name},
                                     {"found", short_time(one.found_at, now)}});
    });
    const auto value = [&](std::string_view name) { return is_typed ? context.field(name) : std::string(); };
    return context.page({"screens/visits/list.html", "訪問", {}, status}, {{"problem", say(problem)},
                                                                           {"may_edit", context.may(Act::ReportMake)},
                                                                           {"rows", std::move(rows)},
                                                                           {"proposals", std::move(proposals)},
                                                                           {"sources", std::move(sources)},
                                                                           {"news", std::move(news)},
                                                                           {"source_name", value("source_name")},
                                                                           {"source_url", value("source_url")},
                                                                           {"proposal_title", value("proposal_title")},
                                                                           {"proposal_body", value("proposal_body")},
                                                                           {"once", once_of(context, is_typed)}});
}

http::Response list(Context& context) {
    context.require(Act::ContractRead);
    return show_list(context, "", 200);
}

http::Response on_list(Context& context, std::string_view said, const std::function<void(sys::Transaction&)>& work) {
    context.require(Act::ReportMake);
    return run_act(
        context,
        [&] {
            context.db().write(work);
            return context.go("/visits", Flash{Flash::Kind::Good, std::string(said)});
        },
        [&](std::string_view problem, int status) { return show_list(context, problem, status); });
}

http::Response add_source(Context& context) {
    return on_list(context, "情報源を登録しました。1日に1回、新しい情報を確かめます。", [&](sys::Transaction& tx) {
        visits::Source made;
        made.name = text_field(context, "source_name");
        made.url = text_field(context, "source_url");
        visits::add_source(tx, made, by(context));
    });
}

http::Response remove_source(Context& context) {
    return on_list(context, "情報源を外しました。", [&](sys::Transaction& tx) {
        visits::remove_source(tx, context.number_field("source"), by(context));
    });
}

http::Response add_proposal(Context& context) {
    return on_list(context, "提案を登録しました。", [&](sys::Transaction& tx) {
        visits::Proposal made;
        made.title = text_field(context, "proposal_title");
        made.body = text_field(context, "proposal_body");
        visits::add_proposal(tx, made, by(context), context.field("once"));
    });
}

// --- one visit

http::Response show_visit(Context& context, const Visit& visit, std::string_view problem, int status) {
    const bool is_typed = !problem.empty(), is_new = visit.id == 0;
    const auto value = [&](std::string_view name, std::string stored) {
        return is_typed && context.has_field(name) ? context.field(name) : std::move(stored);
    };
    const std::string heading = is_new ? say("訪問を予定する") : visit.purpose;
    const auto dossier = context.db().read([&](sys::Reader& db) {
        return documents::find_document(db, "visit-dossier", fmt::format("visit:{}", visit.id));
    });
    return context.page(
        {"screens/visits/visit.html", heading, {{say("訪問"), "/visits"}}, status},
        {{"problem", say(problem)},
         {"heading", heading},
         {"is_new", is_new},
         {"dossier", dossier ? fmt::format("/documents/{}", dossier->id) : std::string()},
         {"may_edit", context.may(Act::ReportMake)},
         {"is_planned", visit.state == State::Planned},
         {"state", chip(kChips[static_cast<std::size_t>(visit.state)], say(visits::state_wording(visit.state)))},
         {"has_begun", !is_new && context.now() >= visit.starts_at},
         {"action", is_new ? std::string("/visits/new") : path_of(visit.id)},
         {"version", value("version", std::to_string(visit.version))},
         {"once", once_of(context, is_typed)},
         {"starts_at", value("starts_at", local_input(visit.starts_at))},
         {"starts", long_time(visit.starts_at)},
         {"place", value("place", visit.place)},
         {"visitors", value("visitors", is_new ? context.person.name : visit.visitors)},
         {"hosts", value("hosts", visit.hosts)},
         {"purpose", value("purpose", visit.purpose)},
         {"minutes", value("minutes", visit.minutes)}});
}

Visit load(Context& context) {
    const std::int64_t id = context.request.number("id");
    return context.db().read([&](sys::Reader& db) { return visits::load_visit(db, id); });
}

void take_fields(Context& context, Visit& to) {
    const auto at = context.time_field("starts_at", "訪問の日時");
    if (!at) throw Error(Kind::BadInput, "訪問の日時を入れてください。");
    to.starts_at = *at;
    to.place = text_field(context, "place");
    to.visitors = text_field(context, "visitors");
    to.hosts = text_field(context, "hosts");
    to.purpose = text_field(context, "purpose");
}

http::Response ask_new(Context& context) {
    context.require(Act::ReportMake);
    return show_visit(context, {}, "", 200);
}

http::Response add(Context& context) {
    context.require(Act::ReportMake);
    return run_act(
        context,
        [&] {
            Visit made;
            take_fields(context, made);
            const auto id = context.db().write(
                [&](sys::Transaction& tx) { return visits::plan_visit(tx, made, by(context), context.field("once")); });
            return context.go(path_of(id), Flash{Flash::Kind::Good, "訪問を予定しました。"});
        },
        [&](std::string_view problem, int status) { return show_visit(context, {}, problem, status); });
}

http::Response look(Context& context) {
    context.require(Act::ContractRead);
    return show_visit(context, load(context), "", 200);
}

http::Response on_visit(Context& context, std::string_view said,
                        const std::function<void(sys::Transaction&, const Visit&)>& work) {
    context.require(Act::ReportMake);
    const Visit visit = load(context);
    return run_act(
        context,
        [&] {
            context.db().write([&](sys::Transaction& tx) { work(tx, visit); });
            return context.go(path_of(visit.id), Flash{Flash::Kind::Good, std::string(said)});
        },
        [&](std::string_view problem, int status) { return show_visit(context, visit, problem, status); });
}

http::Response change(Context& context) {
    return on_visit(context, "訪問の予定を変えました。", [&](sys::Transaction& tx, const Visit& before) {
        Visit changed = before;
        changed.version = context.number_field("version");
        take_fields(context, changed);
        visits::change_visit(tx, changed, by(context));
    });
}

http::Response record(Context& context) {
    return on_visit(context, "訪問を記録しました。", [&](sys::Transaction& tx, const Visit& visit) {
        visits::record_visit(tx, visit.id, context.number_field("version"), text_field(context, "hosts"),
                             text_field(context, "minutes"), by(context));
    });
}

http::Response cancel(Context& context) {
    return on_visit(context, "訪問を取りやめました。", [&](sys::Transaction& tx, const Visit& visit) {
        visits::cancel_visit(tx, visit.id, context.number_field("version"), text_field(context, "reason"), by(context));
    });
}

http::Response dossier(Context& context) {
    context.require(Act::ReportMake);
    const Visit visit = load(context);
    return run_act(
        context,
        [&] {
            // It may read every public page: one at a time.
            const auto lock = sys::FileLock::find(context.site().folders.run / "make-dossier.lock");
            if (!lock) throw Error(Kind::Conflict, "訪問資料を作っているところです。終わるまでお待ちください。");
            const std::string path = flow::make_dossier(context.site(), visit.id, by(context).who);
            return context.go(path, Flash{Flash::Kind::Good, "訪問資料を作りました。"});
        },
        [&](std::string_view problem, int status) { return show_visit(context, visit, problem, status); });
}

// --- a proposal

http::Response show_proposal(Context& context, const visits::Proposal& one, std::string_view problem, int status) {
    const bool is_typed = !problem.empty();
    const auto value = [&](std::string_view name, std::string stored) {
        return is_typed ? context.field(name) : std::move(stored);
    };
    tmpl::List answers;
    const std::string chosen = value("answer", std::string(visits::answer_id(one.answer)));
    for (const Answer each : {Answer::Accepted, Answer::Declined, Answer::Later})
        answers.push_back(choice(visits::answer_id(each), say(visits::answer_wording(each)), chosen));
    return context.page(
        {"screens/visits/proposal.html", one.title, {{say("訪問"), "/visits"}}, status},
        {{"problem", say(problem)},
         {"title_text", one.title},
         {"body", one.body},
         {"may_edit", context.may(Act::ReportMake)},
         {"state", chip(kAnswerChips[static_cast<std::size_t>(one.answer)], say(visits::answer_wording(one.answer)))},
         {"action", fmt::format("/visits/proposals/{}", one.id)},
         {"version", value("version", std::to_string(one.version))},
         {"answers", std::move(answers)},
         {"decided_on", value("decided_on", one.decided_on ? base::format_day(*one.decided_on)
                                                           : base::format_day(base::local_day(context.now())))},
         {"decided_by", value("decided_by", one.decided_by)},
         {"reason", value("reason", one.reason)}});
}

visits::Proposal load_proposal(Context& context) {
    const std::int64_t id = context.request.number("id");
    auto found = context.db().read([&](sys::Reader& db) { return visits::find_proposal(db, id); });
    if (!found) throw Error(Kind::NotFound, "この提案はありません。");
    return *std::move(found);
}

http::Response look_at_proposal(Context& context) {
    context.require(Act::ContractRead);
    return show_proposal(context, load_proposal(context), "", 200);
}

http::Response decide(Context& context) {
    context.require(Act::ReportMake);
    const visits::Proposal before = load_proposal(context);
    return run_act(
        context,
        [&] {
            visits::Proposal decided = before;
            const auto answer = visits::find_answer(context.field("answer"));
            if (!answer) throw Error(Kind::BadInput, "結論を選んでください。");
            decided.answer = *answer;
            decided.decided_on = day_field(context, "decided_on", "決まった日");
            decided.decided_by = text_field(context, "decided_by");
            decided.reason = text_field(context, "reason");
            decided.version = context.number_field("version");
            context.db().write([&](sys::Transaction& tx) { visits::decide_proposal(tx, decided, by(context)); });
            return context.go("/visits", Flash{Flash::Kind::Good, "提案の結論を記録しました。"});
        },
        [&](std::string_view problem, int status) { return show_proposal(context, before, problem, status); });
}

constexpr Route kRoutes[] = {
    {"GET", "/visits", list},
    {"GET", "/visits/new", ask_new},
    {"POST", "/visits/new", add},
    {"POST", "/visits/sources", add_source},
    {"POST", "/visits/sources/remove", remove_source},
    {"POST", "/visits/proposals", add_proposal},
    {"GET", "/visits/proposals/{id}", look_at_proposal},
    {"POST", "/visits/proposals/{id}", decide},
    {"GET", "/visits/{id}", look},
    {"POST", "/visits/{id}", change},
    {"POST", "/visits/{id}/record", record},
    {"POST", "/visits/{id}/cancel", cancel},
    {"POST", "/visits/{id}/dossier", dossier},
};

}  // namespace

extern const Screen visits_screen{"visits",        "訪問",           "/visits",         "offices",
                                  Place::Contract, Access::SignedIn, Act::ContractRead, kRoutes};

}  // namespace web
