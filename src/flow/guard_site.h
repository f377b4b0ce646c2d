// The watching guard: notices within milliseconds when the document root ceases to be what the newest release says, has
// it put right as the settings say, looks again, and tells of each step. Needs the release log, the public keys and the
// placer; neither database nor office. One thread takes what the kernel tells, one judges it, one has it put right, one
// goes over everything slowly at each start, each minute by change times, and each day by bytes; one looks at what
// other writers do in their areas, which is told and never touched; one fetches objects that are damaged here from
// wherever they are whole, so that nothing else waits for a repository far away.
//
// What the press is placing just now is no deviation (guard/release_view.h). While the log itself is not to be relied
// on, the last state that was verified counts.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "flow/others.h"
#include "ground/base/hash.h"
#include "ground/base/time.h"
#include "ground/settings/settings.h"
#include "watch/guard/watcher.h"
#include "watch/signals/rounds.h"
#include "watch/signals/signal.h"

namespace flow {

/// Where an object's bytes may still be: a backup, a public server. `path` is one under which it is public, as the
/// release names it; empty when none is known. Nothing when it has them not.
using ObjectSource = std::function<std::optional<std::string>(const base::Hash&, const std::string& path)>;

struct GuardOptions {
    settings::Settings::Guard settings;
    std::vector<std::pair<std::string, ObjectSource>> sources = {};  ///< by name, in the order in which they are asked
    std::vector<Area> areas = {};                                    ///< of other writers: watched, and told of
    std::chrono::seconds report_areas_after{600};                    ///< from the first change on
    signals::TakeRound round = {};                                   ///< is told of each sweep that went through
    std::optional<guard::Watcher::Means> means = {};  ///< for tests: otherwise the best that the kernel permits
};

class SiteGuard {
  public:
    /// Starts at once. `take` is called on a thread of the guard's; it may throw, and is then asked again a second
    /// later. Throws Error(Conflict) when another guard watches this site.
    SiteGuard(const std::filesystem::path& site, GuardOptions options, const base::Clock& clock, signals::Take take);
    ~SiteGuard();
    SiteGuard(const SiteGuard&) = delete;
    SiteGuard& operator=(const SiteGuard&) = delete;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// "An operator is working": until then, deviations are told and not put right.
struct GuardPause {
    base::Instant since, until;
    std::string reason;
    std::string by;  ///< "system:root"
};
std::optional<GuardPause> find_pause(const std::filesystem::path& site, base::Instant now);
/// At most a day. Throws Error(BadInput) without a reason.
void pause_guard(const std::filesystem::path& site, const GuardPause& pause);
/// False when there was none.
bool resume_guard(const std::filesystem::path& site);

/// The guard's own word about itself (a JSON document, as `guard status --json` shows it), and whether it is running.
struct GuardStatus {
    bool is_running = false;
    std::string document;  ///< empty when no guard has ever run here
};
GuardStatus find_guard_status(const std::filesystem::path& site);

}  // namespace flow
