#include "door/cli/command.h"
#include "door/cli/probe_answer.h"
#include "flow/watch_probes.h"
#include "ground/base/error.h"
#include "ground/jobs/loop.h"

namespace cli {

namespace {

constexpr std::chrono::seconds kLongest{5};  // for a probe that hangs, once the answer is given

int run(const Invocation& invocation) {
    const settings::Settings settings = settings::load(invocation.site() / "yakuba.toml");
    std::unique_ptr<flow::Site> site;
    std::string remark;
    try {
        site = flow::Site::open(invocation.site(), invocation.clock());
    } catch (const base::Error& error) {
        remark = error.message();  // the machine can be looked at without the database
    }
    probes::World world = flow::probe_world(site.get(), invocation.site(), invocation.clock());
    world.is_only_looking = true;
    const probes::Plans plans = flow::plan_probes(settings, flow::served_by(settings));
    jobs::StopLimit limit;
    ProbeAnswer answer;
    answer.bad = plans.bad;
    answer.remark = remark;
    int outcome = kFailed;
    {
        probes::Runner runner(plans.plans, std::move(world), {}, 4);
        std::vector<std::string> names;
        if (invocation.has("NAME")) names = invocation.list("NAME");
        for (const probes::Result& result : runner.run_once(names))
            answer.standings.push_back(probes::standing_of(result));
        outcome = give(invocation, answer);
        limit.start(kLongest, outcome);
    }
    return outcome;
}

constexpr Option kOptions[] = {{"NAME", "Probes to run; all when none is named", Takes::Many}};

}  // namespace

extern const Command monitor_run{"monitor", "run", "Look now, without the running watch", kOptions, run};

}  // namespace cli
