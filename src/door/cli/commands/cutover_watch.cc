// The switch itself, which the domain's manager makes, and what is seen after it.

#include "flow/cutover_watch.h"

#include <thread>

#include <boost/json.hpp>

#include "door/cli/cutover.h"
#include "flow/cutover_ready.h"
#include "ground/base/error.h"

namespace cli {

namespace {

int record_switch(const Invocation& invocation) {
    const auto watch = open_watch(invocation);
    const cutover::By by = watch_by(invocation, people::Act::CutoverRun);
    const base::Instant at = invocation.instant("--moment").value_or(by.at);
    watch->write([&](sys::Transaction& tx) { cutover::record_switch(tx, at, by); });
    invocation.answer(
        {{"switched_at", base::format_utc(at)}},
        fmt::format("switched at {}; `yakuba cutover watch` tells how far it has come", base::format_local(at)));
    return kDone;
}

int finish(const Invocation& invocation) {
    const cutover::By by = watch_by(invocation, people::Act::CutoverRun);
    const auto watch = open_watch(invocation);
    watch->write([&](sys::Transaction& tx) { cutover::record_finish(tx, by); });
    invocation.answer({{"finished", true}}, "the cutover is finished");
    return kDone;
}

bool is_over(const flow::CutoverBoard& board) {
    return board.state.silent_since.has_value() && board.state.new_problem.empty();
}

int run(const Invocation& invocation) {
    const auto watch = open_watch(invocation);
    const cutover::Plan plan = load_plan(*watch);
    const auto state = watch->read([](sys::Reader& db) { return cutover::load_state(db); });
    if (!state.switched_at)
        throw base::Error(base::Kind::Conflict, "nothing was switched yet; record it with `yakuba cutover switch`");
    std::unique_ptr<flow::OldLogCounter> log;
    if (!plan.old_log.empty()) log = std::make_unique<flow::OldLogCounter>(plan.old_log, *state.switched_at);
    const auto every = std::chrono::seconds(invocation.number("--every", 1, 3600).value_or(60));
    flow::CutoverBoard board;
    for (bool is_first = true;; is_first = false) {
        const auto until = std::chrono::steady_clock::now() + every;
        while (!is_first && std::chrono::steady_clock::now() < until) {
            stop_if_interrupted();
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
        const cutover::Look look = flow::look_at_switch(plan, log.get(), invocation.clock().now());
        if (!watch->write([&](sys::Transaction& tx) { return cutover::note_look(tx, plan.version, look); }))
            throw base::Error(base::Kind::Conflict, "the plan was changed meanwhile; run the command again");
        board = flow::load_cutover_board(*watch, invocation.clock().now());
        if (!invocation.has("--until-silent") || is_over(board)) break;
    }
    std::int64_t are_new = 0;
    boost::json::array resolvers;
    std::string prose;
    for (const auto& each : board.resolvers) {
        are_new += each.state == "new" ? 1 : 0;
        resolvers.push_back({{"address", each.address},
                             {"state", each.state},
                             {"answer", each.answer},
                             {"since", base::format_utc(each.since)}});
        prose += fmt::format("{:<7} {}  {}  since {}\n", each.state, each.address, each.answer,
                             base::format_local(each.since));
    }
    const auto& now = board.state;
    const auto time_of = [](const std::optional<base::Instant>& at) {
        return at ? boost::json::value(base::format_utc(*at)) : boost::json::value();
    };
    const double seconds = static_cast<double>((invocation.clock().now() - *now.switched_at).count()) / 1000;
    prose += fmt::format("{} of {} resolvers give the new address, {:.0f} minutes after the switch\n", are_new,
                         board.resolvers.size(), seconds / 60);
    prose += now.old_requests
                 ? fmt::format("the old server: {} requests{}\n", *now.old_requests, now.silent_since ? ", silent" : "")
                 : std::string("the old server: its requests cannot be counted (--old-log, --counter-url)\n");
    prose += now.new_problem.empty() ? "the new server answers\n" : "the new server: " + now.new_problem + "\n";
    invocation.answer(
        {{"resolvers", std::move(resolvers)},
         {"new", are_new},
         {"share",
          board.resolvers.empty() ? 0.0 : static_cast<double>(are_new) / static_cast<double>(board.resolvers.size())},
         {"seconds_since_switch", seconds},
         {"old_requests", now.old_requests ? boost::json::value(*now.old_requests) : boost::json::value()},
         {"old_heard_at", time_of(now.old_heard_at)},
         {"silent_since", time_of(now.silent_since)},
         {"new_problem", now.new_problem},
         {"over", is_over(board)}},
        prose);
    return is_over(board) ? kDone : kFound;
}

constexpr Option kSwitch[] = {{"--moment", "When the records were changed (default: now)"}};
constexpr Option kWatch[] = {
    {"--until-silent", "Go on until every resolver is new and the old server silent", Takes::Flag},
    {"--every", "Seconds from one look to the next (default: 60)"},
};

}  // namespace

extern const Command cutover_switch{"cutover", "switch", "Record that the records were changed", kSwitch,
                                    record_switch};
extern const Command cutover_watch{"cutover", "watch", "Look at resolvers and both servers after the switch", kWatch,
                                   run};
extern const Command cutover_finish{"cutover", "finish", "Record that the cutover is over", {}, finish};

}  // namespace cli
