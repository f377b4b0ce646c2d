// One repository at work: opened, made good after a kill, and its rows brought to what it really holds.
#pragma once

#include <string>

#include "flow/backup_site.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"

namespace flow::backing_up {

struct Opened {
    backup::Restic restic;
    backup::Standing standing;
    bool was_asked = false;  ///< the engine, just now; else the snapshots have nothing but their names
};
/// What it is opened for. Only a backup may make one; only who looks wants to know what stands in the snapshots. For
/// the others the engine is not asked where a folder was well when it was last looked at and holds what we have noted.
enum class Purpose { Backup, Prune, Verify, Look };
/// Looks whether it can be used, notes that, removes locks of the dead, and makes rows and snapshots agree. A new one
/// is made only where there never was one: a repository that has gone (a disk that is not mounted) is told, not
/// replaced.
Opened open(const BackupPlace& place, const std::string& repository, const std::string& by, Purpose purpose,
            const std::function<bool()>& is_stopped);
/// After the engine has failed with it: asks what it was not asked before, and notes that.
void note_failure(const BackupPlace& place, const std::string& repository, const Opened& opened);
/// Where the engine fails at the work, what is wrong with the repository is noted.
template <class Work>
auto use(const BackupPlace& place, const std::string& repository, const Opened& opened, const Work& work) {
    try {
        return work();
    } catch (const base::Interrupted&) {
        throw;
    } catch (const base::Error&) {
        note_failure(place, repository, opened);
        throw;
    }
}

/// The files of data that were read back and found whole, of one repository. Losing the note costs a full reading.
class ReadBack {
  public:
    ReadBack(const Folders& folders, const std::string& repository);
    bool is_known(const base::Hash& pack) const;
    bool is_empty() const { return packs_.empty(); }
    void keep(std::vector<base::Hash> whole);

  private:
    std::filesystem::path file_;
    std::vector<base::Hash> packs_;  // sorted
};

}  // namespace flow::backing_up
