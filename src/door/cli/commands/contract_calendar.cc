#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/contract_status.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "office/contract/ics.h"

namespace cli {

namespace {

constexpr std::chrono::hours kUsual{24 * 31};
constexpr std::chrono::hours kLongest{24 * 366 * 2};

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const base::Instant now = invocation.clock().now();
    const base::Instant from = invocation.instant("--from").value_or(now);
    const base::Instant to = invocation.instant("--to").value_or(from + kUsual);
    if (to <= from || to - from > kLongest)
        throw base::Error(base::Kind::BadInput, "--to must be after --from, by two years at most");
    const contract::Contract contract = flow::load_contract(site->folders, site->settings);
    const auto found = flow::gather_contract_lines(contract, site->database.get(), site->find_watch(), now);
    const auto due = contract::list_due(contract, found.lines, now, from, to);
    for (const std::string& act : found.cut)
        invocation.say(
            fmt::format("there are more than {} lines of {}: the oldest were left out", flow::kMostOfAct, act));
    boost::json::array items;
    std::string prose;
    for (const contract::DueItem& each : due) {
        items.push_back({{"id", each.obligation->id},
                         {"clause", base::join(each.obligation->clauses, " ")},
                         {"title", each.obligation->title},
                         {"who", each.obligation->who},
                         {"key", each.item.key},
                         {"due", base::format_utc(each.item.due)},
                         {"state", contract::state_id(each.item.state)}});
        prose += fmt::format("{}  {}  {} {}\n", base::format_local(each.item.due),
                             contract::state_wording(each.item.state), each.obligation->title, each.item.key);
    }
    const std::string ics = invocation.has("--ics") ? contract::write_ics(contract, due, now) : std::string();
    boost::json::object document{
        {"from", base::format_utc(from)}, {"to", base::format_utc(to)}, {"items", std::move(items)}};
    if (!ics.empty()) document["ics"] = ics;
    prose += fmt::format("{} deadlines", due.size());
    // The answer brings the last line's LF itself.
    invocation.answer(document, ics.empty() ? prose : ics.substr(0, ics.size() - 1));
    return kDone;
}

constexpr Option kOptions[] = {
    {"--from", "From this time (Japanese time; inclusive); now without it"},
    {"--to", "To this time (exclusive); 31 days later without it"},
    {"--ics", "As an iCalendar file", Takes::Flag},
};

}  // namespace

extern const Command contract_calendar{"contract", "calendar", "The deadlines of a time, also as an iCalendar file",
                                       kOptions, run};

}  // namespace cli
