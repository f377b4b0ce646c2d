// What the public server knows of the newest release: types, charsets, redirects and hashes by path, read from the
// release log with the public key alone. It follows the log while it grows.
#pragma once

#include <optional>
#include <shared_mutex>
#include <string>

#include "ground/http/static_files.h"
#include "ground/release/log.h"

namespace door {

class ReleaseView {
  public:
    /// Reads the newest manifest. An empty log is an empty site.
    ReleaseView(release::Log log, release::PublicKeys keys);

    std::optional<http::StaticEntry> find(const std::string& path);
    /// Reads what has come since. True when something has. A record that cannot be read, is not signed or does not
    /// follow from the last one is not followed: the view stays at the last good release.
    bool refresh() { return follow(Look::Thorough); }
    std::int64_t release() const;
    /// The release's own page for "not found"; "" when it has none.
    std::string not_found_path() const;

  private:
    enum class Look {
        Next,     ///< for the next number alone
        Thorough  ///< for any higher one: a `restored` record passes numbers over
    };
    bool follow(Look look);
    std::int64_t next_number(Look look) const;

    mutable std::shared_mutex mutex_;
    release::Log log_;
    release::PublicKeys keys_;
    release::Manifest manifest_;
    std::int64_t number_ = 0;
    base::Hash record_hash_;  ///< of the record that `number_` names
};

}  // namespace door
