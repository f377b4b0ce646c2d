// The contract of a site against its ledger: contract.toml in the site's folder, both streams read for the acts that
// obligations name and no others, and each obligation judged at a moment.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "flow/site.h"
#include "ground/ledger/line.h"
#include "office/contract/obligations.h"

namespace flow {

std::filesystem::path contract_file(const Folders& folders);
/// Nothing while there is no file. Holidays are the settings'.
std::optional<contract::Read> find_contract(const Folders& folders, const settings::Settings& settings);
/// Throws Error(NotFound) that names `contract init`, Error(BadInput) with every fault and its line.
contract::Contract load_contract(const Folders& folders, const settings::Settings& settings);

/// Writes a sample to contract.toml. Throws Error(Conflict) when there is one, Error(NotFound): no such sample.
std::filesystem::path write_sample_contract(const Folders& folders, std::string_view sample);

/// A line of the ledger as the contract's engine sees it: its detail's texts, numbers and lists as named values.
contract::Line contract_line(const ledger::Line& found);

/// The lines that prove and ask for something, by time.
struct ContractLines {
    std::vector<contract::Line> lines;
    std::vector<std::string> cut;  ///< acts of which there are more than kMostOfAct: the oldest were left out
};
constexpr int kMostOfAct = 20'000;
/// `office` or `watch` may be null: then nothing of it is there. What was written after `at` is left out.
ContractLines gather_contract_lines(const contract::Contract& contract, sys::Database* office, sys::Database* watch,
                                    base::Instant at);

/// What the engine says, with what it borrows from.
struct ContractStatus {
    std::shared_ptr<const contract::Contract> contract;  ///< shared with whoever asks in the same minute
    std::vector<std::string> cut;                        ///< as in ContractLines
    base::Instant at;
    std::shared_ptr<const std::vector<contract::Judged>> judged;  ///< shared likewise
    std::span<const contract::Judged> obligations;                ///< all of `judged`
    bool has_late() const;
};
/// What is asked again and again costs no more after years: the process remembers the lines that it has read, and its
/// answer until something is written, a moment that counts goes by, or a minute. Throws what load_contract throws.
ContractStatus judge_contract(Site& site, base::Instant at);
/// What is due from `from` until before `to`, as it stands now.
std::vector<contract::DueItem> list_contract_due(Site& site, const contract::Contract& contract, base::Instant from,
                                                 base::Instant to);

/// What people enter where no act of the program proves it.
struct ContractRecord {
    std::string obligation;
    std::string what;                                         ///< "done", "event" or "cancelled"
    std::string subject;                                      ///< "incident:9"; empty: the obligation itself
    std::string note;                                         ///< what it is and where it is kept; never empty
    std::vector<std::pair<std::string, std::string>> fields;  ///< "starts_at", "month", ...
};
/// One line of the ledger. Throws Error(NotFound): no such obligation, Error(BadInput).
void record_for_contract(Site& site, const ContractRecord& record, std::string_view by);

}  // namespace flow
