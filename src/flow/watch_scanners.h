// The virus scanners, looked after by the watch: does each run, how old are its signatures, what has the city's own
// product recorded, and, where the settings ask for it, the sweep over every stored and public file.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "flow/site.h"
#include "watch/antivirus/clamd.h"
#include "watch/antivirus/product.h"
#include "watch/signals/rounds.h"

namespace flow {

class ScannerDesk {
  public:
    using Tell = std::function<void(std::span<const signals::Signal>)>;
    /// Nothing when the settings name no scanner.
    static std::unique_ptr<ScannerDesk> open(const std::filesystem::path& folder, const settings::Settings& settings,
                                             const base::Clock& clock, Tell tell, signals::TakeRound round = {});
    /// Does what is due, and says how long to rest. A sweep takes at most five minutes of one turn.
    std::chrono::milliseconds turn(const std::function<bool()>& is_stopped);

  private:
    ScannerDesk(const std::filesystem::path& folder, const settings::Settings& settings, const base::Clock& clock,
                Tell tell, signals::TakeRound round);
    void check_engines();
    void read_log();
    void sweep(const std::function<bool()>& is_stopped);

    Folders folders_;
    const settings::Settings& settings_;
    const base::Clock& clock_;
    Tell tell_;
    signals::TakeRound round_;
    std::optional<antivirus::Clamd> clamd_;
    antivirus::ProductFiles product_;
    base::Instant product_due_;
};

}  // namespace flow
