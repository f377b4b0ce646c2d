// Judges who sends requests, by the lines of access logs: too many from one address or network, bursts of errors, the
// trying of paths, attacks known by their looks, and answers that were drawn out. By the lines' own times, so that a
// log that is read late, or twice as fast, is judged alike. Never judged: this machine, the town hall and other allowed
// networks, trusted proxies (behind whom many people stand), crawlers that have shown who they are, and answers by
// which we ourselves turned somebody away.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "ground/people/networks.h"
#include "watch/intrusion/bounded.h"
#include "watch/logs/access_line.h"
#include "watch/signals/signal.h"

namespace intrusion {

struct AccessLimits {
    double requests_per_minute = 1200;  ///< of one address
    double network_factor = 4;          ///< of one network (/24, /64), against one address
    double errors_per_minute = 60;      ///< of one address, when they are also more than half of its requests
    std::size_t missing_paths = 30;     ///< different ones, in two minutes
    double attacks = 5;                 ///< known attacks in ten minutes
    double slow_answers = 20;           ///< that took above half a minute, in ten minutes
    std::size_t addresses = 20'000;     ///< that are remembered
    int signals_per_minute = 60;        ///< beyond it one signal stands for the rest
};

struct Allowed {
    std::vector<people::Network> networks;  ///< the town hall and others
    std::vector<people::Network> proxies;   ///< trusted ones
    /// Whether a client that says it is a crawler is one; asked only when it would be told of. May be slow.
    std::function<bool(const people::Address& address, std::string_view agent)> is_verified_crawler;
};

class AccessWatch {
  public:
    /// With a clock, a line that is dated far ahead of it is taken for one of now.
    AccessWatch(AccessLimits limits, Allowed allowed, signals::Take take, const base::Clock* clock = nullptr);
    ~AccessWatch();

    void see(const logs::Access& access);
    /// Of all lines: those that were judged, and those that were left alone.
    struct Numbers {
        std::uint64_t judged = 0, left_alone = 0, unreadable = 0, addresses = 0;
    };
    Numbers numbers() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
    const base::Clock* clock_;
};

/// "192.0.2.0/24", "2001:db8:1:2::/64".
std::string network_of(const people::Address& address);
/// This machine, or one of `networks`.
bool is_exempt(const people::Address& address, const std::vector<people::Network>& networks);

}  // namespace intrusion
