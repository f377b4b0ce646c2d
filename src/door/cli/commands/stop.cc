// Planned stops from the shell: the list with the last days for telling, a plan from a file of fields, a cancellation.
#include "office/stops/stop.h"

#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "flow/plan_stop.h"
#include "ground/base/error.h"

namespace cli {

namespace {

using stops::PlannedStop;

boost::json::value time_of(const std::optional<base::Instant>& at) {
    return at ? boost::json::value(base::format_utc(*at)) : boost::json::value(nullptr);
}

boost::json::object as_json(const PlannedStop& one, const std::vector<stops::Told>& told) {
    boost::json::array tellings;
    for (const stops::Told& each : told)
        tellings.push_back({{"audience", stops::audience_id(each.audience)},
                            {"round", each.round},
                            {"at", base::format_utc(each.at)},
                            {"proof", each.proof}});
    return {{"id", one.id.value},
            {"number", one.number},
            {"title", one.plan.title},
            {"state", stops::state_id(one.state)},
            {"starts_at", base::format_utc(one.plan.starts_at)},
            {"ends_at", base::format_utc(one.plan.ends_at)},
            {"tell_residents_by", time_of(one.limits.residents)},
            {"tell_staff_by", time_of(one.limits.staff)},
            {"round", one.round},
            {"told", std::move(tellings)}};
}

std::string as_line(const PlannedStop& one) {
    std::string line =
        fmt::format("{:>4}  {}  {:<9}  {} to {}  {}", one.id.value, one.number, stops::state_id(one.state),
                    base::format_local(one.plan.starts_at), base::format_local(one.plan.ends_at), one.plan.title);
    for (const stops::Audience each : stops::kAudiences)
        if (const auto& last = one.limits.of(each))
            line += fmt::format("\n      tell {} by {}", stops::audience_id(each), base::format_local(*last));
    return line;
}

int answer(const Invocation& invocation, flow::Site& site, const PlannedStop& stop) {
    const auto told = site.database->read([&](sys::Reader& db) { return stops::list_told(db, stop.id); });
    invocation.answer(as_json(stop, told), as_line(stop));
    return kDone;
}

int list(const Invocation& invocation) {
    stops::Filter filter;
    filter.only_open = !invocation.has("--all");
    filter.limit = static_cast<int>(invocation.number("--limit", 1, 1000).value_or(50));
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    boost::json::array all;
    std::string prose;
    site->database->read([&](sys::Reader& db) {
        for (const PlannedStop& one : stops::list_stops(db, filter)) {
            all.push_back(as_json(one, stops::list_told(db, one.id)));
            prose += as_line(one) + "\n";
        }
    });
    invocation.answer({{"stops", all}}, prose.empty() ? "no planned stop" : prose);
    return kDone;
}

stops::By by(const Invocation& invocation) {
    return {by_shell(invocation).text(), invocation.clock().now()};
}

int plan(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    stops::Plan plan;
    plan.title = invocation.text("--title");
    plan.starts_at = invocation.instant("--from").value_or(base::Instant{});
    plan.ends_at = invocation.instant("--until").value_or(base::Instant{});
    plan.rollback_at = invocation.instant("--rollback");
    plan.stops_public = invocation.has("--public");
    plan.freezes = !invocation.has("--no-freeze");
    plan.what = invocation.text("--what");
    plan.works = invocation.text("--works");
    plan.reason = invocation.text("--reason");
    plan.contact = invocation.text("--contact");
    plan.work = invocation.text("--work");
    plan.decider = invocation.text("--decider");
    plan.tree = invocation.text("--tree");
    plan.unavoidable = invocation.text("--unavoidable");
    const std::string once = fmt::format("cli:{}:{}", plan.starts_at.milliseconds, plan.title);
    return answer(invocation, *site, flow::plan_stop(*site, plan, once, by(invocation)));
}

int cancel(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const stops::StopId id{invocation.number("NUMBER", 1, 1LL << 60).value()};
    return answer(invocation, *site, flow::cancel_stop(*site, id, invocation.text("--reason"), by(invocation), 0));
}

constexpr Option kList[] = {{"--all", "Also what has ended or was called off", Takes::Flag},
                            {"--limit", "At most so many, 50"}};
constexpr Option kPlan[] = {
    {"--title", "The title", Takes::One, true},
    {"--from", "The start: 2027-10-13 22:00", Takes::One, true},
    {"--until", "The planned end", Takes::One, true},
    {"--what", "What stops, for residents", Takes::One, true},
    {"--works", "What works all the same", Takes::One, true},
    {"--reason", "Why, in plain words", Takes::One, true},
    {"--contact", "Whom to ask, and the way in an emergency", Takes::One, true},
    {"--work", "What is done, for staff", Takes::One, true},
    {"--decider", "Who says go or no-go", Takes::One, true},
    {"--tree", "The telephone tree"},
    {"--rollback", "Until when it can be taken back"},
    {"--public", "Residents cannot see the site meanwhile", Takes::Flag},
    {"--no-freeze", "Staff may go on saving and approving", Takes::Flag},
    {"--unavoidable", "The reason, when it is too late to tell as the contract asks"},
};
constexpr Option kCancel[] = {{"NUMBER", "The stop's id", Takes::One, true},
                              {"--reason", "Why it is called off", Takes::One, true}};

}  // namespace

extern const Command stop_list{"stop", "list", "Planned stops, with the last days for telling of them", kList, list};
extern const Command stop_plan{"stop", "plan", "Plan a stop; refused when it is too late to tell of it", kPlan, plan};
extern const Command stop_cancel{"stop", "cancel", "Call a planned stop off, which is told too", kCancel, cancel};

}  // namespace cli
