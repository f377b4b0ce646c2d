// Keys in a backup, and the key to the backup. The site's keys are in every snapshot, sealed to a recovery key whose
// private half is kept outside the server (escrow); the same kept text holds the repositories' password, so that a
// machine can be made anew from a repository and that text alone. The text is short, checked, and can be typed from
// paper.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace backup {

/// What is kept outside.
struct RecoveryKey {
    std::string site;      ///< settings site.id
    std::string password;  ///< of the repositories
    std::string secret;    ///< 32 bytes: private half (X25519)
    /// The public half as settings backup.recovery_key has it.
    std::string public_text() const;
};
/// `password`: of a repository that is there already; empty makes a new one.
RecoveryKey make_recovery_key(std::string site, std::string password = {});
/// Lines of groups with a checksum, and Japanese and English words on what it is and how to keep it.
std::string write_recovery_key(const RecoveryKey& key);
/// Case, spaces and other lines do not matter. Throws Error(BadInput) that says which line does not check.
RecoveryKey parse_recovery_key(std::string_view text);
/// Throws Error(BadInput) when it cannot have been made by public_text.
std::string parse_public_key(std::string_view text);

/// One file below keys/.
struct KeyFile {
    std::string path;  ///< below keys/
    int mode = 0600;
    std::string bytes;
    bool operator==(const KeyFile&) const = default;
};
/// Every regular file below `folder` but `excepted` (absolute); at most 16 MB together.
std::vector<KeyFile> read_keys(const std::filesystem::path& folder, const std::filesystem::path& excepted);
/// `public_key`: 32 bytes.
std::string seal_keys(const std::vector<KeyFile>& keys, std::string_view public_key);
/// Throws Error(NotAllowed) when the key is another's, Error(Damaged).
std::vector<KeyFile> open_keys(std::string_view sealed, const RecoveryKey& key);
/// Writes them below `folder` with their modes. Names that would leave the folder are Damaged.
void write_keys(const std::vector<KeyFile>& keys, const std::filesystem::path& folder);

}  // namespace backup
