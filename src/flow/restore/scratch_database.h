// A PostgreSQL database for something that is unpacked beside the site's own: on the same server, by the same role.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "ground/settings/settings.h"

namespace flow::restoring {

/// Empty, and gone with this object; several may be there at once. `purpose`: a word. What the dead have left for the
/// same purpose is cleared first, unless it may become a site's (UntilKept: see clear_scratch_databases).
class ScratchDatabase {
  public:
    enum class Life { Passing, UntilKept };
    /// Throws Error(Unavailable) that says which right is missing.
    ScratchDatabase(const settings::Settings& settings, std::string_view purpose, Life life = Life::Passing);
    ~ScratchDatabase();
    ScratchDatabase(const ScratchDatabase&) = delete;
    ScratchDatabase& operator=(const ScratchDatabase&) = delete;

    /// The site's URL with the other name in the place of its database.
    std::string url() const;
    const std::string& name() const { return name_; }
    /// It is a restored site's from now on, and stays.
    void keep();

  private:
    std::string site_url_, name_;
    bool is_kept_ = false;
};

/// Removes this site's scratch databases of that purpose whose process on this machine has ended without doing so, also
/// before it could mark it. Each carries whose it is; one that was kept carries nothing, one that `is_used` says true
/// of, or that somebody is connected to, stays as well. Throws Error(Unavailable) when the server cannot be asked.
void clear_scratch_databases(const settings::Settings& settings, std::string_view purpose,
                             const std::function<bool(std::string_view name)>& is_used = {});

}  // namespace flow::restoring
