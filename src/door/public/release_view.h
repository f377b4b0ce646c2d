// What the public server knows of the newest release: types, charsets, redirects and hashes by path, read from the
// release log with the public key alone. It follows the log while it grows.
#pragma once

#include <optional>
#include <shared_mutex>
#include <string>

#include "ground/http/static_files.h"
#include "ground/release/follow.h"

namespace door {

class ReleaseView {
  public:
    /// Reads the newest manifest. An empty log is an empty site.
    ReleaseView(release::Log log, release::PublicKeys keys);

    std::optional<http::StaticEntry> find(const std::string& path);
    /// Reads what has come since. True when something has. A record that cannot be read, is not signed or does not
    /// follow from the last one is not followed: the view stays at the last good release.
    bool refresh() { return follow(release::Follower::Look::Thorough); }
    std::int64_t release() const;
    /// The path of the release's own page for 404, "not found", or 410, "gone", for which that of 404 stands in; ""
    /// when it has none.
    std::string error_page(int status) const;

  private:
    bool follow(release::Follower::Look look);
    void look_for_error_pages();

    mutable std::shared_mutex mutex_;
    release::Follower follower_;
    std::string not_found_, gone_;
    std::string complaint_;  ///< the last one: a record that is not followed is asked for again and again
};

}  // namespace door
