#include "flow/open_failures.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "press/workflow/store.h"

namespace flow {

std::vector<publish::Receipt> list_open_failures(sys::Reader& db, int limit) {
    constexpr int kMostSources = 1000;
    std::set<std::string> failing;
    for (const publish::FailedSource& each : publish::list_failed_sources(db, kMostSources))
        failing.insert(each.source);
    std::vector<publish::Receipt> open = publish::list_open_failed(db, limit);
    std::erase_if(open, [&](const publish::Receipt& receipt) {
        if (receipt.release != 0) return false;  // it was sealed: the public server answers with something else
        if (!receipt.page) return failing.empty();
        if (failing.contains(fmt::format("page:{}", receipt.page.value))) return false;
        const workflow::Standing standing = workflow::find_standing(db, receipt.page);
        const bool is_wanted = standing.state == workflow::State::Approved && !standing.problem.empty();
        return !is_wanted;
    });
    return open;
}

}  // namespace flow
