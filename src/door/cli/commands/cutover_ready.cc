// The list of what has to be so before the switch: looked at, and ticked by people.

#include "flow/cutover_ready.h"

#include <boost/json.hpp>

#include "door/cli/cutover.h"
#include "ground/settings/settings.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto watch = open_watch(invocation);
    load_plan(*watch);
    const auto folders = flow::folders_of(std::filesystem::absolute(invocation.site()));
    const bool is_tick = invocation.has("--tick"), is_untick = invocation.has("--untick");
    if (is_tick || is_untick) {
        const std::string id = invocation.text(is_tick ? "--tick" : "--untick");
        cutover::need_tickable(id);
        const cutover::By by = watch_by(invocation, people::Act::CutoverRun);
        watch->write([&](sys::Transaction& tx) {
            if (is_tick)
                cutover::tick(tx, id, invocation.text("--note"), by);
            else
                cutover::untick(tx, id, by);
        });
    } else if (!invocation.has("--show")) {
        flow::observe_readiness(*watch, folders, settings::load(folders.site / "yakuba.toml"), invocation.clock());
    }
    const auto board = flow::load_cutover_board(*watch, invocation.clock().now());
    boost::json::array points;
    std::string prose;
    for (const auto& point : board.points) {
        points.push_back({{"id", point.row->id},
                          {"ready", point.is_done},
                          {"observed", point.row->proof == cutover::Proof::Observed},
                          {"text", point.text},
                          {"by", point.by},
                          {"at", point.at ? boost::json::value(base::format_utc(*point.at)) : boost::json::value()}});
        prose += fmt::format("[{}] {:<12} {}{}{}\n", point.is_done ? "x" : " ", point.row->id, point.row->wording,
                             point.text.empty() ? "" : "：", point.text);
        if (!point.is_done) prose += fmt::format("    {:<12} → {}\n", "", point.row->hint);
    }
    invocation.answer(
        {{"stage", cutover::stage_id(board.stage)}, {"open", board.open_points}, {"points", std::move(points)}}, prose);
    return board.open_points > 0 ? kFound : kDone;
}

constexpr Option kOptions[] = {
    {"--show", "Look at nothing anew", Takes::Flag},
    {"--tick", "The point of this id is done; for what cannot be looked at"},
    {"--note", "A remark to it"},
    {"--untick", "It is not done after all"},
};

}  // namespace

extern const Command cutover_ready{"cutover", "ready", "What has to be so before the switch", kOptions, run};

}  // namespace cli
