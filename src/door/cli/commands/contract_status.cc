#include "flow/contract_status.h"

#include <boost/json.hpp>

#include "door/cli/command.h"
#include "ground/base/text.h"

namespace cli {

namespace {

using contract::Item;
using contract::Judged;

boost::json::value time_of(const std::optional<base::Instant>& at) {
    if (!at) return nullptr;
    return boost::json::value(base::format_utc(*at));
}

boost::json::array as_json(const std::vector<contract::Evidence>& evidence) {
    boost::json::array all;
    for (const contract::Evidence& each : evidence)
        all.push_back({{"stream", each.stream},
                       {"sequence", each.sequence},
                       {"at", base::format_utc(each.at)},
                       {"act", each.act},
                       {"subject", each.subject}});
    return all;
}

boost::json::object as_json(const Item& item) {
    return {{"key", item.key},
            {"state", contract::state_id(item.state)},
            {"start", base::format_utc(item.start)},
            {"due", base::format_utc(item.due)},
            {"done_at", time_of(item.done_at)},
            {"late_minutes", item.lateness.count()},
            {"percent", item.percent},
            {"done", item.done},
            {"wanted", item.wanted},
            {"evidence", as_json(item.evidence)}};
}

/// All that is not simply done: what is open, what was late, and the newest.
boost::json::array items_of(const Judged& judged, bool is_all) {
    boost::json::array items;
    for (const Item& item : judged.items)
        if (is_all || item.state != contract::State::Met || item.lateness.count() > 0 || &item == &judged.items.back())
            items.push_back(as_json(item));
    return items;
}

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const base::Instant at = invocation.instant("--at").value_or(invocation.clock().now());
    const flow::ContractStatus status = flow::judge_contract(*site, at);
    boost::json::array obligations;
    std::string prose = fmt::format("{}（{}）\n", status.contract->title, base::format_local(at));
    for (const contract::State state : {contract::State::Late, contract::State::Due, contract::State::Met,
                                        contract::State::NotYet, contract::State::NotApplicable}) {
        for (const Judged& one : status.obligations) {
            if (one.state != state) continue;
            const contract::Obligation& obligation = *one.obligation;
            obligations.push_back({{"id", obligation.id},
                                   {"clause", base::join(obligation.clauses, " ")},
                                   {"title", obligation.title},
                                   {"kind", contract::kind_id(obligation.kind)},
                                   {"who", obligation.who},
                                   {"state", contract::state_id(one.state)},
                                   {"due", time_of(one.due)},
                                   {"late_minutes", one.lateness.count()},
                                   {"late_before", one.late_before},
                                   {"evidence", as_json(one.evidence)},
                                   {"items", items_of(one, invocation.has("--all"))}});
            const std::string late =
                one.lateness.count() > 0 ? fmt::format("、{}分超過", one.lateness.count()) : std::string();
            prose += fmt::format("{}  {:<24} {}{}  [{}] {}\n", contract::state_wording(one.state), obligation.id,
                                 one.due ? "期限 " + base::format_local(*one.due) : "期限なし", late,
                                 base::join(obligation.clauses, " "), obligation.title);
        }
    }
    for (const std::string& act : status.cut)
        invocation.say(
            fmt::format("there are more than {} lines of {}: the oldest were left out", flow::kMostOfAct, act));
    prose.pop_back();
    invocation.answer({{"contract", status.contract->id},
                       {"at", base::format_utc(at)},
                       {"late", status.has_late()},
                       {"cut", boost::json::value_from(status.cut)},
                       {"obligations", std::move(obligations)}},
                      prose);
    return status.has_late() ? kFound : kDone;
}

constexpr Option kOptions[] = {
    {"--at", "The moment to judge at, past or to come (Japanese time); now without it"},
    {"--all", "Also each item that was done in time", Takes::Flag},
};

}  // namespace

extern const Command contract_status{"contract", "status", "Which obligations are met, due or late, with the evidence",
                                     kOptions, run};

}  // namespace cli
