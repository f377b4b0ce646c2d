// Puts right what deviates; also the confirmation that `guard.repair = "after-confirmation"` waits for. Works while
// office, press and database are down: then the ledger has no line of it, the quarantine has.
#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "flow/heal_tree.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace cli {

namespace {

using Outcome = delivery::Healed::Outcome;

void record(const Invocation& invocation, const flow::Cure& cure) {
    try {
        const auto site = flow::Site::open(invocation.site(), invocation.clock());
        flow::record_heal(*site, cure, "", by_shell(invocation));
    } catch (const base::Error& error) {
        invocation.say(fmt::format("the ledger has no line of it: {}", error.message()));
    }
}

int run(const Invocation& invocation) {
    Progress progress("verifying", invocation.clock());
    guard::CompareOptions options;
    options.progress = [&](std::int64_t done, std::int64_t total) { progress.update(done, total); };
    options.is_stopped = is_interrupted;
    flow::Cure cure;
    try {
        flow::heal_site(invocation.site(), options, invocation.clock(), cure);
    } catch (...) {  // what was put right until then is in the ledger all the same
        if (!cure.healed.empty()) record(invocation, cure);
        throw;
    }
    boost::json::array healed, quarantined, left, log;
    std::string prose;
    for (const delivery::Healed& one : cure.healed) {
        const std::string path = base::percent_encode(one.path);
        if (one.outcome == Outcome::Put || one.outcome == Outcome::Removed) {
            healed.push_back({{"path", path}, {"act", one.outcome == Outcome::Put ? "put" : "removed"}});
            prose += fmt::format("{}: {}\n", one.outcome == Outcome::Put ? "put right" : "removed",
                                 base::to_valid_utf8(one.path));
        }
        if (!one.evidence.empty()) quarantined.push_back({{"path", path}, {"folder", "quarantine/" + one.evidence}});
        if (one.outcome == Outcome::Left || one.outcome == Outcome::NoObject) {
            left.push_back({{"path", path}, {"problem", one.problem}});
            prose += fmt::format("not put right: {} ({})\n", base::to_valid_utf8(one.path), one.problem);
        }
    }
    for (const release::Problem& one : cure.after.log_problems) {
        log.push_back({{"release", one.number}, {"kind", release::fault_name(one.fault)}, {"message", one.message}});
        prose += fmt::format("release log: {}\n", one.message);
    }
    if (!cure.healed.empty()) record(invocation, cure);
    prose += cure.is_well() ? fmt::format("release {}: {} put right, all {} files are as approved", cure.after.release,
                                          healed.size(), cure.after.tree.files)
                            : fmt::format("release {}: {} put right, {} deviations are left", cure.after.release,
                                          healed.size(), cure.after.tree.deviations.size());
    invocation.answer({{"release", cure.after.release},
                       {"healed", healed},
                       {"quarantined", quarantined},
                       {"left", left},
                       {"deviations", cure.after.tree.deviations.size()},
                       {"log", log}},
                      prose);
    return cure.is_well() ? kDone : kFound;
}

}  // namespace

extern const Command guard_heal{
    "guard", "heal", "Put right what deviates from the newest release, keeping the evidence", {}, run};

}  // namespace cli
