// The role "watch": the desk that takes signals in, the probes, those who tell people, the sign of life, and the
// listeners for Alertmanager and Prometheus, each a loop of its own, so that a slow receiver or a hanging probe costs
// only itself.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "flow/site.h"
#include "flow/watch_probes.h"
#include "watch/signals/rounds.h"
#include "watch/signals/signal.h"

namespace cli {

class WatchRole {
  public:
    /// `site` may be null: when the office's database cannot be opened, the watch works on without it. All must outlive
    /// the role.
    WatchRole(flow::Site* site, const std::filesystem::path& folder, const settings::Settings& settings,
              const flow::Served& served, const base::Clock& clock);
    ~WatchRole();

    /// For the guard and other detectors: throws while a signal cannot be kept, and it is to be given again.
    signals::Take take();
    signals::TakeRound round();
    /// Of the listener; nothing when there is none.
    std::optional<std::string> intake_url() const;
    std::optional<std::string> metrics_url() const;
    void ask_to_stop();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace cli
