// What the kernel itself knows of attacks: connections that it had to drop or to answer with SYN cookies, half-open
// ones, one address that holds very many (slow clients, who need not even send a request), and this machine calling
// very many others, as worms do. From /proc/net, read every few seconds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ground/people/networks.h"
#include "watch/intrusion/bounded.h"
#include "watch/signals/signal.h"

namespace intrusion {

/// TcpExt of /proc/net/netstat, by name. Empty when there is no such part.
std::map<std::string, std::uint64_t> read_tcp_counters(std::string_view netstat);

struct KernelLimits {
    double drops = 20;    ///< between two looks
    double cookies = 20;  ///< likewise
    std::size_t half_open = 256;
    std::size_t from_address = 100;  ///< connections of one address to our listening ports
    std::size_t new_targets = 60;    ///< different ones within a minute
};

class KernelWatch {
  public:
    /// `allowed`: never judged as clients nor as targets.
    KernelWatch(KernelLimits limits, std::vector<people::Network> allowed, std::filesystem::path proc,
                signals::Take take);

    /// One look. Raises what is wrong and clears what was and is no more. What cannot be read raises "no data".
    void look(base::Instant now);

  private:
    void judge(std::string_view kind, const std::string& subject, bool is_wrong, signals::Severity severity,
               std::string text, double figure, base::Instant now);
    void judge_counters(base::Instant now);
    void judge_connections(base::Instant now);

    KernelLimits limits_;
    std::vector<people::Network> allowed_;
    std::filesystem::path proc_;
    signals::Take take_;
    std::optional<std::map<std::string, std::uint64_t>> before_;
    std::set<std::pair<std::string, std::string>> raised_;  ///< kind and subject
    Bounded<base::Instant> targets_{10'000};                ///< when each was first called lately
    std::vector<base::Instant> new_targets_;                ///< of the last minute
    std::string caller_;  ///< who makes them, looked for once when that began; a sentence
};

}  // namespace intrusion
