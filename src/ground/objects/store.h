// Content-addressed bytes: uploads, taken-over files and published files, each under the name of its SHA-256. An object
// never changes, so writing one twice is harmless, and whoever reads one learns at once when the disk has damaged it.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ground/base/hash.h"
#include "ground/sys/files.h"

namespace objects {

struct Stored {
    base::Hash hash;
    std::int64_t size = 0;
    bool is_new = false;
};

/// Safe to use from several threads.
class Store {
  public:
    virtual ~Store() = default;

    /// Keeps `bytes`. With Durability::Later the caller ends the batch with `sync`.
    virtual Stored put(std::string_view bytes, sys::Durability durability = sys::Durability::Now) = 0;
    /// Keeps the content of a regular file of any size without holding it in memory.
    /// Throws Error(Conflict) when the file changes while it is read.
    virtual Stored put_file(const std::filesystem::path& file, sys::Durability durability) = 0;
    /// The bytes, verified. Throws Error(NotFound), or Error(Damaged) when they do not hash to their name.
    virtual std::string load(const base::Hash& hash) const = 0;
    /// Writes the object's bytes to `out`, verified, and leaves the commit to the caller. Throws as `load`.
    virtual void copy_into(const base::Hash& hash, sys::StagedFile& out) const = 0;
    /// The object's size; nothing when it is not there. Does not read it.
    virtual std::optional<std::int64_t> find_size(const base::Hash& hash) const = 0;
    /// True when the object is there with these very bytes; reads it.
    virtual bool is_whole(const base::Hash& hash, std::int64_t size) const = 0;
    /// Brings everything that was put so far to the disk.
    virtual void sync() = 0;
};

/// Objects in a folder: <root>/ab/abcd...
std::unique_ptr<Store> open_folder(const std::filesystem::path& root);

}  // namespace objects
