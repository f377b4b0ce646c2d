// From approved words to pages that visitors can read. Costs what the change touches. The commit point is the
// transaction that adds the signed release; what comes after it (log, placement) is finished by the next start if this
// one dies.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "flow/place_release.h"
#include "flow/site.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "press/delivery/placer.h"

namespace flow {

struct Published {
    std::int64_t release = 0;  ///< the newest release afterwards; 0 = nothing was ever published
    std::int64_t written = 0;
    std::int64_t deleted = 0;
    std::int64_t unchanged = 0;  ///< outputs that were rendered and came out the same
    std::int64_t pages = 0;      ///< pages that were rendered
    std::int64_t failed = 0;     ///< sources that could not be rendered; their old pages stay
    std::int64_t unplaced = 0;   ///< paths whose object is missing or damaged; what stood there stays
    double seconds = 0;
    bool was_handed_over = false;  ///< a running service did the work
};

struct PublishOptions {
    bool is_full = false;  ///< render everything again
    std::function<void(std::int64_t done, std::int64_t total)> progress;
    std::string by = "system:cli";
};

/// The press: at most one per site at a time. Holds the signing key.
class Press {
  public:
    /// Nothing when another press works on this site.
    static std::unique_ptr<Press> find(Site& site);

    /// Finishes what an earlier press committed but did not place, and tries again what could not be placed for want of
    /// its object. Returns the number of releases. Throws Error(Damaged) when the release log is newer than the
    /// database: then an old database was put back, and a release from it would take a number a second time. One that
    /// `backup restore` has put back says so itself: its first release is a `restored` record above all numbers seen.
    int finish_interrupted();
    /// Renders and publishes what is due, until nothing is. Throws what stops the work; what was committed stays.
    Published publish(const PublishOptions& options);
    /// Signs "release N is the newest, now".
    void renew_head();
    /// Makes a new signing key and hands over to it by a release that both keys sign. Returns its number.
    std::int64_t rekey(const std::string& by);

  private:
    Press(Site& site, sys::FileLock lock, std::unique_ptr<sys::NamedLock> fence);
    bool publish_once(const PublishOptions& options, Published& sum);
    delivery::Placement bring_out(std::int64_t number);
    void refuse_older_database();
    void seal_what_is_owed();
    void repair_unplaced();
    void adopt_key(const release::Record& rekey);
    void write_checkpoint();

    Site& site_;
    PublicSide public_side_;
    sys::FileLock lock_;
    std::unique_ptr<sys::NamedLock> fence_;
    std::unique_ptr<sys::SigningKey> key_;
    int looks_again_ = 0;  ///< how often in a row a batch was set aside for what came meanwhile
};

/// Publishes what is due, itself or by the press that is running (then it waits for it, at most ten minutes).
Published publish_site(Site& site, const PublishOptions& options);

}  // namespace flow
