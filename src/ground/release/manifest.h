// What should be public: every path with its hash, size, type and status, in memory, sorted by path bytes. About 200
// bytes an entry, because the fields that many entries share are kept once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/hash.h"
#include "ground/release/record.h"
#include "ground/release/tree.h"

namespace release {

class Manifest {
  public:
    /// Deletions first, then puts. Throws Error(Conflict) as update_tree does, the manifest then being half
    /// changed.
    void apply(std::span<const Change> changes);

    std::optional<Entry> find(std::string_view path) const;
    bool contains(std::string_view path) const { return entries_.contains(path); }
    /// True for a folder ("kosodate") with a file below it; one with nothing but redirects is none on the disk.
    bool holds_files(std::string_view folder) const;
    std::size_t size() const { return entries_.size(); }
    std::int64_t bytes() const { return bytes_; }
    /// In the order of path bytes; `take` returns false to stop. `folder` "" is everything, "kosodate" all below it.
    void each(std::string_view folder, const std::function<bool(const Entry&)>& take) const;
    void each(const std::function<bool(const Entry&)>& take) const { each("", take); }
    std::vector<Entry> list(std::string_view folder = "") const;
    /// The next entries in that order after `path` ("" = from the first): for long walks in short turns.
    std::vector<Entry> list_after(std::string_view path, std::size_t limit) const;

    /// Computed from all entries: the cost is the site's size.
    Summary summary() const;

  private:
    /// The fields that a site's entries share.
    struct Look {
        unsigned mode = 0;
        std::string type, charset;
        int status = 0;
        std::string location;
        std::vector<std::pair<std::string, std::string>> headers;
        auto operator<=>(const Look&) const = default;
    };
    struct Stored {
        base::Hash hash;
        std::int64_t size = 0;
        const Look* look = nullptr;
        std::string source;
    };
    using Entries = std::map<std::string, Stored, std::less<>>;
    static Entry entry(const Entries::value_type& stored);
    base::Hash hash_from(Entries::const_iterator& at, std::size_t depth_bytes) const;
    bool is_folder(std::string_view path) const;

    Entries entries_;
    std::map<Look, std::int64_t> looks_;  ///< with the number of entries that have it
    std::int64_t bytes_ = 0;

  public:
    Manifest() = default;
    Manifest(const Manifest&) = delete;  ///< the entries point into `looks_`
    Manifest& operator=(const Manifest&) = delete;
    Manifest(Manifest&&) noexcept = default;
    Manifest& operator=(Manifest&&) noexcept = default;
};

}  // namespace release
