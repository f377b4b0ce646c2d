// The public servers, asked from outside: round the clock by the watch, or once by `guard verify --url`. Needs the
// release log, the public keys and the settings; no database.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "flow/guard_site.h"
#include "flow/site.h"
#include "ground/release/follow.h"
#include "watch/guard/outside.h"

namespace flow {

/// As the settings say. Bytes that are not as published pass the content rules, whose findings `tell` gets.
guard::OutsideOptions outside_options(const settings::Settings& settings, const base::Clock& clock,
                                      const signals::Take& tell);

/// A damaged object's bytes as those servers still answer them, for the guard: each by its name, "server URL"; what one
/// gives was hashed. One that cannot be reached is left alone for ten minutes. `clock` must outlive them.
std::vector<std::pair<std::string, ObjectSource>> outside_sources(const settings::Settings& settings,
                                                                  const base::Clock& clock);

class OutsideDesk {
  public:
    using Tell = std::function<void(std::span<const signals::Signal>)>;
    /// Nothing when the settings name no server.
    static std::unique_ptr<OutsideDesk> open(const std::filesystem::path& folder, const settings::Settings& settings,
                                             const base::Clock& clock, Tell tell, signals::TakeRound round = {});
    /// Asks what is due, and says how long to rest.
    std::chrono::milliseconds turn();

  private:
    OutsideDesk(const std::filesystem::path& folder, const settings::Settings& settings, const base::Clock& clock,
                Tell tell, signals::TakeRound round);

    PublicSide side_;
    signals::Take tell_;
    sys::HttpClient client_;
    std::optional<release::Follower> follower_;
    guard::OutsideLook look_;
};

struct OutsideVerified {
    std::int64_t release = 0;
    std::int64_t files = 0;  ///< addresses that were asked and compared
    std::int64_t bytes = 0;  ///< of their bodies in the release
    std::vector<guard::OutsideFinding> findings;
    double seconds = 0;
};
struct VerifyOutsideOptions {
    std::function<void(std::int64_t done, std::int64_t total)> progress;
    std::function<bool()> is_stopped;
    std::chrono::milliseconds second_look{2000};  ///< what differs is asked again after this
};
/// Every page of the newest release as `url` answers it, the important ones in four ways, and paths that do not exist.
/// Four at a time. Throws Error(NotFound) when nothing was ever published, base::Interrupted when it was stopped.
OutsideVerified verify_outside(const std::filesystem::path& folder, const settings::Settings& settings, std::string url,
                               const VerifyOutsideOptions& options, const base::Clock& clock);

}  // namespace flow
