// The contract's time, watched: every ten minutes each obligation is judged; what has used 50, 75 or 90 per cent of its
// time, or is late, is written into the ledger once, and from 75 per cent on it is a signal until it is met. Only where
// there is a contract.toml. A desk of the watch.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>

#include "flow/contract_status.h"
#include "watch/signals/signal.h"

namespace flow {

class ContractDesk {
  public:
    using Tell = std::function<void(std::span<const signals::Signal>)>;
    /// All must outlive it. `site` may be null: then the office's part of the ledger cannot be read, which is told, and
    /// nothing is judged.
    ContractDesk(Site* site, sys::Database& watch, const std::filesystem::path& folder,
                 const settings::Settings& settings, const base::Clock& clock, Tell tell);
    /// Judges, records and tells. Returns how long to rest.
    std::chrono::milliseconds turn();

  private:
    void begin();
    /// Returns the acts of which there is more than can be read.
    std::vector<std::string> judge(const contract::Contract& contract, std::vector<signals::Signal>& to);
    void record(const contract::Judged& judged);
    void tell(std::vector<signals::Signal> found);
    signals::Signal plain(std::string_view kind, std::string subject, bool is_wrong, std::string text) const;

    Site* site_;
    sys::Database& watch_;
    Folders folders_;
    const settings::Settings& settings_;
    const base::Clock& clock_;
    Tell tell_;
    std::optional<std::set<std::string>> recorded_;  ///< obligation, item, due and step; read once
    std::map<std::string, std::string> told_;        ///< what was told last of kind and subject
    std::optional<std::chrono::nanoseconds> told_at_;
    bool was_there_ = false, has_begun_ = false;
};

}  // namespace flow
