// Keeps attackers out for a while, by sets of nftables whose entries end by themselves. Off by default; a dry run says
// whom it would keep out. The town hall, other allowed networks and trusted proxies can never get in, however they are
// named, nor can this machine's own addresses, its gateways and its name servers: an attacker may send in their name to
// have us cut ourselves off; and no more than a bounded number in a minute, so that a forged flood does not turn the
// wall against everybody.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "ground/base/error.h"
#include "ground/base/time.h"
#include "ground/people/networks.h"
#include "watch/signals/signal.h"

namespace intrusion {

enum class Blocking { Off, DryRun, On };
/// "off", "dry-run", "on"; anything else is off.
Blocking find_blocking(std::string_view id);

/// Whether a signal is of the kind that blocking answers, and about one address. Suricata's worst two severities, and
/// floods, scans, attacks, slow clients and guessing; never a kind that proves nothing (bursts of errors).
bool is_worth_blocking(const signals::Signal& signal);

class Blocker {
  public:
    struct Options {
        Blocking mode = Blocking::Off;
        std::chrono::seconds span{3600};
        std::vector<people::Network> never;  ///< beside whom this machine cannot do without
        std::string program = "nft";
        std::string table = "yakuba";
        int most_per_minute = 30;
        std::function<std::vector<people::Address>()> indispensable = {};  ///< empty: as the machine says
    };
    Blocker(Options options, signals::Take take);

    /// Answers a signal, if it is to be answered, and tells of it (Info). What nft refuses is told as an anomaly.
    void see(const signals::Signal& signal, base::Instant now);
    /// Those who are kept out now, as nft says. Throws Error(Unavailable).
    std::vector<std::string> list() const;
    /// Lets everybody in again: the table goes. Throws Error(Unavailable).
    void clear() const;

  private:
    void run_script(const std::string& script) const;
    void prepare();
    void tell_unavailable(const people::Address& address, const base::Error& error, base::Instant now) const;

    Options options_;
    signals::Take take_;
    bool is_prepared_ = false;
    base::Instant minute_;
    int in_minute_ = 0;
};

/// What nft is told to make: the table, two sets and a chain before everything else. Safe to run again.
std::string table_script(std::string_view table);

}  // namespace intrusion
