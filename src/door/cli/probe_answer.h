// How the monitor commands show probes.
#pragma once

#include <string>
#include <vector>

#include "door/cli/command.h"
#include "watch/probes/board.h"
#include "watch/probes/plan.h"

namespace cli {

struct ProbeAnswer {
    bool is_alive = true;
    std::vector<probes::Standing> standings;
    std::vector<probes::BadLine> bad;
    std::string remark;
};
/// kDone when all is well, else kFound.
int give(const Invocation& invocation, const ProbeAnswer& answer);

}  // namespace cli
