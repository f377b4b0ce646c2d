// Contract texts: read with problems at their places, or into a contract that can be judged at any moment.
#include <cstdint>
#include <cstdlib>

#include "office/contract/obligations.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 50'000) return 0;
    const auto read = contract::read({reinterpret_cast<const char*>(data), size});
    for (const auto& problem : read.problems)
        if (problem.line < 1 || problem.column < 1 || problem.message.empty()) std::abort();
    if (!read.is_usable() || read.contract.obligations.size() > 5) return 0;
    const auto at = base::from_local({read.contract.begins + 100});
    const auto all = contract::judge(read.contract, {}, at);
    if (all.size() != read.contract.obligations.size()) std::abort();
    for (const auto& each : all)
        if (each.state == contract::State::Met || !each.evidence.empty())
            std::abort();  // of nothing, nothing is proved
    return 0;
}
