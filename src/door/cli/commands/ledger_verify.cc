#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/site.h"
#include "flow/verify_ledger.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    boost::json::array problems;
    boost::json::object streams;
    std::string prose;
    bool is_whole = true;
    ledger::Report office;
    for (const std::string_view stream : {ledger::kOffice, ledger::kWatch}) {
        const ledger::Report report = flow::verify_ledger(*site, stream);
        for (const ledger::Problem& one : report.problems) {
            problems.push_back({{"stream", stream},
                                {"entry", one.sequence},
                                {"kind", ledger::fault_name(one.fault)},
                                {"message", one.message}});
            prose += fmt::format("{} entry {}: {}\n", stream, one.sequence, one.message);
        }
        prose += report.is_whole()
                     ? fmt::format("{}: {} entries, all as they were written\n", stream, report.entries)
                     : fmt::format("{}: {} entries, {} faults\n", stream, report.entries, report.problems.size());
        streams[stream] = {
            {"entries", report.entries}, {"first", report.first}, {"last", report.last}, {"ok", report.is_whole()}};
        is_whole = is_whole && report.is_whole();
        if (stream == ledger::kOffice) office = report;
    }
    prose.pop_back();
    invocation.answer({{"entries", office.entries},
                       {"first", office.first},
                       {"last", office.last},
                       {"ok", is_whole},
                       {"streams", streams},
                       {"problems", problems}},
                      prose);
    return is_whole ? kDone : kFound;
}

}  // namespace

extern const Command ledger_verify{
    "ledger", "verify", "Check both chains of the ledger, the office's and the watch's", {}, run};

}  // namespace cli
