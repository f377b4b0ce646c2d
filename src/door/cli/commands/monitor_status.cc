#include <boost/json.hpp>
#include <fmt/format.h>

#include "door/cli/command.h"
#include "door/cli/probe_answer.h"
#include "flow/watch_probes.h"

namespace cli {

namespace {

/// What is planned, when nobody is looking.
std::vector<probes::Standing> unwatched(const probes::Plans& plans) {
    std::vector<probes::Standing> standings;
    for (const probes::Plan& plan : plans.plans)
        if (plan.is_on)
            standings.push_back({plan.id,
                                 std::string(plan.kind->id),
                                 plan.title,
                                 plan.target(),
                                 "監視が動いていません。",
                                 probes::State::NoData,
                                 {},
                                 {},
                                 {}});
    return standings;
}

int run(const Invocation& invocation) {
    const settings::Settings settings = settings::load(invocation.site() / "yakuba.toml");
    const auto board = probes::find_board(flow::board_file(invocation.site()));
    const bool is_alive = board && board->is_alive(invocation.clock().now());
    const probes::Plans plans = flow::plan_probes(settings, flow::served_by(settings));
    ProbeAnswer answer;
    answer.is_alive = is_alive;
    answer.standings = is_alive ? board->standings : unwatched(plans);
    answer.bad = plans.bad;
    if (!is_alive)
        answer.remark =
            board ? fmt::format("the watch has said nothing since {}; is `yakuba serve` running?",
                                base::format_local(board->written_at))
                  : "the watch has not run here yet; start `yakuba serve`, or look once with `yakuba monitor run`";
    return give(invocation, answer);
}

}  // namespace

extern const Command monitor_status{"monitor", "status", "What is watched, and how it is", {}, run};

}  // namespace cli
