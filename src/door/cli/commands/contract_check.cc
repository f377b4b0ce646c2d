#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/contract_status.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/acts.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const flow::Folders folders = flow::folders_of(std::filesystem::absolute(invocation.site()));
    const auto file = flow::contract_file(folders);
    const auto read = flow::find_contract(folders, settings::load(folders.site / "yakuba.toml"));
    if (!read)
        throw base::Error(base::Kind::NotFound,
                          fmt::format("{} is not there: `yakuba contract init` writes a sample", file.string()));
    boost::json::array problems, by_hand;
    std::vector<std::string> acts;
    for (const contract::Problem& each : read->problems)
        problems.push_back(
            {{"line", each.line}, {"column", each.column}, {"warning", each.is_warning}, {"message", each.message}});
    std::string prose = contract::problems_text(read->problems, file.string());
    if (!prose.empty()) prose += "\n";
    for (const contract::Wanted& each : contract::acts_wanted(read->contract)) {
        if (each.act.ends_with(".*") || ledger::is_known_act(each.act)) continue;
        by_hand.emplace_back(each.act);
        acts.push_back(each.act);
    }
    if (!acts.empty())
        prose +=
            fmt::format("no part of this version writes these acts; enter them with `yakuba contract record`: {}\n",
                        base::join(acts, ", "));
    prose += read->is_usable() ? fmt::format("{} clauses and {} obligations; the contract can be used",
                                             read->contract.clauses.size(), read->contract.obligations.size())
                               : "the contract cannot be used before this is mended";
    invocation.answer({{"ok", read->is_usable()},
                       {"clauses", read->contract.clauses.size()},
                       {"obligations", read->contract.obligations.size()},
                       {"problems", std::move(problems)},
                       {"by_hand", std::move(by_hand)}},
                      prose);
    return read->is_usable() ? kDone : kFound;
}

}  // namespace

extern const Command contract_check{
    "contract", "check", "Read contract.toml and name every fault and its line", {}, run};

}  // namespace cli
