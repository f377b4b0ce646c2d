// The press's Ed25519 key and the public keys by which everybody else reads. A key's id is the first 16 hexadecimal
// digits of the SHA-256 of its 32 public bytes; its public file is keys/<id>.pub (64 hexadecimal digits and a newline),
// the secret is keys/press.key (the seed in the same form, mode 0600).
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/sys/crypto.h"

namespace release {

std::string key_id(std::string_view public_key);

/// Public keys by id.
class PublicKeys {
  public:
    /// Throws Error(BadInput) unless the key has 32 bytes. Returns its id.
    std::string add(std::string_view public_key);
    /// The 32 bytes, or nullptr.
    const std::string* find(std::string_view id) const;
    std::vector<std::string> ids() const;
    bool empty() const { return keys_.empty(); }

  private:
    std::map<std::string, std::string, std::less<>> keys_;
};

/// Makes a key in `folder` (press.key and its public file). Throws Error(Conflict) when there is a press.key already.
sys::SigningKey make_press_key(const std::filesystem::path& folder);
/// Makes the key that a rekey record announces: as make_press_key, but "next.key", which adopt_next_key renames to
/// press.key once that record is in the log.
sys::SigningKey make_next_key(const std::filesystem::path& folder);
/// The key that an interrupted rekey has left; nothing when there is none. Throws as load_press_key.
std::optional<sys::SigningKey> find_next_key(const std::filesystem::path& folder);
void adopt_next_key(const std::filesystem::path& folder);
/// Throws Error(NotFound), Error(NotAllowed) when somebody but the owner may read the file, Error(Damaged).
sys::SigningKey load_press_key(const std::filesystem::path& folder);
/// All *.pub files. Throws Error(Damaged) when one does not hash to its name.
PublicKeys load_public_keys(const std::filesystem::path& folder);

}  // namespace release
