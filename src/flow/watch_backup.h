// Backups without anybody thinking of them: makes what is due, reads it back, prunes, and tells what is wrong. Part of
// the watch, so it goes on while the office is down; it needs the settings, the files and watch.db (and the PostgreSQL
// server, where the site has one).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "flow/backup_site.h"
#include "flow/drill_backup.h"
#include "watch/probes/probe.h"
#include "watch/signals/signal.h"

namespace flow {

class BackupDesk {
  public:
    using Tell = std::function<void(std::span<const signals::Signal>)>;
    /// All must outlive it. Where no backup is set up, it says so.
    static std::unique_ptr<BackupDesk> open(const std::filesystem::path& folder, const settings::Settings& settings,
                                            const base::Clock& clock, sys::Database& watch, std::string program,
                                            Tell tell);
    /// Does what is due, and says how long to rest. `is_stopped` ends the work at a safe point.
    std::chrono::milliseconds turn(const std::function<bool()>& is_stopped);

  private:
    BackupDesk(const std::filesystem::path& folder, const settings::Settings& settings, const base::Clock& clock,
               sys::Database& watch, std::string program, Tell tell);
    BackupPlace place() const;
    signals::Signal judge_set_up() const;
    void make_due(const std::function<bool()>& is_stopped);
    void verify_due(const std::function<bool()>& is_stopped);

    Folders folders_;
    const settings::Settings& settings_;
    const base::Clock& clock_;
    sys::Database& watch_;
    std::string program_;
    Tell tell_;
    backup::Policy policy_;
    std::map<std::string, base::Instant> tried_;  ///< readings that could not be made
    DrillDuty drills_;
    bool is_told_ = false;  ///< that this is a restored site beside another
};

/// For the probe: the newest data backup that was read back, and what is wrong. `watch`: null while there is none.
probes::Duties::Backup backup_duty(const settings::Settings& settings, sys::Database* watch);

}  // namespace flow
