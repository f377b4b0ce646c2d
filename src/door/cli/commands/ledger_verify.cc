#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/site.h"
#include "flow/verify_ledger.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const ledger::Report report = flow::verify_ledger(*site, ledger::kOffice);
    boost::json::array problems;
    std::string prose;
    for (const ledger::Problem& one : report.problems) {
        problems.push_back(
            {{"entry", one.sequence}, {"kind", ledger::fault_name(one.fault)}, {"message", one.message}});
        prose += fmt::format("entry {}: {}\n", one.sequence, one.message);
    }
    prose += report.is_whole() ? fmt::format("{} entries, all as they were written", report.entries)
                               : fmt::format("{} entries, {} faults", report.entries, problems.size());
    invocation.answer({{"entries", report.entries},
                       {"first", report.first},
                       {"last", report.last},
                       {"ok", report.is_whole()},
                       {"problems", problems}},
                      prose);
    return report.is_whole() ? kDone : kFound;
}

}  // namespace

extern const Command ledger_verify{"ledger", "verify", "Check the chains of the ledger", {}, run};

}  // namespace cli
