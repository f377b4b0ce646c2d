// One repository at work: opened, made good after a kill, and its rows brought to what it really holds.
#pragma once

#include <string>

#include "flow/backup_site.h"

namespace flow::backing_up {

struct Opened {
    backup::Restic restic;
    backup::Standing standing;
};
/// Looks whether it can be used, notes that, removes locks of the dead, and makes rows and snapshots agree. A new one
/// is made only where there never was one: a repository that has gone (a disk that is not mounted) is told, not
/// replaced. Only where `may_make`.
Opened open(const BackupPlace& place, const std::string& repository, const std::string& by, bool may_make,
            const std::function<bool()>& is_stopped);

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
