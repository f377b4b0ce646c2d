// What should be public just now, and what is on its way there. Follows the release log by the public keys that were
// trusted when the guard first ran, and that releases have introduced since; remembers outside of releases/ how far it
// has seen. A release's record comes before its files, and the head after them: the paths in between are moving, and
// what deviates there is no alarm while the placement goes on.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "flow/site.h"
#include "ground/release/follow.h"
#include "ground/release/head.h"

namespace flow {

/// What the guard keeps for itself: <site>/run/guard.
struct GuardFolder {
    std::filesystem::path folder;
    std::filesystem::path keys() const { return folder / "keys"; }
    std::filesystem::path seen() const { return folder / "seen"; }
    std::filesystem::path lock() const { return folder / "lock"; }
    std::filesystem::path pause() const { return folder / "pause.json"; }
    std::filesystem::path status() const { return folder / "status.json"; }
    std::filesystem::path raised() const { return folder / "raised"; }
};
GuardFolder guard_folder_of(const std::filesystem::path& site);

/// The log's faults, with what this guard has seen. Reads everything since the newest checkpoint, or all.
release::Report verify_log(const std::filesystem::path& site, release::VerifyFrom from);

/// Not for several threads at once.
class ReleaseView {
  public:
    /// Reads the newest manifest. The first time it trusts the keys in keys/ and keeps a copy of them.
    /// Throws Error(Damaged) when the log is not to be relied on, or has gone back behind what was seen.
    ReleaseView(const std::filesystem::path& site, const base::Clock& clock);

    /// Takes in what is new. False when nothing was. Throws Error(Damaged).
    bool follow(release::Follower::Look look);
    const release::Manifest& manifest() const { return follower_->manifest(); }
    std::int64_t number() const { return follower_->number(); }

    /// Drops from the moving paths what the head says is placed.
    void look_at_head();
    bool is_anything_moving() const { return !moving_.empty(); }
    /// Whether placing a release can be why `path` (as deviations name it) is as it is. Says no when nothing has moved
    /// for ten seconds: then the placer has died, and what it left counts.
    bool is_moving(const std::string& path) const;
    /// True when something should be moving and is not.
    bool has_stalled() const;
    /// Something of what is moving was touched: the placement goes on.
    void note_progress(const std::string& path);

    /// Whether something that was touched in releases/ is other than a press at work leaves it.
    bool is_suspicious(const std::filesystem::path& file) const;
    /// What is wrong with keys/: a key that no release has introduced, one that is gone or damaged; empty when nothing.
    std::string find_key_fault() const;
    const Folders& folders() const { return side_.folders; }

  private:
    void note_record(const release::Record& record);
    void learn_keys();
    void keep_key(std::string_view public_key);

    PublicSide side_;
    GuardFolder own_;
    const base::Clock& clock_;
    std::unique_ptr<release::Follower> follower_;
    std::map<std::string, std::int64_t, std::less<>> moving_;  ///< path and the newest release that changes it
    std::map<std::int64_t, base::Hash> read_;                  ///< the newest records that were read
    std::chrono::nanoseconds progress_at_{0};
};

}  // namespace flow
