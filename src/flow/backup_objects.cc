#include "flow/backup_objects.h"

#include <map>
#include <mutex>

#include "flow/backup_site.h"
#include "ground/base/error.h"
#include "ground/sys/crypto.h"
#include "ground/sys/log.h"

namespace flow {

namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 1min;  // with one act of the engine
constexpr auto kLeftAlone = 10min;
constexpr auto kListedFor = 10min;

/// One repository, and its newest backup as it was found last.
struct Shelf {
    std::string repository;
    std::chrono::nanoseconds listed_at{0}, failed_at{0};
    std::string snapshot, objects;  ///< the folder of the objects inside it; empty: none
};

class Shelves {
  public:
    Shelves(const Folders& folders, const settings::Settings& settings, const base::Clock& clock)
        : folders_(folders), settings_(settings), clock_(clock) {
        for (const std::string& repository : settings.backup.repositories) all_.push_back({repository, {}, {}, {}, {}});
    }

    std::optional<std::string> find(const base::Hash& hash) {
        const std::lock_guard lock(mutex_);
        for (Shelf& shelf : all_) {
            const auto now = clock_.monotonic();
            if (shelf.failed_at.count() != 0 && now - shelf.failed_at < kLeftAlone) continue;
            try {
                if (auto bytes = look(shelf, hash)) return bytes;
            } catch (const base::Error& error) {
                if (error.kind() == base::Kind::NotFound) continue;  // newer than the backup
                shelf.failed_at = clock_.monotonic();
                sys::log(sys::Level::Warning, "a backup cannot be asked for an object",
                         {{"repository", shelf.repository}, {"problem", error.message()}});
            }
        }
        return std::nullopt;
    }

  private:
    std::optional<std::string> look(Shelf& shelf, const base::Hash& hash) const {
        backup::Access access = backup_access(settings_, folders_, shelf.repository);
        access.patience = kPatience;
        const backup::Restic restic(access);
        if (shelf.listed_at.count() == 0 || clock_.monotonic() - shelf.listed_at > kListedFor) {
            shelf.snapshot.clear();
            shelf.objects.clear();
            for (const backup::Snapshot& each : restic.list_snapshots())  // in order of time
                for (const std::string& path : each.paths)
                    if (path.ends_with("/objects") && each.tag("site") == settings_.site.id)
                        shelf.snapshot = each.id, shelf.objects = path;
            shelf.listed_at = clock_.monotonic();
        }
        if (shelf.objects.empty()) return std::nullopt;
        const std::string name = hash.hex();
        std::string bytes =
            restic.dump(shelf.snapshot, fmt::format("{}/{}/{}", shelf.objects, name.substr(0, 2), name));
        if (sys::sha256(bytes) != hash) return std::nullopt;
        return bytes;
    }

    Folders folders_;
    settings::Settings settings_;
    const base::Clock& clock_;
    std::mutex mutex_;
    std::vector<Shelf> all_;
};

}  // namespace

ObjectSource backup_source(const Folders& folders, const settings::Settings& settings, const base::Clock& clock) {
    if (!is_backup_configured(settings)) return {};
    return [shelves = std::make_shared<Shelves>(folders, settings, clock)](const base::Hash& hash, const std::string&) {
        return shelves->find(hash);
    };
}

}  // namespace flow
