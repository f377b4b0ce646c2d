// 契約: each obligation of the contract and how it stands, what is late or due first; behind each its clauses, who does
// it, and every item with the records that prove it. Everything is worked out from contract.toml and the ledger at the
// moment of asking, or as of another day.
#include <set>

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/screens/contract/deadline.h"
#include "door/web/screens/contract/key_words.h"
#include "door/web/screens/today/sources.h"
#include "door/web/words.h"
#include "flow/contract_status.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/acts.h"
#include "ground/ledger/store.h"
#include "office/documents/store.h"
#include "office/incidents/incident.h"

namespace web {

tmpl::Value deadline_time(base::Instant due, base::Instant now) {
    const base::LocalTime time = base::to_local(due);
    const tmpl::Value exact = short_time(due, now);
    if (time.hour != 0 || time.minute != 0 || exact.as_map() == nullptr) return exact;
    const tmpl::Value before = short_time(due - std::chrono::minutes(1), now);
    std::string text = *before.as_map()->find("text")->as_text();
    text.replace(text.rfind("23:59"), std::string_view("23:59").size(), "24:00");
    return tmpl::Map{{"text", std::move(text)}, {"iso", *exact.as_map()->find("iso")}};
}

namespace {

using base::Error;
using base::Kind;
using contract::Item;
using contract::Judged;
using contract::State;

constexpr std::size_t kItems = 100;  // the newest; older ones by day

constexpr std::pair<std::string_view, std::string_view> kRecorded[] = {
    {"done", "行ったこと"}, {"event", "起きたこと（期限の始まり）"}, {"cancelled", "取りやめたこと"}};

bool may_record(const Context& context) {
    return context.may(people::Act::ReportMake);
}

std::string_view chip_kind(State state) {
    constexpr std::string_view kKinds[] = {"live", "submitted", "returned", "draft", "withdrawn"};
    return kKinds[static_cast<std::size_t>(state)];
}

tmpl::Map state_chip(State state) {
    return chip(chip_kind(state), say(contract::state_wording(state)));
}

std::string late_text(std::chrono::minutes late) {
    const auto all = late.count();
    if (all == 0) return {};
    if (all < 60) return say(fmt::format("{}分超過", all));
    if (all < 48 * 60) return say(fmt::format("{}時間{}分超過", all / 60, all % 60));
    return say(fmt::format("{}日超過", all / (24 * 60)));
}

tmpl::Value time_value(const std::optional<base::Instant>& at, base::Instant now) {
    return at ? short_time(*at, now) : tmpl::Value();
}

/// Where a record can be looked at: it is the first of what is listed there.
std::string path_of(const contract::Evidence& one) {
    if (one.subject.starts_with("anomaly:")) return "/anomalies/" + one.subject.substr(8);
    http::Fields fields;
    if (one.stream != ledger::kOffice) fields.add("stream", one.stream);
    fields.add("subject", one.subject);
    fields.add("act", one.act);
    fields.add("before", std::to_string(one.sequence + 1));
    return address_of("/ledger", fields);
}

tmpl::List evidence_values(const std::vector<contract::Evidence>& all, base::Instant now) {
    tmpl::List rows;
    for (const contract::Evidence& one : all)
        rows.push_back(tmpl::Map{{"name", say(ledger::act_wording(one.act))},
                                 {"number", one.sequence},
                                 {"path", path_of(one)},
                                 {"at", short_time(one.at, now)}});
    return rows;
}

struct Asked {
    base::Instant at;
    std::string day;  ///< as typed; empty: now
};
Asked asked_of(Context& context) {
    const auto day = query_day(context, "day");
    if (!day) return {context.now(), ""};
    return {base::from_local({*day}) + std::chrono::minutes(24 * 60 - 1), base::format_day(*day)};
}

std::string who_is(const contract::Contract& contract, const std::string& id) {
    const contract::Role* role = contract.find_role(id);
    return role ? role->title : id;
}

/// What is counted and not yet complete, with the lines so far; null when nothing is.
const Item* find_counted(const Judged& one) {
    const auto found = std::find_if(one.items.begin(), one.items.end(), [](const Item& item) {
        return item.wanted > 1 && (item.state == State::Due || item.state == State::Late);
    });
    return found == one.items.end() ? nullptr : &*found;
}

tmpl::Map row_of(const contract::Contract& contract, const Judged& one, const Asked& asked) {
    const Item* counted = find_counted(one);
    const std::vector<contract::Evidence>& evidence =
        counted != nullptr && !counted->evidence.empty() ? counted->evidence : one.evidence;
    http::Fields fields;
    if (!asked.day.empty()) fields.add("day", asked.day);
    return {{"id", one.obligation->id},
            {"title", one.obligation->title},
            {"path", address_of("/contract/" + one.obligation->id, fields)},
            {"clauses", fmt::format("{}", fmt::join(one.obligation->clauses, "、"))},
            {"who", who_is(contract, one.obligation->who)},
            {"state", state_chip(one.state)},
            {"due", one.due ? deadline_time(*one.due, asked.at) : tmpl::Value()},
            {"late", late_text(one.lateness)},
            {"late_before", one.late_before},
            {"count", counted != nullptr ? fmt::format("{}／{}", counted->done, counted->wanted) : std::string()},
            {"is_times", one.obligation->kind == contract::Kind::Count},
            {"evidence", evidence_values(evidence.empty() ? evidence : std::vector{evidence.back()}, asked.at)}};
}

/// What the client looks for first: papers to confirm, the newest papers, incidents under way. Each only where its
/// screen is open to the person.
void add_overview(Context& context, tmpl::Map& values) {
    constexpr int kShown = 5;
    tmpl::List unconfirmed, newest, open;
    if (find_usable_screen(context, "/documents") != nullptr) {
        const auto list_some = [&](documents::Turn turn, int most) {
            documents::Filter filter;
            filter.turn = turn;
            filter.limit = most;
            return context.db().read([&](sys::Reader& db) { return documents::list_documents(db, filter); });
        };
        std::set<std::int64_t> waiting;
        const auto add = [&](const documents::Document& one, tmpl::List& to) {
            to.push_back(tmpl::Map{{"title", fmt::format("{} {}", one.number, one.title)},
                                   {"path", fmt::format("/documents/{}", one.id)},
                                   {"at", short_time(one.delivered_at.value_or(one.made_at), context.now())}});
        };
        for (const documents::Document& one : list_some(documents::Turn::ToConfirm, kShown)) {
            waiting.insert(one.id);
            add(one, unconfirmed);
        }
        for (const documents::Document& one : list_some(documents::Turn::Any, 2 * kShown))
            if (newest.size() < kShown && !waiting.contains(one.id)) add(one, newest);
    }
    if (find_usable_screen(context, "/incidents") != nullptr) {
        incidents::Filter filter;
        filter.only_open = true;
        filter.limit = kShown;
        for (const incidents::Incident& one :
             context.db().read([&](sys::Reader& db) { return incidents::list_incidents(db, filter); }))
            open.push_back(
                tmpl::Map{{"title", noted(one.number + " " + one.title, say(incidents::state_wording(one.state)))},
                          {"path", fmt::format("/incidents/{}", one.id.value)},
                          {"at", short_time(one.detected_at, context.now())}});
    }
    tmpl::List parts;
    const auto add = [&](std::string_view title, std::string_view path, tmpl::List& rows) {
        if (!rows.empty()) parts.push_back(tmpl::Map{{"title", say(title)}, {"path", path}, {"rows", std::move(rows)}});
    };
    add("受領の確認を待つ文書", "/documents?turn=confirm", unconfirmed);
    add("対応中の障害", "/incidents", open);
    add("新しい文書", "/documents", newest);
    values.set("parts", std::move(parts));
}

http::Response list(Context& context) {
    context.require(people::Act::ContractRead);
    const Asked asked = asked_of(context);
    tmpl::Map values{{"day", asked.day},        {"problem", ""}, {"rows", tmpl::List()}, {"contract_title", ""},
                     {"figures", tmpl::List()}, {"cut", false},  {"is_missing", false}};
    try {
        const flow::ContractStatus status = flow::judge_contract(context.site(), asked.at);
        // Within a state the nearest first; what has no due comes last.
        std::vector<const Judged*> judged;
        for (const Judged& one : status.obligations) judged.push_back(&one);
        std::stable_sort(judged.begin(), judged.end(),
                         [](const Judged* a, const Judged* b) { return a->due && (!b->due || *a->due < *b->due); });
        tmpl::List rows, figures;
        for (const State state : {State::Late, State::Due, State::NotYet, State::Met, State::NotApplicable}) {
            std::int64_t count = 0;
            for (const Judged* one : judged) {
                if (one->state != state) continue;
                rows.push_back(row_of(*status.contract, *one, asked));
                ++count;
            }
            figures.push_back(tmpl::Map{
                {"label", say(contract::state_wording(state))}, {"value", count}, {"kind", chip_kind(state)}});
        }
        values.set("rows", std::move(rows));
        values.set("figures", std::move(figures));
        values.set("contract_title", status.contract->title);
        values.set("cut", !status.cut.empty());
    } catch (const Error& error) {
        if (error.kind() != Kind::NotFound && error.kind() != Kind::BadInput) throw;
        values.set("is_missing", error.kind() == Kind::NotFound);
        values.set("problem", error.kind() == Kind::BadInput ? error.message() : std::string());
    }
    add_overview(context, values);
    return context.page({"screens/contract/list.html", "契約"}, std::move(values));
}

tmpl::Map item_values(const Item& item, base::Instant now) {
    return {{"key", key_words(item.key)},
            {"state", state_chip(item.state)},
            {"due", deadline_time(item.due, now)},
            {"done", time_value(item.done_at, now)},
            {"late", late_text(item.lateness)},
            {"count", item.wanted > 1 ? fmt::format("{}／{}", item.done, item.wanted) : std::string()},
            {"evidence", evidence_values(item.evidence, now)}};
}

http::Response show(Context& context, std::string_view problem, int code) {
    context.require(people::Act::ContractRead);
    const Asked asked = asked_of(context);
    const flow::ContractStatus status = flow::judge_contract(context.site(), asked.at);
    const std::string id = context.request.parameter("id");
    const auto found = std::find_if(status.obligations.begin(), status.obligations.end(),
                                    [&](const Judged& one) { return one.obligation->id == id; });
    if (found == status.obligations.end()) throw Error(Kind::NotFound, "この契約事項はありません。");
    tmpl::Map values = row_of(*status.contract, *found, asked);
    tmpl::List clauses, people, items;
    for (const contract::Clause& clause : status.contract->clauses)
        if (std::find(found->obligation->clauses.begin(), found->obligation->clauses.end(), clause.id) !=
            found->obligation->clauses.end())
            clauses.push_back(tmpl::Map{{"id", clause.id}, {"article", clause.article}, {"wording", clause.wording}});
    // Whom to call, and who comes next. Reading has refused circles.
    for (const contract::Role* role = status.contract->find_role(found->obligation->who); role != nullptr;
         role = status.contract->find_role(role->escalates_to))
        people.push_back(tmpl::Map{{"title", role->title},
                                   {"person", role->person},
                                   {"deputy", role->deputy},
                                   {"phone", role->phone},
                                   {"mail", role->mail}});
    for (auto item = found->items.rbegin(); item != found->items.rend() && items.size() < kItems; ++item)
        items.push_back(item_values(*item, asked.at));
    values.set("wordings", std::move(clauses));
    values.set("people", std::move(people));
    values.set("more", static_cast<std::int64_t>(found->items.size() - items.size()));
    values.set("items", std::move(items));
    values.set("day", asked.day);
    const bool is_typed = !problem.empty();
    tmpl::List whats;
    for (const auto& [what, words] : kRecorded)
        whats.push_back(choice(what, say(words), is_typed ? context.field("what") : "done"));
    values.set("problem", say(problem)).set("whats", std::move(whats)).set("can_record", may_record(context));
    values.set("has_moment", !found->obligation->moment.empty()).set("has_period", !found->obligation->names.empty());
    for (const std::string_view name : {"note", "subject", "moment", "period"})
        values.set(fmt::format("typed_{}", name), is_typed ? context.field(name) : std::string());
    return context.page({"screens/contract/show.html", found->obligation->title, {}, code}, std::move(values));
}

http::Response look(Context& context) {
    return show(context, "", 200);
}

/// What no act of the program proves: a paper, a call, a visit.
http::Response record(Context& context) {
    context.require(people::Act::ReportMake);
    const std::string id = context.request.parameter("id");
    return run_act(
        context,
        [&] {
            const contract::Contract contract = flow::load_contract(context.site().folders, context.site().settings);
            const contract::Obligation* obligation = contract.find_obligation(id);
            if (obligation == nullptr) throw Error(Kind::NotFound, "この契約事項はありません。");
            flow::ContractRecord made{id,
                                      context.field("what"),
                                      std::string(base::trim(context.field("subject"))),
                                      std::string(base::trim(context.field("note"))),
                                      {}};
            if (std::none_of(std::begin(kRecorded), std::end(kRecorded),
                             [&](const auto& one) { return one.first == made.what; }))
                throw Error(Kind::BadInput, "何を記録するかを選んでください。");
            if (made.note.empty() || base::count_code_points(made.note) > 1000)
                throw Error(Kind::BadInput, "何をしたか、書類がどこにあるかを、1000文字以内で入力してください。");
            if (made.subject.size() > 100) throw Error(Kind::BadInput, "対象は100文字以内で入力してください。");
            if (!obligation->moment.empty())
                if (const auto at = context.time_field("moment", "日時"))
                    made.fields.emplace_back(obligation->moment, base::format_utc(*at));
            if (const std::string period(base::trim(context.field("period")));
                !obligation->names.empty() && !period.empty())
                made.fields.emplace_back(obligation->names, period);
            flow::record_for_contract(context.site(), made, fmt::format("person:{}", context.person.id.value));
            return context.go("/contract/" + id, Flash{Flash::Kind::Good, "契約の記録に加えました。"});
        },
        [&](std::string_view problem, int status) { return show(context, problem, status); });
}

constexpr Route kRoutes[] = {
    {"GET", "/contract", list}, {"GET", "/contract/{id}", look}, {"POST", "/contract/{id}", record}};

}  // namespace

extern const Screen contract_screen{
    "contract", "契約", "/contract", "calendar", Place::Contract, Access::SignedIn, people::Act::ContractRead, kRoutes};

}  // namespace web
