// The logs of a site, kept by policy: which there are, where they are kept, and the desk of the watch that collects,
// seals and verifies them and makes the archives that people asked for. It needs the settings and watch.db; without the
// office's database only the office's part of the ledger waits.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "flow/site.h"
#include "ground/sys/crypto.h"
#include "watch/log_archive/export.h"
#include "watch/signals/signal.h"

namespace flow {

/// Where the built-in servers and roles write: logs/office.log, logs/system-ROLE.log.
std::filesystem::path office_log_file(const Folders& folders);
std::filesystem::path system_log_file(const Folders& folders, std::string_view role);

/// Every log that is kept. `site` may be null: then what the office's database holds is not among them.
std::vector<log_archive::Series> kept_logs(Site* site, sys::Database& watch, const Folders& folders,
                                           const settings::Settings& settings);
/// Below logs/archive.
log_archive::Place log_place(sys::Database& watch, const Folders& folders, const base::Clock& clock);

/// Makes keys/logs.key when nothing stands there.
void make_log_key(const Folders& folders);
/// The key that signs archives: keys/logs.key, made on the first call. Its public half stands in the ledger.
/// Throws Error(NotAllowed) when this user may not read it, Error(Damaged).
sys::SigningKey load_log_key(const log_archive::Place& place, const Folders& folders);

/// One turn of collecting, for a command, so that what it shows reaches to this moment. False when it could not: the
/// service is at it (then all is there within seconds), or this is another user than the one whose files these are.
bool collect_now(Site* site, sys::Database& watch, const Folders& folders, const settings::Settings& settings,
                 const base::Clock& clock);

class LogDesk {
  public:
    using Tell = std::function<void(std::span<const signals::Signal>)>;
    /// All must outlive it.
    LogDesk(Site* site, sys::Database& watch, const std::filesystem::path& folder, const settings::Settings& settings,
            const base::Clock& clock, Tell tell);
    /// Collects; now and then seals, packs, removes and verifies. Returns how long to rest.
    std::chrono::milliseconds turn(const std::function<bool()>& is_stopped);
    /// Makes one archive that was asked for. On a loop of its own.
    std::chrono::milliseconds make_exports(const std::function<bool()>& is_stopped);

  private:
    struct Told {
        std::optional<bool> is_wrong;
        std::chrono::nanoseconds at{0};
    };
    void tell(std::string_view kind, const std::string& subject, bool is_wrong, std::string text);
    void judge(std::span<const log_archive::Collected> collected);
    void judge(std::span<const log_archive::Fault> faults);
    void forget_others();
    void look_after(std::span<const log_archive::Collected> collected, const std::function<bool()>& is_stopped);

    std::string name_of(const std::string& by) const;

    Site* site_;
    Folders folders_;
    const settings::Settings& settings_;
    const base::Clock& clock_;
    Tell tell_;
    log_archive::Place place_;
    std::vector<log_archive::Series> series_;
    std::map<std::string, std::chrono::nanoseconds> wrong_since_;  ///< of logs that could not be read
    std::map<std::string, Told> told_;                             ///< by kind and subject
    std::optional<std::chrono::nanoseconds> sealed_at_;
    bool has_office_ = false;  ///< without its database, its part of the ledger waits
    bool has_forgotten_ = false;
    bool has_cleaned_ = false;
};

/// Where an archive that was asked for at a screen waits.
std::filesystem::path export_file(const Folders& folders, std::int64_t id);

/// What all archives of this site carry.
void fill_order(log_archive::Order& order, const settings::Settings& settings, const sys::SigningKey& key);

}  // namespace flow
