#include "door/cli/cutover.h"

#include <boost/json.hpp>

#include "ground/base/error.h"

namespace cli {

namespace {

boost::json::array words(const std::vector<std::string>& all) {
    boost::json::array array;
    for (const std::string& each : all) array.emplace_back(each);
    return array;
}

boost::json::array sets(const std::vector<cutover::RecordSet>& all) {
    boost::json::array array;
    for (const auto& set : all)
        array.push_back(
            {{"name", set.name}, {"type", dns::type_name(set.type)}, {"data", words(set.data)}, {"ttl", set.ttl}});
    return array;
}

boost::json::value time_of(const std::optional<base::Instant>& at) {
    return at ? boost::json::value(base::format_utc(*at)) : boost::json::value();
}

}  // namespace

boost::json::object as_json(const cutover::Plan& plan) {
    return {{"version", plan.version},
            {"made_at", base::format_utc(plan.made_at)},
            {"made_by", plan.made_by},
            {"names", words(plan.names)},
            {"old", plan.old_server.text()},
            {"new", plan.new_server.text()},
            {"new_addresses", words(plan.new_addresses)},
            {"name_server", plan.name_server},
            {"resolvers", words(plan.resolvers)},
            {"moment", time_of(plan.moment)},
            {"before", sets(plan.before)},
            {"after", sets(cutover::records_after(plan))}};
}

boost::json::object as_json(const cutover::Counts& counts) {
    return {{"total", counts.total},         {"checked", counts.checked},   {"equal", counts.equal},
            {"different", counts.different}, {"accepted", counts.accepted}, {"failed", counts.failed},
            {"open", counts.open()}};
}

boost::json::object as_json(const cutover::Finding& finding) {
    boost::json::array differences;
    for (const auto& each : finding.differences)
        differences.push_back({{"kind", cutover::kind_id(each.kind)},
                               {"text", each.text},
                               {"old", words(each.before)},
                               {"new", words(each.after)}});
    return {{"path", finding.path},
            {"hits", finding.hits},
            {"outcome", finding.outcome},
            {"problem", finding.problem},
            {"differences", std::move(differences)},
            {"proposed_redirect", finding.proposal},
            {"reason", finding.reason},
            {"accepted_by", finding.accepted_by}};
}

std::string as_prose(const cutover::Counts& counts) {
    return fmt::format(
        "{} of {} paths compared: {} equal, {} different ({} missing), {} accepted, {} could not be compared\n",
        counts.checked, counts.total, counts.equal, counts.different, counts.missing, counts.accepted, counts.failed);
}

cutover::Plan load_plan(sys::Database& watch) {
    auto plan = watch.read([](sys::Reader& db) { return cutover::find_plan(db); });
    if (!plan)
        throw base::Error(
            base::Kind::NotFound,
            "there is no plan yet; make one with `yakuba cutover plan --name NAME --old SERVER --new SERVER`");
    return std::move(*plan);
}

}  // namespace cli
