// Whether a client that calls itself a search engine's crawler is one: its address has a name under the engine's
// domain, and that name has the address (the way that Google, Microsoft and Yahoo! JAPAN describe).
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ground/people/networks.h"
#include "watch/intrusion/bounded.h"

namespace intrusion {

struct Names {
    std::function<std::optional<std::string>(const people::Address&)> reverse;
    std::function<std::vector<people::Address>(const std::string& name)> forward;
};
/// By the system's resolver; blocks for as long as that does.
Names system_names();

class Crawlers {
  public:
    explicit Crawlers(Names names) : names_(std::move(names)) {}
    /// Asked once for each address; at most 1,000 are remembered. Safe from several threads.
    bool is_verified(const people::Address& address, std::string_view agent);

  private:
    bool look_up(const people::Address& address, std::string_view agent) const;
    Names names_;
    std::mutex mutex_;
    Bounded<std::optional<bool>> known_{1'000};
};

}  // namespace intrusion
