// What can be seen of the readiness for a switch, looked at: DNS, both servers, the monitoring and the backup.
#pragma once

#include <vector>

#include "flow/site.h"
#include "watch/cutover/readiness.h"

namespace flow {

/// Looks at every point that can be looked at and keeps what was seen, with the TTLs. Takes some seconds.
/// Throws Error(NotFound) without a plan.
void observe_readiness(sys::Database& watch, const Folders& folders, const settings::Settings& settings,
                       const base::Clock& clock);

struct CutoverBoard {
    std::optional<cutover::Plan> plan;
    cutover::State state;
    cutover::Counts counts;
    std::vector<cutover::Point> points;
    std::size_t open_points = 0;
    std::vector<cutover::Paper> papers;
    std::vector<cutover::Resolver> resolvers;
    cutover::Stage stage = cutover::Stage::Plan;
};
CutoverBoard load_cutover_board(sys::Database& watch, base::Instant now);

/// The application to the domain's manager, kept with its hash. Throws Error(NotFound) without a plan.
cutover::Paper make_cutover_request(sys::Database& watch, const cutover::By& by);
/// The way back, with what was published since the switch.
cutover::Paper make_cutover_rollback(sys::Database& watch, const Folders& folders, const cutover::By& by);

}  // namespace flow
