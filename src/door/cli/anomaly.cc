#include "door/cli/anomaly.h"

#include <boost/json.hpp>
#include <unistd.h>

#include "door/cli/page.h"
#include "ground/base/error.h"
#include "ground/people/accounts.h"

namespace cli {

namespace {

boost::json::value time_of(const std::optional<base::Instant>& at) {
    if (!at) return nullptr;
    return boost::json::value(base::format_utc(*at));
}

}  // namespace

boost::json::object as_json(const signals::Anomaly& anomaly) {
    return {{"id", anomaly.id.value},
            {"severity", severity_id(anomaly.severity)},
            {"standing", standing_id(anomaly.standing)},
            {"source", anomaly.source},
            {"kind", anomaly.kind},
            {"subject", anomaly.subject},
            {"text", anomaly.text},
            {"signals", anomaly.signals},
            {"no_data", anomaly.is_no_data},
            {"flapping", anomaly.is_flapping},
            {"storm", anomaly.is_storm},
            {"suppressed_by", anomaly.suppressed_by},
            {"suppressed_why", anomaly.suppressed_why},
            {"first_at", base::format_utc(anomaly.first_at)},
            {"last_at", base::format_utc(anomaly.last_at)},
            {"opened_at", base::format_utc(anomaly.opened_at)},
            {"cleared_at", time_of(anomaly.cleared_at)},
            {"closed_at", time_of(anomaly.closed_at)},
            {"acknowledged_by", anomaly.acknowledged_by},
            {"acknowledged_at", time_of(anomaly.acknowledged_at)},
            {"answer", boost::json::object{{"decision", decision_id(anomaly.answer.decision)},
                                           {"who", anomaly.answer.who},
                                           {"why", anomaly.answer.why},
                                           {"due_at", time_of(anomaly.answer.due_at)},
                                           {"by", anomaly.answer.by},
                                           {"at", time_of(anomaly.answer.at)}}},
            {"version", anomaly.version}};
}

std::string as_line(const signals::Anomaly& anomaly) {
    std::string marks;
    if (anomaly.is_no_data) marks += " [no data]";
    if (anomaly.is_flapping) marks += " [flapping]";
    if (anomaly.is_storm) marks += fmt::format(" [{} signals]", anomaly.signals);
    if (!anomaly.suppressed_by.empty()) marks += fmt::format(" [quiet: {}]", anomaly.suppressed_by);
    if (anomaly.answer.decision == signals::Decision::None) marks += " [not answered]";
    return fmt::format("{:>6}  {}  {:<9}  {:<7}  {}{}", anomaly.id.value, base::format_local(anomaly.first_at),
                       severity_id(anomaly.severity), standing_id(anomaly.standing), anomaly.text, marks);
}

signals::AnomalyId anomaly_of(const Invocation& invocation) {
    return {invocation.number("NUMBER", 1, 1LL << 60).value_or(0)};
}

signals::By watch_by(const Invocation& invocation, people::Act act) {
    if (!invocation.has("--as")) return {fmt::format("system:cli:{}", ::getuid()), invocation.clock().now()};
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const people::PersonId person = sign_in_as(invocation, *site).person;
    const people::Actor actor =
        site->database->read([&](sys::Reader& db) { return people::load_actor(db, person, invocation.clock().now()); });
    if (const people::Decision decision = people::may(actor, act); !decision)
        throw base::Error(base::Kind::NotAllowed, decision.reason_en);
    return {fmt::format("person:{}", person.value), invocation.clock().now()};
}

std::unique_ptr<sys::Database> open_watch(const Invocation& invocation) {
    if (!std::filesystem::exists(invocation.site() / "yakuba.toml"))
        throw base::Error(base::Kind::NotFound, fmt::format("{} is not a site directory; name yours with --site",
                                                            invocation.site().string()));
    return flow::open_watch(flow::folders_of(std::filesystem::absolute(invocation.site())));
}

}  // namespace cli
