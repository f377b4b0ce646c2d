// The engine: restic, driven as a program (0.14 and later). It is never believed by its exit status alone: a backup
// counts when it says which snapshot it made, a check when it says that it read the data and found nothing. Its
// password and the storage's keys go by file and environment, never by argument; it runs at the lowest priority, ends
// with us, and can be asked to stop at a safe point.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/hash.h"
#include "ground/base/time.h"

namespace backup {

/// How one repository is reached.
struct Access {
    std::string repository;                                     ///< as restic takes it: a folder, "sftp:...", "s3:..."
    std::filesystem::path password_file;                        ///< mode 0600
    std::map<std::string, std::string> environment;             ///< the storage's keys
    std::filesystem::path cache;                                ///< folder of the engine's cache; empty: none
    std::int64_t upload_kilobytes = 0;                          ///< a second; 0: no limit
    std::chrono::milliseconds patience{std::chrono::hours(6)};  ///< for one act
    std::chrono::milliseconds restore_patience{std::chrono::hours(24 * 7)};  ///< nobody gives up bringing a site back
    std::function<bool()> is_stopped;  ///< asked all along: true ends the act at a safe point
};
/// "NAME=value" lines; empty ones and such that begin with "#" do not count. Throws Error(BadInput) on other lines, on
/// a file that others may read, and on names that would change which program runs (PATH, LD_*, RESTIC_PASSWORD*).
std::map<std::string, std::string> read_environment_file(const std::filesystem::path& file);

struct Snapshot {
    std::string id;      ///< 64 hexadecimal digits
    base::Instant time;  ///< as the maker's clock said; the manifest's taken_at for what yakuba has made
    std::string host;    ///< the site's id
    std::vector<std::string> paths;
    std::vector<std::string> tags;
    /// The value of the tag "name=value"; "" when there is none. Ours: "yakuba=1", "kind=data", "run=...",
    /// "release=12", "taken=1790000000000", "site=...".
    std::string tag(std::string_view name) const;
};

/// Throws Error(BadInput) unless it is a folder, sftp: or s3:, and names no host that ssh would take for an option.
/// The engine knows kinds that run other programs, or that have a password in the name.
void check_repository(std::string_view repository, bool is_folder);

/// Whether a repository can be used. What `problem` says is fit for people.
struct Standing {
    enum class What { Ready, Missing, WrongKey, Unreachable, Damaged } what = What::Unreachable;
    std::string problem;
    std::vector<Snapshot> snapshots;  ///< of one that is ready
    bool is_ready() const { return what == What::Ready; }
};

struct Made {
    std::string snapshot;
    std::int64_t files = 0, bytes = 0;  ///< read
    std::int64_t added_bytes = 0;       ///< new in the repository
    std::vector<std::string> unread;    ///< what could not be read: the snapshot lacks it
};

struct Node {
    std::string path;
    bool is_file = false;
    std::int64_t size = 0;
};

struct Check {
    bool is_whole = false;
    std::vector<std::string> problems;  ///< bounded
};

struct Lock {
    std::string id;
    std::string host;
    std::string user;
    std::int64_t process = 0;
    bool is_exclusive = false;
    base::Instant at;
};

/// A part of the data, for checks: `number` of `of`, counted from 1.
struct Part {
    int number = 1, of = 1;
};

/// Throws Error(Unavailable): restic or the repository cannot be reached, or is in use; (NotAllowed): the password does
/// not fit; (Damaged): what it says cannot be relied on; base::Interrupted when it was stopped.
class Restic {
  public:
    explicit Restic(Access access);
    const Access& access() const { return access_; }

    /// Asks with short patience.
    Standing look() const;
    /// The whole names of the snapshots in a folder. Nothing unless its parts are there, each snapshot's file hashes to
    /// its name, and the password can be read. Without the engine, which takes half a second of a processor to derive
    /// its key: so whether the password fits is not known from it.
    std::optional<std::vector<std::string>> find_snapshot_names() const;
    /// Makes the repository. Throws Error(Conflict) when there is one.
    void init() const;

    struct Source {
        std::vector<std::filesystem::path> paths;     ///< absolute; every one must be there (checked before)
        std::vector<std::filesystem::path> excluded;  ///< absolute: left out with all that is below
        std::vector<std::string> tags;
        std::string host;
    };
    /// Throws Error(NotFound) before anything runs when a path is missing.
    Made backup(const Source& source) const;

    /// In order of time.
    std::vector<Snapshot> list_snapshots() const;
    /// Everything below `path` in a snapshot ("" = all), at most `most` nodes: Throws Error(Damaged) beyond.
    std::vector<Node> list_files(std::string_view snapshot, std::string_view path = "",
                                 std::size_t most = 2'000'000) const;
    /// One file of a snapshot. Throws Error(NotFound), Error(Damaged).
    std::string dump(std::string_view snapshot, std::string_view path, std::size_t limit = 64U << 20) const;
    /// Who makes sure that what was written is on the disk: the engine reads it all once more, which costs half as
    /// much again, or the caller does, who knows the hash of each file.
    enum class Proof { Engine, Caller };
    /// Writes the snapshot below `target`, each path with its absolute name; of `includes` alone when there are any.
    /// Throws Error(Damaged) when anything could not be restored or does not verify.
    void restore(std::string_view snapshot, const std::filesystem::path& target, Proof proof,
                 std::span<const std::string> includes = {}) const;

    /// Structure, and the data of one part of it; all data when the part is 1 of 1; none without a part.
    Check check(std::optional<Part> part) const;
    /// Names of the files that hold the data; each is the SHA-256 of its bytes. Of a folder without the engine.
    std::vector<base::Hash> list_packs() const;
    /// Reads one such file; false when its bytes do not hash to its name, or it is not there. Of a folder without the
    /// engine, which would take longer to derive its key than to read the file.
    bool is_pack_whole(const base::Hash& pack) const;
    bool is_folder() const { return access_.repository.find(':') == std::string::npos; }

    /// Takes the snapshots out and removes data that nothing needs any more.
    void forget(std::span<const std::string> snapshots) const;

    std::vector<Lock> list_locks() const;
    /// Removes locks whose owners are gone for certain: of a process of this host that is no longer there, or of
    /// another host that has renewed nothing for a day. Returns those that are left; beside one of them, none is
    /// removed.
    std::vector<Lock> clear_stale_locks(base::Instant now) const;

  private:
    /// What looks like damage may be a line that broke. Throws when the repository cannot be used now.
    void must_be_there(std::string_view act) const;

    Access access_;
};

}  // namespace backup
