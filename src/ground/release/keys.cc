// See keys.h.
#include "ground/release/keys.h"

#include <cerrno>

#include <fmt/format.h>
#include <sys/stat.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/files.h"

namespace release {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kKeyFileLimit = 4096;

/// The 32 bytes of a key file.
std::string read_key(const fs::path& file) {
    const std::string text = sys::read_file(file, kKeyFileLimit);
    const auto bytes = base::from_hex(base::trim(text));
    if (!bytes || bytes->size() != 32)
        throw Error(Kind::Damaged, fmt::format("{} is not a key (64 hexadecimal digits); restore it", file.string()));
    return *bytes;
}

sys::SigningKey make_key(const fs::path& folder, const char* name) {
    sys::make_folders(folder, 0755);
    const fs::path file = folder / name;
    if (fs::exists(fs::symlink_status(file)))
        throw Error(Kind::Conflict, fmt::format("{} exists; a key is never overwritten", file.string()));
    auto key = sys::SigningKey::make();
    const std::string shown = key.public_key();
    sys::write_file(folder / (key_id(shown) + ".pub"), base::to_hex(shown) + "\n");
    sys::write_file(file, base::to_hex(key.seed()) + "\n", sys::Durability::Now, 0600);
    return key;
}

std::optional<sys::SigningKey> find_secret(const fs::path& file) {
    struct stat about {};
    if (::lstat(file.c_str(), &about) != 0) {
        if (errno == ENOENT) return std::nullopt;
        throw Error(Kind::Unavailable, fmt::format("{} cannot be looked at", file.string()));
    }
    if (!S_ISREG(about.st_mode) || (about.st_mode & 077) != 0)
        throw Error(Kind::NotAllowed,
                    fmt::format("{} must be a plain file that only its owner can read (chmod 600)", file.string()));
    return sys::SigningKey::from_seed(read_key(file));
}

}  // namespace

std::string key_id(std::string_view public_key) {
    return sys::sha256(public_key).hex().substr(0, 16);
}

std::string PublicKeys::add(std::string_view public_key) {
    if (public_key.size() != 32) throw Error(Kind::BadInput, "a public key has 32 bytes");
    const std::string id = key_id(public_key);
    keys_.insert_or_assign(id, std::string(public_key));
    return id;
}

const std::string* PublicKeys::find(std::string_view id) const {
    const auto at = keys_.find(id);
    return at == keys_.end() ? nullptr : &at->second;
}

std::vector<std::string> PublicKeys::ids() const {
    std::vector<std::string> ids;
    for (const auto& [id, key] : keys_) ids.push_back(id);
    return ids;
}

sys::SigningKey make_press_key(const fs::path& folder) {
    return make_key(folder, "press.key");
}
sys::SigningKey make_next_key(const fs::path& folder) {
    return make_key(folder, "next.key");
}

void adopt_next_key(const fs::path& folder) {
    // The old key goes only when the new one is in its place under the right name: rename replaces it in one step.
    if (std::rename((folder / "next.key").c_str(), (folder / "press.key").c_str()) != 0) {
        if (errno == ENOENT) throw Error(Kind::NotFound, fmt::format("{} has no next.key", folder.string()));
        throw Error(Kind::Unavailable, fmt::format("{}: the new key could not be put in place", folder.string()));
    }
    sys::sync_folder(folder);
}

sys::SigningKey load_press_key(const fs::path& folder) {
    auto key = find_secret(folder / "press.key");
    if (!key) throw Error(Kind::NotFound, fmt::format("{} is missing; restore it", (folder / "press.key").string()));
    return *std::move(key);
}

std::optional<sys::SigningKey> find_next_key(const fs::path& folder) {
    return find_secret(folder / "next.key");
}

PublicKeys load_public_keys(const fs::path& folder) {
    PublicKeys keys;
    std::error_code error;
    for (const auto& file : fs::directory_iterator(folder, error)) {
        if (file.path().extension() != ".pub") continue;
        if (keys.add(read_key(file.path())) != file.path().stem())
            throw Error(Kind::Damaged, fmt::format("{} is not the key that it is named after", file.path().string()));
    }
    if (error) throw Error(Kind::Unavailable, fmt::format("{} cannot be read", folder.string()));
    return keys;
}

}  // namespace release
