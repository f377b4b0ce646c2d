// Whether a client that calls itself a search engine's crawler is one: its address has a name under the engine's
// domain, and that name has the address (the way that Google, Microsoft and Yahoo! JAPAN describe).
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ground/base/time.h"
#include "ground/people/networks.h"
#include "watch/intrusion/bounded.h"

namespace intrusion {

struct Names {
    std::function<std::optional<std::string>(const people::Address&)> reverse;
    std::function<std::vector<people::Address>(const std::string& name)> forward;
};
/// By the system's resolver; blocks for as long as that does.
Names system_names();

/// Whether a client calls itself a search engine's crawler; anybody may.
bool says_it_is_a_crawler(std::string_view agent);

class Crawlers {
  public:
    static constexpr int kMostInAMinute = 10;
    static constexpr std::chrono::hours kTrusted{24};
    static constexpr std::chrono::minutes kDistrusted{10};  ///< a name server that was away a moment is no proof
    Crawlers(Names names, const base::Clock& clock) : names_(std::move(names)), clock_(clock) {}
    /// Remembers 1,000 addresses for a while. Looks up at most ten in a minute; who comes then is not verified, and is
    /// asked for again the next time. Safe from several threads.
    bool is_verified(const people::Address& address, std::string_view agent);

  private:
    struct Known {
        bool is_one = false;
        std::chrono::nanoseconds until{0};  ///< by the monotonic clock
    };
    bool look_up(const people::Address& address, std::string_view agent) const;
    Names names_;
    const base::Clock& clock_;
    std::mutex mutex_;
    Bounded<Known> known_{1'000};
    std::chrono::nanoseconds minute_{-std::chrono::hours(1)};
    int in_minute_ = 0;
};

}  // namespace intrusion
