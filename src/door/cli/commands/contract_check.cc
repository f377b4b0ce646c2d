#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/contract_status.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/acts.h"

namespace cli {

namespace {

/// Where the first obligation that waits for the act begins.
int line_of(const contract::Contract& contract, std::string_view act) {
    for (const contract::Obligation& each : contract.obligations)
        for (const auto* patterns : {&each.evidence, &each.event, &each.cancelled, &each.unless, &each.proved,
                                     &each.removed, &each.broken, &each.mended})
            for (const contract::Pattern& pattern : *patterns)
                if (pattern.act == act) return each.line;
    return 0;
}

/// " (did you mean stop.plan?)" for stop.pln.
std::string alike(std::string_view act) {
    std::vector<std::string_view> known;
    for (const ledger::Act& each : ledger::all_acts()) known.push_back(each.id);
    const auto meant = base::find_nearest(act, known);
    return meant ? fmt::format(" (did you mean {}?)", *meant) : std::string();
}

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
    for (const std::string& act : acts)
        prose +=
            fmt::format("{}: line {}: no part of this version writes {}{}; enter it with `yakuba contract record`\n",
                        file.string(), line_of(read->contract, act), act, alike(act));
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
