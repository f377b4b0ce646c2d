// What people asked of the backups at a screen, done: a backup, a reading back, a drill; and restores, which are looked
// at first, shown, and done once somebody has confirmed them. Part of the watch, on a loop of its own, so that nobody
// waits for the night's backup to see what a restore would bring; where two would be in each other's way, the later one
// waits.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "flow/backup_site.h"
#include "ground/ledger/store.h"
#include "watch/backup/requests.h"

namespace flow {

/// Whether a backup may be made now; nothing when it may, else from when on. What is done all the same for a `reason`,
/// and what is refused without one, is recorded.
std::optional<base::Instant> check_backup_hours(const BackupPlace& place, backup::Kind kind,
                                                const std::vector<std::string>& repositories, const std::string& reason,
                                                const std::string& by);

/// The same for whoever writes down more with it: the override within `tx`; nothing when it may be made now.
void note_backup_override(sys::Transaction& tx, const BackupPlace& place, backup::Kind kind,
                          const std::vector<std::string>& repositories, const std::string& reason,
                          const std::string& by);

class BackupAnswers {
  public:
    using Tell = std::function<void(std::span<const signals::Signal>)>;
    /// All must outlive it. `site` may be null (the office's database is away): then pages cannot come back into it.
    BackupAnswers(Site* site, const std::filesystem::path& folder, const settings::Settings& settings,
                  const base::Clock& clock, sys::Database& watch, std::string program, Tell tell);
    /// Does what was asked first, and says how long to rest.
    std::chrono::milliseconds turn(const std::function<bool()>& is_stopped);

  private:
    struct Answer {
        std::string result, problem;
    };
    BackupPlace place() const;
    backup::Restic open(const backup::Request& request, const std::function<bool()>& is_stopped) const;
    std::vector<std::string> repositories_of(const backup::Request& request) const;
    std::string look(const backup::Request& request, const std::function<bool()>& is_stopped) const;
    Answer answer(const backup::Request& request, const std::function<bool()>& is_stopped);
    Answer back_up(const backup::Request& request, const std::function<bool()>& is_stopped);
    Answer verify(const backup::Request& request, const std::function<bool()>& is_stopped);
    Answer drill(const backup::Request& request, const std::function<bool()>& is_stopped);
    Answer bring_pages(const backup::Request& request, const std::function<bool()>& is_stopped);
    Answer bring_file(const backup::Request& request, const std::function<bool()>& is_stopped);
    Answer bring_site(const backup::Request& request, const std::function<bool()>& is_stopped);
    void record_restore(const ledger::Entry& entry);
    void tidy();
    void note(const backup::Request& request, std::string_view phase);

    Site* site_;
    Folders folders_;
    const settings::Settings& settings_;
    const base::Clock& clock_;
    sys::Database& watch_;
    std::string program_;
    Tell tell_;
    bool has_begun_ = false;
    std::optional<std::chrono::nanoseconds> tidied_at_;
};

/// Where a file that was taken out of a backup waits to be fetched.
std::filesystem::path taken_out_file(const Folders& folders, std::int64_t request);
/// Where a whole site that was asked for at that moment is restored to: beside the one that runs.
std::filesystem::path beside_folder(const Folders& folders, base::Instant asked_at);

}  // namespace flow
