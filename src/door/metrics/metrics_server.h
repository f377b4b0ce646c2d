// Serves /metrics from the board: to this machine, or to whoever shows the token. An address beyond this machine
// without a token is refused at the start.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "ground/base/time.h"
#include "ground/settings/settings.h"

namespace door {

class MetricsServer {
  public:
    /// Throws Error(BadInput): monitor.metrics_address is no loopback address, and there is no token.
    MetricsServer(const std::filesystem::path& site, const settings::Settings& settings, const base::Clock& clock);
    ~MetricsServer();
    /// Throws Error(Unavailable) when the address cannot be had.
    void start();
    std::string url() const;
    void stop();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace door
