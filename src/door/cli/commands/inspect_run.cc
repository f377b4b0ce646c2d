// Our own look by Debian's tools, on a staging copy on loopback. Exit 1 when a tool did not run or something was found.
#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "flow/run_inspection.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const vulnerabilities::By by{by_shell(invocation).text(), invocation.clock().now()};
    const auto runs = flow::run_inspection(*site, invocation.number("INSPECTION", 1, 1LL << 60).value(),
                                           invocation.text("--staging"), invocation.has("--retest"), by, is_interrupted,
                                           [&](std::string_view tool) { invocation.say(fmt::format("{} ...", tool)); });
    boost::json::array tools;
    std::string prose;
    bool is_well = true;
    for (const flow::ToolRun& one : runs) {
        is_well = is_well && one.problem.empty() && one.imported.added == 0;
        tools.push_back({{"tool", one.tool},
                         {"problem", one.problem},
                         {"found", one.imported.found},
                         {"added", one.imported.added},
                         {"again", one.imported.again},
                         {"cleared", one.imported.cleared}});
        prose += one.problem.empty()
                     ? fmt::format("{}: {} found, {} new, {} again, {} cleared\n", one.tool, one.imported.found,
                                   one.imported.added, one.imported.again, one.imported.cleared)
                     : fmt::format("{}: {}\n", one.tool, one.problem);
    }
    prose.pop_back();
    invocation.answer({{"tools", std::move(tools)}}, prose);
    return is_well ? kDone : kFound;
}

constexpr Option kOptions[] = {
    {"INSPECTION", "The number of the inspection that the results belong to", Takes::One, true},
    {"--staging", "A staging site, made by site staging", Takes::One, true},
    {"--retest", "The second look: what was mended and is not found any more is cleared", Takes::Flag},
};

}  // namespace

extern const Command inspect_run{"inspect", "run", "Run nmap, wapiti and lynis on a staging copy of the site", kOptions,
                                 run};

}  // namespace cli
