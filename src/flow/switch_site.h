// Puts a restored site in the place of the one that is there, in one step, with a way back: the two folders change
// places (RENAME_EXCHANGE), so at every moment the site's path leads to a whole site. What comes in is proved able to
// work before; afterwards it carries on with the repositories that stood in the other's folder, and with a release
// number above all that either has used. The service has to be stopped: what a running one writes would go to the
// folder that has left.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "flow/site.h"
#include "ground/sys/files.h"

namespace flow {

struct Switched {
    std::filesystem::path site;   ///< the path that is served
    std::filesystem::path other;  ///< where the one that stood there stands now
    std::int64_t release = 0;     ///< the newest of what is there now
    std::int64_t next_release = 0;
};

/// Throws Error(Conflict) while either is served or published from, or when they are of different sites;
/// Error(NotFound) when one is no site directory or has no press key; Error(Unavailable) across file systems.
Switched switch_site(const std::filesystem::path& site, const std::filesystem::path& restored, const std::string& by,
                     const base::Clock& clock);
/// The one before comes back. Throws Error(NotFound) when the site was never switched.
Switched switch_back(const std::filesystem::path& site, const std::string& by, const base::Clock& clock);
/// What a switch that was cut off after its one step left undone. To be called before a site is served. True when there
/// was something.
bool finish_switch(const std::filesystem::path& site, const base::Clock& clock);

/// Held by whoever serves the site, by role; several may serve one role. Nothing when the folder cannot be written.
/// Throws Error(Conflict) when somebody has the site alone for longer than `patience`.
std::optional<sys::FileLock> hold_serving(const std::filesystem::path& site, std::string_view role,
                                          std::chrono::milliseconds patience = std::chrono::seconds(10));

/// The locks of everybody who serves the site or publishes from it; whoever holds them has it alone, and nobody begins
/// meanwhile. Throws Error(Conflict) while somebody does.
std::vector<sys::FileLock> hold_alone(const std::filesystem::path& site);

}  // namespace flow
