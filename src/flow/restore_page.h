// Single things out of a backup into today's site: pages come back as drafts that go the usual way to the public, with
// what stands there today kept in the history; files come back as files, and as objects where today's are damaged.
#pragma once

#include "flow/edit_page.h"
#include "flow/restore_site.h"
#include "ground/sys/files.h"
#include "watch/backup/manifest.h"

namespace flow {

/// A backup's words and records, without its objects: those are fetched one by one.
class OpenedBackup {
  public:
    /// `database_url`: of an empty scratch database, for a site on PostgreSQL. Throws as restore_site.
    OpenedBackup(const backup::Restic& repository, const backup::Snapshot& snapshot, const RestoreOptions& options,
                 const base::Clock& clock);
    ~OpenedBackup();
    OpenedBackup(const OpenedBackup&) = delete;
    OpenedBackup& operator=(const OpenedBackup&) = delete;

    Site& site() { return *site_; }
    const backup::Manifest& manifest() const { return manifest_; }
    /// Verified. Throws Error(NotFound), Error(Damaged).
    std::string load_object(const base::Hash& hash) const;

  private:
    const backup::Restic& repository_;
    std::string snapshot_;
    sys::TemporaryFolder scratch_;
    backup::Manifest manifest_;
    std::unique_ptr<Site> site_;
};

enum class Version {
    Latest,  ///< drafts included
    Public   ///< what visitors saw
};

struct PageBack {
    std::string path;  ///< today's, or the old one of a page that is made anew
    enum class What {
        Drafted,  ///< a new draft with the old words
        Made,     ///< the page is gone today, and was made anew as a draft
        Same,     ///< today's latest says the same: nothing was done
        Refused   ///< nothing was done; see `message`
    } what = What::Refused;
    base::PageId page;
    base::RevisionId revision;
    std::string message;          ///< in Japanese; why it was refused, or what to look at
    std::int64_t replaced = 0;    ///< number of today's latest version, which stays in the history
    base::Instant replaced_at;    ///< when that was written
    bool is_newer_today = false;  ///< today's latest was written after the backup
};
std::string_view what_id(PageBack::What what);

/// `path`: as it was then. Throws Error(NotFound) when the backup has no such page.
PageBack restore_page(Site& today, OpenedBackup& then, const std::string& path, Version version, const Doer& doer);
/// Every page of the department, each for itself: one that fails costs itself only. The department is named by its
/// code.
std::vector<PageBack> restore_department(Site& today, OpenedBackup& then, const std::string& code, Version version,
                                         const Doer& doer);

struct FileBack {
    std::string path;
    base::Hash hash;
    std::string bytes;
    bool mended_object = false;  ///< today's store lacked it, or had it damaged
};
/// The public file at `path` (bytes, "kurashi/a.pdf") as of the backup. Today's site may be away (nullptr).
FileBack restore_file(Site* today, OpenedBackup& then, const std::string& path);

}  // namespace flow
