// Where Alertmanager hands in its alerts: an HTTP listener of the watch's own, on loopback or the monitoring network.
//
//     POST /alertmanager   the webhook of version 4, with "Authorization: Bearer TOKEN"; 2xx says that it is kept
//     GET  /alive          200 while the watch is at work, else 503; for a dead man's switch that asks from outside
#pragma once

#include <memory>
#include <string>

#include "flow/watch_desk.h"

namespace door {

class IntakeServer {
  public:
    /// `desk` must outlive it. Throws Error(BadInput) when no token is set.
    IntakeServer(flow::WatchDesk& desk, const settings::Settings& settings, const base::Clock& clock);
    ~IntakeServer();
    void start();
    std::string url() const;
    void stop();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace door
