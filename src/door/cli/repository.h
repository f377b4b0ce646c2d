// Which backup a command is about: by the settings of the site that is there, or, on a machine that has nothing yet, by
// the repository and the recovery key alone.
#pragma once

#include <optional>

#include "door/cli/command.h"
#include "flow/restore_site.h"
#include "ground/sys/files.h"

namespace cli {

class RepositoryChoice {
  public:
    /// --repository (a place, or a number or name of the settings), --key, --password-file, --environment-file.
    explicit RepositoryChoice(const Invocation& invocation);

    const backup::Restic& restic() const { return *restic_; }
    const std::optional<backup::RecoveryKey>& key() const { return key_; }
    /// The id of the site whose backups count: the key's, or that of the site which is there; "" = the only one.
    const std::string& site() const { return site_; }
    /// --snapshot and --at; without an id only what the site that is there does not know to be damaged.
    flow::Wanted wanted(const Invocation& invocation) const;
    backup::Snapshot choose(const Invocation& invocation) const;

  private:
    std::optional<sys::TemporaryFolder> secrets_;
    std::optional<backup::RecoveryKey> key_;
    std::string site_;
    std::optional<backup::Restic> restic_;
};

/// The site that the command runs for, when it is there and can be opened.
std::unique_ptr<flow::Site> find_living_site(const Invocation& invocation);

constexpr Option kRepositoryOption{
    "--repository", "Where the backups are: a number or name of the settings, or a folder, sftp:... or s3:..."};
constexpr Option kKeyOption{"--key", "File with the recovery key, kept outside the server"};
constexpr Option kPasswordOption{"--password-file", "File with the repository's password, without a site and a key"};
constexpr Option kEnvironmentOption{"--environment-file", "File with NAME=value lines for the storage (S3), mode 600"};
constexpr Option kSnapshotOption{"--snapshot", "The id of a backup, or its beginning (see backup list)"};
constexpr Option kAtOption{"--at", "The newest backup from then or before, \"2027-04-01 09:00\""};
constexpr Option kDatabaseOption{"--database", "postgresql://... of an empty database, for a site on PostgreSQL"};

}  // namespace cli
