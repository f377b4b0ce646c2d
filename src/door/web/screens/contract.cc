// 契約: each obligation of the contract and how it stands, what is late or due first; behind each its clauses, who does
// it, and every item with the records that prove it. Everything is worked out from contract.toml and the ledger at the
// moment of asking, or as of another day.
#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/words.h"
#include "flow/contract_status.h"
#include "ground/base/error.h"
#include "ground/ledger/acts.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using contract::Item;
using contract::Judged;
using contract::State;

constexpr std::size_t kItems = 100;  // the newest; older ones by day

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

/// Where a record can be looked at; empty: its number alone names it.
std::string path_of(const contract::Evidence& one) {
    if (one.subject.starts_with("anomaly:")) return "/anomalies/" + one.subject.substr(8);
    if (one.stream != "office") return {};
    http::Fields fields;
    fields.add("subject", one.subject);
    fields.add("act", one.act);
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

tmpl::Map row_of(const contract::Contract& contract, const Judged& one, const Asked& asked) {
    http::Fields fields;
    if (!asked.day.empty()) fields.add("day", asked.day);
    return {{"id", one.obligation->id},
            {"title", one.obligation->title},
            {"path", address_of("/contract/" + one.obligation->id, fields)},
            {"clauses", fmt::format("{}", fmt::join(one.obligation->clauses, "、"))},
            {"who", who_is(contract, one.obligation->who)},
            {"state", state_chip(one.state)},
            {"due", time_value(one.due, asked.at)},
            {"late", late_text(one.lateness)},
            {"late_before", one.late_before},
            {"evidence",
             evidence_values(one.evidence.empty() ? one.evidence : std::vector{one.evidence.back()}, asked.at)}};
}

http::Response list(Context& context) {
    context.require(people::Act::ContractRead);
    const Asked asked = asked_of(context);
    tmpl::Map values{{"day", asked.day},        {"problem", ""}, {"rows", tmpl::List()}, {"contract_title", ""},
                     {"figures", tmpl::List()}, {"cut", false},  {"is_missing", false}};
    try {
        const flow::ContractStatus status = flow::judge_contract(context.site(), asked.at);
        tmpl::List rows, figures;
        for (const State state : {State::Late, State::Due, State::NotYet, State::Met, State::NotApplicable}) {
            std::int64_t count = 0;
            for (const Judged& one : status.obligations) {
                if (one.state != state) continue;
                rows.push_back(row_of(*status.contract, one, asked));
                ++count;
            }
            figures.push_back(tmpl::Map{
                {"label", say(contract::state_wording(state))}, {"value", count}, {"kind", chip_kind(state)}});
        }
        values.set("rows", std::move(rows));
        values.set("figures", std::move(figures));
        values.set("contract_title", status.contract->title);
        values.set("cut", !status.found.cut.empty());
    } catch (const Error& error) {
        if (error.kind() != Kind::NotFound && error.kind() != Kind::BadInput) throw;
        values.set("is_missing", error.kind() == Kind::NotFound);
        values.set("problem", error.kind() == Kind::BadInput ? error.message() : std::string());
    }
    return context.page({"screens/contract/list.html", "契約"}, std::move(values));
}

tmpl::Map item_values(const Item& item, base::Instant now) {
    return {{"key", item.key},
            {"state", state_chip(item.state)},
            {"due", short_time(item.due, now)},
            {"done", time_value(item.done_at, now)},
            {"late", late_text(item.lateness)},
            {"count", item.wanted > 1 ? fmt::format("{}／{}", item.done, item.wanted) : std::string()},
            {"evidence", evidence_values(item.evidence, now)}};
}

http::Response show(Context& context) {
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
    return context.page({"screens/contract/show.html", found->obligation->title}, std::move(values));
}

constexpr Route kRoutes[] = {{"GET", "/contract", list}, {"GET", "/contract/{id}", show}};

}  // namespace

extern const Screen contract_screen{
    "contract", "契約", "/contract", "calendar", Place::Contract, Access::SignedIn, people::Act::ContractRead, kRoutes};

}  // namespace web
