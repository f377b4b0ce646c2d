#include "door/cli/probe_answer.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace cli {

int give(const Invocation& invocation, const ProbeAnswer& answer) {
    boost::json::array probes, bad;
    std::string prose;
    bool is_well = answer.is_alive && answer.bad.empty();
    for (const probes::Standing& one : answer.standings) {
        is_well = is_well && probes::is_well(one.state);
        boost::json::object samples;
        for (const probes::Figure& figure : one.samples) samples[figure.name] = figure.value;
        probes.push_back(
            {{"id", one.id},
             {"kind", one.kind},
             {"title", one.title},
             {"target", one.target},
             {"state", probes::state_id(one.state)},
             {"value", one.samples.empty() ? boost::json::value() : boost::json::value(one.samples[0].value)},
             {"unit", one.samples.empty() ? std::string() : one.samples[0].unit},
             {"since", one.since ? boost::json::value(base::format_utc(*one.since)) : boost::json::value()},
             {"text", one.text},
             {"samples", std::move(samples)}});
        prose += fmt::format("{:<9} {:<20} {}\n", probes::state_id(one.state), one.id, one.text);
    }
    for (const probes::BadLine& line : answer.bad) {
        bad.push_back({{"line", line.line}, {"problem", line.problem}});
        prose += fmt::format("the line \"{}\" of monitor.probes cannot be used: {}\n", line.line, line.problem);
    }
    if (!answer.remark.empty()) prose += answer.remark + "\n";
    if (!prose.empty()) prose.pop_back();
    invocation.answer({{"is_alive", answer.is_alive}, {"probes", std::move(probes)}, {"bad_lines", std::move(bad)}},
                      prose);
    return is_well ? kDone : kFound;
}

}  // namespace cli
