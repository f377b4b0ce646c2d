// The intrusion detectors of a site at work: access logs, sign-ins, the kernel's counters and Suricata's log, each read
// on from where it stopped; what they tell is handed on, and answered by blocking where the settings say so.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>

#include "flow/site.h"
#include "watch/signals/rounds.h"
#include "watch/signals/signal.h"

namespace flow {

class IntrusionDesk {
  public:
    using Take = std::function<void(std::span<const signals::Signal>)>;
    /// `site` may be null: then sign-ins are not seen. `has_public_server`: this machine writes public.access_log.
    IntrusionDesk(Site* site, const std::filesystem::path& folder, const settings::Settings& settings,
                  bool has_public_server, const base::Clock& clock, Take take, signals::TakeRound round = {});
    ~IntrusionDesk();

    /// For jobs::Loop.
    std::chrono::milliseconds turn();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace flow
