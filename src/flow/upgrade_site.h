// A site comes to a new version of the program, or stays whole at the old one. The databases are copied first; then
// each migration is applied, the result is checked, and the ledger gets its line. Where anything of that fails, the
// copies are put back, so that the program from before works on as if nothing had been. A killed upgrade is taken up by
// the next call at the point that it had reached. The services must be stopped; the package's scripts see to that.
//
// It leaves out objects, releases and keys: their formats carry a version of their own, and no upgrade rewrites them.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "ground/base/error.h"
#include "ground/base/time.h"
#include "ground/sys/database.h"

namespace flow {

struct Upgrade {
    std::string version;  ///< of this program
    std::string by = "system:cli";
    /// For tests of what fails; sys::migrate otherwise.
    std::function<std::vector<std::string>(sys::Database&, std::span<const sys::Migration>)> migrate = sys::migrate;
};

struct Upgraded {
    std::string from;                     ///< the version that was here; empty: before versions were noted
    std::vector<std::string> migrations;  ///< applied now; none: only the program is new
    std::int64_t copied_bytes = 0;
    double seconds = 0;
    bool was_taken_up = false;  ///< an earlier call had been cut off
};

/// The data of before could not be put back: nothing may work on them until `site upgrade` was run again.
class NotPutBack : public base::Error {
  public:
    using base::Error::Error;
};

/// Throws Error(NotFound): no site; Error(Conflict): a service works on it, or another upgrade; Error(Unavailable): no
/// room for the copies; and what made the upgrade fail, with "the data are as they were" in the message, after the
/// copies were put back; NotPutBack when they could not be. The copies of the last upgrade stay in upgrade/ until the
/// next.
Upgraded upgrade_site(const std::filesystem::path& folder, const Upgrade& asked, const base::Clock& clock);

/// Throws Error(Conflict) from the first copy of an upgrade until it has ended, also when it was cut off: what was
/// written meanwhile would be lost when the copies are put back. For everybody who opens the databases to write, once
/// hold_serving's lock is held.
void need_no_upgrade(const std::filesystem::path& site);

}  // namespace flow
