// A PostgreSQL database for something that is unpacked beside the site's own: on the same server, by the same role.
#pragma once

#include <string>
#include <string_view>

#include "ground/settings/settings.h"

namespace flow::restoring {

/// Empty, and gone with this object. `purpose`: a word; what an earlier one of the same purpose left is cleared.
class ScratchDatabase {
  public:
    /// Throws Error(Unavailable) that says which right is missing.
    ScratchDatabase(const settings::Settings& settings, std::string_view purpose);
    ~ScratchDatabase();
    ScratchDatabase(const ScratchDatabase&) = delete;
    ScratchDatabase& operator=(const ScratchDatabase&) = delete;

    /// The site's URL with the other name in the place of its database.
    std::string url() const;

  private:
    void run(const std::string& sql) const;

    std::string site_url_, name_;
};

}  // namespace flow::restoring
