#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/verify_site.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    Progress progress("verifying", invocation.clock());
    guard::CompareOptions options;
    options.progress = [&](std::int64_t done, std::int64_t total) { progress.update(done, total); };
    options.is_stopped = is_interrupted;
    const flow::Verified result = flow::verify_site(invocation.site(), options, invocation.clock());
    boost::json::array deviations;
    std::string prose;
    for (const guard::Deviation& one : result.tree.deviations) {
        deviations.push_back({{"path", base::percent_encode(one.path)},
                              {"kind", guard::deviance_name(one.kind)},
                              {"detail", one.detail}});
        prose +=
            fmt::format("{}: {} ({})\n", guard::deviance_name(one.kind), base::to_valid_utf8(one.path), one.detail);
    }
    boost::json::array log;
    for (const release::Problem& one : result.log_problems) {
        log.push_back({{"release", one.number}, {"kind", release::fault_name(one.fault)}, {"message", one.message}});
        prose += fmt::format("release log: {}\n", one.message);
    }
    prose += result.is_well() ? fmt::format("release {}: all {} files are as approved ({} bytes in {:.2f} s)",
                                            result.release, result.tree.files, result.tree.bytes, result.seconds)
                              : fmt::format("release {}: {} deviations, {} faults of the release log", result.release,
                                            deviations.size(), log.size());
    invocation.answer({{"release", result.release},
                       {"files", result.tree.files},
                       {"bytes", result.tree.bytes},
                       {"seconds", result.seconds},
                       {"deviations", deviations},
                       {"log", log}},
                      prose);
    return result.is_well() ? kDone : kFound;
}

}  // namespace

extern const Command guard_verify{"guard", "verify", "Compare the public tree with the newest release", {}, run};

}  // namespace cli
