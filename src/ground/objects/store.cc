#include "ground/objects/store.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/sys/crypto.h"
#include "ground/sys/step.h"

namespace objects {

namespace {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

constexpr std::size_t kPiece = 1U << 20;

class Folder final : public Store {
  public:
    explicit Folder(fs::path root) : root_(std::move(root)), staging_(root_ / "staging") {
        sys::make_folders(staging_, 0750);
    }

    Stored put(std::string_view bytes, sys::Durability durability) override {
        const base::Hash hash = sys::sha256(bytes);
        const auto size = static_cast<std::int64_t>(bytes.size());
        if (is_whole(hash, size)) return {hash, size, false};
        const fs::path path = prepared_path(hash);
        YAKUBA_STEP("objects.before_put");
        sys::write_file(path, bytes, staging_of(hash), durability, 0640);
        YAKUBA_STEP("objects.after_put");
        return {hash, size, true};
    }

    Stored put_file(const fs::path& file, sys::Durability durability) override {
        struct stat before {};
        const sys::Descriptor in = open_source(file, before);
        if (before.st_size <= static_cast<off_t>(4 * kPiece)) return put(read_whole(in, before, file), durability);
        // A large file is read twice, once for its name and once to copy it, so that it is never held in memory.
        const base::Hash hash = hash_of(in, file);
        if (is_whole(hash, before.st_size)) return {hash, before.st_size, false};
        const fs::path path = prepared_path(hash);
        sys::StagedFile out(path, staging_of(hash), 0640);
        copy_verified(in, hash, file, out, Kind::Conflict,
                      fmt::format("{} changed while it was read; try again", file.string()));
        out.commit(durability);
        return {hash, before.st_size, true};
    }

    std::string load(const base::Hash& hash) const override {
        auto bytes = sys::find_file(path_of(hash));
        if (!bytes) throw missing(hash);
        if (sys::sha256(*bytes) != hash) throw damaged(hash);
        return std::move(*bytes);
    }

    void copy_into(const base::Hash& hash, sys::StagedFile& out) const override {
        const fs::path path = path_of(hash);
        const sys::Descriptor in(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        struct stat status {};
        if (!in || ::fstat(in.get(), &status) != 0) throw missing(hash);
        if (status.st_size <= static_cast<off_t>(4 * kPiece))
            out.write(load(hash));
        else
            copy_verified(in, hash, path, out, Kind::Damaged, damaged(hash).message());
    }

    std::optional<std::int64_t> find_size(const base::Hash& hash) const override {
        struct stat status {};
        if (::stat(path_of(hash).c_str(), &status) != 0) return std::nullopt;
        return status.st_size;
    }

    /// A file of the right name with other bytes is what a power cut or a fault has left: it is written again.
    bool is_whole(const base::Hash& hash, std::int64_t size) const override {
        if (find_size(hash) != size) return false;
        const sys::Descriptor in(::open(path_of(hash).c_str(), O_RDONLY | O_CLOEXEC));
        return in && hash_of(in, path_of(hash)) == hash;
    }

    void sync() override { sys::sync_filesystem(root_); }

  private:
    fs::path path_of(const base::Hash& hash) const {
        const std::string name = hash.hex();
        return root_ / name.substr(0, 2) / name;
    }

    /// The path, with its folder made. Only 256 folders exist, so each is made once and remembered.
    fs::path prepared_path(const base::Hash& hash) {
        const fs::path path = path_of(hash);
        make_once(made_[hash.bytes[0]], path.parent_path());
        return path;
    }

    /// One of sixteen folders, so that several threads seldom wait for each other's lock on it.
    fs::path staging_of(const base::Hash& hash) {
        const std::string digit = hash.hex().substr(0, 1);
        make_once(staged_[hash.bytes[0] >> 4], staging_ / digit);
        return staging_ / digit;
    }

    static void make_once(std::atomic<bool>& is_made, const fs::path& folder) {
        if (is_made) return;
        sys::make_folders(folder, 0750);
        is_made = true;
    }

    static Error missing(const base::Hash& hash) {
        return Error(Kind::NotFound,
                     fmt::format("object {} is missing from the store; restore it from a backup", hash.hex()));
    }
    static Error damaged(const base::Hash& hash) {
        return Error(Kind::Damaged, fmt::format("object {} is damaged; restore it from a backup", hash.hex()));
    }

    static sys::Descriptor open_source(const fs::path& file, struct stat& status) {
        sys::Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
        if (!in) throw Error(Kind::BadInput, fmt::format("{} cannot be read: {}", file.string(), std::strerror(errno)));
        if (::fstat(in.get(), &status) != 0 || !S_ISREG(status.st_mode))
            throw Error(Kind::BadInput, fmt::format("{} is not a regular file", file.string()));
        return in;
    }

    static std::string read_whole(const sys::Descriptor& in, const struct stat& status, const fs::path& file) {
        std::string bytes(static_cast<std::size_t>(status.st_size) + 1, '\0');
        std::size_t filled = 0;
        for (;;) {
            const ssize_t got = read_piece(in, bytes.data() + filled, bytes.size() - filled, file);
            filled += static_cast<std::size_t>(got);
            if (got == 0) break;
            if (filled == bytes.size())
                throw Error(Kind::Conflict, fmt::format("{} changed while it was read; try again", file.string()));
        }
        if (filled != static_cast<std::size_t>(status.st_size))
            throw Error(Kind::Conflict, fmt::format("{} changed while it was read; try again", file.string()));
        bytes.resize(filled);
        return bytes;
    }

    static ssize_t read_piece(const sys::Descriptor& in, char* to, std::size_t size, const fs::path& file) {
        for (;;) {
            const ssize_t got = ::read(in.get(), to, size);
            if (got >= 0) return got;
            if (errno != EINTR)
                throw Error(Kind::Unavailable,
                            fmt::format("{} cannot be read: {}", file.string(), std::strerror(errno)));
        }
    }

    static base::Hash hash_of(const sys::Descriptor& in, const fs::path& file) {
        sys::Hasher hasher;
        std::string piece(kPiece, '\0');
        while (const ssize_t got = read_piece(in, piece.data(), piece.size(), file))
            hasher.add({piece.data(), static_cast<std::size_t>(got)});
        ::lseek(in.get(), 0, SEEK_SET);
        return hasher.finish();
    }

    /// Copies piece by piece; throws when the bytes do not hash to `hash`.
    static void copy_verified(const sys::Descriptor& in, const base::Hash& hash, const fs::path& from,
                              sys::StagedFile& out, Kind kind, const std::string& complaint) {
        sys::Hasher hasher;
        std::string piece(kPiece, '\0');
        while (const ssize_t got = read_piece(in, piece.data(), piece.size(), from)) {
            hasher.add({piece.data(), static_cast<std::size_t>(got)});
            out.write({piece.data(), static_cast<std::size_t>(got)});
        }
        if (hasher.finish() != hash) throw Error(kind, complaint);
    }

    fs::path root_;
    fs::path staging_;
    std::array<std::atomic<bool>, 256> made_{};
    std::array<std::atomic<bool>, 16> staged_{};
};

}  // namespace

std::unique_ptr<Store> open_folder(const fs::path& root) {
    return std::make_unique<Folder>(root);
}

}  // namespace objects
